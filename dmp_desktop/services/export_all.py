"""Everything this workstation keeps, written out in formats any program reads: CDA XML, text, CSV, JSON, with a README in French.

What is clinical is written for its author alone, signed in; nobody else gets more than numbers, states and settings.
"""

from __future__ import annotations

import mimetypes
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.drafts import FoundDrafts, KeptDraft
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.keystore import write_durably
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.csv_cells import csv_bytes
from dmp_desktop.services.draft_form import pack
from dmp_desktop.services.export_practice import PracticeExport, PracticeKept, json_bytes
from dmp_desktop.services.export_words import COLUMNS, draft_text, readme
from dmp_desktop.services.journal_desk import JournalDesk
from dmp_desktop.services.session_state import SignedIn

DOCUMENTS, DRAFTS = "documents", "brouillons"


class Documents(Protocol):
    """The outbox."""

    def items(self) -> list[OutboxItem]: ...

    def document(self, item_id: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """What is exported from. `settings`: the small files that are copied as they are; `own`: the preferences of a
    professional (PS_IdNat); `damaged`: how many documents do not open besides those that are listed."""

    outbox: Documents
    damaged: Callable[[Iterable[OutboxItem]], int]
    drafts: Callable[[], FoundDrafts]
    journal: JournalDesk
    settings: tuple[Path, ...]
    own: Callable[[str], dict[str, object]]
    practice: PracticeKept


@dataclass(slots=True)
class Exported:
    """How many of each. `drafts` is None where the key of who exports is not open, `acts` where they may not read the journal;
    `content`: clinical content is in it; `unreadable`: what is kept but could not be opened; `barred`: why the practice lets
    them have nothing of its patients. `rows`: how many by table of the database."""

    folder: Path
    at: datetime
    states: int = 0
    documents: int = 0
    drafts: int | None = 0
    acts: int | None = None
    content: bool = False
    unreadable: int = 0
    scans: int = 0
    others_scans: int = 0
    arrivals: int = 0
    identities: int = 0
    opinions: int = 0
    proposals: int = 0
    barred: str = ""
    rows: dict[str, int] = field(default_factory=dict)

    def count(self, table: str) -> None:
        """One more row of it is in the export."""
        self.rows[table] = self.rows.get(table, 0) + 1


class WholeExport:
    """`who` is signed in; nobody is the workstation's own command line, which gets no content."""

    def __init__(self, kept: Kept, acts: ActBook, clock: Clock, who: Callable[[], SignedIn | None]) -> None:
        self._kept = kept
        self._acts = acts
        self._clock = clock
        self._who = who

    def refusal(self) -> str:
        """Why who is signed in exports nothing, in French; empty where they may. Never blocks."""
        who = self._who()
        if who is None or roles.may(who.role, Task.WRITE_NOTES) or roles.may(who.role, Task.BACKUP):
            return ""
        return roles.refusal(who.role, Task.WRITE_NOTES)

    def name(self) -> str:
        """Of a folder for an export made now: it tells when, nothing else."""
        return f"export-dmp-desktop-{self._clock.now().astimezone():%Y%m%d-%H%M%S}"

    def export(self, folder: Path) -> Exported:
        """Write it into `folder`, which is made, or is there and empty: whole under that name, or not at all.

        Raises ContextError("role-reserved"), ("export-not-empty"), StorageError.
        """
        who = self._who()
        if why := self.refusal():
            raise ContextError("role-reserved", why, roles.remedy(who.role) if who else "", field="role")
        part = folder.with_name(f".{folder.name}.partiel")
        try:
            _ensure_free(folder)
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(mode=0o700, parents=True)
            told = self._write(part, folder, who)
            if folder.exists():
                folder.rmdir()
            part.rename(folder)
        except OSError as error:
            raise _not_written() from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
        counts = told.documents, told.drafts or 0, told.acts or 0, told.scans
        self._acts.note(Act.ALL_EXPORTED, result="/".join(map(str, counts)))
        return told

    def _write(self, part: Path, folder: Path, who: SignedIn | None) -> Exported:
        told = Exported(folder, self._clock.now())
        me = who.national_id if who and roles.may(who.role, Task.WRITE_NOTES) else ""
        told.content = bool(me)
        self._write_outbox(part, told, me)
        if who and me:
            self._write_drafts(part, told)
            own = self._kept.own(me)
            write_durably(part / "preferences.json", json_bytes(own))
            told.rows["preference"] = len(own)
            told.barred = self._kept.practice.refusal()
            if not told.barred:
                PracticeExport(self._kept.practice, part, told, who).write()
        if not self._kept.journal.seeing_refusal() and not self._kept.journal.refusal():
            told.acts = self._kept.journal.export(part / "journal.jsonl", part / "journal.csv")
            told.rows["journal"] = told.acts
        for file in self._kept.settings:
            if file.exists():
                write_durably(part / file.name, file.read_bytes())
        write_durably(part / "LISEZ-MOI.txt", readme(told).encode())
        return told

    def _write_outbox(self, part: Path, told: Exported, me: str) -> None:
        """The states of all, no patient in them; the documents of who exports, each under its uniqueId."""
        items = self._kept.outbox.items()
        rows = [_state(item) for item in reversed(items)]
        told.states = told.rows["outbox"] = len(rows)
        told.unreadable += self._kept.damaged(items)
        write_durably(part / "envois.json", json_bytes(rows))
        write_durably(part / "envois.csv", csv_bytes(list(COLUMNS.values()), [list(row.values()) for row in rows]))
        if me:
            (part / DOCUMENTS).mkdir(mode=0o700)
        for item in items if me else ():
            if me in (item.author_id, item.validated_by):
                try:
                    write_durably(part / DOCUMENTS / f"{item.unique_id}.xml", self._kept.outbox.document(item.id))
                    told.documents += 1
                    told.count("outbox_document")
                except StorageError as error:
                    if error.code == "write-failed":
                        raise
                    told.unreadable += 1

    def _write_drafts(self, part: Path, told: Exported) -> None:
        found = self._kept.drafts()
        if not found.whose:
            told.drafts = None
            return
        told.unreadable += found.elsewhere + found.unread
        (part / DRAFTS).mkdir(mode=0o700)
        told.drafts = len(found.drafts)
        leaving = [(draft, unique_id) for draft, _revision, unique_id in found.leaving]
        for number, (draft, unique_id) in enumerate([*((one, "") for one, _revision in found.drafts), *leaving], 1):
            plain, files = pack(draft)
            write_durably(part / DRAFTS / f"{number:04}.txt", draft_text(draft, unique_id).encode())
            write_durably(part / DRAFTS / f"{number:04}.json", plain)
            for name, content in _joined(draft, number):
                write_durably(part / DRAFTS / name, content)
            told.count("draft")
            told.rows["draft_file"] = told.rows.get("draft_file", 0) + len(files)


def _joined(draft: KeptDraft, number: int) -> list[tuple[str, bytes]]:
    """Files joined to it, under names that say nothing of the patient."""
    files = [form.attachment for form in draft.forms if form.attachment]
    return [
        (f"{number:04}-{rank}{mimetypes.guess_extension(file.mime) or '.bin'}", file.content)
        for rank, file in enumerate(files, 1)
    ]


def _state(item: OutboxItem) -> dict[str, object]:
    values: dict[str, object] = {}
    for name in COLUMNS:
        value = getattr(item, name)
        values[name] = value.isoformat() if isinstance(value, datetime) else "" if value is None else value
    return values


def _ensure_free(folder: Path) -> None:
    """Raises ContextError("export-not-empty"), OSError."""
    if os.path.lexists(folder) and (not folder.is_dir() or folder.is_symlink() or any(folder.iterdir())):
        raise ContextError(
            "export-not-empty",
            "Ce dossier contient déjà quelque chose : rien n'y est écrit par-dessus.",
            "Choisissez un dossier vide, ou un nom nouveau.",
        )


def _not_written() -> StorageError:
    return StorageError(
        "export-disk",
        "L'export n'a pas pu être écrit dans ce dossier ; rien n'y reste à moitié.",
        "Vérifiez la place libre et les droits du dossier, puis recommencez.",
    )
