"""Reading a record: the right first, rows as they arrive, each document fetched once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dmp_desktop.dmp.metadata import SIGNATURE_CLASS, VISIBILITY_CODES
from dmp_desktop.dmp.names import HAS_MEMBER, RPLC
from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.documents import Association, Author, Code, DocumentEntry, SubmissionSummary, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import CardError, ContextError, DmpError
from dmp_desktop.services.documents import PatientCache
from dmp_desktop.services.dossier import DossierService
from dmp_desktop.services.listing import FIRST_ROWS, MARGIN, RECENT, WHOLE_EVERY
from dmp_desktop.services.opened import OpenedDocument
from dmp_desktop.services.record import RecordListener
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import KEY, PATIENT
from tests.helpers.owned import seals_of

ASKERS = 4
CODE = Code("10", "1.2.250.1.213.1.1.4.1", "Compte rendu")


def entry(number: int) -> DocumentEntry:
    return DocumentEntry(f"2.25.{number}", f"Document {number}", CODE, CODE, CODE, datetime(2026, 1, 1, tzinfo=UTC))


def _asked_for(entry: DocumentEntry, criteria: FindCriteria) -> bool:
    start = entry.service_start
    if start is None:
        return True
    after = criteria.service_from is None or start >= criteria.service_from
    return after and (criteria.service_to is None or start < criteria.service_to)


class Dmp:
    """The reading half of a DmpRepository, noting what it is asked."""

    def __init__(self, entries: list[DocumentEntry], authorization: Authorization = Authorization.VALIDE) -> None:
        self.entries = entries
        self.answer = DossierStatus(exists=True, authorization=authorization)
        self.asked: list[str] = []
        self.sets: list[SubmissionSummary] = []
        self.links: list[Association] = []
        self.error: DmpError | None = None

    def fail(self) -> None:
        if self.error is not None:
            raise self.error

    def status(self, patient: InsIdentity) -> DossierStatus:
        self.asked.append("status")
        self.fail()
        return self.answer

    def authorise(self, patient: InsIdentity, *, attending: bool = False) -> None:
        self.asked.append(f"authorise {attending}")
        self.answer = replace(self.answer, authorization=Authorization.VALIDE)

    def find(self, patient: InsIdentity, criteria: FindCriteria) -> Iterator[DocumentEntry]:
        self.asked.append("find")
        self.fail()
        yield from (entry for entry in self.entries if _asked_for(entry, criteria))

    def find_submissions(self, patient: InsIdentity, since: datetime) -> list[SubmissionSummary]:
        self.asked.append("sets")
        self.fail()
        return self.sets

    def find_associations(self, patient: InsIdentity, uuids: Sequence[str]) -> list[Association]:
        self.asked.append("links")
        return [link for link in self.links if link.source in uuids]

    def find_by_entry_uuid(
        self, patient: InsIdentity, uuids: Sequence[str]
    ) -> tuple[list[DocumentEntry], list[Association]]:
        self.asked.append("documents")
        links = [link for link in self.links if link.source in uuids or link.target in uuids]
        return [entry for entry in self.entries if entry.entry_uuid in uuids], links

    def retrieve(self, patient: InsIdentity, wanted: DocumentEntry) -> bytes:
        self.asked.append("retrieve")
        self.fail()
        return wanted.unique_id.encode()


class Desk:
    """A service over a real cache in a file, a DMP in memory, and a clock that moves when told."""

    def __init__(self, dmp: Dmp | None, path: Path, hours: int = 12) -> None:
        self.dmp = dmp
        self.who: str | None = "810002422979"
        self.clock = FakeClock()
        self.database = Database.open(path, KEY)
        self.store = CacheStore(self.database, Seal(KEY, "cache"), seals_of(KEY), self.clock, timedelta(hours=hours))
        self.dossier = DossierService(
            lambda: self.dmp,  # type: ignore[arg-type, return-value]
            PatientCache(self.store),
            lambda shown, content, *_: OpenedDocument(shown, content.decode()),
            lambda: self.who,
            self.clock,
            may_read=self.may_read,
        )
        self.told: list[str] = []
        self.following = Following(self.told)
        self.dossier.follow(self.following)
        self.lost = ""

    def may_read(self, ins: InsIdentity) -> None:
        if ins.value == self.lost:
            raise ContextError("identity.withdrawn", "")


class Following(RecordListener):
    def __init__(self, told: list[str]) -> None:
        self.told = told
        self.waits = 0

    def listed(self, patient: Patient, entries: Sequence[DocumentEntry]) -> None:
        self.told.append(f"listed {len(entries)}")

    def fetched(self, patient: Patient, entry: DocumentEntry, content: bytes) -> None:
        self.told.append(f"fetched {entry.unique_id}")

    def asked(self) -> None:
        self.waits += 1

    def answered(self) -> None:
        self.waits -= 1

    def dropped(self) -> None:
        self.told.append("dropped")

    def left(self) -> None:
        self.told.append("left")


Service = Callable[[Dmp | None], DossierService]


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    opened: list[Desk] = []

    def desk(dmp: Dmp | None, **options: int) -> Desk:
        opened.append(Desk(dmp, tmp_path / f"{len(opened)}.db", **options))
        return opened[-1]

    yield desk
    for one in opened:
        one.database.close()


@pytest.fixture
def service(open_desk: Callable[..., Desk]) -> Service:
    return lambda dmp: open_desk(dmp).dossier


def test_no_list_before_the_right_is_checked(service: Service) -> None:
    """Ségur DMP/UX.08."""
    dmp = Dmp([entry(1)])
    service(dmp).entries(PATIENT, lambda rows: None)
    assert dmp.asked == ["status", "find", "find"]


def test_nothing_is_read_under_a_number_that_was_taken_away(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(dmp := Dmp([entry(1)]))
    desk.dossier.entries(PATIENT)
    desk.dossier.content(PATIENT, entry(1))
    asked = list(dmp.asked)
    desk.lost = PATIENT.ins.value
    acts: tuple[Callable[[], object], ...] = (
        lambda: desk.dossier.status(PATIENT),
        lambda: desk.dossier.entries(PATIENT),
        lambda: desk.dossier.kept_list(PATIENT),
        lambda: desk.dossier.content(PATIENT, entry(1)),
        lambda: desk.dossier.fetch(PATIENT, entry(1)),
        lambda: desk.dossier.authorise(PATIENT),
    )
    for act in acts:
        with pytest.raises(ContextError, match=r"identity\.withdrawn"):
            act()
    assert dmp.asked == asked


@pytest.mark.parametrize("authorization", [Authorization.NON_EXISTE, Authorization.INTERDIT, Authorization.EXPIRE])
def test_no_list_without_the_right(service: Service, authorization: Authorization) -> None:
    dmp = Dmp([entry(1)], authorization)
    assert service(dmp).entries(PATIENT, lambda rows: None) == []
    assert dmp.asked == ["status"]


def test_consent_is_declared_and_not_asked_again(service: Service) -> None:
    dmp = Dmp([entry(1)], Authorization.NON_EXISTE)
    dossier = service(dmp)
    assert not dossier.status(PATIENT).readable
    assert dossier.authorise(PATIENT).readable
    assert dossier.entries(PATIENT, lambda rows: None) == [entry(1)]
    assert dmp.asked == ["status", "authorise False", "find", "find"]


DOWN = DmpError("DmpInjoignable", "Le DMP est injoignable.", retryable=True)


def uuids(entries: Sequence[DocumentEntry]) -> list[str]:
    return [entry.unique_id for entry in entries]


def listed(number: int, start: datetime | None = None) -> DocumentEntry:
    """A document as the registry tells it."""
    return replace(entry(number), entry_uuid=f"urn:uuid:{number}", logical_id=f"urn:uuid:{number}", service_start=start)


def deposited(dmp: Dmp, new: DocumentEntry, replaced: str = "") -> None:
    """Another professional's submission."""
    dmp.sets = [SubmissionSummary(f"set {new.unique_id}", "", datetime(2026, 1, 1, tzinfo=UTC), Author())]
    dmp.entries.append(new)
    dmp.links.append(Association(HAS_MEMBER, dmp.sets[0].entry_uuid, new.entry_uuid))
    if replaced:
        dmp.entries = [one for one in dmp.entries if one.entry_uuid != replaced]
        dmp.links.append(Association(RPLC, new.entry_uuid, replaced))


def test_the_last_two_years_come_first_then_the_older(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([])
    desk = open_desk(dmp)
    now = desk.clock.now()
    dmp.entries = [listed(1, now - RECENT - timedelta(days=1)), listed(2, now - timedelta(days=3)), listed(3)]
    batches: list[list[DocumentEntry]] = []
    assert uuids(desk.dossier.entries(PATIENT, batches.append)) == ["2.25.2", "2.25.3", "2.25.1"]
    assert [uuids(batch) for batch in batches] == [["2.25.2", "2.25.3"], ["2.25.1"]]


def test_a_consultation_may_ask_for_two_years_only_then_for_the_rest(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([])
    desk = open_desk(dmp)
    dmp.entries = [listed(1, desk.clock.now() - RECENT * 2), listed(2, desk.clock.now())]
    recent = desk.dossier.entries(PATIENT, older=False)
    assert (uuids(recent), recent.begins) == (["2.25.2"], desk.clock.now() - RECENT)
    assert dmp.asked == ["status", "find"]
    dmp.asked.clear()
    whole = desk.dossier.entries(PATIENT)
    assert (uuids(whole), whole.begins) == (["2.25.2", "2.25.1"], None)
    assert dmp.asked == ["sets", "find"]


def test_the_next_opening_only_asks_for_what_changed(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([listed(1), listed(2)])
    desk = open_desk(dmp)
    desk.dossier.entries(PATIENT)
    dmp.asked.clear()
    batches: list[list[DocumentEntry]] = []
    assert uuids(desk.dossier.entries(PATIENT, batches.append)) == ["2.25.1", "2.25.2"]
    assert (dmp.asked, len(batches)) == (["sets"], 1)
    dmp.asked.clear()
    deposited(dmp, listed(3), replaced="urn:uuid:1")
    assert uuids(desk.dossier.entries(PATIENT, batches.append)) == ["2.25.2", "2.25.3"]
    assert dmp.asked == ["sets", "links", "documents"]
    assert uuids(batches[-1]) == ["2.25.3"]


def test_a_list_that_did_not_change_is_written_again_only_later(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([listed(1)])
    desk = open_desk(dmp)
    desk.dossier.entries(PATIENT)
    first = desk.store.get_list(PATIENT.ins.value, "810002422979")
    desk.clock.advance(MARGIN.total_seconds() - 1)
    desk.dossier.entries(PATIENT)
    assert desk.store.get_list(PATIENT.ins.value, "810002422979") == first
    desk.clock.advance(1)
    desk.dossier.entries(PATIENT)
    assert desk.store.get_list(PATIENT.ins.value, "810002422979") != first


def test_a_submission_that_shows_nothing_asks_for_the_whole(open_desk: Callable[..., Desk]) -> None:
    """It may have masked or deleted something."""
    dmp = Dmp([listed(1), listed(2)])
    desk = open_desk(dmp)
    for one in desk.dossier.entries(PATIENT):
        desk.dossier.content(PATIENT, one)
    dmp.sets = [SubmissionSummary("set", "", datetime(2026, 1, 1, tzinfo=UTC), Author())]
    del dmp.entries[0]
    assert uuids(desk.dossier.entries(PATIENT)) == ["2.25.2"]
    assert desk.store.ids(PATIENT.ins.value) == {"2.25.2"}
    assert desk.told[-2:] == ["dropped", "listed 1"]


def test_the_whole_is_asked_for_again_in_the_end(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([listed(1)])
    desk = open_desk(dmp, hours=72)
    desk.dossier.entries(PATIENT)
    for _ in range(2):
        desk.clock.advance(WHOLE_EVERY.total_seconds() / 2)
        dmp.asked.clear()
        desk.dossier.entries(PATIENT)
    assert dmp.asked == ["find", "find"]


def test_out_of_reach_the_last_list_is_told_with_its_date(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([listed(1), listed(2)])
    desk = open_desk(dmp)
    first = desk.dossier.entries(PATIENT)
    assert first.offline_since is None
    asked = desk.clock.now()
    desk.dossier.content(PATIENT, first[0])
    desk.clock.advance(3600)
    desk.dossier.forget()
    dmp.error = DOWN
    batches: list[list[DocumentEntry]] = []
    again = desk.dossier.entries(PATIENT, batches.append)
    assert (again, again.offline_since) == (first, asked)
    assert batches == [list(first)]
    assert desk.dossier.open(PATIENT, again[0], {}).html == "2.25.1"
    with pytest.raises(DmpError):
        desk.dossier.open(PATIENT, again[1], {})
    desk.clock.advance(11 * 3600)
    with pytest.raises(DmpError):
        desk.dossier.entries(PATIENT)


def test_offline_is_for_who_saw_the_list_and_for_nobody_once_out(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([listed(1)])
    desk = open_desk(dmp)
    (one,) = desk.dossier.entries(PATIENT)
    desk.dossier.content(PATIENT, one)
    dmp.error = DOWN
    desk.dossier.forget()
    desk.who = "810009999999"
    with pytest.raises(DmpError):
        desk.dossier.entries(PATIENT)
    desk.dmp = None
    for read in (lambda: desk.dossier.entries(PATIENT), lambda: desk.dossier.open(PATIENT, one, {})):
        with pytest.raises(CardError):
            read()


def test_the_kept_list_is_told_without_asking_while_it_lives(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([listed(1), listed(2)])
    desk = open_desk(dmp)
    assert desk.dossier.kept_list(PATIENT) is None
    found = desk.dossier.entries(PATIENT)
    asked = desk.clock.now()
    desk.clock.advance(3600)
    desk.dossier.content(PATIENT, found[1])
    dmp.asked.clear()
    kept = desk.dossier.kept_list(PATIENT)
    assert kept is not None
    assert (kept, kept.offline_since, kept.at_hand) == (found, asked, {"2.25.2"})
    assert dmp.asked == []
    desk.clock.advance(11 * 3600)
    assert desk.dossier.kept_list(PATIENT) is None
    assert desk.dossier.kept(PATIENT) == {"2.25.2"}
    desk.clock.advance(3600)
    assert desk.dossier.kept(PATIENT) == frozenset()
    desk.dmp = None
    with pytest.raises(CardError):
        desk.dossier.kept_list(PATIENT)


def test_what_is_no_longer_to_be_read_leaves_the_disk(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(Dmp([listed(1), listed(2)]), hours=2)

    def rows() -> int:
        with desk.database.read() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM cached_document").scalar_one())

    first, second = desk.dossier.entries(PATIENT)
    desk.dossier.content(PATIENT, first)
    desk.clock.advance(3600)
    desk.dossier.content(PATIENT, second)
    desk.dossier.purge()
    assert (rows(), desk.told[-1]) == (3, "fetched 2.25.2")
    desk.clock.advance(3600)
    desk.dossier.purge()
    assert (rows(), desk.told[-1]) == (1, "dropped")
    desk.clock.advance(3600)
    desk.dossier.purge()
    assert rows() == 0
    with desk.database.read() as connection:
        overwritten = connection.exec_driver_sql("PRAGMA secure_delete").scalar_one()
    assert overwritten == 1  # what a deleted row held is not left in free pages


def test_a_document_masked_since_is_dropped_then_read_anew_by_who_may(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([listed(1), listed(2)])
    desk = open_desk(dmp)
    for one in desk.dossier.entries(PATIENT):
        desk.dossier.content(PATIENT, one)
    masked = replace(
        listed(1), entry_uuid="urn:uuid:1b", version=2, confidentiality=(VISIBILITY_CODES[Visibility.MASQUE_PS],)
    )
    dmp.entries[0] = masked
    dmp.sets = [SubmissionSummary("set", "", datetime(2026, 1, 1, tzinfo=UTC), Author())]
    dmp.links = [Association(HAS_MEMBER, "set", masked.entry_uuid)]
    assert masked in desk.dossier.entries(PATIENT)
    assert desk.dossier.kept(PATIENT) == {"2.25.2"}
    desk.dossier.content(PATIENT, masked)
    desk.dossier.entries(PATIENT)
    assert desk.dossier.kept(PATIENT) == {"2.25.1", "2.25.2"}


def test_who_follows_knows_while_the_doctor_waits(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([listed(1)])
    desk = open_desk(dmp)
    seen: list[int] = []
    retrieve = dmp.retrieve

    def watched(patient: InsIdentity, wanted: DocumentEntry) -> bytes:
        seen.append(desk.following.waits)
        return retrieve(patient, wanted)

    dmp.retrieve = watched  # type: ignore[method-assign]
    desk.dossier.fetch(PATIENT, entry(1))
    desk.dossier.fetch_now(PATIENT, entry(2))
    desk.dossier.content(PATIENT, entry(3))
    dmp.error = DOWN
    with pytest.raises(DmpError):
        desk.dossier.content(PATIENT, entry(4))
    assert (seen, desk.following.waits) == ([0, 1, 1, 1], 0)
    assert desk.told == ["fetched 2.25.3"]


def test_a_kept_list_that_is_damaged_is_asked_for_anew(
    open_desk: Callable[..., Desk], caplog: pytest.LogCaptureFixture
) -> None:
    dmp = Dmp([listed(1)])
    desk = open_desk(dmp)
    desk.dossier.entries(PATIENT)
    with desk.database.write() as connection:
        connection.exec_driver_sql("UPDATE cached_document SET sealed = zeroblob(100)")
    dmp.asked.clear()
    assert uuids(desk.dossier.entries(PATIENT)) == ["2.25.1"]
    assert dmp.asked == ["find", "find"]
    assert "kept list" in caplog.text
    desk.database.close()
    assert uuids(desk.dossier.entries(PATIENT)) == ["2.25.1"]


def test_nothing_is_kept_without_a_time_to_live(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([listed(1)])
    desk = open_desk(dmp, hours=0)
    for _ in range(2):
        desk.dossier.entries(PATIENT)
    assert dmp.asked == ["status", "find", "find", "find", "find"]


@pytest.mark.parametrize(
    "answer",
    [
        DossierStatus(exists=True, authorization=Authorization.INTERDIT),
        DossierStatus(exists=True, closed=True, authorization=Authorization.VALIDE),
        DossierStatus(exists=False),
    ],
)
def test_what_may_no_longer_be_read_is_no_longer_kept(open_desk: Callable[..., Desk], answer: DossierStatus) -> None:
    dmp = Dmp([listed(1)])
    desk = open_desk(dmp)
    desk.dossier.content(PATIENT, desk.dossier.entries(PATIENT)[0])
    dmp.answer = answer
    assert not desk.dossier.status(PATIENT).readable
    assert desk.told[-1] == "dropped"
    assert desk.store.clear() == 0


def test_an_access_that_lapsed_is_not_read_offline_but_comes_back(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([listed(1)])
    desk = open_desk(dmp)
    desk.dossier.content(PATIENT, desk.dossier.entries(PATIENT)[0])
    dmp.answer = DossierStatus(exists=True, authorization=Authorization.EXPIRE)
    desk.dossier.status(PATIENT)
    desk.dossier.forget()
    dmp.error = DOWN
    with pytest.raises(DmpError):
        desk.dossier.entries(PATIENT)
    assert desk.store.ids(PATIENT.ins.value) == {"2.25.1"}


@pytest.mark.parametrize("code", ["DMPClosed", "DMPNotFound"])
def test_a_record_closed_meanwhile_is_dropped(open_desk: Callable[..., Desk], code: str) -> None:
    dmp = Dmp([listed(1)])
    desk = open_desk(dmp)
    desk.dossier.content(PATIENT, desk.dossier.entries(PATIENT)[0])
    dmp.error = DmpError(code, "Ce DMP est fermé.")
    with pytest.raises(DmpError):
        desk.dossier.entries(PATIENT)
    assert desk.store.clear() == 0


def test_masking_deletion_and_demand(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([listed(1), listed(2)])
    desk = open_desk(dmp)
    for one in desk.dossier.entries(PATIENT):
        desk.dossier.content(PATIENT, one)
    desk.dossier.forget_documents(PATIENT, ["2.25.1"])
    assert desk.dossier.kept(PATIENT) == {"2.25.2"}
    dmp.asked.clear()
    desk.dossier.entries(PATIENT)
    assert dmp.asked == ["find", "find"]
    desk.dossier.forget_patient(PATIENT)
    assert desk.store.clear() == 0
    desk.dossier.entries(PATIENT)
    desk.dossier.clear()
    assert desk.store.clear() == 0
    assert desk.told.count("dropped") == 3


def test_a_document_that_is_gone_makes_the_list_be_asked_for_anew(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([listed(1)])
    desk = open_desk(dmp)
    (one,) = desk.dossier.entries(PATIENT)
    dmp.error = DmpError("XDSDocumentUniqueIdError", "Le document demandé est introuvable.")
    with pytest.raises(DmpError):
        desk.dossier.content(PATIENT, one)
    dmp.error = None
    dmp.asked.clear()
    desk.dossier.entries(PATIENT)
    assert dmp.asked == ["find", "find"]


def test_who_follows_is_told_of_what_is_read_and_not_of_what_is_preloaded(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(Dmp([listed(1), listed(2)]))
    found = desk.dossier.preload(PATIENT)
    desk.dossier.fetch(PATIENT, found[0])
    assert desk.told == []
    desk.dossier.entries(PATIENT)
    for _ in range(2):
        desk.dossier.content(PATIENT, found[1])
    desk.dossier.forget()
    assert desk.told == ["listed 2", "fetched 2.25.2", "left"]


def test_a_list_that_arrives_after_the_professional_left_is_not_kept(open_desk: Callable[..., Desk]) -> None:
    dmp = Dmp([listed(1)])
    desk = open_desk(dmp)
    desk.dossier.entries(PATIENT, lambda rows: desk.dossier.forget())
    assert desk.store.clear() == 0


def test_rows_come_by_batches_and_signatures_are_left_out(service: Service) -> None:
    rows = [entry(number) for number in range(FIRST_ROWS + 10)]
    signature = replace(entry(999), class_code=SIGNATURE_CLASS)
    batches: list[list[DocumentEntry]] = []
    found = service(Dmp([signature, *rows, signature])).entries(PATIENT, batches.append)
    assert found == rows
    assert [len(batch) for batch in batches] == [FIRST_ROWS, 10]


def test_a_document_is_fetched_once(service: Service) -> None:
    dmp = Dmp([entry(1)])
    dossier = service(dmp)
    assert [dossier.open(PATIENT, entry(1), {}).html for _ in range(3)] == ["2.25.1"] * 3
    assert dmp.asked == ["retrieve"]


def test_a_document_on_its_way_is_not_asked_for_again(open_desk: Callable[..., Desk]) -> None:
    """Several pages of a record ask for it at once; when the first fails, the next one asks again."""
    dmp = Dmp([entry(1)])
    desk, retrieve, pause = open_desk(dmp), dmp.retrieve, threading.Event()

    def slow(patient: InsIdentity, wanted: DocumentEntry) -> bytes:
        first = not dmp.asked
        content = retrieve(patient, wanted)
        if first:
            ends = time.monotonic() + 60
            while desk.following.waits < ASKERS:
                assert time.monotonic() < ends
                pause.wait(0.005)
            raise DmpError("x", "y", "z", retryable=True)
        return content

    def ask() -> bytes | None:
        try:
            return desk.dossier.content(PATIENT, entry(1))
        except DmpError:
            return None

    dmp.retrieve = slow  # type: ignore[method-assign]
    with ThreadPoolExecutor(ASKERS) as executor:
        asked = [executor.submit(ask) for _ in range(ASKERS)]
        answers = [one.result() for one in asked]
    assert dmp.asked == ["retrieve", "retrieve"]
    assert (answers.count(None), answers.count(b"2.25.1")) == (1, ASKERS - 1)
    assert desk.dossier._turns._under_way == {}


def test_who_comes_next_is_checked_anew(service: Service) -> None:
    dmp = Dmp([entry(1)])
    dossier = service(dmp)
    dossier.entries(PATIENT, lambda rows: None)
    dossier.forget()
    dossier.entries(PATIENT, lambda rows: None)
    assert dmp.asked == ["status", "find", "find", "status", "sets"]


def test_nobody_signed_in_is_said_so(service: Service) -> None:
    with pytest.raises(CardError) as caught:
        service(None).status(PATIENT)
    assert "CPS" in str(caught.value)


def test_renewing_an_authorisation_keeps_the_attending_doctor(service: Service) -> None:
    """TD0.3 AJOUT without the role would end it."""
    dmp = Dmp([], Authorization.EXPIRE)
    dmp.answer = replace(dmp.answer, attending=True)
    service(dmp).authorise(PATIENT)
    assert "authorise True" in dmp.asked


def test_what_arrives_after_the_professional_left_is_not_kept(service: Service) -> None:
    dmp = Dmp([entry(1)])
    dossier = service(dmp)

    def leave_meanwhile(patient: InsIdentity) -> DossierStatus:
        dossier.forget()
        return dmp.answer

    dmp.status = leave_meanwhile  # type: ignore[method-assign]
    dossier.status(PATIENT)
    dmp.asked.clear()
    del dmp.status
    dossier.entries(PATIENT, lambda rows: None)
    assert dmp.asked == ["status", "find", "find"]
