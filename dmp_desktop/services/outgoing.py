"""A document as the practice software wants it: its PDF, its CDA, an XDM, a HPRIM, a JSON (ADR 38)."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from typing import Any, Final

from dmp_desktop.cda.read import data_from_cda, entry_from_cda, note_from_cda, text_from_cda
from dmp_desktop.domain.documents import Author, Code, DocumentEntry, Visibility
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.exchange.hprim_write import write_hprim
from dmp_desktop.exchange.profile import Profile
from dmp_desktop.services.received_structured import FORMAT, VERSION

_HEADER: Final = ("kind", "title", "date", "author", "patient", "attachments", "damaged", "notices")
WORDS: Final = {"pdf": "PDF", "cda": "CDA", "xdm": "XDM", "hprim": "HPRIM", "json": "JSON"}


@dataclass(frozen=True, slots=True, repr=False)
class Outgoing:
    """A document to give: its bytes, who may see it in the DMP, the OID of this software and the zone of its hours; None: that of
    this computer, summer or winter as it was at each moment."""

    cda: bytes
    visibility: Collection[Visibility]
    source_id: str
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Made:
    """One file, without a name yet; `kind` is of SUFFIXES."""

    kind: str
    content: bytes


@dataclass(frozen=True, slots=True, repr=False)
class MadeFiles:
    """`refused`: why a format could not be made, while others are. `warnings`: what one does not hold, without patient data."""

    entry: DocumentEntry
    files: tuple[Made, ...]
    warnings: tuple[str, ...]
    refused: tuple[tuple[str, DmpDesktopError], ...]


def make(document: Outgoing, profile: Profile) -> MadeFiles:
    """All of a profile's formats but the JSON, which names the others (`structured`). The same input gives the same bytes.

    On a worker thread. Raises CdaError where the document cannot be read.
    """
    entry = entry_from_cda(document.cda)
    makers: dict[str, Callable[[], tuple[bytes, Sequence[str]]]] = {
        "pdf": partial(_pdf, document),
        "cda": lambda: (document.cda, ()),
        "xdm": partial(_xdm, document, entry),
        "hprim": partial(_hprim, document, profile),
    }
    files, warnings, refused = [], list[str](), []
    for kind in profile.formats:
        if kind not in makers:
            continue
        try:
            content, said = makers[kind]()
        except DmpDesktopError as error:
            refused.append((kind, error))
            continue
        files.append(Made(kind, content))
        warnings += [f"{WORDS[kind]} : {one}" for one in said]
    return MadeFiles(entry, tuple(files), tuple(dict.fromkeys(warnings)), tuple(refused))


def structured(document: Outgoing, entry: DocumentEntry, files: Mapping[str, tuple[str, bytes]]) -> bytes:
    """The JSON of resources/schemas/document-1.schema.json; `files` by kind, with the name each has. Raises CdaError."""
    data = data_from_cda(document.cda)
    told = {
        "format": FORMAT,
        "version": VERSION,
        "document": {
            "unique_id": entry.unique_id,
            "replaces": entry.replaces or None,
            "title": entry.title,
            "type": _code(entry.type_code),
            "created": entry.creation_time.isoformat(),
            "act_start": entry.service_start.isoformat() if entry.service_start else None,
            "act_end": entry.service_stop.isoformat() if entry.service_stop else None,
            "visibility": sorted(one.value for one in document.visibility),
            "sha256": hashlib.sha256(document.cda).hexdigest(),
        },
        "patient": data["patient"],
        "authors": [_person(one) for one in entry.authors],
        "legal_authenticator": _person(entry.legal_authenticator) if entry.legal_authenticator else None,
        "note": note_from_cda(document.cda) or None,
        "text": text_from_cda(document.cda),
        "coded": {name: items for name, items in data.items() if name not in _HEADER},
        "notices": data["notices"],
        "files": [
            {"format": kind, "name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for kind, (name, content) in files.items()
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def _pdf(document: Outgoing) -> tuple[bytes, Sequence[str]]:
    from dmp_desktop.cda.build.transcript import transcript  # what writes PDFs: left out of the start
    from dmp_desktop.services.documents import FOOTER

    return transcript(document.cda, FOOTER, document.zone)


def _xdm(document: Outgoing, entry: DocumentEntry) -> tuple[bytes, Sequence[str]]:
    """Of the moment the document was made, under an identifier of its own: the same document, the same archive."""
    from dmp_desktop.services.xdm_package import package

    made: datetime = entry.creation_time.astimezone(document.zone)
    return package(
        [document.cda], document.source_id, uuid.uuid5(uuid.NAMESPACE_OID, entry.unique_id), made
    ).archive, ()


def _hprim(document: Outgoing, profile: Profile) -> tuple[bytes, Sequence[str]]:
    from dmp_desktop.services.received_files import received_cda

    message = received_cda(document.cda)
    made = write_hprim([message], profile.encoding, profile.line_ends)
    return made.content, (*message.warnings, *made.warnings)


def _code(code: Code) -> dict[str, Any]:
    return {"code": code.code, "system": code.system, "label": code.display}


def _person(author: Author) -> dict[str, Any]:
    names = ("family", "given", "person_id", "person_root", "institution", "institution_id", "role")
    specialty = _code(author.specialty) if author.specialty else None
    return {**{name: getattr(author, name) or None for name in names}, "specialty": specialty}
