"""The doctor's own abbreviations, over the real encrypted store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.domain.notes import Proposal, ProposalKind
from dmp_desktop.errors import CardError, ContextError
from dmp_desktop.services.own_terms import OwnTerms
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal
from tests.helpers.outbox import KEY

RHINO = Proposal(ProposalKind.PROBLEM, "Rhinopharyngite", 0, 2, "rp", code="J00", system="2.16.840.1.113883.6.3")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PreferenceStore]:
    with Database.open(tmp_path / "a.db", KEY) as database:
        yield PreferenceStore(database, Seal(KEY, "preference"))


def test_learned_once_known_at_the_next_start(store: PreferenceStore) -> None:
    OwnTerms(store, lambda: "8100").learn("  rp  x ", RHINO)
    (term,) = OwnTerms(store, lambda: "8100").terms()
    assert (term.term, term.code, term.label, term.kind) == ("rp x", "J00", "Rhinopharyngite", ProposalKind.PROBLEM)
    assert OwnTerms(store, lambda: "8200").terms() == ()
    assert OwnTerms(store, lambda: None).terms() == ()


def test_the_last_meaning_counts(store: PreferenceStore) -> None:
    terms = OwnTerms(store, lambda: "8100")
    terms.learn("rp", RHINO)
    terms.learn("RP", Proposal(ProposalKind.PROBLEM, "Rectorragie", 0, 2, "RP", code="K62.5"))
    assert [(term.term, term.label) for term in terms.terms()] == [("RP", "Rectorragie")]


def test_another_doctor_s_terms_are_not_hers(store: PreferenceStore) -> None:
    signed_in = ["8100"]
    terms = OwnTerms(store, lambda: signed_in[0])
    terms.learn("rp", RHINO)
    signed_in[0] = "8200"
    assert terms.terms() == ()


@pytest.mark.parametrize("term", ["", " ", "x", "12", "x" * 61])
def test_what_is_no_abbreviation(store: PreferenceStore, term: str) -> None:
    with pytest.raises(ContextError):
        OwnTerms(store, lambda: "8100").learn(term, RHINO)


def test_nobody_signed_in(store: PreferenceStore) -> None:
    with pytest.raises(CardError):
        OwnTerms(store, lambda: None).learn("rp", RHINO)
