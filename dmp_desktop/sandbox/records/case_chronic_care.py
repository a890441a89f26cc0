"""The chronic patient among hospitals and papers: discharge letters, pictures, letters, what he wrote himself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.sandbox.records import drugs, kinds
from dmp_desktop.sandbox.records.facts import Stay, Study, Treatment
from dmp_desktop.sandbox.records.plan import Plan
from dmp_desktop.sandbox.records.scribe import PATIENT, Scribe

HEAVY = 20_000_000
"""Bytes of the largest document: a numerised film."""
_LONG_TITLE = (
    "Compte rendu de consultation pluridisciplinaire de cardiologie, néphrologie et diabétologie avec synthèse des avis"
)


def told(scribe: Scribe) -> list[Plan]:
    """The scripted documents, in no order."""
    return [*_stays(scribe), *_pictures(scribe), *_papers(scribe)]


def _stays(scribe: Scribe) -> Iterator[Plan]:
    """Two discharge letters; both say that no allergy is known."""
    kept = tuple(
        Treatment(drug, intake, date(2016, 10, 1))
        for drug, intake in (
            (drugs.BISOPROLOL, drugs.MORNING),
            (drugs.RAMIPRIL, drugs.EVENING),
            (drugs.METFORMIN, drugs.TWICE),
            (drugs.CLOPIDOGREL, drugs.MORNING),
        )
    )
    statin = Treatment(drugs.ATORVASTATIN, drugs.EVENING, scribe.day(290))
    muscles = Stay(
        scribe.day(300),
        scribe.day(294),
        "Myalgies diffuses et faiblesse des membres inférieurs sous statine.",
        "Rhabdomyolyse modérée sous rosuvastatine, régressive à l'arrêt. Reprise prudente d'une autre statine à l'ambulatoire.",
        (Treatment(drugs.ROSUVASTATIN, drugs.EVENING, scribe.day(1010), scribe.day(300)),),
        kept,
        "Anticorps anti-HMG-CoA réductase en attente.",
        ("Créatine kinase à J15.", "Consultation du médecin traitant sous dix jours."),
    )
    heart = Stay(
        scribe.day(12),
        scribe.day(5),
        "Décompensation cardiaque globale.",
        "Évolution favorable sous diurétique. Poids de sortie 83,4 kg. FEVG 45 %. Fonction rénale à surveiller.",
        (),
        (*kept, statin, Treatment(drugs.FUROSEMIDE, drugs.MORNING, scribe.day(5), reason="Insuffisance cardiaque")),
        "Ionogramme de contrôle à J7.",
        ("Ionogramme et créatinine à J3 et J7.", "Consultation du médecin traitant à J10, cardiologue à un mois."),
    )
    for stay in (muscles, heart):
        plan = scribe.plan(kinds.STAY, "hospital", "Lettre de liaison à la sortie", stay.left, stay)
        yield replace(plan, service_start=plan.service_start - (stay.left - stay.entered))


def _pictures(scribe: Scribe) -> Iterator[Plan]:
    chest = Study(
        "ZBQK002",
        "Radiographie du thorax",
        ("DX", "Radiographie numérique"),
        ("302551006", "thorax entier"),
        "Dyspnée d'effort récente.",
        ("Cardiomégalie modérée, redistribution vasculaire vers les sommets.", "Pas de foyer, pas d'épanchement."),
        "Signes de surcharge vasculaire modérée. Pas de foyer parenchymateux.",
    )
    again = replace(
        chest,
        reason="Contrôle à distance.",
        findings=("Index cardio-thoracique à 0,54.",),
        conclusion="Examen stable par rapport au précédent. Pas d'anomalie nouvelle.",
    )
    for study, ago in ((chest, 15), (again, 260)):
        yield scribe.plan(kinds.STUDY, "radiologist", "Radiographie du thorax", scribe.day(ago), study)


def _papers(scribe: Scribe) -> Iterator[Plan]:
    """Papers: a letter, what the patient wrote, the same report sent by two, a very long title, a film of 20 MB."""
    yield scribe.paper(
        kinds.LETTER,
        "cardiologist",
        "Lettre d'adressage au néphrologue",
        scribe.day(45),
        "Je vous adresse ce patient pour une aggravation lente de la fonction rénale sous ramipril.",
    )
    yield scribe.paper(
        kinds.CONSULTATION_PDF,
        "endocrinologist",
        _LONG_TITLE,
        scribe.day(130),
        "Avis concordants : objectif d'HbA1c à 7,5 %, poursuite du bloqueur du système rénine-angiotensine.",
    )
    yield scribe.paper(
        kinds.BY_PATIENT,
        PATIENT,
        "Mes allergies et mes opérations",
        scribe.day(70),
        "Je suis allergique à la pénicilline.",
    )
    yield scribe.paper(
        kinds.DIRECTIVES,
        PATIENT,
        "Directives anticipées",
        scribe.day(620),
        "Je ne souhaite pas d'acharnement thérapeutique. Ma personne de confiance est ma fille.",
        restrictions=frozenset({Visibility.MASQUE_PS}),
    )
    seen = "Échographie rénale : reins de 9,6 et 9,9 cm, cortex aminci, sans dilatation. Petits reins sans obstacle."
    yield scribe.paper(kinds.IMAGING, "radiologist", "Échographie rénale", scribe.day(150), seen)
    yield scribe.paper(kinds.IMAGING, "hospital", "Échographie rénale", scribe.day(149), seen)
    yield scribe.paper(
        kinds.IMAGING,
        "radiologist",
        "Clichés de scanner numérisés",
        scribe.day(700),
        "Clichés du scanner thoracique, numérisés à la demande du patient.",
        status=Availability.ARCHIVED,
        padding=HEAVY,
    )
