"""What the doctor pastes from another program, read once, when they ask for it: a patient for the inbox, or a note.

A patient is a context file, or the national names of the contextual call (one a line, or as a form). Any other text is a note.
Nothing of it is kept here, nor logged.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.context import MAX_CONTEXT_BYTES
from dmp_desktop.exchange.note_file import LEFT_OUT, MAX_CHARACTERS, FileNote
from dmp_desktop.exchange.note_html import html_note
from dmp_desktop.services.call_door import take_form, take_json
from dmp_desktop.services.context_inbox import ContextInbox
from dmp_desktop.services.note_file import read_note
from dmp_desktop.services.session_state import SignedIn

_FORM_NAME = "patient.identifier.value"
_FORM_LINES = 40


@dataclass(frozen=True, slots=True, repr=False)
class Pasted:
    """The forms in which another program gives the same thing; empty where it does not."""

    text: str = ""
    rtf: bytes = b""
    html: str = ""

    def __repr__(self) -> str:
        return "Pasted(…)"


class PasteDesk:
    """`who` is signed in: a form names nobody who consults."""

    def __init__(self, inbox: ContextInbox, who: Callable[[], SignedIn | None], clock: Clock) -> None:
        self._inbox, self._who, self._clock = inbox, who, clock

    def take(self, pasted: Pasted) -> FileNote | None:
        """The note; None for a patient, who is in the inbox by then and proposed as every other one. Blocks. Raises ContextError
        where there is nothing to take, or it cannot be used; StorageError."""
        text = pasted.text.strip()
        if len(text) > MAX_CHARACTERS:
            raise ContextError(
                "note-size", "Ce qui est copié est trop long pour être une note.", "Copiez la note seule."
            )
        if _is_context(text):
            take_json(self._inbox, text.encode("utf-8", "surrogatepass"))
            return None
        if (form := _form(text)) is not None:
            take_form(self._inbox, self._who(), self._clock.now(), form)
            return None
        note = _note(pasted, text)
        if not note.text.strip():
            raise ContextError(
                "paste-none",
                "Le presse-papiers ne contient ni patient ni note : rien n'est collé.",
                "Copiez-les d'abord dans votre logiciel métier (Ctrl+C).",
            )
        return note


def _note(pasted: Pasted, text: str) -> FileNote:
    """Raises ContextError."""
    if text:
        try:
            return read_note(text.encode())
        except UnicodeEncodeError as error:
            raise ContextError(
                "note-encoding", "Les caractères de ce qui est copié ne peuvent pas être lus."
            ) from error
    if pasted.rtf:
        return read_note(pasted.rtf)
    words, left_out = html_note(pasted.html)
    note = read_note(words.encode("utf-8", "replace"))
    named = (LEFT_OUT.format(", ".join(sorted(left_out))),) if left_out else ()
    return FileNote(note.text, (*note.doubts, *named))


def _is_context(text: str) -> bool:
    """Of any other object it is not sure what it is: a note may be one."""
    if not text.startswith("{") or len(text) > MAX_CONTEXT_BYTES:
        return False
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and bool({"patient", "context"} & set(told))


def _form(text: str) -> bytes | None:
    """None where it is none."""
    fields = text[:MAX_CONTEXT_BYTES].casefold().replace("&", "\n").splitlines()
    if not any(field.strip().startswith(_FORM_NAME) for field in fields):
        return None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) == 1:
        return text.encode("utf-8", "replace")
    pairs = [line.partition("=")[::2] for line in lines[:_FORM_LINES]]
    return urlencode([(name.strip(), value.strip()) for name, value in pairs], errors="replace").encode()
