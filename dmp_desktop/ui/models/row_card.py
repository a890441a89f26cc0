"""What one row of a list shows in the docked panel."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt

from dmp_desktop.domain.documents import DocumentEntry

CARD_ROLE = Qt.ItemDataRole.UserRole + 3

CLASS_ICONS = {
    "10": "report",
    "11": "list",
    "31": "image",
    "42": "pill",
    "43": "pill",
    "44": "list",
    "45": "pill",
    "52": "certificate",
    "60": "card",
    "90": "person",
}
"""JDV_J57 classCode DMP -> icon."""

TYPE_ICONS = {"11502-2": "lab", "11369-6": "vaccine", "87273-9": "vaccine", "34133-9": "letter", "57133-1": "letter"}
"""LOINC typeCode (JDV_J07) -> icon, where it says more than the class."""


@dataclass(frozen=True, slots=True)
class RowCard:
    """`tone` (a colour role) paints the icon and the mark; `mark` is a word at the end of the second line, after its icon.

    `kept`: the end of the title that is still shown where there is no room for all of it: what tells two people apart.
    `depth` 1 is a row under another.
    """

    icon: str
    title: str
    detail: str = ""
    date: str = ""
    mark: str = ""
    tone: str = "muted"
    mark_icon: str = ""
    depth: int = 0
    kept: str = ""


def icon_of(entry: DocumentEntry) -> str:
    return TYPE_ICONS.get(entry.type_code.code) or CLASS_ICONS.get(entry.class_code.code, "document")
