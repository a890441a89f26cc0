"""A document of the list in words: its type, its author, its state, what is folded under it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from dmp_desktop.domain.documents import Availability, DocumentEntry, Visibility
from dmp_desktop.services.folding import Reason, Row
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui.models.row_card import RowCard, icon_of

PATIENT_CLASS = "90"
"""classCode of documents put in by the patient (JDV_J06, EX_3.1-1040)."""

ROOT_LETTERS = 8
_WORD = re.compile(r"\w+")
_EMPTY_WORDS = frozenset(
    (
        "a",
        "au",
        "aux",
        "avec",
        "cr",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "l",
        "la",
        "le",
        "les",
        "ou",
        "par",
        "pour",
        "un",
    )
)

_STATE_ICONS = {
    Availability.DEPRECATED: "undo",
    Availability.ARCHIVED: "lock",
    Availability.DELETED: "forbidden",
    Availability.UNKNOWN: "warning",
}


def plain(text: str) -> str:
    """Lower case without accents, for comparing."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def type_label(entry: DocumentEntry) -> str:
    return entry.type_code.display or entry.class_code.display or entry.type_code.code


def author_label(entry: DocumentEntry) -> str:
    return entry.authors[0].display_name if entry.authors else ""


def type_adds(entry: DocumentEntry) -> bool:
    """Whether the type says something that the title does not: « CR d'examens biologiques » under « Compte rendu d'examens
    biologiques » says nothing."""
    return bool(entry.title) and not _roots(type_label(entry)) <= _roots(entry.title)


@lru_cache(maxsize=4096)
def _roots(text: str) -> frozenset[str]:
    """Beginnings of the words that say something: « médicaments » and « médicamenteuse » are one."""
    return frozenset(word[:ROOT_LETTERS] for word in _WORD.findall(plain(text)) if word not in _EMPTY_WORDS)


def by_patient(entry: DocumentEntry) -> bool:
    return entry.class_code.code == PATIENT_CLASS


def state_words(entry: DocumentEntry) -> list[str]:
    """Availability first, then visibility, version, origin (EX_3.1-1080)."""
    words = [fr.STATUS[entry.status]]
    words += [fr.VISIBILITY[restriction] for restriction in sorted(entry.visibility)]
    if entry.version > 1:
        words.append(fr.VERSION.format(entry.version))
    if by_patient(entry):
        words.append(fr.BY_PATIENT)
    return words


def state_label(entry: DocumentEntry) -> str:
    return ", ".join(state_words(entry))


def state_icon(entry: DocumentEntry) -> str:
    """'' for a plain active document."""
    if entry.status is not Availability.APPROVED:
        return _STATE_ICONS[entry.status]
    return "hidden" if entry.visibility & set(Visibility) else ""


def folded_words(row: Row) -> str:
    """« + 2 versions, + 1 autre format »: what is under a row, and why."""
    counts = Counter(one.reason for one in row.folded)
    return ", ".join(viewer_fr.folded(count, reason) for reason in Reason if (count := counts[reason]))


def row_words(row: Row) -> list[str]:
    """What the row says besides its document."""
    words = [viewer_fr.PINNED] if row.pinned else []
    if row.folded:
        words.append(folded_words(row))
    if row.siblings:
        words.append(viewer_fr.siblings(len(row.siblings)))
    return words


def card_of(
    entry: DocumentEntry,
    row: Row | None = None,
    reason: Reason | None = None,
    mark: str = "",
    more: Sequence[str] = (),
) -> RowCard:
    """The row in the docked panel; `reason` of a document under another, `mark` before the title of what can be unfolded, `more`
    words to say of it.

    A plain active document needs no word on its state.
    """
    words = state_words(entry)
    if entry.status is Availability.APPROVED:
        words = words[1:]
    if row:
        words = row_words(row) + words
    words = [*more, *words]
    loud = entry.status is not Availability.APPROVED or bool(entry.visibility)
    title = entry.title or type_label(entry)
    detail = [author_label(entry), type_label(entry) if type_adds(entry) else ""]
    return RowCard(
        icon_of(entry),
        f"{reason.value} : {title}" if reason else f"{mark}{title}",
        " · ".join(part for part in detail if part),
        formats.day(entry.creation_time),
        ", ".join(words),
        "warning" if loud else "muted",
        state_icon(entry),
        1 if reason else 0,
    )
