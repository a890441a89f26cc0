"""When a vaccine was given, in the words of the note: its date, and what makes it none."""

from __future__ import annotations

import re
from datetime import date

from dmp_desktop.domain.said_dates import MONTH, NOT_PLAINLY, SAID_DATE, TODAY, said_date

_NOW = re.compile(TODAY)
_HEADED = re.compile(rf"\b(?:vaccin\w*|vacc|rappels?|injections?)\b[^,;.\n]{{0,15}}\b({TODAY})")
# `loose` makes no date, nor lets one follow (`debut 2019`, `il y a 3 mois`); `elsewhere` does not say when, but not now.
_TIME = re.compile(
    r"(?P<rank>(?<!le )(?<!du )(?<![\d/])[1-4]/[2-4](?![\d/]))"
    rf"|\b(?P<date>{SAID_DATE})"
    r"|\b(?P<loose>il y a|y a|depuis|avant|apres|vers|environ|debut|fin|mi|courant|jusqu\w*|entre|derni\w+|passee?s?|veille"
    rf"|(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?! (?:le )?{SAID_DATE})"
    rf"|{MONTH}|(?:19|20)\d\d|\d{{1,2}}/\d{{1,2}}"
    r"|semaines?|sem|(?<!du )jours?|hiver|automne|ete|printemps|l'an|annee|recemment)(?![a-z])"
    r"|\b(?P<elsewhere>deja|pharmacie|mater\w*|ecole|college|lycee|ville|travail|hopital|ehpad|carnet|enfance|mois|ans?"
    r"|anterieur\w*|ailleurs|a jour)(?![a-z])"
)
# Dates of something else: the lot's, the next injection's, a titre's.
_OTHER_DATE = re.compile(
    rf"\b(?:exp\w*|perem\w*|per|val\w*)\b[ .:]{{0,3}}(?:au |le |: ?)?{SAID_DATE}"
    r"|\b(?:dans|ds|d'ici|sous) \d{1,2} ?(?:j|jours?|sem\w*|mois|ans?)(?![a-z])"
)
_TITRE = re.compile(r"\b(?:ac|anticorps|anti-?hb\w*|sero\w*|titres?|dosages?)\b")
_SEEN = re.compile(r"\b(?:re)?vue?s? (?:en consultation )?$|\b(?:consult\w*|examen)[ ]{0,2}$")  # the patient, that day

_ANY_DAY = date(2099, 12, 31)  # the note does not tell its own: words that make no date then never do
_NO_YEAR = re.compile(r"\d{1,2}/\d{1,2}")
_WHICH_YEAR = "Année non dite : le vaccin reste sans date."
_WHICH_DAY = "Date du vaccin à préciser."


def no_date(said: str | None) -> tuple[str, ...]:
    """The warning of an injection whose date cannot be read."""
    if said and said_date(said, _ANY_DAY):
        return ()
    return (_WHICH_YEAR if said and _NO_YEAR.fullmatch(said) else _WHICH_DAY,)


def injection_date(tail: str, lot: re.Match[str] | None, head: str, own: str) -> str | None:
    """As written after the name (`12/03/2024`, `hier`, `ce jour`); None when nothing is said of time, else NOT_PLAINLY.

    `Vaccins ce jour : A, B` is said of each that has no other words of time. `tail` follows the name in folded text, `head`
    is before it, and `own` what of `head` comes after the vaccine before. `lot` is its match in `tail`.
    """
    tail = _TITRE.split(tail, maxsplit=1)[0]
    if lot:
        tail = _blank(tail, *lot.span())
    for other in _OTHER_DATE.finditer(tail):
        tail = _blank(tail, *other.span())
    told = list(_TIME.finditer(tail))
    words = [one for one in told if not one["rank"]]
    if not words:
        headed = _HEADED.search(head)
        if headed:
            return headed[1]
        before = any(not one["rank"] and not _NOW.fullmatch(one[0]) for one in _TIME.finditer(own))
        return NOT_PLAINLY if told or before else None
    dates = [one for one in words if one["date"]]
    if _NOW.fullmatch(words[0][0]):
        return NOT_PLAINLY if _SEEN.search(tail, 0, words[0].start()) else words[0][0]
    plainly = len(dates) == 1 and not any(one["loose"] for one in words[: words.index(dates[0])])
    return dates[0][0] if plainly and not _NOW.fullmatch(dates[0][0]) else NOT_PLAINLY


def _blank(text: str, start: int, end: int) -> str:
    return f"{text[:start]}{' ' * (end - start)}{text[end:]}"
