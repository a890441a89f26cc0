"""The two screens of the stand-in Pro Santé Connect: the sign-in page of the browser, and the phone's e-CPS application."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from dmp_desktop.sandbox.psc_state import PhoneRequest, PscUser

_STYLE = (
    "body{font:18px sans-serif;max-width:34em;margin:3em auto;padding:0 1em;color:#1b1b1b}"
    ".bac{background:#b34000;color:#fff;padding:.6em 1em;font-weight:bold}"
    "button{font:inherit;padding:.5em 1.2em;margin:.5em .5em .5em 0}"
)


def _page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<style>{_STYLE}</style></head><body><p class="bac">BAC À SABLE : ceci n\'est pas Pro Santé Connect</p>'
        f"<h1>{escape(title)}</h1>{body}</body></html>"
    )


def sign_in(parameters: Mapping[str, str], users: Mapping[str, PscUser]) -> str:
    """Who signs in, and a button for each answer; the request's parameters go back with it."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in parameters.items()
    )
    people = "".join(
        f'<option value="{user.national_id}">{escape(user.given)} {escape(user.family)}</option>'
        for user in users.values()
    )
    return _page(
        "Se connecter avec l'e-CPS",
        f'<form method="post">{hidden}<p><label>Personne <select name="person">{people}</select></label></p>'
        '<button name="answer" value="yes">Se connecter</button><button name="answer" value="no">Refuser</button></form>',
    )


def phone(waiting: Mapping[str, PhoneRequest]) -> str:
    """The requests that wait for an answer, with the number to compare."""
    rows = "".join(
        f'<form method="post"><p>{escape(request.user.given)} {escape(request.user.family)} : connexion à DMP Desktop, '
        f'numéro <strong>{escape(request.binding)}</strong></p><input type="hidden" name="request" value="{escape(key)}">'
        '<button name="answer" value="yes">Confirmer</button><button name="answer" value="no">Refuser</button></form>'
        for key, request in waiting.items()
    )
    return _page("Application e-CPS", rows or "<p>Aucune demande.</p>")


def problem(reason: str) -> str:
    """A request the provider does not take: shown to the person, never sent back to an address that is not trusted."""
    return _page("Demande refusée", f"<p>{escape(reason)}</p>")
