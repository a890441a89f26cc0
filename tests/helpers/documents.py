"""Invented contexts and requests for documents: minimal (no optional field), full (every field), replacement."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from dmp_desktop.domain.people import Context
from dmp_desktop.exchange import context_from_dict

PARIS_WINTER = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 20, 10, 30, 15, tzinfo=PARIS_WINTER)
UNIQUE_ID = "2.25.187443573024983402749823749823749823"
OTHER_ID = "2.25.187443573024983402749823749823749999"
FOOTER = "Données protégées par le secret médical. Vos droits (RGPD) : adressez-vous au cabinet."

FULL: dict[str, Any] = {
    "patient": {
        "ins": "279035121518989",
        "ins_oid": "1.2.250.1.213.1.4.10",
        "identity_status": "qualifiee",
        "birth_family": "TEST-PATIENTE",
        "birth_given": "MARIE CLAUDE",
        "first_given": "MARIE",
        "used_family": "TEST-ÉPOUSÉE & <FILS>",
        "used_given": "MAÏTÉ",
        "sex": "F",
        "birth_date": "1979-03-12",
        "birth_place_cog": "51215",
        "birth_place": "Dolancourt",
        "address": {"line": '1 rue "Haute" & Basse', "postal_code": "10200", "city": "Dolancourt"},
        "phone": "tel:0325000000",
        "email": "test.patiente@example.org",
    },
    "professional": {
        "rpps": "10002422979",
        "family": "DUPONT",
        "given": "Camille",
        "prefix": "MME",
        "suffix": "DR",
        "specialty": "G15_10/SM26",
        "phone": "tel:0102030405",
    },
    "facility": {
        "id": "410002422979001",
        "name": "Cabinet des Lilas & Cie",
        "sector": "SA07",
        "practice_setting": "AMBULATOIRE",
    },
    "encounter": {"start": "2026-11-20T10:05:00+01:00", "end": "2026-11-20T10:25:00+01:00", "kind": "AMB"},
    "attending": {"rpps": "01234567897", "family": "MARTIN", "given": "Claude", "specialty": "G15_10/SM54"},
    "recipients": [
        {
            "rpps": "01234567897",
            "family": "DURAND",
            "given": "Sacha",
            "prefix": "M",
            "suffix": "PR",
            "specialty": "G15_10/SM04",
            "phone": "tel:+33 1 02 03 04 05",
        }
    ],
    "extra": {},
}

MINIMAL: dict[str, Any] = {
    "patient": {
        "ins": "279035121518989",
        "ins_oid": "1.2.250.1.213.1.4.10",
        "identity_status": "qualifiee",
        "birth_family": "TEST-PATIENTE",
        "birth_given": "MARIE",
        "first_given": "MARIE",
        "sex": "F",
        "birth_date": "1979-03-12",
        "birth_place_cog": "51215",
    },
    "professional": {"rpps": "10002422979", "family": "DUPONT", "given": "Camille", "specialty": "G15_10/SM26"},
    "facility": {"id": "410002422979001", "name": "Cabinet", "sector": "SA07", "practice_setting": "AMBULATOIRE"},
    "encounter": {"start": "2026-11-20T10:05:00+01:00", "kind": "AMB"},
}

NOTE = """Pt 47 ans, HTA, DT2. Tabac sevré 2010.
Motif : renouvellement + asthénie x 3 sem, pas de fièvre.
TA 14/8, FC 72, P 82 kg, T 172 cm, SpO2 98 %.

ATCD : appendicectomie 1998. Allergie : pénicilline (urticaire).
Rx : metformine 1000 1 matin 1 soir, ramipril 5 mg 1/j.
RDV 3 mois <revoir> & "bio"
"""


def full_context() -> Context:
    return context_from_dict(FULL)


def minimal_context() -> Context:
    return context_from_dict(MINIMAL)
