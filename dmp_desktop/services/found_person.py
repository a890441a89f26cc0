"""Somebody the DMP found by their traits (TD0.5): what may be done with that identity, which nobody qualified here."""

from __future__ import annotations

from dataclasses import replace

from dmp_desktop.domain.access import FoundPerson
from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.errors import DmpError


def presented(found: FoundPerson) -> tuple[Beneficiary, ...]:
    """Who the DMP found, for `Session.present`: a key to find a patient qualified here by, nothing more. Raises DmpError."""
    if found.birth_date is None:
        raise DmpError(
            "IdentiteIncomplete",
            "Le DMP ne dit pas la date de naissance de cette personne : elle ne peut pas être reconnue ici.",
            "Identifiez le patient par l'INSi ou par sa carte Vitale.",
        )
    return (Beneficiary(found.family, found.given, f"{found.birth_date:%Y%m%d}", found.patient.value, 1),)


def same_person(one: InsIdentity, other: InsIdentity) -> bool:
    """The same INS, whatever its status here."""
    return replace(one, status=other.status) == other
