"""TD2.2: a secretary deposits what a professional of her structure validated, and nothing else; no export stops at one refusal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dmp_desktop.domain.documents import Author, DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Facility, Professional, Role
from dmp_desktop.errors import DmpError
from dmp_desktop.services.export import Fate, export, file_name
from dmp_desktop.services.sending import check_may_send, check_validated, may_deposit
from dmp_desktop.services.session_state import SignedIn
from tests.helpers.outbox import AUTHOR, PATIENT, built, read_metadata

STRUCTURE = "410002422979001"
SECRETARY = SignedIn(
    Professional("", "TEST-SECRETAIRE", "ALICE", "SECRETARIAT_MEDICAL"),
    Facility(STRUCTURE, "Cabinet", "SA07"),
    Role.SECRETARY,
    f"{STRUCTURE}/CPET0001",
)
DOCTOR = Author("DUPONT", "Camille", AUTHOR, institution="Cabinet", institution_id=STRUCTURE)
ENTRY = replace(read_metadata(built(1).cda), authors=(DOCTOR,), legal_authenticator=DOCTOR)
TODAY = date(2026, 11, 20)


def refused(entry: DocumentEntry, by: SignedIn = SECRETARY, validated_by: str = AUTHOR) -> str:
    with pytest.raises(DmpError) as caught:
        check_validated(entry, PATIENT, frozenset(), by, validated_by, TODAY)
    return caught.value.code


def test_only_what_who_answers_for_it_validated() -> None:
    check_validated(ENTRY, PATIENT, frozenset(), SECRETARY, AUTHOR, TODAY)
    assert refused(ENTRY, validated_by="") == "DocumentNonValide"
    assert refused(ENTRY, validated_by="899999999999") == "DocumentNonValide"
    assert refused(replace(ENTRY, legal_authenticator=None)) == "DocumentNonValide"


def test_only_for_her_structure_and_only_new_documents() -> None:
    elsewhere = replace(DOCTOR, institution_id="499999999999999")
    assert refused(replace(ENTRY, authors=(elsewhere,))) == "DocumentDUnAutreCabinet"
    assert refused(replace(ENTRY, replaces="2.25.9")) == "RemplacementReserve"
    assert refused(ENTRY, by=replace(SECRETARY, role=Role.DOCTOR)) == "EnvoiAuNomDuCabinet"


def test_in_her_own_name_she_sends_nothing() -> None:
    may_deposit(SECRETARY)
    with pytest.raises(DmpError, match="EnvoiReserve"):
        check_may_send(SECRETARY)
    with pytest.raises(DmpError, match="EnvoiReserve"):
        may_deposit(replace(SECRETARY, role=Role.TRAINEE))


# Export


class Shelf:
    """A LargeRetrieval in memory: `refuses` some documents, `breaks` at others as a line that is cut."""

    def __init__(self, refuses: Sequence[str] = (), breaks: Sequence[str] = ()) -> None:
        self.refuses, self.breaks = refuses, breaks

    def _give(self, entry: DocumentEntry) -> bytes:
        if entry.unique_id in self.breaks:
            raise DmpError("DmpInjoignable", "Le DMP est injoignable.", retryable=True)
        if entry.unique_id in self.refuses:
            raise DmpError("XDSDocumentUniqueIdError", "Le document demandé est introuvable.")
        return content(entry)

    def retrieve_many(
        self, _patient: InsIdentity, entries: Sequence[DocumentEntry]
    ) -> Iterator[tuple[DocumentEntry, bytes]]:
        for entry in entries:
            yield entry, self._give(entry)

    def retrieve_to(self, _patient: InsIdentity, entry: DocumentEntry, file: Path) -> None:
        file.write_bytes(self._give(entry))


def content(entry: DocumentEntry) -> bytes:
    return entry.unique_id.encode()


def listed(count: int) -> list[DocumentEntry]:
    entries = [replace(ENTRY, unique_id=f"2.25.{number}") for number in range(count)]
    return [
        replace(entry, size=len(content(entry)), hash_sha1=hashlib.sha1(content(entry)).hexdigest())
        for entry in entries
    ]


def test_one_refusal_stops_no_other(tmp_path: Path) -> None:
    entries = listed(45)
    told = list(export(Shelf(refuses=["2.25.7", "2.25.30"]), PATIENT.ins, entries, tmp_path / "out"))
    assert {one.entry.unique_id for one in told if one.fate is Fate.REFUSED} == {"2.25.7", "2.25.30"}
    assert len(told) == len({one.entry.unique_id for one in told}) == 45
    assert len(list((tmp_path / "out").iterdir())) == 43


def test_a_cut_line_is_told_and_the_next_time_goes_on(tmp_path: Path) -> None:
    entries, folder = listed(30), tmp_path / "out"
    written: list[str] = []
    exporting = export(Shelf(breaks=["2.25.25"]), PATIENT.ins, entries, folder)
    with pytest.raises(DmpError, match="DmpInjoignable"):
        written.extend(one.entry.unique_id for one in exporting)
    assert 20 <= len(written) < 30
    again = list(export(Shelf(), PATIENT.ins, entries, folder))
    assert sorted(one.entry.unique_id for one in again if one.fate is Fate.PRESENT) == sorted(written)
    assert {path.name for path in folder.iterdir()} == {file_name(entry) for entry in entries}
    assert folder.stat().st_mode & 0o077 == 0
