"""IHE_XDM.ZIP out: documents, metadata, what people read beside them (ITI TF-2 §3.32). The same input, the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime

from dmp_desktop.exchange.xdm_texts import SUBSET, Listed, Sender, index, readme

_SUFFIXES = {"application/pdf": "PDF", "text/plain": "TXT", "image/jpeg": "JPG", "image/tiff": "TIF", "text/rtf": "RTF"}
_DOS = 0
_FIRST_YEAR, _LAST_YEAR = 1980, 2107  # of a ZIP's dates (APPNOTE 4.4.6)


def file_names(mimes: Sequence[str]) -> tuple[str, ...]:
    """Names of documents of these media types, in order: eight characters and three, in capitals (ISO 9660 level 1)."""
    return tuple(f"DOC{number:05d}.{_SUFFIXES.get(mime, 'XML')}" for number, mime in enumerate(mimes, 1))


def write(
    metadata: str,
    documents: Sequence[tuple[Listed, bytes]],
    patient: Sequence[str],
    sender: Sender,
    now: datetime,
) -> bytes:
    """The archive. `metadata` is the `SubmitObjectsRequest` that names the files of `documents`; `now` is aware."""
    listed = [one for one, _content in documents]
    files: list[tuple[str, bytes]] = [
        ("README.TXT", readme(listed, sender, now).encode()),
        ("INDEX.HTM", index(listed, patient, sender, now).encode()),
        (f"{SUBSET}/METADATA.XML", f'<?xml version="1.0" encoding="UTF-8"?>\n{metadata}\n'.encode()),
    ]
    files += [(f"{SUBSET}/{one.file}", content) for one, content in documents]
    written = io.BytesIO()
    year = min(max(now.year, _FIRST_YEAR), _LAST_YEAR)
    stamp = (year, now.month, now.day, now.hour, now.minute, now.second)
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files:
            info = zipfile.ZipInfo(path, stamp)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, _DOS, 0
            archive.writestr(info, content)
    return written.getvalue()
