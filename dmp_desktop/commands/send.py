"""`dmp send FILE…`: into the outbox, then out, with no undo delay. Several documents of one patient leave together."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from dmp_desktop.commands.outbox import add_wait, send_and_follow, tell
from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.people import Patient, Role
from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.services.deposit import patient_of
from dmp_desktop.wiring import Wiring, open_wiring


def register(families: Any) -> None:
    """Add `send`."""
    send = families.add_parser("send", help="envoyer des documents CDA au DMP")
    send.add_argument("files", nargs="+", type=Path, metavar="FICHIER", help="document CDA")
    send.add_argument(
        "--visibility",
        action="append",
        choices=[restriction.value for restriction in Visibility],
        default=[],
        help="restriction de visibilité (peut être répétée) ; sans elle, une nouvelle version garde celle du document remplacé",
    )
    send.add_argument(
        "--validated-by",
        metavar="IDENTIFIANT",
        default="",
        help="avec une carte du secrétariat : identifiant national (8 suivi du RPPS) de qui a validé les documents",
    )
    add_wait(send)
    send.add_argument("--json", action="store_true", help="un objet JSON par ligne")
    send.set_defaults(run=_send)


def _send(arguments: argparse.Namespace) -> int:
    """Every file is read and checked before the first one is kept: what is refused then has moved nothing."""
    documents = [_read(file, rank, len(arguments.files)) for rank, file in enumerate(arguments.files, 1)]
    visibility = [Visibility(restriction) for restriction in arguments.visibility]
    with open_wiring() as wiring:
        for patient, _ in documents:
            wiring.access.oppositions.may_feed(patient.ins)
            wiring.access.may_show(patient, frozenset(visibility))
        absent = _sign_in(wiring)
        if absent and arguments.validated_by:  # only her card tells in whose name they would wait
            raise absent
        kept = []
        by = wiring.desk.signed_in()
        secretary = by if by and by.role is Role.SECRETARY else None
        for lot in wiring.outbox.enqueue_files(
            documents,
            visibility,
            secretary=secretary,
            validated_by=arguments.validated_by if secretary else "",
            undo_delay=timedelta(0),
        ):
            for item in lot:
                kept.append(item.id)
                tell(item, arguments, state="queued")
        if absent:
            raise absent
        return send_and_follow(wiring, kept, arguments)


def _sign_in(wiring: Wiring) -> DmpDesktopError | None:
    """Why nobody could sign in: documents are kept all the same, until somebody can. Raises DmpError for who may not send any."""
    try:
        wiring.sign_in_software()
    except DmpDesktopError as error:
        return error
    wiring.desk.may_send()
    return None


def _read(file: Path, rank: int, total: int) -> tuple[Patient, bytes]:
    """Whom it is about, and its bytes. Of several, which one is refused is told by its rank: its name may be a patient's."""
    try:
        content = _content(file)
        return patient_of(content), content
    except DmpDesktopError:
        if total > 1:
            print(f"Fichier {rank} sur {total}, rien n'est gardé ni envoyé :", file=sys.stderr)
        raise


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        raise ContextError(
            "file-unreadable",
            "Un fichier à envoyer est illisible.",
            "Vérifiez son chemin et ses droits.",
            field="FICHIER",
        ) from None
