"""A real journal with a few acts of invented people, for the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.people import Facility, Role
from dmp_desktop.platform.keystore import MemoryKeyStore
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.clinic_journal import PracticeBook
from dmp_desktop.services.journal import JournalBook
from dmp_desktop.services.journal_desk import JournalDesk
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import KEY
from tests.ui import fakes

ME = fakes.DOCTOR.national_id
COLLEAGUE = "810000000001"


class JournalWorld:
    """`desk` is the page's port; `role` that of who is signed in."""

    def __init__(self, folder: Path, practice: Callable[[Journal], PracticeBook] | None = None) -> None:
        self.database = Database.open(folder / "journal.db", KEY)
        self.journal = Journal(self.database, Seal(KEY, "journal"), KEY)
        self.clock = FakeClock()
        self.clock.advance((fakes.NOW - self.clock.now()).total_seconds())
        self.acts = ActBook(self.journal, self.clock, lambda: ME)
        self.role = Role.DOCTOR
        book = JournalBook(self.journal, MemoryKeyStore())
        self.practice = practice(self.journal) if practice else None
        self.desk = JournalDesk(self.journal, book, self.acts, self.clock, self._who, self.practice)
        self._day()

    def _who(self) -> SignedIn:
        return SignedIn(fakes.DOCTOR, Facility("1", "Cabinet", "SA07"), self.role, ME)

    def _day(self) -> None:
        note, lea = self.acts.note, fakes.LEA.ins
        note(Act.SIGN_IN, actor=COLLEAGUE, result="doctor")
        note(Act.SIGN_IN, result="doctor")
        note(Act.RECORD_STATUS, lea)
        note(Act.OPEN_RECORD, lea)
        note(Act.READ, lea, document="2.25.100200300400")
        note(Act.VISIBILITY, lea, document="2.25.100200300400", reason="masque_ps")
        note(Act.GLASS_BROKEN, fakes.PAUL.ins, reason="unable-to-consent")
        note(Act.SEND, lea, document="2.25.500600700800", result="DMPAccessDeniedByRightsService")
        note(Act.REFUSED, result="EnvoiDUnAutre")
        self.acts.flush()

    def close(self) -> None:
        self.acts.stop()
        self.database.close()
