"""`dmp journal verify|export`: who did what here, in order. Patients are pseudonyms, nothing clinical is in it."""

from __future__ import annotations

import argparse
import json
from typing import Any

from dmp_desktop.domain.acts import Act
from dmp_desktop.wiring import open_wiring


def register(families: Any) -> None:
    """Add `journal` and its actions."""
    actions = families.add_parser("journal", help="journal des actes de ce poste").add_subparsers(
        required=True, metavar="ACTION"
    )
    verify = actions.add_parser("verify", help="vérifier que rien n'y a été changé, déplacé ni retiré")
    verify.add_argument("--json", action="store_true", help="un objet JSON")
    verify.set_defaults(run=_verify)
    export = actions.add_parser("export", help="tous les actes, un objet JSON par ligne")
    export.set_defaults(run=_export)


def _verify(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        number, head = wiring.journal.verify()
        wiring.journal.note_head()
        wiring.acts.note(Act.JOURNAL_VERIFIED)
    if arguments.json:
        print(json.dumps({"acts": number, "head": head}))
    else:
        print(f"Le journal est intact : {number} acte{'s' if number > 1 else ''}.")
    return 0


def _export(_arguments: argparse.Namespace) -> int:
    """A journal that is not as it was written is exported too: it is evidence; `verify` says what is wrong with it."""
    with open_wiring() as wiring:
        for line in wiring.journal.lines():
            print(line)
        wiring.acts.note(Act.JOURNAL_EXPORTED)
    return 0
