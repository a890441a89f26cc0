"""HPRIM Médecins 3.0 (March 1997): the text files of laboratories and imaging centres. Bytes in, messages out.

A message is a header of twelve lines, the report, and maybe a part for programs after `****LAB****`; `****FIN****` ends it,
`****FINFICHIER****` the file. Every line of a message is in its text or told by its header: none is dropped. A result that the
text does not show is added to it, as people read nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from dmp_desktop.domain.received import Received, ReceivedFormat, ReceivedPatient, ReceivedResult
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.hprim_header import Header, has_header, headers_of_others, read_header
from dmp_desktop.exchange.hprim_shown import with_results
from dmp_desktop.exchange.old_text import OldText, old_text

MAX_BYTES: Final = 5_000_000
MAX_LINES: Final = 200_000
MAX_MESSAGES: Final = 2_000
LAB, FIN, FIN_FICHIER = "LAB", "FIN", "FINFICHIER"
FLAGS: Final = frozenset({"", "N", "H", "HH", "L", "LL", "A"})
_MARK = re.compile(r"\s*\*{4}[ \t]*(LAB|FIN|FINFICHIER)[ \t]*\*{4}\s*", re.IGNORECASE)
_FIRST, _SECOND = range(9), range(9, 13)
"""Of a RES line: label, code, type, value, unit, low, high, flag, status; then a second value, its unit, low and high."""

NO_END = "La marque de fin manque : le message est peut-être tronqué."
TWO_PARTS = "Le message a plusieurs parties de résultats : il peut en réunir deux, de deux patients. Vérifiez."
TWO_HEADERS = (
    "Le message contient l'en-tête d'un autre patient, sans marque de fin entre les deux : il n'est attribué à personne. "
    "Ses en-têtes sont dans le texte."
)
MAYBE_TWO = (
    "Des lignes du message ressemblent à un second en-tête : il peut en réunir deux, de deux patients. Vérifiez."
)
UNPLACED = (
    "Des lignes de résultats ne sont pas de la forme prévue : elles sont reprises à la fin du texte, telles qu'écrites."
)
EMPTY = "Le message ne contient ni texte ni résultat."


def is_hprim(untrusted: bytes) -> bool:
    """Whether it is of this format, whatever its name: it has its marks, or its header."""
    found = old_text(untrusted[:MAX_BYTES])
    if found is None:
        return False
    lines = found.lines
    return has_header(lines) or any(map(mark_of, lines))


def read_hprim(untrusted: bytes, encoding: str = "") -> tuple[Received, ...]:
    """Its messages, in their order; `encoding` as in `old_text`. Raises ContextError for a file too big, or that is no text."""
    if len(untrusted) > MAX_BYTES:
        raise _refused("hprim-size", "Le fichier HPRIM dépasse 5 Mo.")
    found = old_text(untrusted, encoding)
    if found is None:
        raise _refused("hprim-text", "Le fichier HPRIM n'est pas un texte lisible.")
    lines = found.lines
    if len(lines) > MAX_LINES:
        raise _refused("hprim-lines", f"Le fichier HPRIM dépasse {MAX_LINES} lignes.")
    pieces = list(_pieces(lines))
    if len(pieces) > MAX_MESSAGES:
        raise _refused("hprim-messages", f"Le fichier HPRIM dépasse {MAX_MESSAGES} messages.")
    if not pieces:
        raise _refused("hprim-empty", "Le fichier HPRIM ne contient aucun message.")
    return tuple(_message(piece, found) for piece in pieces)


def _refused(code: str, why: str) -> ContextError:
    return ContextError(code, why, "Vérifiez que c'est le bon fichier, ou demandez-le de nouveau à l'expéditeur.")


@dataclass(slots=True, repr=False)
class _Piece:
    """The lines up to a mark of end, or to the end of the file."""

    lines: list[str] = field(default_factory=list)
    ended: bool = False


def _pieces(lines: Sequence[str]) -> Iterator[_Piece]:
    piece = _Piece()
    for line in lines:
        if mark_of(line) in (FIN, FIN_FICHIER):
            piece.ended = True
            if any(one.strip() for one in piece.lines):
                yield piece
            piece = _Piece()
        else:
            piece.lines.append(line)
    if any(one.strip() for one in piece.lines):
        yield piece


def mark_of(line: str) -> str:
    """LAB, FIN or FINFICHIER; empty for a line that is no mark."""
    found = _MARK.fullmatch(line) if "****" in line else None
    return found[1].upper() if found else ""


def _message(piece: _Piece, of: OldText) -> Received:
    header = read_header(piece.lines)
    body = piece.lines[header.size :]
    doubt = _of_others(header.patient, body)
    if doubt == TWO_HEADERS:
        header = Header(warnings=header.warnings)
        body = piece.lines
    marks = [number for number, line in enumerate(body) if mark_of(line)]
    report = body[: marks[0]] if marks else body
    lab = _Lab.read(body[marks[0] :] if marks else [])
    if header.size and report and not report[0].strip():
        report = report[1:]  # the thirteenth line of some
    warnings = [*of.warnings, *header.warnings]
    if not piece.ended:
        warnings.append(NO_END)
    if doubt:
        warnings.append(doubt)
    if len(marks) > 1:
        warnings.append(TWO_PARTS)
    if lab.unplaced:
        warnings.append(UNPLACED)
    lines = _joined(report, lab.printed, [*header.left, *lab.unplaced])
    text = "\n".join(with_results(lines, lab.results))
    if not text.strip() and not lab.results:
        warnings.append(EMPTY)
    return Received(
        ReceivedFormat.HPRIM,
        header.patient,
        results=tuple(lab.results),
        text=text,
        title=header.title,
        act_date=header.day,
        sender=header.sender,
        recipient=header.recipient,
        reference=header.reference,
        warnings=tuple(warnings),
    )


def _of_others(patient: ReceivedPatient, body: Sequence[str]) -> str:
    """What to say of headers within a body: a patient's own, printed again, says nothing."""
    found = set(headers_of_others(body, patient))
    return TWO_HEADERS if True in found else MAYBE_TWO if found else ""


@dataclass(slots=True, repr=False)
class _Lab:
    """The part for programs: `printed` repeats the report, as a rule; `unplaced` is what is neither that nor wholly a result."""

    printed: list[str] = field(default_factory=list)
    results: list[ReceivedResult] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, lines: Sequence[str]) -> _Lab:
        lab = cls()
        for line in lines:
            tag, _, rest = line.partition("|")
            name = tag.strip().upper()
            if name == "TEX":
                lab.printed.append(rest)
            elif name == "RES":
                results, whole = _results(rest)
                lab.results += results
                lab.unplaced += [] if whole else [line]
            elif line.strip() and not mark_of(line):
                lab.unplaced.append(line)
        return lab


def _results(fields: str) -> tuple[list[ReceivedResult], bool]:
    """One result or two, and whether they tell all of the line."""
    told = [value.strip() for value in fields.split("|", len(_FIRST) + len(_SECOND))]
    told += [""] * (len(_FIRST) + len(_SECOND) + 1 - len(told))
    label, code, _kind, value, unit, low, high, flag, status = (told[place] for place in _FIRST)
    known = flag.upper() if flag.upper() in FLAGS else ""
    results = []
    if label or value:
        results.append(ReceivedResult(label, value, code, unit=unit, low=low, high=high, flag=known, status=status))
    second, second_unit, second_low, second_high = (told[place] for place in _SECOND)
    if results and second:
        results.append(
            ReceivedResult(
                label, second, code, unit=second_unit, low=second_low, high=second_high, flag=known, status=status
            )
        )
    lone = not second and any((second_unit, second_low, second_high))
    nothing = not any(told)
    return results, nothing or (bool(results) and flag.upper() == known and not told[-1] and not lone)


def _joined(report: Sequence[str], printed: Sequence[str], left: Sequence[str]) -> list[str]:
    """The report; then what the part for programs prints, unless the report has it all, in that order; then what has no place."""
    lines = list(report)
    if not _holds(report, printed):
        lines += ["", *printed] if any(line.strip() for line in report) else printed
    if left:
        lines += ["", *left] if lines else left
    return lines


def _holds(report: Sequence[str], printed: Sequence[str]) -> bool:
    rest = (" ".join(line.split()) for line in report)
    wanted = (" ".join(line.split()) for line in printed)
    return all(any(line == one for one in rest) for line in wanted if line)
