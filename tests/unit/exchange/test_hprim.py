"""HPRIM Médecins: each way of writing it reads the same, each line is somewhere, nothing hostile is slow or breaks it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dmp_desktop.domain.people import Address
from dmp_desktop.domain.received import Received, ReceivedResult
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange import hprim, hprim_header
from dmp_desktop.exchange.hprim import is_hprim, read_hprim
from dmp_desktop.exchange.hprim_shown import HEADING
from dmp_desktop.exchange.old_text import GUESSED, NAMES

HEAD = (
    "A1234", "TEST-DURAND", "Zoé", "1 rue de l'Été", ".", "10200 Bar-sur-Aube", "12/03/1979", "2790351215189 89", "506232",
    "22/05/2013", "LABO      Laboratoire Édith", "MED       Dr TEST-MÉDECIN",
)  # fmt: skip
REPORT = (
    "",
    "   Hémoglobine      13,3 g/dl",
    "   Créatinine      8,3 mg/l   (réf. 6,0 à 11,0)",
    "",
    "Validé par É. TEST.",
)
LAB = (
    "  ****LAB****",
    "TEX",
    "TEX|   Hémoglobine      13,3 g/dl",
    "RES|Hémoglobine|hb|N|13.3|g/dl|12.5|15.5|N|F",
    "TEX|   Créatinine      8,3 mg/l   (réf. 6,0 à 11,0)",
    " RES|CREATININE|C33|N|8.3|mg/l|6.0|11.0|H|F|73.5|umol/l|53.1|97.4",
    "RES|CRP|C|A|    < 0.12  mg/l |||||F",
)
ADDED = ("CREATININE : 73.5 umol/l (53.1 - 97.4) [H]", "CRP : < 0.12 mg/l")
"""What of LAB the report does not show: the second unit, and a result."""
END = ("****FIN****", "****FINFICHIER****")


def written(*lines: str, end: str = "\r\n", encoding: str = "cp1252") -> bytes:
    return end.join((*lines, "")).encode(encoding)


def only(untrusted: bytes) -> Received:
    (message,) = read_hprim(untrusted)
    return message


def test_a_whole_message() -> None:
    message = only(written(*HEAD, *REPORT, *LAB, *END))
    patient = message.patient
    assert (patient.family, patient.given, patient.birth_date) == ("TEST-DURAND", "Zoé", date(1979, 3, 12))
    assert (patient.nir, patient.file_number, patient.ins) == ("279035121518989", "A1234", None)
    assert patient.address == Address("1 rue de l'Été", "10200", "Bar-sur-Aube")
    assert (message.act_date, message.reference) == (date(2013, 5, 22), "506232")
    assert (message.sender, message.recipient) == ("LABO Laboratoire Édith", "MED Dr TEST-MÉDECIN")
    assert message.text == "\n".join((*REPORT[1:], "", HEADING, *ADDED))
    assert message.results == (
        ReceivedResult("Hémoglobine", "13.3", "hb", unit="g/dl", low="12.5", high="15.5", flag="N", status="F"),
        ReceivedResult("CREATININE", "8.3", "C33", unit="mg/l", low="6.0", high="11.0", flag="H", status="F"),
        ReceivedResult("CREATININE", "73.5", "C33", unit="umol/l", low="53.1", high="97.4", flag="H", status="F"),
        ReceivedResult("CRP", "< 0.12  mg/l", "C", status="F"),
    )
    assert message.warnings == ()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "cp850", "mac_roman", "utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_and_line_end_reads_the_same(encoding: str, end: str) -> None:
    expected = only(written(*HEAD, *REPORT, *LAB, *END))
    read = only(written(*HEAD, *REPORT, *LAB, *END, end=end, encoding=encoding))
    assert (read.patient, read.text, read.results) == (expected.patient, expected.text, expected.results)
    assert read.warnings == ((GUESSED.format(name=NAMES[encoding]),) if encoding in NAMES else ())


@pytest.mark.parametrize(
    ("word", "encodings"),
    [
        *(
            (word, "cp1252 cp850 mac_roman")
            for word in ("RÉSULTATS", "Protéine", "22 °C", "dosé à jeun", "ÉTAT DÉGRADÉ", "Né à")
        ),
        *((word, "cp1252 cp850") for word in ("µg/l", "10³/mm²", "« à jeun »")),
        *((word, "cp1252 mac_roman") for word in ("l’œuf", "… l’été")),
        ("Hémoglobine ─────── élevée", "cp850"),
    ],
)
def test_a_few_accented_letters_tell_the_encoding(word: str, encodings: str) -> None:
    plain = ("A1", "TEST-A", "B", ".", ".", "10200 X", "12/03/1979", ".", "1", "22/05/2013", "L", "M")
    for encoding in encodings.split():
        assert only(written(*plain, word, *END, encoding=encoding)).text == word, encoding


def test_several_messages_of_a_file() -> None:
    other = ("B2", "TEST-MARTIN", "Paul", ".", ".", ".", "01/02/2003", ".", "2", "23/05/2013", "L", "M")
    first, second = read_hprim(written(*HEAD, *REPORT, END[0], "", "", *other, "rien à dire", *END))
    assert first.patient.family == "TEST-DURAND"
    assert (second.patient.family, second.text) == ("TEST-MARTIN", "rien à dire")
    assert "rien à dire" not in first.text
    assert (second.patient.address, second.patient.nir) == (None, "")


def test_an_address_alone_is_no_header() -> None:
    """The second line of a letterhead is nobody's name."""
    message = only(
        written("Labo TEST", "Biologie", "", "1 rue Haute", "", "10200 Bar", "", "suite", "", "", "", "", *END)
    )
    assert (message.patient.family, message.patient.address) == ("", None)
    assert hprim_header.NO_HEADER in message.warnings
    assert "1 rue Haute" in message.text


def test_what_follows_the_end_is_nobodys() -> None:
    """It may be another patient's."""
    first, rest = read_hprim(written(*HEAD, *REPORT, END[0], "suite", END[1], ""))
    assert "suite" not in first.text
    assert (rest.text, rest.patient.family) == ("suite", "")
    assert hprim_header.NO_HEADER in rest.warnings


@pytest.mark.parametrize("before", [("",), ("COMPTE RENDU DE BIOLOGIE",), ("", "", "", "")])
def test_a_header_that_comes_later(before: tuple[str, ...]) -> None:
    message = only(written(*before, *HEAD, *REPORT, *END))
    assert message.patient == only(written(*HEAD, *REPORT, *END)).patient
    assert (hprim_header.SHIFTED in message.warnings) == any(before)
    assert all(line in message.text for line in before)


def test_a_header_without_its_first_line() -> None:
    message = only(written(*HEAD[1:], *REPORT, *END))
    assert (message.patient.family, message.patient.file_number) == ("TEST-DURAND", "")
    assert message.text == "\n".join(REPORT[1:])
    assert hprim_header.SHIFTED in message.warnings


@pytest.mark.parametrize(
    ("told", "born", "warning"),
    [
        ("1979-03-12", date(1979, 3, 12), None),
        ("19790312", date(1979, 3, 12), None),
        ("12.03.1979", date(1979, 3, 12), None),
        ("12/03/79", date(1979, 3, 12), None),
        ("12/03/12", None, hprim_header.BIRTH_CENTURY),  # of 1912, or of the year before
        ("31/02/1979", None, hprim_header.BIRTH_UNREADABLE),
        ("vers 1979", None, hprim_header.BIRTH_UNREADABLE),
        ("", None, hprim_header.NO_BIRTH),
        (".", None, hprim_header.NO_BIRTH),
        ("12/03/2014", date(2014, 3, 12), hprim_header.BIRTH_ODD),
    ],
)
def test_birth_dates(told: str, born: date | None, warning: str | None) -> None:
    head = (*HEAD[:6], told, *HEAD[7:])
    message = only(written(*head, *REPORT, *END))
    assert message.patient.birth_date == born
    assert message.warnings == ((warning,) if warning else ())
    assert born is not None or told.strip(".") in message.text


@pytest.mark.parametrize(
    ("told", "nir", "warning"),
    [
        ("2790351215189", "2790351215189", None),
        ("279035121518989", "279035121518989", None),
        ("2 79 03 51 215 189 89", "279035121518989", None),
        ("2790351215189 88", "279035121518988", hprim_header.NIR_KEY),
        ("inconnu", "", hprim_header.NIR_UNREADABLE),
        (".", "", None),
    ],
)
def test_numbers_of_the_insured(told: str, nir: str, warning: str | None) -> None:
    message = only(written(*HEAD[:7], told, *HEAD[8:], *REPORT, *END))
    assert (message.patient.nir, message.warnings) == (nir, (warning,) if warning else ())
    assert nir or told == "." or told in message.text


def test_the_end_that_is_missing_is_told() -> None:
    assert only(written(*HEAD, *REPORT)).warnings == (hprim.NO_END,)
    assert only(written(*HEAD, *REPORT, END[1])).warnings == ()


def test_a_message_cut_anywhere_is_told_to_be() -> None:
    """But within its last mark, or after it."""
    whole = written(*HEAD, *REPORT, *LAB, END[0])
    for size in range(len(HEAD[0]) + 3, len(whole) - len(END[0]) - 2):
        messages = read_hprim(whole[:size])
        assert hprim.NO_END in messages[-1].warnings


def test_two_parts_of_results_may_be_two_patients() -> None:
    assert hprim.TWO_PARTS in only(written(*HEAD, *REPORT, *LAB, *REPORT, *LAB, *END)).warnings


def test_what_only_programs_were_told_is_in_the_text() -> None:
    lab = (
        "****LAB****",
        "TEX|Conclusion : à revoir",
        "RES|CRP|C|A|12",
        "COM|selon Dr TEST",
        "RES|K||N|4|||||F|||||de plus",
    )
    message = only(written(*HEAD, *REPORT, *lab, *END))
    for said in ("Conclusion : à revoir", "COM|selon Dr TEST", "RES|K||N|4|||||F|||||de plus"):
        assert said in message.text
    assert hprim.UNPLACED in message.warnings
    assert [result.label for result in message.results] == ["CRP", "K"]


TOLD = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"], exclude_characters="*"), max_size=20)


@given(st.lists(TOLD, max_size=12), st.lists(st.lists(TOLD, max_size=16).map("|".join), max_size=8), st.lists(TOLD))
@example([""], ["|||0"], [])
def test_every_word_of_a_message_is_somewhere(report: list[str], coded: list[str], printed: list[str]) -> None:
    """In its text, verbatim, or in what its results tell. The kind of a value (N, A) alone is not kept."""
    lab = [*(f"RES|{line}" for line in coded), *(f"TEX|{line}" for line in printed)]
    message = only(written(*HEAD, "", *report, "****LAB****", *lab, *END, encoding="utf-8"))
    lines = message.text.split("\n")
    assert lines[: len(report)] == report or not any(map(str.strip, report)), "but for a report of empty lines"
    told = {"", *(" ".join(line.split()) for line in lines)}
    assert all(" ".join(line.split()) in told for line in printed)
    kept = "\n".join(
        (
            message.text,
            *(f"{r.label}|{r.code}|{r.value}|{r.unit}|{r.low}|{r.high}|{r.flag}|{r.status}" for r in message.results),
        )
    )
    for line in coded:
        for place, value in enumerate(line.split("|")):
            assert place == 2 or value.strip() in kept or value.strip().upper() in hprim.FLAGS


def test_a_result_the_text_does_not_show_is_added_to_it() -> None:
    """Its value elsewhere is not enough: it may be another's."""
    lab = (
        "****LAB****",
        "RES|SODIUM|NA|N|140|mmol/l|132|146|N|P",
        "RES|POTASSIUM|K|N|4.0|mmol/l|||L|F",
        "RES|Sérum|S|A|Limpide",
    )
    message = only(written(*HEAD, "", "Sodium         140 mmol/l", "Magnésium  4,0", "SERUM limpide", *lab, *END))
    assert message.text.split("\n")[3:] == ["", HEADING, "POTASSIUM : 4.0 mmol/l [L]"]
    alone = only(written(*HEAD, "", *lab, *END))
    assert alone.text.split("\n")[:2] == [HEADING, "SODIUM : 140 mmol/l (132 - 146) [provisoire]"]


def test_a_file_too_big_is_refused() -> None:
    with pytest.raises(ContextError, match="5 Mo"):
        read_hprim(written(*HEAD) + b"x\n" * 5_000_000)
    with pytest.raises(ContextError, match="lignes"):
        read_hprim(b"\n" * 300_000)
    with pytest.raises(ContextError, match="messages"):
        read_hprim(b"a\n****FIN****\n" * 3_000)
    with pytest.raises(ContextError, match="texte lisible"):
        read_hprim(b"\x00\x01" * 100)
    with pytest.raises(ContextError, match="aucun message"):
        read_hprim(b"\n \n****FIN****\n")


@pytest.mark.parametrize(
    "line", ["*" * 2_000_000, " " * 2_000_000, "RES" + "|" * 2_000_000, "TEX|" + "a " * 1_000_000, "é" * 2_000_000]
)
def test_one_endless_line_takes_no_time(line: str) -> None:
    """A search that goes back over such a line takes hours."""
    message = only(written(*HEAD, line, "****LAB****", line, *END))
    assert message.patient.family == "TEST-DURAND"


@given(
    st.binary(max_size=400)
    | st.lists(st.sampled_from([*HEAD, *REPORT, *LAB, *END, "é", "|", "\x1a", "1/1/1"])).map(
        lambda lines: "\r".join(lines).encode("cp850")
    )
)
def test_bytes_of_all_kinds_are_read_or_refused(untrusted: bytes) -> None:
    is_hprim(untrusted)
    try:
        messages = read_hprim(untrusted)
    except ContextError:
        return
    assert messages


def test_nobody_is_shown_by_what_is_logged() -> None:
    message = only(written(*HEAD, *REPORT, *LAB))
    shown = repr(message) + repr(message.patient) + repr(message.results) + "".join(message.warnings)
    assert not any(word in shown for word in ("DURAND", "Zoé", "27903", "13.3", "Hémo"))


def test_it_is_known_by_what_it_holds() -> None:
    assert is_hprim(written(*HEAD))
    assert is_hprim(written("****FIN****"))
    assert not is_hprim(b"%PDF-1.7\n")
    letter = (
        "Dr TEST",
        "Cardiologue",
        "",
        "1 rue Haute",
        "",
        "75011 Paris",
        "12/03/2024",
        "",
        "Chère consœur,",
        "",
        "Je vois ce patient.",
    )
    assert not is_hprim(written(*letter))
    assert not is_hprim("Une lettre.\n\nCher confrère,\n".encode() * 10)


@pytest.mark.shared
def test_every_sample(shared: Path) -> None:
    folder = shared / "samples" / "hprim"
    read = {path.name: read_hprim(path.read_bytes()) for path in folder.glob("*.hpr")}
    assert len(read) == 12
    for name, (message, *rest) in read.items():
        assert message.patient.family in ("FAKENAME", "NEWFAKE"), name
        assert message.patient.address is not None
        assert message.act_date is not None
        assert bool(rest) == (name in ("freehealth_04.hpr", "freehealth_05.hpr"))  # « blabla » after the end
        assert (message.patient.birth_date is None) == (name in ("freehealth_09.hpr", "freehealth_10.hpr"))
    lab = [read[name][0] for name in ("freehealth_02.hpr", "lab_cp1252_crlf.hpr", "lab_utf16.hpr")]
    assert len({one.text for one in lab}) == 1
    assert "Les résultats d'analyses de biologie médicale" in lab[0].text
    for one in lab:
        assert one.results == lab[0].results
        assert len({(result.label, result.code) for result in one.results}) == 33
        assert HEADING not in one.text  # it shows them all, with commas, dots for thousands, second units a line below
        assert len(one.results) == 33 + 13  # thirteen of them told in two units
    for encoding in ("cp850", "mac_roman", "utf-8-sig", "utf-16"):
        for end in ("\r", "\n", "\r\n"):
            text = (folder / "lab_cp1252_crlf.hpr").read_bytes().decode("cp1252").replace("\r\n", end)
            again = only(text.encode(encoding))
            assert (again.text, again.results) == (lab[0].text, lab[0].results)
