"""`dmp exchange read`: what a file of other software holds (design/cli.md)."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from dmp_desktop.domain.received import (
    Received,
    ReceivedDocument,
    ReceivedPatient,
    ReceivedResult,
    Routing,
    result_line,
)
from dmp_desktop.errors import ContextError
from dmp_desktop.services.received_files import read_received

_MAX_BYTES: Final = 64 * 1024 * 1024


def register(actions: Any) -> None:
    """Add `read` to the actions of `exchange`."""
    reading = actions.add_parser("read", help="dire ce que contient un fichier reçu")
    reading.add_argument("file", type=Path, metavar="FICHIER", help="fichier reçu d'un laboratoire, d'un confrère …")
    reading.add_argument("--json", action="store_true", help="un objet JSON par message et par ligne")
    reading.set_defaults(run=read)


def read(arguments: argparse.Namespace) -> int:
    """Print its messages; what is doubtful goes to stderr. Raises ContextError for a file of no known format."""
    messages = read_received(file_bytes(arguments.file))
    for number, message in enumerate(messages, 1):
        for warning in message.warnings:
            print(f"Attention (message {number} sur {len(messages)}) : {warning}", file=sys.stderr)
        shown = json.dumps(message_to_dict(message), ensure_ascii=False) if arguments.json else _shown(message)
        sys.stdout.buffer.write(shown.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()
    return 0


def message_to_dict(message: Received) -> dict[str, Any]:
    """The form of `exchange read --json`."""
    return {
        "format": message.format.value,
        "title": message.title,
        "patient": _patient(message.patient),
        "sent_at": message.sent_at.isoformat() if message.sent_at else None,
        "act_date": message.act_date.isoformat() if message.act_date else None,
        "sender": message.sender,
        "recipient": message.recipient,
        "reference": message.reference,
        "documents": [_document(one) for one in message.documents],
        "results": [_result(one) for one in message.results],
        "routing": _routing(message.routing),
        "replaces": message.replaces,
        "text": message.text,
        "warnings": list(message.warnings),
    }


def _patient(patient: ReceivedPatient) -> dict[str, Any]:
    names = ("family", "given", "birth_family", "used_family", "nir", "file_number")
    address = patient.address
    return {
        **{name: getattr(patient, name) for name in names},
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else None,
        "sex": patient.sex.value if patient.sex else None,
        "ins": patient.ins.value if patient.ins else None,
        "ins_oid": patient.ins.oid if patient.ins else None,
        "address": address and {"line": address.line, "postal_code": address.postal_code, "city": address.city},
    }


def _document(document: ReceivedDocument) -> dict[str, Any]:
    names = ("mime", "title", "name", "unique_id", "type_code")
    return {
        **{name: getattr(document, name) for name in names},
        "bytes": len(document.content),
        "created": document.created.isoformat() if document.created else None,
    }


def _result(result: ReceivedResult) -> dict[str, Any]:
    names = ("label", "code", "system", "value", "unit", "low", "high", "flag", "status")
    return {
        **{name: getattr(result, name) for name in names},
        "date": result.date.isoformat() if result.date else None,
    }


def _routing(routing: Routing) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(routing, name) for name in Routing.__dataclass_fields__}
    return {**told, "visibility": sorted(one.value for one in routing.visibility)}


def _shown(message: Received) -> str:
    patient = message.patient
    born = f", né(e) le {patient.birth_date:%d/%m/%Y}" if patient.birth_date else ""
    who = f"{patient.family} {patient.given}".strip() or "patient non indiqué"
    lines = [f"{message.format.value} : {who}{born}"]
    lines += [f"De {message.sender}"] if message.sender else []
    lines += [f"Date : {message.act_date:%d/%m/%Y}"] if message.act_date else []
    lines += [f"Document {one.mime}, {len(one.content)} octets {one.title}".rstrip() for one in message.documents]
    if message.text:
        lines += ["", message.text]
    lines += ["", "Résultats :"] if message.results else []
    lines += [f"  {result_line(one, day=message.act_date)}".replace("\n", "\n  ") for one in message.results]
    return "\n".join(lines) + "\n"


def file_bytes(path: Path) -> bytes:
    """Raises ContextError."""
    if path.is_dir():
        raise ContextError("file", f"« {path.name or path} » est un dossier.", "Donnez le nom d'un fichier.")
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ContextError("file", "Le fichier ne peut pas être lu.", "Vérifiez son nom.") from error
    if len(content) > _MAX_BYTES:
        raise ContextError("file", "Le fichier dépasse 64 Mo.", "Vérifiez que c'est le bon fichier.")
    return content
