"""Reading a record: the right first, rows as they arrive, each document fetched once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dmp_desktop.dmp.metadata import SIGNATURE_CLASS
from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import CardError
from dmp_desktop.services.dossier import FIRST_ROWS, DossierService, OpenedDocument
from tests.helpers.outbox import PATIENT

CODE = Code("10", "1.2.250.1.213.1.1.4.1", "Compte rendu")


def entry(number: int) -> DocumentEntry:
    return DocumentEntry(f"2.25.{number}", f"Document {number}", CODE, CODE, CODE, datetime(2026, 1, 1, tzinfo=UTC))


class Dmp:
    """The reading half of a DmpRepository, noting what it is asked."""

    def __init__(self, entries: list[DocumentEntry], authorization: Authorization = Authorization.VALIDE) -> None:
        self.entries = entries
        self.answer = DossierStatus(exists=True, authorization=authorization)
        self.asked: list[str] = []

    def status(self, patient: InsIdentity) -> DossierStatus:
        self.asked.append("status")
        return self.answer

    def authorise(self, patient: InsIdentity, *, attending: bool = False) -> None:
        self.asked.append(f"authorise {attending}")
        self.answer = replace(self.answer, authorization=Authorization.VALIDE)

    def find(self, patient: InsIdentity, criteria: FindCriteria) -> Iterator[DocumentEntry]:
        self.asked.append("find")
        yield from self.entries

    def retrieve(self, patient: InsIdentity, wanted: DocumentEntry) -> bytes:
        self.asked.append("retrieve")
        return wanted.unique_id.encode()


class Cache(dict):
    def get(self, patient, unique_id):  # type: ignore[no-untyped-def, override]
        return super().get((patient.ins.value, unique_id))

    def put(self, patient, unique_id, content):  # type: ignore[no-untyped-def]
        self[patient.ins.value, unique_id] = content


def service(dmp: Dmp | None) -> DossierService:
    return DossierService(lambda: dmp, Cache(), lambda shown, content, *_: OpenedDocument(shown, content.decode()))  # type: ignore[arg-type, return-value]


def test_no_list_before_the_right_is_checked() -> None:
    """Ségur DMP/UX.08."""
    dmp = Dmp([entry(1)])
    service(dmp).entries(PATIENT, lambda rows: None)
    assert dmp.asked == ["status", "find"]


@pytest.mark.parametrize("authorization", [Authorization.NON_EXISTE, Authorization.INTERDIT, Authorization.EXPIRE])
def test_no_list_without_the_right(authorization: Authorization) -> None:
    dmp = Dmp([entry(1)], authorization)
    assert service(dmp).entries(PATIENT, lambda rows: None) == []
    assert dmp.asked == ["status"]


def test_consent_is_declared_then_checked() -> None:
    dmp = Dmp([entry(1)], Authorization.NON_EXISTE)
    dossier = service(dmp)
    assert not dossier.status(PATIENT).readable
    assert dossier.authorise(PATIENT).readable
    assert dossier.entries(PATIENT, lambda rows: None) == [entry(1)]
    assert dmp.asked == ["status", "authorise False", "status", "find"]


def test_rows_come_by_batches_and_signatures_are_left_out() -> None:
    rows = [entry(number) for number in range(FIRST_ROWS + 10)]
    signature = replace(entry(999), class_code=SIGNATURE_CLASS)
    batches: list[list[DocumentEntry]] = []
    found = service(Dmp([signature, *rows, signature])).entries(PATIENT, batches.append)
    assert found == rows
    assert [len(batch) for batch in batches] == [FIRST_ROWS, 10]


def test_a_document_is_fetched_once() -> None:
    dmp = Dmp([entry(1)])
    dossier = service(dmp)
    assert [dossier.open(PATIENT, entry(1), {}).html for _ in range(3)] == ["2.25.1"] * 3
    assert dmp.asked == ["retrieve"]


def test_who_comes_next_is_checked_anew() -> None:
    dmp = Dmp([entry(1)])
    dossier = service(dmp)
    dossier.entries(PATIENT, lambda rows: None)
    dossier.forget()
    dossier.entries(PATIENT, lambda rows: None)
    assert dmp.asked == ["status", "find"] * 2


def test_nobody_signed_in_is_said_so() -> None:
    with pytest.raises(CardError) as caught:
        service(None).status(PATIENT)
    assert "CPS" in str(caught.value)


def test_renewing_an_authorisation_keeps_the_attending_doctor() -> None:
    """TD0.3 AJOUT without the role would end it."""
    dmp = Dmp([], Authorization.EXPIRE)
    dmp.answer = replace(dmp.answer, attending=True)
    service(dmp).authorise(PATIENT)
    assert "authorise True" in dmp.asked


def test_what_arrives_after_the_professional_left_is_not_kept() -> None:
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
    assert dmp.asked == ["status", "find"]
