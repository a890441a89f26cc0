"""`dmp identity check|qualify|calls`: the INS of a patient, from a shell. What identifies goes to standard output only."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from dmp_desktop.domain.fields import Fields, refuse
from dmp_desktop.domain.identity import DocumentKind, Identity, StrictTraits, begins, is_possible
from dmp_desktop.domain.people import Sex
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.context import COG_PATTERN, patient_from_dict
from dmp_desktop.services.identity import Proposal
from dmp_desktop.wiring import open_wiring


def register(families: Any) -> None:
    """Add `identity` and its actions."""
    identity = families.add_parser("identity", help="identité et INS d'un patient")
    actions = identity.add_subparsers(required=True, metavar="ACTION")
    calls = actions.add_parser("calls", help="journal des appels à l'INSi et ce qu'il a répondu (lignes JSON)")
    calls.set_defaults(run=_calls)
    for name, run, help_fr in (
        ("check", _check, "interroger le téléservice INSi et comparer les traits"),
        ("qualify", _qualify, "noter qu'une pièce d'identité a été vue et concorde"),
    ):
        action = actions.add_parser(name, help=help_fr)
        action.add_argument(
            "--context",
            required=True,
            metavar="FICHIER|-",
            help="fichier de contexte, ou traits stricts seuls (sans « ins ») ; - : entrée standard",
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
    traits, number = _who(arguments.context)
    with open_wiring() as wiring:
        wiring.sign_in_software()
        proposal = wiring.identities.check(wiring.identities.known(traits, number))
        accepted = arguments.accept and proposal.traits is not None
        identity = wiring.identities.accept(proposal) if accepted else proposal.identity
    _tell(arguments, identity, proposal)
    return 0 if proposal.traits is not None else 1


def _qualify(arguments: argparse.Namespace) -> int:
    traits, number = _who(arguments.context)
    with open_wiring() as wiring:
        wiring.sign_in_software()
        known = wiring.identities.known(traits, number)
        identity = wiring.identities.see_document(known, DocumentKind(arguments.document))
    _tell(arguments, identity, None)
    return 0


def _calls(_arguments: argparse.Namespace) -> int:
    """Rule 39: each call with its code and all that INSi returned."""
    with open_wiring() as wiring:
        for record, told in wiring.identities.calls():
            call = {"at": record.at.isoformat(), "by": record.actor, "action": record.action}
            print(json.dumps(call | {"returned": json.loads(told)}, ensure_ascii=False))
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


def _who(where: str) -> tuple[StrictTraits, str]:
    """Traits and number, of a context file or of its `patient` alone, whose INS need not be known yet. Raises ContextError."""
    try:
        content = json.loads(sys.stdin.read() if where == "-" else Path(where).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise ContextError(
            "context-json", "Le fichier de contexte est illisible.", "Vérifiez son chemin.", field="--context"
        ) from None
    patient = content.get("patient", content) if isinstance(content, dict) else content
    if isinstance(patient, dict) and patient.get("ins") is None:
        return _without_ins(patient), ""
    known = patient_from_dict(patient)
    return StrictTraits.of(known), known.ins.value


def _without_ins(untrusted: dict[str, Any]) -> StrictTraits:
    """The strict traits alone: never on the command line, which every program of the machine can read. Raises ContextError."""
    fields = Fields(untrusted, "patient")
    for unused in ("ins", "ins_oid", "identity_status"):
        fields.raw(unused)
    family, first = (fields.text(name, "texte") for name in ("birth_family", "first_given"))
    given = fields.optional("birth_given", "liste des prénoms de naissance") or first
    sex, born = Sex(fields.choice("sex", Sex)), fields.day("birth_date")
    place = fields.optional("birth_place_cog", "code INSEE du lieu de naissance en 5 caractères", COG_PATTERN)
    fields.close()
    if not is_possible(born, datetime.now().astimezone().date()):
        refuse(fields.at("birth_date"), "une date de naissance passée, de moins de 130 ans, est attendue")
    if not begins(given, first):
        refuse(fields.at("first_given"), "le premier des prénoms de « birth_given » est attendu")
    return StrictTraits(family, first, given, sex, born, place or "")
