"""Volet de synthèse médicale (VSM 2023.01): what the attending doctor sums up of a patient."""

from __future__ import annotations

from collections.abc import Sequence

from dmp_desktop.sandbox.records import entries
from dmp_desktop.sandbox.records.facts import Allergy, Problem, Summary, Treatment
from dmp_desktop.sandbox.records.header import code, write
from dmp_desktop.sandbox.records.markup import LOINC, body, french, paragraphs, said, section, table
from dmp_desktop.sandbox.records.plan import Plan

_CCD, _PCC, _FR = "2.16.840.1.113883.10.20.1.", "1.3.6.1.4.1.19376.1.5.3.1.3.", "1.2.250.1.213.1.1.2."
ALLERGIES = ("48765-2", "Allergies et hypersensibilités")
ALLERGIES_TEMPLATES = (f"{_CCD}2", f"{_PCC}13", f"{_FR}137")
TREATMENT_HEADS = ("Date de début", "Date de fin", "Médicament", "Posologie", "Voie d'administration", "Motif")


def document(plan: Plan) -> bytes:
    """CDA of a Summary."""
    told = plan.told(Summary)
    act = code("code", "34117-2", *LOINC, "Historique et clinique")
    return write(
        plan, ("1.2.250.1.213.1.1.1.13^2023.01",), body(*_sections(told, plan.unique_id)), more={"performed": act}
    )


def _sections(told: Summary, key: str) -> tuple[str, ...]:
    return (
        section(
            ("46612-8", "Conclusions de synthèse"),
            (f"{_FR}29",),
            "Pathologies en cours, antécédents, allergies et facteurs de risque",
            "",
            _history(told, key) + _factors(told, key),
            key=key,
        ),
        section(
            ("30954-2", "Résultats d'examens"),
            (f"{_PCC}27", f"{_FR}150"),
            "Points de vigilance",
            paragraphs(*told.watch),
            key=key,
        ),
        section(
            ("18776-5", "Plan de traitement"), (f"{_FR}32",), "Traitements au long cours", "", _long(told, key), key=key
        ),
    )


def _long(told: Summary, key: str) -> str:
    return section(
        ("10160-0", "Traitements"),
        (f"{_CCD}8", f"{_PCC}19", f"{_FR}143"),
        "Traitements",
        treatment_table(told.treatments, "med"),
        "".join(entries.treatment(one, f"med-{rank}", key) for rank, one in enumerate(told.treatments)),
        key=key,
    )


def _history(told: Summary, key: str) -> str:
    return section(
        ("34117-2", "Historique et physique"),
        (f"{_FR}30",),
        "Pathologies en cours, antécédents et allergies",
        "",
        _problems(told.problems, ("11450-4", "Liste des problèmes actifs"), "Pathologies en cours", "pb", key)
        + _problems(told.history, ("11348-0", "Antécédents médicaux"), "Antécédents médicaux", "atcd", key)
        + _acts(told, key)
        + allergies(told.allergies, "Allergies et hypersensibilités", key),
        key=key,
    )


def _factors(told: Summary, key: str) -> str:
    return section(
        ("57207-3", "Facteurs de risque présents ou passés affectant l'état de santé et/ou une circonstance"),
        (f"{_FR}31",),
        "Facteurs de risque",
        "",
        _habits(told, key) + _risks(told, key) + _family(told, key),
        key=key,
    )


def _problems(found: Sequence[Problem], named: tuple[str, str], title: str, stem: str, key: str) -> str:
    roots = (f"{_PCC}8", f"{_FR}134") if stem == "atcd" else (f"{_CCD}11", f"{_PCC}6", f"{_FR}132")
    rows = [
        (french(one.since), french(one.until), said(f"{stem}-{rank}", f"{one.label} ({one.code})"))
        for rank, one in enumerate(found)
    ]
    more = "".join(entries.problem(one, f"{stem}-{rank}", key) for rank, one in enumerate(found))
    return section(named, roots, title, table(("Début", "Fin", "Diagnostic"), rows), more, key=key)


def _acts(told: Summary, key: str) -> str:
    rows = [(french(one.day), said(f"acte-{rank}", one.label)) for rank, one in enumerate(told.acts)]
    return section(
        ("47519-4", "Historique des actes"),
        (f"{_CCD}12", f"{_PCC}11", f"{_PCC}12", f"{_FR}136"),
        "Antécédents chirurgicaux et actes",
        table(("Date", "Acte"), rows),
        "".join(entries.act(one, f"acte-{rank}", key) for rank, one in enumerate(told.acts)),
        key=key,
    )


def allergies(found: Sequence[Allergy], title: str, key: str) -> str:
    """FR-Allergies-et-hypersensibilites; one without an agent says that none is known."""
    rows = [
        (
            french(one.since),
            said(f"all-{rank}", "Allergie médicamenteuse"),
            said(f"all-{rank}-agent", one.agent),
            said(f"all-{rank}-reaction", one.reaction),
        )
        for rank, one in enumerate(found)
        if one.agent
    ]
    none = [said(f"all-{rank}", "Aucune allergie connue") for rank, one in enumerate(found) if not one.agent]
    text = table(("Date", "Type", "Agent", "Réaction"), rows) if rows else f"<paragraph>{''.join(none)}</paragraph>"
    more = "".join(entries.allergy(one, f"all-{rank}", key) for rank, one in enumerate(found))
    return section(ALLERGIES, ALLERGIES_TEMPLATES, title, text, more, key=key)


def _habits(told: Summary, key: str) -> str:
    rows = [(said(f"vie-{rank}", one.label), one.words) for rank, one in enumerate(told.habits)]
    return section(
        ("29762-2", "Habitus, Mode de vie"),
        (f"{_CCD}15", f"{_PCC}16", f"{_PCC}16.1", f"{_FR}141"),
        "Mode de vie",
        table(("Type", "Observation"), rows),
        "".join(entries.habit(one, f"vie-{rank}", key) for rank, one in enumerate(told.habits)),
        key=key,
    )


def _risks(told: Summary, key: str) -> str:
    return section(
        ("10161-8", "Facteurs de risques professionnels"),
        ("1.3.6.1.4.1.19376.1.5.3.1.1.5.3.1", f"{_FR}74"),
        "Facteurs de risque professionnels",
        paragraphs(*told.risks),
        key=key,
    )


def _family(told: Summary, key: str) -> str:
    if not told.family:
        return ""
    rows = [
        (said(f"fam-{rank}-who", one.label), said(f"fam-{rank}", one.problem.label))
        for rank, one in enumerate(told.family)
    ]
    return section(
        ("10157-6", "Historique des pathologies familiales"),
        (f"{_CCD}4", f"{_PCC}14", f"{_PCC}15", f"{_FR}139"),
        "Antécédents familiaux",
        table(("Lien de parenté", "Antécédent"), rows),
        "".join(entries.relative(one, f"fam-{rank}", key) for rank, one in enumerate(told.family)),
        key=key,
    )


def treatment_table(found: Sequence[Treatment], stem: str) -> str:
    """Treatments as a table whose names the entries refer to."""
    return table(
        TREATMENT_HEADS,
        [
            (
                french(one.since),
                french(one.until),
                said(f"{stem}-{rank}", one.drug.name),
                one.intake.words,
                "Voie orale",
                one.reason,
            )
            for rank, one in enumerate(found)
        ],
    )
