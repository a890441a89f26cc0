"""What in a note asks who may see the document: abortion, HIV, psychiatry, addiction, violence, a minor's own affairs.

What counts: HIV, abortion and violence reveal the patient even denied or told of a relative (a negative test was asked for; a
violent husband is one's own). The rest counts only as the patient's and not denied: everybody is asked about dark thoughts and
alcohol, and a father's schizophrenia is the father's. A suspicion or a past disease counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.notes.extract import MAX_NOTE
from dmp_desktop.notes.folding import words
from dmp_desktop.notes.lexicon import Hit, lexicon
from dmp_desktop.notes.reading import read
from dmp_desktop.notes.status import find_status
from dmp_desktop.notes.structure import Structure

_ADULT = 18  # years
_NOT_THE_PATIENT = frozenset({ProposalStatus.ABSENT, ProposalStatus.FAMILY})
# Abbreviations that are ordinary words, or other things, in small letters.
_CAPITALS = frozenset(
    {"ims", "ist", "tca", "toc", "cmp", "img", "tpe", "edc", "hdt", "tso", "thc", "hsh", "mst", "prep", "ts", "arv"}
)
# `PR séropositive` has the rheumatoid factor, not HIV.
_RHEUMATOID = re.compile(r"(?<![a-z])(?:pr|polyarthrite|myasthenie)(?![a-z])[^.;\n]{0,20}$")


class Topic(StrEnum):
    MINOR = "minor"
    CONTRACEPTION = "contraception"
    ABORTION = "abortion"
    HIV_STI = "hiv_sti"
    PSYCHIATRY = "psychiatry"
    ADDICTION = "addiction"
    VIOLENCE = "violence"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Topic.MINOR: "confidences d'un mineur",
    Topic.CONTRACEPTION: "contraception d'un mineur",
    Topic.ABORTION: "interruption de grossesse",
    Topic.HIV_STI: "VIH ou infection sexuellement transmissible",
    Topic.PSYCHIATRY: "santé mentale",
    Topic.ADDICTION: "addiction",
    Topic.VIOLENCE: "violences",
}


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A topic and the first words of the note that touch it, `text[start:end]` (character offsets)."""

    topic: Topic
    start: int
    end: int


def find_sensitive(text: str, *, age: int | None) -> tuple[Sensitive, ...]:
    """One item a topic, in the order of the note. `age` in whole years; unknown is taken for an adult."""
    if len(text) > MAX_NOTE:
        return ()
    reading = read(text)
    structure = Structure(reading.folded)
    found: dict[Topic, Sensitive] = {}
    for hit in lexicon("sensitive").find(reading.folded, words(reading.folded)):
        topic = Topic(hit.row[1])
        if topic not in found and _counts(reading.note, reading.folded, structure, hit, age):
            found[topic] = Sensitive(topic, *reading.span(hit.start, hit.end))
    return tuple(found.values())


def _counts(note: str, folded: str, structure: Structure, hit: Hit, age: int | None) -> bool:
    term, _, flag = hit.row
    if term in _CAPITALS and note[hit.start : hit.end].islower():
        return False
    if term.startswith("seropositi") and _RHEUMATOID.search(folded, max(0, hit.start - 40), hit.start):
        return False
    if flag == "always":
        return True
    if flag == "minor" and (age is None or age >= _ADULT):
        return False
    if hit.row[1] == Topic.MINOR:
        return True
    status, _ = find_status(folded, structure.at(hit.start), hit.start, hit.end)
    return status not in _NOT_THE_PATIENT
