"""The chronic patient: hypertension, diabetes, kidneys, a stent, and everything the papers of three years say of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from dmp_desktop.sandbox.records import case_chronic_care, drugs, kinds
from dmp_desktop.sandbox.records.analyses import ANALYSES, POTASSIUM, RENAL
from dmp_desktop.sandbox.records.facts import (
    Act,
    Allergy,
    Delivery,
    Habit,
    Order,
    OrderLine,
    Problem,
    RefundLine,
    Refunds,
    Relative,
    Shot,
    Shots,
    Stay,
    Summary,
    Treatment,
)
from dmp_desktop.sandbox.records.other_units import CYSTATIN, TROPONIN, elsewhere
from dmp_desktop.sandbox.records.plan import Plan, Result
from dmp_desktop.sandbox.records.scribe import Scribe, versions

QUARTERS = 12
"""Renewals of the long treatment told in structured prescriptions."""
_REPORT = "Compte rendu d'examens biologiques"


def told(scribe: Scribe) -> list[Plan]:
    """The scripted documents, in no order."""
    medicines = list(_medicines(scribe))
    return _discharge(
        [
            *medicines,
            *_refunds(scribe, medicines),
            *_summaries(scribe),
            *_shots(scribe),
            *_biology(scribe),
            *case_chronic_care.told(scribe),
        ]
    )


def _discharge(plans: list[Plan]) -> list[Plan]:
    """The hospital sends the order of the last discharge in one lot with its letter."""
    letter = max((plan for plan in plans if plan.kind is kinds.STAY), key=lambda plan: plan.created)
    left = letter.told(Stay).left
    return [
        replace(plan, lot=letter.unique_id)
        if plan.kind is kinds.ORDER and plan.writer == letter.writer and plan.told(Order).start == left
        else plan
        for plan in plans
    ]


def _medicines(scribe: Scribe) -> Iterator[Plan]:
    """Quarterly renewals, dispensed month after month with another ramipril; a beta blocker ordered twice over; an
    antidepressant that nobody fetched; a diuretic from the hospital."""
    for quarter in range(QUARTERS):
        ago = 20 + 90 * quarter
        order = scribe.order("doctor", scribe.day(ago), *_long_treatment(scribe, statin_changed=quarter < 4))
        yield order
        months = {0: 1, 1: 3, 2: 3, 3: 3}.get(quarter, 1)
        for month in range(months):
            day = scribe.day(ago - 1 - 30 * month)
            yield scribe.delivery(order, "pharmacy", day, {drugs.RAMIPRIL: drugs.RAMIPRIL_EG})
    again = scribe.order("cardiologist", scribe.day(40), scribe.line(drugs.BISOCE, drugs.MORNING, 30, renewals=2))
    yield again
    yield from (scribe.delivery(again, "pharmacy_2", scribe.day(ago)) for ago in (39, 9))
    yield scribe.order("doctor", scribe.day(18), scribe.line(drugs.MIRTAZAPINE, drugs.EVENING, 30))
    pain = scribe.order("doctor", scribe.day(200), scribe.line(drugs.PARACETAMOL, drugs.THRICE, 5))
    yield pain
    yield scribe.delivery(pain, "pharmacy", scribe.day(200))
    water = scribe.order("hospital", scribe.day(5), scribe.line(drugs.FUROSEMIDE, drugs.MORNING, 30, renewals=1))
    yield water
    yield scribe.delivery(water, "pharmacy", scribe.day(4), {drugs.FUROSEMIDE: drugs.FUROSEMIDE_EG})


def _long_treatment(scribe: Scribe, *, statin_changed: bool) -> Iterator[OrderLine]:
    statin = drugs.ATORVASTATIN if statin_changed else drugs.ROSUVASTATIN
    for drug, intake in (
        (drugs.BISOPROLOL, drugs.MORNING),
        (drugs.RAMIPRIL, drugs.EVENING),
        (drugs.METFORMIN, drugs.TWICE),
        (statin, drugs.EVENING),
        (drugs.CLOPIDOGREL, drugs.MORNING),
    ):
        boxes = 2 if drug is drugs.METFORMIN else 1
        yield scribe.line(drug, intake, 30, renewals=2, long_illness=True, boxes=boxes)


def _refunds(scribe: Scribe, medicines: list[Plan]) -> Iterator[Plan]:
    """What was reimbursed within a year, told twice: the later document replaces the earlier."""
    return versions(*(_refunded(scribe, medicines, ago) for ago in (97, 6)))


def _refunded(scribe: Scribe, medicines: list[Plan], ago: int) -> Plan:
    until = scribe.day(ago)
    lines = [
        RefundLine(plan.content.day, line.drug, plan.content.prescriber, plan.writer)
        for plan in medicines
        if isinstance(plan.content, Delivery) and until - timedelta(days=365) < plan.content.day < until
        for line in plan.content.lines
    ]
    doctor = scribe.writer("doctor")
    flu = RefundLine(scribe.day(ago + 20), drugs.INFLUENZA, doctor, scribe.writer("pharmacy"))
    visits = (
        *(("67803-7", scribe.day(ago + back), "G", "CONSULTATION MEDECINE GENERALE", doctor) for back in (15, 105)),
        ("18726-0", scribe.day(260), "ZBQK002", "Radiographie du thorax", scribe.writer("radiologist")),
        ("26436-6", scribe.day(ago + 30), "592", "SANG : CREATININE (DOSAGE)", scribe.writer("laboratory")),
    )
    stays = ((scribe.day(300), scribe.day(294), scribe.writer("hospital").structure),)
    told = Refunds(tuple(sorted(lines, key=lambda line: line.day, reverse=True)), (flu,), visits, stays)
    return scribe.plan(kinds.REFUNDS, "insurance", "Données de remboursement", until, told)


def _summary(scribe: Scribe) -> Summary:
    """As the doctor's predecessor could have told it, before the stent and what the kidneys did."""
    pressure = Problem("Hypertension essentielle (primitive)", "I10", date(2001, 3, 12))
    sugar = Problem("Diabète sucré de type 2, avec complications rénales", "E11.2", date(2009, 6, 4))
    heart = Problem("Cardiopathie ischémique", "I25.5", date(2016, 9, 20))
    fats = Problem("Hypercholestérolémie essentielle", "E78.0", date(2009, 6, 4))
    stones = Problem("Lithiase vésiculaire", "K80.2", date(1998, 1, 10), date(1998, 2, 20))
    return Summary(
        problems=(pressure, sugar, heart, fats),
        history=(stones,),
        acts=(Act("Cholécystectomie, par cœlioscopie", "HMFC004", date(1998, 2, 18)),),
        allergies=(Allergy("amoxicilline", "J01CA04", "Urticaire généralisée", date(2003, 5, 2)),),
        habits=(Habit("74011-8", "Consommation tabagique", "20 paquets-années, sevré en 2016", "20", "{pack}/a"),),
        risks=("Ancien ouvrier du bâtiment : exposition à l'amiante.",),
        family=(
            Relative("FTH", "Père", "M", Problem("Infarctus aigu du myocarde", "I21.9", date(1985, 1, 1))),
            Relative(
                "MTH", "Mère", "F", Problem("Diabète sucré de type 2, sans complication", "E11.9", date(1990, 1, 1))
            ),
        ),
        watch=("Éviter les anti-inflammatoires non stéroïdiens et les produits de contraste iodés.",),
        treatments=(
            Treatment(drugs.BISOPROLOL, drugs.MORNING, date(2016, 10, 1), reason="Cardiopathie ischémique"),
            Treatment(drugs.RAMIPRIL, drugs.EVENING, date(2016, 10, 1), reason="Hypertension artérielle"),
            Treatment(drugs.METFORMIN, drugs.TWICE, date(2009, 7, 1), reason="Diabète de type 2"),
            Treatment(drugs.ROSUVASTATIN, drugs.EVENING, scribe.day(1010), reason="Hypercholestérolémie"),
            Treatment(drugs.CLOPIDOGREL, drugs.MORNING, date(2016, 9, 21), reason="Stent coronaire"),
        ),
    )


def _summaries(scribe: Scribe) -> Iterator[Plan]:
    """The doctor's own summary and the version it replaced; an older one by her predecessor, who knew less."""
    old = _summary(scribe)
    kidney = Problem("Maladie rénale chronique, stade 3", "N18.3", date(2018, 2, 1))
    lungs = Problem("Pneumopathie, sans précision", "J18.9", date(2014, 1, 8), date(2014, 1, 30))
    *others, fats = old.problems
    stent = Act(
        "Dilatation intraluminale d'un vaisseau coronaire avec pose d'endoprothèse, par voie artérielle transcutanée",
        "DDAF006",
        date(2016, 9, 20),
    )
    full = replace(old, problems=(*others, kidney, fats), history=(*old.history, lungs), acts=(*old.acts, stent))
    statin = Treatment(drugs.ATORVASTATIN, drugs.EVENING, scribe.day(290), reason="Hypercholestérolémie")
    latest = replace(
        full,
        watch=(*full.watch, "Chute en mai : marche avec une canne.", "Vaccin antigrippal fait cet automne."),
        treatments=(*(one for one in full.treatments if one.drug is not drugs.ROSUVASTATIN), statin),
    )
    before = tuple(one for one in old.treatments if one.drug is not drugs.ROSUVASTATIN)
    known = replace(old, family=(), treatments=before)
    yield scribe.plan(kinds.SYNTHESIS, "former_gp", "Synthèse médicale", scribe.day(1100), known)
    title = "Volet de synthèse médicale"
    yield from versions(
        scribe.plan(kinds.SYNTHESIS, "doctor", title, scribe.day(400), full),
        scribe.plan(kinds.SYNTHESIS, "doctor", title, scribe.day(30), latest),
    )


def _shots(scribe: Scribe) -> Iterator[Plan]:
    """Notes of a pharmacist and of the doctor; the history that the record makes of them."""
    pharmacist, doctor = scribe.writer("pharmacy"), scribe.writer("doctor")
    influenza = [
        Shot(drugs.INFLUENZA, "Grippe", scribe.day(ago), lot, 1, drugs.LEFT_ARM, pharmacist)
        for ago, lot in ((26, "BS0917F"), (391, "BS0816C"), (760, "BS0715A"))
    ]
    others = [
        Shot(drugs.PNEUMOCOCCUS, "Pneumocoque", scribe.day(500), "BS20441", 1, drugs.LEFT_ARM, doctor),
        Shot(drugs.TETANUS, "Diphtérie, tétanos, poliomyélite", scribe.day(1500), "BS7781R", 4, drugs.LEFT_ARM, doctor),
    ]
    for one in (*influenza, *others):
        writer = "pharmacy" if one.giver is pharmacist else "doctor"
        yield scribe.plan(kinds.SHOT, writer, "Note de vaccination", one.day, Shots((one,)))
    every = Shots(tuple(sorted((*influenza, *others), key=lambda one: one.day)))
    yield scribe.plan(kinds.SHOTS, "consolidation", "Historique des vaccinations", scribe.day(25), every)


def _biology(scribe: Scribe) -> Iterator[Plan]:
    """A dangerous potassium with an undetectable troponin and an analysis of the laboratory's own; other units; reports that
    are only paper; a report sent twice over in one lot, coded and printed."""
    kidneys = dict(zip(RENAL, (214.0, 24.0, 6.4, 133.0, 19.8), strict=True))
    alert = [Result(ANALYSES[loinc], value) for loinc, value in kidneys.items()]
    more = [Result(TROPONIN, 5, below=True), Result(CYSTATIN, 2.31), Result(ANALYSES["1988-5"], 0.6, below=True)]
    blood = [Result(ANALYSES["718-7"], 10.4), Result(ANALYSES["777-3"], 188)]
    yield scribe.plan(kinds.BIOLOGY, "laboratory", _REPORT, scribe.day(2), results=(*alert, *more, *blood))
    mass = [
        _elsewhere(loinc, value)
        for loinc, value in (("14682-9", 168.0), (POTASSIUM, 5.0), ("14771-0", 8.9), ("4548-4", 7.4), ("2089-1", 0.82))
    ]
    counted = _elsewhere("718-7", 10.9)
    yield scribe.plan(kinds.BIOLOGY, "laboratory_2", _REPORT, scribe.day(33), results=(*mass, counted))
    for ago, value in ((62, 165.0), (210, 152.0)):
        results = (_elsewhere("14682-9", value), _elsewhere("4548-4", 7.6))
        yield scribe.plan(
            kinds.BIOLOGY_PDF, "laboratory_2", "Résultats de biologie (papier)", scribe.day(ago), results=results
        )
    iron = (Result(ANALYSES["2276-4"], 38), Result(ANALYSES["718-7"], 11.1))
    coded = scribe.plan(kinds.BIOLOGY, "laboratory", _REPORT, scribe.day(90), results=iron)
    yield coded
    yield scribe.plan(kinds.BIOLOGY_PDF, "laboratory", _REPORT, scribe.day(90), results=iron, lot=coded.unique_id)


def _elsewhere(loinc: str, value: float) -> Result:
    analysis, factor = elsewhere(ANALYSES[loinc])
    return Result(analysis, round(value * factor, analysis.decimals))
