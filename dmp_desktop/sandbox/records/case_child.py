"""The child: certificates of health, vaccinations at their ages, growth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.sandbox.records import drugs, kinds
from dmp_desktop.sandbox.records.facts import Checkup, Growth, Shot, Shots, Treatment
from dmp_desktop.sandbox.records.plan import Plan
from dmp_desktop.sandbox.records.scribe import Scribe

_GROWTH = (
    (30, 4.2, 54.0, 37.0),
    (120, 6.6, 63.0, 41.5),
    (270, 8.9, 71.5, 45.0),
    (365, 10.0, 76.0, 46.5),
    (540, 11.3, 82.0, 47.8),
    (1100, 14.6, 96.0, 49.8),
    (1500, 16.7, 104.0, 50.6),
)
"""Age in days, kilograms, centimetres (length, head): along the middle of the French curves of a boy."""
_SHOTS = (
    (61, drugs.HEXAVALENT, "Diphtérie, tétanos, coqueluche, polio, Hib, hépatite B", 1),
    (61, drugs.PNEUMOCOCCUS_CHILD, "Pneumocoque", 1),
    (122, drugs.HEXAVALENT, "Diphtérie, tétanos, coqueluche, polio, Hib, hépatite B", 2),
    (335, drugs.HEXAVALENT, "Diphtérie, tétanos, coqueluche, polio, Hib, hépatite B", 3),
    (366, drugs.MEASLES, "Rougeole, oreillons, rubéole", 1),
    (515, drugs.MEASLES, "Rougeole, oreillons, rubéole", 2),
)
"""Age in days, vaccine, what it protects from, rank."""


_ON_THE_FORM = {
    drugs.HEXAVALENT: replace(
        drugs.HEXAVALENT, atc="J07CA06", substance="diphtérie-Haemophilus influenzae B-coqueluche-poliomyélite-tétanos"
    ),
    drugs.PNEUMOCOCCUS_CHILD: replace(drugs.PNEUMOCOCCUS_CHILD, atc="J07AL", substance="vaccins pneumococciques"),
}
"""The lines of the certificates that these vaccines tick (their value sets know no hexavalent vaccine)."""


def told(scribe: Scribe) -> list[Plan]:
    """The scripted documents, in no order."""
    return [*_shots(scribe), *_growth(scribe), *_certificates(scribe)]


def _at(scribe: Scribe, days: int) -> date:
    """The day of an age, on Friday rather than at the weekend."""
    found = scribe.patient.birth_date + timedelta(days=days)
    return found - timedelta(days=max(0, found.weekday() - 4))


def _given(scribe: Scribe) -> tuple[Shot, ...]:
    giver = scribe.writer("paediatrician")
    return tuple(
        Shot(vaccine, target, _at(scribe, age), f"BS{2214 + 37 * rank}{chr(65 + rank)}", number, site, giver)
        for rank, (age, vaccine, target, number) in enumerate(_SHOTS)
        for site in ((drugs.LEFT_THIGH, drugs.RIGHT_THIGH)[rank % 2],)
    )


def _shots(scribe: Scribe) -> Iterator[Plan]:
    given = _given(scribe)
    for one in given:
        yield scribe.plan(kinds.SHOT, "paediatrician", "Note de vaccination", one.day, Shots((one,)))
    yield scribe.plan(kinds.SHOTS, "consolidation", "Historique des vaccinations", _at(scribe, 520), Shots(given))


def _growth(scribe: Scribe) -> Iterator[Plan]:
    for age, *measures in _GROWTH:
        day = _at(scribe, age)
        yield scribe.plan(kinds.GROWTH, "paediatrician", "Mesures de l'enfant", day, Growth(day, *measures))


def _certificates(scribe: Scribe) -> Iterator[Plan]:
    """The first on paper, two structured. The second is kept from those who represent the child."""
    yield scribe.paper(
        kinds.CHILD_CERTIFICATE,
        "paediatrician",
        "Premier certificat de santé (8e jour)",
        _at(scribe, 8),
        "Naissance à 39 semaines, 3 450 g, 50 cm. Apgar 10. Examen normal, dépistages faits.",
    )
    shots = tuple(replace(one, vaccine=_ON_THE_FORM.get(one.vaccine, one.vaccine)) for one in _given(scribe))
    day = _at(scribe, 270)
    vitamin = Treatment(drugs.VITAMIN_D, drugs.DROPS, _at(scribe, 8))
    early = tuple(one for one in shots if one.day < day)
    ninth = Checkup(Growth(day, 8.9, 71.5, 45.0), early, "Prochain examen à douze mois.", (vitamin,))
    hidden = frozenset({Visibility.INVISIBLE_REPRESENTANTS_LEGAUX})
    title = "Deuxième certificat de santé (9e mois)"
    yield scribe.plan(kinds.CHECKUP_9, "paediatrician", title, day, ninth, restrictions=hidden)
    day = _at(scribe, 730)
    second = Checkup(Growth(day, 12.4, 87.0, 48.6), shots, "Prochain examen à trois ans.")
    yield scribe.plan(kinds.CHECKUP_24, "paediatrician", "Troisième certificat de santé (24e mois)", day, second)
