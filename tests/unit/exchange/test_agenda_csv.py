"""Agendas in CSV as software and people write them: what is read, what is told, nothing made up."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop.domain.people import Sex
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.agenda import MAX_BYTES, MAX_LINES, Agenda
from dmp_desktop.exchange.agendas import read_agenda

TODAY = date(2026, 11, 23)
HEADER = "Heure;Nom;Prénom;Date de naissance;Sexe"


def local(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def read(text: str | bytes) -> Agenda:
    return read_agenda(text if isinstance(text, bytes) else text.encode(), TODAY, local)


def test_a_line_says_who_and_when() -> None:
    (line,) = read(
        f"{HEADER};INS;Médecin;RPPS;Id\n9h05;TEST-PATIENTE; Marie ;12/03/1979;f;2 79 03 51 215 189 89;Dr DUPONT;10002422979;rdv-1"
    ).lines
    told = line.expected
    assert (line.number, line.day, told.at) == (2, TODAY, datetime(2026, 11, 23, 9, 5, tzinfo=UTC))
    assert (told.family, told.given, told.birth_date, told.sex) == (
        "TEST-PATIENTE",
        "Marie",
        date(1979, 3, 12),
        Sex.FEMALE,
    )
    assert (told.ins, told.doctor, told.rpps, told.uid) == ("279035121518989", "Dr DUPONT", "10002422979", "rdv-1")


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_whatever_separator_line_end_and_encoding(separator: str, end: str, encoding: str) -> None:
    text = end.join(
        [separator.join(HEADER.split(";")), separator.join(("", "TEST-NOËL", '"Zoé, Anne;|\tLou"', "", "")), ""]
    )
    (line,) = read(text.encode(encoding)).lines
    assert (line.expected.family, line.expected.given) == ("TEST-NOËL", "Zoé, Anne;| Lou")
    assert (line.expected.at, line.expected.birth_date, line.expected.sex) == (None, None, Sex.UNKNOWN)


BAD = {
    "25:00;TEST-A;B;;": "l'heure n'est pas une heure",
    "9:00;;B;;": "le nom manque",
    "9:00;TEST-A;B;31/02/1980;": "n'est pas une date",
    "9:00;TEST-A;B;12/03/79;": "n'est pas une date",
    "9:00;TEST-A;B;24/11/2026;": "impossible",
    "9:00;TEST-A;B;;X": "le sexe n'est ni F, ni M",
    "9:00;TEST-A": "autant de colonnes",
    "9:00;TEST-A;B;;F;surplus": "autant de colonnes",
    '9:00;"TEST-A;B;;F': "guillemets",
    f"9:00;{'A' * 300};B;;": "200 caractères",
    "9:00;TEST-A\x07;B;;": "interdits",
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_line_is_told_by_its_number_and_bars_no_other(bad: str) -> None:
    agenda = read(f"{HEADER}\n8:00;TEST-AVANT;A;;\n{bad}\n10:00;TEST-APRES;C;;\n11:00;TEST-ENCORE;D;;F\n")
    assert [line.expected.family for line in agenda.lines] == ["TEST-AVANT", "TEST-APRES", "TEST-ENCORE"]
    ((refused),) = agenda.refused
    assert refused.number == 3
    assert BAD[bad] in refused.why
    assert "TEST" not in refused.why


def test_quoted_values_keep_quotes_separators_and_line_ends() -> None:
    agenda = read(f'{HEADER}\n9:00;"TEST-""X""; Y";"Léa\nRose";;\n10:00;TEST-Z;A;;')
    assert [(line.number, line.expected.family, line.expected.given) for line in agenda.lines] == [
        (2, 'TEST-"X"; Y', "Léa Rose"),
        (4, "TEST-Z", "A"),
    ]


def test_what_is_not_taken_is_named_and_no_reason_of_a_visit_is_kept() -> None:
    agenda = read(
        "Heure,Patient,Motif,Téléphone\n9:00,TEST-MARTIN Léa - renouvellement,lombalgie,0102030405\n9:10,Léa Martin,,"
    )
    assert agenda.left_out == ("Motif", "Téléphone")
    assert [(line.expected.family, line.expected.given) for line in agenda.lines] == [
        ("TEST-MARTIN", "Léa"),
        ("Léa Martin", ""),
    ]
    assert "renouvellement" not in str([line.expected.family + line.expected.given for line in agenda.lines])


def test_the_birth_name_is_taken_where_there_are_two() -> None:
    agenda = read("Nom;Nom de naissance;Prénom\nTEST-USAGE;TEST-NAISSANCE;Léa")
    assert agenda.lines[0].expected.family == "TEST-NAISSANCE"
    assert agenda.left_out == ("Nom",)


def test_a_number_with_a_wrong_key_is_not_dropped_in_silence() -> None:
    agenda = read("Nom;INS\nTEST-A;279035121518988\nTEST-B;")
    assert [one.number for one in agenda.refused] == [2]
    assert agenda.lines[0].expected.family == "TEST-B"


@pytest.mark.parametrize(
    ("untrusted", "code"),
    [
        (b"a;b;c\n1;2;3", "agenda-columns"),
        (b"\xff\xfeN", "agenda-encoding"),
        (b"Nom\n\x81\x00", "agenda-encoding"),
        (b"x" * (MAX_BYTES + 1), "agenda-size"),
        (b"Nom\n" + b"TEST-A\n" * (MAX_LINES + 1), "agenda-lines"),
        (b"{", "agenda-json"),
        (b'{"patients": {}}', "context-field"),
    ],
)
def test_what_is_no_agenda_is_refused_whole(untrusted: bytes, code: str) -> None:
    with pytest.raises(ContextError) as refused:
        read(untrusted)
    assert refused.value.code == code


def test_an_empty_file_says_nobody() -> None:
    assert read(b"") == read(HEADER) == Agenda()


@settings(max_examples=150)
@given(st.text(alphabet=st.sampled_from('ab;,"\n\r\t TEST-09:/é')))
def test_whatever_it_holds_each_line_is_taken_or_told(junk: str) -> None:
    agenda = read(f"{HEADER}\n{junk}\n")
    numbers = [one.number for one in (*agenda.lines, *agenda.refused)]
    assert len(numbers) == len(set(numbers))
    assert all(1 < number <= junk.count("\n") + junk.count("\r") + 3 for number in numbers)
