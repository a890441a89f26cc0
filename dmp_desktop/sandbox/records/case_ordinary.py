"""The ordinary patient: thyroid, migraine, iron; little to tell, all of it structured."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from dmp_desktop.sandbox.records import drugs, kinds
from dmp_desktop.sandbox.records.facts import Act, Allergy, Habit, Problem, Relative, Shot, Shots, Summary, Treatment
from dmp_desktop.sandbox.records.plan import Plan
from dmp_desktop.sandbox.records.scribe import Scribe


def told(scribe: Scribe) -> list[Plan]:
    """The scripted documents, in no order."""
    return [*_medicines(scribe), _summary(scribe), *_shots(scribe)]


def _medicines(scribe: Scribe) -> Iterator[Plan]:
    for ago in (15, 195):
        line = scribe.line(drugs.LEVOTHYROXINE, drugs.MORNING, 30, renewals=5)
        order = scribe.order("doctor", scribe.day(ago), line)
        yield order
        yield scribe.delivery(order, "pharmacy", scribe.day(ago - 1))


def _summary(scribe: Scribe) -> Plan:
    thyroid = Problem("Hypothyroïdie, sans précision", "E03.9", date(2012, 4, 3))
    told = Summary(
        problems=(thyroid, Problem("Migraine, sans précision", "G43.9", date(2005, 1, 1))),
        history=(Problem("Anémie par carence en fer, sans précision", "D50.9", date(2019, 2, 1), date(2020, 6, 1)),),
        acts=(Act("Cholécystectomie, par cœlioscopie", "HMFC004", date(2015, 11, 17)),),
        allergies=(Allergy("amoxicilline", "J01CA04", "Urticaire dans l'enfance", date(1988, 1, 1)),),
        habits=(Habit("74011-8", "Consommation tabagique", "5 paquets-années", "5", "{pack}/a"),),
        risks=("Travail de bureau, pas d'exposition connue.",),
        family=(Relative("MTH", "Mère", "F", Problem("Hypothyroïdie, sans précision", "E03.9", date(1990, 1, 1))),),
        watch=("Contrôle de la TSH une fois par an.",),
        treatments=(Treatment(drugs.LEVOTHYROXINE, drugs.MORNING, date(2012, 5, 1), reason="Hypothyroïdie"),),
    )
    return scribe.plan(kinds.SYNTHESIS, "doctor", "Volet de synthèse médicale", scribe.day(80), told)


def _shots(scribe: Scribe) -> Iterator[Plan]:
    doctor = scribe.writer("doctor")
    for one in (
        Shot(drugs.TETANUS, "Diphtérie, tétanos, poliomyélite", scribe.day(640), "BS7719R", 5, drugs.LEFT_ARM, doctor),
        Shot(drugs.INFLUENZA, "Grippe", scribe.day(28), "BS0917F", 1, drugs.LEFT_ARM, doctor),
    ):
        yield scribe.plan(kinds.SHOT, "doctor", "Note de vaccination", one.day, Shots((one,)))
