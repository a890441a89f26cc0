"""`dmp identity check|qualify`: the INS of a patient, from a shell. What identifies goes to standard output only."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from dmp_desktop.domain.identity import DocumentKind, Identity, StrictTraits
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.services.identity import Proposal
from dmp_desktop.wiring import open_wiring


def register(families: Any) -> None:
    """Add `identity` and its actions."""
    identity = families.add_parser("identity", help="identité et INS d'un patient")
    actions = identity.add_subparsers(required=True, metavar="ACTION")
    for name, run, help_fr in (
        ("check", _check, "interroger le téléservice INSi et comparer les traits"),
        ("qualify", _qualify, "noter qu'une pièce d'identité a été vue et concorde"),
    ):
        action = actions.add_parser(name, help=help_fr)
        action.add_argument(
            "--context", required=True, metavar="FICHIER|-", help="fichier de contexte ; - : entrée standard"
        )
        action.add_argument("--json", action="store_true", help="un objet JSON")
        action.set_defaults(run=run)
        if name == "check":
            action.add_argument("--accept", action="store_true", help="retenir les traits et l'INS de la réponse")
        else:
            action.add_argument(
                "--document", required=True, choices=[kind.value for kind in DocumentKind], help="la pièce vue"
            )


def _check(arguments: argparse.Namespace) -> int:
    patient = _patient(arguments.context)
    with open_wiring() as wiring:
        wiring.sign_in_software()
        proposal = wiring.identities.ask(wiring.identities.known(StrictTraits.of(patient)))
        accepted = arguments.accept and proposal.traits is not None
        identity = wiring.identities.accept(proposal) if accepted else proposal.identity
    _tell(arguments, identity, proposal)
    return 0 if proposal.traits is not None else 1


def _qualify(arguments: argparse.Namespace) -> int:
    patient = _patient(arguments.context)
    with open_wiring() as wiring:
        wiring.sign_in_software()
        known = wiring.identities.known(StrictTraits.of(patient))
        identity = wiring.identities.see_document(known, DocumentKind(arguments.document))
    _tell(arguments, identity, None)
    return 0


def _tell(arguments: argparse.Namespace, identity: Identity | None, proposal: Proposal | None) -> None:
    told: dict[str, Any] = {"status": identity.status if identity else None}
    if identity and identity.ins:
        told |= {"ins": identity.ins.value, "ins_oid": identity.ins.oid}
    if proposal:
        told |= {
            "outcome": proposal.answer.outcome,
            "divergences": [divergence.line for divergence in proposal.divergences],
            "said": proposal.said,
        }
    if arguments.json:
        print(json.dumps(told, ensure_ascii=False))
        return
    print(f"identité {told['status']}")
    for line in (*told.get("divergences", ()), told.get("said")):
        if line:
            print(line)


def _patient(where: str) -> Patient:
    """The patient of a context file, or of its `patient` alone. Raises ContextError."""
    try:
        content = json.loads(sys.stdin.read() if where == "-" else Path(where).read_text("utf-8"))
    except (OSError, ValueError):
        raise ContextError(
            "context-json", "Le fichier de contexte est illisible.", "Vérifiez son chemin.", field="--context"
        ) from None
    return patient_from_dict(content.get("patient", content) if isinstance(content, dict) else content)
