"""Checks of the program itself: its version, the code tables it reads, its settings."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from typing import Final

from dmp_desktop import version
from dmp_desktop.errors import ContextError
from dmp_desktop.platform import endpoint
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
            "Faites-les importer à nouveau.",
            detail="dmp terminology import",
        ),
        "no_tables": problem("Les tables de codes du logiciel sont absentes.", "Réinstallez DMP Desktop."),
    },
)
SETTINGS: Final = Topic(
    "software.settings",
    "Réglages",
    {
        "ok": fine("Les réglages de ce poste se lisent."),
        "ignored": attention(
            "Réglages d’essai sans effet hors du bac à sable : {names}.",
            "Faites-les retirer par qui gère l’ordinateur.",
            detail="variables d’environnement {variables}.",
        ),
        "refused": problem(
            "Réglages d’essai de ce poste mal écrits, ou refusés hors du bac à sable : {names}.",
            "Faites-les corriger ou retirer par qui gère l’ordinateur.",
            detail="variables d’environnement {variables} : {why}",
        ),
        "traced": attention(
            "Une trace des échanges avec le DMP est écrite pour l’assistance, sans aucune donnée de patient.",
            "Faites-la arrêter quand l’assistance n’en a plus besoin.",
            detail="variable d’environnement DMP_DESKTOP_TRACE ; fichier trace-dmp.jsonl du dossier des journaux.",
        ),
        "damaged": attention("{notice}", "Ouvrez Réglages, vérifiez les valeurs et enregistrez-en une."),
    },
)
NAMES: Final = {
    endpoint.SERVER: "adresse du serveur du DMP",
    endpoint.CA: "autorités du serveur du DMP",
    endpoint.IDENTITY: "identité de connexion",
    endpoint.SECRETS: "fichier des secrets",
    endpoint.PSC: "Pro Santé Connect",
    endpoint.TRACE: "trace pour l’assistance",
}


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
    wrong = station.settings_error
    if wrong is not None and (field := getattr(wrong, "field", "")):
        return seen("refused", **_named([field]), why=f"{wrong.message_fr} {wrong.remedy_fr}".strip())
    if wrong is not None:
        raise wrong
    if station.endpoint.notices:  # each begins with the name of its variable
        return seen("ignored", **_named(notice.split(maxsplit=1)[0] for notice in station.endpoint.notices))
    notice = load_settings(station.paths.settings)[1]
    if notice:
        return seen("damaged", notice=notice)
    try:
        return seen("traced") if endpoint.is_traced(station.environment) else seen("ok")
    except ContextError as error:
        return seen("refused", **_named([error.field]), why=f"{error.message_fr} {error.remedy_fr}")


def _named(variables: Iterable[str]) -> dict[str, str]:
    """As people call them, then as the environment does."""
    variables = list(variables)
    return {"names": ", ".join(NAMES.get(one, one) for one in variables), "variables": ", ".join(variables)}


def _readable(head: bytes) -> bool:
    return head.decode("utf-8", "replace").rstrip("\r\n") == FORMAT


CHECKS: Final = (Check(VERSION, _version), Check(SETTINGS, _settings))
