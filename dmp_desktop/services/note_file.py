"""A note as a file of another program, of whichever kind: those of `exchange.note_file`, and PDF."""

from __future__ import annotations

from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.note_file import MAX_BYTES, FileNote, note_of

_LINES = "la mise en page d'un PDF se perd : vérifiez l'ordre des lignes de la note"


def read_note(untrusted: bytes) -> FileNote:
    """Raises ContextError, as `note_of` does; also for a PDF without words, which is a picture of a note."""
    if not untrusted.startswith(b"%PDF-") or len(untrusted) > MAX_BYTES:
        return note_of(untrusted)
    from dmp_desktop.cda.read.pdftext import pdf_text  # its helper process is seldom wanted

    text = pdf_text(untrusted).strip()
    if not text:
        raise ContextError(
            "note-picture",
            "Ce PDF ne contient pas de texte : c'est l'image d'une note.",
            "Déposez-le avec les numérisations, ou tapez la note.",
        )
    return FileNote(text, (_LINES,))
