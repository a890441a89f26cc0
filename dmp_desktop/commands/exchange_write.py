"""`dmp exchange profile` and `dmp exchange write`: documents into the folder of the practice software."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from dmp_desktop.commands.exchange_read import file_bytes
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.hprim_write import ENCODINGS, LINE_ENDS
from dmp_desktop.exchange.profile import PLACEHOLDERS, SUFFIXES, TEMPLATE, Profile, profile_to_dict
from dmp_desktop.platform.paths import find_paths
from dmp_desktop.platform.settings import load_settings
from dmp_desktop.services.outgoing import WORDS, Outgoing
from dmp_desktop.services.outgoing_run import write_now
from dmp_desktop.services.profiles import ProfileFile
from dmp_desktop.wiring import open_wiring
from dmp_desktop.wiring.base import SOURCE_OID


def register(actions: Any) -> None:
    """Add `write` and `profile` to the actions of `exchange`."""
    writing = actions.add_parser("write", help="documents dans le dossier du logiciel métier")
    writing.add_argument("files", nargs="+", type=Path, metavar="FICHIER.xml", help="documents CDA")
    writing.add_argument("--profile", default="", metavar="NOM", help="le profil (le seul, s'il n'y en a qu'un)")
    writing.add_argument("--json", action="store_true", help="un objet JSON par document et par ligne")
    writing.set_defaults(run=_write)
    profile = actions.add_parser("profile", help="les profils : un par logiciel métier")
    profile.add_argument("name", nargs="?", default="", metavar="NOM", help="le créer, ou le changer")
    profile.add_argument("--folder", metavar="DOSSIER", help="où écrire : le dossier d'import du logiciel métier")
    profile.add_argument("--formats", metavar="LISTE", help=f"parmi {', '.join(SUFFIXES)}, séparés par des virgules")
    fields = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    profile.add_argument("--template", metavar="MODÈLE", help=f"nom des fichiers ({fields}) ; d'origine {TEMPLATE}")
    profile.add_argument("--encoding", choices=ENCODINGS, help="codage des fichiers HPRIM")
    profile.add_argument("--line-ends", choices=tuple(LINE_ENDS), help="fins de ligne des fichiers HPRIM")
    profile.add_argument(
        "--automatic", choices=("on", "off"), help="on : y écrire aussi de soi-même ce que le DMP a reçu d'ici"
    )
    profile.add_argument("--remove", action="store_true", help="le supprimer")
    profile.add_argument("--json", action="store_true", help="un objet JSON par profil et par ligne")
    profile.set_defaults(run=_profile)


def _write(arguments: argparse.Namespace) -> int:
    """1 where a format could not be made: the others are written. Raises ContextError, CdaError."""
    paths = find_paths(os.environ, Path.home())
    profile = ProfileFile(paths.profiles).named(arguments.profile)
    whole = True
    for file in arguments.files:
        document = Outgoing(file_bytes(file), (), SOURCE_OID)
        written = write_now(document, profile, load_settings(paths.settings)[0], paths.home)
        for warning in written.warnings:
            print(f"Attention : {warning}", file=sys.stderr)
        for kind, error in written.refused:
            whole = False
            print(f"{WORDS[kind]} n'a pas été écrit : {error.told_fr}", file=sys.stderr)
        if arguments.json:
            print(json.dumps({"unique_id": written.unique_id, "files": [str(one) for one in written.files]}))
    return 0 if whole else 1


def _profile(arguments: argparse.Namespace) -> int:
    """Raises ContextError with what is wrong, and then changes nothing."""
    with open_wiring() as wiring:
        desk = wiring.profiles
        there = {one.name: one for one in desk.load()}
        asked = {
            name: value
            for name in ("folder", "template", "encoding", "line_ends")
            if (value := getattr(arguments, name)) is not None
        }
        if arguments.remove:
            there = {one.name: one for one in desk.remove(arguments.name)}
        elif arguments.name and (asked or arguments.formats or arguments.automatic or arguments.name not in there):
            former = there.get(arguments.name)
            made = replace(former or Profile(arguments.name, ""), **asked)
            if "folder" in asked:
                made = replace(made, folder=str(Path(made.folder).absolute()))
            if arguments.formats:
                made = replace(made, formats=_formats(arguments.formats))
            by_itself = arguments.automatic == "on" if arguments.automatic else made.since is not None
            there = {one.name: one for one in desk.keep(made, former.name if former else "", automatic=by_itself)}
    for one in there.values():
        if arguments.json:
            print(json.dumps(profile_to_dict(one), ensure_ascii=False))
        else:
            print(f"{one.name} : {', '.join(WORDS[kind] for kind in one.formats)} dans {one.folder}")
    return 0


def _formats(typed: str) -> tuple[str, ...]:
    kinds = tuple(one.strip().lower() for one in typed.split(","))
    if unknown := [one for one in kinds if one not in SUFFIXES]:
        raise ContextError(
            "profile-format", f"Format inconnu : {unknown[0]}.", f"Formats : {', '.join(SUFFIXES)}.", field="formats"
        )
    return kinds
