"""One fact said twice keeps all that was said of it; facts that differ stay apart; what this document stops is not current."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from lxml import etree

from dmp_desktop import notes
from dmp_desktop.cda.build import BuildRequest
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.build.coded import Coded, Topic
from dmp_desktop.cda.build.narrative import number
from dmp_desktop.cda.build.sorting import sort_facts
from dmp_desktop.cda.read import data_from_cda
from dmp_desktop.domain.clinical import ClinicalItem, Dosage, Injection, ItemKind, Product
from dmp_desktop.domain.documents import BuiltDocument, Code, DocumentKind
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology.oids import ATC, ICD10, LOINC, SNOMED_CT
from tests.helpers.documents import FOOTER, NOW, UNIQUE_ID, minimal_context

C = "{urn:hl7-org:v3}"
SYNTHESES = (DocumentKind.CONSULTATION, DocumentKind.VSM, DocumentKind.IPS)
HYPERTENSION = ClinicalItem(ItemKind.PROBLEM, "HTA", code=Code("I10", ICD10, "Hypertension"))
ALLERGY = ClinicalItem(ItemKind.ALLERGY, "Pénicilline")
SHOT = ClinicalItem(ItemKind.VACCINATION, "Vaccin grippe", ProposalStatus.DONE, Code("J07BB", ATC))
RAMIPRIL = ClinicalItem(ItemKind.TREATMENT, "Ramipril", code=Code("C09AA05", ATC), dosage=Dosage("5 mg", "1/j"))


def made(
    note: str, *items: ClinicalItem, kind: DocumentKind = DocumentKind.CONSULTATION, context: Any = None
) -> BuiltDocument:
    accepted = tuple(proposal.ticked(True) for proposal in notes.propose(note))
    request = BuildRequest(
        context or minimal_context(), note, UNIQUE_ID, NOW, accepted, footer=FOOTER, kind=kind, items=items
    )
    return assemble(request, None)


def rows(built: BuiltDocument) -> list[str]:
    document: Any = etree.fromstring(built.cda)
    lines = ["|".join("".join(cell.itertext()) for cell in row) for row in document.iter(f"{C}tr")]
    return [line for line in lines if line.split("|")[0] not in ("Allergie", "Médicament", "Vaccin")]


def of(topic: Topic, *items: ClinicalItem) -> list[ClinicalItem]:
    return [fact.item for fact in coded(*items).of(topic)]


def coded(*items: ClinicalItem) -> Coded:
    return sort_facts((), items, 0, NOW, "20261120100500+0100")


class TestNothingIsLost:
    @pytest.mark.parametrize(
        ("comments", "kept"),
        [
            (("", "choc"), "choc"),
            (("choc", ""), "choc"),
            (("urticaire", "choc"), "urticaire ; choc"),
            (("urticaire", "Urticaire"), "urticaire"),
            (("urticaire", "urticaire géante"), "urticaire géante"),
        ],
    )
    def test_reactions_are_joined(self, comments: tuple[str, ...], kept: str) -> None:
        found = of(Topic.ALLERGIES, *(replace(ALLERGY, comment=comment) for comment in comments))
        assert [item.comment for item in found] == [kept]

    def test_reaction_said_in_the_second_sentence(self) -> None:
        built = made("Allergie pénicilline. Allergie pénicilline (choc anaphylactique).")
        assert rows(built) == ["pénicilline|choc anaphylactique"]
        assert data_from_cda(built.cda)["allergies"][0]["reactions"] == ["choc anaphylactique"]

    def test_date_and_words_of_the_second_problem(self) -> None:
        dated = replace(HYPERTENSION, start=date(2012, 3, 4), comment="grade 2")
        for pair in ((HYPERTENSION, dated), (dated, HYPERTENSION)):
            (found,) = of(Topic.PROBLEMS, *pair)
            assert (found.start, found.comment) == (date(2012, 3, 4), "grade 2")

    def test_the_more_precise_date_is_kept(self) -> None:
        year, day = replace(HYPERTENSION, when="2012"), replace(HYPERTENSION, when="2012-03-04")
        assert [item.when for item in of(Topic.PROBLEMS, year, day)] == ["2012-03-04"]

    def test_two_dates_are_two_facts(self) -> None:
        pair = [replace(HYPERTENSION, status=ProposalStatus.HISTORY, when=when) for when in ("2010", "2019")]
        assert [item.when for item in of(Topic.HISTORY, *pair)] == ["2010", "2019"]

    def test_doubt_that_is_lifted_keeps_its_words(self) -> None:
        doubt = replace(HYPERTENSION, status=ProposalStatus.SUSPECTED, comment="au repos", when="2012")
        (found,) = of(Topic.PROBLEMS, doubt, HYPERTENSION)
        assert (found.status, found.comment, found.when) == (ProposalStatus.PRESENT, "au repos", "2012")

    def test_one_disease_of_two_relatives(self) -> None:
        pair = [replace(HYPERTENSION, label=f"HTA ({who})", status=ProposalStatus.FAMILY) for who in ("père", "mère")]
        assert len(of(Topic.FAMILY, *pair)) == 2

    def test_code_of_the_second(self) -> None:
        (found,) = of(Topic.PROBLEMS, replace(HYPERTENSION, code=None), HYPERTENSION)
        assert found.code == HYPERTENSION.code

    def test_posology_of_the_form_when_the_note_has_none(self) -> None:
        document = etree.fromstring(made("Rx : ramipril", RAMIPRIL).cda)
        assert [name.text for name in document.iter(f"{C}name") if "mipril" in (name.text or "")] == ["Ramipril 5 mg"]

    def test_two_strengths_of_a_form_and_of_the_note_are_two(self) -> None:
        assert len(rows(made("Rx : ramipril 10 mg 1/j", RAMIPRIL))) == 2


class TestVaccinations:
    def test_refused_and_done_stay_apart_and_are_told(self) -> None:
        refused = replace(SHOT, status=ProposalStatus.REFUSED)
        for pair in ((SHOT, refused), (refused, SHOT)):
            found = coded(*pair)
            assert [fact.item.status for fact in found.of(Topic.VACCINATIONS)] == [item.status for item in pair]
            assert len(found.warnings) == 1

    def test_two_lots_are_two(self) -> None:
        pair = [replace(SHOT, injection=Injection(lot)) for lot in ("A1", "B2")]
        assert len(of(Topic.VACCINATIONS, *pair)) == 2

    def test_lot_and_site_are_gathered(self) -> None:
        lot, site = replace(SHOT, injection=Injection("A1")), replace(SHOT, injection=Injection("", "deltoïde gauche"))
        (found,) = of(Topic.VACCINATIONS, lot, site)
        assert found.injection == Injection("A1", "deltoïde gauche")


class TestStopped:
    @pytest.mark.parametrize(
        "note",
        [
            "Ramipril 5 mg 1/j. Arrêt ramipril.",
            "Arrêt ramipril. Ramipril 10 mg 1/j",
            "Triatec 5 mg 1/j. Arrêt ramipril.",
        ],
    )
    def test_not_current_and_told(self, note: str) -> None:
        built = made(note)
        assert b"<substanceAdministration" not in built.cda
        assert len(built.warnings) == 1

    def test_nor_is_that_of_the_record(self) -> None:
        built = made("Arrêt ramipril.", replace(RAMIPRIL, source="Ordonnance de 2024"))
        assert b"<substanceAdministration" not in built.cda
        assert len(built.warnings) == 1

    def test_another_strength_goes_on(self) -> None:
        built = made("Arrêt ramipril 5 mg. Ramipril 10 mg 1/j.")
        assert rows(built) == ["Ramipril 10 mg|1/j"]
        assert built.warnings == ()

    def test_old_stop_of_the_record_says_nothing_of_today(self) -> None:
        old = replace(RAMIPRIL, status=ProposalStatus.STOPPED, source="CRH de 2020")
        assert rows(made("Rx : ramipril 5 mg 1/j", old)) == ["Ramipril 5 mg|1/j"]

    def test_changed_one_is_alone(self) -> None:
        built = made("ramipril 5 mg 1/j. CAT : augmenter ramipril 10 mg 1/j")
        assert rows(built) == ["Ramipril 10 mg|1/j"]
        assert len(built.warnings) == 1
        assert "nouvelle" in built.warnings[0]

    def test_another_drug_is_untouched(self) -> None:
        assert len(rows(made("Ramipril 5 mg 1/j. Metformine 1 g 2/j. Arrêt ramipril."))) == 1


class TestOver:
    def test_problem_with_an_end_is_history(self) -> None:
        over = replace(HYPERTENSION, start=date(2012, 1, 1), end=date(2019, 1, 2))
        document: Any = etree.fromstring(made("RAS", over).cda)
        act = next(document.iter(f"{C}act"))
        assert act.find(f"{C}statusCode").get("code") == "completed"
        assert act.find(f"{C}effectiveTime/{C}high").get("value") == "20190102"

    def test_problem_that_will_end_is_not(self) -> None:
        assert of(Topic.PROBLEMS, replace(HYPERTENSION, end=date(2030, 1, 1)))

    @pytest.mark.parametrize("until", [{"end": date(2026, 11, 19)}, {"until": "2026-10"}, {"until": "2025"}])
    def test_treatment_that_has_ended_is_told(self, until: dict[str, Any]) -> None:
        built = made("RAS", replace(RAMIPRIL, **until))
        assert rows(built)[0].startswith("Terminé : Ramipril 5 mg|1/j")
        assert len(built.warnings) == 1

    @pytest.mark.parametrize("until", [{"end": date(2026, 11, 20)}, {"until": "2026"}, {"until": "2026-11"}])
    def test_treatment_that_goes_on_is_not(self, until: dict[str, Any]) -> None:
        built = made("RAS", replace(RAMIPRIL, **until))
        assert rows(built)[0].startswith("Ramipril 5 mg|1/j")
        assert built.warnings == ()

    def test_ended_one_does_not_hide_the_current_one(self) -> None:
        ended = replace(RAMIPRIL, end=date(2020, 1, 1), source="CRH de 2020")
        assert len(rows(made("Rx : ramipril 5 mg 1/j", ended))) == 2


NONE = "no-known-allergies"
DRUG, FOOD = "no-known-medication-allergies", "no-known-food-allergies"


class TestNoKnownAllergy:
    @pytest.mark.parametrize(
        ("label", "codes"),
        [
            ("Aucune allergie connue", [NONE]),
            ("Pas d'allergie connue à ce jour", [NONE]),
            ("Allergies : aucune", [NONE]),
            ("Allergie", [NONE]),
            ("Absence d'allergie médicamenteuse", [DRUG]),
            ("pas d'allergie alimentaire", [FOOD]),
            ("Pas d'allergie médicamenteuse ni alimentaire", [DRUG, FOOD]),
            ("No known drug allergies", [DRUG]),
            ("Pas d'allergie à la pénicilline", []),
            ("Pas d'allergie sauf latex", []),
            ("Aucune", []),
        ],
    )
    @pytest.mark.parametrize("kind", SYNTHESES)
    def test_words(self, label: str, codes: list[str], kind: DocumentKind) -> None:
        absent = ClinicalItem(ItemKind.ALLERGY, label, ProposalStatus.ABSENT, source="CRH du 12/03/2024")
        built = made("RAS", absent, kind=kind)
        told = [element.get("code") for element in etree.fromstring(built.cda).iter(f"{C}value")]
        assert [code for code in told if code and code.startswith("no-known")] == codes
        assert bool(built.warnings) == (not codes)
        data = data_from_cda(built.cda)["allergies"]
        assert [entry["status"] for entry in data if entry["status"] != "unknown"] == ["absent"] * len(codes)
        shown = "\n".join(rows(built))
        if codes:
            assert "CRH du 12/03/2024" in shown
            assert "llergie" in shown
            assert "Non renseigné" not in "".join(line for line in rows(built) if "llergie" in line)

    def test_statement_of_a_bare_label_reads_as_an_absence(self) -> None:
        assert rows(made("RAS", ClinicalItem(ItemKind.ALLERGY, "Allergies", ProposalStatus.ABSENT))) == [
            "Pas d'allergie/hypersensibilité connue"
        ]

    def test_code_of_another_system(self) -> None:
        told = ClinicalItem(ItemKind.ALLERGY, "RAS", ProposalStatus.ABSENT, Code("409137002", SNOMED_CT, "NKDA"))
        assert [item.code.code for item in of(Topic.ALLERGIES, told) if item.code] == [DRUG]

    def test_named_allergy_wins(self) -> None:
        absent = ClinicalItem(ItemKind.ALLERGY, "Aucune allergie connue", ProposalStatus.ABSENT)
        found = coded(absent, ALLERGY)
        assert [fact.item.label for fact in found.of(Topic.ALLERGIES)] == ["Pénicilline"]
        assert len(found.warnings) == 1


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0004, "0.0004"),
        (12.34567, "12.34567"),
        (82.0, "82"),
        (5, "5"),
        (100, "100"),
        (1e-7, "0.0000001"),
        (-0.5, "-0.5"),
    ],
)
def test_every_digit_is_kept(value: float, written: str) -> None:
    assert number(value) == written
    result = ClinicalItem(ItemKind.RESULT, "TSH", code=Code("3016-3", LOINC, "TSH"), value=value, unit="mg")
    document = etree.fromstring(made("RAS", result).cda)
    assert [element.get("value") for element in document.iter(f"{C}value")] == [written]
    assert written.replace(".", ",") in rows(made("RAS", result))[-1]


def test_product_and_label_of_one_substance() -> None:
    triatec = ClinicalItem(ItemKind.TREATMENT, "TRIATEC 5 mg", product=Product(atc="C09AA05"), source="Ordonnance")
    assert b"<substanceAdministration" not in made("Arrêt ramipril.", triatec).cda
