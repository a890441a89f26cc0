"""HPRIM, both: nothing of a message is lost, taken for shown, given to another patient or dated otherwise in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dmp_desktop.domain.received import Received, ReceivedFormat, ReceivedPatient, ReceivedResult
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange import hprim
from dmp_desktop.exchange.hl7v2_results import SEVERAL_DAYS, UNDATED
from dmp_desktop.exchange.hprim import read_hprim
from dmp_desktop.exchange.hprim_sante import BROKEN, read_hprim_sante
from dmp_desktop.exchange.hprim_shown import HEADING, with_results
from dmp_desktop.exchange.hprim_write import ENCODINGS, write_hprim

HEAD = (
    "A1234", "TEST-DURAND", "Zoé", "1 rue Haute", ".", "10200 Bar-sur-Aube", "12/03/1979", "2790351215189 89", "506232",
    "22/05/2013", "Labo", "Dr TEST",
)  # fmt: skip
OTHER = (
    "B2", "TEST-MARTIN", "Paul", "2 rue Basse", ".", "75011 Paris", "01/02/1950", "1500275112345 ", "506233",
    "22/05/2013", "Labo", "Dr TEST",
)  # fmt: skip
SANTE = r"H|~^\&|T.HPR||LAB~Laboratoire TEST||ORU|||MED~Dr TEST||P|H2.4~C|202611200915"
PATIENT = "P|1|398||X|TEST-DURAND~Zoé|TEST-PIERRE|19790312|F||1 rue Haute~~Bar~~10200|"
OBR = "OBR|1||2042|TGO~TGO ASAT~L|S||202611191412"


def sante(*lines: str) -> Received:
    (message,) = read_hprim_sante("\r".join((SANTE, PATIENT, *lines, "L|1")).encode("cp1252"))
    return message


def plain(*lines: str) -> Received:
    (message,) = read_hprim("\r\n".join((*HEAD, "", *lines, "****FIN****", "")).encode("cp1252"))
    return message


@pytest.mark.parametrize(
    ("line", "value", "shown"),
    [
        ("Leucocytes   100 g/l", "10.0", False),
        ("Leucocytes   10,0 g/l", "100", False),
        ("Leucocytes   133 g/l", "13.3", False),
        ("Leucocytes   13,3 g/l", "13.3", True),
        ("Leucocytes   2.920 /mm3", "2920", True),
        ("Leucocytes   2920 /mm3", "2.920", False),
        ("Leucocytes   2,920 /mm3", "2.920", True),
        ("Leucocytes   0.920 /mm3", "0920", False),
        ("Leucocytes   1.234.567 /mm3", "1234567", True),
        ("Leucocytes : hémolysé (3.5 - 5.0)", "5.0", False),
        ("Leucocytes : hémolysé  3,5 à 5,0", "5.0", False),
        ("Leucocytes : hémolysé  sup. à 5,0", "5.0", False),
        ("Leucocytes : hémolysé (< 5.0)", "5.0", False),
        ("Leucocytes  4.2  (3.5 - 5.0)", "4.2", True),
        ("Leucocytes  5.0  (3.5 - 5.0)", "5.0", True),
    ],
)
def test_a_value_is_shown_by_its_own_figures_alone(line: str, value: str, shown: bool) -> None:
    """A bound of the range is none; a factor of ten is another value."""
    lines = with_results([line], [ReceivedResult("LEUCOCYTES", value, unit="g/l")])
    assert (HEADING in lines) is not shown
    assert shown or lines[-1] == f"LEUCOCYTES : {value} g/l"


def test_a_result_without_a_name_is_never_taken_for_shown() -> None:
    told = ("Sodium 5.0", "****LAB****", "RES|||N|5.0|mmol/l", "RES||KALI|N|5.0")
    assert plain(*told).text.split("\n") == ["Sodium 5.0", "", HEADING, "5.0 mmol/l", "KALI : 5.0"]


@pytest.mark.parametrize("first", [("Sodium 140",), ("Sodium 140", "****LAB****", "RES|SODIUM|NA|N|140")])
def test_a_second_header_without_a_mark_makes_it_nobodys(first: tuple[str, ...]) -> None:
    message = plain(*first, *OTHER, "", "Potassium 6.9")
    assert message.patient == ReceivedPatient()
    assert hprim.TWO_HEADERS in message.warnings
    for word in (
        "TEST-DURAND",
        "12/03/1979",
        "2790351215189 89",
        "TEST-MARTIN",
        "01/02/1950",
        "Potassium 6.9",
        "Dr TEST",
    ):
        assert word in message.text
    assert not any("TEST-" in told for told in message.warnings)


def test_a_second_header_by_its_postal_code_and_its_days() -> None:
    message = plain("Sodium 140", *OTHER[:7], ".", *OTHER[8:], "", "Potassium 6.9")
    assert (message.patient, hprim.TWO_HEADERS in message.warnings) == (ReceivedPatient(), True)


def test_a_second_header_whose_names_are_on_one_line() -> None:
    message = plain("Sodium 140", OTHER[0], "TEST-MARTIN Paul", ".", *OTHER[3:], "", "Potassium 6.9")
    assert (message.patient, hprim.TWO_HEADERS in message.warnings) == (ReceivedPatient(), True)


def test_a_brother_of_the_same_day_is_somebody_else() -> None:
    message = plain("Sodium 140", *HEAD[:2], "Paul", *HEAD[3:], "", "Potassium 6.9")
    assert (message.patient, hprim.TWO_HEADERS in message.warnings) == (ReceivedPatient(), True)


def test_what_may_be_a_second_header_is_told() -> None:
    message = plain("Sodium 140", *OTHER[:5], ".", OTHER[6], ".", *OTHER[8:], "", "Potassium 6.9")
    assert message.patient.family == "TEST-DURAND"
    assert hprim.MAYBE_TWO in message.warnings


@pytest.mark.parametrize(
    "body",
    [
        HEAD,  # printed again
        ("Examens", "du", "patient", "", "", "", "12/03/2013", "", "", "", ""),
        ("12/03/1979", "2790351215189 89"),
        ("1 rue Haute", "", "75011 Paris", "12/03/1979"),
    ],
)
def test_what_is_no_second_header_keeps_the_patient(body: tuple[str, ...]) -> None:
    message = plain("Sodium 140", *body, "fin")
    assert message.patient.family == "TEST-DURAND"
    assert message.warnings == ()


def test_each_result_of_sante_has_the_day_of_its_own_request() -> None:
    message = sante(
        OBR, "OBX|1|NM|K~Potassium||4", "OBR|2||2043|CRP|S||202611211412", "OBX|1|NM|CRP||5", "OBR|3", "OBX|1|NM|X||6"
    )
    assert [one.date for one in message.results] == [date(2026, 11, 19), date(2026, 11, 21), None]
    assert {"Potassium : 4", "CRP : 5 [du 21/11/2026]", "X : 6"} <= set(message.text.split("\n"))
    assert message.act_date == date(2026, 11, 19)
    assert message.warnings == (SEVERAL_DAYS, UNDATED)


@pytest.mark.parametrize(
    ("field", "unit"),
    [("10^9/l", "10^9/l"), ("x10^9/l", "x10^9/l"), (r"10\R\9/l", "10^9/l"), ("mmol/l~millimole", "mmol/l millimole")],
)
def test_units_of_sante_are_whole(field: str, unit: str) -> None:
    message = sante(OBR, f"OBX|1|NM|L~Leucocytes||7.5|{field}|||||F")
    assert message.results[0].unit == unit
    assert f"Leucocytes : 7.5 {unit}" in message.text.split("\n")


def test_marks_of_sante_are_said() -> None:
    message = sante(OBR, "OBX|1|NM|K~Potassium||4|mmol/l|3.5 - 5.0|H|||P", "OBX|2|TX|C~Conclusion||un^deux||||||W")
    assert message.text.endswith(
        "Potassium : 4 mmol/l (3.5 - 5.0) [H] [provisoire]\nConclusion [envoyé à tort] :\nun\ndeux"
    )


def test_a_line_that_is_an_a_alone_is_of_the_text() -> None:
    message = sante(OBR, "OBX|1|TX|G~Groupe||Groupe sanguin :", "A", "Rhésus positif")
    assert message.text.endswith("Groupe sanguin :\nA\nRhésus positif")
    assert BROKEN in message.warnings


@pytest.mark.parametrize(
    ("comment", "words"),
    [("C|1|L|suite | de la phrase", "suite|de la phrase"), ("C|1|L|A|B||", "A|B"), ("C|1|L|un^deux", "un\ndeux")],
)
def test_a_comment_of_sante_keeps_the_bars_nobody_escaped(comment: str, words: str) -> None:
    assert sante(comment).text == words


REPORT = Received(ReceivedFormat.HPRIM, ReceivedPatient("TEST-DURAND", "Zoé", birth_date=date(1979, 3, 12)), text="x")


@pytest.mark.parametrize(
    ("text", "encoding", "written"),
    [
        ("7 10⁹/L", "cp1252", "7 10^9/L"),
        ("10⁻³ mol", "cp1252", "10^-3 mol"),
        ("10¹²/L", "cp1252", "10¹²/L"),
        ("10¹²/L et 1 m²", "mac_roman", "10^12/L et 1 m^2"),
        ("10⁹5", "cp1252", "10^9 5"),
        ("Ca²⁺ HCO₃⁻ B₁₂", "cp1252", "Ca^2+ HCO3^- B12"),
        ("2⅓ cp, ⅓ cp", "cp1252", "2 1/3 cp, 1/3 cp"),
        ("1½ cp", "mac_roman", "1 1/2 cp"),
        ("7 10⁹/L", "utf-8", "7 10⁹/L"),
    ],
)
def test_a_number_is_never_written_as_another(text: str, encoding: str, written: str) -> None:
    result = ReceivedResult("Leucocytes", "7", unit=text)
    (again,) = read_hprim(write_hprim([replace(REPORT, text=text, results=(result,))], encoding).content, encoding)
    assert (again.text.split("\n")[0], again.results[0].unit) == (written, written)


@pytest.mark.parametrize("text", ["CRP 5①", "10₂"])
@pytest.mark.parametrize("encoding", ENCODINGS[:3])
def test_a_figure_that_would_join_another_is_refused(text: str, encoding: str) -> None:
    with pytest.raises(ContextError) as refused:
        write_hprim([replace(REPORT, text=text)], encoding)
    assert refused.value.code == "hprim-encoding"
