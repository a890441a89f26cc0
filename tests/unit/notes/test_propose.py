"""Reading a note: the dangerous readings first, then each kind of proposal."""

from __future__ import annotations

import string
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop import notes
from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.notes.folding import fold

K, S = ProposalKind, ProposalStatus


def of_kind(text: str, kind: ProposalKind) -> list[Proposal]:
    return [item for item in notes.propose(text) if item.kind is kind]


def statuses(text: str) -> dict[str, ProposalStatus]:
    return {item.text: item.status for item in of_kind(text, K.PROBLEM)}


def treatment(text: str) -> dict[str, Any]:
    (found,) = of_kind(text, K.TREATMENT)
    assert isinstance(found.value, dict)
    return found.value


# Dangerous readings (reference notes-terminologies-formats §1.4): each was made by a program in use.
class TestDangerousReadings:
    @pytest.mark.parametrize(
        ("text", "high", "low"), [("TA 14/8", 140, 80), ("TA 12/7", 120, 70), ("128/76 mmHg", 128, 76)]
    )
    def test_blood_pressure_is_neither_a_date_nor_a_division(self, text: str, high: int, low: int) -> None:
        (found,) = notes.propose(text)
        assert found.kind is K.VITAL
        assert found.value == {"systolic": high, "diastolic": low}
        assert found.accepted

    @pytest.mark.parametrize("age", ["à 52 ans", "à 60 ans"])
    def test_age_is_not_a_code(self, age: str) -> None:
        (found,) = notes.propose(f"père IDM {age}")
        assert (found.code, found.status) == ("I21.9", S.FAMILY)

    @pytest.mark.parametrize("text", ["lot A3B21", "non amélioré à J15", "IC à 82%", "IC à 82 %", "objectif TA < 14/9"])
    def test_nothing_is_read(self, text: str) -> None:
        assert notes.propose(text) == ()

    def test_height_is_not_a_code(self) -> None:
        (found,) = notes.propose("T 172cm")
        assert (found.code, found.value, found.unit) == ("8302-2", 172, "cm")

    def test_abbreviations(self) -> None:
        found = {item.text: item for item in notes.propose("FA, HTA, tabac 15 PA, sirop")}
        assert found["FA"].code == "I48.9"
        assert found["FA"].warnings
        assert found["HTA"].code == "I10"
        assert set(found) == {"FA", "HTA", "tabac"}

    def test_negation_reaches_the_whole_list(self) -> None:
        assert statuses("Pas de céphalées, vertiges, acouphènes") == {
            "céphalées": S.ABSENT,
            "vertiges": S.ABSENT,
            "acouphènes": S.ABSENT,
        }

    def test_zero_means_absent(self) -> None:
        assert statuses("Fièvre 0, toux 0") == {"Fièvre": S.ABSENT, "toux": S.ABSENT}

    def test_bare_stop_verb(self) -> None:
        (found,) = notes.propose("arrêt Kardegic 5j avant extraction")
        assert found.status is S.STOPPED
        assert found.value["action"] == "stop"
        assert found.value["schedule"] is None
        assert found.value["duration_days"] is None

    def test_second_intake_is_kept(self) -> None:
        value = treatment("metformine 1000 1 matin 1 soir")
        assert (value["strength"], value["schedule"]) == ("1000", "1-0-1")

    def test_sick_leave_or_work_accident(self) -> None:
        (found,) = notes.propose("AT 3j")
        assert found.value == 3
        assert any("accident du travail" in warning for warning in found.warnings)

    @pytest.mark.parametrize(
        "text", ["TA 14/8 puis 13/7", "TA 140/80, FC 72\nTA 130/70", "TA 152/94 (automesure 148/92)"]
    )
    def test_second_value_is_listed_and_none_is_ticked(self, text: str) -> None:
        first, second = (item for item in notes.propose(text) if isinstance(item.value, dict))
        assert not first.accepted
        assert not second.accepted
        assert any("2e valeur" in warning for warning in second.warnings)

    def test_vaccine_is_not_the_disease(self) -> None:
        found = notes.propose("Vaccins Covid et grippe faits")
        assert {item.kind for item in found} == {K.VACCINATION}
        assert {item.status for item in found} == {S.DONE}

    def test_allergy_masks_problems_and_drugs(self) -> None:
        (found,) = notes.propose("Allergie : amoxicilline (urticaire, toux)")
        assert found.kind is K.ALLERGY
        assert found.value == {"substance": "amoxicilline", "reaction": "urticaire, toux"}
        assert not found.accepted

    def test_former_smoker(self) -> None:
        assert statuses("Tabac sevré 2010. Non fumeur") == {"Tabac": S.HISTORY, "fumeur": S.ABSENT}


class TestVitals:
    @pytest.mark.parametrize(
        ("text", "code", "value", "unit"),
        [
            ("FC 72", "8867-4", 72, "/min"),
            ("pouls 84/min", "8867-4", 84, "/min"),
            ("FR 24", "9279-1", 24, "/min"),
            ("SpO2 98 %", "20564-1", 98, "%"),
            ("sat 91% AA", "20564-1", 91, "%"),
            ("T° 38,9", "8310-5", 38.9, "Cel"),
            ("T 38,1", "8310-5", 38.1, "Cel"),
            ("P 82kg", "29463-7", 82, "kg"),
            ("Poids 3900 g", "29463-7", 3.9, "kg"),
            ("taille 1,63m,", "8302-2", 163, "cm"),
            ("Taille 180 cm", "8302-2", 180, "cm"),
            ("IMC 27,9", "39156-5", 27.9, "kg/m2"),
            ("PC 42 cm", "8287-5", 42, "cm"),
            ("TA 13,5/7", "85354-9", {"systolic": 135, "diastolic": 70}, "mm[Hg]"),
        ],
    )
    def test_labelled_plausible_and_alone_is_ticked(self, text: str, code: str, value: Any, unit: str) -> None:
        (found,) = notes.propose(text)
        assert (found.code, found.value, found.unit, found.accepted) == (code, value, unit, True)
        assert found.confidence is Confidence.HIGH

    @pytest.mark.parametrize(
        "text", ["TA 300/10", "SpO2 120%", "P 82", "T 172", "T 38", "88 kg", "1m78", "Fièvre 39", "TA 80/120"]
    )
    def test_doubtful_is_shown_and_not_ticked(self, text: str) -> None:
        (found,) = of_kind(text, K.VITAL)
        assert not found.accepted
        assert found.warnings

    @pytest.mark.parametrize("text", ["perte de 4 kg", "revoir si T° 39", "poids de naissance 3200 g", "15 PA", "G2P1"])
    def test_not_a_measure(self, text: str) -> None:
        assert of_kind(text, K.VITAL) == []

    def test_age_narrows(self) -> None:
        assert notes.propose("Poids 12 kg", age=3)[0].accepted
        assert not notes.propose("Poids 12 kg", age=40)[0].accepted
        assert not notes.propose("Poids 82 kg", age=2)[0].accepted
        assert notes.propose("PC 42 cm", age=40) == ()


class TestStatus:
    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("toux", S.PRESENT),
            ("absence de toux", S.ABSENT),
            ("ni toux", S.ABSENT),
            ("toux : non", S.ABSENT),
            ("Pas de fièvre mais toux", S.PRESENT),
            ("Pas d'amélioration de la toux", S.PRESENT),
            ("Pas de fièvre, toux depuis 3 jours", S.PRESENT),
            ("mère : toux", S.FAMILY),
            ("amenée par sa mère pour toux", S.PRESENT),
            ("ATCD fam : toux", S.FAMILY),
            ("suspicion de toux", S.SUSPECTED),
            ("toux ?", S.SUSPECTED),
            ("toux ou rhume ?", S.SUSPECTED),
            ("ATCD : toux", S.HISTORY),
            ("ATCD :\n- HTA\n- toux", S.HISTORY),
            ("ATCD :\n- HTA\n\ntoux", S.PRESENT),
            ("toux en 2019", S.HISTORY),
            ("toux depuis 2019", S.PRESENT),
        ],
    )
    def test_status(self, text: str, status: ProposalStatus) -> None:
        found = {item.text: item.status for item in of_kind(text, K.PROBLEM)}
        assert found["toux"] is status

    def test_no_problem_is_ticked(self) -> None:
        assert not any(item.accepted for item in of_kind("HTA, DT2, toux, fièvre", K.PROBLEM))


class TestTreatments:
    @pytest.mark.parametrize(
        ("text", "strength", "schedule", "days"),
        [
            ("metformine 1g 1-0-1 3 mois", "1g", "1-0-1", 90),
            ("ramipril 5mg 1/j", "5mg", "1/j", None),
            ("atorvastatine 20 mg 1 le soir", "20mg", "0-0-1", None),
            ("Paracétamol 1 g : 1 cp x 3/j pendant 7 jours", "1g", "3/j", 7),
            ("Ibuprofène 400 mg, 1 cp matin midi et soir, 5 jours", "400mg", "1-1-1", 5),
            ("Thiocolchicoside 4mg 2 cp matin et soir 5j", "4mg", "2-0-2", 5),
            ("amlodipine 5 mg 1 cp/j le matin QSP 1 mois", "5mg", "1-0-0", 30),
            ("Alprazolam 0,25 mg 1 cp le soir au coucher, 2 semaines", "0,25mg", "0-0-1", 14),
            ("doliprane 1g toutes les 6h", "1g", "4/j", None),
            ("levothyrox 75 1 le matin", "75", "1-0-0", None),
        ],
    )
    def test_simple(self, text: str, strength: str, schedule: str, days: int | None) -> None:
        value = treatment(text)
        assert (value["strength"], value["schedule"], value["duration_days"]) == (strength, schedule, days)

    @pytest.mark.parametrize(
        "text",
        [
            "Sertraline 50mg : 1/2 cp/j pdt 6 jours puis 1 cp/j",
            "prednisone 20 mg 1 jour sur 2",
            "methotrexate 10 mg 1 par semaine",
            "amoxicilline 500 mg 2 cp x 3/j",
            "ramipril 5 mg 1/j ou 3/j",
            "Ventoline 2 bouffées x4/j",
            "cefpodoxime 8mg/kg/j en 2 prises pdt 5 jours",
        ],
    )
    def test_what_is_not_simple_is_not_guessed(self, text: str) -> None:
        (found,) = of_kind(text, K.TREATMENT)
        assert found.value["schedule"] is None
        assert found.warnings

    @pytest.mark.parametrize(
        "text", ["arrêt du Lasilix", "stop Lasilix", "suspendre Lasilix", "Lasilix : arrêté", "sevrage Lasilix"]
    )
    def test_stopped(self, text: str) -> None:
        (found,) = of_kind(text, K.TREATMENT)
        assert (found.status, found.value["action"]) == (S.STOPPED, "stop")

    def test_stop_belongs_to_the_next_drug(self) -> None:
        first, second = of_kind("Kardegic 75 : 1/j, arrêter ibuprofène", K.TREATMENT)
        assert (first.value["action"], first.text) == ("start", "Kardegic 75 : 1/j")
        assert second.value["action"] == "stop"

    def test_never_ticked(self) -> None:
        assert not any(item.accepted for item in of_kind("ramipril 5mg 1/j, arrêt Lasilix", K.TREATMENT))


class TestOthers:
    @pytest.mark.parametrize("text", ["pas d'allergie connue", "Allergies : 0", "Allergie : aucune", "aucune allergie"])
    def test_no_known_allergy(self, text: str) -> None:
        (found,) = notes.propose(text)
        assert (found.code, found.status, found.accepted) == ("no-known-allergies", S.ABSENT, False)

    def test_several_substances(self) -> None:
        found = of_kind("Allergie : pénicilline, iode et latex", K.ALLERGY)
        assert [item.label for item in found] == ["pénicilline", "iode", "latex"]

    def test_allergic_disease_is_a_problem(self) -> None:
        assert [item.kind for item in notes.propose("rhinite allergique")] == [K.PROBLEM]

    def test_vaccination_details(self) -> None:
        text = "Vaccin : rappel ce jour (Repevax lot A3B21, deltoïde G). Grippe: refuse. Prevenar 20 à prévoir"
        done, refused, planned = of_kind(text, K.VACCINATION)
        value = {"lot": "A3B21", "site": "deltoïde G", "rank": None, "date": "ce jour"}
        assert (done.status, done.value) == (S.DONE, value)
        assert refused.status is S.REFUSED
        assert planned.status is S.PLANNED

    def test_results(self) -> None:
        hba1c, ldl, dfg = of_kind("HbA1c 7,8%, LDL 1,12 g/l, DFG 68", K.RESULT)
        assert (hba1c.code, hba1c.value, hba1c.unit) == ("4548-4", 7.8, "%")
        assert ldl.value == 1.12
        assert dfg.warnings  # no unit written
        assert not any(item.accepted for item in (hba1c, ldl, dfg))

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("Test rapide négatif", "négatif"),
            ("BU : nitrites +", "+"),
            ("bHCG négatif", "négatif"),
            ("TDR grippe positif", "positif"),
            ("VIH nég", "négatif"),
        ],
    )
    def test_answers_in_words(self, text: str, value: str) -> None:
        assert [(item.kind, item.value, item.accepted) for item in notes.propose(text)] == [(K.RESULT, value, False)]

    @pytest.mark.parametrize(
        ("text", "value"),
        [("la TSH est à deux virgule un", 2.1), ("CRP est revenue à 4 mg/L", 4), ("LDL du 12/10 : 1,1", 1.1)],
    )
    def test_results_told(self, text: str, value: float) -> None:
        (found,) = of_kind(text, K.RESULT)
        assert found.value == value

    def test_plan(self) -> None:
        text = "Motif : renouvellement\nArrêt de travail 5 jours. RDV 3 mois"
        reason, leave, follow_up = notes.propose(text)
        assert reason.text == "renouvellement"
        assert (leave.kind, leave.value) == (K.SICK_LEAVE, 5)
        assert (follow_up.kind, follow_up.value, follow_up.unit) == (K.FOLLOW_UP, 90, "d")


class TestContract:
    def test_sorted_and_tied_to_the_words(self) -> None:
        text = "Œdème, ÉPISODE dépressif. TA 14/8 – FC 72\tT° 38,5\r\nDoliprane 1g 3/j"
        found = notes.propose(text)
        assert len(found) >= 5
        assert list(found) == sorted(found, key=lambda item: item.start)
        assert all(text[item.start : item.end] == item.text for item in found)

    def test_too_long_is_not_a_note(self) -> None:
        assert notes.propose("HTA " * 60_000) == ()

    @pytest.mark.parametrize(
        "pattern",
        [
            "a",
            "1/",
            "pas de ",
            "TA 1 ",
            "0 - ",
            "matin ",
            " ",
            "(",
            "allergie ",
            "doliprane 1 ",
            "\n",
            "1 ",
            "hta,",
            "si ",
            "1-",
            "vaccin grippe ",
            "T 38 ",
            "poids 82 kg ",
            "TA 14/8 ",
            "TA 14/8, ",
            "fc ",
            "quatre ",
            "cent vingt ",
            "½ ",
            "ramipril 5 mg 1/j ",
            "arret ",
            "refus vaccin ",
            "allergie : a, ",
            "revoir si ",
            "nitrites + ",
            "toux ? ",
        ],
    )
    @pytest.mark.alone
    def test_hostile_text_stays_fast(self, pattern: str) -> None:
        text = (pattern * 200_000)[:200_000]
        started = time.process_time()
        notes.propose(text)
        assert time.process_time() - started < 2

    @settings(max_examples=150, deadline=None)
    @given(st.text(alphabet=st.characters(), max_size=200))
    def test_any_text(self, text: str) -> None:
        assert len(fold(text)) == len(text)
        for item in notes.propose(text):
            assert text[item.start : item.end] == item.text

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                ["TA 14/8", "FC", "82 kg", "T", "1", "/", ",", "pas de ", "toux", "doliprane", "\n", "matin", " "]
            ),
            max_size=30,
        )
    )
    def test_any_arrangement(self, parts: list[str]) -> None:
        text = " ".join(parts)
        for item in notes.propose(text):
            assert text[item.start : item.end] == item.text
            assert item.text.strip(string.whitespace) == item.text
