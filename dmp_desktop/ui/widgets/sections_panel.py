"""The open document's sections: their order and state as the reader is used to, the panel that changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dmp_desktop.ui.widgets.contents import ANCHOR_ROLE, Contents
from dmp_desktop.ui.widgets.place import Place
from dmp_desktop.ui.widgets.ready_html import ReadyDocument, ReadyHtml, ReadySection
from dmp_desktop.ui.widgets.section_order import Group, assembled, groups, moved

if TYPE_CHECKING:
    from dmp_desktop.ui.habits import HabitsKeeper

Standing = tuple[str, frozenset[str]]
"""Anchor of the current section; those of the folded ones."""


class SectionsPanel(Contents):
    """`changed`: the text is to be laid out again. A section with a code is folded for the documents to come, too."""

    changed = Signal()

    def __init__(self, habits: HabitsKeeper | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._habits = habits
        self._ready: ReadyDocument | None = None
        self._groups: list[Group] = []
        self._folded: set[str] = set()
        self.toggled.connect(self.toggle)
        self.moved.connect(self._reorder)
        self.hide()

    @property
    def useful(self) -> bool:
        """With one section there is nothing to choose."""
        return sum(bool(section.title) for group in self._groups for section in group) > 1

    @property
    def standing(self) -> Standing:
        """Where the reader stands in this document, and what is folded in it."""
        item = self.list.currentItem()
        return item.data(ANCHOR_ROLE) if item else "", frozenset(self._folded)

    def show_document(self, ready: ReadyDocument, again: Standing | None = None) -> None:
        """`again`: the same one laid out anew, to be found as it was left."""
        habits = self._habits.current if self._habits else None
        self._ready = ready
        self._groups = groups(ready.sections, habits.order if habits else ())
        usual = set(habits.folded) if habits else set()
        self._folded = {group[0].anchor for group in self._groups if group[0].code and group[0].code in usual}
        anchor = ""
        if again:
            anchor, self._folded = again[0], set(again[1])
        self.show_groups(self._groups, self._folded)
        self.stand_on(anchor)

    def html(self, *, original: bool) -> ReadyHtml | None:
        return assembled(self._ready, self._groups, self._folded, original=original) if self._ready else None

    def forget(self) -> None:
        super().forget()
        self._ready, self._groups, self._folded = None, [], set()
        self.hide()

    def unfold(self, place: Place) -> None:
        """For this document only: something is to be shown in it."""
        anchor = self.anchor_of(place)
        if not anchor and place.text:
            self._folded.clear()
        for group in self._groups:
            if any(section.anchor == anchor for section in group):
                self._folded.discard(group[0].anchor)
        self.show_groups(self._groups, self._folded)
        self.stand_on(anchor)

    def anchor_of(self, place: Place) -> str:
        """Of the section a place is in; '' when there is none."""
        sections: list[ReadySection] = [section for group in self._groups for section in group]
        named = [one for one in sections if place.section_title and one.title == place.section_title]
        coded = [one for one in sections if one.code and one.code in place.section_codes]
        both = [one for one in coded if one in named]
        return next((one.anchor for one in (*both, *coded, *named)), "")

    def toggle(self, anchor: str) -> None:
        section = next((group[0] for group in self._groups if group[0].anchor == anchor), None)
        if section is None or not section.heading:
            return
        shut = anchor not in self._folded
        alike = {group[0].anchor for group in self._groups if section.code and group[0].code == section.code}
        self._folded = self._folded | alike | {anchor} if shut else self._folded - alike - {anchor}
        if self._habits and section.code:
            others = [code for code in self._habits.current.folded if code != section.code]
            self._habits.change(folded=(*others, section.code) if shut else tuple(others))
        self.show_groups(self._groups, self._folded)
        self.changed.emit()

    def _reorder(self, place: int, step: int) -> None:
        if not 0 <= place + step < len(self._groups):
            return
        order = moved(self._groups, place, step, self._habits.current.order if self._habits else ())
        self._groups.insert(place + step, self._groups.pop(place))
        if self._habits:
            self._habits.change(order=order)
        self.show_groups(self._groups, self._folded)
        self.changed.emit()
