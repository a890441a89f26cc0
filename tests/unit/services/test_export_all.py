"""Everything in open formats: what is clinical for its author alone, nothing of a patient in a name, nothing written over.

What is in the database is in the export, table by table: a new table fails here until it is exported, or left out for a reason.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.arrivals import Arrival, Expected
from dmp_desktop.domain.consent import AccessAct, TracedAct
from dmp_desktop.domain.documents import Attachment, DocumentKind
from dmp_desktop.domain.drafts import KeptForm
from dmp_desktop.domain.identity import Identity, StrictTraits
from dmp_desktop.domain.ins_access import Why
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.proposals import Proposal
from dmp_desktop.domain.tray import Part, Scan, ScanState, TrayDoctor
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.keystore import MemoryKeyStore
from dmp_desktop.platform.settings import Settings, save_settings
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.export_all import Kept, WholeExport
from dmp_desktop.services.export_practice import PracticeKept
from dmp_desktop.services.export_words import NOT_EXPORTED
from dmp_desktop.services.ins_accesses import InsAccessJournal
from dmp_desktop.services.journal import JournalBook
from dmp_desktop.services.journal_desk import JournalDesk
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.access import AccessStore
from dmp_desktop.storage.arrivals import SealedArrivals
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.ins_accesses import InsAccessStore
from dmp_desktop.storage.journal import JournalRecord
from dmp_desktop.storage.outbox import NewItem
from dmp_desktop.storage.outbox_file import PUT_APART
from dmp_desktop.storage.proposals import ProposalStore
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.tray import TrayStore
from tests.helpers.access_world import CABINET
from tests.helpers.clock import START
from tests.helpers.drafts import DOCTOR, Desk, draft
from tests.helpers.outbox import INS, KEY, PATIENT, built
from tests.helpers.station_files import SUBJECT, Station

ME = DOCTOR.national_id
WORDS = (PATIENT.birth_family, INS, "Toux")
LISTS = ("numerisations", "accueil", "identites", "avis-et-acces", "propositions", "acces-ins")
CLINICAL = {
    *("documents", "brouillons", "preferences.json", "numerisations", "propositions", "appels-insi.json"),
    *(f"{name}.{kind}" for name in LISTS for kind in ("csv", "json")),
}
COLLEAGUE = "899700000001"
PROPOSED = "Note proposée."
JPEG, WORD = b"\xff\xd8\xff\xe0 a page", "TEXTE-DU-PAPIER"


class Place:
    """A workstation with documents of two doctors and a draft with a file."""

    def __init__(self, home: Path) -> None:
        self.station = Station(home)
        self.desk = Desk(self.station.paths.database)
        self.who: SignedIn | None = None
        self.come(Role.DOCTOR)
        self.acts = ActBook(self.station.journal, self.station.clock, lambda: ME)
        for number, author in ((1, DOCTOR.national_id), (2, COLLEAGUE), (3, DOCTOR.national_id)):
            new = NewItem(f"2.25.{number}", f"2.25.9{number}", author, SUBJECT, built(number, "Toux.").cda)
            self.station.outbox.add(new, START, START)
        self.desk.keys.come(DOCTOR)
        form = KeptForm(DocumentKind.SCAN, {}, Attachment("application/pdf", b"%PDF-1.7", "TEST-MARTIN.pdf"))
        self.desk.keep(replace(draft(1, "Toux grasse depuis trois jours."), forms=(form,)))
        self.station.preferences.put(DOCTOR.national_id, "habits", {"tab": 2})
        save_settings(self.station.paths.settings, Settings(undo_seconds=12))
        book = JournalBook(self.station.journal, MemoryKeyStore())
        self.journal = JournalDesk(self.station.journal, book, self.acts, self.station.clock, lambda: self.who)
        self.barred = ""
        self.export = WholeExport(
            Kept(
                self.station.outbox,
                lambda _listed: self.station.outbox.unreadable(),
                self.desk.service.mine,
                self.journal,
                (self.station.paths.settings, home / "cabinet.json"),
                self.station.preferences.of,
                self._practice(),
            ),
            self.acts,
            self.station.clock,
            lambda: self.who,
        )

    def _practice(self) -> PracticeKept:
        """A scan of each doctor and one that is nobody's yet; somebody expected, identified, who opposed, and about whom INSi
        was asked."""
        database, clock = self.station.database, self.station.clock
        self.scans = TrayStore(database, Seal(KEY, "tray"))
        for number, author in ((1, ME), (2, ""), (3, COLLEAGUE)):
            scan = Scan(f"{number:032x}", ScanState.TO_VALIDATE, START, START, 9, 1, f"d{number}", author_id=author)
            parts = {Part.FILE: JPEG, Part.PDF: b"%PDF-1.4", Part.TEXT: f"{WORD} {number}".encode()}
            patient = PATIENT if author else None
            self.scans.add(replace(scan, patient=patient, type_code="11488-4", act_date=date(2026, 11, 2)), parts)
        self.scans.meet(TrayDoctor(ME, "Dr Camille DUPONT"))
        arrivals = SealedArrivals(database, Seal(KEY, "arrivals"), clock)
        for rank, day in enumerate((date(2026, 11, 20), date(2026, 11, 21))):
            line = Arrival(f"a{rank}", day, Expected(PATIENT.birth_family, "Léa", ins=INS, patient=PATIENT, at=START))
            arrivals.update(day, lambda _known, line=line: [line])
        identities = IdentityStore(database, Seal(KEY, "identity"), clock)
        former = Matricule("152071038704559", PATIENT.ins.oid)
        number = Matricule(INS, PATIENT.ins.oid)
        identities.put(Identity(StrictTraits.of(PATIENT), matricule=number, history=(former,)))
        opinions = AccessStore(database, Seal(KEY, "access"))
        for act, by, words in (
            (AccessAct.CONSULTATION_OPPOSED, ME, ""),
            (AccessAct.GLASS_BROKEN, ME, "inconscient"),
            (AccessAct.GLASS_BROKEN, COLLEAGUE, "mots du confrère"),
        ):
            opinions.append(PATIENT.ins, TracedAct(act, START, by, "Dr TEST", reason="counter", words=words))
        answer = json.dumps({"active": {"ins": INS}})
        self.station.journal.append(JournalRecord(START, ME, Act.INSI_TRAITS, result="00"), ins=INS, told=answer)
        self.accesses = InsAccessJournal(InsAccessStore(database, Seal(KEY, "ins-access")), clock, lambda: ME)
        self.accesses.note(INS, Why.DISPLAY)
        proposals = ProposalStore(database, Seal(KEY, "proposals"))
        for number, doctor in enumerate((ME, COLLEAGUE)):
            note = Proposal(f"p{number}", 1, "810005555555", "TEST-INTERNE", doctor, "Dr", START, b"", {}, b"", "")
            proposals.change(note.id, lambda _here, note=note: note)
        told = self.station.journal.told
        return PracticeKept(
            self.scans,
            arrivals,
            identities,
            opinions,
            lambda: list(told()),
            self.accesses.accesses,
            self.accesses.note_all,
            lambda: self.barred,
            proposals,
            lambda _proposal_id: draft(7, PROPOSED),
        )

    def rows(self) -> dict[str, int]:
        """How many there are in each table of both files."""
        self.acts.flush()
        self.accesses.accesses()
        found: dict[str, int] = {}
        for database in (self.station.database, self.station.file):
            with database.read() as connection:
                tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%%'"
                for name in connection.exec_driver_sql(tables).scalars().all():
                    count = connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()
                    found[name] = found.get(name, 0) + count
        return found

    def come(self, role: Role | None) -> None:
        self.who = SignedIn(DOCTOR, CABINET, role, ME) if role else None

    def noted(self) -> list[tuple[str, str]]:
        self.acts.flush()
        return [(record.action, record.result) for record in self.station.journal.records()]

    def close(self) -> None:
        self.acts.stop()
        self.accesses.stop()
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
        "acces-ins.csv",
        "acces-ins.json",
        "accueil.csv",
        "accueil.json",
        "appels-insi.json",
        "avis-et-acces.csv",
        "avis-et-acces.json",
        "brouillons/0001-1.pdf",
        "brouillons/0001.json",
        "brouillons/0001.txt",
        "documents/2.25.1.xml",
        "documents/2.25.3.xml",
        "envois.csv",
        "envois.json",
        "identites.csv",
        "identites.json",
        "journal.csv",
        "journal.jsonl",
        "numerisations-medecins.json",
        "numerisations.csv",
        "numerisations.json",
        *(
            f"numerisations/{number:032x}{end}"
            for number in (1, 2)
            for end in ("-pour-le-dmp.pdf", "-texte.txt", ".jpg")
        ),
        "preferences.json",
        "propositions.csv",
        "propositions.json",
        "propositions/0001.json",
        "propositions/0001.txt",
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
    assert (Act.ALL_EXPORTED, f"2/1/{told.acts}/2") in place.noted()
    assert told.folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("who", [None, Role.ADMINISTRATOR], ids=["nobody", "administrator"])
def test_who_reads_no_record_gets_nothing_of_a_patient(place: Place, tmp_path: Path, who: Role | None) -> None:
    place.come(who)
    told = place.export.export(tmp_path / "export")
    assert not told.content
    assert {one.split("/")[0] for one in names(told.folder)}.isdisjoint(CLINICAL)
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
        connection.exec_driver_sql(PUT_APART)
        connection.exec_driver_sql("UPDATE outbox_document SET sealed = x'00' WHERE item_id = 1")
    told = place.export.export(tmp_path / "export")
    assert (told.documents, told.unreadable) == (1, 1)
    assert "1 élément(s) n'ont pas pu être lus" in (told.folder / "LISEZ-MOI.txt").read_text("utf-8")
    (tmp_path / "blocked").write_text("")
    with pytest.raises(StorageError, match="export-disk"):
        place.export.export(tmp_path / "blocked" / "export")
    assert [one.name for one in tmp_path.glob(".*partiel")] == []


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def plain(folder: Path, name: str) -> list[dict[str, object]]:
    return json.loads((folder / f"{name}.json").read_text("utf-8"))  # type: ignore[no-any-return]


def test_what_is_in_the_database_is_in_the_export_table_by_table(place: Place, tmp_path: Path) -> None:
    """Of the one doctor of this place: what is another's is taken away first."""
    with place.station.file.write() as connection:
        connection.exec_driver_sql(PUT_APART)
        connection.exec_driver_sql("DELETE FROM outbox WHERE id = 2")
        connection.exec_driver_sql("DELETE FROM outbox_document WHERE item_id = 2")
    with place.station.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM scan WHERE scan_id LIKE '%3'")
        connection.exec_driver_sql("DELETE FROM proposal WHERE proposal_id = 'p1'")
    before = place.rows()
    told = place.export.export(tmp_path / "export")
    after = place.rows()
    assert set(before) == set(told.rows) | set(NOT_EXPORTED), "a table is neither exported nor left out for a reason"
    assert not set(told.rows) & set(NOT_EXPORTED)
    growing = {"journal", "ins_access"}  # the export itself is an act, and an access to numbers
    assert {one: told.rows[one] for one in set(told.rows) - growing} == {
        one: before[one] for one in set(told.rows) - growing
    }
    assert min(told.rows.values()) > 0, "nothing proves that an empty table is exported"
    assert all(before[one] <= told.rows[one] <= after[one] for one in growing)
    assert (told.unreadable, told.barred) == (0, "")
    words = (told.folder / "LISEZ-MOI.txt").read_text("utf-8")
    assert [reason for reason in NOT_EXPORTED.values() if reason not in words] == []


def test_every_row_told_stands_in_its_files(place: Place, tmp_path: Path) -> None:
    told = place.export.export(tmp_path / "export")
    for name, rows in (
        ("numerisations", 2),
        ("accueil", 2),
        ("identites", 1),
        ("avis-et-acces", 3),
        ("propositions", 1),
        ("acces-ins", told.rows["ins_access"]),
    ):
        assert (len(table(told.folder, name)), len(plain(told.folder, name))) == (rows, rows), name
    mine, nobodys = table(told.folder, "numerisations")
    assert (mine["INS proposée"], mine["Type"], mine["Date de l'acte"]) == (
        INS,
        "CR ou fiche de consultation ou de visite",
        "2026-11-02",
    )
    assert (nobodys["INS proposée"], nobodys["État"]) == ("", "à valider")
    for name in mine["Fichiers"].split():
        assert (told.folder / name).is_file()
    assert (told.folder / "numerisations" / f"{1:032x}.jpg").read_bytes() == JPEG
    assert (told.folder / "numerisations" / f"{2:032x}-texte.txt").read_text("utf-8") == f"{WORD} 2"
    (person,) = table(told.folder, "identites")
    assert (person["INS"], person["Statut"], person["Anciens matricules"]) == (INS, "recuperee", "152071038704559")
    assert [one["Acte"] for one in table(told.folder, "avis-et-acces")][:1] == [
        "Opposition du patient à la consultation"
    ]
    assert plain(told.folder, "appels-insi")[0]["returned"] == {"active": {"ins": INS}}
    assert plain(told.folder, "numerisations-medecins") == [{"national_id": ME, "name": "Dr Camille DUPONT"}]
    assert table(told.folder, "accueil")[0]["Étape"] == "attendu"
    (note,) = table(told.folder, "propositions")
    assert (note["Écrite par"], note["État"]) == ("TEST-INTERNE", "à valider")
    assert PROPOSED in (told.folder / note["Fichier"]).read_text("utf-8")


def test_a_colleague_s_scans_and_words_are_not_in_mine(place: Place, tmp_path: Path) -> None:
    told = place.export.export(tmp_path / "export")
    everything = b"".join(one.read_bytes() for one in told.folder.rglob("*") if one.is_file())
    assert f"{WORD} 1".encode() in everything
    assert f"{WORD} 3".encode() not in everything
    assert f"{3:032x}".encode() not in everything
    assert b"inconscient" in everything
    assert "mots du confrère".encode() not in everything
    assert "1 autre(s) sont à d'autres médecins" in (told.folder / "LISEZ-MOI.txt").read_text("utf-8")


def test_whose_numbers_were_written_out_is_traced(place: Place, tmp_path: Path) -> None:
    place.export.export(tmp_path / "export")
    assert [one.why for one in place.accesses.accesses(INS)] == [Why.PRINT, Why.DISPLAY]
    assert [one.why for one in place.accesses.accesses("152071038704559")] == [Why.PRINT]


def test_who_the_practice_lets_see_no_number_gets_no_patient_list(place: Place, tmp_path: Path) -> None:
    place.barred = "Votre cabinet ne vous a pas autorisé à voir l'INS des patients."
    told = place.export.export(tmp_path / "export")
    assert set(names(told.folder)).isdisjoint(CLINICAL - {"preferences.json"})
    assert place.barred in (told.folder / "LISEZ-MOI.txt").read_text("utf-8")


def test_a_scan_that_does_not_open_is_counted_and_bars_nothing_else(place: Place, tmp_path: Path) -> None:
    with place.station.database.write() as connection:
        connection.exec_driver_sql("UPDATE scan_part SET sealed = x'00' WHERE scan_id LIKE '%1' AND part = 'file'")
        connection.exec_driver_sql("UPDATE arrival SET sealed = x'00' WHERE arrival_id = 'a0'")
        connection.exec_driver_sql("UPDATE identity SET sealed = x'00'")
    told = place.export.export(tmp_path / "export")
    assert (told.unreadable, told.scans, told.arrivals, told.identities) == (3, 2, 1, 0)
    assert "3 élément(s) n'ont pas pu être lus" in (told.folder / "LISEZ-MOI.txt").read_text("utf-8")
