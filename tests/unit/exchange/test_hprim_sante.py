"""HPRIM Santé 2.1 to 2.4: its delimiters are those it tells, each word for people is in the text, an INS is never made up."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity
from dmp_desktop.domain.people import Address, Sex
from dmp_desktop.domain.received import Received, ReceivedFormat, ReceivedResult
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange import hprim_sante
from dmp_desktop.exchange.hprim import NO_END
from dmp_desktop.exchange.hprim_sante import is_hprim_sante, read_hprim_sante
from dmp_desktop.exchange.hprim_sante_results import OBR_TOLD, OBX_TOLD
from dmp_desktop.exchange.read import read_file

HEAD = r"H|~^\&|T.HPR||LAB~Laboratoire TEST||ORU|||MED~Dr TEST||P|H2.4~C|202611200915"
PATIENT = "P|1|398||X|TEST-DURAND~Zoé~Anne|TEST-PIERRE|19790312|F||1 rue Haute~~Bar~~10200|"
REQUEST = "OBR|1||~2042|TGO~TGO ASAT~L^K~Potassium~L|S||202611191412|||||||||Dr TEST-PRESCRIPTEUR"
SODIUM = "OBX|1|NM|NA~Sodium~L~2951-2~Sodium [Moles/volume]~LN||140|mmol/l|132 - 146|N|||F|||202611191500"
END = "L|1"


def written(*lines: str, end: str = "\r") -> bytes:
    return end.join(lines).encode("cp1252")


def only(*lines: str) -> Received:
    (message,) = read_hprim_sante(written(*lines))
    return message


def test_a_whole_message() -> None:
    message = only(HEAD, PATIENT, REQUEST, SODIUM, "C|1|L|Tube hémolysé", END)
    assert (message.format, message.warnings) == (ReceivedFormat.HPRIM_SANTE, ())
    patient = message.patient
    assert (patient.family, patient.birth_family, patient.given) == ("TEST-DURAND", "TEST-PIERRE", "Zoé Anne")
    assert (patient.birth_date, patient.sex, patient.file_number) == (date(1979, 3, 12), Sex.FEMALE, "398")
    assert (patient.address, patient.ins) == (Address("1 rue Haute", "10200", "Bar"), None)
    assert (message.sender, message.recipient) == ("LAB Laboratoire TEST", "MED Dr TEST")
    assert (message.act_date, message.reference) == (date(2026, 11, 19), "2042")
    assert message.sent_at is not None
    assert f"{message.sent_at:%Y-%m-%d %H:%M}" == "2026-11-20 09:15"
    assert message.results == (
        ReceivedResult(
            "Sodium", "140", "2951-2", "2.16.840.1.113883.6.1", "mmol/l", "132", "146", "N", "F", date(2026, 11, 19)
        ),
    )
    assert message.text.split("\n") == [
        "TGO ASAT",
        "Potassium",
        "Prescripteur : Dr TEST-PRESCRIPTEUR",
        "Sodium : 140 mmol/l (132 - 146)",
        "Tube hémolysé",
    ]


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_line_ends(end: str) -> None:
    lines = (HEAD, PATIENT, REQUEST, SODIUM, END)
    assert read_hprim_sante(written(*lines, end=end)) == (only(*lines),)


def test_delimiters_are_those_of_the_header() -> None:
    """Those of HL7, which some write."""
    signs = str.maketrans({"~": "^", "^": "~"})
    lines = (HEAD, PATIENT, REQUEST, SODIUM, END)
    assert only(*(line.translate(signs) for line in lines)) == only(*lines)
    assert only(*(line.replace("|", "!") for line in lines)) == only(*lines)


@pytest.mark.parametrize("at", range(5, len(SODIUM)))
def test_a_line_that_goes_on(at: int) -> None:
    whole = only(HEAD, PATIENT, REQUEST, SODIUM, END)
    assert only(HEAD, PATIENT, REQUEST, SODIUM[:at], f"A|{SODIUM[at:]}", END) == whole


def test_escapes() -> None:
    message = only(HEAD, PATIENT, r"OBX|1|ST|X~Note||a\F\b\S\c\R\d\E\e\T\f \.br\ 5\X25\ \Z\ fin & suite|||", END)
    assert message.results[0].value == "a|b~c^d\\e&f \n 5% \\Z\\ fin & suite"


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        (f"279035121518989~{OID_INS_TEST}", True),
        (f"279035121518989~INS~20260101~{OID_INS_TEST}", True),
        (f"279035121518988~{OID_INS_TEST}", False),
        ("279035121518989~1.2.3.4", False),
        ("279035121518989", False),
        ("1234567890123456789012~INS-C~20130101", False),
    ],
)
def test_an_ins_needs_its_key_and_its_authority(field: str, kept: bool) -> None:
    message = only(HEAD, PATIENT + field, REQUEST, SODIUM, END)
    assert message.patient.ins == (InsIdentity("279035121518989", OID_INS_TEST) if kept else None)
    assert message.warnings == (() if kept else (hprim_sante.BAD_INS,))


def test_each_patient_has_a_message() -> None:
    other = PATIENT.replace("DURAND", "MARTIN")
    first, second, third = read_hprim_sante(
        written(HEAD, PATIENT, REQUEST, SODIUM, other, REQUEST, SODIUM.replace("140", "141"), END, HEAD, PATIENT, END)
    )
    assert [one.patient.family for one in (first, second, third)] == ["TEST-DURAND", "TEST-MARTIN", "TEST-DURAND"]
    assert [one.results[0].value for one in (first, second)] == ["140", "141"]
    assert first.sender == second.sender
    assert NO_END not in (*first.warnings, *second.warnings, *third.warnings)


def test_doubts() -> None:
    cut = only(HEAD, PATIENT, REQUEST, SODIUM)
    assert cut.warnings == (NO_END,)
    born = only(HEAD, PATIENT.replace("19790312", "1979"), REQUEST, SODIUM, END)
    assert (born.patient.birth_date, hprim_sante.BAD_BIRTH in born.warnings) == (None, True)
    assert "1979" in born.text
    file = only(HEAD, PATIENT, REQUEST, "OBX|1|FIC|T~Compte rendu~L||G~A.TXT~TXT", END)
    assert (file.results, hprim_sante.FILE_APART in file.warnings) == ((), True)
    assert "A.TXT" in file.text
    assert hprim_sante.NO_PATIENT in only(HEAD, REQUEST, SODIUM, END).warnings
    other = only(HEAD.replace("ORU", "ADM"), PATIENT, "AC|1|DROITS", END)
    assert hprim_sante.NOT_RESULTS in other.warnings
    assert "AC|1|DROITS" in other.text


def test_a_line_broken_in_a_value_stays_in_it() -> None:
    message = only(HEAD, PATIENT, REQUEST, "OBX|1|ST|X~Note||première", "CRP normale", END)
    assert message.results[0].value == "première\nCRP normale"
    assert hprim_sante.BROKEN in message.warnings


def test_what_follows_the_end_is_nobodys() -> None:
    first, rest = read_hprim_sante(written(HEAD, PATIENT, REQUEST, SODIUM, END, "suite"))
    assert (rest.text, rest.patient.family) == ("suite", "")
    assert "suite" not in first.text


WORDS = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"], exclude_characters="|~^\\&"), max_size=12)
FIELDS = st.lists(st.lists(WORDS, min_size=1, max_size=4).map("~".join), max_size=33).map("|".join)


@given(st.lists(st.tuples(st.sampled_from(["OBR", "OBX", "C", "AC", "ZZ"]), FIELDS), max_size=8))
def test_every_word_for_people_is_in_the_text(told: list[tuple[str, str]]) -> None:
    message = read_hprim_sante("\r".join((HEAD, PATIENT, *(f"{n}|{f}" for n, f in told), END)).encode())[0]
    words = "".join(message.text.split())
    places = {"OBR": (4, *OBR_TOLD), "OBX": (3, 5, 6, 7, *OBX_TOLD), "C": (3,)}
    for name, fields in told:
        values = [name, *fields.split("|")]
        for place, value in enumerate(values):
            if place in places.get(name, range(1, 40)):
                parts = value.split("~")
                if (name, place) in (("OBX", 3), ("OBR", 4)):
                    parts = [parts[1] if len(parts) > 1 and parts[1].strip() else parts[0]]
                assert all("".join(part.split()) in words for part in parts)


@given(
    st.binary(max_size=300).map(lambda data: HEAD.encode() + b"\r" + data)
    | st.lists(st.sampled_from([HEAD, PATIENT, REQUEST, SODIUM, END, "A|x", "A", "H", "\\", "é", r"H|\\", "L"])).map(
        lambda lines: written(*lines)
    )
)
def test_bytes_of_all_kinds_are_read_or_refused(untrusted: bytes) -> None:
    is_hprim_sante(untrusted)
    try:
        assert read_hprim_sante(untrusted)
    except ContextError:
        return


@pytest.mark.parametrize(
    "line", ["|" * 2_000_000, "\\F" * 1_000_000, "~^" * 1_000_000, "A|x\r" * 90_000, "x\r" * 90_000]
)
def test_hostile_lines_take_no_time(line: str) -> None:
    message = read_hprim_sante(written(HEAD, PATIENT, REQUEST, "OBX|1|ST|X~Y||", line, END))[0]
    assert message.patient.family == "TEST-DURAND"


def test_a_file_too_big_is_refused() -> None:
    for hostile in (b"x" * 10_000_000, b"\n" * 300_000, b"P|1\rL|1\r" * 3_000, b""):
        with pytest.raises(ContextError):
            read_hprim_sante(HEAD.encode() + b"\r" + hostile if hostile else b"")


@pytest.mark.shared
def test_the_sample(shared: Path) -> None:
    """A test of a library in Java: its strings are the message."""
    source = (shared / "samples" / "hprim" / "hprim_sante_ORU_2.1_libHprim.txt").read_bytes().decode("cp1252")
    lines = [line.replace(r"\\", "\\") for line in re.findall(r'^\s*"([^\n]*)\\r\\n"', source, re.MULTILINE)]
    (message,) = read_file(written(*lines, end="\r\n"))
    assert message.patient.birth_date == date(1937, 3, 25)
    assert [(one.label, one.value, one.low, one.high) for one in message.results] == [
        ("TGO ADVIA", "16", "10", "40"),
        ("Hematocrite", "38.2", "35", "48"),
    ]
    assert "Clinique HP" in message.text  # a line that goes on after an « A| »
    assert "Anemie macrocytaire" in message.text
    assert message.warnings == (hprim_sante.FILE_APART,)
