"""What is pasted: a patient goes to the inbox, anything else is a note; nothing, or what cannot be read, is told."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.note_file import MAX_CHARACTERS
from dmp_desktop.exchange.note_html import html_note
from dmp_desktop.services.context_inbox import ContextInbox
from dmp_desktop.services.pasted import Pasted, PasteDesk
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.sealing import Seal
from tests.helpers.calls import PATIENT, form
from tests.helpers.clock import FakeClock, SeededEntropy
from tests.helpers.contexts import context
from tests.unit.services.test_call_door import DOCTOR

NOTE = "Toux depuis trois jours.\nAuscultation : {claire}, SpO2 98 %."
RTF = rb"{\rtf1\ansi\ansicpg1252 Toux depuis trois jours, \'e9coute claire.\par {\pict\pngblip 00}}"


class World:
    def __init__(self, place: Path) -> None:
        self.clock = FakeClock()
        self.who: SignedIn | None = DOCTOR
        self.inbox = ContextInbox(place / "contextes", Seal(b"k" * 32, "received"), self.clock, SeededEntropy())
        self.desk = PasteDesk(self.inbox, lambda: self.who, self.clock)

    def refused(self, pasted: Pasted) -> ContextError:
        with pytest.raises(ContextError) as refused:
            self.desk.take(pasted)
        assert self.inbox.waiting() == ()
        return refused.value


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path)


def test_a_context_is_proposed_with_or_without_its_note(world: World) -> None:
    assert world.desk.take(Pasted(f"\n {json.dumps(context(), indent=1)}\n")) is None
    (one,) = world.inbox.waiting()
    assert (one.note, one.context.patient.ins.status) == ("", InsStatus.QUALIFIEE)
    assert world.desk.take(Pasted(json.dumps({"context": context(), "note": NOTE}))) is None
    assert [found.note for found in world.inbox.waiting()] == ["", NOTE]


@pytest.mark.parametrize(
    "told",
    [
        form().decode(),
        "\r\n".join(f"{name} = {value}" for name, value in PATIENT.items()),
        f"\t{form(Situation=None).decode()}\n",
    ],
)
def test_the_national_names_are_proposed_for_who_is_signed_in(world: World, told: str) -> None:
    assert world.desk.take(Pasted(told)) is None
    (one,) = world.inbox.waiting()
    assert (one.context.patient.birth_given, one.context.professional) == ("MARIE CLAUDE", DOCTOR.professional)
    world.inbox.drop(one.id)
    world.who = None
    assert world.refused(Pasted(told)).code == "call-nobody"


def test_accents_of_lines_are_kept(world: World) -> None:
    told = PATIENT | {"Patient.name.given": "ZOÉ"}
    assert world.desk.take(Pasted("\n".join(f"{name}={value}" for name, value in told.items()))) is None
    assert world.inbox.waiting()[0].context.patient.birth_given == "ZOÉ"


def test_what_is_wrong_with_a_patient_is_told_and_is_no_note(world: World) -> None:
    assert world.refused(Pasted(json.dumps(context(birth_date="hier")))).field == "patient.birth_date"
    assert world.refused(Pasted(json.dumps({"context": context(), "note": "\ud800"}))).field == "note"
    assert world.refused(Pasted(form(Patient__gender="?").decode())).field == "Patient.gender"
    assert world.refused(Pasted("Patient.identifier.value=1")).field == "Patient.identifier.system"


@pytest.mark.parametrize("text", [NOTE, "{claire} et sans râle", '{"tension": "13/8"}', "[1]", "{" * 3000])
def test_any_other_text_is_a_note_word_for_word(world: World, text: str) -> None:
    note = world.desk.take(Pasted(text))
    assert note is not None
    assert (note.text, note.doubts, world.inbox.waiting()) == (text, (), ())


def test_a_note_as_rtf_or_html_where_there_is_no_text_tells_what_was_left_out(world: World) -> None:
    note = world.desk.take(Pasted(rtf=RTF))
    assert note is not None
    assert note.text.strip() == "Toux depuis trois jours, écoute claire."
    assert any("image" in doubt for doubt in note.doubts)
    note = world.desk.take(
        Pasted(html="<html><body><p>Toux&nbsp;: 3&nbsp;jours<br>SpO2 &lt; 98</p><img src='x'></body></html>")
    )
    assert note is not None
    assert note.text == "Toux : 3 jours\nSpO2 < 98"
    assert any("image" in doubt for doubt in note.doubts)


@pytest.mark.parametrize(
    "pasted", [Pasted(), Pasted(" \n\t"), Pasted(html="<p> </p><script>x</script>"), Pasted(rtf=rb"{\rtf1 }")]
)
def test_nothing_to_take_is_told(world: World, pasted: Pasted) -> None:
    assert world.refused(pasted).code == "paste-none"


def test_what_is_too_long_or_no_text_is_told(world: World) -> None:
    assert world.refused(Pasted("x" * (MAX_CHARACTERS + 1))).code == "note-size"
    assert world.refused(Pasted(html="x" * (MAX_CHARACTERS + 1))).code == "note-size"
    assert world.refused(Pasted("a\x00b")).code == "note-encoding"
    assert world.refused(Pasted("a\ud800b")).code == "note-encoding"


@pytest.mark.parametrize(
    ("html", "text", "left_out"),
    [
        ("<!--StartFragment--><ul><li>un</li><li>deux</li></ul>", "un\n\ndeux", set()),
        ("<table><tr><td>TA</td><td>13/8</td></tr></table>", "TA\t13/8", set()),
        ("<head><title>x</title><style>p{}</style></head>a<del>b</del>c", "ac", {"texte barré"}),
        ("a<script>alert('<p>')</script>b<iframe src=x></iframe>", "ab", {"objet"}),
        ("a < b & c", "a < b & c", set()),
        ("<p>a\n  b</p>", "a b", set()),
    ],
)
def test_the_words_of_html(html: str, text: str, left_out: set[str]) -> None:
    assert html_note(html) == (text, left_out)


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from(["<p>", "</p>", "<del>", "</", "<!", "<![", "&#x", "a", "<script>"])).map("".join)
)
@example("<![CDATA[")
@example("<!DOCTYPE [")
@example("&#1114112;")
def test_no_html_makes_it_fail(html: str) -> None:
    text, _left_out = html_note(html)
    assert text == text.strip()


@given(text=st.text(max_size=200), rtf=st.binary(max_size=60), html=st.text(max_size=60))
def test_whatever_is_pasted_is_a_note_or_a_refusal(tmp_path_factory, text: str, rtf: bytes, html: str) -> None:
    world = World(tmp_path_factory.getbasetemp() / "never-written")
    with contextlib.suppress(ContextError):
        note = world.desk.take(Pasted(text, rtf, html))
        assert note is not None
        assert note.text.strip()
    assert world.inbox.waiting() == ()
