"""`dmp dossier export`: a patient's documents as files, to be opened by other software or handed over."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from dmp_desktop.commands import find_options
from dmp_desktop.commands.dossier_patient import check_readable, open_record
from dmp_desktop.dmp.metadata import SIGNATURE_CLASS
from dmp_desktop.domain.acts import Act
from dmp_desktop.services.administrative import not_for_secretaries
from dmp_desktop.services.export import Exported, Fate, export
from dmp_desktop.wiring import open_wiring

_TOLD = {Fate.WRITTEN: "écrit", Fate.PRESENT: "déjà là", Fate.REFUSED: "refusé"}


def register(actions: Any) -> None:
    """Add `export` to the actions of `dossier`."""
    action = actions.add_parser("export", help="documents du DMP copiés dans un dossier (TD3.2)")
    action.add_argument(
        "--ins", required=True, metavar="FICHIER|-", help="fichier de contexte ou INS ; - : entrée standard"
    )
    action.add_argument("-o", dest="folder", type=Path, required=True, metavar="DOSSIER", help="où les écrire")
    find_options.add(action)
    action.add_argument("--json", action="store_true", help="un objet JSON par ligne")
    action.set_defaults(run=_export)


def _export(arguments: argparse.Namespace) -> int:
    """Exit status 1 when the DMP refused a document; the same command again goes on where it stopped."""
    criteria = find_options.criteria(arguments)
    told: Counter[Fate] = Counter()
    with open_wiring() as wiring:
        patient, dmp = open_record(wiring, arguments.ins)
        wiring.access.policy.may_consult(patient)
        retrieval = wiring.desk.retrieval()
        if retrieval is None:
            raise not_for_secretaries()
        check_readable(dmp, patient)
        entries = [entry for entry in dmp.find(patient, criteria) if entry.class_code.code != SIGNATURE_CLASS.code]
        try:
            for exported in export(retrieval, patient, entries, arguments.folder):
                told[exported.fate] += 1
                print(json.dumps(_described(exported)) if arguments.json else _line(exported), flush=True)
        finally:
            left = len(entries) - told.total()
            wiring.acts.note(Act.EXPORT, patient, result=f"{told.total()}/{len(entries)}")
            print(_summary(told, left), file=sys.stderr)
    return 1 if told[Fate.REFUSED] else 0


def _described(exported: Exported) -> dict[str, Any]:
    told = {"unique_id": exported.entry.unique_id, "file": exported.file.name, "state": exported.fate.value}
    why = exported.why
    return told | ({"code": why.code, "message": why.why_fr, "remedy": why.remedy_fr} if why else {})


def _line(exported: Exported) -> str:
    why = f"  {exported.why.told_fr}" if exported.why else ""
    return f"{exported.file.name}  {_TOLD[exported.fate]}{why}"


def _summary(told: Counter[Fate], left: int) -> str:
    parts = [f"{told[Fate.WRITTEN]} écrit(s)", f"{told[Fate.PRESENT]} déjà là"]
    parts += [f"{told[Fate.REFUSED]} refusé(s)"] if told[Fate.REFUSED] else []
    parts += [f"{left} non demandé(s) : recommencez la même commande"] if left else []
    return " ; ".join(parts)
