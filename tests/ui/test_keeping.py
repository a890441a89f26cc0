"""What the workstation keeps is erased on demand, for one patient or for all, with the real encrypted cache behind the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.services.documents import PatientCache
from dmp_desktop.services.dossier import DossierService
from dmp_desktop.services.opened import OpenedDocument
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from tests.helpers.clock import FakeClock
from tests.helpers.fake_repository import FakeDmpRepository
from tests.helpers.outbox import KEY
from tests.helpers.owned import seals_of
from tests.ui import fakes


class KeptDossier(fakes.FakeDossier):
    """Reads invented documents; what is kept of them is the real service's, over a real cache."""

    def __init__(self, service: DossierService) -> None:
        super().__init__()
        self.service = service

    def forget_patient(self, patient: Patient) -> None:
        self.service.forget_patient(patient)

    def clear(self) -> None:
        self.service.clear()


@pytest.fixture
def store(tmp_path) -> Iterator[CacheStore]:
    """A real cache that holds a document of two patients."""
    with Database.open(tmp_path / "a.db", KEY) as database:
        store = CacheStore(database, Seal(KEY, "cache"), seals_of(KEY), FakeClock())
        for one in (fakes.LEA, fakes.PAUL):
            store.put(one.ins.value, f"1.2.{one.ins.value}", b"<ClinicalDocument/>")
        yield store


@pytest.fixture
def dossier(store) -> KeptDossier:
    def shown(entry: DocumentEntry, content: bytes, *_others: object) -> OpenedDocument:
        return OpenedDocument(entry, content.decode())

    cache, me = PatientCache(store), fakes.DOCTOR.national_id
    return KeptDossier(DossierService(FakeDmpRepository, cache, shown, lambda: me, FakeClock()))


@pytest.fixture
def kept(bench, qtbot, store) -> CacheStore:
    """The window's own record is Léa's."""
    bench.open(qtbot)
    bench.window.page.go(2)
    return store


def held(store: CacheStore) -> list[bool]:
    return [bool(store.ids(one.ins.value)) for one in (fakes.LEA, fakes.PAUL)]


def test_the_open_record_is_erased_once_confirmed(bench, qtbot, kept):
    keeping = bench.window.page.documents.keeping
    keeping.forget_one.trigger()
    assert keeping.isVisible()
    assert "ce patient" in keeping.words.text()
    assert "DMP ne change pas" in keeping.words.text()
    keeping.no.click()
    assert not keeping.isVisible()
    assert held(kept) == [True, True]
    keeping.forget_one.trigger()
    keeping.erase.click()
    qtbot.waitUntil(lambda: bench.window.notices.what.text == viewer_fr.PATIENT_FORGOTTEN)
    assert held(kept) == [False, True]


def test_the_whole_cache_is_erased_once_confirmed(bench, qtbot, kept):
    keeping = bench.window.page.documents.keeping
    keeping.forget_all.trigger()
    assert "tous les patients" in keeping.words.text()
    assert held(kept) == [True, True]
    keeping.erase.click()
    qtbot.waitUntil(lambda: bench.window.notices.what.text == viewer_fr.CACHE_CLEARED)
    assert held(kept) == [False, False]


def test_a_question_about_one_patient_is_taken_back_with_the_record(bench, qtbot, kept):
    keeping = bench.window.page.documents.keeping
    keeping.forget_one.trigger()
    bench.window.session.close_patient()
    qtbot.waitUntil(lambda: bench.window.record.patient is None)
    assert not keeping.isVisible()
    assert not keeping.forget_one.isEnabled()
    keeping.erase.click()
    assert held(kept) == [True, True]
