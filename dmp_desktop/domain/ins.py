"""The national health identity (INS): matricule, key, assigning authority, status."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

# ANS, "Liste des OID des autorités d'affectation de l'INS".
OID_INS_NIR = "1.2.250.1.213.1.4.8"
OID_INS_NIA = "1.2.250.1.213.1.4.9"
OID_INS_TEST = "1.2.250.1.213.1.4.10"
OID_INS_DEMO = "1.2.250.1.213.1.4.11"
INS_OIDS = frozenset({OID_INS_NIR, OID_INS_NIA, OID_INS_TEST, OID_INS_DEMO})
NATURES = {
    OID_INS_NIR: "NIR",
    OID_INS_NIA: "NIA",
    OID_INS_TEST: "numéro de test",
    OID_INS_DEMO: "numéro de démonstration",
}
"""What stands after a matricule in clear (rule 32 of the INS guide). A test number does not tell which of both it is."""
TEST_OIDS = frozenset({OID_INS_TEST, OID_INS_DEMO})

_MATRICULE = re.compile(r"[1-9][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{6}")


class InsStatus(StrEnum):
    """Identity status of the RNIV (référentiel national d'identitovigilance): only a qualified INS reaches the DMP."""

    PROVISOIRE = "provisoire"
    RECUPEREE = "recuperee"
    VALIDEE = "validee"
    QUALIFIEE = "qualifiee"


def nir_key(matricule: str) -> str:
    """The two-digit key of a 13-character NIR or NIA: 97 - (N mod 97), Corsica read as 2A=19 and 2B=18.

    Raises ValueError when `matricule` does not have the form of a NIR.
    """
    upper = matricule.upper()
    if not _MATRICULE.fullmatch(upper):
        raise ValueError("not the form of a 13-character NIR")
    digits = upper[:5] + {"2A": "19", "2B": "18"}.get(upper[5:7], upper[5:7]) + upper[7:]
    return f"{97 - int(digits) % 97:02d}"


def is_ins(value: str) -> bool:
    """True for 15 characters whose last two are the key of the first 13, letters of Corsica in capitals."""
    try:
        return len(value) == 15 and value == value.upper() and nir_key(value[:13]) == value[13:]
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class InsIdentity:
    """A matricule INS: 15 characters, key included, with the OID of the authority that assigned it."""

    value: str
    oid: str
    status: InsStatus = InsStatus.PROVISOIRE

    @property
    def is_test(self) -> bool:
        return self.oid in TEST_OIDS

    @property
    def cx(self) -> str:
        """XDS patientId, data type CX: `INS^^^&OID&ISO^NH` (DMP: no birth date suffix)."""
        return f"{self.value}^^^&{self.oid}&ISO^NH"

    def __repr__(self) -> str:
        """Never shows the matricule: representations end up in logs."""
        return f"InsIdentity({self.status.value}, {self.oid})"

    __str__ = __repr__
