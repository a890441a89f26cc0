"""Discharge letter of a hospital (LDL-SES 2022.01)."""

from __future__ import annotations

from datetime import date, datetime, time
from xml.sax.saxutils import escape

from dmp_desktop.sandbox.records import entries
from dmp_desktop.sandbox.records.facts import SNOMED, TERMS, Allergy, Stay, Treatment
from dmp_desktop.sandbox.records.header import code, write
from dmp_desktop.sandbox.records.markup import (
    HL7_ACT,
    OBSERVATION,
    body,
    coded,
    french,
    identifier,
    paragraphs,
    said,
    section,
    status,
    table,
    templates,
    value,
    words,
    ymd,
)
from dmp_desktop.sandbox.records.plan import PARIS, Plan, ts
from dmp_desktop.sandbox.records.summary import allergies, treatment_table

_PCC, _FR, _ENTRY = "1.3.6.1.4.1.19376.1.5.3.1.3.", "1.2.250.1.213.1.1.2.", "1.2.250.1.213.1.1.3.48"


def document(plan: Plan) -> bytes:
    """CDA of a Stay. No allergy was noted during it: the letter says that none is known."""
    stay, key = plan.told(Stay), plan.unique_id
    done = _observation(
        "GEN-065", "Statut du document", "16", "statut", stay.left, key, more=(f"{_ENTRY}.16.1",),
        told=value("398166005", "réalisé", SNOMED),
    )  # fmt: skip
    told = body(
        section(
            ("33557-0", "Etat d'achèvement"),
            (f"{_FR}35", f"{_FR}35.1"),
            "Statut du document",
            table(("Statut du document",), [(said("statut", "Réalisé"),)]),
            done,
            key=key,
        ),
        section(
            ("42349-1", "Raison de la recommandation"),
            (f"{_PCC}1", f"{_FR}127"),
            "Motif de l'hospitalisation",
            paragraphs(stay.reason),
            key=key,
        ),
        _events(stay, key),
        _treatments(stay.stopped, "Traitements arrêtés durant le séjour", "arret", key),
        _treatments(stay.leaving, "Traitements à la sortie", "sortie", key),
        section(
            ("30954-2", "Résultats d'examens"),
            (f"{_PCC}27", f"{_FR}150"),
            "Résultats attendus",
            paragraphs(stay.expected),
            key=key,
        ),
        section(
            ("18776-5", "Plan de soins"),
            ("2.16.840.1.113883.10.20.1.10", f"{_PCC}36", f"{_FR}158"),
            "Suites à donner",
            paragraphs(*stay.follow_up),
            key=key,
        ),
        allergies((Allergy(),), "Allergies identifiées pendant le séjour", key),
    )
    left = datetime.combine(stay.left, time(11), PARIS)
    act = code("code", "IMP", *HL7_ACT, "Hospitalisation (établissement, y compris HAD)")
    more = {"performed": act, "until": ts(left)}
    return write(plan, ("1.2.250.1.213.1.1.1.29^2022.01",), told, more=more)


def _observation(
    term: str, label: str, template: str, anchor: str, day: date, key: str, *, told: str, more: tuple[str, ...] = ()
) -> str:
    return (
        f'<entry><observation classCode="OBS" moodCode="EVN">{templates(OBSERVATION, _ENTRY, f"{_ENTRY}.{template}", *more)}'
        f"{identifier(key, anchor)}{coded('code', term, label, TERMS)}{words(anchor)}{status()}"
        f'<effectiveTime value="{ymd(day)}"/>{told}</observation></entry>'
    )


def _events(stay: Stay, key: str) -> str:
    home = value("160849004", "retour au domicile", SNOMED, kind="CE")
    shown = (
        ("ORG-070", "Modalité d'entrée", "6", "entree", stay.entered, f"{french(stay.entered)}, par les urgences",
         value("183452005", "hospitalisation en urgence", SNOMED, kind="CE")),
        ("ORG-074", "Modalité de sortie", "7", "modesortie", stay.left, f"{french(stay.left)}, retour à domicile", home),
        ("MED-142", "Synthèse médicale", "9", "synthese", stay.left, stay.summary,
         f"<value xsi:type='ST'>{escape(stay.summary)}</value>"),
        ("MED-309", "Recherche de microorganismes multi-résistants ou émergents effectuée", "8", "bmr", stay.left, "Non",
         '<value xsi:type="BL" value="false"/>'),
        ("MED-145", "Transfusion de produits sanguins", "10", "transfusion", stay.left, "Non",
         '<value xsi:type="BL" value="false"/>'),
        ("MED-147", "Administration de dérivés du sang", "2", "derives", stay.left, "Non",
         '<value xsi:type="BL" value="false"/>'),
    )  # fmt: skip
    return section(
        ("42545-4", "Evènements observés"),
        ("1.3.6.1.4.1.19376.1.5.3.1.1.21.2.9", "1.3.6.1.4.1.19376.1.7.3.1.1.13.7", f"{_FR}163", f"{_FR}163.1"),
        "Synthèse médicale du séjour",
        table(
            ("Élément", "Observation"),
            [(escape(label), said(anchor, text)) for _, label, _, anchor, _, text, _ in shown],
        ),
        "".join(
            _observation(term, label, template, anchor, day, key, told=told)
            for term, label, template, anchor, day, _, told in shown
        ),
        key=key,
    )


def _treatments(found: tuple[Treatment, ...], title: str, stem: str, key: str) -> str:
    if not found:
        return ""
    named, roots = (("18610-6", "Traitements administrés"), (f"{_PCC}21", f"{_FR}145"))
    if stem == "sortie":
        named, roots = (("10183-2", "Traitements à la sortie"), (f"{_PCC}22", f"{_FR}146"))
    more = "".join(entries.treatment(one, f"{stem}-{rank}", key) for rank, one in enumerate(found))
    return section(named, roots, title, treatment_table(found, stem), more, key=key)
