"""What INSi returned, as the journal keeps it sealed: rule 39 of the INS guide asks for all of it, taken or not (INS/va1.35)."""

from __future__ import annotations

import json
from typing import Any

from dmp_desktop.domain.insi import InsiAnswer, Matricule


def returned(answer: InsiAnswer) -> str:
    """JSON of the code, the numbers with their authorities and dates, the reference traits; what was not told is left out."""
    told: dict[str, Any] = {"outcome": answer.outcome.value, "label": answer.label}
    if answer.active:
        told["active"] = _number(answer.active)
    if answer.history:
        told["history"] = [_number(one) for one in answer.history]
    if answer.traits:
        traits = answer.traits
        told["traits"] = {
            "birth_family": traits.birth_family,
            "first_given": traits.first_given,
            "given": list(traits.given),
            "sex": traits.sex.value,
            "birth_date": traits.birth_date,
            "birth_place_cog": traits.birth_place_cog,
        }
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def _number(matricule: Matricule) -> dict[str, str]:
    told = {"ins": matricule.value, "oid": matricule.oid}
    dates = {"since": matricule.since, "until": matricule.until}
    return told | {name: day.isoformat() for name, day in dates.items() if day}
