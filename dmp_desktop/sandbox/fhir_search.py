"""ITI-67 and ITI-66: searches of documents and of submission sets, over the stored queries of XDS, with their rights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from dmp_desktop.domain.documents import Availability
from dmp_desktop.sandbox import fhir_names, search
from dmp_desktop.sandbox.criteria import Parameters
from dmp_desktop.sandbox.fhir_criteria import DOCUMENTS, LISTS, Test, alternatives, missing, unreadable
from dmp_desktop.sandbox.fhir_errors import Refused, absent
from dmp_desktop.sandbox.fhir_names import Json
from dmp_desktop.sandbox.fhir_read import TOLD_STATUSES, Shelf, reference_only, resource_id, submission_list
from dmp_desktop.sandbox.fhir_values import oid_of, plain
from dmp_desktop.sandbox.model import RegistryObject
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Limit, Transaction, denied

Pairs = Sequence[tuple[str, str]]

STATUSES = {
    "current": (Availability.APPROVED.value, Availability.ARCHIVED.value),
    "superseded": (Availability.DEPRECATED.value,),
}
PAGE, LARGEST_PAGE = 100, 200
PATIENT = ("patient.identifier", "patient:identifier")
_CONTROLS = frozenset({"_count", "_offset", "_sort", "_elements", "_format"})
_ONCE = _CONTROLS | {*PATIENT, "status", "code", "isArchived"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: what is asked, and how much of it at a time."""

    pairs: Pairs
    url: str

    def one(self, name: str) -> str:
        """The only value of a parameter, or nothing. Raises Refused."""
        values = [value for found, value in self.pairs if found == name]
        if len(values) > 1:
            raise Refused(400, "XDSStoredQueryParamNumber", f"{name} est répété")
        return values[0] if values else ""

    def mandatory(self, *names_: str) -> str:
        found = [value for value in map(self.one, names_) if value]
        if len(found) != 1:
            raise missing(names_[0])
        return found[0]

    def number(self, name: str, default: int, largest: int) -> int:
        text = self.one(name)
        if text and not (text.isascii() and text.isdecimal()):
            raise unreadable(f"{name} est un nombre")
        return min(int(text), largest) if text else default

    def tests(self, known: Mapping[str, Callable[[str], Test]], others: frozenset[str]) -> list[Test]:
        """The criteria of a table. An unknown one is refused: a client must not believe that it is heard."""
        for name, _ in self.pairs:
            if name not in known and name not in others | _CONTROLS:
                raise unreadable(f"paramètre inconnu {name[:60]}")
            if name in _ONCE:
                self.one(name)
        if self.one("_format") not in {"", "json", fhir_names.JSON_TYPE, "application/json"}:
            raise Refused(406, "DMPInvalidMessage", "Seul le JSON est rendu")
        return [known[name](value) for name, value in self.pairs if name in known]


def documents(request: Request, asked: Asked) -> Json:
    """Searchset of DocumentReference (ITI-67)."""
    references = _allowed(request, asked)
    tests = asked.tests(DOCUMENTS, frozenset({*PATIENT, "status", "isArchived", "relatesto"}))
    statuses = _statuses(asked)
    found, _ = search.find_documents(request, _parameters(request, asked, "$XDSDocumentEntry", statuses))
    shelf = Shelf.of(request)
    archived = asked.one("isArchived")
    if archived not in {"", "true", "false"}:
        raise unreadable("isArchived est true ou false")
    kept = [
        entry
        for entry in found
        if shelf.is_latest(entry)
        and all(test(entry) for test in tests)
        and (not archived or (entry.status == Availability.ARCHIVED.value) == (archived == "true"))
    ]
    targets = {target for name, value in asked.pairs if name == "relatesto" for target in alternatives(value)}
    if targets:
        relations = shelf.relations(kept)
        kept = [e for e in kept if any(row["target"]["reference"] in targets for row in relations.get(e.lid, ()))]
    page = _page(asked, _sorted(asked, kept, "creationTime"))
    told = (
        [reference_only(entry, TOLD_STATUSES[entry.status]) for entry in page] if references else shelf.resources(page)
    )
    return _searchset(asked, told, len(kept))


def _allowed(request: Request, asked: Asked) -> bool:
    """The right to search; true when only ids are given (reference §4: secretary, structure alone). Raises SoapFault."""
    elements = asked.one("_elements")
    if elements not in {"", "id"}:
        raise unreadable("_elements n'admet que id")
    right = request.allow(Transaction.SEARCH)
    if right.limit is Limit.REFERENCES_ONLY and elements != "id":
        raise denied("Ce profil ne peut demander que des références (_elements=id)")
    request.readable_dossier()
    return elements == "id"


def document(request: Request, identifier: str) -> Json:
    """One DocumentReference by its id."""
    if request.allow(Transaction.SEARCH).limit is Limit.REFERENCES_ONLY:
        raise denied("Ce profil ne peut demander que des références (_elements=id)")
    request.readable_dossier()
    shelf = Shelf.of(request)
    return shelf.resources([shelf.by_id(identifier)])[0]


def lists(request: Request, asked: Asked) -> Json:
    """Searchset of List, submission sets only (ITI-66)."""
    if _allowed(request, asked):
        raise unreadable("_elements ne vaut que pour DocumentReference")
    tests = asked.tests(LISTS, frozenset({*PATIENT, "status", "code"}))
    if asked.mandatory("code").rpartition("|")[2] != fhir_names.SUBMISSION_SET:
        raise unreadable("code=submissionset est attendu : il n'y a pas de classeur")
    _statuses(asked, lists=True)
    parameters = _parameters(request, asked, "$XDSSubmissionSet", (Availability.APPROVED.value,))
    found, _ = search.find_sets(request, parameters)
    kept = [entry for entry in found if all(test(entry) for test in tests)]
    page = _page(asked, _sorted(asked, kept, "submissionTime"))
    return _searchset(asked, _lists(request, page), len(kept))


def _lists(request: Request, found: Sequence[RegistryObject]) -> list[Json]:
    shelf = Shelf.of(request)
    links = request.store.associations(*(entry.id for entry in found)) if found else []
    return [submission_list(request, entry, links, shelf) for entry in found]


def submission(request: Request, identifier: str) -> Json:
    """One List by its id."""
    if request.allow(Transaction.SEARCH).limit is Limit.REFERENCES_ONLY:
        raise denied("Ce profil ne peut demander que des références")
    request.readable_dossier()
    parameters = _of_patient(request, "$XDSSubmissionSet", (Availability.APPROVED.value,))
    found = [entry for entry in search.find_sets(request, parameters)[0] if resource_id(entry) == identifier]
    if not found:
        raise absent()
    return _lists(request, found)[0]


def asked_patient(asked: Asked) -> tuple[str, str]:
    """(value, oid) of the patient a search names. Raises Refused."""
    system, mark, value = asked.mandatory(*PATIENT).partition("|")
    if not mark or not value or not oid_of(system):
        raise unreadable("patient attendu de la forme urn:oid:OID|INS")
    return plain(value), plain(oid_of(system))


def _parameters(request: Request, asked: Asked, prefix: str, statuses: Sequence[str]) -> Parameters:
    value, oid = asked_patient(asked)
    return _query(request, prefix, value.replace("'", "''"), oid, statuses)


def _of_patient(request: Request, prefix: str, statuses: Sequence[str]) -> Parameters:
    return _query(request, prefix, request.patient.value, request.patient.oid, statuses)


def _query(request: Request, prefix: str, value: str, oid: str, statuses: Sequence[str]) -> Parameters:
    """The patient and the status as a stored query writes them; the other criteria are FHIR's own."""
    listed = ",".join(f"'{status}'" for status in statuses)
    slots = {f"{prefix}PatientId": [(f"'{value}^^^&{oid}&ISO^NH'",)], f"{prefix}Status": [(f"({listed})",)]}
    return Parameters(slots, request.tolerances)


def _statuses(asked: Asked, *, lists: bool = False) -> list[str]:
    found: list[str] = []
    for item in alternatives(asked.mandatory("status")):
        status = item.rpartition("|")[2]
        if status not in STATUSES or (lists and status != "current"):
            raise unreadable("statut inconnu")
        found += STATUSES[status]
    return found


def _sorted(asked: Asked, found: list[RegistryObject], slot: str) -> list[RegistryObject]:
    order = asked.one("_sort")
    if order not in {"", "date", "-date"}:
        raise unreadable("_sort n'admet que date et -date")
    return sorted(found, key=lambda entry: entry.slot(slot), reverse=order == "-date") if order else found


def _page(asked: Asked, found: list[RegistryObject]) -> list[RegistryObject]:
    offset = asked.number("_offset", 0, 1_000_000)
    return found[offset : offset + asked.number("_count", PAGE, LARGEST_PAGE)]


def _searchset(asked: Asked, rows: list[Json], total: int) -> Json:
    offset, count = asked.number("_offset", 0, 1_000_000), asked.number("_count", PAGE, LARGEST_PAGE)
    kept = [(name, value) for name, value in asked.pairs if name != "_offset"]
    links = [{"relation": "self", "url": f"{asked.url}?{urlencode(asked.pairs)}"}]
    if count and offset + count < total:
        query = urlencode([*kept, ("_offset", str(offset + count))])
        links.append({"relation": "next", "url": f"{asked.url}?{query}"})
    return searchset(rows, total, links, asked.url.rpartition("/")[0])


def searchset(
    rows: Sequence[Json], total: int, links: Sequence[Json], base: str, included: Sequence[Json] = ()
) -> Json:
    """A Bundle of what was found, and of what goes with it."""
    modes = [("match", row) for row in rows] + [("include", row) for row in included]
    entries = [
        {"fullUrl": f"{base}/{row['resourceType']}/{row['id']}", "resource": row, "search": {"mode": mode}}
        for mode, row in modes
    ]
    found: Json = {"resourceType": "Bundle", "type": "searchset", "total": total}
    return found | ({"link": list(links)} if links else {}) | ({"entry": entries} if entries else {})
