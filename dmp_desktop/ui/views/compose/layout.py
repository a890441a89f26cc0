"""Where the parts of the composer stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from dmp_desktop.ui.widgets.flow import Flow

if TYPE_CHECKING:
    from dmp_desktop.ui.views.compose.view import Composer

LEAST_CHARACTERS = 20
"""Of each half: side by side, they never keep the window from being docked again."""


def lay_out(composer: Composer) -> QVBoxLayout:
    """The column of the form and the note, which share its height."""
    gap = composer.fontMetrics().averageCharWidth()
    left = QWidget()
    shared = QVBoxLayout(left)
    shared.setContentsMargins(0, 0, 0, 0)
    shared.setSpacing(gap // 3)
    shared.addWidget(composer.form)
    shared.addWidget(composer.note, 1)
    splitter = composer.splitter
    splitter.addWidget(left)
    splitter.addWidget(composer.proposals)
    splitter.setChildrenCollapsible(False)
    for half in (left, composer.proposals):
        half.setMinimumWidth(gap * LEAST_CHARACTERS)
    splitter.setStretchFactor(0, 3)
    splitter.setStretchFactor(1, 2)
    splitter.setHandleWidth(max(gap // 2, 3))
    composer.stack.addWidget(splitter)
    composer.stack.addWidget(composer.preview)
    tools = QHBoxLayout()
    tools.addWidget(composer.back)
    acts = Flow(at_end=True)  # on two lines where large text leaves no room for one
    acts.add(composer.discard)
    acts.add(composer.preview_button)
    acts.show()
    tools.addWidget(acts, 1)
    column = QVBoxLayout(composer)
    column.setContentsMargins(gap, gap // 2, gap, gap // 2)
    column.addWidget(composer.whose)
    column.addWidget(composer.replaced)
    column.addWidget(composer.options)
    column.addWidget(composer.stack, 1)
    column.addWidget(composer.kept)
    column.addWidget(composer.together)
    column.addWidget(composer.sensitive)
    column.addLayout(tools)
    return shared
