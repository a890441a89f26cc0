"""`dmp dossier …`: who may open what (records, access, authorise, withdraw), and what becomes of a document (hide … delete)."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any

from dmp_desktop.commands.dossier_patient import bare_patient, document, open_record
from dmp_desktop.domain.access import Administrative, AuthorisationFilter, AuthorisedProfessional, DossierDate
from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import DmpRepository
from dmp_desktop.errors import DmpError
from dmp_desktop.services.administrative import AdministrativeOnly
from dmp_desktop.services.document_changes import LIFTED, STATUSES, Change, visibility_after
from dmp_desktop.wiring import Wiring, open_wiring

_CHANGES = {
    "hide": (Change.MASK, "masquer un document aux soignants (TD3.3a)"),
    "reveal": (None, "ne plus masquer un document, ou le rendre visible (TD3.3a, TD3.3b)"),
    "archive": (Change.ARCHIVE, "archiver un document (TD3.3d)"),
    "restore": (Change.RESTORE, "reprendre un document archivé (TD3.3d)"),
    "delete": (Change.DELETE, "supprimer un document (TD3.3c)"),
}
_LIFTING = {lifted.value: change for change, lifted in LIFTED.items()}
_SORTS = {"access": DossierDate.LAST_AUTHORISATION, "document": DossierDate.LAST_DOCUMENT}


def register(actions: Any) -> None:
    """Add these actions to those of `dossier`."""
    records = actions.add_parser("records", help="dossiers que je peux ouvrir (TD0.4)")
    records.add_argument(
        "--since",
        type=date.fromisoformat,
        metavar="AAAA-MM-JJ",
        default=date(2000, 1, 1),
        help="changés depuis ce jour",
    )
    records.add_argument("--by", choices=list(_SORTS), default="document", help="date d'autorisation ou de document")
    _finish(records, _records, patient=False)
    _finish(actions.add_parser("access", help="oppositions et professionnels autorisés (TD1.3a, TD1.6)"), _access)
    for name, add, help_fr in (
        ("authorise", True, "déclarer que le patient autorise l'accès à son DMP (TD0.3)"),
        ("withdraw", False, "retirer cette autorisation (TD0.3)"),
    ):
        _finish(actions.add_parser(name, help=help_fr), partial(_declare, add=add))
    for name, (change, help_fr) in _CHANGES.items():
        action = actions.add_parser(name, help=help_fr)
        if change is None:
            action.add_argument(
                "--visibility", choices=list(_LIFTING), default=Visibility.MASQUE_PS.value, help="restriction à lever"
            )
        _finish_change(action, change)


def _finish(action: argparse.ArgumentParser, run: Any, *, patient: bool = True) -> None:
    if patient:
        action.add_argument(
            "--ins", required=True, metavar="FICHIER|-", help="fichier de contexte ou INS ; - : entrée standard"
        )
    action.add_argument("--json", action="store_true", help="un objet JSON par ligne")
    action.set_defaults(run=run)


def _finish_change(action: argparse.ArgumentParser, change: Change | None) -> None:
    action.add_argument("unique_id", metavar="UNIQUE_ID", help="uniqueId du document")
    _finish(action, partial(_change, change=change))


def _records(arguments: argparse.Namespace) -> int:
    since = datetime.combine(arguments.since, time(), UTC)
    with open_wiring() as wiring:
        wiring.sign_in_software()
        administration = wiring.desk.administration()
        assert administration is not None  # noqa: S101 - sign-in succeeded
        found = administration.records(since, _SORTS[arguments.by])
    for dossier in found:
        last = dossier.last_document
        if arguments.json:
            patient = {"ins": dossier.patient.value, "ins_oid": dossier.patient.oid}
            told = asdict(dossier) | {"patient": patient}
            print(json.dumps(told, ensure_ascii=False, default=_plain))
        else:
            day = f"{last:%d/%m/%Y}" if last else "-"
            print(f"{day}  {dossier.family} {dossier.given}{'  médecin traitant' if dossier.attending else ''}")
    return 0


def _access(arguments: argparse.Namespace) -> int:
    """The oppositions first: they are told to whoever is not authorised too."""
    with open_wiring() as wiring:
        patient, _dmp = open_record(wiring, arguments.ins)
        administration = wiring.desk.administration()
        assert administration is not None  # noqa: S101 - sign-in succeeded
        told = administration.administrative(patient)
        print(json.dumps(asdict(told), ensure_ascii=False) if arguments.json else _oppositions(told))
        for professional in administration.professionals(patient, AuthorisationFilter.ALL):
            line = json.dumps(asdict(professional), ensure_ascii=False, default=_plain)
            print(line if arguments.json else _professional(professional))
    return 0


def _declare(arguments: argparse.Namespace, *, add: bool) -> int:
    """The command is the declaration: whoever types it says that the patient agrees, and it is traced in their name."""
    with open_wiring() as wiring:
        ins, _dmp = open_record(wiring, arguments.ins)
        patient = bare_patient(ins)
        status = wiring.dossier.authorise(patient) if add else wiring.dossier.withdraw(patient)
    told = {"authorization": status.authorization, "attending": status.attending}
    print(json.dumps(told) if arguments.json else "Fait.")
    return 0


def _change(arguments: argparse.Namespace, change: Change | None) -> int:
    with open_wiring() as wiring:
        ins, dmp = open_record(wiring, arguments.ins)
        wanted = change or _LIFTING[arguments.visibility]
        dmp = _readable(wiring, dmp, ins, wanted)
        attending, by = dmp.status(ins).attending, wiring.desk.national_id()
        entry = document(dmp, ins, arguments.unique_id)
        wiring.properties.change(bare_patient(ins), entry, wanted, attending=attending, by=by)
        told = (
            {"status": STATUSES[wanted].value.rpartition(":")[2]}
            if wanted in STATUSES
            else {"visibility": sorted(one.value for one in visibility_after(entry.visibility, wanted))}
        )
    print(json.dumps({"unique_id": arguments.unique_id} | told) if arguments.json else "Fait.")
    return 0


def _readable(wiring: Wiring, dmp: DmpRepository, patient: InsIdentity, wanted: Change) -> DmpRepository:
    """A patient who objects to consultation has nothing read, but may have a document deleted: by its reference alone, as a
    secretary does; the DMP itself sees whose it is. Raises DmpError, StorageError."""
    try:
        wiring.access.policy.may_consult(patient)
    except DmpError:
        if wanted is not Change.DELETE:
            raise
        return AdministrativeOnly(dmp)
    return dmp


def _plain(value: date) -> str:
    return value.isoformat()


def _oppositions(told: Administrative) -> str:
    words = {True: "oui", False: "non", None: "non précisé"}
    return (
        f"opposition au bris de glace : {words[told.opposes_break_glass]} ; "
        f"opposition à l'accès d'urgence : {words[told.opposes_emergency]}"
    )


def _professional(one: AuthorisedProfessional) -> str:
    state = "bloqué" if one.blocked else "médecin traitant" if one.right == "MEDECIN_TRAITANT" else "autorisé"
    since = f" depuis le {one.since:%d/%m/%Y}" if one.since else ""
    return f"{state}{since}  {one.family} {one.given}".rstrip()
