"""Criteria of a stored query: reading their quoted syntax, deciding whether an object matches (ITI TF-2 §3.18.4.1.2.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dmp_desktop.sandbox import names, syntax
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
    """Slots of an `AdhocQuery`: the values of each occurrence of a name. Those of one slot are alternatives; a slot that is
    repeated, where it may be (`REPEATABLE`), adds a condition (ITI TF-2 §3.18.4.1.2.3.5)."""

    slots: Mapping[str, Sequence[tuple[str, ...]]]
    tolerances: Tolerances

    def __contains__(self, name: str) -> bool:
        return name in self.slots

    def _values(self, name: str) -> tuple[str, ...]:
        return tuple(value for values in self.slots.get(name, ()) for value in values)

    def single(self, name: str) -> str:
        """A mandatory quoted value. Raises RegistryRefusal."""
        values = self._values(name)
        if not values:
            raise missing(name)
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
        """The alternatives of each slot of a multi-valued criterion. Raises RegistryRefusal on a wrong syntax."""
        found = []
        for values in self.slots.get(name, ()):
            if not values:
                raise missing(name)
            for value in values:
                if not _LIST.fullmatch(value) and not (self.tolerances.unquoted_values and _SINGLE.search(value)):
                    raise refuse("XDSRegistryError", f"{name} : liste attendue de la forme ('a','b')")
            found.append([_unquote(item) for value in values for item in _SINGLE.findall(value)])
        return found

    def any_of(self, name: str) -> list[str]:
        """All alternatives of a criterion that is not repeated; empty when it is absent."""
        return [item for values in self.lists(name) for item in values]

    def time(self, name: str, bound: str) -> str:
        """A time bound completed to 14 digits, or nothing."""
        values = self._values(name)
        if name not in self.slots:
            return ""
        if len(values) != 1:
            raise refuse("XDSStoredQueryParamNumber", f"{name} demande une valeur")
        value = values[0].strip("'") if self.tolerances.unquoted_values else values[0]
        if not _TIME.fullmatch(value):
            raise refuse("XDSRegistryError", f"{name} : date UTC attendue sans apostrophes, AAAAMMJJHHMMSS")
        return value + _TIME_BOUNDS[bound][len(value) :]


def missing(name: str) -> RegistryRefusal:
    return refuse("XDSStoredQueryMissingParam", f"Paramètre obligatoire absent : {name}")


def _unquote(text: str) -> str:
    return text.strip()[1:-1].replace("''", "'")


Filter = Callable[[RegistryObject], bool]


def codes(parameters: Parameters, name: str, scheme: str) -> Iterable[Filter]:
    """Coded criterion: `code^^codingScheme`."""
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


def person(parameters: Parameters, name: str, *, many: bool) -> Iterable[Filter]:
    """authorPerson with SQL LIKE wildcards `%` and `_`; FindSubmissionSets takes a single one."""
    if name in parameters:
        wanted = parameters.any_of(name) if many else [parameters.single(name)]
        patterns = [re.compile(_like(item), re.DOTALL) for item in wanted]
        yield lambda found: any(p.fullmatch(value) for p in patterns for value in found.author_values("authorPerson"))


def _like(pattern: str) -> str:
    return "".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in pattern)


def one_of(parameters: Parameters, name: str, read: Callable[[RegistryObject], str]) -> Iterable[Filter]:
    """Plain criterion: the value is one of those listed."""
    if name in parameters:
        wanted = frozenset(parameters.any_of(name))
        yield lambda found: read(found) in wanted


REFERENCES = "$XDSDocumentEntryReferenceIdList"
REPEATABLE = frozenset({"$XDSDocumentEntryEventCodeList", "$XDSDocumentEntryConfidentialityCode", REFERENCES})
"""Criteria marked AND/OR in ITI-18."""
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


ENTRY_PARAMETERS = frozenset(
    {
        "$XDSDocumentEntryPatientId",
        "$XDSDocumentEntryStatus",
        "$XDSDocumentEntryAuthorPerson",
        "$XDSDocumentEntryType",
        *ENTRY_CODES,
        *(name + bound for name in ENTRY_PERIODS for bound in _TIME_BOUNDS),
    }
)
SET_PARAMETERS = frozenset(
    {
        "$XDSSubmissionSetPatientId",
        "$XDSSubmissionSetStatus",
        "$XDSSubmissionSetAuthorPerson",
        "$XDSSubmissionSetContentType",
        "$XDSSubmissionSetSourceId",
        *("$XDSSubmissionSetSubmissionTime" + bound for bound in _TIME_BOUNDS),
    }
)


def entry_filters(parameters: Parameters) -> list[Filter]:
    """Filters of FindDocuments and FindDocumentsByReferenceId."""
    filters: list[Filter] = []
    for name, scheme in ENTRY_CODES.items():
        filters += codes(parameters, name, scheme)
    for name, slot in ENTRY_PERIODS.items():
        filters += period(parameters, name, slot)
    filters += person(parameters, "$XDSDocumentEntryAuthorPerson", many=True)
    filters += one_of(parameters, "$XDSDocumentEntryType", lambda found: found.object_type)
    for wanted in parameters.lists(REFERENCES):
        if not all(syntax.is_cxi(item) for item in wanted):
            raise refuse("XDSRegistryError", f"{REFERENCES} : identifiant attendu de la forme CXi")
        filters.append(_references(frozenset(wanted)))
    return filters


def _references(wanted: frozenset[str]) -> Filter:
    return lambda found: not wanted.isdisjoint(found.slots.get("urn:ihe:iti:xds:2013:referenceIdList", ()))


def set_filters(parameters: Parameters) -> list[Filter]:
    """Filters of FindSubmissionSets."""
    filters: list[Filter] = [*codes(parameters, "$XDSSubmissionSetContentType", names.CONTENT_TYPE)]
    filters += period(parameters, "$XDSSubmissionSetSubmissionTime", "submissionTime")
    filters += person(parameters, "$XDSSubmissionSetAuthorPerson", many=False)
    filters += one_of(
        parameters, "$XDSSubmissionSetSourceId", lambda found: found.external.get(names.SET_SOURCE_ID, "")
    )
    return filters
