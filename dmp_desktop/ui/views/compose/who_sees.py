"""Which visibilities a document of this patient may have now: what the DMP does not allow is not offered (EX_2.1-1050)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import ContextError
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.drafts import Draft

if TYPE_CHECKING:
    from dmp_desktop.ui.properties_ports import MayShow
    from dmp_desktop.ui.views.compose.view import Composer


class WhoSees(QObject):
    """Asked at each showing of a draft: a secret connection may have begun, or ended. The service refuses again at sending."""

    def __init__(self, composer: Composer, may_show: MayShow | None, pool: TaskRunner) -> None:
        super().__init__(composer)
        self._c, self._may_show, self._pool = composer, may_show, pool

    def ask(self, draft: Draft) -> None:
        may_show = self._may_show
        if may_show is None:
            return
        self._pool.submit(
            lambda: refused(may_show, draft.patient),
            lambda found: self._take(draft, found),
            lambda _error: None,  # told at sending, if it lasts
        )

    def _take(self, draft: Draft, found: frozenset[Visibility | None]) -> None:
        """Where one is left, it is the document's, and stays so: what was written in a secret visit is not shown to the parents
        because it ended. What the doctor chose is never changed, and refused at sending."""
        draft.refused = found
        left = [one for one in (None, *Visibility) if one not in found]
        if not draft.visibility_chosen and draft.visibility in found and len(left) == 1:
            draft.visibility = left[0]
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
