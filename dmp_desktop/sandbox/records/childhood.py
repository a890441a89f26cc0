"""Measures of a child (CSE-MDE 2023.01) and its certificates of the 9th (CSE-CS9 2025.01) and 24th month (CSE-CS24 2025.01)."""

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
from dmp_desktop.sandbox.records.summary import treatment_table

_CCD, _PCC, _FR = "2.16.840.1.113883.10.20.1.", "1.3.6.1.4.1.19376.1.5.3.1.3.", "1.2.250.1.213.1.1.2."
_CHILD = "1.2.250.1.213.1.1.1.5"
_PROFILE = "1.3.6.1.4.1.19376.1.5.3.1.1.1"
CONSULTATION = coded("code", "11429006", "consultation", SNOMED)
_Answers = tuple[tuple[str, str, str, str, str], ...]
"""Code of TRE_A05, question, anchor, answer in words, coded answer."""
_HABITS: _Answers = (
    (
        "PAT-058",
        "Faites-vous actuellement garder votre enfant ?",
        "garde",
        "Oui",
        '<value xsi:type="BL" value="true"/>',
    ),
    ("MED-1275", "Exposition aux écrans", "ecrans", "Jamais", value("GEN-311", "Jamais", TERMS)),
)


_STEPS: _Answers = (
    (
        "MED-1274",
        "Repérage troubles du neurodéveloppement",
        "dev",
        "Absence de trouble",
        value("860642002", "absence de trouble neurodéveloppemental", SNOMED),
    ),
    ("MED-200", "Marche acquise", "marche", "Oui", '<value xsi:type="BL" value="true"/>'),
)
_PREMATURE = ("MED-183", "Prématurité inf. à 33 semaines")
_ACCIDENTS = (
    ("MED-186", "Accident(s) domestique(s) avant le 9ème mois"),
    ("MED-185", "Accident(s) domestique(s) depuis le 9ème mois"),
)


def measures(plan: Plan) -> bytes:
    """CDA of a Growth."""
    told = body(_vitals(plan.told(Growth), plan.unique_id))
    return write(plan, (_PROFILE, _CHILD, f"{_CHILD}.4^2023.01"), told, more={"performed": CONSULTATION})


def ninth_month(plan: Plan) -> bytes:
    """CDA of a Checkup: CSE-CS9."""
    treatments = plan.told(Checkup).treatments
    given = section(
        ("18610-6", "Traitements administrés"),
        (f"{_PCC}21", f"{_FR}145"),
        "Médicaments administrés",
        treatment_table(treatments, "med"),
        "".join(entries.treatment(one, f"med-{rank}", plan.unique_id) for rank, one in enumerate(treatments)),
        key=plan.unique_id,
    )
    return _certificate(plan, f"{_CHILD}.2^2025.01", _HABITS[:1], _ACCIDENTS[:1], _STEPS[:1], given)


def second_year(plan: Plan) -> bytes:
    """CDA of a Checkup: CSE-CS24."""
    return _certificate(plan, f"{_CHILD}.3^2025.01", _HABITS, (_PREMATURE, *_ACCIDENTS[1:]), _STEPS, "")


def _certificate(
    plan: Plan, own: str, habits: _Answers, never: tuple[tuple[str, str], ...], steps: _Answers, given: str
) -> bytes:
    told, key = plan.told(Checkup), plan.unique_id
    sections = body(
        _habits(habits, key),
        _past(told, never, key),
        _vitals(told.growth, key),
        _development(steps, key),
        history(told.shots, "Vaccinations", key),
        given,
        section(
            ("18776-5", "Plan de soins"),
            (f"{_CCD}10", f"{_PCC}36", f"{_FR}158"),
            "Suites",
            paragraphs(told.plan),
            key=key,
        ),
    )
    return write(plan, (_PROFILE, _CHILD, own), sections, more={"performed": CONSULTATION})


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


def _habits(habits: _Answers, key: str) -> str:
    own = (f"{_CCD}33", OBSERVATION, f"{OBSERVATION}.4", "1.2.250.1.213.1.1.3.52")
    more = ""
    for term, label, anchor, _, told in habits:
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
        table(("Question", "Réponse"), [(escape(label), said(anchor, text)) for _, label, anchor, text, _ in habits]),
        more,
        key=key,
    )


def _past(told: Checkup, never: tuple[tuple[str, str], ...], key: str) -> str:
    """What did not happen, which these forms ask."""
    day = told.growth.day
    problems = [Problem(label, term, day, day) for term, label in never]
    return section(
        ("11348-0", "Antécédents médicaux"),
        (f"{_PCC}8", f"{_FR}134"),
        "Antécédents médicaux",
        table(
            ("Antécédent", "Réponse"), [(said(f"atcd-{rank}", one.label), "Non") for rank, one in enumerate(problems)]
        ),
        "".join(
            entries.problem(one, f"atcd-{rank}", key, system=TERMS, absent=True) for rank, one in enumerate(problems)
        ),
        key=key,
    )


def _development(steps: _Answers, key: str) -> str:
    more = "".join(
        f'<entry typeCode="DRIV"><observation classCode="OBS" moodCode="EVN">'
        f"{templates(OBSERVATION, '1.2.250.1.213.1.1.3.48')}{identifier(key, anchor)}{coded('code', term, label, TERMS)}"
        f'{words(anchor)}{status()}<effectiveTime nullFlavor="NA"/>{told}</observation></entry>'
        for term, label, anchor, _, told in steps
    )
    return section(
        ("xx-MCH-PsychoMDev", "Développement psychomoteur"),
        ("1.3.6.1.4.1.19376.1.7.3.1.1.13.4", f"{_FR}161"),
        "Développement psychomoteur",
        table(("Étape", "Réponse"), [(label, said(anchor, text)) for _, label, anchor, text, _ in steps]),
        more,
        key=key,
    )
