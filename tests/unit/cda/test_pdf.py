"""The PDF/A-1b we print: readable by others, deterministic, with its datamatrix and its footer."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import ImageCms

from dmp_desktop.card.ins_datamatrix import read_scanned
from dmp_desktop.cda.build import build, plan_of
from dmp_desktop.cda.build.datamatrix import ins_matrix, ins_message
from dmp_desktop.cda.build.icc import srgb_profile
from dmp_desktop.cda.build.pdf import Page, make_pdf
from dmp_desktop.cda.build.pdf_layout import BODY_POINTS
from dmp_desktop.cda.build.people import patient_lines
from dmp_desktop.domain.documents import DocumentFormat, DocumentKind
from dmp_desktop.domain.ins import OID_INS_DEMO, OID_INS_NIA, OID_INS_NIR, OID_INS_TEST, InsStatus
from dmp_desktop.domain.printed import EVERY_TRAIT, PrintedTrait
from tests.helpers.datamatrix import modules_on, text_of
from tests.helpers.documents import FOOTER, NOTE, NOW, full_context
from tests.helpers.kinds import plans, request_of

PAGE = Page(
    title="CR de consultation",
    letterhead=("Dr Camille DUPONT", "RPPS 10002422979"),
    date="Le 20 novembre 2026",
    patient=("TEST-PATIENTE MARIE", "née le 12/03/1979"),
    facts=("Objet : avis",),
    body=NOTE,
    sections=(("Signes vitaux", ("Poids — 82 kg",)),),
    signature="Dr Camille DUPONT",
    footer=FOOTER,
    reminder="TEST-PATIENTE MARIE, 12/03/1979",
    identifier="2.25.1",
    created=NOW,
    matrix=ins_matrix(full_context().patient),
)


def words(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [document[index].get_textpage().get_text_range().replace("\r\n", "\n") for index in range(len(document))]
    finally:
        document.close()


def test_text_layer_footer_and_page_numbers() -> None:
    pages = words(make_pdf(replace(PAGE, body=NOTE * 20))[0])
    assert len(pages) > 1
    for rank, text in enumerate(pages, start=1):
        assert FOOTER in text.replace("\n", " ")
        assert f"page {rank}/{len(pages)}" in text
    assert "Pt 47 ans, HTA, DT2. Tabac sevré 2010." in pages[0]
    assert all("TEST-PATIENTE MARIE" in text for text in pages)


def test_every_part_is_shown_in_order() -> None:
    text = " ".join("".join(words(make_pdf(PAGE)[0])).split())
    parts = (
        "Dr Camille DUPONT",
        "née le 12/03/1979",
        "CR de consultation",
        "Objet : avis",
        "Pt 47 ans",
        "Signes vitaux",
        "• Poids — 82 kg",
        "Dr Camille DUPONT",
    )
    place = 0
    for part in parts:
        place = text.index(part, place) + len(part)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(st.text("abcdéèœÉÇ0123456789•.,;:()<>&µ≥½", min_size=1, max_size=12), max_size=30).map(" ".join),
        max_size=60,
    ).map("\n".join)
)
def test_text_layer_holds_the_words_of_the_note(note: str) -> None:
    """Whatever the lines, marks and page breaks. No hyphen: pdfium takes one at a line end for a soft one."""
    pages = words(make_pdf(replace(PAGE, body=f"DEBUT\n{note}\nFIN"))[0])
    text = " ".join(page[: page.rindex(FOOTER)] for page in pages)
    shown = text[text.index("DEBUT") + 5 : text.rindex("FIN")].split()
    assert shown == note.split()


def test_long_footer_is_whole_and_clear_of_the_text() -> None:
    footer = " ".join(f"phrase{rank} sur la protection des données." for rank in range(20))
    pages = words(make_pdf(replace(PAGE, body=NOTE * 20, footer=footer))[0])
    assert all(footer in text.replace("\n", " ") for text in pages)
    assert "".join(pages).count("RDV 3 mois") == 20


def test_deterministic() -> None:
    assert make_pdf(PAGE) == make_pdf(PAGE)
    assert make_pdf(PAGE)[0] != make_pdf(replace(PAGE, identifier="2.25.2"))[0]


def test_marks_of_pdfa_1b() -> None:
    with pikepdf.open(io.BytesIO(make_pdf(PAGE)[0])) as pdf:
        assert pdf.pdf_version == "1.4"
        metadata = bytes(pdf.Root.Metadata.read_bytes()).decode()
        assert "<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>" in metadata
        assert "2026-11-20T09:30:15Z" in metadata
        (intent,) = pdf.Root.OutputIntents
        assert intent.S == "/GTS_PDFA1"
        assert bytes(intent.DestOutputProfile.read_bytes()) == srgb_profile()
        assert "/Encrypt" not in pdf.trailer
        assert "/Filter" not in pdf.Root.Metadata
        assert "/Info" not in pdf.trailer  # so that nothing can differ from the XMP (§6.7.3)
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        assert fonts
        for font in fonts:
            descriptor = font.DescendantFonts[0].FontDescriptor
            assert "/FontFile2" in descriptor
            assert "/CIDSet" in descriptor


def test_no_transparency() -> None:
    """ISO 19005-1 §6.4: no soft mask, no transparency group, full opacity."""
    with pikepdf.open(io.BytesIO(make_pdf(replace(PAGE, body=NOTE * 20))[0])) as pdf:
        for page in pdf.pages:
            assert "/Group" not in page
            for state in page.Resources.get("/ExtGState", {}).values():
                assert float(state.get("/CA", 1)) == float(state.get("/ca", 1)) == 1
                assert str(state.get("/SMask", "/None")) == "/None"
        assert b"/Transparency" not in b"".join(
            bytes(item.unparse(resolved=True)) for item in pdf.objects if isinstance(item, pikepdf.Dictionary)
        )


def test_readable_at_arms_length() -> None:
    """Every letter of the page, its footer apart, has at least 11 points."""
    assert BODY_POINTS >= 11
    document = pypdfium2.PdfDocument(make_pdf(PAGE)[0])
    text = document[0].get_textpage()
    shown = text.get_text_range()
    end = shown.rindex(FOOTER.split()[0])
    sizes = {
        round(pypdfium2.raw.FPDFText_GetFontSize(text.raw, rank), 1) for rank in range(end) if shown[rank].isalnum()
    }
    document.close()
    assert min(sizes) >= 11


@pytest.mark.parametrize(
    ("kind", "told"),
    [("AMB", "Consultation :"), ("HH", "Visite à domicile :"), ("VR", "À distance :"), ("EMER", "Prise en charge :")],
)
def test_where_the_patient_was_seen(kind: str, told: str) -> None:
    request = request_of(plan_of(DocumentKind.CERTIFICATE), DocumentFormat.PDF, "full")
    context = replace(request.context, encounter=replace(request.context.encounter, kind=kind))
    cda = build(replace(request, context=context)).cda
    pdf = base64.b64decode(etree.fromstring(cda).findtext(".//{*}nonXMLBody/{*}text") or "")
    assert f"{told} 20/11/2026 à 10:05" in " ".join("".join(words(pdf)).split())


@pytest.mark.parametrize("kind", [plan.kind for plan in plans()])
def test_page_of_every_kind(kind: DocumentKind) -> None:
    """The N1 form: who writes, whose it is, the words of the note, and what the kind needs besides."""
    cda = build(request_of(plan_of(kind), DocumentFormat.PDF, "full")).cda
    pdf = base64.b64decode(etree.fromstring(cda).findtext(".//{*}nonXMLBody/{*}text") or "")
    shown = " ".join("".join(words(pdf)).split())
    for word in ("Dr Camille DUPONT", "RPPS 10002422979", "Le 20 novembre 2026", "TEST-PATIENTE", FOOTER, "page 1/"):
        assert word in shown
    assert " ".join(NOTE.split()) in shown
    assert "ordonnance numérique" not in shown.lower()


@pytest.mark.parametrize(("text", "shown"), [("中文", "��"), ("🧬 fin", "� fin"), ("\ue000\ue001", "��")])
def test_missing_glyphs_are_visible_and_told(text: str, shown: str) -> None:
    pdf, warnings = make_pdf(replace(PAGE, body=f"avant {text}"))
    assert f"avant {shown}" in words(pdf)[0]
    assert len(warnings) == 1
    assert "U+" in warnings[0]


@pytest.mark.parametrize(
    "text", ["{nb}", "e\u0301te\u0301", "cas\u00adcade", "**gras** __souligné__", "a" * 500, "µ ≥ ½ œ €"]
)
def test_nothing_is_interpreted(text: str) -> None:
    pdf, warnings = make_pdf(replace(PAGE, body=text))
    assert warnings == ()
    expected = text.replace("e\u0301", "é").replace("\u00ad", "")
    assert expected in words(pdf)[0].replace("\n", "")


@pytest.mark.parametrize(
    "note",
    ["", " ", "\n" * 50_000, " " * 300 + "- abc", "-", "- ", "1) ", "- " * 200, "\t" * 40 + "• abc", "abc : " * 50],
)
def test_odd_notes_are_a_few_pages(note: str) -> None:
    pages = words(make_pdf(replace(PAGE, body=note))[0])
    assert len(pages) <= 2
    assert "".join(note.split()) in "".join("".join(pages).split())


def test_profile_is_read_by_others() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
    assert ImageCms.getProfileDescription(profile).strip() == "sRGB (DMP Desktop)"
    transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    from PIL import Image

    for colour in ((0, 0, 0), (255, 255, 255), (200, 30, 90), (12, 140, 220)):
        seen = ImageCms.applyTransform(Image.new("RGB", (1, 1), colour), transform).getpixel((0, 0))  # type: ignore[union-attr]
        assert all(abs(a - b) <= 2 for a, b in zip(seen, colour, strict=True))  # type: ignore[arg-type]


def test_datamatrix_message() -> None:
    patient = replace(full_context().patient, birth_family="TEST-ÉPOUSÉE")
    assert ins_message(patient) == (
        "IS01" + "0" * 22 + "S1279035121518989S21.2.250.1.213.1.4.10"
        "S3MARIE CLAUDE\x1dS4TEST-EPOUSEE\x1dS5FS612-03-1979S751215"
    )


def test_datamatrix_is_square_with_its_finder() -> None:
    matrix = ins_matrix(full_context().patient)
    assert len({len(row) for row in matrix} | {len(matrix)}) == 1
    assert all(matrix[-1])  # solid lower edge, ISO/IEC 16022 §5
    assert all(row[0] for row in matrix)  # solid left edge


@pytest.mark.parametrize(
    ("oid", "nature"),
    [(OID_INS_NIR, "NIR"), (OID_INS_NIA, "NIA"), (OID_INS_TEST, "numéro de test"), (OID_INS_DEMO, "démonstration")],
)
def test_traits_and_number_in_clear_on_paper(oid: str, nature: str) -> None:
    """Rule 32 (INS/va1.15): each one named; the number followed by its nature."""
    patient = full_context().patient
    lines = list(patient_lines(replace(patient, ins=replace(patient.ins, oid=oid))))
    text = " ".join("".join(words(make_pdf(replace(PAGE, patient=tuple(lines)))[0])).split())
    for named in (
        f"Nom de naissance : {patient.birth_family}",
        f"Premier prénom de naissance : {patient.first_given}",
        f"Prénoms de naissance : {patient.birth_given}",
        f"Date de naissance : {patient.birth_date:%d/%m/%Y}",
        "Sexe : féminin",
        patient.birth_place_cog,
        f"Matricule INS : {patient.ins.value} (",
    ):
        assert named in text
    assert nature in text.partition("Matricule INS : ")[2]


@pytest.mark.parametrize("status", [one for one in InsStatus if one is not InsStatus.QUALIFIEE])
def test_a_number_that_is_not_qualified_is_not_printed(status: InsStatus) -> None:
    patient = full_context().patient
    assert ins_matrix(patient)
    unsure = replace(patient, ins=replace(patient.ins, status=status))
    assert ins_matrix(unsure) == ()
    assert patient.ins.value not in "\n".join(patient_lines(unsure))
    assert make_pdf(replace(PAGE, patient=tuple(patient_lines(unsure)), matrix=ins_matrix(unsure)))[0]


@pytest.mark.parametrize("kind", [plan.kind for plan in plans()][:2])
def test_the_page_of_a_document_names_the_patient_by_all_that_rule_32_asks(kind: DocumentKind) -> None:
    request = request_of(plan_of(kind), DocumentFormat.PDF, "full")
    pdf = base64.b64decode(etree.fromstring(build(request).cda).findtext(".//{*}nonXMLBody/{*}text") or "")
    shown = " ".join("".join(words(pdf)).split())
    for line in patient_lines(request.context.patient):
        assert " ".join(line.split()) in shown
    assert "Matricule INS : " in shown


@pytest.mark.parametrize("family", ["TEST-PATIENTE", "TEST-DUPONT", "TEST-D'ORÉE-LONGUE"])
def test_the_datamatrix_is_read_off_the_page(family: str) -> None:
    """By a reader of our own: what it gives is what a scanner types, and says who the patient is."""
    patient = replace(full_context().patient, birth_family=family)
    document = pypdfium2.PdfDocument(make_pdf(replace(PAGE, matrix=ins_matrix(patient)))[0])
    dots = 8.0  # a millimetre: 200 dots an inch
    page = document[0].render(scale=dots * 25.4 / 72).to_pil()
    document.close()
    read = read_scanned(text_of(modules_on(page, int(160 * dots), int(190 * dots))))
    assert (read.ins.value, read.ins.oid, read.sex) == (patient.ins.value, patient.ins.oid, patient.sex)
    assert (read.birth_given, read.birth_family) == (patient.birth_given, family.replace("É", "E"))
    assert (read.birth_date, read.birth_place_cog) == (f"{patient.birth_date:%Y%m%d}", patient.birth_place_cog)


FURTHER = {
    PrintedTrait.GIVEN: "Prénoms de naissance : ",
    PrintedTrait.USED_FAMILY: "Nom utilisé : ",
    PrintedTrait.USED_GIVEN: "Prénom utilisé : ",
    PrintedTrait.PLACE: "(",
}


@pytest.mark.parametrize("wanted", [frozenset(), *(frozenset({one}) for one in PrintedTrait), EVERY_TRAIT])
def test_the_practice_chooses_the_further_traits_of_a_page(wanted: frozenset[PrintedTrait]) -> None:
    """Rule 32 (INS/va1.10): each one named without doubt, and the mandatory ones always there."""
    request = request_of(plan_of(DocumentKind.CONSULTATION), DocumentFormat.PDF, "full")
    patient = replace(
        request.context.patient, used_family="TEST-USAGE", used_given="MINOU", birth_place="Clermont-Ferrand"
    )
    request = replace(request, context=replace(request.context, patient=patient), printed=wanted)
    pdf = base64.b64decode(etree.fromstring(build(request).cda).findtext(".//{*}nonXMLBody/{*}text") or "")
    shown = " ".join("".join(words(pdf)).split()).partition(f"Matricule INS : {patient.ins.value} (")[0]
    assert shown
    for named in ("Nom de naissance : ", "Premier prénom de naissance : ", "Date de naissance : ", "Sexe : "):
        assert named in shown
    place = shown.partition("Lieu de naissance (code INSEE) : ")[2]
    assert patient.birth_place_cog in place
    for trait, words_of_it in FURTHER.items():
        told = place if trait is PrintedTrait.PLACE else shown
        assert (words_of_it in told) is (trait in wanted), trait
    assert ("Clermont-Ferrand" in shown) is (PrintedTrait.PLACE in wanted)
    assert ("TEST-USAGE" in shown) is (PrintedTrait.USED_FAMILY in wanted)
    assert ("MINOU" in shown) is (PrintedTrait.USED_GIVEN in wanted)
