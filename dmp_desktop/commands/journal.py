"""`dmp journal verify|export`: who did what here, in order. Patients are pseudonyms, nothing clinical is in it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from dmp_desktop.domain.acts import Act
from dmp_desktop.errors import ContextError
from dmp_desktop.services.clinic_journal import PracticeBook
from dmp_desktop.wiring import Wiring, open_wiring

_PRACTICE_FR = "le journal du cabinet, de tous ses postes"


def register(families: Any) -> None:
    """Add `journal` and its actions."""
    actions = families.add_parser("journal", help="journal des actes de ce poste").add_subparsers(
        required=True, metavar="ACTION"
    )
    verify = actions.add_parser("verify", help="vérifier que rien n'y a été changé, déplacé ni retiré")
    verify.add_argument("--json", action="store_true", help="un objet JSON")
    verify.add_argument("--practice", action="store_true", help=_PRACTICE_FR)
    verify.set_defaults(run=_verify)
    export = actions.add_parser("export", help="tous les actes, un objet JSON par ligne")
    export.add_argument("--practice", action="store_true", help=_PRACTICE_FR)
    export.add_argument(
        "-o", dest="file", type=Path, metavar="FICHIER", help="dans un fichier : CSV (.csv) ou lignes JSON"
    )
    export.set_defaults(run=_export)


def _verify(arguments: argparse.Namespace) -> int:
    if arguments.practice:
        return _verify_practice(arguments)
    with open_wiring() as wiring:
        number, head = wiring.journal.verify()
        wiring.journal.note_head()
        wiring.acts.note(Act.JOURNAL_VERIFIED)
    if arguments.json:
        print(json.dumps({"acts": number, "head": head}))
    else:
        print(f"Le journal est intact : {number} acte{'s' if number > 1 else ''}.")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    """A journal that is not as it was written is exported too: it is evidence; `verify` says what is wrong with it."""
    with open_wiring() as wiring:
        if arguments.practice:
            for line in _practice(wiring).lines():
                print(line)
            wiring.acts.note(Act.JOURNAL_EXPORTED)
            return 0
        if arguments.file:
            wiring.journal_desk.export(arguments.file)
            return 0
        for line in wiring.journal.lines():
            print(line)
        wiring.acts.note(Act.JOURNAL_EXPORTED)
    return 0


def _verify_practice(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        heads = _practice(wiring).verify()
        wiring.acts.note(Act.JOURNAL_VERIFIED)
    if arguments.json:
        print(json.dumps({station: {"acts": number, "head": head} for station, (number, head) in heads.items()}))
        return 0
    for station, (number, _head) in heads.items():
        print(f"Poste {station[:8]} : {number} acte{'s' if number > 1 else ''}, intact{'s' if number > 1 else ''}.")
    print(f"Le journal du cabinet est intact : {len(heads)} poste{'s' if len(heads) > 1 else ''}.")
    return 0


def _practice(wiring: Wiring) -> PracticeBook:
    if wiring.practice_journal is None:
        raise ContextError(
            "clinic-absent",
            "Ce poste n'est pas relié à une base du cabinet.",
            "Indiquez son adresse : DMP_DESKTOP_DATABASE=postgresql://UTILISATEUR@SERVEUR/BASE?ca=FICHIER.",
        )
    return wiring.practice_journal
