"""A message of MSSanté from documents: the archive and, for each, the PDF its rules want, faithful to it."""

from __future__ import annotations

import base64
import email
import email.policy
import io
import re
import uuid
import zipfile
from email.message import EmailMessage

import pypdfium2
import pytest
from lxml import etree
from PIL import Image

from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.build.transcript import FILES_LEFT, transcript
from dmp_desktop.domain.documents import Attachment, Author, DocumentFormat, DocumentKind, Parent
from dmp_desktop.errors import CdaError, ContextError
from dmp_desktop.exchange import context_from_dict, xdm
from dmp_desktop.services.secure_mail import NOT_QUALIFIED, UNKNOWN_DOMAIN, Draft, draft
from dmp_desktop.terminology.oids import PS_IDNAT
from tests.helpers.documents import FOOTER, FULL, NOTE, NOW, OTHER_ID, UNIQUE_ID

TO = "dr.test@medecin.mssante.fr"


def document(format: DocumentFormat, unique_id: str = UNIQUE_ID, replaces: Parent | None = None) -> bytes:
    request = BuildRequest(
        context=context_from_dict(FULL),
        note=NOTE,
        unique_id=unique_id,
        now=NOW,
        format=format,
        footer=FOOTER,
        replaces=replaces,
    )
    return build(request).cda


@pytest.fixture(scope="module")
def structured() -> bytes:
    return document(DocumentFormat.STRUCTURED)


@pytest.fixture(scope="module")
def worded(structured: bytes) -> bytes:
    """Without the PDF its author put in it."""
    tree = etree.fromstring(structured)
    (code,) = (one for one in tree.iter("{*}code") if one.get("code") == "55108-5")
    component = code.getparent().getparent()
    component.getparent().remove(component)
    return etree.tostring(tree, encoding="UTF-8")


@pytest.fixture(scope="module")
def paper() -> bytes:
    return document(DocumentFormat.PDF, OTHER_ID, Parent(UNIQUE_ID, UNIQUE_ID, 1))


def made(*cdas: bytes, to: str = TO) -> Draft:
    return draft(cdas, [to], "2.25.123", uuid.UUID(int=7), NOW)


def parts(eml: bytes) -> tuple[EmailMessage, list[bytes]]:
    message: EmailMessage = email.message_from_bytes(eml, policy=email.policy.default)
    return message, [part.get_content() for part in message.iter_attachments()]


def words(pdf: bytes) -> str:
    opened = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in opened)
    opened.close()
    return text.replace("\r\n", "\n")


def test_a_message_holds_the_archive_and_the_pdfs(structured: bytes, paper: bytes) -> None:
    told = made(structured, paper)
    assert told.warnings == ()
    message, (archive, first, second) = parts(told.eml)
    (read,) = xdm.read(archive)
    assert [one.content for one in read.documents] == [structured, paper]
    assert message["Subject"] == "XDM/1.0/DDM+2 documents TEST-PATIENTE MARIE 12/03/1979"
    assert message["X-MSS-INS"] == "O"
    assert words(first).startswith("Dr Camille DUPONT")  # the copy in it
    assert second == base64.b64decode(paper.partition(b'representation="B64">')[2].partition(b"<")[0])
    body = message.get_body(("plain",))
    assert body is not None
    text = str(body.get_content())
    assert text.count("annule et remplace") == 1
    assert "Camille DUPONT" not in text  # who wrote is not who sends
    assert "TEST-" not in text
    assert FULL["patient"]["ins"] not in text


def test_who_sends_signs_and_answers_for_the_archive(structured: bytes) -> None:
    sender = Author("MARTIN", "Claude", "801234567897", PS_IDNAT, "Cabinet du Pont")
    message, (archive, _pdf) = parts(draft([structured], [TO], "2.25.123", uuid.UUID(int=7), NOW, sender).eml)
    body = message.get_body(("plain",))
    assert body is not None
    assert str(body.get_content()).splitlines()[-3:] == ["Cordialement,", "Claude MARTIN", "Cabinet du Pont"]
    (read,) = xdm.read(archive)
    assert read.sender == "Claude MARTIN, Cabinet du Pont"
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert "Claude MARTIN, Cabinet du Pont" in opened.read("README.TXT").decode()


def test_the_same_input_gives_the_same_message(structured: bytes) -> None:
    assert made(structured).eml == made(structured).eml


def test_the_pdf_of_a_structured_document_tells_its_header_and_all_its_words(worded: bytes) -> None:
    pdf, warnings = transcript(worded, FOOTER, NOW.tzinfo)
    shown = " ".join(words(pdf).split())
    assert warnings == ()
    assert b"<pdfaid:part>1</pdfaid:part>" in pdf
    for told in (
        "Camille DUPONT",
        "Cabinet des Lilas & Cie",
        "Nom de naissance : TEST-PATIENTE",
        "Date de naissance : 12/03/1979",
        f"Matricule INS : {FULL['patient']['ins']} (numéro de test)",
        "Créé le : 20/11/2026 à 10:30",
        "Conservé par : Cabinet des Lilas & Cie",
        'RDV 3 mois <revoir> & "bio"',
        "pénicilline (urticaire)",
    ):
        assert told in shown, told


def test_a_row_of_a_table_is_a_line_and_an_empty_cell_keeps_its_place(worded: bytes) -> None:
    table = (
        b"<text><table><tbody><tr><th>Germe</th><th>CMI</th><th>Avis</th></tr><tr><td/><td><paragraph>0,5</paragraph>"
        b"<paragraph>mg/l</paragraph></td><td>S</td></tr><tr><td revised='delete'>Faux</td><td>1</td><td>R</td></tr>"
        b"</tbody></table></text>"
    )
    altered = re.sub(rb"<text>.*?</text>", table, worded, count=1, flags=re.DOTALL)
    lines = words(transcript(altered, FOOTER, None)[0]).split("\n")
    assert "Germe | CMI | Avis" in lines
    assert "· | 0,5 ; mg/l | S" in lines
    assert "[supprimé : Faux] | 1 | R" in lines


def test_files_in_sections_are_told(worded: bytes) -> None:
    held = b'<entry><observationMedia ID="x"><value mediaType="image/png" representation="B64">AAAA</value></observationMedia></entry>'
    altered = worded.replace(b"</section>", held + b"</section>", 1)
    assert transcript(altered, FOOTER, None)[1] == (FILES_LEFT,)


def test_a_pdf_copy_by_its_author_is_the_pdf(structured: bytes) -> None:
    """And what else it holds is told."""
    pdf, warnings = transcript(structured, FOOTER, None)
    assert base64.b64encode(pdf) in structured
    assert warnings == ()
    more = structured.replace(
        b"</section>", b'<entry><act><value representation="B64">AAAA</value></act></entry></section>', 1
    )
    assert transcript(more, FOOTER, None) == (pdf, (FILES_LEFT,))


def test_a_text_becomes_a_page_and_a_damaged_file_is_refused(paper: bytes) -> None:
    start, end = paper.index(b'<text mediaType="application/pdf"'), paper.index(b"</nonXMLBody>")
    text = paper[:start] + '<text mediaType="text/plain">Bien à vous</text>'.encode() + paper[end:]
    assert "Bien à vous" in words(transcript(text, FOOTER, None)[0])
    broken = paper[:start] + b'<text mediaType="application/pdf" representation="B64">JVBER*</text>' + paper[end:]
    with pytest.raises(CdaError, match="illisible"):
        transcript(broken, FOOTER, None)


def test_a_scanned_page_becomes_a_pdf() -> None:
    file = io.BytesIO()
    Image.new("L", (160, 100), 200).save(file, "JPEG", dpi=(200, 200))
    request = BuildRequest(
        context=context_from_dict(FULL | {"extra": {"type": "11490-0"}}),
        note="",
        unique_id=UNIQUE_ID,
        now=NOW,
        format=DocumentFormat.PDF,
        footer=FOOTER,
        kind=DocumentKind.SCAN,
        attachment=Attachment("image/jpeg", file.getvalue(), "page.jpg"),
    )
    pdf, _warnings = transcript(build(request).cda, FOOTER, None)
    opened = pypdfium2.PdfDocument(pdf)
    assert len(opened) == 1
    opened.close()


def test_what_is_doubtful_is_told(structured: bytes) -> None:
    assert made(structured, to="dr.test@hopital.example").warnings == (UNKNOWN_DOMAIN,)
    unknown = structured.replace(b'<administrativeGenderCode code="F"', b'<administrativeGenderCode code="U"')
    assert unknown != structured
    told = made(unknown)
    assert told.warnings == (NOT_QUALIFIED,)
    assert parts(told.eml)[0]["X-MSS-INS"] == "N"


def test_an_address_is_judged_before_anything_is_made() -> None:
    with pytest.raises(ContextError, match="adresse"):
        made(b"", to="dr.test")


@pytest.mark.parametrize("place", [0, 1])
def test_a_document_that_says_it_is_hidden_from_professionals_is_sent_to_none(
    place: int, structured: bytes, paper: bytes
) -> None:
    cdas = [structured, paper]
    cdas[place] = cdas[place].replace(b'<confidentialityCode code="N"', b'<confidentialityCode code="MASQUE_PS"', 1)
    assert cdas[place] not in (structured, paper)
    with pytest.raises(ContextError) as refused:
        made(*cdas)
    assert refused.value.code == "mail-hidden"
