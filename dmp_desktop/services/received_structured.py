"""The JSON that `services.outgoing` writes, read as any other file received: what it tells, without the files beside it."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, Final

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.received import Received, ReceivedFormat, Routing
from dmp_desktop.errors import ContextError
from dmp_desktop.services.received_coded import patient_told, result_told

FORMAT: Final = "dmp-desktop/document"
VERSION: Final = 1
"""Raised when a reader of the former one would misread it; what is only added does not raise it (resources/schemas)."""
BESIDE = "Les autres fichiers de ce document sont à côté de celui-ci : ils ne sont pas dedans."
_LOOK = 1_024


def is_structured(untrusted: bytes) -> bool:
    """A JSON object that names its format early, as ours do."""
    start = untrusted[:_LOOK]
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and f'"{FORMAT}"'.encode() in start


def received_structured(untrusted: bytes) -> Received:
    """What it does not know it passes over. Raises ContextError: damaged, or of a version to come."""
    try:
        told = json.loads(untrusted)
        if told["version"] == VERSION:
            return _read(told)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ContextError(
            "structured-damaged", "Ce fichier JSON est coupé ou abîmé.", "Demandez-le de nouveau à qui l'a donné."
        ) from error
    raise ContextError(
        "structured-version",
        "Ce fichier JSON vient d'une version plus récente de DMP Desktop.",
        "Mettez DMP Desktop à jour sur ce poste.",
    )


def _read(told: dict[str, Any]) -> Received:
    """Raises ValueError, TypeError, LookupError or AttributeError for what is not of the schema."""
    document, warnings = told["document"], [str(one) for one in told["notices"]]
    patient = patient_told(told["patient"], warnings)
    return Received(
        ReceivedFormat.STRUCTURED,
        patient,
        results=tuple(result_told(one) for one in told["coded"]["results"]),
        text=_words(told["text"]),
        title=_words(document["title"]),
        sent_at=_aware(document["created"]),
        act_date=_day(document["act_start"]),
        sender=_sender(told["authors"]),
        reference=_words(document["unique_id"]),
        routing=Routing(visibility=frozenset(Visibility(one) for one in document["visibility"])),
        replaces=_words(document["replaces"] or ""),
        warnings=tuple(dict.fromkeys((*warnings, *([BESIDE] if told["files"] else [])))),
    )


def _sender(authors: list[dict[str, Any]]) -> str:
    """The first one, as of a CDA."""
    if not authors:
        return ""
    first = authors[0]
    institution = _words(first["institution"] or "")
    named = [name for name in (first["given"], first["family"]) if name and any(map(str.isalnum, _words(name)))]
    return ", ".join(dict.fromkeys(filter(None, (" ".join(named) or institution, institution))))


def _words(told: object) -> str:
    if not isinstance(told, str):
        raise TypeError
    return told


def _aware(told: str) -> datetime | None:
    made = datetime.fromisoformat(told)
    if made.tzinfo is None:
        raise ValueError
    return made if made.year > 1970 else None


def _day(told: str | None) -> date | None:
    return datetime.fromisoformat(told).astimezone().date() if told else None
