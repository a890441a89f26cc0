"""What the DMP says of a refusal, fit for the screen: it may be read, and shows nobody's traits.

No software shows traits that come from the DMP (reference §2.2), whoever's: the patient is not compared. Written French keeps
its capitals for the first word of a sentence, acronyms and proper names; the latter go, as do dates with a year and long
numbers.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

HIDDEN: Final = "…"
REASON_LENGTH: Final = 200

_NUMBER: Final = re.compile(r"\d(?:[ .-]?[\dAB]){5,}", re.IGNORECASE)
"""Long enough to be anybody's: an INS in groups of digits, of Corsica too, a telephone number, a date in digits."""
_MONTH: Final = (
    r"(?:janv|f[ée]vr|mars|avr|mai|juin|juil|ao[uû]t|sept|oct|nov|d[ée]c|jan|feb|apr|may|jun|jul|aug)[a-zéû]*\.?"
)
_DATE: Final = re.compile(
    rf"\b(?:\d{{1,4}} ?[/.-] ?\d{{1,2}} ?[/.-] ?\d{{2,4}}|\d{{1,2}}(?:er)? ?{_MONTH} ?\d{{2,4}}|{_MONTH} ?\d{{1,2}}, ?\d{{4}})\b",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_KNOWN: Final = frozenset(
    re.findall(
        r"\w+",
        """ADELI AMELI ANS Assurance CDA CDE CNAM CPE CPS CPx Client DMP DN FHIR FINESS HL HTTP HTTPS ID IGC IHE INS INSi ITI JDV
        LOINC LPS MIME MTOM Maladie NIA NIR OID PDF PS PSC Patient Patiente RPPS Receiver SAML SHA SI SOAP SSL Sender TD TLS URI
        URL URN UTC UTF UUID VIHF Vitale WSA XDS XML XSD""",
    )
)
_OF_THE_DMP: Final = re.compile(r"(?:XDS|DMP)[A-Z][A-Za-z]+")
"""A code within a sentence."""


def plain(untrusted: str) -> str:
    """One printable line, REASON_LENGTH at most, with HIDDEN in place of what may be somebody's; empty when nothing else is
    left."""
    printable = "".join(one if one.isprintable() else " " for one in unicodedata.normalize("NFC", untrusted))
    told = _NUMBER.sub(HIDDEN, _DATE.sub(HIDDEN, " ".join(printable.split())))
    told = _nameless(told).rstrip(" .")
    if not any(one.isalnum() for one in told):
        return ""
    return told if len(told) <= REASON_LENGTH else told[: REASON_LENGTH - 1].rstrip() + HIDDEN


def _nameless(told: str) -> str:
    words = list(_WORD.finditer(told))
    names = [_is_name(told, words, at) for at in range(len(words))]
    shown, end = [], 0
    for at, word in enumerate(words):
        # A given name may stand first, before a name that is seen as one.
        beside = (
            at + 1 < len(words) and names[at + 1] and told[word.end() : words[at + 1].start()] in (" ", "-", "'", "’")
        )
        hidden = names[at] or (beside and _may_be_one(word[0]))
        shown += [told[end : word.start()], HIDDEN if hidden else word[0]]
        end = word.end()
    return "".join([*shown, told[end:]])


def _may_be_one(word: str) -> bool:
    """A letter alone (D'…, L'…) names nobody."""
    return len(word) > 1 and not word[0].islower() and word not in _KNOWN and not _OF_THE_DMP.fullmatch(word)


def _is_name(told: str, words: list[re.Match[str]], at: int) -> bool:
    word = words[at]
    if not _may_be_one(word[0]):
        return False
    before = words[at - 1][0] if at else "."
    gap = told[words[at - 1].end() if at else 0 : word.start()].rstrip()
    # « M. », « Dr. » end no sentence.
    opens = (not at and not gap) or (gap.endswith((".", "!", "?")) and not _may_be_one(before) and len(before) > 1)
    return not (opens and word[0][1:].islower())
