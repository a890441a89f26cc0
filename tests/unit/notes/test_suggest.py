"""Suggestions end or correct a word; the doctor chooses, and nothing misspelled is coded by itself."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop import notes
from dmp_desktop.domain.notes import OwnTerm, ProposalKind

OWN = OwnTerm("metabo", ProposalKind.PROBLEM, "E88.9", "2.16.840.1.113883.6.3", "Syndrome métabolique")


@pytest.mark.parametrize(
    ("typed", "term"),
    [
        ("metfor", "metformine"),
        ("metformne", "metformine"),
        ("Amoxiciline", "amoxicilline"),
        ("dolipranne", "doliprane"),
        ("lévothyr", "levothyrox"),
        ("pneumopatie", "pneumopathie"),
    ],
)
def test_suggested(typed: str, term: str) -> None:
    assert term in [item.term for item in notes.suggest(typed)]


@pytest.mark.parametrize("typed", ["", " ", "a", "xqzwkv", "x" * 61])
def test_nothing_to_suggest(typed: str) -> None:
    assert notes.suggest(typed) == ()


def test_own_terms_come_first() -> None:
    found = notes.suggest("met", own_terms=(OWN,))
    assert (found[0].term, found[0].label) == ("metabo", "Syndrome métabolique")
    assert len(found) == 5
    assert len(notes.suggest("met", limit=2)) == 2


def test_a_misspelled_name_is_not_read() -> None:
    assert [item for item in notes.propose("metformne 1 g 2/j") if item.kind is ProposalKind.TREATMENT] == []


@given(st.text(max_size=70))
def test_any_word(word: str) -> None:
    assert all(item.code is None or item.code for item in notes.suggest(word))


@pytest.mark.alone
def test_within_the_pause_of_a_keystroke() -> None:
    notes.suggest("amoxiciline")
    words = ["metformne", "amoxiciline", "hypertention", "dolipranne", "levotirox"] * 10
    started = time.process_time()
    for word in words:
        notes.suggest(word)
    assert (time.process_time() - started) / len(words) < 0.005
