"""What a vaccination is coded with: vaccines by ATC code, sites of injection, routes."""

from __future__ import annotations

from functools import cache

from dmp_desktop.domain.documents import Code
from dmp_desktop.terminology.oids import ATC
from dmp_desktop.terminology.resources import read_table
from dmp_desktop.terminology.valuesets import ValueSet, codes_of
from dmp_desktop.terminology.wording import plain

_SIDES = {"d": "d", "droit": "d", "droite": "d", "g": "g", "gauche": "g"}
# How doctors write the routes of the value set.
_ROUTES = {"im": "intramusculaire", "sc": "sous-cutanee", "id": "intradermique", "per os": "orale", "nasale": "inhalee"}


@cache
def _vaccines() -> dict[str, Code]:
    return {code: Code(code, ATC, display) for code, display in read_table("vaccine_atc")}


def vaccine_class(atc: str) -> Code | None:
    """A vaccine by its ATC code (J07…), with its French label; None when it is not one."""
    return _vaccines().get(atc)


@cache
def _sites() -> dict[str, Code]:
    sites = codes_of(ValueSet.IMMUNIZATION_SITE)
    return {key: code for code in sites for key in (code.code, _place(code.display))}


def _place(text: str) -> str:
    """`deltoïde gauche`, `Deltoïde G` -> `deltoide g`."""
    words = plain(text).split()
    return " ".join([*words[:-1], *(_SIDES.get(word, word) for word in words[-1:])])


def injection_site(text: str) -> Code | None:
    """JDV immunization-approach-site by code or by words; None for another place: it stays in words."""
    return _sites().get(_place(text))


@cache
def _routes() -> dict[str, Code]:
    routes = codes_of(ValueSet.IMMUNIZATION_ROUTE)
    return {key: code for code in routes for key in (code.code, _way(code.display))}


def _way(text: str) -> str:
    """`Voie intramusculaire`, `IM` -> `intramusculaire`."""
    words = plain(text).removeprefix("voie ")
    return _ROUTES.get(words, words)


def injection_route(text: str) -> Code | None:
    """JDV immunization-route-code by code or by words; None for another one."""
    return _routes().get(_way(text))
