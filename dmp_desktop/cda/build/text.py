"""What XML 1.0 and our font cannot hold, replaced by a visible sign and told."""

from __future__ import annotations

import re
import unicodedata

from dmp_desktop.terminology.wording import plain

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_WORD = re.compile(r"[a-z]{3,}")
_ORDINARY = {
    *("test", "trod", "rapide", "virus", "presence", "seuil", "qualitatif", "immunoanalyse", "depistage", "vaccin"),
    *(
        "vaccins",
        "vaccination",
        "contre",
        "des",
        "les",
        "une",
        "pour",
        "par",
        "avec",
        "sang",
        "serum",
        "plasma",
        "voie",
    ),
    *("association", "antigene", "vivant", "attenue", "inactive", "purifie", "conjugue"),
}
# How practice calls what the official labels name otherwise.
_ALSO = {
    "angine": "pharyngite",
    "angines": "pharyngite",
    "streptatest": "streptococcus",
    "sga": "streptococcus",
    "influenza": "grippe",
    "covid": "coronavirus",
    "sars": "coronavirus",
    "vrs": "syncytial",
    "hiv": "vih",
    "vhc": "hepatite",
    "vhb": "hepatite",
    "syphilis": "treponema",
    "bandelette": "cystite",
    "urinaire": "cystite",
    "lsd": "lysergate",
    "rupture": "insulin",
    "hpv": "papillomavirus",
    "ror": "rougeole",
    "dtp": "diphterie",
}
_STEM = 5  # letters
# XML 1.0 §2.2 Char: everything else is forbidden, even as a character reference.
_CHARS = "\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"
_ALLOWED = re.compile(f"[{_CHARS}]*")
_FORBIDDEN = re.compile(f"[^{_CHARS}]")
# Characters that show nothing by themselves: left out of a page, kept in the narrative.
_HIDDEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
_INVISIBLE = re.compile(f"[{_HIDDEN}]")
_VISIBLE = re.compile(rf"[^\s{_HIDDEN}]")


def is_xml(text: str) -> bool:
    """Can XML hold each of its characters?"""
    return _ALLOWED.fullmatch(text) is not None  # over a long note, twice as fast as a search for the others


def xml_safe(text: str) -> tuple[str, str]:
    """`text` with each character XML forbids replaced by U+FFFD (same length, so that spans hold), and the warning or ''."""
    if is_xml(text):
        return text, ""
    safe, count = _FORBIDDEN.subn(REPLACEMENT, text)
    return safe, f"{count} caractère(s) que le format interdit remplacé(s) par « {REPLACEMENT} » : relisez le texte."


def is_blank(text: str) -> bool:
    """Is there nothing in it to see?"""
    return _VISIBLE.search(text) is None


def share_a_word(label: str, *others: str) -> bool:
    """Do they have a word in common, by its beginning (`grippe`, `grippal`), those of any test or vaccine aside?"""
    known = {stem for other in others for stem in _stems(other)}
    return not known.isdisjoint(_stems(label))


def _stems(text: str) -> set[str]:
    words = set(_WORD.findall(plain(text))) - _ORDINARY
    return {_ALSO.get(word, word)[:_STEM] for word in words}


def line_ends(text: str) -> str:
    """CRLF and CR as LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def page_safe(text: str, known: frozenset[int]) -> tuple[str, str]:
    """`text` as the page shows it: composed accents, tabs as blanks, a visible sign for each character the font lacks."""
    composed = _INVISIBLE.sub("", unicodedata.normalize("NFC", line_ends(text))).replace("\t", "    ")
    unknown = {char for char in set(composed) if ord(char) not in known and char != "\n"}
    if not unknown:
        return composed, ""
    page = composed.translate({ord(char): REPLACEMENT for char in unknown})
    names = ", ".join(f"U+{ord(char):04X}" for char in sorted(unknown)[:5])
    return page, f"Caractère(s) absent(s) de la police, remplacé(s) par « {REPLACEMENT} » dans le PDF : {names}."
