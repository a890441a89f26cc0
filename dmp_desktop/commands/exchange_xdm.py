"""`dmp exchange xdm` and `dmp exchange mail`: documents made ready for a correspondent."""

from __future__ import annotations

import argparse
import hashlib
import sys
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from dmp_desktop.commands.cda import moment
from dmp_desktop.errors import ContextError
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.services.export import write_whole
from dmp_desktop.services.secure_mail import draft
from dmp_desktop.services.xdm_package import package
from dmp_desktop.wiring.base import SOURCE_OID

_MAX_BYTES = 64 * 1024 * 1024  # as `cda` reads


def register(actions: Any) -> None:
    """Add `xdm` and `mail` to the actions of `exchange`."""
    making = actions.add_parser("xdm", help="documents d'un patient dans une archive IHE_XDM.ZIP")
    _common(making, "ARCHIVE.zip")
    making.set_defaults(run=_xdm)
    mailing = actions.add_parser("mail", help="message MSSanté prêt à ouvrir dans la messagerie, archive et PDF joints")
    _common(mailing, "MESSAGE.eml")
    mailing.add_argument(
        "--to", required=True, action="append", metavar="ADRESSE", help="adresse MSSanté d'un professionnel ; répétable"
    )
    mailing.set_defaults(run=_mail)


def _common(action: argparse.ArgumentParser, output: str) -> None:
    action.add_argument("files", nargs="+", type=Path, metavar="FICHIER.xml", help="documents CDA d'un même patient")
    action.add_argument("-o", dest="output", required=True, type=Path, metavar=output, help="où l'écrire")
    action.add_argument("--clock", type=moment, metavar="DATE", help="date de l'envoi (ISO 8601), avec son fuseau")


def _xdm(arguments: argparse.Namespace) -> int:
    """Raises CdaError or ContextError with what keeps the archive from being made."""
    cdas = [_read(path) for path in arguments.files]
    made = package(cdas, SOURCE_OID, *_circumstances(arguments, cdas))
    write_whole(made.archive, arguments.output)
    return 0


def _mail(arguments: argparse.Namespace) -> int:
    """Raises as `_xdm`, and ContextError for an address. What is doubtful goes to stderr."""
    cdas = [_read(path) for path in arguments.files]
    made = draft(cdas, arguments.to, SOURCE_OID, *_circumstances(arguments, cdas))
    write_whole(made.eml, arguments.output)
    for warning in made.warnings:
        print(f"Attention : {warning}", file=sys.stderr)
    return 0


def _circumstances(arguments: argparse.Namespace, cdas: Sequence[bytes]) -> tuple[uuid.UUID, datetime]:
    """The set's identifier and its moment; with --clock, those of these very documents: the same command, the same bytes."""
    if arguments.clock is None:
        return SystemEntropy().uuid(), SystemClock().now().astimezone().replace(microsecond=0)
    told = hashlib.sha256(arguments.clock.isoformat().encode())
    for cda in cdas:
        told.update(hashlib.sha256(cda).digest())
    return uuid.uuid5(uuid.NAMESPACE_OID, told.hexdigest()), arguments.clock


def _read(path: Path) -> bytes:
    """Raises ContextError."""
    try:
        if path.stat().st_size <= _MAX_BYTES:
            return path.read_bytes()
    except OSError as error:
        raise ContextError("file", f"Le fichier {path.name} ne peut pas être lu.", "Vérifiez son nom.") from error
    raise ContextError("file", f"Le fichier {path.name} dépasse 64 Mo.", "Vérifiez que c'est le bon fichier.")
