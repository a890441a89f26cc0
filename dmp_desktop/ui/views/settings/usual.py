"""Within Réglages, who does not see the documents of each kind unless the doctor says otherwise: theirs, it follows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from dmp_desktop.domain.documents import DocumentKind, Visibility
from dmp_desktop.ui import strings_fr as words_fr
from dmp_desktop.ui import strings_settings_fr as fr
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.widgets.labels import PlainLabel


class UsualVisibilitySection(QWidget):
    """`refusal` says why who is signed in writes no documents, in French; empty where they do."""

    def __init__(
        self, habits: HabitsKeeper, kinds: Sequence[DocumentKind], refusal: Callable[[], str], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._habits, self._refusal = habits, refusal
        self.setAccessibleName(fr.USUAL)
        self.kind: ValueBox[DocumentKind] = ValueBox(words_fr.KIND_NAME)
        self.kind.offer({kind: words_fr.KIND[kind] for kind in kinds}, kinds[0])
        self.visibility: ValueBox[Visibility | None] = ValueBox(fr.USUAL)
        self.visibility.offer(words_fr.VISIBILITY_CHOICE)
        self.chosen = PlainLabel(wrap=True)
        heading = PlainLabel(fr.USUAL)
        heading.setProperty("strong", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (
            heading,
            PlainLabel(fr.USUAL_WHAT, role="muted", wrap=True),
            self.kind,
            self.visibility,
            self.chosen,
        ):
            column.addWidget(part)
        self.kind.activated.connect(lambda _index: self._show())
        self.visibility.activated.connect(lambda _index: self._keep())
        habits.changed.connect(self._show)

    def fill(self) -> None:
        """As kept now; who writes no documents does not see it."""
        self.setVisible(not self._refusal())
        self._show()

    def empty(self) -> None:
        self.kind.setCurrentIndex(0)

    def _keep(self) -> None:
        self._habits.change(shown=self._habits.current.with_visibility(self.kind.chosen, self.visibility.chosen))

    def _show(self) -> None:
        """What is usual for this kind; below, all that is."""
        usual = self._habits.current.visibilities
        self.visibility.choose(usual.get(self.kind.chosen))
        lines = [
            fr.USUAL_LINE.format(words_fr.KIND[kind], words_fr.VISIBILITY_CHOICE[usual[kind]])
            for kind in words_fr.KIND
            if kind in usual
        ]
        self.chosen.setText("\n".join(lines) or fr.USUAL_NONE)
