"""Segments of HPRIM Santé 2.x (ASTM E1238): delimiters told by the header, lines that go on, escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_HEAD = re.compile(r"\s*H([^\w\s])([^\w\s]{2,4})\1")
_TAG = re.compile(r"[A-Z][A-Z0-9]{0,2}")
_POWER = re.compile(r"\D{0,3}\d+\^[-+]?\d")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True)
class Delimiters:
    """As in `H|~^\\&|`, the usual ones. Empty: this file has none."""

    field: str = "|"
    component: str = "~"
    repetition: str = "^"
    escape: str = "\\"
    sub: str = "&"

    @classmethod
    def told(cls, line: str) -> Delimiters | None:
        """Those of a header; None for another line, or where one sign would mean two things."""
        found = _HEAD.match(line)
        if found is None:
            return None
        signs = found[1] + found[2]
        return cls(*signs, *[""] * (5 - len(signs))) if len(set(signs)) == len(signs) else None


@dataclass(frozen=True, slots=True, repr=False)
class Segment:
    """`fields[0]` is its name; numbers are those of the standard, from 1. Of the header, H.1 are the delimiters."""

    fields: tuple[str, ...]
    marks: Delimiters

    @property
    def name(self) -> str:
        return self.fields[0]

    @property
    def line(self) -> str:
        """As it came, the lines that went on in it joined."""
        return self.marks.field.join(self.fields).removeprefix(self.marks.field)

    def raw(self, number: int) -> str:
        return self.fields[number] if number < len(self.fields) else ""

    def repetitions(self, number: int) -> list[list[str]]:
        """Its repetitions, each by its components, without escapes; none of an empty field."""
        parts = self.raw(number).split(self.marks.repetition) if self.raw(number) else []
        return [[unescaped(one, self.marks) for one in part.split(self.marks.component)] for part in parts]

    def components(self, number: int) -> list[str]:
        """Of the first repetition, at least one."""
        return next(iter(self.repetitions(number)), [""])

    def component(self, number: int, place: int) -> str:
        """`place` from 1."""
        found = self.components(number)
        return found[place - 1].strip() if place <= len(found) else ""

    def rest(self, number: int) -> str:
        """A last field, of free text: a « | » in it that nobody escaped is of the text."""
        told = self.marks.field.join(self.words(place) for place in range(number, len(self.fields)))
        return told.rstrip(self.marks.field)

    def unit(self, number: int) -> str:
        """All a unit tells; « 10^9/l », whose sign nobody escaped, is one."""
        raw = self.raw(number)
        return unescaped(raw, self.marks).strip() if _POWER.match(raw) else self.words(number)

    def words(self, number: int) -> str:
        """All a field tells, for people: its components one after the other, a line a repetition."""
        lines = (" ".join(filter(None, (one.strip() for one in parts))) for parts in self.repetitions(number))
        return "\n".join(line for line in lines if line)


def segments(lines: Sequence[str]) -> Iterator[tuple[Segment, bool]]:
    """Each with whether a line that is no segment went on in it: the break of a line inside a value. Such a line before, after or
    between messages is given as a segment without a name."""
    marks = Delimiters()
    parts: list[str] = []
    broken = False
    for line in lines:
        if not line.strip():
            continue
        begun = line.lstrip()
        tag = begun.partition(marks.field)[0]
        if told := Delimiters.told(line):
            tag = "H"
        if tag == "A" and parts and marks.field in begun:
            parts.append(begun[1 + len(marks.field) :])
            continue
        named = bool(told) or tag == "L" or bool(_TAG.fullmatch(tag) and marks.field in begun)
        if not named and parts and parts[0][:1] not in ("H", "L", marks.field):
            parts.append("\n" + line)
            broken = True
            continue
        if parts:
            yield _segment("".join(parts), marks), broken
        marks = told or marks
        parts, broken = [begun if named else f"{marks.field}{line}"], False
    if parts:
        yield _segment("".join(parts), marks), broken


def _segment(line: str, marks: Delimiters) -> Segment:
    if line.startswith("H") and Delimiters.told(line):
        rest = line[1:].split(marks.field)
        return Segment(("H", *rest[1:]), marks)
    return Segment(tuple(line.split(marks.field)), marks)


def unescaped(value: str, marks: Delimiters) -> str:
    """The signs and line breaks that `\\F\\` and the like stand for; a sequence nobody knows stays as it is."""
    sign = marks.escape
    if not sign or sign not in value:
        return value
    known: Final = {
        "F": marks.field, "S": marks.component, "R": marks.repetition, "E": sign, "T": marks.sub,
        ".br": "\n", "H": "", "N": "",
    }  # fmt: skip
    pieces = value.split(sign)
    told = [pieces[0]]
    place = 1
    while place < len(pieces):
        name = pieces[place]
        closed = place + 1 < len(pieces)
        if closed and name in known:
            told.append(known[name] + pieces[place + 1])
            place += 2
        elif closed and name[:1] == "X" and _HEX.fullmatch(name[1:]):
            told.append(bytes.fromhex(name[1:]).decode("cp1252", "replace") + pieces[place + 1])
            place += 2
        else:
            told.append(sign + name)
            place += 1
    return "".join(told)
