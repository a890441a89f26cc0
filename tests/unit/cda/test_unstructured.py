"""CDA N1: three declarations, one file as it is or a page made from the note, refused without what the kind needs."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from dmp_desktop.cda.build import BuildRequest, Parent, build, plan_of
from dmp_desktop.cda.build.kinds.unstructured import PRESCRIPTION_TYPES
from dmp_desktop.cda.media import media_type
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.documents import Attachment, DocumentFormat, DocumentKind
from dmp_desktop.errors import CdaError, ContextError
from dmp_desktop.terminology import document_type, document_types
from tests.helpers.documents import NOTE, NOW, OTHER_ID, UNIQUE_ID, full_context
from tests.helpers.kinds import FILES
from tests.unit.cda.test_pdf import words

C = "{urn:hl7-org:v3}"
COLLEAGUE = {"rpps": "10003456788", "family": "LEROY", "given": "Anne", "suffix": "DR", "specialty": "G15_10/SM04"}
EXTRA: dict[DocumentKind, dict[str, Any]] = {
    DocumentKind.LETTER: {"recipient": "Dr Leroy, cardiologie"},
    DocumentKind.CERTIFICATE: {"purpose": "Pratique de la course à pied"},
    DocumentKind.PRESCRIPTION: {"type": "PRESC-BIO"},
    DocumentKind.SCAN: {"type": "11490-0"},
}


def request(kind: DocumentKind, extra: dict[str, Any] | None = None, note: str = NOTE, **changes: Any) -> BuildRequest:
    context = replace(full_context(), extra=EXTRA[kind] if extra is None else extra)
    return BuildRequest(context, note, UNIQUE_ID, NOW, kind=kind, format=DocumentFormat.PDF, **changes)


def page(cda: bytes) -> str:
    pdf = base64.b64decode(etree.fromstring(cda).findtext(f".//{C}nonXMLBody/{C}text") or "")
    return " ".join("".join(words(pdf)).split())


@pytest.mark.parametrize("kind", EXTRA)
def test_three_declarations_and_the_page(kind: DocumentKind) -> None:
    assert plan_of(kind).formats == (DocumentFormat.PDF,)
    cda = build(request(kind, replaces=Parent(OTHER_ID, OTHER_ID, 3))).cda
    roots = [item.get("root") for item in etree.fromstring(cda).findall(f"{C}templateId")]
    assert roots == ["2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", "1.3.6.1.4.1.19376.1.2.20"]
    entry = entry_from_cda(cda)
    assert (entry.version, entry.replaces) == (4, OTHER_ID)
    assert " ".join(NOTE.split()) in page(cda)
    assert "Version : 4, remplace la précédente" in page(cda)
    assert b"ordonnance num" not in cda.lower()


@pytest.mark.parametrize(
    ("kind", "code", "line"),
    [
        (DocumentKind.LETTER, "96349-6", "Destinataire : Dr Leroy, cardiologie"),
        (DocumentKind.CERTIFICATE, "89601-9", "Objet : Pratique de la course à pied"),
        (DocumentKind.PRESCRIPTION, "PRESC-BIO", "Prescription d'actes de biologie médicale"),
        (DocumentKind.SCAN, "11490-0", "RPPS 10002422979"),
    ],
)
def test_type_and_what_the_page_says_first(kind: DocumentKind, code: str, line: str) -> None:
    cda = build(request(kind)).cda
    assert entry_from_cda(cda).type_code.code == code
    assert line in page(cda)


@pytest.mark.parametrize("kind", EXTRA)
def test_who_treats_is_no_matter_of_those_a_paper_is_shown_to(kind: DocumentKind) -> None:
    shown = "Médecin traitant" in page(build(request(kind)).cda)
    assert shown is (kind not in {DocumentKind.CERTIFICATE, DocumentKind.PRESCRIPTION})


class TestRecipient:
    def test_a_professional_is_a_recipient_of_the_document_too(self) -> None:
        cda = build(request(DocumentKind.LETTER, {"recipient": COLLEAGUE})).cda
        ids = [item.get("extension") for item in etree.fromstring(cda).findall(f"{C}informationRecipient//{C}id")]
        assert ids == ["801234567897", "810003456788"]
        assert "Destinataire : Dr Anne LEROY" in page(cda)

    def test_is_written_once(self) -> None:
        known = full_context().recipients[0]
        person = {name: getattr(known, name) for name in ("rpps", "family", "given", "specialty")}
        cda = build(request(DocumentKind.LETTER, {"recipient": person})).cda
        assert len(etree.fromstring(cda).findall(f"{C}informationRecipient")) == 1

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"rpps": "123"}, "rpps"),
            ({"specialty": "SM04"}, "specialty"),
            ({"suffix": "Dr"}, "suffix"),
            ({"family": ""}, "family"),
            ({"mail": "x"}, "mail"),
            ({"rpps": "", "specialty": "DISPOSITIF"}, "rpps"),
        ],
    )
    def test_refused(self, change: dict[str, str], path: str) -> None:
        with pytest.raises(ContextError) as refusal:
            build(request(DocumentKind.LETTER, {"recipient": COLLEAGUE | change}))
        assert refusal.value.field == f"extra.recipient.{path}"


@pytest.mark.parametrize("name", FILES)
def test_a_file_goes_in_as_it_is(name: str) -> None:
    file = FILES[name]
    cda = build(request(DocumentKind.SCAN, note="", attachment=file)).cda
    body = etree.fromstring(cda).find(f".//{C}nonXMLBody/{C}text")
    assert body is not None
    assert (body.get("mediaType"), base64.b64decode(body.text or "")) == (file.mime, file.content)


def test_every_listed_type() -> None:
    for code in document_types():
        built = build(request(DocumentKind.SCAN, {"type": code.code}, note="", attachment=FILES["pdf"]))
        assert entry_from_cda(built.cda).type_code.code == code.code
    assert all(document_type(code) for code in PRESCRIPTION_TYPES)


@pytest.mark.parametrize(
    ("kind", "extra", "path"),
    [
        (DocumentKind.LETTER, {}, "extra.recipient"),
        (DocumentKind.LETTER, {"recipient": " "}, "extra.recipient"),
        (DocumentKind.LETTER, {"recipient": 3}, "extra.recipient"),
        (DocumentKind.CERTIFICATE, {}, "extra.purpose"),
        (DocumentKind.PRESCRIPTION, {}, "extra.type"),
        (DocumentKind.PRESCRIPTION, {"type": "11488-4"}, "extra.type"),
        (DocumentKind.PRESCRIPTION, {"type": "75468-9"}, "extra.type"),
        (DocumentKind.SCAN, {}, "extra.type"),
        (DocumentKind.SCAN, {"type": "11493-4"}, "extra.type"),
        (DocumentKind.SCAN, {"type": ["11490-0"]}, "extra.type"),
    ],
)
def test_refused(kind: DocumentKind, extra: dict[str, Any], path: str) -> None:
    with pytest.raises(ContextError) as refusal:
        build(request(kind, extra))
    assert refusal.value.field == path


@pytest.mark.parametrize("kind", EXTRA)
def test_neither_note_nor_file(kind: DocumentKind) -> None:
    with pytest.raises(CdaError) as refusal:
        build(request(kind, note=" \n"))
    assert refusal.value.path == "note"
    with pytest.raises(CdaError) as refusal:
        build(replace(request(kind), format=DocumentFormat.STRUCTURED))
    assert refusal.value.path == "format"


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\xff\xd8\xff\xdb", "image/jpeg"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"{\\rtf1", "text/rtf"),
        ("Compte rendu reçu".encode(), "text/plain"),
        ("Compte rendu reçu".encode("cp1252"), None),
        (b"\x89PNG\r\n", None),
        (b"PK\3\4\0", None),
    ],
)
def test_media_types(content: bytes, mime: str | None) -> None:
    """Text in another encoding than UTF-8 is refused: a wrong guess would change somebody's words."""
    assert media_type(content) == mime


def test_bytes_of_a_file_are_never_shown() -> None:
    assert "secret" not in repr(Attachment("text/plain", b"x", "secret.txt"))
