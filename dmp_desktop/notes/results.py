"""Laboratory results quoted in a note: proposed, never ticked (the report itself is the source)."""

from __future__ import annotations

import re
from itertools import islice

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind
from dmp_desktop.notes.lexicon import Word, lexicon
from dmp_desktop.terminology import unit_label
from dmp_desktop.terminology.oids import LOINC

_VALUE = re.compile(
    r"[+]?[ ]?(?:du \d{1,2}/\d{1,2}(?:/\d{2,4})?)?[ ]?[:=]?[ ]?(?:(?:est|revenue?|etait|de controle|capillaire|ce jour"
    r"|ce matin|a jeun|bien) ){0,3}(?:a )?"
    r"([<>]?)[ ]?(-?\d{1,6}(?:[.,]\d{1,3})?)(?![\d/])(?![ ]?(?:sem|mois|jours?\b|j\b|ans?\b))"
    r"[ ]?(%|g/l|mg/l|g/dl|mmol/l|umol/l|ml/min(?:/1[.,]73[ ]?m2?)?|m?ui/l|ng/ml|pg/ml|ug/l|meq/l|u/l|mg/g|g/mm3"
    r"|/mm3)?(?![a-z])"
)
# Tests whose answer is a word or a cross; diseases among them count only beside a test or with `nég`.
_TEST = re.compile(
    r"(?<![a-z])(?:(?P<test>(?:test|tdr|trod|autotest)"
    r"(?: (?:rapide|urinaire|streptocoque|strepto|covid|grippe|angine|antigenique|de grossesse|vrs|immuno\w*)){0,3}"
    r"|strepto(?:coque)?(?:[- ]?test)?|leuco(?:cytes?)?|nitrites?|sang|prot(?:eines?|einurie)?|gluc(?:ose)?|cetones?|acetone"
    r"|bhcg|ecbu|bu|rai|pcr|hemoccult|coproculture|mni[- ]test|tubertest)"
    r"|(?P<disease>covid|grippe|vrs|vih|syphilis|chlamydia|gono(?:coque)?|vhb|vhc|toxo(?:plasmose)?|rubeole))(?![a-z]) ?:? ?"
    r"(?:(?:est|etait|de controle|ce matin|ce jour|urinaire|revenue?) ){0,3}"
    r"(?P<answer>neg(?:atif|ative)?s?(?![a-z])|pos(?:itif|itive)?s?(?![a-z])|\+{1,4}|-(?= ?[,.;)\n]|$)|0(?![\d.,]))"
)
_NEAR_TEST = re.compile(
    r"(?<![a-z])(?:test|tdr|trod|pcr|serolog\w*|sero|bilan|ist|depistage|bu)(?![a-z])[^.;\n]{0,45}$"
)
MAX_TESTS = 300  # in one note
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


def find_answers(note: str, folded: str) -> list[Proposal]:
    """Tests answered by a word (`test rapide négatif`, `nitrites +`): no code, the words say it."""
    found = []
    for match in islice(_TEST.finditer(folded), MAX_TESTS):
        answer = match["answer"]
        negative = answer.startswith(("neg", "-", "0"))
        if (
            match["disease"]
            and not answer.startswith("neg")
            and not _NEAR_TEST.search(folded, max(0, match.start() - 60), match.start())
        ):
            continue
        name = note[match.start() : match.end("test") if match["test"] else match.end("disease")]
        found.append(
            Proposal(
                kind=ProposalKind.RESULT,
                label=name[:1].upper() + name[1:],
                start=match.start(),
                end=match.end(),
                text=note[match.start() : match.end()],
                value="négatif" if negative else "positif" if answer.startswith("pos") else answer,
                confidence=Confidence.MEDIUM,
            )
        )
    return found
