"""The pages of the stand-in Web DMP that other software opens (TD0.9, reference §2.1): each says which one it is, no more.

A browser shows no certificate to the services of the DMP: these pages stand where it is asked for none, beside Pro Santé Connect.
The real ones demand the professional's card or e-CPS first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any, Final

from dmp_desktop.domain.ins import is_ins

PREFIX: Final = "/AccesDirect/"

TITLES: Final = {
    "TableauDeBord": "Tableau de bord",
    "DossierPatient": "Dossier du patient",
    "GestionDMPPatient": "Gestion du DMP du patient",
    "Documents": "Documents",
    "ParcoursDeSoins": "Parcours de soins",
    "HistoriqueAcces": "Historique des accès",
    "Parametrages": "Paramétrages",
    "VolontesEtDroits": "Volontés et droits",
    "CarnetVaccination": "Carnet de vaccination",
}
WITHOUT_PATIENT: Final = frozenset({"TableauDeBord", "Parametrages"})
WITH_PATIENT: Final = frozenset(TITLES) - {"Parametrages"}

_STYLE = (
    "body{font:18px sans-serif;max-width:34em;margin:3em auto;padding:0 1em;color:#1b1b1b}"
    ".bac{background:#b34000;color:#fff;padding:.6em 1em;font-weight:bold}"
)

Wsgi = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]


def beside(other: Wsgi) -> Wsgi:
    """These pages at their addresses, `other` at all others."""

    def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        path = str(environ["PATH_INFO"])
        if not path.startswith(PREFIX):
            return other(environ, start_response)
        status, text = page(path) if environ["REQUEST_METHOD"] == "GET" else ("405 Method Not Allowed", "")
        body = text.encode()
        headers = [
            ("Content-Type", "text/html; charset=UTF-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
        ]
        start_response(status, headers)
        return (body,)

    return application


def page(path: str) -> tuple[str, str]:
    """HTTP status and HTML of an address. Nothing of it is logged: an INS may be in it."""
    name, _, number = path.removeprefix(PREFIX).partition("/")
    if name not in (WITH_PATIENT if number else WITHOUT_PATIENT) or (number and not is_ins(number)):
        return "404 Not Found", _html("Page inconnue", "Cette adresse n'est pas celle d'une page du Web DMP.")
    whose = f"Patient d'INS {number}." if number else "Page du professionnel, sans patient."
    return "200 OK", _html(TITLES[name], whose)


def _html(title: str, text: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Web DMP — bac à sable</title>'
        f'<style>{_STYLE}</style></head><body><p class="bac">BAC À SABLE : ceci n\'est pas le Web DMP</p>'
        f"<h1>{escape(title)}</h1><p>{escape(text)}</p></body></html>"
    )
