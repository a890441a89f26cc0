"""The patient presented without a carte Vitale: a scanned INS code, the card application on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui.sign_in_ports import PatientEntriesPort

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow


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
        self._w.session.present(self._entries.from_apcv, lambda: None)
