"""What is drawn of a received message is all of it, or says what is not; what is kept of one among several is all it told."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from PIL import Image

from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.read.scanned import Fault, ScannedPage, read_pages
from dmp_desktop.domain.documents import DocumentFormat, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Address, Sex
from dmp_desktop.domain.received import (
    Received,
    ReceivedDocument,
    ReceivedFormat,
    ReceivedPatient,
    ReceivedResult,
    Routing,
)
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange import context_from_dict
from dmp_desktop.services import tray_received
from dmp_desktop.services.received_form import wishes
from dmp_desktop.services.tray_reading import Examined
from dmp_desktop.services.tray_received import examine_received, packed
from tests.helpers.documents import FOOTER, FULL, NOTE, NOW, UNIQUE_ID
from tests.helpers.scans import jpeg_of, paper, pdf_of

HEAD = r"MSH|^~\&|SIL|LABO TEST|CAB|LILAS|20261101100500+0100||ORU^R01^ORU_R01|1|P|2.5|||||FRA|UNICODE UTF-8"
PID = "PID|1||Z1^^^^PI||TEST-DURAND^ZOE^^^^^L||19790312|F"
SODIUM = "OBX|1|NM|2951-2^Sodium^LN||128|mmol/L|135-145|L|||F|||20261101"
PAGE = pdf_of(paper(dpi=20))
PICTURE = jpeg_of(paper(mark=1, dpi=20), dpi=20)


def ed(content: bytes) -> str:
    return f"OBX|2|ED|11502-2^CR^LN||^AP^PDF^Base64^{base64.b64encode(content).decode()}||||||F"


def hl7(*segments: str) -> bytes:
    return "\r".join([HEAD, PID, *segments, ""]).encode()


def png() -> bytes:
    file = io.BytesIO()
    Image.new("L", (40, 40), 200).save(file, "PNG")
    return file.getvalue()


def cda(format: DocumentFormat) -> bytes:
    request = BuildRequest(
        context=context_from_dict(FULL), note=NOTE, unique_id=UNIQUE_ID, now=NOW, format=format, footer=FOOTER
    )
    return build(request).cda


@pytest.fixture(scope="module")
def structured() -> bytes:
    return cda(DocumentFormat.STRUCTURED)


@pytest.fixture(scope="module")
def paper_cda() -> bytes:
    return cda(DocumentFormat.PDF)


def shown(content: bytes) -> tuple[Examined, tuple[str, ...]]:
    (one,) = examine_received(content, NOW)
    assert one.origin is not None
    return one, one.origin.warnings


# -- who may see it -----------------------------------------------------------------------------------------------------------


MASKED = "OBX|3|CE|MASQUE_PS^x^MetaDMPMSS||Y^^y||||||F"


@pytest.mark.parametrize("documents", [(), (ed(PAGE),)])
def test_what_the_sender_asks_about_who_may_see_it_is_told_to_who_reads(documents: tuple[str, ...]) -> None:
    """On a page of its own where the message has no words."""
    plain, before = shown(hl7(*(documents or (SODIUM,))))
    masked, warnings = shown(hl7(*(documents or (SODIUM,)), MASKED))
    assert set(warnings) - set(before) == {
        "L'expéditeur demande que ce document soit masqué aux professionnels de santé."
    }
    assert masked.pages == plain.pages + len(documents)


def test_each_restriction_has_its_sentence_on_the_page() -> None:
    message = Received(ReceivedFormat.HL7V2, ReceivedPatient(), routing=Routing(frozenset(Visibility), secret=True))
    told = wishes(message)
    assert len(set(told)) == len(Visibility) + 1
    facts = tray_received._page(message, "", "1", NOW).facts
    assert facts == tuple(f"À savoir : {one}" for one in told)
    assert wishes(replace(message, routing=Routing(secret=False))) == ()


# -- nothing is missing in silence --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "code"), [(Fault.NO_HELPER, "scan-helper"), (Fault.UNREADABLE, "received-words")])
def test_a_message_is_not_shown_without_its_words(fault: Fault, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other process ends between the pages of its document and those of its words."""
    calls: list[bytes] = []

    def once(untrusted: bytes) -> tuple[ScannedPage, ...] | Fault:
        calls.append(untrusted)
        return read_pages(untrusted) if len(calls) == 1 else fault

    monkeypatch.setattr(tray_received, "read_pages", once)
    with pytest.raises(ContextError) as refused:
        examine_received(hl7(SODIUM, ed(PAGE)), NOW)
    assert (refused.value.code, len(calls)) == (code, 2)


def media(kind: str, content: bytes) -> bytes:
    held = base64.b64encode(content)
    return (
        b'<entry><observationMedia ID="x"><value mediaType="%s" representation="B64">%s</value></observationMedia></entry></section>'
        % (
            kind.encode(),
            held,
        )
    )


def test_pictures_in_sections_are_drawn(structured: bytes) -> None:
    before, _warnings = shown(structured)
    after, warnings = shown(structured.replace(b"</section>", media("image/jpeg", PICTURE), 1))
    assert (after.pages, warnings) == (before.pages + 1, _warnings)


@pytest.mark.parametrize(
    ("kind", "content"),
    [("image/png", png()), ("video/mp4", b"\x00\x01"), ("", b"\x00\x01")],
    ids=["png", "film", "untold"],
)
def test_what_cannot_be_drawn_of_a_section_is_told(kind: str, content: bytes, structured: bytes) -> None:
    before, known = shown(structured)
    after, warnings = shown(structured.replace(b"</section>", media(kind, content), 1))
    (told,) = set(warnings) - set(known)
    assert (kind or "type non indiqué") in told
    assert after.pages == before.pages


def body(whole: bytes, kind: str, content: bytes) -> bytes:
    start, end = whole.index(b'<text mediaType="application/pdf"'), whole.index(b"</nonXMLBody>")
    held = base64.b64encode(content)
    return whole[:start] + b'<text mediaType="%s" representation="B64">%s</text>' % (kind.encode(), held) + whole[end:]


@pytest.mark.parametrize(
    ("kind", "content", "told"),
    [
        ("application/pdf", PAGE, ""),
        ("image/jpeg", PICTURE, ""),
        ("image/png", png(), "image/png"),
        ("application/msword", b"\xd0\xcf\x11\xe0", "application/msword"),
        ("application/octet-stream", PAGE, ""),
        ("text/plain", "Bien à vous".encode(), ""),
    ],
    ids=["pdf", "jpeg", "png", "word", "untold-pdf", "text"],
)
def test_the_body_of_a_cda_is_drawn_or_said_not_to_be(kind: str, content: bytes, told: str, paper_cda: bytes) -> None:
    _one, warnings = shown(body(paper_cda, kind, content))
    missing = [one for one in warnings if "ne s'affiche pas" in one]
    assert len(missing) == bool(told)
    assert all(told in one for one in missing)


def test_a_body_that_is_cut_or_elsewhere_is_told(paper_cda: bytes) -> None:
    whole = body(paper_cda, "application/pdf", PAGE)
    cut = whole.replace(base64.b64encode(PAGE), base64.b64encode(PAGE)[:-5] + b"*")
    assert cut != whole
    assert any("abîmé" in one for one in shown(cut)[1])
    elsewhere = re.sub(rb'representation="B64">[^<]*</text>', b'><reference value="a.pdf"/></text>', whole)
    assert any("fichier extérieur" in one for one in shown(elsewhere)[1])


# -- what is kept of one among several ----------------------------------------------------------------------------------------


MESSAGE = Received(
    ReceivedFormat.HL7V2,
    ReceivedPatient(
        "TEST-DURAND",
        "ZOE",
        "TEST-DURAND",
        "TEST-USAGE",
        date(1979, 3, 12),
        Sex.FEMALE,
        InsIdentity("279035121518989", "1.2.250.1.213.1.4.10"),
        "2790351215189",
        "42",
        Address("1 rue Haute", "10200", "Dolancourt"),
    ),
    (ReceivedDocument(b"\x00contenu", "application/pdf", "Titre", "A.PDF", NOW, "1.2.3", "11502-2"),),
    (ReceivedResult("Sodium", "128", "2951-2", "1.2", "mmol/L", "135", "145", "L", "F", date(2026, 11, 1)),),
    "Texte",
    "Titre",
    datetime(2026, 11, 1, 10, tzinfo=UTC),
    date(2026, 11, 1),
    "LABO",
    "CABINET",
    "REF",
    Routing(frozenset({Visibility.MASQUE_PS}), True, False, None, True, False),
    "1.2.2",
    ("Attention.",),
)


def values(told: object) -> set[str]:
    if isinstance(told, dict):
        return {one for value in told.values() for one in values(value)}
    if isinstance(told, list):
        return {one for value in told for one in values(value)}
    return {str(told)}


def test_all_a_message_told_is_kept() -> None:
    kept = json.loads(packed(MESSAGE))
    expected = {
        *("TEST-DURAND", "ZOE", "TEST-USAGE", "1979-03-12", "279035121518989", "1.2.250.1.213.1.4.10", "2790351215189"),
        *("42", "1 rue Haute", "10200", "Dolancourt", "Titre", "A.PDF", NOW.isoformat(), "1.2.3", "11502-2"),
        *("Sodium", "128", "2951-2", "mmol/L", "135", "145", "L", "F", "2026-11-01", "Texte", "LABO", "CABINET"),
        *("REF", "masque_ps", "1.2.2", "Attention.", "2026-11-01T10:00:00+00:00", "hl7v2"),
    }
    assert expected <= values(kept)
    assert base64.b64decode(kept["documents"][0]["content"]) == b"\x00contenu"
    assert (kept["routing"]["to_dmp"], kept["routing"]["to_doctors"], kept["routing"]["to_patient"]) == (
        True,
        False,
        None,
    )
    assert kept["routing"]["secret"] is True


def test_every_field_of_a_message_is_in_what_is_kept() -> None:
    """One that is added later, too."""
    kept = json.loads(packed(MESSAGE))
    assert {one for one in Received.__dataclass_fields__} <= kept.keys()
    assert {one for one in ReceivedDocument.__dataclass_fields__} <= kept["documents"][0].keys()
    assert {one for one in ReceivedResult.__dataclass_fields__} <= kept["results"][0].keys()
    assert {one for one in ReceivedPatient.__dataclass_fields__} <= kept["patient"].keys()
    assert {one for one in Routing.__dataclass_fields__} <= kept["routing"].keys()


SANTE = """H|~^\\&|||LABO||ORU|||CAB||||2.4|202611011005
P|1|A1|||TEST-DURAND~ZOE||19790312|F
OBR|1|||SODIUM||202611010800|||||||||||||EUR
OBX|1|NM|2951~Sodium||128|mmol/l|135-145|L
P|2|B2|||TEST-AUTRE~JEAN||19500101|M
OBX|1|NM|2951~Sodium||140|mmol/l
L|1"""


def test_each_of_several_keeps_its_own_segments_as_they_came_and_no_other_ones() -> None:
    """Ranks, prices, what is of a laboratory's own: said to nobody, and nowhere else once the file is gone."""
    first = [PID, "OBR|1|||SODIUM", SODIUM, "ZLB|1|appareil 7"]
    second = [PID.replace("DURAND^ZOE", "AUTRE^JEAN"), SODIUM.replace("128", "140"), "ZLB|1|appareil 8"]
    for told, found in (
        (["\n".join([HEAD, *first]), "\n".join([HEAD, *second])], examine_received(hl7(*first[1:], *second), NOW)),
        (
            ["\n".join([*SANTE.split("\n")[:4]]), "\n".join([SANTE.split("\n")[0], *SANTE.split("\n")[4:]])],
            examine_received(SANTE.encode(), NOW),
        ),
    ):
        assert [json.loads(one.file or b"")["source"] for one in found] == told


def test_what_is_no_unicode_is_kept_too() -> None:
    text = "Texte\ud800"
    kept = packed(replace(MESSAGE, text=text)).decode("utf-8", "surrogatepass")
    assert json.loads(kept)["text"] == text
