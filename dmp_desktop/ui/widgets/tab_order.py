"""The order of the Tab key for what is made after the page: Qt puts it last, wherever it stands."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def lead_to(anchor: QWidget, made: Sequence[QWidget]) -> None:
    """Tab goes through `made`, in their order, right before `anchor`, which takes the keyboard itself."""
    previous = anchor.previousInFocusChain()
    while previous and previous is not anchor and _passed_over(previous, made):
        previous = previous.previousInFocusChain()
    for widget in made:
        if previous is not None:
            QWidget.setTabOrder(previous, widget)
        previous = widget


def _passed_over(widget: QWidget, made: Sequence[QWidget]) -> bool:
    return widget.focusPolicy() == Qt.FocusPolicy.NoFocus or widget in made
