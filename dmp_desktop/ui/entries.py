"""The patient presented without a carte Vitale: a scanned INS code, the card application on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.people import Professional
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui.sign_in_ports import PatientEntriesPort
from dmp_desktop.ui.widgets.notice_bar import Notice, of_error

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow

APCV_NOTICE = "apcv"


class Entries(QObject):
    """Joins the banner's small menu and the scan bar to the session. What was scanned is passed on, never kept."""

    def __init__(self, window: MainWindow, entries: PatientEntriesPort) -> None:
        super().__init__(window)
        self._w, self._entries = window, entries
        window.banner.offer_entries(((fr.ENTRY_SCAN, window.scan.wait), (fr.ENTRY_APCV, self._apcv)))
        window.scan.scanned.connect(self._scanned)

    def _scanned(self, untrusted_text: str) -> None:
        self._w.scan.show_reading()
        self._w.session.present(lambda: self._entries.from_scanner(untrusted_text), self._w.scan.close_scan)

    def _apcv(self) -> None:
        """Waits for the patient's phone off the card pool: a card pulled meanwhile must not wait for that."""
        asker = self._w.session.state.professional
        self._w.notices.tell(Notice(fr.APCV_WAITS, key=APCV_NOTICE))
        self._w.tasks.general.submit(
            self._entries.from_apcv,
            lambda people: self._found(asker, people),
            lambda error: self._refused(asker, error),
        )

    def _found(self, asker: Professional | None, people: tuple[Beneficiary, ...]) -> None:
        self._w.notices.clear(APCV_NOTICE)
        if self._still(asker):
            self._w.session.present(lambda: people, lambda: None)

    def _refused(self, asker: Professional | None, error: DmpDesktopError) -> None:
        self._w.notices.clear(APCV_NOTICE)
        if self._still(asker):
            self._w.notices.tell(of_error(error))

    def _still(self, asker: Professional | None) -> bool:
        """Whether who asked is still there: an answer is never given to somebody else."""
        return asker is not None and asker.is_also(self._w.session.state.professional)
