"""Words as they are searched: folded, cut and placed, the same way for documents and for what is typed.

FTS5's unicode61 folds case and accents, but neither œ (cœur), the ligatures of PDFs, nor 10mg / 10 mg, and tells no offsets:
words are folded here, FTS5 gets them ready, and every hit leads back to the characters of the text.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dmp_desktop.domain.search import Passage

_INVISIBLE = "\u00ad\u200b\u200c\u200d\ufeff\ufffe"
_APOSTROPHES = "'’ʼ"
_TOKEN = re.compile(rf"(?:[^\W_ʼ]|[\u0300-\u036f{_INVISIBLE}])+|\+")  # '+' is a word: K+, HBs +
_PIECE = re.compile(r"\d+(?=[^\W\d_])|[^\W_]+")  # 10mg is two words, HbA1c one
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "ħ": "h", "ŧ": "t", "ʼ": None}
    | dict.fromkeys(_INVISIBLE)
)
_LONGEST = 64  # characters of a word that count: base64 and rules of dashes are no words
_SEARCHED = 2_000_000  # characters of a document that are searched: a PDF of 500 full pages has fewer
GAP = "  "
"""Between two words of `IndexedText.folded`, so that each keeps a space of its own on both sides."""


@dataclass(frozen=True, slots=True, repr=False)
class IndexedText:
    """A document's words: `text` as shown, `folded` as searched, and from one to the other by the rank of the word.

    Word number n of `folded` is `text[starts[n]:ends[n]]`. `title_end` is where the title ends in `folded`. `passages` are
    (start in `text`, section code, section title), the first one being the document's title.
    """

    text: str
    folded: str
    title_end: int
    starts: array[int]
    ends: array[int]
    passages: tuple[tuple[int, str, str], ...]


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """Folded words with the start and end of what they stand for."""
    for match in _TOKEN.finditer(text):
        token, (start, end) = match[0], match.span()
        if len(token) <= _LONGEST and token.isalpha() and (plain := token.translate(_LATIN).lower()).isascii():
            yield plain, start, end  # nearly all words, three times faster
        else:
            yield from _pieces(token, start, end)


def _pieces(token: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """A token's words, each at its own place unless folding moved letters."""
    if token == "+":  # noqa: S105 - a sign, not a secret
        yield token, start, end
        return
    folded = fold(token)
    exact = len(folded) == len(token)
    for piece in _PIECE.finditer(folded):
        first, last = piece.span() if exact else (0, end - start)
        yield piece[0][:_LONGEST], start + first, start + last


def fold(token: str) -> str:
    """Without case, accents, ligatures or invisible characters."""
    if token.isascii():
        return token.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", token).casefold())
    return "".join(sign for sign in apart if unicodedata.category(sign) != "Mn").translate(_LETTERS)


_LATIN = {
    number: fold(chr(number)) for number in range(0x80, 0x180) if chr(number).isalpha()
}  # Latin-1, Latin Extended-A


def indexed(title: str, passages: Sequence[Passage]) -> IndexedText:
    """A document ready to be searched. Blanks are collapsed, line ends kept."""
    lines, places, length = [_collapsed(title)], [(0, "", "")], 0
    for passage in passages:
        length += len(lines[-1]) + 1
        places.append((length, passage.section_code, passage.section_title))
        lines.append(f"{_collapsed(passage.section_title)}\n{_collapsed(passage.text)}".strip())
    text = "\n".join(lines)[:_SEARCHED]
    folded, starts, ends = [], array("I"), array("I")
    title_words = 0
    for word, start, end in words(text):
        folded.append(word)
        starts.append(start)
        ends.append(end)
        title_words += start < len(lines[0])
    joined = _joined(folded)
    return IndexedText(text, joined, len(_joined(folded[:title_words])), starts, ends, tuple(places))


def _collapsed(text: str) -> str:
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))


def _joined(folded: Sequence[str]) -> str:
    return f" {GAP.join(folded)} " if folded else ""


@dataclass(frozen=True, slots=True, repr=False)
class Term:
    """Words that must follow each other, written in one or several ways; the last one may be unfinished."""

    ways: tuple[tuple[str, ...], ...]
    prefix: bool

    @property
    def match(self) -> str:
        """FTS5 query syntax (https://www.sqlite.org/fts5.html §3); words hold neither quotes nor spaces."""
        phrases = [f'"{" ".join(way)}"{"*" if self.prefix else ""}' for way in self.ways]
        return phrases[0] if len(phrases) == 1 else f"({' OR '.join(phrases)})"

    @property
    def needles(self) -> tuple[str, ...]:
        """What stands in `IndexedText.folded` where the term is met."""
        return tuple(f" {GAP.join(way)}{'' if self.prefix else ' '}" for way in self.ways)


# fmt: off
_EMPTY = frozenset({
    "au", "aux", "avec", "dans", "de", "des", "du", "en", "et", "la", "le", "les", "ou", "par", "pour", "sur", "un", "une",
})
# fmt: on


def needles_of(terms: Sequence[Term]) -> tuple[str, ...]:
    """What to count and to show of a search: "de la" is asked for too, but says nothing beside "hanche"."""
    telling = [term for term in terms if not (len(term.ways[0]) == 1 and term.ways[0][0] in _EMPTY)]
    return tuple(dict.fromkeys(needle for term in telling or terms for needle in term.needles))


_MAX_TYPED = 400  # characters; what is pasted beyond does not narrow a search
_MAX_TERMS = 16
_QUOTES = str.maketrans(dict.fromkeys("«»“”„", '"'))
_CHUNK = re.compile(r'"([^"]*)("?)|([^\s"]+)')
_ELISION = re.compile(rf"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)[{_APOSTROPHES}](?=\w|$)", re.IGNORECASE)


def parse_query(typed: str) -> tuple[Term, ...]:
    """Any text as a search: words must all be there, in quotes they follow each other, the last word may be unfinished.

    Never raises; no term when nothing typed is a word.
    """
    terms: list[Term] = []
    chunks = list(_CHUNK.finditer(typed[:_MAX_TYPED].translate(_QUOTES)))
    for chunk in chunks:
        quoted, closed, plain = chunk.groups()
        way = tuple(word for word, _, _ in words(_ELISION.sub("", plain) if plain else quoted))
        if not way or (way == ("+",) and plain):
            continue
        ways = (way, ("".join(way),)) if plain and "-" in plain and len(way) > 1 and "+" not in way else (way,)
        terms.append(Term(ways, prefix=chunk is chunks[-1] and not closed))
    return tuple(terms[:_MAX_TERMS])
