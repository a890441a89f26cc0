"""Checks of the program itself: its version, the code tables it reads, its settings."""

from __future__ import annotations

import platform
from typing import Final

from dmp_desktop import version
from dmp_desktop.platform.settings import load_settings
from dmp_desktop.resources import resource_path
from dmp_desktop.services.diagnostics.model import Check, Seen, Topic, attention, fine, problem, seen
from dmp_desktop.services.diagnostics.site import Site
from dmp_desktop.terminology.resources import FORMAT

VERSION: Final = Topic(
    "software.version",
    "Version du logiciel",
    {
        "ok": fine("DMP Desktop {version}, Python {python}, tables de codes fournies : {own}, importées : {imported}."),
        "passed_over": attention(
            "Tables de codes importées par une autre version, et donc pas lues : {count}.",
            "Importez-les à nouveau (dmp terminology import).",
        ),
        "no_tables": problem("Les tables de codes du logiciel sont absentes.", "Réinstallez DMP Desktop."),
    },
)
SETTINGS: Final = Topic(
    "software.settings",
    "Réglages",
    {
        "ok": fine("Les réglages de ce poste se lisent."),
        "ignored": attention("{notice}", "Retirez cette variable de l’environnement."),
        "damaged": attention("{notice}", "Ouvrez Réglages, vérifiez les valeurs et enregistrez-en une."),
    },
)


def _version(site: Site) -> Seen:
    own = [file for file in resource_path("codes").glob("*.tsv*") if file.is_file()]
    if not own:
        return seen("no_tables")
    imported = sorted(site.station.paths.codes.glob("*.tsv"))
    passed_over = [file for file in imported if not _readable(file.read_bytes()[: len(FORMAT) + 1])]
    if passed_over:
        return seen("passed_over", count=len(passed_over))
    return seen("ok", version=version(), python=platform.python_version(), own=len(own), imported=len(imported))


def _settings(site: Site) -> Seen:
    station = site.station
    if station.settings_error is not None:
        raise station.settings_error
    if station.endpoint.notices:
        return seen("ignored", notice=station.endpoint.notices[0])
    notice = load_settings(station.paths.settings)[1]
    return seen("damaged", notice=notice) if notice else seen("ok")


def _readable(head: bytes) -> bool:
    return head.decode("utf-8", "replace").rstrip("\r\n") == FORMAT


CHECKS: Final = (Check(VERSION, _version), Check(SETTINGS, _settings))
