"""Which visibilities a document of this patient may have now: what the DMP does not allow is not offered (EX_2.1-1050)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import ContextError
from dmp_desktop.services.found_person import same_person
from dmp_desktop.services.visibility import SECRET_ONLY
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.drafts import Draft

if TYPE_CHECKING:
    from dmp_desktop.ui.properties_ports import MayShow
    from dmp_desktop.ui.views.compose.view import Composer


class WhoSees(QObject):
    """Asked at each showing of a draft, and when a secret connection begins or ends. What is on screen or written in one is
    hidden from the parents for good. The service refuses again at sending."""

    def __init__(self, composer: Composer, may_show: MayShow | None, pool: TaskRunner) -> None:
        super().__init__(composer)
        self._c, self._may_show, self._pool = composer, may_show, pool
        self._secretly: Patient | None = None
        composer.changed.connect(self._hide)

    def follow(self, secretly: Patient | None) -> None:
        """Whose secret connection is open from now on; None: nobody's."""
        self._secretly = secretly
        if self._c.draft and self._c.isVisible():
            self.ask(self._c.draft)

    def _hide(self) -> None:
        """At once: the connection may have ended before an answer comes."""
        draft, who = self._c.draft, self._secretly
        if draft and who and not draft.secret and same_person(draft.patient.ins, who.ins):
            draft.hide_from_parents()
            self._c.options.show_draft(draft)

    def ask(self, draft: Draft) -> None:
        self._hide()
        may_show = self._may_show
        if may_show is None:
            return
        self._pool.submit(
            lambda: refused(may_show, draft.patient),
            lambda found: self._take(draft, found),
            lambda _error: None,  # told at sending, if it lasts
        )

    def _take(self, draft: Draft, found: frozenset[Visibility | None]) -> None:
        """Where that of a secret connection alone is left, it stays so."""
        if frozenset((None, *Visibility)) - found == SECRET_ONLY:
            draft.hide_from_parents()
        if not draft.secret:
            draft.refused = found
        if draft is self._c.draft:
            self._c.options.show_draft(draft)


def refused(may_show: MayShow, patient: Patient) -> frozenset[Visibility | None]:
    """None stands for a document that everybody sees."""
    found: set[Visibility | None] = set()
    for one in (None, *Visibility):
        try:
            may_show(patient, frozenset() if one is None else frozenset((one,)))
        except ContextError:
            found.add(one)
    return frozenset(found)
