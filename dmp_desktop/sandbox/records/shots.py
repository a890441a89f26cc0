"""Vaccination note (VAC-NOTE 2023.01) and history of vaccinations (VAC 2023.01)."""

from __future__ import annotations

from dmp_desktop.sandbox.records import entries
from dmp_desktop.sandbox.records.facts import Shot, Shots
from dmp_desktop.sandbox.records.header import code, write
from dmp_desktop.sandbox.records.kinds import SHOT
from dmp_desktop.sandbox.records.markup import LOINC, body, french, said, section, table
from dmp_desktop.sandbox.records.plan import Plan

_FIRST = "1.3.6.1.4.1.19376.1.5.3.1.1.18.1.2"
_HEADS = ("Date", "Vaccin", "Protège de", "Lot", "Rang", "Région d'administration", "Vaccinateur")


def document(plan: Plan) -> bytes:
    """CDA of Shots: a note when the kind is that of a note, else the history."""
    told = plan.told(Shots)
    note = plan.kind is SHOT
    own = "1.2.250.1.213.1.1.1.46^2023.01" if note else "1.2.250.1.213.1.1.1.37^2023.01"
    act = code("code", plan.kind.type_code, *LOINC, plan.kind.label)
    return write(plan, (_FIRST, own), body(history(told.shots, plan.title, plan.unique_id)), more={"performed": act})


def history(shots: tuple[Shot, ...], title: str, key: str) -> str:
    """FR-Vaccinations."""
    rows = [
        (
            french(one.day),
            said(f"vac{rank}", one.vaccine.name),
            one.target,
            one.lot,
            str(one.rank),
            said(f"vac{rank}-site", one.site[1]),
            f"{one.giver.given} {one.giver.family}",
        )
        for rank, one in enumerate(shots)
    ]
    return section(
        ("11369-6", "Historique des vaccinations"),
        ("2.16.840.1.113883.10.20.1.6", "1.3.6.1.4.1.19376.1.5.3.1.3.23", "1.2.250.1.213.1.1.2.147"),
        title,
        table(_HEADS, rows),
        "".join(entries.shot(one, f"vac{rank}", key) for rank, one in enumerate(shots)),
        key=key,
    )
