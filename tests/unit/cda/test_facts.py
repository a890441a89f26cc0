"""Facts as entries: what is ticked is coded once, what is not known is said so, an absence is only ever the doctor's."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dmp_desktop import notes
from dmp_desktop.cda.build import BuildRequest, plan_of
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.build.coded import Coded, Topic
from dmp_desktop.cda.build.entries.treatments import read_schedule
from dmp_desktop.cda.build.narrative import UNKNOWN, page_sections
from dmp_desktop.cda.build.sorting import sort_facts
from dmp_desktop.cda.read import data_from_cda, items_from_cda
from dmp_desktop.domain.clinical import ClinicalItem, Dosage, ItemKind, Measure, Product
from dmp_desktop.domain.documents import BuiltDocument, Code, DocumentKind
from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus
from dmp_desktop.terminology.oids import ABSENT_OR_UNKNOWN, ATC, CIS, ICD10, LOINC
from tests.helpers.documents import FOOTER, NOW, UNIQUE_ID, minimal_context
from tests.helpers.kinds import ITEMS

C = "{urn:hl7-org:v3}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
RENEWAL = """Renouvellement. HTA équilibrée, DT2. TA 13/8, P 82 kg.
Allergie : pénicilline.
Rx : ramipril 5 mg 1/j 3 mois, metformine 1 g 1-0-1 3 mois.
AT 3 jours. RDV 3 mois.
"""
HYPERTENSION = ClinicalItem(ItemKind.PROBLEM, "HTA", code=Code("I10", ICD10, "Hypertension"))
KINDS = (DocumentKind.CONSULTATION, DocumentKind.VSM, DocumentKind.IPS, DocumentKind.ADMISSION_LETTER)


def made(
    note: str, *items: ClinicalItem, kind: DocumentKind = DocumentKind.CONSULTATION, **changes: Any
) -> BuiltDocument:
    letter = {"reason": "Dyspnée", "destination": "CHU"}
    context = replace(minimal_context(), extra=letter if kind is DocumentKind.ADMISSION_LETTER else {})
    accepted = tuple(proposal.ticked(True) for proposal in notes.propose(note))
    request = BuildRequest(context, note, UNIQUE_ID, NOW, accepted, footer=FOOTER, kind=kind, items=items)
    return assemble(replace(request, **changes), None)


def tree(note: str, *items: ClinicalItem, **changes: Any) -> Any:
    return etree.fromstring(made(note, *items, **changes).cda)


def only(elements: Any) -> Any:
    (element,) = elements
    return element


def coded(*items: ClinicalItem, proposals: tuple[Proposal, ...] = (), length: int = 0) -> Coded:
    return sort_facts(proposals, items, length, NOW, "20261120100500+0100")


def item(kind: ItemKind, label: str = "x", **fields: Any) -> ClinicalItem:
    return ClinicalItem(kind, label, **fields)


def ticked(kind: ProposalKind, **fields: Any) -> Proposal:
    return Proposal(kind, fields.pop("label", "x"), 0, 1, "x", accepted=True, **fields)


class TestReferences:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_entry_points_at_words(self, kind: DocumentKind) -> None:
        document = tree(RENEWAL, *ITEMS, kind=kind)
        ids = [element.get("ID") for element in document.iter() if element.get("ID")]
        assert len(ids) == len(set(ids))
        references = {reference.get("value") for reference in document.iter(f"{C}reference")}
        assert {f"#{row}-{rank}" for row, rank in (("problem", 1), ("allergy", 1), ("treatment", 1))} <= references
        assert all(value[1:] in ids for value in references)

    def test_coded_fact_points_at_the_note_and_uncoded_one_at_its_name(self) -> None:
        document = tree("HTA. Allergie : pénicilline")
        words = {element.get("ID"): "".join(element.itertext()) for element in document.iter(f"{C}content")}

        def original(element: Any) -> str:
            return str(words[element.find(f"{C}originalText/{C}reference").get("value")[1:]])

        assert original(document.find(f".//{C}value[@code='I10']")) == "HTA"
        assert original(document.find(f".//{C}playingEntity/{C}code")) == "pénicilline"


class TestTreatments:
    def test_ordinary_renewal_needs_no_second_click(self) -> None:
        assert made(RENEWAL).warnings == ()

    def test_product_schedule_and_length(self) -> None:
        document = tree("Rx : metformine 1 g 1-0-1 3 mois")
        treatment = only(document.iter(f"{C}substanceAdministration"))
        period, frequency = treatment.findall(f"{C}effectiveTime")
        assert period.find(f"{C}width").get("value") == "90"
        assert frequency.find(f"{C}period").attrib == {"value": "12", "unit": "h"}
        assert treatment.find(f"{C}doseQuantity/{C}low").get("value") == "1"
        material = treatment.find(f".//{C}manufacturedMaterial")
        assert material.find(f"{C}code").get("nullFlavor") == "UNK"
        assert material.find(f"{C}code/{C}translation").get("code") == "A10BA02"
        assert material.findtext(f"{C}name") == "Metformine 1 g"

    def test_cis_is_the_code_of_the_product(self) -> None:
        plavix = item(ItemKind.TREATMENT, "PLAVIX 75 mg", code=Code("63564053", CIS, "PLAVIX 75 mg"))
        code = only(tree("RAS", plavix).iter(f"{C}manufacturedMaterial")).find(f"{C}code")
        assert (code.get("code"), code.get("codeSystem"), code.find(f"{C}translation")) == ("63564053", CIS, None)

    @pytest.mark.parametrize(("days", "until"), [(30, "20260131"), (9_999_999, None)])
    def test_dates_of_a_dated_one(self, days: int, until: str | None) -> None:
        treatment = item(ItemKind.TREATMENT, start=date(2026, 1, 1), dosage=Dosage(duration_days=days))
        period = only(tree("RAS", treatment).iter(f"{C}substanceAdministration")).find(f"{C}effectiveTime")
        assert [(end.tag, end.get("value")) for end in period] == [(f"{C}low", "20260101"), (f"{C}high", until)]

    @pytest.mark.parametrize(("until", "high"), [("", "20260131"), ("fin 2026", None), ("2026-02", "202602")])
    def test_an_end_that_cannot_be_read_is_not_computed(self, until: str, high: str | None) -> None:
        treatment = item(ItemKind.TREATMENT, start=date(2026, 1, 1), until=until, dosage=Dosage(duration_days=30))
        period = only(tree("RAS", treatment).iter(f"{C}substanceAdministration")).find(f"{C}effectiveTime")
        assert period.find(f"{C}high").get("value") == high
        assert period.find(f"{C}high").get("nullFlavor") == (None if high else "UNK")

    @pytest.mark.parametrize("posology", ["1 g si besoin", "20 mg puis 10 mg", "1 cp 3/j puis 2/j 5 jours"])
    def test_what_is_not_simple_stays_words(self, posology: str) -> None:
        document = tree(f"Rx : prednisone {posology}")
        treatment = only(document.iter(f"{C}substanceAdministration"))
        assert len(treatment.findall(f"{C}effectiveTime")) == 1
        assert treatment.find(f"{C}doseQuantity") is None
        assert treatment.find(f".//{C}translation").get("code") == "H02AB07"

    def test_line_says_the_words_once_and_where_the_rest_is(self) -> None:
        document = tree("Rx : ramipril 5 mg 1/j 3 mois, prednisone 20 mg puis 10 mg")
        rows = ["|".join("".join(cell.itertext()) for cell in row) for row in document.iter(f"{C}tr")]
        assert "Ramipril 5 mg|1/j 3 mois|90 jours" in rows
        assert "Prednisone|20 mg — posologie dans la note|" in rows

    def test_stopped_one_is_not_a_current_treatment_and_needs_no_warning(self) -> None:
        built = made("Arrêt ibuprofène.")
        assert b"<substanceAdministration" not in built.cda
        assert built.warnings == ()

    @pytest.mark.parametrize(
        ("schedule", "read"),
        [
            ("3/j", (3, None)),
            ("1-0-1", (2, Fraction(1))),
            ("1/2-0-0", (1, Fraction(1, 2))),
            ("1-0-1-1", (3, Fraction(1))),
            ("2-0-1", (2, None)),
            ("0-0-0", (0, None)),
            ("1/0-0-1", (0, None)),
            ("0/j", (0, None)),
            ("selon glycémie", (0, None)),
            ("", (0, None)),
        ],
    )
    def test_schedule(self, schedule: str, read: tuple[int, Fraction | None]) -> None:
        assert read_schedule(schedule) == read


class TestProblems:
    def test_doubt_is_a_certainty_not_an_uncertainty_code(self) -> None:
        document = tree("RAS", replace(HYPERTENSION, status=ProposalStatus.SUSPECTED))
        assert document.find(f".//{C}value[@code='unconfirmed']") is not None
        assert document.find(f".//{C}uncertaintyCode") is None
        assert "Suspicion de : HTA" in "".join(document.itertext())

    def test_ticked_absence_is_negated_and_not_active(self) -> None:
        document = tree("Pas de fièvre.")
        act = only(document.iter(f"{C}act"))
        assert act.find(f"{C}statusCode").get("code") == "completed"
        assert act.find(f".//{C}observation").get("negationInd") == "true"
        assert "Absence de : " in "".join(document.itertext())

    def test_absence_that_is_not_ticked_is_text(self) -> None:
        assert b"<entry>" not in made("Pas de fièvre.", proposals=()).cda

    def test_absence_against_a_presence_is_not_stated(self) -> None:
        absent = replace(HYPERTENSION, status=ProposalStatus.ABSENT)
        found = coded(HYPERTENSION, absent)
        assert [fact.item.status for fact in found.of(Topic.PROBLEMS)] == [ProposalStatus.PRESENT]
        assert len(found.warnings) == 1

    def test_history_is_over_and_family_is_apart(self) -> None:
        document = tree(
            "RAS",
            replace(HYPERTENSION, status=ProposalStatus.HISTORY, end=date(2019, 1, 2)),
            replace(HYPERTENSION, status=ProposalStatus.FAMILY),
        )
        act = only(document.iter(f"{C}act"))
        assert act.find(f"{C}statusCode").get("code") == "completed"
        assert act.find(f"{C}effectiveTime/{C}high").get("value") == "20190102"
        relative = only(document.iter(f"{C}relatedSubject"))
        assert relative.find(f"{C}code").get("nullFlavor") == "UNK"

    def test_surer_of_two_wins(self) -> None:
        found = coded(replace(HYPERTENSION, status=ProposalStatus.SUSPECTED), HYPERTENSION)
        assert [fact.item.status for fact in found.of(Topic.PROBLEMS)] == [ProposalStatus.PRESENT]

    def test_no_code_is_coded_unknown(self) -> None:
        value = tree("RAS", item(ItemKind.PROBLEM, "Fatigue ancienne")).find(f".//{C}entry//{C}value")
        assert value.get("nullFlavor") == "UNK"
        assert value.get("code") is None

    def test_code_without_a_system_is_none(self) -> None:
        value = tree("RAS", replace(HYPERTENSION, code=Code("I10", "", "x"))).find(f".//{C}entry//{C}value")
        assert value.get("nullFlavor") == "UNK"

    def test_code_of_no_table_is_kept_beside_the_words(self) -> None:
        """The official rules refuse a CIM-10 code that does not exist: a document of others may well hold one."""
        own = [replace(HYPERTENSION, code=Code("I10.XX", ICD10, "HTA essentielle"))]
        own.append(replace(own[0], status=ProposalStatus.FAMILY))
        values = list(tree("RAS", *own).iter(f"{C}value"))
        assert [value.get("nullFlavor") for value in values] == ["UNK", "UNK"]
        for value in values:
            assert [child.tag for child in value] == [f"{C}originalText", f"{C}translation"]
            assert (value[1].get("code"), value[1].get("displayName")) == ("I10.XX", "HTA essentielle")


class TestAllergies:
    def test_none_known_is_the_doctors_own_statement(self) -> None:
        note = "Aucune allergie connue."
        assert b"no-known-allergies" in made(note).cda
        untold = made(note, proposals=())
        assert ABSENT_OR_UNKNOWN.encode() not in untold.cda

    def test_named_allergy_wins_over_none_known(self) -> None:
        built = made("Aucune allergie connue.", item(ItemKind.ALLERGY, "Pénicilline"))
        assert b"no-known-allergies" not in built.cda
        assert b"nicilline" in built.cda
        assert len(built.warnings) == 1

    def test_reaction_stands_with_its_allergy(self) -> None:
        document = tree("RAS", item(ItemKind.ALLERGY, "Pénicilline", comment="urticaire"))
        reaction = only(link for link in document.iter(f"{C}entryRelationship") if link.get("typeCode") == "MFST")
        words = reaction.find(f".//{C}originalText/{C}reference").get("value")[1:]
        assert document.find(f".//{C}td[@ID='{words}']").text == "urticaire"

    def test_reaction_to_one_is_not_a_reaction_to_the_next(self) -> None:
        document = tree("Allergie : pénicilline (urticaire), iode.")
        rows = ["|".join("".join(cell.itertext()) for cell in row) for row in document.iter(f"{C}tr")]
        assert rows[1:] == ["pénicilline|urticaire", "iode|"]

    def test_doubtful_one_is_unconfirmed(self) -> None:
        allergy = item(ItemKind.ALLERGY, "Ibuprofène", status=ProposalStatus.SUSPECTED)
        assert b'code="unconfirmed"' in made("RAS", allergy).cda


class TestMeasures:
    def test_moments_are_kept_apart(self) -> None:
        weight = item(ItemKind.VITAL, code=Code("29463-7", LOINC, "Poids"), value=80.0, unit="kg")
        document = tree("P 82 kg", weight, replace(weight, start=date(2024, 1, 2)))
        times = [element.find(f"{C}effectiveTime").attrib for element in document.iter(f"{C}organizer")]
        assert times == [{"value": "20261120100500+0100"}, {"nullFlavor": "UNK"}, {"value": "20240102"}]

    def test_bound_is_not_a_value(self) -> None:
        written = only(tree("CRP < 5 mg/l").iter(f"{C}organizer")).find(f".//{C}value")
        assert written.get(f"{XSI}type") == "ED"
        assert written.text.startswith("< 5")

    @pytest.mark.parametrize(
        ("unit", "kind", "shown"),
        [
            ("g/L", "PQ", None),
            ("{pack}/a", "PQ", None),
            ("1", "PQ", None),
            ("", "PQ", None),
            ("mL/min/{1.73_m2}", "ED", "68 mL/min/1,73 m²"),
            ("bouffées", "ED", "68 bouffées"),
        ],
    )
    def test_unit_the_rules_do_not_know_is_written(self, unit: str, kind: str, shown: str | None) -> None:
        result = item(ItemKind.RESULT, code=Code("62238-1", LOINC, "DFG"), value=68, unit=unit)
        value = only(tree("RAS", result).iter(f"{C}organizer")).find(f".//{C}value")
        assert value.get(f"{XSI}type") == kind
        assert value.text == shown
        assert value.get("unit") == (unit if kind == "PQ" and unit not in ("", "1") else None)

    def test_measure_outside_the_value_set_is_a_result(self) -> None:
        pain = item(ItemKind.VITAL, code=Code("38208-5", LOINC, "Douleur"), value=3)
        found = coded(pain)
        assert not found.of(Topic.VITALS)
        assert len(found.of(Topic.RESULTS)) == 1

    def test_value_in_another_unit_than_its_codes_is_told(self) -> None:
        proposal = ticked(ProposalKind.VITAL, label="Poids", value=82, unit="g", code="29463-7")
        found = coded(proposals=(proposal,), length=1)
        assert found.facts == {}
        assert len(found.warnings) == 1


class TestOnce:
    def test_note_and_record_say_it_once_and_sources_stay(self) -> None:
        document = tree("HTA", replace(HYPERTENSION, source="CRH du 12/03/2024"))
        assert len(document.findall(f".//{C}value[@code='I10']")) == 1
        assert "CRH du 12/03/2024" in "".join(document.itertext())

    def test_two_lines_of_one_note_on_a_drug_are_two_treatments(self) -> None:
        document = tree("Rx : prednisone 20 mg le matin, prednisone 5 mg le soir")
        assert len(list(document.iter(f"{C}substanceAdministration"))) == 2

    def test_other_dose_of_the_record_is_shown_and_not_coded(self) -> None:
        older = item(
            ItemKind.TREATMENT,
            "Ramipril",
            code=Code("C09AA05", ATC),
            dosage=Dosage("2,5 mg", "1/j", text="2,5 mg le matin"),
            source="Ordonnance de 2024",
        )
        document = tree("Rx : ramipril 5 mg 1/j", older)
        name = only(document.iter(f"{C}manufacturedMaterial")).findtext(f"{C}name")
        assert name == "Ramipril 5 mg"
        assert "Ordonnance de 2024 : 2,5 mg le matin" in "".join(document.itertext())

    def test_treatment_of_a_form_that_the_note_names_too_is_one(self) -> None:
        typed = item(ItemKind.TREATMENT, "Ramipril", code=Code("C09AA05", ATC), dosage=Dosage("5 mg"))
        assert len(list(tree("Rx : ramipril 5 mg 1/j", typed).iter(f"{C}substanceAdministration"))) == 1

    def test_same_measure_of_two_days_is_two(self) -> None:
        result = item(ItemKind.RESULT, code=Code("4548-4", LOINC), value=7.0, unit="%", start=date(2024, 1, 1))
        assert len(coded(result, replace(result, start=date(2025, 1, 1)), result).of(Topic.RESULTS)) == 2


class TestUnknown:
    @pytest.mark.parametrize("kind", KINDS)
    def test_nothing_known_is_never_an_absence(self, kind: DocumentKind) -> None:
        plan = plan_of(kind)
        document = tree("Vu ce jour.", kind=kind)
        codes = [element.get("code") for element in document.iter() if element.get("codeSystem") == ABSENT_OR_UNKNOWN]
        assert len(codes) == len(plan.required)
        assert all(re.fullmatch("no-[a-z]+-info", code) for code in codes)
        shown = [row for row in document.iter(f"{C}tr") if "".join(row.itertext()) == UNKNOWN]
        assert len(shown) == len(plan.required)

    def test_what_is_known_takes_its_place(self) -> None:
        built = made("RAS", *ITEMS, kind=DocumentKind.IPS)
        assert ABSENT_OR_UNKNOWN.encode() not in built.cda


class TestReadBack:
    """What our own reader takes from what we write: a synthesis may be made of it."""

    def test_doubt_absence_and_reaction(self) -> None:
        data = data_from_cda(
            made(
                "RAS",
                replace(HYPERTENSION, status=ProposalStatus.SUSPECTED),
                item(ItemKind.PROBLEM, "Fièvre", status=ProposalStatus.ABSENT),
                item(ItemKind.ALLERGY, "Iode", comment="urticaire"),
            ).cda
        )
        assert [(entry["label"], entry["status"]) for entry in data["problems"]] == [
            ("Hypertension", "suspected"),
            ("Fièvre", "absent"),
        ]
        assert [(entry["agent"], entry["reactions"]) for entry in data["allergies"]] == [("Iode", ["urticaire"])]

    @pytest.mark.parametrize("kind", KINDS[1:])
    def test_nothing_known_is_no_fact(self, kind: DocumentKind) -> None:
        assert items_from_cda(made("Vu ce jour.", kind=kind).cda) == ()

    def test_synthesis_of_a_synthesis_says_the_same(self) -> None:
        first = made("RAS", *ITEMS, kind=DocumentKind.IPS).cda
        second = made("", *items_from_cda(first), kind=DocumentKind.IPS).cda

        def said(cda: bytes) -> dict[str, list[str]]:
            fields = ("label", "code", "agent", "atc", "cis", "start", "end", "date", "value", "unit", "status")
            kinds = ("problems", "allergies", "treatments", "vitals", "procedures")
            data = data_from_cda(cda)
            return {kind: sorted(str([entry.get(field) for field in fields]) for entry in data[kind]) for kind in kinds}

        assert said(first) == said(second)


class TestFromTheRecord:
    def test_two_agents_of_one_label_are_two_allergies(self) -> None:
        kind = Code("416098002", "2.16.840.1.113883.6.96", "allergie médicamenteuse")
        found = [
            item(ItemKind.ALLERGY, "Allergie médicamenteuse", code=kind, agent=Code(code, ATC, name))
            for code, name in (("J01CA04", "Amoxicilline"), ("N02AA59", "Codéine"), ("J01CA04", "amoxicilline"))
        ]
        document = tree("RAS", *found)
        names = [entity.findtext(f"{C}name") for entity in document.iter(f"{C}playingEntity")]
        assert names == ["Amoxicilline", "Codéine"]

    def test_agent_without_a_code_is_named(self) -> None:
        allergy = item(ItemKind.ALLERGY, "Allergie", agent=Code("", "", "Latex"))
        entity = only(tree("RAS", allergy).iter(f"{C}playingEntity"))
        assert entity.find(f"{C}code").get("nullFlavor") == "UNK"
        assert entity.findtext(f"{C}name") == "Latex"

    def test_product_gives_all_its_codes(self) -> None:
        plavix = item(
            ItemKind.TREATMENT, "PLAVIX 75 mg", product=Product(cis="63564053", cip="3400938022209", atc="B01AC04")
        )
        code = only(tree("RAS", plavix).iter(f"{C}manufacturedMaterial")).find(f"{C}code")
        assert code.get("code") == "63564053"
        assert [other.get("code") for other in code.findall(f"{C}translation")] == ["3400938022209", "B01AC04"]

    def test_product_of_the_record_and_drug_of_the_note_are_one(self) -> None:
        known = item(ItemKind.TREATMENT, "TRIATEC 5 mg", product=Product(atc="C09AA05"), source="Ordonnance de 2025")
        document = tree("Rx : ramipril 5 mg 1/j", known)
        assert only(document.iter(f"{C}manufacturedMaterial")).findtext(f"{C}name") == "Ramipril 5 mg"
        assert "Ordonnance de 2025" in "".join(document.itertext())

    @pytest.mark.parametrize(
        ("when", "stamp", "shown"), [("2019", "2019", "2019"), ("2019-03", "201903", "03/2019"), ("", None, "")]
    )
    def test_date_as_precise_as_it_was_written(self, when: str, stamp: str | None, shown: str) -> None:
        document = tree("RAS", replace(HYPERTENSION, when=when))
        assert document.find(f".//{C}act/{C}effectiveTime/{C}low").get("value") == stamp
        cells = ["".join(cell.itertext()) for cell in only(document.iter(f"{C}tbody")).iter(f"{C}td")]
        assert cells == (["HTA (I10)", shown] if shown else ["HTA (I10)"])

    def test_words_of_a_laboratory_stand_for_a_value(self) -> None:
        result = item(ItemKind.RESULT, code=Code("1988-5", LOINC, "CRP"), measure=Measure(text="<= 1.0 mg/L"))
        document = tree("RAS", result)
        assert only(document.iter(f"{C}organizer")).findtext(f".//{C}value") == "<= 1.0 mg/L"


class TestTold:
    @pytest.mark.parametrize("kind", [ProposalKind.SICK_LEAVE, ProposalKind.FOLLOW_UP, ProposalKind.REASON])
    def test_text_is_text(self, kind: ProposalKind) -> None:
        assert coded(proposals=(ticked(kind),), length=1).warnings == []

    @pytest.mark.parametrize(
        ("kind", "status", "told"),
        [
            (ProposalKind.TREATMENT, ProposalStatus.ABSENT, 1),
            (ProposalKind.TREATMENT, ProposalStatus.STOPPED, 0),
            (ProposalKind.VACCINATION, ProposalStatus.PLANNED, 0),
            (ProposalKind.ALLERGY, ProposalStatus.FAMILY, 1),
        ],
    )
    def test_only_what_one_would_think_coded(self, kind: ProposalKind, status: ProposalStatus, told: int) -> None:
        found = coded(proposals=(ticked(kind, status=status),), length=1)
        assert found.facts == {}
        assert len(found.warnings) == told

    def test_reviewed_fact_that_has_no_place_is_told(self) -> None:
        assert len(coded(item(ItemKind.TREATMENT, status=ProposalStatus.STOPPED)).warnings) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_page_says_what_the_sections_say(kind: DocumentKind) -> None:
    document = tree("RAS", *ITEMS, kind=kind)
    facts = coded(*ITEMS)
    page = "\n".join(line for _, lines in page_sections(facts, plan_of(kind).topics) for line in lines)
    names = [
        "".join(content.itertext()) for content in document.iter(f"{C}content") if content.get("ID").endswith("-name")
    ]
    assert len(names) >= len(ITEMS)
    assert all(name in page for name in names if name != UNKNOWN)


_TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=30)
_CODES = st.none() | st.builds(
    Code, st.sampled_from(["I10", "4548-4", "29463-7"]), st.sampled_from([ICD10, LOINC, "", "x"])
)
_ANY_ITEMS = st.builds(
    ClinicalItem,
    st.sampled_from(ItemKind),
    _TEXTS,
    st.sampled_from(ProposalStatus),
    _CODES,
    st.none() | st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    st.none() | st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    st.none() | st.floats(-1e6, 1e6) | _TEXTS,
    st.sampled_from(["", "kg", "%", "<&>"]),
    dosage=st.none()
    | st.builds(
        Dosage, _TEXTS, st.sampled_from(["", "3/j", "1-0-1", "x"]), st.none() | st.integers(1, 400), text=_TEXTS
    ),
    comment=_TEXTS,
    source=_TEXTS,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_ANY_ITEMS, max_size=8), st.sampled_from(KINDS))
def test_any_facts_make_a_document_whose_references_hold(items: list[ClinicalItem], kind: DocumentKind) -> None:
    document = tree("Vu ce jour.", *items, kind=kind)
    ids = {element.get("ID") for element in document.iter() if element.get("ID")}
    assert all(reference.get("value")[1:] in ids for reference in document.iter(f"{C}reference"))
    assert not [element for element in document.iter() if (element.get("code") or "").startswith("no-known")]
