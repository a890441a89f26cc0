"""`dmp dossier status|list|get|search`: the patient's record from a shell. Others: dossier_rights.py, dossier_export.py."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from dmp_desktop.commands import dossier_export, dossier_rights, find_options
from dmp_desktop.commands.dossier_patient import bare_patient, check_readable, document, open_record
from dmp_desktop.dmp.metadata import SIGNATURE_CLASS
from dmp_desktop.domain.access import Authorization
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.domain.search import Hit
from dmp_desktop.services.administrative import not_for_secretaries
from dmp_desktop.services.folding import Row, fold
from dmp_desktop.wiring import Wiring, open_wiring

_AUTHORISATION_FR = {
    Authorization.VALIDE: "valide",
    Authorization.EXPIRE: "expirée",
    Authorization.NON_EXISTE: "jamais donnée",
    Authorization.INTERDIT: "refusée par le patient",
    None: "non précisée",
}
SEARCH_BYTES = 100_000_000
"""Documents fetched for one search at most, the latest first."""


def register(families: Any) -> None:
    """Add `dossier` and its actions."""
    dossier = families.add_parser("dossier", help="consulter le dossier d'un patient")
    actions = dossier.add_subparsers(required=True, metavar="ACTION")
    for name, run, help_fr in (
        ("status", _status, "existence du DMP et autorisation d'accès (TD0.2)"),
        ("list", _list, "documents du DMP (TD3.1)"),
        ("get", _get, "un document du DMP (TD3.2)"),
        ("search", _search, "mots cherchés dans les documents du DMP"),
    ):
        action = actions.add_parser(name, help=help_fr)
        action.add_argument(
            "--ins", required=True, metavar="FICHIER|-", help="fichier de contexte ou INS ; - : entrée standard"
        )
        action.add_argument("--json", action="store_true", help="un objet JSON par ligne")
        action.set_defaults(run=run)
        if name == "list":
            find_options.add(action)
            action.add_argument("--fold", action="store_true", help="versions, jumeaux et doublons sous une ligne")
        if name == "get":
            action.add_argument("unique_id", metavar="UNIQUE_ID", help="uniqueId du document")
            action.add_argument("-o", dest="output", type=Path, required=True, metavar="FICHIER", help="où l'écrire")
        if name == "search":
            action.add_argument(
                "words", nargs="+", metavar="MOT", help="mots cherchés ; une expression entre guillemets"
            )
    dossier_export.register(actions)
    dossier_rights.register(actions)


def _status(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        patient, dmp = open_record(wiring, arguments.ins)
        status = dmp.status(patient)
        oppositions = _oppositions(wiring, patient) if status.exists and arguments.json else {}
    if arguments.json:
        told = {
            "exists": status.exists,
            "authorization": status.authorization,
            "closed": status.closed,
            "attending": status.attending,
            "oppositions": oppositions,
        }
        print(json.dumps(told, ensure_ascii=False))
    else:
        access = _AUTHORISATION_FR[status.authorization]
        existence = "DMP fermé" if status.closed else "DMP ouvert" if status.exists else "pas de DMP"
        print(f"{existence} ; autorisation : {access} ; médecin traitant : {'oui' if status.attending else 'non'}")
    return 0


def _oppositions(wiring: Wiring, patient: InsIdentity) -> dict[str, bool | None]:
    """Told by TD1.3a alone; None is what nobody told, never « no »."""
    administration = wiring.desk.administration()
    assert administration is not None  # noqa: S101 - sign-in succeeded
    told = administration.administrative(patient)
    return {"bris_de_glace": told.opposes_break_glass, "acces_urgence": told.opposes_emergency}


def _list(arguments: argparse.Namespace) -> int:
    criteria = find_options.criteria(arguments)
    with open_wiring() as wiring:
        patient, dmp = open_record(wiring, arguments.ins)
        wiring.access.policy.may_consult(patient)
        check_readable(dmp, patient)
        found = (entry for entry in dmp.find(patient, criteria) if entry.class_code.code != SIGNATURE_CLASS.code)
        if arguments.fold:
            for row in fold(list(found)):
                print(json.dumps(_row(row), ensure_ascii=False) if arguments.json else _folded_line(row))
        else:
            for entry in found:
                print(json.dumps(_told(entry), ensure_ascii=False) if arguments.json else _line(entry))
    return 0


def _get(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        patient, dmp = open_record(wiring, arguments.ins)
        wiring.access.policy.may_consult(patient)
        retrieval = wiring.desk.retrieval()
        if retrieval is None:
            raise not_for_secretaries()
        check_readable(dmp, patient)
        retrieval.retrieve_to(patient, document(dmp, patient, arguments.unique_id), arguments.output)
    return 0


def _search(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        ins, dmp = open_record(wiring, arguments.ins)
        wiring.access.policy.may_consult(ins)
        check_readable(dmp, ins)
        patient = bare_patient(ins)
        entries = [entry for entry in dmp.find(ins, FindCriteria()) if entry.class_code.code != SIGNATURE_CLASS.code]
        read = partial(wiring.dossier.fetch, patient)
        wiring.search.complete(patient, entries, read, lambda: False, SEARCH_BYTES)
        listed = {entry.unique_id for entry in entries}
        found = wiring.search.search(patient, " ".join(arguments.words), limit=len(entries))
        hits = [hit for hit in found if hit.unique_id in listed]  # not what was masked since it was read
        searched = len(listed & wiring.search.indexed(patient))
    for hit in hits:
        line = f"{hit.created:%d/%m/%Y}  {hit.title} ({hit.count})  {hit.snippet}  {hit.unique_id}"
        print(json.dumps(_found(hit), ensure_ascii=False) if arguments.json else line)
    print(f"{len(hits)} document(s) ; {searched} lus sur {len(listed)}", file=sys.stderr)
    return 0


def _told(entry: DocumentEntry) -> dict[str, Any]:
    """One document as design/cli.md prints it."""
    return {
        "unique_id": entry.unique_id,
        "entry_uuid": entry.entry_uuid,
        "title": entry.title,
        "type_code": entry.type_code.code,
        "class_code": entry.class_code.code,
        "format_code": entry.format_code.code,
        "creation_time": entry.creation_time.isoformat(),
        "author": entry.authors[0].display_name if entry.authors else "",
        "status": entry.status.value.rpartition(":")[2],
        "visibility": sorted(restriction.value for restriction in entry.visibility),
    }


def _row(row: Row) -> dict[str, Any]:
    """The head as design/cli.md prints documents; under it, which others and why."""
    folded = [{"unique_id": under.entry.unique_id, "reason": under.reason.name.lower()} for under in row.folded]
    return _told(row.entry) | {"folded": folded, "states": [state.name.lower() for state in row.states]}


def _folded_line(row: Row) -> str:
    under = "".join(f"\n    {under.reason} : {_line(under.entry)}" for under in row.folded)
    return _line(row.entry) + under


def _found(hit: Hit) -> dict[str, Any]:
    """One hit as design/cli.md prints objects; `spans` are (start, end) in `snippet`, in characters."""
    return asdict(hit) | {"created": hit.created.isoformat()}


def _line(entry: DocumentEntry) -> str:
    author = entry.authors[0].display_name if entry.authors else ""
    return f"{entry.creation_time:%d/%m/%Y}  {entry.title}  {author}  {entry.unique_id}"
