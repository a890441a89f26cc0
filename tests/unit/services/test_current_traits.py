"""A document carries the traits known when it is built; the INS it is for never changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dmp_desktop.domain.identity import DocumentCheck, DocumentKind, Identity, StrictTraits
from dmp_desktop.domain.ins import OID_INS_NIR, OID_INS_TEST
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Sex
from dmp_desktop.errors import ContextError
from dmp_desktop.services.current_traits import current_traits
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import START, FakeClock
from tests.helpers.outbox import KEY, PATIENT

TRAITS = StrictTraits("TEST-PATIENTE", "MARIE", "MARIE ZOE", Sex.FEMALE, date(1979, 3, 12), "75112")
QUALIFIED = Identity(
    TRAITS, DocumentCheck(DocumentKind.PASSPORT, START, "810002422979"), Matricule(PATIENT.ins.value, OID_INS_TEST)
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IdentityStore]:
    with Database.open(tmp_path / "a.db", KEY) as database:
        yield IdentityStore(database, Seal(KEY, "identity"), FakeClock())


def test_the_traits_of_the_one_qualified_here_under_this_ins(store: IdentityStore) -> None:
    known = current_traits(store)
    assert known(PATIENT) == PATIENT
    store.put(QUALIFIED)
    found = known(PATIENT)
    assert (found.birth_given, found.birth_place_cog, found.ins) == ("MARIE ZOE", "75112", PATIENT.ins)
    assert known(found) == found  # what was confirmed once is not asked again


def test_neither_another_number_s_nor_those_of_who_is_not_qualified(store: IdentityStore) -> None:
    store.put(QUALIFIED)
    known = current_traits(store)
    for ins in (replace(PATIENT.ins, value="285031305501233"), replace(PATIENT.ins, oid=OID_INS_NIR)):
        other = replace(PATIENT, ins=ins)
        assert known(other) == other


def test_nor_those_of_who_has_no_document(store: IdentityStore) -> None:
    """INSi told others, somebody took them: a document under the old ones is not made either."""
    other = replace(QUALIFIED, check=None)
    kept = store.put(other)
    with pytest.raises(ContextError, match=r"identity\.withdrawn"):
        current_traits(store)(PATIENT)
    store.put(replace(other, traits=StrictTraits.of(PATIENT)), former=kept)
    assert current_traits(store)(PATIENT) == PATIENT
