"""Laboratory results quoted in a note: proposed, never ticked (the report itself is the source)."""

from __future__ import annotations

import re

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind
from dmp_desktop.notes.lexicon import Word, lexicon
from dmp_desktop.terminology import unit_label
from dmp_desktop.terminology.oids import LOINC

_VALUE = re.compile(
    r"[+]?[ ]{0,2}(?:du \d{1,2}/\d{1,2}(?:/\d{2,4})?)?[ ]{0,2}[:=]?[ ]{0,2}(?:est )?(?:a )?"
    r"([<>]?)[ ]?(\d{1,6}(?:[.,]\d{1,3})?)(?![\d/])"
    r"[ ]?(%|g/l|mg/l|g/dl|mmol/l|umol/l|ml/min(?:/1[.,]73[ ]?m2?)?|m?ui/l|ng/ml|pg/ml|ug/l|meq/l|u/l|mg/g|g/mm3"
    r"|/mm3)?(?![a-z])"
)
# Units as written -> UCUM.
_UNITS = {
    "%": "%",
    "g/l": "g/L",
    "mg/l": "mg/L",
    "g/dl": "g/dL",
    "mmol/l": "mmol/L",
    "umol/l": "umol/L",
    "mui/l": "m[IU]/L",
    "ui/l": "[IU]/L",
    "ng/ml": "ng/mL",
    "pg/ml": "pg/mL",
    "ug/l": "ug/L",
    "meq/l": "meq/L",
    "u/l": "U/L",
    "mg/g": "mg/g",
    "/mm3": "/mm3",
    "g/mm3": "g/mm3",
}


def find_results(note: str, folded: str, note_words: list[Word]) -> list[Proposal]:
    """In the order of the note; a name without a number is not a result."""
    found = []
    for hit in lexicon("results").find(folded, note_words):
        match = _VALUE.match(folded, hit.end)
        if match is None:
            continue
        _, loinc, default, label = hit.row
        written = match[3] or ""
        unit = _UNITS.get(written, "mL/min/{1.73_m2}" if written.startswith("ml/min") else default)
        warnings = [] if written else [f"Unité supposée : {unit_label(default)}."]
        warnings += [f"Valeur donnée avec « {match[1]} »."] if match[1] else []
        value = float(match[2].replace(",", "."))
        end = match.end() - (len(match[0]) - len(match[0].rstrip()))
        found.append(
            Proposal(
                kind=ProposalKind.RESULT,
                label=label,
                start=hit.start,
                end=end,
                text=note[hit.start : end],
                value=int(value) if value == int(value) else value,
                unit=unit,
                code=loinc,
                system=LOINC,
                confidence=Confidence.MEDIUM if warnings else Confidence.HIGH,
                warnings=tuple(warnings),
            )
        )
    return found
