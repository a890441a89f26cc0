"""`dmp identity …`: the INS of a patient, from a shell. What identifies goes to standard output only."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from dmp_desktop.domain.fields import Fields, refuse
from dmp_desktop.domain.identity import UNKNOWN_PLACE, DocumentKind, Identity, StrictTraits, begins, is_possible
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.ins_access import Why
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Sex
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.context import COG_PATTERN, patient_from_dict
from dmp_desktop.services.identity_proposal import Proposal
from dmp_desktop.wiring import Wiring, open_wiring

PLACE_HINT = f"code INSEE du lieu de naissance en 5 caractères ({UNKNOWN_PLACE} s'il n'est pas connu)"


def register(families: Any) -> None:
    """Add `identity` and its actions."""
    identity = families.add_parser("identity", help="identité et INS d'un patient")
    actions = identity.add_subparsers(required=True, metavar="ACTION")
    calls = actions.add_parser("calls", help="journal des appels à l'INSi et ce qu'il a répondu (lignes JSON)")
    calls.set_defaults(run=_calls)
    accesses = actions.add_parser("accesses", help="journal des accès aux INS : qui, quand, pourquoi (lignes JSON)")
    accesses.add_argument(
        "--context", metavar="FICHIER|-", help="d'un seul patient : fichier de contexte, avec son INS"
    )
    accesses.set_defaults(run=_accesses)
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
            known = ", ".join(DocumentKind)
            action.add_argument(
                "--document", required=True, metavar="PIÈCE", help=f"la pièce vue : {known}, ou une de cabinet.json"
            )


def _check(arguments: argparse.Namespace) -> int:
    traits, number = _who(arguments.context)
    with open_wiring() as wiring:
        wiring.sign_in_software()
        proposal = wiring.identities.check(_meant(wiring, traits, number))
        accepted = arguments.accept and proposal.traits is not None
        identity = wiring.identities.accept(proposal) if accepted else proposal.identity
        _show(wiring, identity)
    _tell(arguments, identity, proposal)
    return 0 if proposal.traits is not None else 1


def _qualify(arguments: argparse.Namespace) -> int:
    traits, number = _who(arguments.context)
    with open_wiring() as wiring:
        wiring.sign_in_software()
        wiring.identities.rights.may_see()
        known = wiring.identities.known(traits, number.value if number else "")
        identity = wiring.identities.see_document(known, arguments.document)
        _show(wiring, identity)
    _tell(arguments, identity, None)
    return 0


def _calls(_arguments: argparse.Namespace) -> int:
    """Rule 39: each call with its code and all that INSi returned."""
    with open_wiring() as wiring:
        wiring.sign_in_software()
        wiring.identities.rights.may_see()
        for record, told in wiring.identities.calls():
            call = {"at": record.at.isoformat(), "by": record.actor, "action": record.action}
            print(json.dumps(call | {"returned": json.loads(told)}, ensure_ascii=False))
            number = json.loads(told).get("active", {}).get("ins")
            wiring.identities.accessed((number,) if number else (), Why.DISPLAY)
    return 0


def _accesses(arguments: argparse.Namespace) -> int:
    """Rule 4: who got at which INS, the latest first; a patient is a pseudonym, always the same."""
    number = _who(arguments.context)[1] if arguments.context else None
    with open_wiring() as wiring:
        wiring.sign_in_software()
        wiring.identities.rights.may_see()
        for one in wiring.accesses.accesses(number.value if number else ""):
            told = {"at": one.at.isoformat(), "by": one.by, "patient": one.patient, "why": one.why}
            print(json.dumps(told, ensure_ascii=False))
    return 0


def _meant(wiring: Wiring, traits: StrictTraits, number: InsIdentity | None) -> Identity:
    """A number that the practice software calls qualified is theirs until INSi no longer knows it (rule 49)."""
    if number is not None and number.status is InsStatus.QUALIFIEE:
        return wiring.identities.given(traits, Matricule(number.value, number.oid))
    return wiring.identities.known(traits, number.value if number else "")


def _show(wiring: Wiring, identity: Identity | None) -> None:
    """The number is about to be printed."""
    if identity and identity.ins:
        wiring.identities.accessed((identity.ins.value,), Why.DISPLAY)


def _tell(arguments: argparse.Namespace, identity: Identity | None, proposal: Proposal | None) -> None:
    identity = identity and identity.read
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


def _who(where: str) -> tuple[StrictTraits, InsIdentity | None]:
    """Traits and number, of a context file or of its `patient` alone, whose INS need not be known yet. Raises ContextError."""
    try:
        content = json.loads(sys.stdin.read() if where == "-" else Path(where).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise ContextError(
            "context-json", "Le fichier de contexte est illisible.", "Vérifiez son chemin.", field="--context"
        ) from None
    patient = content.get("patient", content) if isinstance(content, dict) else content
    if isinstance(patient, dict) and patient.get("ins") is None:
        return _without_ins(patient), None
    known = patient_from_dict(patient)
    return StrictTraits.of(known), known.ins


def _without_ins(untrusted: dict[str, Any]) -> StrictTraits:
    """The five strict traits alone, the place of birth among them (INS/va1.21, rule 5 of the INS guide; INSi itself asks without
    it): never on the command line, which every program of the machine can read. Raises ContextError."""
    fields = Fields(untrusted, "patient")
    for unused in ("ins", "ins_oid", "identity_status"):
        fields.raw(unused)
    family, first = (fields.text(name, "texte") for name in ("birth_family", "first_given"))
    given = fields.optional("birth_given", "liste des prénoms de naissance") or first
    sex, born = Sex(fields.choice("sex", Sex)), fields.day("birth_date")
    place = fields.text("birth_place_cog", PLACE_HINT, COG_PATTERN)
    fields.close()
    if not is_possible(born, datetime.now().astimezone().date()):
        refuse(fields.at("birth_date"), "une date de naissance passée, de moins de 130 ans, est attendue")
    if not begins(given, first):
        refuse(fields.at("first_given"), "le premier des prénoms de « birth_given » est attendu")
    return StrictTraits(family, first, given, sex, born, "" if place == UNKNOWN_PLACE else place)
