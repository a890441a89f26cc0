"""Files chosen by the doctor to be sent."""

from __future__ import annotations

from pathlib import Path

from dmp_desktop.cda.media import is_pdf_begun_late, media_type
from dmp_desktop.cda.media_flaws import flaw
from dmp_desktop.domain.documents import Attachment
from dmp_desktop.errors import ContextError

MAX_BYTES = 20_000_000
"""Ours: a CDA holds the file in base 64 (27 MB) and the DMP refuses lots that are too big; a scanned page takes 100 kB."""


def read_attachment(path: Path) -> Attachment:
    """The file and its media type, by its first bytes: its name decides nothing.

    Raises ContextError when it cannot be read, is empty, too big, of a kind CI-SIS has no place for, cut short,
    damaged, or a PDF that begins with other bytes.
    """
    try:
        size = path.stat().st_size
        content = path.read_bytes() if 0 < size <= MAX_BYTES else b""
    except OSError as error:
        raise ContextError(
            "attach",
            "Ce fichier ne peut pas être lu.",
            "Vérifiez qu'il existe et qu'il n'est pas ouvert ailleurs.",
            field="attach",
        ) from error
    if size > MAX_BYTES:
        raise ContextError(
            "attach",
            "Ce fichier dépasse 20 Mo.",
            "Réduisez-le (numérisation en 200 points par pouce, niveaux de gris).",
            field="attach",
        )
    return judged(content, path.name)


def judged(untrusted: bytes, name: str) -> Attachment:
    """As `read_attachment`, of bytes that were read."""
    if is_pdf_begun_late(untrusted):
        raise ContextError(
            "attach",
            "Ce PDF commence par des octets étrangers : réenregistrez-le.",
            "Ouvrez-le, enregistrez-le ou imprimez-le en PDF sous un autre nom, puis joignez ce nouveau fichier.",
            field="attach",
        )
    mime = media_type(untrusted) if untrusted else None
    if mime is None:
        raise ContextError(
            "attach",
            "Ce fichier n'est ni un PDF, ni une image JPEG ou TIFF, ni du RTF, ni du texte UTF-8.",
            "Convertissez-le en PDF, puis recommencez.",
            field="attach",
        )
    fault = flaw(mime, untrusted)
    if fault:
        remedy = "Ouvrez-le pour le vérifier, enregistrez-le ou numérisez-le de nouveau, puis recommencez."
        raise ContextError("attach", fault, remedy, field="attach")
    return Attachment(mime, untrusted, name)
