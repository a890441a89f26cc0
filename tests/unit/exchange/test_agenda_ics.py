"""Agendas as iCalendar: moments in their zone, names without the reason of the visit, what is cut off told."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop.exchange.agenda import Agenda
from dmp_desktop.exchange.agendas import read_agenda

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 23)


def local(moment: datetime) -> datetime:
    return moment.astimezone(PARIS) if moment.tzinfo else moment.replace(tzinfo=PARIS)


def calendar(*events: str) -> str:
    inside = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n{inside}END:VCALENDAR\r\n"


def read(text: str) -> Agenda:
    return read_agenda(text.encode(), TODAY, local)


NINE = datetime(2026, 11, 23, 9, 0, tzinfo=PARIS)


@pytest.mark.parametrize(
    "start",
    [
        "DTSTART:20261123T080000Z",
        "DTSTART:20261123T090000",
        "DTSTART;TZID=Europe/Paris:20261123T090000",
        'DTSTART;X-A="b:c;d";TZID=America/New_York:20261123T030000',
    ],
)
def test_a_moment_is_the_same_however_it_is_written(start: str) -> None:
    (line,) = read(calendar(f"UID:1@agenda\r\n{start}\r\nSUMMARY:TEST-MARTIN Léa")).lines
    assert line.expected.at == NINE
    assert line.day == TODAY
    assert line.expected.uid == "1@agenda"


def test_folded_lines_escapes_and_what_comes_after_the_name() -> None:
    text = calendar(
        "UID:1\r\nDTSTART:20261123T090000\r\nSUMMARY:TEST-MAR\r\n TIN Léa\\, suivi de\r\n\t grossesse\r\n"
        'DESCRIPTION:Née le 12/03/1985\\nà jeun\r\nORGANIZER;CN="Dr DUPONT":mailto:a@b.fr\r\n'
        "BEGIN:VALARM\r\nSUMMARY:TEST-AUTRE\r\nEND:VALARM"
    )
    agenda = read(text)
    (line,) = agenda.lines
    assert (line.expected.family, line.expected.given) == ("TEST-MARTIN", "Léa")
    assert line.expected.birth_date == date(1985, 3, 12)
    assert line.expected.doctor == "Dr DUPONT"
    assert agenda.left_out == ("DESCRIPTION",)


def test_a_birth_in_the_summary_is_no_part_of_the_name() -> None:
    (line,) = read(calendar("DTSTART:20261123T090000\r\nSUMMARY:Mme TEST-MARTIN Léa né(e) le 12.03.1985")).lines
    assert (line.expected.family, line.expected.given, line.expected.birth_date) == (
        "TEST-MARTIN",
        "Léa",
        date(1985, 3, 12),
    )


def test_a_whole_day_has_no_moment() -> None:
    (line,) = read(calendar("DTSTART;VALUE=DATE:20261124\r\nSUMMARY:TEST-A")).lines
    assert (line.day, line.expected.at) == (date(2026, 11, 24), None)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("SUMMARY:TEST-A", "moment"),
        ("DTSTART:20261199T090000\r\nSUMMARY:TEST-A", "moment"),
        ("DTSTART;TZID=Mars/Olympus:20261123T090000\r\nSUMMARY:TEST-A", "fuseau"),
        ("DTSTART:20261123T090000", "nom"),
        ("DTSTART:20261123T090000\r\nSUMMARY:TEST-A\r\nRRULE:FREQ=WEEKLY", "répète"),
        ("DTSTART:20261123T090000\r\nSUMMARY:TEST-A\r\nSTATUS:CANCELLED", "annulé"),
        (f"DTSTART:20261123T090000\r\nSUMMARY:TEST-{'A' * 300}", "200"),
    ],
)
def test_a_bad_appointment_is_told_by_its_line_and_bars_no_other(event: str, why: str) -> None:
    good = "DTSTART:20261123T100000\r\nSUMMARY:TEST-BON Léa"
    agenda = read(calendar(good, event, good))
    assert len(agenda.lines) == 2
    (refused,) = agenda.refused
    assert refused.number == 8
    assert why in refused.why
    assert "TEST" not in refused.why


def test_a_file_that_is_cut_off_tells_it() -> None:
    whole = calendar("DTSTART:20261123T090000\r\nSUMMARY:TEST-A Léa", "DTSTART:20261123T100000\r\nSUMMARY:TEST-B Noé")
    agenda = read(whole[: whole.index("TEST-B") + 6])
    assert [line.expected.family for line in agenda.lines] == ["TEST-A"]
    assert "incomplet" in agenda.refused[0].why


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            [
                "BEGIN:VEVENT",
                "END:VEVENT",
                "SUMMARY:TEST-A",
                " x",
                "DTSTART:20261123T090000",
                ":",
                "\\",
                "END:X",
                "é;=:",
            ]
        )
    )
)
def test_whatever_it_holds_it_is_read(junk: list[str]) -> None:
    agenda = read("\n".join(["BEGIN:VCALENDAR", *junk]))
    assert len(agenda.lines) + len(agenda.refused) <= junk.count("BEGIN:VEVENT")
