"""The INS datamatrix printed on documents (ANS, "Spécification du datamatrix INS").

The text itself was not at hand: [R] the layout is the one an open practice package writes and reads back. Header `IS01` and
22 zeros (no issuing authority, no signature), then fields named S1…S7; a field shorter than its fixed or largest length ends
with GS. S1 matricule with key (15), S2 OID of the authority (20), S3 birth given names (100), S4 birth family name (100),
S5 sex (1), S6 birth date DD-MM-YYYY (10), S7 INSEE code of the birth place (5).
"""

from __future__ import annotations

import unicodedata

from ppf.datamatrix import DataMatrix

from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Patient

_HEADER = "IS01" + "0" * 22
_GS = "\x1d"


_WRITTEN_OUT = str.maketrans({"Œ": "OE", "Æ": "AE", "’": "'"})
"""What Unicode does not decompose."""


def _ascii(text: str) -> str:
    """Capital letters without accents: what the RNIV writes in an identity, and what the code's alphabet holds."""
    plain = unicodedata.normalize("NFD", text.upper().translate(_WRITTEN_OUT)).encode("ascii", "ignore").decode()
    return "".join(char if char.isprintable() else " " for char in plain)


def _field(name: str, value: str, size: int) -> str:
    return name + value[:size] + (_GS if len(value) < size else "")


def ins_message(patient: Patient) -> str:
    """The text the code holds."""
    return "".join(
        (
            _HEADER,
            _field("S1", patient.ins.value, 15),
            _field("S2", patient.ins.oid, 20),
            _field("S3", _ascii(patient.birth_given), 100),
            _field("S4", _ascii(patient.birth_family), 100),
            _field("S5", patient.sex.value[:1], 1),
            _field("S6", patient.birth_date.strftime("%d-%m-%Y"), 10),
            _field("S7", patient.birth_place_cog, 5),
        )
    )


def ins_matrix(patient: Patient) -> tuple[tuple[bool, ...], ...]:
    """The code's modules, row by row; True is black. A quiet zone of one module must surround it (ISO/IEC 16022).

    None at all for an INS that is not qualified: whoever scans the paper would take it for one.
    """
    if patient.ins.status is not InsStatus.QUALIFIEE:
        return ()
    return tuple(tuple(bool(module) for module in row) for row in DataMatrix(ins_message(patient)).matrix)
