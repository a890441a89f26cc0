"""Who a printed code says the patient is."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Sex


@dataclass(frozen=True, slots=True, repr=False)
class ScannedIdentity:
    """Traits of an INS datamatrix. `birth_date` is YYYYMMDD, as on a carte Vitale; `birth_place_cog` may be empty.

    Anybody can print one: `ins` is never qualified by it (RNIV: only INSi qualifies), and a signature is not verified here, the
    keys that would being those of a trust list we do not hold; `signed` only tells that there is one.
    """

    ins: InsIdentity
    birth_family: str
    birth_given: str
    sex: Sex
    birth_date: str
    birth_place_cog: str
    signed: bool

    @property
    def person(self) -> Beneficiary:
        """The same as one would be read on a carte Vitale."""
        return Beneficiary(self.birth_family, self.birth_given, self.birth_date, self.ins.value, rank=1)

    def __repr__(self) -> str:
        """Never shows an identity: representations end up in logs."""
        return "ScannedIdentity(…)"
