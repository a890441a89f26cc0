"""Consultation reports: the note verbatim, entries that point at it, same input same bytes."""

from __future__ import annotations

import base64
import copy
import uuid
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dmp_desktop import notes
from dmp_desktop.cda.build import BuildRequest, Parent, build
from dmp_desktop.cda.build.assemble import assemble, part_ids
from dmp_desktop.cda.build.template import Markup, Template, escape
from dmp_desktop.cda.build.text import is_blank
from dmp_desktop.cda.check import Severity, check
from dmp_desktop.cda.read import entry_from_cda, identifiers_from_cda
from dmp_desktop.domain.documents import Attachment, DocumentFormat
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.errors import CdaError
from dmp_desktop.exchange import context_from_dict
from tests.helpers.documents import FOOTER, FULL, NOTE, NOW, OTHER_ID, UNIQUE_ID, full_context, minimal_context
from tests.helpers.files import PDF
from tests.unit.cda.reference_header import reference_header

C = "{urn:hl7-org:v3}"
FILE = Attachment("application/pdf", PDF)


def request(note: str = NOTE, **changes: object) -> BuildRequest:
    proposals = tuple(item.ticked(True) for item in notes.propose(note))
    base = BuildRequest(full_context(), note, UNIQUE_ID, NOW, proposals, footer=FOOTER)
    return replace(base, **changes)


def narrative(cda: bytes) -> str:
    """The note as its section holds it, `br` as line ends."""
    content = etree.fromstring(cda).find(f".//{C}content[@ID='note']")
    assert content is not None
    for element in content.iter(f"{C}br"):
        element.text = "\n"
    return "".join(map(str, content.itertext()))


def without_pdf(note: str, **changes: object) -> bytes:
    return assemble(request(note, **changes), None).cda


class TestVerbatim:
    @pytest.mark.parametrize(
        "note",
        [
            NOTE,
            "  deux  espaces\tet tabulation \n\n fin ",
            "a\r\nb\rc\nd",
            "<b>&amp;]]>",
            "œuf \u00a0≥ 3 😀 é\u0301",
            "\u2028\u0085x",
        ],
    )
    def test_every_character(self, note: str) -> None:
        assert narrative(without_pdf(note)) == note.replace("\r\n", "\n").replace("\r", "\n")

    def test_forbidden_characters_are_replaced_and_told(self) -> None:
        built = build(request("toux\x00\x0b\ud800\ufffe fin"))
        assert narrative(built.cda) == "toux���� fin"
        assert any("4 caractère(s)" in warning for warning in built.warnings)
        assert "remplacé" in built.cda.decode()

    @settings(max_examples=200, deadline=None)
    @given(st.text(alphabet=st.characters(), min_size=1, max_size=300).filter(lambda text: not is_blank(text)))
    def test_any_note(self, note: str) -> None:
        shown = narrative(without_pdf(note))
        expected = note.replace("\r\n", "\n").replace("\r", "\n")
        assert len(shown) == len(expected)
        assert all(a == b or a == "�" for a, b in zip(shown, expected, strict=True))


class TestEntries:
    def test_point_at_the_words(self) -> None:
        document = etree.fromstring(without_pdf(NOTE))
        ids = {element.get("ID"): element for element in document.iter() if element.get("ID")}
        references = [element.get("value") for element in document.iter(f"{C}reference")]
        assert references
        assert all(value and value[1:] in ids for value in references)
        original = document.find(f".//{C}value[@code='I10']/{C}originalText/{C}reference")
        assert original is not None
        assert ids[str(original.get("value"))[1:]].text == "HTA"

    def test_blood_pressure_is_two_observations(self) -> None:
        document = etree.fromstring(without_pdf("TA 14/8"))
        values = {
            str(item.find(f"{C}code").get("code")): item.find(f"{C}value").get("value")  # type: ignore[union-attr]
            for item in document.iter(f"{C}observation")
        }
        assert values == {"8480-6": "140", "8462-4": "80"}

    def test_only_what_is_accepted(self) -> None:
        unticked = tuple(item.ticked(False) for item in notes.propose(NOTE))
        assert etree.fromstring(without_pdf(NOTE, proposals=unticked)).find(f".//{C}entry") is None

    def test_same_problem_twice_is_coded_once(self) -> None:
        document = etree.fromstring(without_pdf("HTA équilibrée. HTA ancienne sous traitement. HTA"))
        assert len(document.findall(f".//{C}value[@code='I10']")) == 1


class TestForms:
    @pytest.mark.parametrize("format", list(DocumentFormat))
    def test_same_input_same_bytes(self, format: DocumentFormat) -> None:
        assert build(request(format=format)).cda == build(request(format=format)).cda

    @pytest.mark.parametrize("format", list(DocumentFormat))
    @pytest.mark.parametrize("minimal", [True, False])
    def test_passes_our_rules(self, format: DocumentFormat, minimal: bool) -> None:
        context = minimal_context() if minimal else full_context()
        assert check(build(request(format=format, context=context)).cda) == []

    def test_n1_holds_exactly_three_templates_and_the_pdf(self) -> None:
        document = etree.fromstring(build(request(format=DocumentFormat.PDF)).cda)
        assert [item.get("root") for item in document.findall(f"{C}templateId")] == [
            "2.16.840.1.113883.2.8.2.1",
            "1.2.250.1.213.1.1.1.1",
            "1.3.6.1.4.1.19376.1.2.20",
        ]
        body = document.find(f"{C}component/{C}nonXMLBody/{C}text")
        assert body is not None
        assert base64.b64decode(body.text or "").startswith(b"%PDF-1.4")

    def test_replacement(self) -> None:
        first = build(request())
        ids = identifiers_from_cda(first.cda)
        parent = Parent(ids.unique_id, ids.set_id, ids.version)
        second = build(request(unique_id=OTHER_ID, replaces=parent))
        entry = entry_from_cda(second.cda)
        assert (entry.version, entry.replaces, entry.unique_id) == (2, UNIQUE_ID, OTHER_ID)
        assert identifiers_from_cda(second.cda).set_id == UNIQUE_ID

    @pytest.mark.parametrize("older", ["1.2.3^A&B", "0F3A6B1C-8E52-4D4B-9D0A-1B2C3D4E5F60", "1.2.3"])
    def test_replaces_what_other_software_wrote(self, older: str) -> None:
        built = assemble(request(replaces=Parent(older, older, 2)), None)
        assert [finding for finding in check(built.cda) if finding.severity is Severity.ERROR] == []
        assert (entry_from_cda(built.cda).replaces, identifiers_from_cda(built.cda).set_id) == (older, older)

    def test_attachment(self) -> None:
        structured = build(request(attachment=replace(FILE, name="CR <externe>.pdf"))).cda
        assert base64.b64encode(PDF) in structured
        assert check(structured) == []
        alone = build(request("", attachment=FILE, format=DocumentFormat.PDF)).cda
        assert base64.b64encode(PDF) in alone

    def test_attached_pdf_that_is_not_pdfa_is_told(self) -> None:
        page = base64.b64decode(
            etree.fromstring(build(request()).cda).findtext(f".//{C}observationMedia/{C}value") or ""
        )
        for pdf, told in ((PDF, True), (page, False)):
            built = build(request("", attachment=replace(FILE, content=pdf), format=DocumentFormat.PDF))
            assert any("PDF/A-1" in warning for warning in built.warnings) is told

    def test_header_equals_the_obvious_builder(self) -> None:
        """C14N of our header against one built element by element."""
        for context in (minimal_context(), full_context()):
            for parent in (None, Parent(OTHER_ID, OTHER_ID, 4)):
                wanted = request(context=context, replaces=parent)
                document = etree.fromstring(assemble(wanted, None).cda)
                document.remove(document[-1])  # the body
                assert etree.tostring(document, method="c14n") == etree.tostring(
                    reference_header(wanted), method="c14n"
                )


def test_part_ids_are_uuids_of_their_document() -> None:
    new_id, again, other = part_ids(UNIQUE_ID), part_ids(UNIQUE_ID), part_ids(OTHER_ID)
    ids = [new_id() for _ in range(50)]
    assert ids == [again() for _ in range(50)]
    assert len(set(ids) | {other() for _ in range(50)}) == 100
    assert all(uuid.UUID(item).variant == uuid.RFC_4122 and item[14] == "8" for item in ids)


def test_utc_is_shown_in_the_time_of_the_place() -> None:
    context = full_context()
    start = context.encounter.start.astimezone(UTC)
    in_utc = replace(context, encounter=replace(context.encounter, start=start))
    assert assemble(request(context=in_utc), None).cda == assemble(request(), None).cda


def test_representation_hides_the_note() -> None:
    assert "HTA" not in repr(request())


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"note": "  "}, "note"),
            ({"note": "", "attachment": FILE}, "note"),
            ({"attachment": replace(FILE, content=b"not a pdf")}, "attach"),
            ({"attachment": FILE, "format": DocumentFormat.PDF}, "attach"),
            ({"unique_id": "1.2^3"}, "unique_id"),
            ({"unique_id": "2.25." + "9" * 130}, "unique_id"),
            ({"replaces": Parent(UNIQUE_ID, UNIQUE_ID, 1)}, "unique_id"),
            ({"replaces": Parent(OTHER_ID, "not an OID^1", 1)}, "set_id"),
        ],
    )
    def test_refused(self, changes: dict[str, object], path: str) -> None:
        with pytest.raises(CdaError) as refusal:
            build(request(**changes))  # type: ignore[arg-type]
        assert refusal.value.path == path

    @pytest.mark.parametrize("status", [status for status in InsStatus if status is not InsStatus.QUALIFIEE])
    def test_only_a_qualified_identity(self, status: InsStatus) -> None:
        data = copy.deepcopy(FULL)
        data["patient"]["identity_status"] = status.value
        with pytest.raises(CdaError) as refusal:
            build(request(context=context_from_dict(data)))
        assert refusal.value.path == "patient.identity_status"

    def test_control_character_in_a_name(self) -> None:
        context = full_context()
        broken = replace(context, patient=replace(context.patient, birth_family="TEST\x00"))
        with pytest.raises(CdaError):
            assemble(request(context=broken), None)


class TestTemplate:
    def test_escapes(self) -> None:
        assert (
            Template('<a b="{x}">{x}</a>').fill(x='<&">\n')
            == '<a b="&lt;&amp;&quot;&gt;&#10;">&lt;&amp;&quot;&gt;&#10;</a>'
        )

    def test_text_never_passes_for_markup(self) -> None:
        with pytest.raises(TypeError):
            Template("<a>{!x}</a>").fill(x="<b/>")
        assert Template("<a>{!x}</a>").fill(x=Markup("<b/>")) == "<a><b/></a>"

    def test_missing_hole(self) -> None:
        with pytest.raises(KeyError):
            Template("<a>{x}</a>").fill()

    @given(st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=50))
    def test_round_trip(self, text: str) -> None:
        try:
            escaped = escape(text)
        except CdaError:
            return
        element = etree.fromstring(f'<a b="{escaped}">{escaped}</a>')
        assert (element.text or "") == text
        assert element.get("b") == text
