"""What says nothing, or nothing new, is refused before it is kept; what is not known is not called the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.documents import BuiltDocument, Code, DocumentFormat, Visibility
from dmp_desktop.errors import ContextError
from dmp_desktop.services.documents import PatientCache
from dmp_desktop.services.feeding import FeedingRules
from dmp_desktop.services.former_documents import FormerDocuments
from dmp_desktop.services.kept_list import KeptList, pack
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.visibility import VisibilityRules
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.wiring.core import contents_of
from tests.helpers.clock import FakeClock, SeededEntropy
from tests.helpers.documents import NOTE, NOW, full_context
from tests.helpers.fake_repository import FakeDmpRepository
from tests.helpers.outbox import AUTHOR, KEY, SOURCE_ID, Everyone, open_store
from tests.helpers.owned import seals_of
from tests.helpers.versions import FIRST, SECOND, THIRD, TWO_DAYS, emptied, version

PATIENT = full_context().patient
AT_ONCE = timedelta(0)
MASKED = frozenset((Visibility.MASQUE_PS,))


class Workstation:
    def __init__(self, folder: Path) -> None:
        self.dmp, clock = FakeDmpRepository(), FakeClock()
        self.files, store = open_store(folder / "outbox.db")
        self.database = Database.open(folder / "a.db", KEY)
        self.cache = PatientCache(CacheStore(self.database, Seal(KEY, "cache"), seals_of(KEY), clock))
        former = FormerDocuments(store, self.cache, entry_from_cda, lambda: AUTHOR)
        self.outbox = OutboxService(
            store,
            lambda _author: self.dmp,
            entry_from_cda,
            source_id=SOURCE_ID,
            clock=clock,
            entropy=SeededEntropy(),
            liveness=Everyone(),
            contents=contents_of(former),
            rules=FeedingRules(may_show=lambda patient, hidden: VisibilityRules().check(patient, hidden, NOW.date())),
        )

    def send(self, document: BuiltDocument, visibility: frozenset[Visibility] = frozenset()) -> None:
        self.outbox.enqueue(PATIENT, document, visibility, undo_delay=AT_ONCE)
        self.outbox.deliver_due()

    def read(self, document: BuiltDocument, visibility: frozenset[Visibility] = frozenset()) -> None:
        """As the doctor read it in the record, which tells who may not see it."""
        entry = entry_from_cda(document.cda)
        restricted = (Code(one.code, "1.2.250.1.213.1.1.4.13") for one in visibility)
        listed = replace(entry, confidentiality=(*entry.confidentiality, *restricted))
        self.cache.put(PATIENT, document.unique_id, document.cda)
        self.cache.put_list(PATIENT, AUTHOR, pack(KeptList((listed,), NOW, NOW, None)))


@pytest.fixture
def workstation(tmp_path: Path) -> Iterator[Workstation]:
    workstation = Workstation(tmp_path)
    yield workstation
    workstation.files.close()
    workstation.database.close()


def test_an_empty_document_is_not_kept(workstation: Workstation) -> None:
    empty = emptied(version(form=DocumentFormat.PDF))
    with pytest.raises(ContextError) as refused:
        workstation.outbox.enqueue_cda(PATIENT, empty)
    assert (refused.value.code, refused.value.message_fr) == (
        "outbox-empty",
        "Ce document est vide : il n'a pas été envoyé.",
    )
    assert refused.value.remedy_fr
    with pytest.raises(ContextError):
        list(workstation.outbox.enqueue_files([(PATIENT, version(SECOND).cda), (PATIENT, empty)]))
    assert workstation.outbox.items() == [], "not one of a lot is kept"


def test_the_same_words_again_are_not_sent_in_place_of_those_that_left(workstation: Workstation) -> None:
    workstation.send(version())
    again = version(SECOND, replaces=FIRST, made=NOW + TWO_DAYS, act="2026-11-22T11:40:00+01:00")
    with pytest.raises(ContextError) as refused:
        workstation.send(again)
    assert refused.value.code == "outbox-same"
    assert "exactement la même chose" in refused.value.message_fr
    with pytest.raises(ContextError):
        workstation.send(version(SECOND, replaces=FIRST, made=NOW + TWO_DAYS), frozenset())
    workstation.send(again, MASKED)  # who may see it is another matter
    assert [item.unique_id for item in workstation.outbox.items()] == [SECOND, FIRST]


@pytest.mark.parametrize("here", [True, False])
def test_a_file_that_replaces_what_is_hidden_is_hidden_too(workstation: Workstation, *, here: bool) -> None:
    if here:
        workstation.send(version(), MASKED)
    else:
        workstation.read(version(), MASKED)
    revised = workstation.outbox.enqueue_cda(PATIENT, version(SECOND, f"{NOTE}Vu.", replaces=FIRST).cda)
    assert revised.visibility == MASKED
    other = frozenset((Visibility.INVISIBLE_PATIENT,))
    asked = workstation.outbox.enqueue_cda(PATIENT, version(THIRD, f"{NOTE}Revu.", replaces=FIRST).cda, other)
    assert asked.visibility == other, "what was asked for wins"


def test_what_the_dmp_has_masked_and_invisible_is_replaced_by_what_is_both(workstation: Workstation) -> None:
    """Refused for a new document as long as the DMP is said to take only one of them; a new version would have to show itself."""
    both = frozenset((Visibility.MASQUE_PS, Visibility.INVISIBLE_PATIENT))
    with pytest.raises(ContextError, match="visibility"):
        workstation.outbox.enqueue(PATIENT, version(), both)
    with pytest.raises(ContextError, match="visibility"):
        workstation.outbox.enqueue(PATIENT, version(SECOND, f"{NOTE}Vu.", replaces=FIRST), both)
    workstation.read(version(), both)
    kept = workstation.outbox.enqueue(PATIENT, version(SECOND, f"{NOTE}Vu.", replaces=FIRST), both)
    assert kept.visibility == both


def test_each_version_is_compared_with_the_one_it_replaces(workstation: Workstation) -> None:
    workstation.send(version())
    workstation.send(version(SECOND, f"{NOTE}Vu.", replaces=FIRST))
    workstation.send(version(THIRD, replaces=SECOND))  # the first words again
    assert len(workstation.outbox.items()) == 3


def test_a_file_whose_time_of_act_was_corrected_leaves(workstation: Workstation) -> None:
    workstation.send(version())
    corrected = version(SECOND, replaces=FIRST, act="2026-11-19T10:05:00+01:00")
    workstation.outbox.enqueue_cda(PATIENT, corrected.cda)
    with pytest.raises(ContextError, match="outbox-same"):
        workstation.outbox.enqueue_cda(PATIENT, version(THIRD, replaces=FIRST, made=NOW + TWO_DAYS).cda)


def test_one_that_was_read_in_the_record_is_known(workstation: Workstation) -> None:
    again = version(SECOND, replaces=FIRST)
    workstation.read(version(), MASKED)
    workstation.outbox.enqueue(PATIENT, again)  # it is to be seen by all again
    with pytest.raises(ContextError, match="outbox-same"):
        workstation.outbox.enqueue(PATIENT, version(THIRD, replaces=FIRST), MASKED)


def test_what_the_dmp_says_of_who_may_see_it_counts_more_than_what_left_from_here(workstation: Workstation) -> None:
    workstation.send(version())
    workstation.read(version(), MASKED)  # masked since
    with pytest.raises(ContextError, match="outbox-same"):
        workstation.outbox.enqueue(PATIENT, version(SECOND, replaces=FIRST), MASKED)
    workstation.outbox.enqueue(PATIENT, version(SECOND, replaces=FIRST))


def test_one_that_is_not_known_here_is_not_called_the_same(workstation: Workstation) -> None:
    workstation.outbox.enqueue(PATIENT, version(SECOND, replaces=FIRST))
    workstation.cache.put(PATIENT, FIRST, version().cda)  # who may see it is not known
    workstation.outbox.enqueue(PATIENT, version(THIRD, replaces=FIRST))
    assert len(workstation.outbox.items()) == 2
