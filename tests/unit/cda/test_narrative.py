"""Narratives as plain words and as HTML: what is struck out, raised, written twice or out of place keeps its meaning."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.read import data_from_cda, facts_from_cda, text_from_cda
from dmp_desktop.cda.read.passages import passages_from_cda
from dmp_desktop.cda.render import Palette, render
from tests.helpers.documents import NOTE, full_context
from tests.unit.cda.test_build import request
from tests.unit.cda.test_render import body, section, shown

REVISED = '<content revised="delete">warfarine 5 mg</content> <content revised="insert">apixaban 5 mg</content>'


def found(cda: bytes) -> str:
    return "\n".join(passage.text for passage in passages_from_cda(cda))


def structured(inside: str, more: str = "") -> bytes:
    return (
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><component><structuredBody><component><section>'
        f"{inside}</section></component></structuredBody></component>{more}</ClinicalDocument>"
    ).encode()


class TestDeletions:
    def test_a_conclusion_is_quoted_without_what_its_author_deleted(self) -> None:
        cda = structured(f'<code code="55110-1"/><title>Conclusion</title><text>{REVISED}</text>')
        assert [quote.words for quote in facts_from_cda(cda).conclusions] == ["apixaban 5 mg"]

    def test_a_row_that_concludes_too(self) -> None:
        row = '<tr><td>Conclusion</td><td><content revised="delete">exclue</content>confirmée</td></tr>'
        cda = structured(f"<title>Conclusion</title><text><table><tbody>{row}</tbody></table></text>")
        assert [quote.words for quote in facts_from_cda(cda).conclusions] == ["confirmée"]

    def test_search_finds_what_stands(self) -> None:
        assert found(section(REVISED)) == "apixaban 5 mg"

    def test_text_marks_it(self) -> None:
        assert text_from_cda(section(REVISED)).splitlines()[-1] == "[supprimé : warfarine 5 mg] apixaban 5 mg"

    @pytest.mark.parametrize(
        "struck",
        [
            '<content revised="delete">ancien</content>',
            '<paragraph revised="delete">ancien</paragraph>',
            '<list><item revised="delete">ancien</item></list>',
            '<table><tbody><tr revised="delete"><td>ancien</td></tr></tbody></table>',
            '<table><tbody><tr><td revised="delete">ancien</td></tr></tbody></table>',
            "<del>ancien</del>",
        ],
    )
    def test_shown_struck_through_and_never_quoted(self, struck: str) -> None:
        cda = section(f"{struck}<paragraph>neuf</paragraph>")
        assert "<s>ancien</s>" in body(cda)
        assert found(cda).split() == ["neuf"]
        assert "[supprimé : ancien]" in text_from_cda(cda)

    def test_an_entry_is_not_named_by_words_deleted(self) -> None:
        problem = (
            '<entry><observation><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5"/>'
            '<value code="X" ><originalText><reference value="#p"/></originalText></value></observation></entry>'
        )
        words = '<content ID="p"><content revised="delete">Diabète</content>Prédiabète</content>'
        data = data_from_cda(section(words, problem))
        assert [item["label"] for item in data["problems"]] == ["Prédiabète"]


class TestScripts:
    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ("10<sup>9</sup>/L", "10⁹/L"),
            ("10<sup>-3</sup>", "10⁻³"),
            ("Ca<sup>2+</sup>", "Ca²⁺"),
            ("HbA<sub>1c</sub> 7 %", "HbA₁c 7 %"),
            ("1<sup>er</sup> jour", "1er jour"),
            ("10<sup>0,5</sup>", "10^(0,5)"),
            ("10<sup><content>9</content></sup>", "10⁹"),
            ("10<sup> </sup>9", "10 9"),
        ],
    )
    def test_a_figure_raised_is_no_digit_more(self, written: str, said: str) -> None:
        assert text_from_cda(section(written)).splitlines()[-1] == said
        assert found(section(written)) == said

    def test_of_the_words_an_entry_points_at(self) -> None:
        result = (
            '<entry><observation><templateId root="1.3.6.1.4.1.19376.1.3.1.6"/><code code="1"><originalText>'
            '<reference value="#p"/></originalText></code></observation></entry>'
        )
        data = data_from_cda(section('<content ID="p">Plaquettes (10<sup>9</sup>/L)</content>', result))
        assert [item["label"] for item in data["results"]] == ["Plaquettes (10⁹/L)"]


class TestTwice:
    TWO = "<title>Un</title><title>Deux</title><text>trois</text>quatre<text>cinq</text>"
    WORDS = ("Un", "Deux", "trois", "quatre", "cinq")

    def test_all_is_shown(self) -> None:
        words = shown(render(structured(self.TWO), palette=Palette()).html)
        assert all(word in words for word in self.WORDS)

    def test_all_is_in_the_text_and_found(self) -> None:
        (passage,) = passages_from_cda(structured(self.TWO))
        assert all(word in text_from_cda(structured(self.TWO)) for word in self.WORDS)
        assert all(word in f"{passage.section_title} {passage.text}" for word in self.WORDS)

    @pytest.mark.parametrize("together", [True, False])
    def test_two_bodies(self, together: bool) -> None:
        second = "<structuredBody><component><section><title>B</title><text>second</text></section></component></structuredBody>"
        cda = structured("<title>A</title><text>premier</text>", f"<component>{second}</component>")
        if together:
            cda = cda.replace(b"</structuredBody></component><component>", b"</structuredBody>", 1)
        rendered = render(cda, palette=Palette())
        assert [piece.title for piece in rendered.sections] == ["A", "B"]
        assert "second" in text_from_cda(cda)
        assert "second" in found(cda)

    def test_a_file_and_sections(self) -> None:
        file = '<component><nonXMLBody><text mediaType="text/plain">fichier</text></nonXMLBody></component>'
        cda = structured("<title>A</title><text>section</text>", file)
        words = shown(render(cda, palette=Palette()).html)
        assert words.count("fichier") == 1
        assert "section" in words
        assert "section" in text_from_cda(cda)
        assert "section" in found(cda)


class TestWhose:
    CDA = assemble(request(NOTE), None).cda

    def test_two_ins(self) -> None:
        start = self.CDA.index(b"<patientRole")
        at = self.CDA.index(b"<id ", start)
        end = self.CDA.index(b"/>", at) + 2
        first = self.CDA[at:end]
        matricule = full_context().patient.ins
        assert matricule is not None
        other = first.replace(matricule.value.encode(), b"299999999999999")
        assert other != first
        expected = full_context().patient
        assert render(self.CDA, palette=Palette(), expected_patient=expected).mismatches == ()
        twice = self.CDA[:end] + first + self.CDA[end:]
        assert render(twice, palette=Palette(), expected_patient=expected).mismatches == ()
        mixed = self.CDA[:end] + other + self.CDA[end:]
        assert "plusieurs matricules" in render(mixed, palette=Palette(), expected_patient=expected).mismatches[0]

    def test_a_birth_date_is_compared_as_far_as_it_is_told(self) -> None:
        expected = full_context().patient
        born = f'birthTime value="{expected.birth_date:%Y%m%d}"'.encode()
        assert born in self.CDA
        for told, differs in ((b"1979", False), (b"19790300", False), (b"1978", True), (b"197904", True), (b"", False)):
            cda = self.CDA.replace(born, b'birthTime value="' + told + b'"')
            found = render(cda, palette=Palette(), expected_patient=expected).mismatches
            assert any("naissance" in line for line in found) is differs, told

    def test_two_patients_are_a_mismatch(self) -> None:
        start, end = self.CDA.index(b"<recordTarget"), self.CDA.index(b"</recordTarget>") + len(b"</recordTarget>")
        cda = self.CDA[:end] + self.CDA[start:end] + self.CDA[end:]
        patient = replace(full_context().patient)
        assert "plusieurs patients" in render(cda, palette=Palette(), expected_patient=patient).mismatches[0]


def test_a_dash_is_a_value_of_a_wide_table() -> None:
    names = ("Date", "Leucocytes", "Nitrites", "Sang", "Vide")
    head = "".join(f"<th>{name}</th>" for name in names)
    table = f"<table><thead><tr>{head}</tr></thead><tbody><tr><td>1/2</td><td>-</td><td>—</td><td>+</td><td/></tr></tbody></table>"
    rendered = render(section(table), palette=Palette())
    words = " ".join(shown(rendered.html).split())
    assert rendered.has_cards
    assert "Leucocytes : -" in words
    assert "Nitrites : —" in words
    assert words.endswith("Sans valeur : Vide")
