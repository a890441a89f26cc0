"""Agendas as iCalendar: moments in their zone, names without the reason of the visit, what is cut off told."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.agenda import MAX_BYTES, MAX_LINES, Agenda
from dmp_desktop.exchange.agenda_ics import UNREAD
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
        "DTSTART;TZID=Romance Standard Time:20261123T090000",
        "DTSTART;TZID=Europe/Paris:20261123T080000Z",
    ],
)
def test_a_moment_is_the_same_however_it_is_written(start: str) -> None:
    (line,) = read(calendar(f"UID:1@agenda\r\n{start}\r\nSUMMARY:TEST-MARTIN Léa")).lines
    assert line.expected.at == NINE
    assert line.day == TODAY
    assert line.expected.uid == "1@agenda"


OWN = """BEGIN:VTIMEZONE
TZID:Cabinet\\, fuseau
 de Paris
X-LIC-LOCATION:Ailleurs
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
""".replace("\n", "\r\n")
"""Made up for this test: a name that nobody else gives, folded, with a comma; as Outlook and the practice software write theirs."""


def described(zone: str, *starts: str) -> Agenda:
    events = [f'DTSTART;TZID="{name}":{at}\r\nSUMMARY:TEST-A' for name, _, at in (one.partition("@") for one in starts)]
    head, events_too = "VERSION:2.0\r\n", calendar(*events)
    return read(events_too.replace(head, head + zone))


def test_a_zone_that_the_file_describes_itself_is_followed_through_the_year() -> None:
    name = "Cabinet, fuseaude Paris"
    agenda = described(OWN, f"{name}@20261123T090000", f"{name}@20260701T090000", f"{name}@20261025T120000")
    assert not agenda.refused
    assert [line.expected.at for line in agenda.lines] == [
        NINE,
        datetime(2026, 7, 1, 9, 0, tzinfo=PARIS),
        datetime(2026, 10, 25, 12, 0, tzinfo=PARIS),
    ]


def test_a_zone_of_one_file_is_unknown_to_the_next_one_and_another_there() -> None:
    name = "Cabinet, fuseaude Paris"
    described(OWN, f"{name}@20261123T090000")
    assert "fuseau" in read(calendar(f'DTSTART;TZID="{name}":20261123T090000\r\nSUMMARY:TEST-A')).refused[0].why
    (line,) = described(OWN.replace("+0200", "+0900").replace("+0100", "+0900"), f"{name}@20261123T170000").lines
    assert line.expected.at == NINE


@pytest.mark.parametrize(
    ("zone", "changed"),
    [
        (OWN.replace("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "FREQ=SECONDLY"), "counted for hours"),
        (OWN.replace("BYMONTH=10", "BYMONTH=10;BYHOUR=1;BYMINUTE=1"), "more than Outlook says"),
        (OWN.replace("+0100", "+9999"), "no such offset"),
        (OWN.replace("TZOFFSETTO:+0100\r\n", ""), "half a description"),
        (OWN.replace("END:VTIMEZONE", ""), "cut off"),
        (OWN + OWN.replace("+0100", "+0500"), "described in two ways"),
    ],
)
def test_a_zone_that_is_broken_stays_unknown_and_bars_no_other(zone: str, changed: str) -> None:
    agenda = described(zone, "Cabinet, fuseaude Paris@20261123T090000", "Europe/Paris@20261123T090000")
    assert [line.expected.at for line in agenda.lines] == [NINE], changed
    assert "fuseau" in agenda.refused[0].why


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
        ("DTSTART;TZID=../../etc/passwd:20261123T090000\r\nSUMMARY:TEST-A", "fuseau"),
        ("DTSTART;TZID=Europe:20261123T090000\r\nSUMMARY:TEST-A", "fuseau"),
        ("DTSTART;TZID=America/New_York:99991231T235959\r\nSUMMARY:TEST-A", "moment"),
        ("DTSTART;VALUE=PERIOD:20261123T080000Z/PT1H\r\nSUMMARY:TEST-A", "moment"),
        ("DTSTART:20261123T080000Z\r\nDTSTART:20261123T090000Z\r\nSUMMARY:TEST-A", "moment"),
        ("DTSTART:20261123T080000Z\r\nBEGIN:VALARM\r\nSUMMARY:TEST-A", "lisible"),
        ("DTSTART:20261123T080000Z\r\nEND:X\r\nSUMMARY:TEST-A", "lisible"),
        ("DTSTART:20261123T090000", "nom"),
        ("DTSTART:20261123T090000\r\nSUMMARY:TEST-A\r\nRDATE:20261124T090000", "répète"),
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


def test_a_rendezvous_without_an_end_does_not_take_the_next_one_with_it() -> None:
    whole = calendar("DTSTART:20261123T090000\r\nSUMMARY:TEST-A Léa", "DTSTART:20261123T100000\r\nSUMMARY:TEST-B Noé")
    agenda = read(whole.replace("END:VEVENT\r\n", "", 1))
    assert [line.expected.family for line in agenda.lines] == ["TEST-B"]
    assert [(one.number, "incomplet" in one.why) for one in agenda.refused] == [(4, True)]


def test_what_was_said_first_holds_and_a_line_that_says_nothing_is_told() -> None:
    text = "UID:1\r\nUID:2\r\nDTSTART:20261123T090000\r\nSUMMARY:TEST-A Léa\r\nSUMMARY:TEST-B Noé\r\nné;=:"
    agenda = read(calendar(text))
    (line,) = agenda.lines
    assert (line.expected.family, line.expected.uid) == ("TEST-A", "1")
    assert agenda.left_out == (UNREAD,)


def test_nothing_is_opened_that_the_file_names(tmp_path: Path) -> None:
    """The package takes a text of one line for the path of a file."""
    other = tmp_path / "autre.ics"
    other.write_text(calendar("DTSTART:20261123T090000\r\nSUMMARY:TEST-AUTRE Léa"))
    for text in (f"BEGIN:VCALENDAR {other}", f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{other}\nEND:VEVENT"):
        assert not any(line.expected.family == "TEST-AUTRE" for line in read(text).lines)


def test_too_many_and_too_much_are_refused_before_anything_is_read() -> None:
    with pytest.raises(ContextError, match="agenda-lines"):
        read("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nEND:VEVENT\n" * (MAX_LINES + 1))
    with pytest.raises(ContextError, match="agenda-size"):
        read("BEGIN:VCALENDAR\n" + "x" * MAX_BYTES)


REAL = calendar(
    "UID:1@agenda\r\nDTSTAMP:20261101T080000Z\r\nDTSTART;TZID=Europe/Paris:20261123T090000\r\nDURATION:PT15M\r\n"
    'SUMMARY:TEST-MARTIN Léa né(e) le 12/03/1985\\, suivi\r\nORGANIZER;CN="Dr DUPONT":mailto:a@b.fr\r\n'
    "RRULE:FREQ=DAILY;COUNT=2\r\nEXDATE:20261124T090000\r\nGEO:48.1;2.3\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:QQ==\r\n"
    "BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nACTION:DISPLAY\r\nEND:VALARM"
).encode()


@settings(max_examples=400)
@given(st.data())
def test_no_file_that_was_damaged_stops_it(data: st.DataObject) -> None:
    """Bytes changed, cut out, doubled, put elsewhere: it is read, or refused in our words."""
    raw = bytearray(REAL)
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 40)))
        piece = data.draw(
            st.one_of(
                st.binary(max_size=4),
                st.just(bytes(raw[start:end]) * 2),
                st.sampled_from(
                    [b"\r\n", b"BEGIN:VTIMEZONE\r\n", b";TZID=", b"99999999999", b"\xff", b"\x00", b",", b'"', b"^n"]
                ),
            )
        )
        raw[start:end] = piece
    try:
        agenda = read_agenda(bytes(raw), TODAY, local)
    except ContextError as why:
        assert why.remedy_fr  # noqa: PT017 - either is well
        return
    assert len(agenda.lines) + len(agenda.refused) <= MAX_LINES
    assert all("TEST" not in one.why for one in agenda.refused)


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
