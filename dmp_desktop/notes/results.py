"""Laboratory results quoted in a note: proposed, never ticked (the report itself is the source)."""

from __future__ import annotations

import re
from itertools import islice

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind
from dmp_desktop.notes.lexicon import Word, lexicon
from dmp_desktop.terminology import measure, unit_label
from dmp_desktop.terminology.conversion import parse
from dmp_desktop.terminology.oids import LOINC

# Units as written -> UCUM; the longest first.
_UNITS = {
    "%": "%",
    "mmol/mol": "mmol/mol",
    "mmol/l": "mmol/L",
    "umol/l": "umol/L",
    "nmol/l": "nmol/L",
    "pmol/l": "pmol/L",
    "mg/mmol": "mg/mmol",
    "mg/dl": "mg/dL",
    "mg/l": "mg/L",
    "mg/g": "mg/g",
    "g/dl": "g/dL",
    "g/mm3": "10*9/L",  # `7 G/mm3`, said for 7 G/L
    "g/l": "g/L",
    "ug/l": "ug/L",
    "ug/g": "ug/g",
    "ng/ml": "ng/mL",
    "ng/l": "ng/L",
    "pg/ml": "pg/mL",
    "mui/ml": "m[IU]/mL",
    "mui/l": "m[IU]/L",
    "ui/ml": "[IU]/mL",
    "ui/l": "[IU]/L",
    "u/ml": "U/mL",
    "u/l": "U/L",
    "meq/l": "meq/L",
    "/mm3": "/mm3",
    "mm/h": "mm/h",
}
_GIGA = "10*9/L"  # `G/L` of blood cells, which folding makes grams
# One analyte in mass and in moles has two codes (LOINC: Mass/volume, Moles/volume).
_COUNTERPARTS = {
    "14682-9": "2160-0",  # créatinine
    "22664-7": "3091-6",  # urée
    "14933-6": "3084-1",  # acide urique
    "2000-8": "17861-6",  # calcium
    "14631-6": "1975-2",  # bilirubine totale
    "2339-0": "14749-6",  # glycémie
    "2093-3": "14647-2",  # cholestérol total
    "2085-9": "14646-4",  # cholestérol HDL
    "13457-7": "22748-8",  # cholestérol LDL
    "2571-8": "14927-8",  # triglycérides
    "3024-7": "14920-3",  # T4 libre
    "3051-0": "14928-6",  # T3 libre
    "4548-4": "59261-8",  # HbA1c, % and mmol/mol
}
_UNKNOWN_UNIT = "Unité non reconnue : à vérifier."
_VALUE = re.compile(
    r"[+]?[ ]?(?:du \d{1,2}/\d{1,2}(?:/\d{2,4})?)?[ ]?[:=]?[ ]?(?:(?:est|stable|revenue?|etait|de controle|capillaire|ce jour"
    r"|ce matin|a jeun|bien) ){0,3}(?:a )?"
    r"([<>]?)[ ]?(-?\d{1,6}(?:[.,]\d{1,3})?)(?!\d|/(?!mm3)|[ ]?-[ ]?\d)(?![ ]?(?:sem|mois|jours?\b|j\b|ans?\b))"
    rf"[ ]?({'|'.join(map(re.escape, _UNITS))}|ml/min(?:/1[.,]73[ ]?m2?)?)?(?![a-z])"
)
# A unit we do not know: neither it nor the usual one can be told.
_OTHER_UNIT = re.compile(r"[ ]?[a-z]{1,5}/[a-z0-9]")
_GOAL = re.compile(r"(?<![a-z])(?:objectifs?|cibles?|seuil|viser|visee?|but)(?: (?:d'|de |une? |du )?| ?: ?)?$")
# Tests whose answer is a word or a cross; diseases among them count only beside a test or with `nég`.
_TEST = re.compile(
    r"(?<![a-z])(?:(?P<test>(?:test|tdr|trod|autotest)"
    r"(?: (?:rapide|urinaire|streptocoque|strepto|covid|grippe|angine|antigenique|de grossesse|vrs|immuno\w*)){0,3}"
    r"|strepto(?:coque)?(?:[- ]?test)?|leuco(?:cytes?)?|nitrites?|sang|prot(?:eines?|einurie)?|gluc(?:ose)?|cetones?|acetone"
    r"|troponine|tropo|d-?dimeres|microalb\w*|bhcg|ecbu|bu|rai|pcr|hemoccult|coproculture|mni[- ]test|tubertest)"
    r"|(?P<disease>covid|grippe|vrs|vih|syphilis|chlamydia|gono(?:coque)?|vhb|vhc|toxo(?:plasmose)?|rubeole))(?![a-z]) ?:? ?"
    r"(?:(?:est|etait|de controle|ce matin|ce jour|urinaire|revenue?) ){0,3}"
    r"(?P<answer>neg(?:atif|ative)?s?(?![a-z])|pos(?:itif|itive)?s?(?![a-z])|\+{1,4}|-(?= ?[,.;)\n]|$)|0(?![\d.,]))"
)
_NEAR_TEST = re.compile(
    r"(?<![a-z])(?:test|tdr|trod|pcr|serolog\w*|sero|bilan|ist|depistage|bu)(?![a-z])[^.;\n]{0,45}$"
)
MAX_TESTS = 300  # in one note


def find_results(note: str, folded: str, note_words: list[Word]) -> list[Proposal]:
    """In the order of the note; a name without a number is not a result."""
    found = []
    for hit in lexicon("results").find(folded, note_words):
        match = _VALUE.match(folded, hit.end)
        if match is None or _GOAL.search(folded, max(0, hit.start - 30), hit.start):
            continue
        _, loinc, default, label = hit.row
        written = match[3] or ""
        unknown = not written and _OTHER_UNIT.match(folded, match.end()) is not None
        unit = None if unknown else _unit(written, default)
        code = _code(loinc, default, unit) if unit else None
        warnings = [_UNKNOWN_UNIT] if unknown else [] if written else [f"Unité supposée : {unit_label(default)}."]
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
                code=code,
                system=LOINC if code else None,
                confidence=Confidence.MEDIUM if warnings else Confidence.HIGH,
                warnings=tuple(warnings),
            )
        )
    return found


def _unit(written: str, default: str) -> str:
    if written.startswith("ml/min"):
        return default if default.startswith("mL/min") else "mL/min"
    if written == "g/l" and default == _GIGA:
        return _GIGA
    return _UNITS.get(written, default)


def _code(loinc: str, default: str, unit: str) -> str | None:
    """The code that goes with the unit; None when there is none (`VEMS 62%` is no volume)."""
    if unit == default or _kind(unit) == _kind(default):
        return loinc
    other = _COUNTERPARTS.get(loinc)
    counterpart = measure(other) if other else None
    return other if counterpart and _kind(unit) == _kind(counterpart.unit) else None


def _kind(unit: str) -> tuple[object, bool]:
    """Units of one kind change into each other; a percentage is no count."""
    parsed = parse(unit)
    return parsed.dimensions if parsed else unit, unit in {"%", "1"}


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
