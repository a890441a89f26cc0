"""Search criteria of FHIR: tokens, dates, strings (R4 §3.1.1), over registry objects. Several values are alternatives, a
repeated criterion adds a condition."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from dmp_desktop.sandbox import names
from dmp_desktop.sandbox.fhir_errors import Refused
from dmp_desktop.sandbox.fhir_names import URIS, scheme_of
from dmp_desktop.sandbox.fhir_read import REFERENCES, resource_id
from dmp_desktop.sandbox.fhir_schema import PRIMITIVES
from dmp_desktop.sandbox.fhir_values import oid_of, to_dtm
from dmp_desktop.sandbox.model import RegistryObject

Test = Callable[[RegistryObject], bool]
Values = Callable[[RegistryObject], Sequence[str]]
_COMMA = re.compile(r"(?<!\\),")
_DATE = re.compile(r"(eq|ge|gt|le|lt)?(\d{4}.*)")
_LAST = "99991231235959"


def alternatives(value: str) -> list[str]:
    """The values of one criterion. Raises Refused when one is empty."""
    found = [item.replace("\\,", ",") for item in _COMMA.split(value)]
    if not all(found):
        raise unreadable("un critère est vide")
    return found


def unreadable(text: str) -> Refused:
    return Refused(400, "XDSRegistryError", f"Recherche incorrecte : {text}")


def missing(name: str) -> Refused:
    return Refused(400, "XDSStoredQueryMissingParam", f"Paramètre obligatoire absent : {name}")


def coded(scheme: str) -> Callable[[str], Test]:
    """A code, of any system when none is told."""

    def test_of(value: str) -> Test:
        wanted = [_token(item) for item in alternatives(value)]
        return lambda found: any(
            code.node == node and (system is None or code.coding_scheme == system)
            for code in found.coded(scheme)
            for system, node in wanted
        )

    return test_of


def _token(item: str) -> tuple[str | None, str]:
    system, mark, code = item.partition("|")
    if not mark:
        return None, item
    known = scheme_of(system)
    if not known or not code:
        raise unreadable("système de codes inconnu, ou code absent")
    return known, code


def period_of(item: str) -> tuple[str, str, str]:
    """Comparison and the bounds, in DTM, that a date covers."""
    match = _DATE.fullmatch(item)
    if match is None or not PRIMITIVES["dateTime"](match[2]):
        raise unreadable(
            "date attendue de la forme AAAA-MM-JJ ou AAAA-MM-JJThh:mm:ssZ, précédée de eq, ge, gt, le ou lt"
        )
    try:
        start = to_dtm(match[2])
    except Refused as error:
        raise unreadable("une date n'existe pas") from error
    return match[1] or "eq", *covered(start)


def covered(dtm: str) -> tuple[str, str]:
    """First and last second of a time, whatever its precision (days of a month are not counted: 31 is beyond all)."""
    return dtm + "00000101000000"[len(dtm) :], dtm + _LAST[len(dtm) :]


def dated(first: str, last: str = "") -> Callable[[str], Test]:
    """A time, or a period from one slot to another. What has no date matches no date."""

    def test_of(value: str) -> Test:
        wanted = [period_of(item) for item in alternatives(value)]

        def matches(found: RegistryObject) -> bool:
            start = found.slot(first)
            if not start:
                return False
            low, high = covered(start)
            if last:
                high = covered(found.slot(last))[1] if found.slot(last) else _LAST
            return any(_compare(kind, (low, high), (begin, end), whole=not last) for kind, begin, end in wanted)

        return matches

    return test_of


def _compare(kind: str, found: tuple[str, str], asked: tuple[str, str], *, whole: bool) -> bool:
    if kind == "eq":
        inside = asked[0] <= found[0] and found[1] <= asked[1]
        return inside if whole else found[0] <= asked[1] and asked[0] <= found[1]
    return {
        "ge": found[1] >= asked[0],
        "gt": found[1] > asked[1],
        "le": found[0] <= asked[1],
        "lt": found[0] < asked[0],
    }[kind]


def of_values(read: Values, normal: Callable[[str], str] = str) -> Callable[[str], Test]:
    """One of the values is one of those wanted."""

    def test_of(value: str) -> Test:
        wanted = frozenset(normal(item) for item in alternatives(value))
        return lambda found: not wanted.isdisjoint(read(found))

    return test_of


def starting(slot: str, component: int) -> Callable[[str], Test]:
    """A name begins so, whatever the case (FHIR's string)."""

    def test_of(value: str) -> Test:
        wanted = [item.casefold() for item in alternatives(value)]

        def names_of(found: RegistryObject) -> list[str]:
            rows = (person.split("^") for person in found.author_values(slot))
            return [row[component].casefold() for row in rows if len(row) > component]

        return lambda found: any(name.startswith(item) for name in names_of(found) for item in wanted)

    return test_of


def _identifier(item: str) -> str:
    """A URI identifier, with or without its system, prefixed or not."""
    system, mark, value = item.partition("|")
    if mark and system not in {URIS, ""}:
        return item
    text = value if mark else item
    return oid_of(text) or text.removeprefix("urn:uuid:")


def _identifiers(found: RegistryObject) -> Sequence[str]:
    return found.unique_id, found.lid.removeprefix("urn:uuid:"), resource_id(found)


def _references(found: RegistryObject) -> Sequence[str]:
    rows = [[*value.split("^"), "", "", ""] for value in found.slots.get(REFERENCES, ())]
    return [f"{('urn:oid:' + row[3].split('&')[1]) if '&' in row[3] else ''}|{row[0]}" for row in rows] + [
        row[0] for row in rows
    ]


def _authors(found: RegistryObject) -> Sequence[str]:
    rows = [value.split("^") for value in found.author_values("authorPerson")]
    systems = [row[8].split("&")[1] if len(row) > 8 and "&" in row[8] else "" for row in rows]
    return [f"urn:oid:{oid}|{row[0]}" for row, oid in zip(rows, systems, strict=True)] + [row[0] for row in rows]


DOCUMENTS: Mapping[str, Callable[[str], Test]] = {
    "type": coded(names.TYPE_CODE),
    "category": coded(names.CLASS_CODE),
    "facility": coded(names.FACILITY_CODE),
    "setting": coded(names.PRACTICE_CODE),
    "format": coded(names.FORMAT_CODE),
    "event": coded(names.EVENT_CODE),
    "security-label": coded(names.CONFIDENTIALITY),
    "date": dated("creationTime"),
    "creation": dated("creationTime"),
    "period": dated("serviceStartTime", "serviceStopTime"),
    "period-start": dated("serviceStartTime"),
    "period-end": dated("serviceStopTime"),
    "author": of_values(_authors),
    "author.family": starting("authorPerson", 1),
    "author.given": starting("authorPerson", 2),
    "identifier": of_values(_identifiers, _identifier),
    "_id": of_values(lambda found: (resource_id(found),)),
    "related": of_values(_references),
    "related:identifier": of_values(_references),
}
LISTS: Mapping[str, Callable[[str], Test]] = {
    "date": dated("submissionTime"),
    "designationType": coded(names.CONTENT_TYPE),
    "sourceId": of_values(lambda found: (found.external.get(names.SET_SOURCE_ID, ""),), _identifier),
    "identifier": of_values(_identifiers, _identifier),
    "source.family": starting("authorPerson", 1),
    "source.given": starting("authorPerson", 2),
}
