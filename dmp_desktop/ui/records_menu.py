"""Entries of the menu: my records, the professionals of a record, the Web DMP. Pages are made when first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from dmp_desktop.services.session_state import Phase
from dmp_desktop.ui import strings_records_fr as fr
from dmp_desktop.ui.records_ports import RecordsPort
from dmp_desktop.ui.widgets.notice_bar import of_error
from dmp_desktop.ui.widgets.side_page import SidePage

if TYPE_CHECKING:
    from dmp_desktop.domain.access import KnownDossier
    from dmp_desktop.errors import DmpDesktopError
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.side_pages import SidePages


PAGES = tuple(f"dmp_desktop.ui.{name}" for name in ("views.my_records.view", "views.professionals.view", "web_dmp"))


def offer_records(window: MainWindow, pages: SidePages, port: RecordsPort) -> None:
    window.tasks.general.submit(_load, lambda _loaded: None, lambda _error: None)
    pages.offer(fr.RECORDS, lambda: _my_records(window, pages, port), of_patient=False)
    pages.offer(fr.PROFESSIONALS, lambda: _professionals(window, port), of_patient=True)
    if not port.has_site:
        window.banner.offer_act(fr.WEB_OFF, lambda: None, of_patient=False)
        window.banner.acts.menu().actions()[-1].setEnabled(False)
        return
    for words, name, of_patient in ((fr.WEB_DASHBOARD, fr.DASHBOARD, False), (fr.WEB_PATIENT, fr.PATIENT, True)):
        window.banner.offer_act(
            words,
            lambda name=name, of_patient=of_patient: _open_web(window, port, name, of_patient),  # type: ignore[misc]
            of_patient=of_patient,
        )
    pages.offer(fr.WEB_PAGES, lambda: _web_pages(window, port), of_patient=True)


def _load() -> None:
    """Off the window's thread, before they are asked for: 20 ms of the first opening else. What fails is told then."""
    for name in PAGES:
        import_module(name)


def _my_records(window: MainWindow, pages: SidePages, port: RecordsPort) -> SidePage:
    from dmp_desktop.ui.views.my_records.view import MyRecordsView

    page = MyRecordsView(port, window.tasks.general, window.body)

    def present(dossier: KnownDossier) -> None:
        window.session.present(lambda: port.identify(dossier), presented)

    def presented() -> None:
        """A record opened, or a question about it: what refuses it stands above the list, which stays."""
        state = window.session.state
        if not state.notice and state.phase in (Phase.OPEN, Phase.CHOOSING) and window.body.currentWidget() is page:
            pages.leave()

    page.chosen.connect(present)
    return page


def _professionals(window: MainWindow, port: RecordsPort) -> SidePage:
    from dmp_desktop.ui.views.professionals.view import ProfessionalsView

    return ProfessionalsView(port, window.tasks.general, window.body)


def _web_pages(window: MainWindow, port: RecordsPort) -> SidePage:
    from dmp_desktop.ui.web_dmp import WebDmpView

    return WebDmpView(port, window.tasks.general, window.body)


def _open_web(window: MainWindow, port: RecordsPort, name: str, of_patient: bool) -> None:
    from dmp_desktop.ui.web_dmp import open_page

    def failed(error: DmpDesktopError) -> None:
        window.notices.tell(of_error(error))

    patient = window.record.patient if of_patient else None
    if not of_patient or patient is not None:
        open_page(port, name, patient, failed)
