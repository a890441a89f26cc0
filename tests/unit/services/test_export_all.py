"""Everything in open formats: what is clinical for its author alone, nothing of a patient in a name, nothing written over."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.documents import Attachment, DocumentKind
from dmp_desktop.domain.drafts import KeptForm
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.keystore import MemoryKeyStore
from dmp_desktop.platform.settings import Settings, save_settings
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.export_all import Kept, WholeExport
from dmp_desktop.services.journal import JournalBook
from dmp_desktop.services.journal_desk import JournalDesk
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.outbox import NewItem
from tests.helpers.access_world import CABINET
from tests.helpers.clock import START
from tests.helpers.drafts import DOCTOR, Desk, draft
from tests.helpers.outbox import INS, PATIENT, built
from tests.helpers.station_files import SUBJECT, Station

ME = DOCTOR.national_id
WORDS = (PATIENT.birth_family, INS, "Toux")


class Place:
    """A workstation with documents of two doctors and a draft with a file."""

    def __init__(self, home: Path) -> None:
        self.station = Station(home)
        self.desk = Desk(self.station.paths.database)
        self.who: SignedIn | None = None
        self.come(Role.DOCTOR)
        self.acts = ActBook(self.station.journal, self.station.clock, lambda: ME)
        for number, author in ((1, DOCTOR.national_id), (2, "899700000001"), (3, DOCTOR.national_id)):
            new = NewItem(f"2.25.{number}", f"2.25.9{number}", author, SUBJECT, built(number, "Toux.").cda)
            self.station.outbox.add(new, START, START)
        self.desk.keys.come(DOCTOR)
        form = KeptForm(DocumentKind.SCAN, {}, Attachment("application/pdf", b"%PDF-1.7", "TEST-MARTIN.pdf"))
        self.desk.keep(replace(draft(1, "Toux grasse depuis trois jours."), forms=(form,)))
        self.station.preferences.put(DOCTOR.national_id, "habits", {"tab": 2})
        save_settings(self.station.paths.settings, Settings(undo_seconds=12))
        book = JournalBook(self.station.journal, MemoryKeyStore())
        self.journal = JournalDesk(self.station.journal, book, self.acts, self.station.clock, lambda: self.who)
        self.export = WholeExport(
            Kept(
                self.station.outbox,
                self.desk.service.mine,
                self.journal,
                (self.station.paths.settings, home / "cabinet.json"),
                self.station.preferences.of,
            ),
            self.acts,
            self.station.clock,
            lambda: self.who,
        )

    def come(self, role: Role | None) -> None:
        self.who = SignedIn(DOCTOR, CABINET, role, ME) if role else None

    def noted(self) -> list[tuple[str, str]]:
        self.acts.flush()
        return [(record.action, record.result) for record in self.station.journal.records()]

    def close(self) -> None:
        self.acts.stop()
        self.station.close()
        self.desk.database.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "home")
    yield made
    made.close()


def names(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def test_a_doctor_has_all_of_their_own_in_formats_any_program_reads(place: Place, tmp_path: Path) -> None:
    told = place.export.export(tmp_path / "export")
    assert names(told.folder) == [
        "LISEZ-MOI.txt",
        "brouillons/0001-1.pdf",
        "brouillons/0001.txt",
        "documents/2.25.1.xml",
        "documents/2.25.3.xml",
        "envois.csv",
        "envois.json",
        "journal.csv",
        "journal.jsonl",
        "preferences.json",
        "settings.json",
    ]
    assert (told.folder / "documents" / "2.25.3.xml").read_bytes() == built(3, "Toux.").cda
    assert "Toux grasse depuis trois jours." in (told.folder / "brouillons" / "0001.txt").read_text("utf-8")
    assert (told.folder / "brouillons" / "0001-1.pdf").read_bytes() == b"%PDF-1.7"
    states = json.loads((told.folder / "envois.json").read_text("utf-8"))
    assert [one["unique_id"] for one in states] == ["2.25.1", "2.25.2", "2.25.3"]
    with (told.folder / "envois.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file, delimiter=";"))) == 4
    assert json.loads((told.folder / "preferences.json").read_text())["habits"] == {"tab": 2}
    assert "données de santé" in (told.folder / "LISEZ-MOI.txt").read_text("utf-8")
    assert (told.documents, told.drafts, told.states) == (2, 1, 3)
    assert (Act.ALL_EXPORTED, f"2/1/{told.acts}") in place.noted()
    assert told.folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("who", [None, Role.ADMINISTRATOR], ids=["nobody", "administrator"])
def test_who_reads_no_record_gets_nothing_of_a_patient(place: Place, tmp_path: Path, who: Role | None) -> None:
    place.come(who)
    told = place.export.export(tmp_path / "export")
    assert not told.content
    assert {one.split("/")[0] for one in names(told.folder)}.isdisjoint({"documents", "brouillons", "preferences.json"})
    everything = b"".join(one.read_bytes() for one in told.folder.rglob("*") if one.is_file()).decode(
        "utf-8", "replace"
    )
    assert [word for word in WORDS if word in everything] == []
    assert (told.acts is None) is (who is Role.ADMINISTRATOR)


def test_the_secretary_is_refused_and_nothing_is_made(place: Place, tmp_path: Path) -> None:
    place.come(Role.SECRETARY)
    assert place.export.refusal()
    with pytest.raises(ContextError, match="role-reserved"):
        place.export.export(tmp_path / "export")
    assert not (tmp_path / "export").exists()


def test_nothing_is_written_over(place: Place, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("à moi")
    (tmp_path / "file").write_text("à moi")
    for taken in ("full", "file"):
        with pytest.raises(ContextError, match="export-not-empty"):
            place.export.export(tmp_path / taken)
    assert names(tmp_path / "full") == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    assert place.export.export(tmp_path / "empty").documents == 2


def test_no_name_of_a_file_says_anything_of_a_patient(place: Place, tmp_path: Path) -> None:
    told = place.export.export(tmp_path / place.export.name())
    assert [
        word for word in (*WORDS, "TEST-") if any(word in one for one in [told.folder.name, *names(told.folder)])
    ] == []


def test_drafts_that_are_closed_are_not_told_to_be_none(place: Place, tmp_path: Path) -> None:
    place.desk.keys.go()
    told = place.export.export(tmp_path / "export")
    assert (told.documents, told.drafts) == (2, None)
    assert "votre clé n'est pas ouverte" in (told.folder / "LISEZ-MOI.txt").read_text("utf-8")


def test_half_an_export_does_not_stay(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that cannot be read is counted; a disk that takes no more ends all of it."""
    with place.station.file.write() as connection:
        connection.exec_driver_sql("UPDATE outbox_document SET sealed = x'00' WHERE item_id = 1")
    told = place.export.export(tmp_path / "export")
    assert (told.documents, told.unreadable) == (1, 1)
    assert "1 document(s) ou brouillon(s) n'ont pas pu être lus" in (told.folder / "LISEZ-MOI.txt").read_text("utf-8")
    (tmp_path / "blocked").write_text("")
    with pytest.raises(StorageError, match="export-disk"):
        place.export.export(tmp_path / "blocked" / "export")
    assert [one.name for one in tmp_path.glob(".*partiel")] == []
