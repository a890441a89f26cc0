"""TD3.1: the stored queries of ITI-18 (reference §2.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lxml import etree

from dmp_desktop.domain.documents import Availability
from dmp_desktop.sandbox import names, soap
from dmp_desktop.sandbox.criteria import (
    ENTRY_PARAMETERS,
    REFERENCES,
    REPEATABLE,
    SET_PARAMETERS,
    Filter,
    Parameters,
    entry_filters,
    missing,
    refuse,
    set_filters,
)
from dmp_desktop.sandbox.ebrim import slot_values, write_association, write_object, write_reference
from dmp_desktop.sandbox.faults import RegistryRefusal, SoapFault
from dmp_desktop.sandbox.model import Association, Kind, RegistryObject
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Limit, Transaction, denied
from dmp_desktop.sandbox.tolerances import Tolerances
from dmp_desktop.sandbox.vihf import patient_of
from dmp_desktop.sandbox.visibility import is_shown, is_visible

FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
FIND_SETS = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9"
FIND_BY_REFERENCE = "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
GET_ASSOCIATIONS = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
GET_DOCUMENTS_AND_ASSOCIATIONS = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a"

_BY_UUID, _BY_UNIQUE_ID = "$XDSDocumentEntryEntryUUID", "$XDSDocumentEntryUniqueId"
_UUID = "$uuid"
_STATUSES = frozenset(status.value for status in Availability if status is not Availability.UNKNOWN)

Found = tuple[Sequence[RegistryObject], Sequence[Association]]


def answer(request: Request) -> bytes:
    """`AdhocQueryResponse`. Raises SoapFault or RegistryRefusal."""
    query_id, return_type, parameters = parse(request.body, request.tolerances)
    right = request.allow(Transaction.SEARCH)
    if right.limit is Limit.REFERENCES_ONLY and return_type != "ObjectRef":
        raise denied("Ce profil ne peut demander que des références (ObjectRef)")
    request.readable_dossier()
    query = QUERIES.get(query_id)
    if query is None:
        raise refuse("XDSUnknownStoredQuery", "Requête enregistrée inconnue")
    unknown = sorted(set(parameters.slots) - query.parameters)
    if unknown:  # [R] a registry may ignore them; a client must not believe that it is heard
        raise refuse("XDSRegistryError", f"Paramètre inconnu de cette requête : {unknown[0]}")
    objects, links = query.run(request, parameters)
    if return_type == "ObjectRef":
        identifiers = [found.id for found in objects] + [link.id for link in links]
        rows = [write_reference(identifier) for identifier in identifiers]
    else:
        rows = [write_object(found) for found in objects] + [write_association(link) for link in links]
    return _response(names.SUCCESS, "".join(rows))


def refusal(error: RegistryRefusal) -> bytes:
    """The same answer, with errors."""
    return _response(names.FAILURE, "", soap.registry_errors(error.problems))


def _response(status: str, rows: str, errors: str = "") -> bytes:
    return (
        f'<query:AdhocQueryResponse xmlns:query="{names.QUERY}" xmlns:rim="{names.RIM}" xmlns:rs="{names.RS}" '
        f'status="{status}">{errors}<rim:RegistryObjectList>{rows}</rim:RegistryObjectList></query:AdhocQueryResponse>'
    ).encode()


def parse(body: etree._Element, tolerances: Tolerances) -> tuple[str, str, Parameters]:
    """Query, returnType and criteria of an `AdhocQueryRequest`. Raises SoapFault (code [R])."""
    query = body.find(q(names.RIM, "AdhocQuery"))
    option = body.find(q(names.QUERY, "ResponseOption"))
    if body.tag != q(names.QUERY, "AdhocQueryRequest") or query is None or option is None:
        raise SoapFault("DMPInvalidMessage", "Le corps n'est pas une AdhocQueryRequest complète")
    return_type = option.get("returnType", "")
    if return_type not in {"LeafClass", "ObjectRef"}:
        raise SoapFault("DMPInvalidMessage", "returnType doit être LeafClass ou ObjectRef")
    if option.get("returnComposedObjects") not in {"true", "1"}:
        raise SoapFault("DMPInvalidMessage", "returnComposedObjects doit être true")
    slots: dict[str, list[tuple[str, ...]]] = {}
    for slot in query.findall(q(names.RIM, "Slot")):
        name = slot.get("name", "")
        if name in slots and name not in REPEATABLE:
            raise refuse("XDSStoredQueryParamNumber", f"{name} est répété")
        slots.setdefault(name, []).append(slot_values(slot))
    return query.get("id", ""), return_type, Parameters(slots, tolerances)


def _find(
    request: Request, parameters: Parameters, kind: Kind, patient: str, status: str, filters: list[Filter]
) -> Found:
    asked = patient_of(parameters.single(patient), request.tolerances)
    if asked is None:
        raise refuse("XDSUnknownPatientId", f"{patient} n'est pas de la forme INS^^^&OID&ISO^NH")
    if (asked.value, asked.oid) != (request.patient.value, request.patient.oid):
        raise refuse("XDSPatientIdDoesNotMatch", "Le patient de la requête n'est pas celui du VIHF")
    statuses = frozenset(parameters.any_of(status))
    if not statuses:
        raise missing(status)
    if not statuses <= _STATUSES:
        raise refuse("XDSRegistryError", f"{status} : statut inconnu")
    profile = request.profile
    objects = [
        found
        for found in request.store.objects(request.patient.value, kind)
        if found.status in statuses
        and all(matches(found) for matches in filters)
        and (kind is not Kind.ENTRY or is_visible(found, request, profile))
    ]
    return objects, ()


def find_documents(request: Request, parameters: Parameters) -> Found:
    """FindDocuments."""
    names_ = ("$XDSDocumentEntryPatientId", "$XDSDocumentEntryStatus")
    return _find(request, parameters, Kind.ENTRY, *names_, entry_filters(parameters))


def find_by_reference(request: Request, parameters: Parameters) -> Found:
    """FindDocumentsByReferenceId: FindDocuments whose reference list is mandatory."""
    if REFERENCES not in parameters:
        raise missing(REFERENCES)
    return find_documents(request, parameters)


def find_sets(request: Request, parameters: Parameters) -> Found:
    """FindSubmissionSets."""
    names_ = ("$XDSSubmissionSetPatientId", "$XDSSubmissionSetStatus")
    return _find(request, parameters, Kind.SET, *names_, set_filters(parameters))


def get_documents(request: Request, parameters: Parameters) -> Found:
    """GetDocuments: by entryUUID or by uniqueId, never both."""
    if _BY_UUID in parameters and _BY_UNIQUE_ID in parameters:
        raise refuse("XDSStoredQueryParamNumber", f"Donner soit {_BY_UUID}, soit {_BY_UNIQUE_ID}")
    if _BY_UUID not in parameters and _BY_UNIQUE_ID not in parameters:
        raise missing(f"{_BY_UUID} ou {_BY_UNIQUE_ID}")
    profile = request.profile
    objects = []
    wanted = parameters.any_of(_BY_UUID) or parameters.any_of(_BY_UNIQUE_ID)
    for identifier in dict.fromkeys(wanted):
        known = request.store.object(identifier)
        if known is None or identifier != (known[0].id if _BY_UUID in parameters else known[0].unique_id):
            continue
        if known[1] == request.patient.value and known[0].kind is Kind.ENTRY:
            objects += [known[0]] if is_visible(known[0], request, profile) else []
    return objects, ()


def get_associations(request: Request, parameters: Parameters) -> Found:
    """GetAssociations: links that touch the objects named, of this patient, none of whose ends is hidden."""
    identifiers = parameters.any_of(_UUID)
    if not identifiers:
        raise missing(_UUID)
    return (), [link for link in request.store.associations(*identifiers) if _may_know(request, link)]


def _may_know(request: Request, link: Association) -> bool:
    """A deleted document is only known by what deleted it: others must learn that it is gone [R]."""
    profile = request.profile
    for end in (link.source, link.target):
        known = request.store.object(end)
        if known is None or known[1] != request.patient.value:
            return False
        seen = is_shown if link.type == names.UPDATE_STATUS else is_visible
        if known[0].kind is Kind.ENTRY and not seen(known[0], request, profile):
            return False
    return True


def get_documents_and_associations(request: Request, parameters: Parameters) -> Found:
    """GetDocumentsAndAssociations."""
    objects, _ = get_documents(request, parameters)
    links = request.store.associations(*(found.id for found in objects)) if objects else []
    return objects, [link for link in links if _may_know(request, link)]


@dataclass(frozen=True, slots=True)
class Query:
    """A stored query and the parameters it knows."""

    run: Callable[[Request, Parameters], Found]
    parameters: frozenset[str]


_OF_DOCUMENTS = frozenset({_BY_UUID, _BY_UNIQUE_ID})
QUERIES = {
    FIND_DOCUMENTS: Query(find_documents, ENTRY_PARAMETERS),
    FIND_SETS: Query(find_sets, SET_PARAMETERS),
    FIND_BY_REFERENCE: Query(find_by_reference, ENTRY_PARAMETERS | {REFERENCES}),
    GET_DOCUMENTS: Query(get_documents, _OF_DOCUMENTS),
    GET_ASSOCIATIONS: Query(get_associations, frozenset({_UUID})),
    GET_DOCUMENTS_AND_ASSOCIATIONS: Query(get_documents_and_associations, _OF_DOCUMENTS),
}
