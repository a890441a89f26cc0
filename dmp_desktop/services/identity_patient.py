"""The patient of an identity: what this workstation knows of them goes before what the practice software gave."""

from __future__ import annotations

from dataclasses import replace

from dmp_desktop.domain.identity import Identity
from dmp_desktop.domain.people import Patient


def applied(patient: Patient, identity: Identity) -> Patient:
    """The patient as this workstation knows them: INSi's traits and number; without a number, never qualified. The name of a
    place of birth goes with its code."""
    if identity.ins is None:
        return replace(patient, ins=replace(patient.ins, status=identity.status))
    traits = identity.traits
    moved = traits.birth_place_cog not in ("", patient.birth_place_cog)
    return replace(
        patient,
        ins=identity.ins,
        birth_family=traits.birth_family,
        birth_given=traits.birth_given,
        first_given=traits.first_given,
        sex=traits.sex,
        birth_date=traits.birth_date,
        birth_place_cog=traits.birth_place_cog or patient.birth_place_cog,
        birth_place="" if moved else patient.birth_place,
    )
