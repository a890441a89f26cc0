"""The note goes out word for word, in every kind of document, whatever is ticked and whatever it is made of."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dmp_desktop import notes
from dmp_desktop.cda.build import build
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.build.plan import DocumentPlan
from dmp_desktop.cda.build.text import is_blank
from dmp_desktop.cda.check import Severity, check
from dmp_desktop.cda.read import text_from_cda
from dmp_desktop.domain.documents import DocumentFormat
from dmp_desktop.errors import DmpDesktopError
from tests.helpers.documents import NOTE
from tests.helpers.kinds import plans, request_of

C = "{urn:hl7-org:v3}"
STRUCTURED = [plan for plan in plans() if plan.sections is not None]
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2
FRAGMENTS = [
    "TA 14/8, FC 72",
    "HTA, DT2",
    "Allergie : pénicilline (urticaire)",
    "Rx : metformine 1000 1 matin 1 soir",
    "pas de fièvre",
    "Père : infarctus",
    "vaccin grippe fait ce jour lot A12",
    "HbA1c 7,8 %",
    "<b>&amp;]]>\"'",
    "{note} {!note} %s",
    "😀 œuf \u00a0≥ 3 e\u0301",
    "\r\n",
    "\r",
    "\n\n",
    "\t",
    "\x00\x0b\ud800\ufffe",
    "\u2028\u0085\u200b",
]
noted = st.one_of(
    st.text(alphabet=st.characters(), min_size=1, max_size=200),
    st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=12).map(" ".join),
).filter(lambda note: not is_blank(note))
every_kind = pytest.mark.parametrize("plan", STRUCTURED, ids=lambda plan: plan.kind.value)


def expected(note: str) -> str:
    return FORBIDDEN.sub("\ufffd", note).replace("\r\n", "\n").replace("\r", "\n")


def narrative(cda: bytes) -> str:
    """The note as one section holds it, `br` as line ends."""
    (content,) = (
        item
        for text in etree.fromstring(cda).iter(f"{C}text")
        for item in text.iter(f"{C}content")
        if item.get("ID") == "note"
    )
    for element in content.iter(f"{C}br"):
        element.text = "\n"
    return "".join(map(str, content.itertext()))


def document(plan: DocumentPlan, note: str, *, accept: bool = True) -> bytes:
    """With everything ticked, or nothing; with nothing where a fact could hold a character XML forbids (see the last test)."""
    accept = accept and FORBIDDEN.search(note) is None
    return assemble(request_of(plan, DocumentFormat.STRUCTURED, "full", accept=accept, note=note), None).cda


@every_kind
@pytest.mark.parametrize("accept", [True, False], ids=["all", "none"])
@pytest.mark.parametrize("note", [NOTE, *FRAGMENTS[8:11], "  deux  espaces\tet tabulation \n\n fin ", "a\r\nb\rc\nd"])
def test_every_character(plan: DocumentPlan, note: str, accept: bool) -> None:
    assert narrative(document(plan, note, accept=accept)) == expected(note)


@every_kind
@settings(max_examples=60, deadline=None)
@given(note=noted)
def test_any_note(plan: DocumentPlan, note: str) -> None:
    cda = document(plan, note)
    assert narrative(cda) == expected(note)
    assert [finding for finding in check(cda) if finding.severity is Severity.ERROR] == []


@pytest.mark.slow
@every_kind
def test_note_of_50_kb(plan: DocumentPlan) -> None:
    chance = random.Random(7)
    note = ""
    while len(note.encode("utf-8", "replace")) < 50_000:
        note += chance.choice(FRAGMENTS) + chance.choice((" ", ". ", "\n"))
    assert narrative(document(plan, note)) == expected(note)


@every_kind
def test_replaced_characters_are_told(plan: DocumentPlan) -> None:
    built = assemble(request_of(plan, DocumentFormat.STRUCTURED, "full", note="toux\x00\x0b\ud800\ufffe fin"), None)
    assert any("4 caractère(s)" in warning for warning in built.warnings)
    assert "4 caractère(s)" in built.cda.decode()


@every_kind
@pytest.mark.parametrize("note", ["", " \t\r\n", "\u00a0\u2003"])
def test_empty_note(plan: DocumentPlan, note: str) -> None:
    """Refused by its name, or a document without a note where the kind allows it."""
    request = request_of(plan, DocumentFormat.STRUCTURED, "full", note=note)
    if not plan.note_optional:
        with pytest.raises(DmpDesktopError) as refusal:
            assemble(request, None)
        assert getattr(refusal.value, "path", None) == "note"
        return
    cda = assemble(request, None).cda
    assert b'ID="note"' not in cda
    assert [finding for finding in check(cda) if finding.severity is Severity.ERROR] == []


@pytest.mark.parametrize("plan", plans(), ids=lambda plan: plan.kind.value)
def test_every_word_is_in_the_text_layer(plan: DocumentPlan) -> None:
    request = request_of(plan, DocumentFormat.PDF, "full")
    words = set(re.findall(r"\w+", request.note))
    assert words <= set(re.findall(r"\w+", text_from_cda(build(request).cda)))


def test_spans_that_lie_are_never_followed() -> None:
    """Proposals of another note, or beyond this one, change nothing of its words."""
    (plan,) = (plan for plan in STRUCTURED if plan.kind.value == "consultation")
    request = request_of(plan, DocumentFormat.STRUCTURED, "full", note="Toux.")
    foreign = tuple(item.ticked(True) for item in notes.propose(NOTE))
    assert narrative(assemble(replace(request, proposals=foreign), None).cda) == "Toux."


@pytest.mark.parametrize("plan", [plan for plan in STRUCTURED if plan.topics], ids=lambda plan: plan.kind.value)
def test_forbidden_character_in_a_ticked_fact(plan: DocumentPlan) -> None:
    note = "Allergie : péni\x08 toux"
    request = request_of(plan, DocumentFormat.STRUCTURED, "full", note=note)
    assert narrative(assemble(request, None).cda) == expected(note)
