"""Opens the page Envois in the window, and from it what did not leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmp_desktop.domain import roles
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.domain.roles import Task
from dmp_desktop.ui.dashboard_ports import DashboardPort
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.views.dashboard.view import DashboardView, Unsent

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow


def dashboard_page(window: MainWindow, services: Services, port: DashboardPort) -> DashboardView:
    """Made when first asked for; it follows the outbox while it is before the eyes."""

    def items() -> list[OutboxItem]:
        return [item for item in services.outbox.items(None) if window.outbox.owns(item)]

    def named() -> bool:
        role = window.session.state.role
        return role is not None and roles.may(role, Task.SEE_PATIENTS)

    unsent = Unsent(
        items,
        lambda: window.drafts.of(window.session.state.professional),
        named,
        lambda: bool(window.conductor.barring.who),
        lambda: (window.keeper.elsewhere, window.keeper.unread),
    )
    page = DashboardView(port, unsent, services.compose.document_types, window.tasks.general, window.body)

    def follow() -> None:
        """Never once it was left, as whenever the window is covered: nobody's is nothing, which would be said."""
        if window.body.currentWidget() is page:
            page.follow()

    def show(what: object) -> None:
        """The note itself, if its author is there; else the tab in which its document has its act."""
        window.pages.leave()
        if isinstance(what, Draft):
            if what in window.drafts.of(window.session.state.professional):
                window.conductor.show_draft(what)
        else:
            window.conductor.go_outbox()

    window.outbox.changed.connect(follow)
    page.unsent.asked.connect(show)
    return page
