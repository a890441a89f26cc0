"""What the words of practice stand for: drugs, vaccines, laboratory results, abbreviations. Tables read on first use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from dmp_desktop.domain.documents import Code
from dmp_desktop.terminology.oids import ATC, CIS, LOINC
from dmp_desktop.terminology.resources import read_table


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug name: its ATC code and its substance (French INN without accents; empty when not known)."""

    name: str
    atc: Code
    dci: str


@dataclass(frozen=True, slots=True)
class Product:
    """A marketed product of the BDPM. `atc` and `dci` are empty when the BDPM gives none."""

    cis: Code
    form: str
    routes: tuple[str, ...]
    atc: str
    dci: str


@dataclass(frozen=True, slots=True)
class Vaccine:
    """A vaccine: its ATC code, what it protects from, and the broader code CI-SIS lists for it, if any."""

    term: str
    atc: Code
    diseases: str
    cisis: Code | None


@dataclass(frozen=True, slots=True)
class Measure:
    """A LOINC code a general practitioner meets; `unit` (UCUM) is empty when the result is not a number."""

    code: Code
    unit: str
    kind: str


@cache
def _drugs() -> dict[str, Drug]:
    return {name: Drug(name, Code(atc, ATC, dci or name), dci) for name, atc, dci in read_table("drugs")}


def drug(name: str) -> Drug | None:
    """By its name in lower case without accents, brand or substance."""
    return _drugs().get(name)


@cache
def _products() -> tuple[Product, ...]:
    """Only a practice that has imported the BDPM has any."""
    try:
        rows = read_table("bdpm")
    except FileNotFoundError:
        return ()
    return tuple(
        Product(Code(cis, CIS, name), form, tuple(routes.split(";")), atc, dci)
        for cis, name, form, routes, atc, dci in rows
    )


def products(name: str) -> tuple[Product, ...]:
    """The products whose official name begins with this one (`doliprane`), in official order; none without the imported BDPM."""
    wanted = name.lower()
    return tuple(product for product in _products() if product.cis.display.lower().startswith(wanted))


@cache
def _vaccines() -> dict[str, Vaccine]:
    return {
        term: Vaccine(term, Code(atc, ATC, label), diseases, Code(cisis, ATC, label) if cisis else None)
        for term, atc, _, label, diseases, cisis in read_table("vaccines")
    }


def vaccine(term: str) -> Vaccine | None:
    """By its brand, or by the disease it protects from, in lower case without accents."""
    return _vaccines().get(term)


def vaccine_choices() -> tuple[Code, ...]:
    """Every name of a vaccine with its ATC code, as a list to choose from shows it. A code comes with each of its names."""
    return tuple(Code(item.atc.code, ATC, item.term.capitalize()) for item in _vaccines().values())


@cache
def _measures() -> dict[str, Measure]:
    return {code: Measure(Code(code, LOINC, label), unit, kind) for code, label, unit, kind, _ in read_table("loinc")}


def measure(loinc: str) -> Measure | None:
    """Label, unit and class of a LOINC code of biology, of a vital sign or of a way of life."""
    return _measures().get(loinc)


@cache
def _abbreviations() -> dict[str, str]:
    return {row[0]: row[1] for row in read_table("abbreviations")}


def expansion(abbreviation: str) -> str | None:
    """What an abbreviation commonly stands for (`ECBU`); for reading, never for coding."""
    return _abbreviations().get(abbreviation.lower())
