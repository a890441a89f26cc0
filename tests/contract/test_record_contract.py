"""What every DmpRepository keeps about the documents of a record and what links them: our client on the stand-in, and the fake."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from dmp_desktop.cda.build import BuildRequest, Parent
from dmp_desktop.cda.build import build as build_document
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.dmp.names import HAS_MEMBER, RPLC
from dmp_desktop.domain.documents import Association, Availability, BuiltDocument, Code, DocumentFormat, Submission
from dmp_desktop.domain.people import Context, Encounter, Patient
from dmp_desktop.domain.ports import DmpRepository, FindCriteria
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.sign_in import Account
from dmp_desktop.services.updates import deposited_since, links_beside
from tests.helpers.fake_repository import FakeDmpRepository
from tests.helpers.sandbox_client import SENDER, Connection, patient_of
from tests.helpers.seeded import seeded


@dataclass(slots=True)
class Record:
    """A patient's record, and who writes in it."""

    dmp: DmpRepository
    account: Account
    patient: Patient
    began: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(seconds=2))

    def written(self, note: str, parent: Parent | None = None, now: datetime | None = None) -> BuiltDocument:
        now = now or datetime.now(UTC).replace(microsecond=0)
        author, place = self.account.professional, self.account.facility
        context = Context(self.patient, author, place, Encounter(now - timedelta(minutes=15)))
        unique_id = f"2.25.{uuid.uuid4().int}"
        return build_document(
            BuildRequest(context, note, unique_id, now, replaces=parent, format=DocumentFormat.STRUCTURED)
        )

    def deposit(self, *documents: BuiltDocument, replaced: dict[str, str] | None = None) -> list[str]:
        """One lot; the entryUUIDs of its documents."""
        lot = tuple((replace(entry_from_cda(one.cda), patient=self.patient.ins), one.cda) for one in documents)
        kind = Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel")
        name = f"2.25.{uuid.uuid4().int}"
        author = lot[0][0].authors[0]
        self.dmp.submit(Submission(name, self.patient.ins, author, kind, SENDER, lot, "", replaced or {}))
        return [self.uuid_of(one) for one in documents]

    def uuid_of(self, built: BuiltDocument) -> str:
        (found,) = self.dmp.find_by_unique_id(self.patient.ins, [built.unique_id])
        return found.entry_uuid

    def links(self, uuids: Sequence[str], kind: str) -> set[Association]:
        return {link for link in self.dmp.find_associations(self.patient.ins, uuids) if link.kind == kind}


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Patient]]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as sandbox, Connection(sandbox) as connection:
        yield connection, patient_of(sandbox, "ordinary")


@pytest.fixture(params=["stand-in", "fake"])
def record(request: pytest.FixtureRequest, line: tuple[Connection, Patient]) -> Record:
    connection, patient = line
    dmp: DmpRepository = connection.client if request.param == "stand-in" else FakeDmpRepository()
    return Record(dmp, connection.account, patient)


def test_what_is_deposited_is_found_and_read_back(record: Record) -> None:
    built = record.written("Motif : renouvellement.")
    (entry_uuid,) = record.deposit(built)
    entries, _links = record.dmp.find_by_entry_uuid(record.patient.ins, [entry_uuid])
    assert [entry.unique_id for entry in entries] == [built.unique_id]
    assert record.dmp.retrieve(record.patient.ins, entries[0]) == built.cda


def test_one_lot_is_one_submission_that_names_its_documents(record: Record) -> None:
    together = record.deposit(record.written("Motif : toux."), record.written("Motif : fièvre."))
    record.deposit(record.written("Motif : seul."))
    sets = {found.entry_uuid for found in record.dmp.find_submissions(record.patient.ins, record.began)}
    members = record.links(together, HAS_MEMBER)
    assert {link.target for link in members} >= set(together)
    (source,) = {link.source for link in members}
    assert source in sets
    assert {link.target for link in record.links([source], HAS_MEMBER)} >= set(together)


def test_what_came_with_a_document_is_found_from_it(record: Record) -> None:
    first, second = record.deposit(record.written("Motif : toux."), record.written("Motif : fièvre."))
    (alone,) = record.deposit(record.written("Motif : seul."))
    beside = {link.target for link in links_beside(record.dmp, record.patient.ins, first) if link.kind == HAS_MEMBER}
    assert beside >= {first, second}
    assert alone not in beside


def test_a_replacement_is_a_link_and_leaves_the_list(record: Record) -> None:
    old = record.written("Motif : toux.")
    (old_uuid,) = record.deposit(old)
    new = record.written("Motif : toux, suite.", Parent(old.unique_id, old.unique_id, 1))
    (new_uuid,) = record.deposit(new, replaced={new.unique_id: old_uuid})
    entries, links = record.dmp.find_by_entry_uuid(record.patient.ins, [old_uuid])
    assert [entry.status for entry in entries] == [Availability.DEPRECATED]
    assert Association(RPLC, new_uuid, old_uuid) in links
    listed = {entry.entry_uuid for entry in record.dmp.find(record.patient.ins, FindCriteria())}
    assert (new_uuid in listed, old_uuid in listed) == (True, False)
    former = FindCriteria(statuses=(Availability.DEPRECATED,))
    assert old_uuid in {entry.entry_uuid for entry in record.dmp.find(record.patient.ins, former)}


def test_names_nobody_has_find_nothing(record: Record) -> None:
    nobody = [f"urn:uuid:{uuid.uuid4()}"]
    assert record.dmp.find_by_entry_uuid(record.patient.ins, nobody) == ([], [])
    assert record.dmp.find_associations(record.patient.ins, nobody) == []
    assert record.dmp.find_by_unique_id(record.patient.ins, ["2.25.1"]) == []
    assert record.dmp.find_submissions(record.patient.ins, datetime.now(UTC) + timedelta(hours=1)) == []


def test_when_a_document_was_deposited_is_told_whatever_its_date(record: Record) -> None:
    """One's own deposit is no news."""
    letter = record.written("Motif : douleur ancienne.", now=datetime(2024, 3, 1, 9, tzinfo=UTC))
    began = datetime.now(UTC).replace(microsecond=0)
    (entry_uuid,) = record.deposit(letter)
    me = record.account.professional.national_id
    ins = record.patient.ins
    when = deposited_since(record.dmp, ins, began - timedelta(seconds=2), None)[entry_uuid]
    assert timedelta(seconds=-2) <= when - began < timedelta(minutes=1)
    assert entry_uuid in deposited_since(record.dmp, ins, record.began, "801234567897")
    assert entry_uuid not in deposited_since(record.dmp, ins, record.began, me)
    assert deposited_since(record.dmp, ins, began + timedelta(hours=1), None) == {}
