"""A context as the practice software hands it over, of an invented patient."""

from __future__ import annotations

from typing import Any


def context(**patient: Any) -> dict[str, Any]:
    """The one of design/cli.md, with some traits of the patient changed."""
    traits = {
        "ins": "279035121518989",
        "ins_oid": "1.2.250.1.213.1.4.10",
        "identity_status": "qualifiee",
        "birth_family": "TEST-PATIENTE",
        "birth_given": "MARIE CLAUDE",
        "first_given": "MARIE",
        "sex": "F",
        "birth_date": "1979-03-12",
        "birth_place_cog": "51215",
    }
    return {
        "patient": traits | patient,
        "professional": {
            "rpps": "10002422979",
            "family": "DUPONT",
            "given": "Camille",
            "suffix": "DR",
            "specialty": "G15_10/SM26",
        },
        "facility": {
            "id": "410002422979001",
            "name": "Cabinet des Lilas",
            "sector": "SA07",
            "practice_setting": "AMBULATOIRE",
        },
        "encounter": {"start": "2026-11-20T10:05:00+01:00", "end": None, "kind": "AMB"},
    }
