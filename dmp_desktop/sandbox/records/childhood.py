"""Measures of a child (CSE-MDE 2023.01) and its certificate of the 24th month (CSE-CS24 2025.01)."""

from __future__ import annotations

from xml.sax.saxutils import escape

from dmp_desktop.sandbox.records import entries
from dmp_desktop.sandbox.records.facts import SNOMED, TERMS, Checkup, Growth, Problem
from dmp_desktop.sandbox.records.header import write
from dmp_desktop.sandbox.records.markup import (
    LOINC,
    OBSERVATION,
    body,
    coded,
    identifier,
    paragraphs,
    said,
    section,
    status,
    table,
    templates,
    value,
    words,
)
from dmp_desktop.sandbox.records.plan import Plan
from dmp_desktop.sandbox.records.shots import history

_CCD, _PCC, _FR = "2.16.840.1.113883.10.20.1.", "1.3.6.1.4.1.19376.1.5.3.1.3.", "1.2.250.1.213.1.1.2."
_CHILD = "1.2.250.1.213.1.1.1.5"
_PROFILE = "1.3.6.1.4.1.19376.1.5.3.1.1.1"
CONSULTATION = coded("code", "11429006", "consultation", SNOMED)
_HABITS = (
    (
        "PAT-058",
        "Faites-vous actuellement garder votre enfant ?",
        "garde",
        "Oui",
        '<value xsi:type="BL" value="true"/>',
    ),
    ("MED-1275", "Exposition aux écrans", "ecrans", "Jamais", value("GEN-311", "Jamais", TERMS)),
)


_NO_TROUBLE = value("860642002", "absence de trouble neurodéveloppemental", SNOMED)


def measures(plan: Plan) -> bytes:
    """CDA of a Growth."""
    told = body(_vitals(plan.told(Growth), plan.unique_id))
    return write(plan, (_PROFILE, _CHILD, f"{_CHILD}.4^2023.01"), told, more={"performed": CONSULTATION})


def certificate(plan: Plan) -> bytes:
    """CDA of a Checkup."""
    told, key = plan.told(Checkup), plan.unique_id
    sections = body(
        _habits(key),
        _past(told, key),
        _vitals(told.growth, key),
        _development(key),
        history(told.shots, "Vaccinations", key),
        section(
            ("18776-5", "Plan de soins"),
            (f"{_CCD}10", f"{_PCC}36", f"{_FR}158"),
            "Suites",
            paragraphs(told.plan),
            key=key,
        ),
    )
    return write(plan, (_PROFILE, _CHILD, f"{_CHILD}.3^2025.01"), sections, more={"performed": CONSULTATION})


def _vitals(growth: Growth, key: str) -> str:
    found = [
        ("29463-7", "Poids", growth.weight, "kg"),
        ("8302-2", "Taille", growth.height, "cm"),
        ("8287-5", "Périmètre crânien", growth.head, "cm"),
    ]
    rows = [(said(f"m{code}", label), f"{value:g} {unit}".replace(".", ",")) for code, label, value, unit in found]
    return section(
        ("8716-3", "Signes vitaux"),
        (f"{_CCD}16", f"{_PCC}25", "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.2", f"{_FR}75"),
        "Signes vitaux",
        table(("Mesure", "Valeur"), rows),
        entries.measures(found, growth.day, key),
        key=key,
    )


def _habits(key: str) -> str:
    own = (f"{_CCD}33", OBSERVATION, f"{OBSERVATION}.4", "1.2.250.1.213.1.1.3.52")
    more = ""
    for term, label, anchor, _, told in _HABITS:
        inner = f"<qualifier>{coded('value', term, label, TERMS)}</qualifier>"
        more += (
            f'<entry><observation classCode="OBS" moodCode="EVN">{templates(*own)}{identifier(key, anchor)}'
            f"{coded('code', '11345-6', 'Autre élément social', LOINC, inner)}{words(anchor)}{status()}"
            f'<effectiveTime nullFlavor="NA"/>{told}</observation></entry>'
        )
    return section(
        ("29762-2", "Habitus, Mode de vie"),
        (f"{_CCD}15", f"{_PCC}16", f"{_PCC}16.1", f"{_FR}141"),
        "Mode de vie",
        table(("Question", "Réponse"), [(escape(label), said(anchor, text)) for _, label, anchor, text, _ in _HABITS]),
        more,
        key=key,
    )


def _past(told: Checkup, key: str) -> str:
    day = told.growth.day
    never = (
        Problem("Prématurité inf. à 33 semaines", "MED-183", day, day),
        Problem("Accident(s) domestique(s) depuis le 9ème mois", "MED-185", day, day),
    )
    return section(
        ("11348-0", "Antécédents médicaux"),
        (f"{_PCC}8", f"{_FR}134"),
        "Antécédents médicaux",
        table(("Antécédent", "Réponse"), [(said(f"atcd-{rank}", one.label), "Non") for rank, one in enumerate(never)]),
        "".join(entries.problem(one, f"atcd-{rank}", key, system=TERMS, absent=True) for rank, one in enumerate(never)),
        key=key,
    )


def _development(key: str) -> str:
    shown = (
        ("MED-1274", "Repérage troubles du neurodéveloppement", "dev", "Absence de trouble", _NO_TROUBLE),
        ("MED-200", "Marche acquise", "marche", "Oui", '<value xsi:type="BL" value="true"/>'),
    )
    more = "".join(
        f'<entry typeCode="DRIV"><observation classCode="OBS" moodCode="EVN">'
        f"{templates(OBSERVATION, '1.2.250.1.213.1.1.3.48')}{identifier(key, anchor)}{coded('code', term, label, TERMS)}"
        f'{words(anchor)}{status()}<effectiveTime nullFlavor="NA"/>{told}</observation></entry>'
        for term, label, anchor, _, told in shown
    )
    return section(
        ("xx-MCH-PsychoMDev", "Développement psychomoteur"),
        ("1.3.6.1.4.1.19376.1.7.3.1.1.13.4", f"{_FR}161"),
        "Développement psychomoteur",
        table(("Étape", "Réponse"), [(label, said(anchor, text)) for _, label, anchor, text, _ in shown]),
        more,
        key=key,
    )
