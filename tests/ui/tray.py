"""The page of scans over real stores: what the window's test drives is what the program has, but for the DMP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dmp_desktop.domain.identity import DocumentCheck, DocumentKind, Identity, StrictTraits
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Patient
from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.directory import IdentifiedPatients, KnownPatients
from dmp_desktop.services.identity import IdentityService
from dmp_desktop.services.traced_settings import TracedSettings
from dmp_desktop.services.tray_desk import TrayDesk
from dmp_desktop.services.tray_patients import TrayPatients
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.journal import Journal
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.tray.view import TrayView
from tests.helpers.outbox import KEY
from tests.helpers.tray_desk import Practice


class TrayRoom(Practice):
    """`port` is what the window is given."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        database = self.desk.database
        self.people = IdentityStore(database, Seal(KEY, "identity"), self.clock)
        journal = Journal(database, Seal(KEY, "j"), KEY)
        identities = IdentityService(_no_insi, self.people, journal, self.clock, lambda: "8")
        acts = ActBook(journal, self.clock, lambda: "8")
        self.settings = TracedSettings(SettingsFile(place / "settings.json"), acts, lambda: None)
        directory = IdentifiedPatients(KnownPatients(()), identities)
        self.port = TrayDesk(
            self.service,
            self.sending,
            TrayPatients(identities, directory.look),
            self.desk.intake,
            self.desk.receiving,
            self.settings,
            lambda: self.who,
        )

    def know(self, patient: Patient) -> None:
        """Qualified here."""
        traits = StrictTraits.of(patient)
        found = Identity(traits).found(traits, Matricule(patient.ins.value, patient.ins.oid), ())
        self.people.put(found.seen(DocumentCheck(DocumentKind.CNI, self.clock.now(), "8")))


def _no_insi() -> object:
    raise AssertionError("INSi is not asked")


@contextmanager
def shown_in(room: TrayRoom, qtbot: Any) -> Iterator[TrayView]:
    """The page as docked, in a window of its own."""
    pool = TaskRunner(2)
    view = TrayView(room.port, pool)
    qtbot.addWidget(view)
    view.resize(420, 900)
    view.show()
    yield view
    view.clear()
    pool.close()


def settled(view: TrayView, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: view._overview is not None and not view._pool.busy and view.panels.isEnabled())
