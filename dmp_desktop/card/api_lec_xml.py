"""The XML in which the licensed component tells who is on a carte Vitale.

Elements: reference card.md §3.3, and the public functional specification of the billing chain ("BS - Acquérir les informations
sur le bénéficiaire", API Lecture Vitale 6.xx: `ident/nomUsuel`, `ident/prenomUsuel`, `ident/nir`). No schema was at hand, so only
these names count, wherever they are; two open programs find the NIR in the `amo` beside `ident`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from dmp_desktop.card.api_lec_failures import unusable
from dmp_desktop.card.api_lec_helper import BUFFER_BYTES
from dmp_desktop.card.text import printable
from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.ins import is_ins

_MAX_DEPTH: Final = 32
_MAX_ELEMENTS: Final = 4096
_MAX_PEOPLE: Final = 20  # far more than a family; each is looked for in the whole answer
_DATE: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
# A test card may hold letters where a NIR has digits (reference card.md §3.3); such a NIR has no key to check.
_TEST_NIR: Final = re.compile(r"(?=.*[A-Z])[0-9A-Z]{15}")


@dataclass(slots=True, repr=False, eq=False)
class _Element:
    name: str
    text: str = ""
    children: list[_Element] = field(default_factory=list)

    def all(self, name: str) -> list[_Element]:
        """Descendants of that name, in order."""
        return [hit for one in self.children for hit in (*([one] if one.name == name else []), *one.all(name))]

    def value(self, name: str) -> str:
        """The text of the first descendant of that name; '' when there is none."""
        return next((printable(one.text) for one in self.all(name)), "")


def beneficiaries(untrusted: bytes) -> tuple[Beneficiary, ...]:
    """All persons with a NIR whose key is right; who has none is left out, its rank unused.

    Raises ApiLecUnusableError (`card.api_lec_answer`) for anything else: a card is never half believed.
    """
    root = _parse(untrusted[:BUFFER_BYTES].rstrip(b"\0"))
    people = root.all("ident")
    if len(people) > _MAX_PEOPLE:
        raise unusable("answer")
    alone = {around[0]: one for one in (root, *_within(root)) if len(around := one.all("ident")) == 1}
    numbers = [_nir(root, people, index, alone.get(people[index])) for index in range(len(people))]
    found = []
    for rank, (person, nir) in enumerate(zip(people, numbers, strict=True), start=1):
        date = _DATE.fullmatch(person.value("dateNaissance"))
        family = person.value("nomUsuel") or person.value("nomPatronymique")
        if not nir or (_TEST_NIR.fullmatch(nir) and not is_ins(nir)):
            continue
        if date is None or not family or not is_ins(nir):
            raise unusable("answer")
        day, month, year = date.groups()
        found.append(Beneficiary(family, person.value("prenomUsuel"), f"{year}{month}{day}", nir, rank))
    if not found:
        raise unusable("answer")
    return tuple(found)


def _nir(root: _Element, people: list[_Element], index: int, around: _Element | None) -> str:
    """In the person's `ident`; else in what holds this `ident` alone; else, of one person alone, anywhere.

    Never by the place in a list: nothing tells which of its neighbours a person's `amo` is. `around`: the innermost element that
    holds this `ident` and no other.
    """
    if own := people[index].value("nir"):
        return own.replace(" ", "").upper()
    beside = around.value("nir") if around else ""
    if not beside and len(people) == 1:
        beside = root.value("nir")
    return beside.replace(" ", "").upper()


def _within(element: _Element) -> list[_Element]:
    return [hit for one in element.children for hit in (one, *_within(one))]


def _parse(untrusted: bytes) -> _Element:
    """A tree without attributes. No document type, hence no entity: nothing is fetched and nothing swells."""
    root = _Element("")
    path = [root]
    count = 0
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise unusable("answer")

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(path) > _MAX_DEPTH or count > _MAX_ELEMENTS:
            refuse()
        element = _Element(name.rpartition(":")[2])
        path[-1].children.append(element)
        path.append(element)

    def text(words: str) -> None:
        path[-1].text += words

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: path.pop()
    parser.CharacterDataHandler = text
    try:
        parser.Parse(untrusted, True)
    except (expat.ExpatError, ValueError, LookupError):  # the latter two: an encoding that is none
        raise unusable("answer") from None
    return root
