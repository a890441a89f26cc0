"""Criteria of a stored query: reading their quoted syntax, deciding whether an object matches (ITI TF-2 §3.18.4.1.2.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dmp_desktop.sandbox import names
from dmp_desktop.sandbox.faults import RegistryProblem, RegistryRefusal
from dmp_desktop.sandbox.model import Classification, RegistryObject
from dmp_desktop.sandbox.tolerances import Tolerances

_STRING = r"'(?:[^']|'')*'"
_SINGLE = re.compile(_STRING)
_LIST = re.compile(rf"\(\s*{_STRING}(?:\s*,\s*{_STRING})*\s*\)")
_TIME = re.compile(r"\d{4}(?:\d{2}){0,5}")
_TIME_BOUNDS = {"From": "00000101000000", "To": "99991231235959"}


def refuse(code: str, context: str) -> RegistryRefusal:
    """One registry error."""
    return RegistryRefusal(RegistryProblem(code, context))


@dataclass(frozen=True, slots=True)
class Parameters:
    """Slots of an `AdhocQuery`. Several values of one slot are alternatives for single values, `AND` between lists."""

    slots: dict[str, tuple[str, ...]]
    tolerances: Tolerances

    def __contains__(self, name: str) -> bool:
        return name in self.slots

    def single(self, name: str) -> str:
        """A mandatory quoted value. Raises RegistryRefusal."""
        values = self.slots.get(name, ())
        if not values:
            raise refuse("XDSStoredQueryMissingParam", f"Paramètre obligatoire absent : {name}")
        if len(values) > 1:
            raise refuse("XDSStoredQueryParamNumber", f"{name} n'admet qu'une valeur")
        value = values[0]
        if _SINGLE.fullmatch(value):
            return _unquote(value)
        if self.tolerances.unquoted_values:
            found = _SINGLE.search(value)
            return _unquote(found[0]) if found else value.strip("'()")
        raise refuse("XDSRegistryError", f"{name} : valeur attendue entre apostrophes, sans parenthèses")

    def lists(self, name: str) -> list[list[str]]:
        """Each value of a multi-valued criterion as its own list. Raises RegistryRefusal on a wrong syntax."""
        found = []
        for value in self.slots.get(name, ()):
            if not _LIST.fullmatch(value.strip()) and not (self.tolerances.unquoted_values and _SINGLE.search(value)):
                raise refuse("XDSRegistryError", f"{name} : liste attendue de la forme ('a','b')")
            found.append([_unquote(item) for item in _SINGLE.findall(value)])
        return found

    def any_of(self, name: str) -> list[str]:
        """All alternatives of a criterion whose lists are joined by OR; empty when it is absent."""
        return [item for values in self.lists(name) for item in values]

    def time(self, name: str, bound: str) -> str:
        """A time bound completed to 14 digits, or nothing."""
        values = self.slots.get(name, ())
        if not values:
            return ""
        value = values[0].strip("'") if self.tolerances.unquoted_values else values[0]
        if len(values) > 1 or not _TIME.fullmatch(value):
            raise refuse("XDSRegistryError", f"{name} : date UTC attendue sans apostrophes, AAAAMMJJHHMMSS")
        return value + _TIME_BOUNDS[bound][len(value) :]


def _unquote(text: str) -> str:
    return text.strip()[1:-1].replace("''", "'")


Filter = Callable[[RegistryObject], bool]


def codes(parameters: Parameters, name: str, scheme: str) -> Iterable[Filter]:
    """Coded criterion: `code^^codingScheme`; lists are joined by AND (eventCodeList, confidentialityCode), items by OR."""
    for wanted in parameters.lists(name):
        if any(item.count("^") != 2 or item.split("^")[1] for item in wanted):
            raise refuse("XDSRegistryError", f"{name} : code attendu de la forme 'code^^système'")
        yield _Coded(frozenset(wanted), scheme)


@dataclass(frozen=True, slots=True)
class _Coded:
    wanted: frozenset[str]
    scheme: str

    def __call__(self, found: RegistryObject) -> bool:
        return any(self._key(code) in self.wanted for code in found.coded(self.scheme))

    @staticmethod
    def _key(code: Classification) -> str:
        return f"{code.node}^^{code.coding_scheme}"


def period(parameters: Parameters, name: str, slot: str) -> Iterable[Filter]:
    """`From` is inclusive, `To` exclusive. An object without the date matches (ITI-18: bounds ignore what is absent)."""
    low, high = parameters.time(f"{name}From", "From"), parameters.time(f"{name}To", "To")
    if low:
        yield lambda found: not found.slot(slot) or found.slot(slot) >= low
    if high:
        yield lambda found: not found.slot(slot) or found.slot(slot) < high


def person(parameters: Parameters, name: str) -> Iterable[Filter]:
    """authorPerson with SQL LIKE wildcards `%` and `_`."""
    wanted = parameters.any_of(name)
    if wanted:
        patterns = [re.compile(_like(item), re.DOTALL) for item in wanted]
        yield lambda found: any(p.fullmatch(value) for p in patterns for value in found.author_values("authorPerson"))


def _like(pattern: str) -> str:
    return "".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in pattern)


def one_of(parameters: Parameters, name: str, read: Callable[[RegistryObject], str]) -> Iterable[Filter]:
    """Plain criterion: the value is one of those listed."""
    if name in parameters:
        wanted = frozenset(parameters.any_of(name))
        yield lambda found: read(found) in wanted


ENTRY_CODES = {
    "$XDSDocumentEntryClassCode": names.CLASS_CODE,
    "$XDSDocumentEntryTypeCode": names.TYPE_CODE,
    "$XDSDocumentEntryFormatCode": names.FORMAT_CODE,
    "$XDSDocumentEntryPracticeSettingCode": names.PRACTICE_CODE,
    "$XDSDocumentEntryHealthcareFacilityTypeCode": names.FACILITY_CODE,
    "$XDSDocumentEntryEventCodeList": names.EVENT_CODE,
    "$XDSDocumentEntryConfidentialityCode": names.CONFIDENTIALITY,
}
ENTRY_PERIODS = {
    "$XDSDocumentEntryCreationTime": "creationTime",
    "$XDSDocumentEntryServiceStartTime": "serviceStartTime",
    "$XDSDocumentEntryServiceStopTime": "serviceStopTime",
}


def entry_filters(parameters: Parameters) -> list[Filter]:
    """Filters of FindDocuments and FindDocumentsByReferenceId."""
    filters: list[Filter] = []
    for name, scheme in ENTRY_CODES.items():
        filters += codes(parameters, name, scheme)
    for name, slot in ENTRY_PERIODS.items():
        filters += period(parameters, name, slot)
    filters += person(parameters, "$XDSDocumentEntryAuthorPerson")
    for wanted in parameters.lists("$XDSDocumentEntryReferenceIdList"):
        filters.append(_references(frozenset(wanted)))
    return filters


def _references(wanted: frozenset[str]) -> Filter:
    return lambda found: not wanted.isdisjoint(found.slots.get("urn:ihe:iti:xds:2013:referenceIdList", ()))


def set_filters(parameters: Parameters) -> list[Filter]:
    """Filters of FindSubmissionSets."""
    filters: list[Filter] = [*codes(parameters, "$XDSSubmissionSetContentType", names.CONTENT_TYPE)]
    filters += period(parameters, "$XDSSubmissionSetSubmissionTime", "submissionTime")
    filters += person(parameters, "$XDSSubmissionSetAuthorPerson")
    filters += one_of(
        parameters, "$XDSSubmissionSetSourceId", lambda found: found.external.get(names.SET_SOURCE_ID, "")
    )
    return filters
