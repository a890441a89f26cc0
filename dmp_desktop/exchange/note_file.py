"""A note as a file of another program: text, RTF or Word. What it says, verbatim, and what was left out of it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.note_docx import docx_note
from dmp_desktop.exchange.note_rtf import RtfNote

MAX_BYTES = 20_000_000
MAX_CHARACTERS = 500_000
"""A long note has 10,000."""
LEFT_OUT = "non repris du fichier : {} ; vérifiez la note"
_CUT = "le fichier semble coupé avant sa fin ; vérifiez la note"
# Two or three bytes that make one character in UTF-8: a file of them is a damaged UTF-8, not Windows-1252.
_UTF8_PAIR = re.compile(rb"[\xc2-\xc5][\x80-\xbf]|\xe2[\x80-\x8b][\x80-\xbf]")
# What French letters of DOS or of an old Mac become when read as Windows-1252.
_UNLIKELY = re.compile("[\u201a\u0192\u201e\u2020\u2021\u02c6\u2030\u0160\u2039\u017d\u0161\u203a\u017e\u0178]")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, repr=False)
class FileNote:
    """`doubts` are French sentences without any word of the note: to be said beside it."""

    text: str
    doubts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"FileNote({len(self.text)})"


def note_of(untrusted: bytes) -> FileNote:
    """By its content, whatever it is called. Raises ContextError when it cannot be read, or when its accents would be wrong:
    nobody would see it in the document."""
    if len(untrusted) > MAX_BYTES:
        raise ContextError("note-size", "Le fichier de la note dépasse 20 Mo.", "Vérifiez que c'est le bon fichier.")
    try:
        if untrusted.startswith(b"PK\3\4"):
            note = _told(*docx_note(untrusted))
        elif untrusted.lstrip()[:5] == b"{\\rtf":
            rtf = RtfNote(untrusted)
            note = _told(rtf.text, rtf.left_out, *(() if rtf.whole else (_CUT,)))
        else:
            note = _plain(untrusted)
    except ValueError as error:
        raise ContextError(
            "note-damaged",
            "Le fichier de la note est abîmé, protégé, ou d'un autre type que texte, RTF ou Word (.docx).",
            "Ouvrez-le dans le logiciel qui l'a fait, enregistrez-le de nouveau, puis recommencez.",
        ) from error
    if len(note.text) > MAX_CHARACTERS:
        raise ContextError(
            "note-size", "La note est trop longue pour en être une.", "Vérifiez que c'est le bon fichier."
        )
    return note


def _told(text: str, left_out: set[str], *doubts: str) -> FileNote:
    if "\ufffd" in text or _NOT_TEXT.search(text):
        raise _unreadable()
    named = (LEFT_OUT.format(", ".join(sorted(left_out))),) if left_out else ()
    return FileNote(text, (*named, *doubts))


def _plain(untrusted: bytes) -> FileNote:
    """UTF-8, UTF-16 with its mark, or Windows-1252 (told), line ends kept."""
    text, legacy = _decoded(untrusted)
    if text is None or _NOT_TEXT.search(text):
        raise _unreadable()
    return FileNote(text, (f"note lue en {legacy}, et non en UTF-8 ; vérifiez ses accents",) if legacy else ())


def _unreadable() -> ContextError:
    return ContextError(
        "note-encoding",
        "Les accents de la note ne peuvent pas être lus : le codage de ses caractères n'est pas reconnu.",
        "Enregistrez la note en UTF-8, puis recommencez.",
    )


def _decoded(untrusted: bytes) -> tuple[str | None, str]:
    """(text, legacy encoding or empty); None when no encoding reads it surely."""
    if untrusted.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(untrusted, "utf-16"), "UTF-16"
    text = _strictly(untrusted, "utf-8-sig")
    if text is not None:
        return text, ""
    text = _strictly(untrusted, "cp1252")
    plausible = text is not None and not _UTF8_PAIR.search(untrusted) and not _UNLIKELY.search(text)
    return text if plausible else None, "Windows-1252"


def _strictly(untrusted: bytes, encoding: str) -> str | None:
    try:
        return untrusted.decode(encoding)
    except UnicodeDecodeError:
        return None
