"""Why the DMP refused a deposit, in its own words, once they name nobody: the outbox keeps them beside what it seals."""

from __future__ import annotations

import re
import unicodedata

from dmp_desktop.domain.identity import folded
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError, DmpError

_HIDDEN = "…"
_WORD = re.compile(r"[^\W_]+")


def message_of(error: DmpDesktopError, item: OutboxItem) -> str:
    """What happened, in French, and what the DMP says of it. Its sentence comes bounded and without long numbers
    (`dmp.catalogue.plain`); the names and the birth date of the patient and the title of the document go too."""
    reason = _nobody_s(error.reason, item) if isinstance(error, DmpError) else ""
    return f"{error.message_fr} Le DMP précise : « {reason} »." if reason else error.message_fr


def _nobody_s(reason: str, item: OutboxItem) -> str:
    told = unicodedata.normalize("NFC", reason)
    for one in (item.title, f"{item.patient.birth_date:%d/%m/%Y}"):
        if one:
            told = re.sub(re.escape(unicodedata.normalize("NFC", one)), _HIDDEN, told, flags=re.IGNORECASE)
    names = _names(item.patient)
    return _WORD.sub(lambda word: _HIDDEN if folded(word[0]) in names else word[0], told)


def _names(patient: Patient) -> set[str]:
    """Each word of their names, and each name in one word. A letter alone (D'…) names nobody."""
    names = (patient.birth_family, patient.birth_given, patient.first_given, patient.used_family, patient.used_given)
    words = [folded(name).split() for name in names if name]
    return {one for each in words for one in (*each, "".join(each)) if len(one) > 1}
