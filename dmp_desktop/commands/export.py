"""`dmp export DOSSIER`: everything this workstation keeps, in open formats. Clinical content only for its author, signed in."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from dmp_desktop.services.export_words import NO_DRAFTS
from dmp_desktop.wiring import open_wiring


def register(families: Any) -> None:
    """Add `export`."""
    parser = families.add_parser("export", help="tout ce que garde ce poste, en formats ouverts, dans un dossier neuf")
    parser.add_argument("folder", type=Path, metavar="DOSSIER", help="nouveau ou vide : rien n'est écrit par-dessus")
    parser.add_argument("--json", action="store_true", help="un objet JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Without an identity (DMP_DESKTOP_IDENTITY), no document and no draft is written."""
    with open_wiring() as wiring:
        if wiring.endpoint.identity is not None:
            wiring.sign_in_software()
        told = wiring.whole_export.export(arguments.folder.absolute())
    counts = {"documents": told.documents, "drafts": told.drafts, "states": told.states, "acts": told.acts}
    counts |= {"scans": told.scans, "arrivals": told.arrivals, "identities": told.identities, "opinions": told.opinions}
    if arguments.json:
        print(json.dumps({"folder": str(told.folder), **counts, "unreadable": told.unreadable}))
        return 0
    print(
        f"{told.documents} document(s), {told.drafts or 0} brouillon(s), {told.acts or 0} acte(s), {told.scans} numérisation(s), "
        f"{told.arrivals} rendez-vous, {told.identities} identité(s), {told.opinions} avis et accès : {told.folder}"
    )
    if told.barred:
        print(told.barred)
    if not told.content:
        print("Ce qui est clinique, ou d'un patient, n'est écrit que pour un soignant identifié.")
    elif told.drafts is None:
        print(NO_DRAFTS)
    return 0
