"""TD3.3: status (c, d) and confidentiality (a, b) of documents already in the record (ITI-57 narrowed, reference §2.4).

Codes of the errors are those of the IHE supplement XDS Metadata Update [R]; what the DMP answers is not known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

from lxml import etree

from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.sandbox import checks, names, rights, soap, syntax, update_checks
from dmp_desktop.sandbox.checks import Subject
from dmp_desktop.sandbox.ebrim import oddities, read_lot
from dmp_desktop.sandbox.faults import RegistryProblem, RegistryRefusal
from dmp_desktop.sandbox.model import Association, Classification, Kind, RegistryObject
from dmp_desktop.sandbox.mtom import invalid
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Limit, Transaction
from dmp_desktop.sandbox.submit import keep, refuse_known
from dmp_desktop.sandbox.visibility import is_author, is_of_patient, is_of_structure, is_visible

ANSWER_ACTION = names.ACTION_UPDATE + "-Response"
"""With a hyphen, unlike the others (reference §2.1)."""

_OPERATION = "XDSMetadataUpdateOperationError"
_VERSION = "XDSMetadataVersionError"
_UPDATE = "XDSMetadataUpdateError"

_APPROVED, _DEPRECATED = Availability.APPROVED.value, Availability.DEPRECATED.value
_ARCHIVED, _DELETED = Availability.ARCHIVED.value, Availability.DELETED.value
TRANSITIONS = {
    (_APPROVED, _ARCHIVED): Transaction.ARCHIVE,
    (_ARCHIVED, _APPROVED): Transaction.UNARCHIVE,
    (_APPROVED, _DELETED): Transaction.DELETE,
    (_ARCHIVED, _DELETED): Transaction.DELETE,
    (_DEPRECATED, _DELETED): Transaction.DELETE,
}
"""All other changes of status are refused. That of a replaced document into Deleted is [R]."""

_LIFTED = {
    Visibility.MASQUE_PS.code: Transaction.UNMASK,
    Visibility.INVISIBLE_PATIENT.code: Transaction.MAKE_VISIBLE,
    Visibility.INVISIBLE_REPRESENTANTS_LEGAUX.code: Transaction.MAKE_VISIBLE,
}
_LAID = {Visibility.MASQUE_PS.code: Transaction.MASK}
"""What is visible to the patient or those who represent him does not become invisible again [R]: TD3.3b only shows."""


def answer(request: Request) -> bytes:
    """`rs:RegistryResponse` Success, once everything is durable. Raises SoapFault or RegistryRefusal."""
    perform(request, parse(request))
    return soap.registry_response(names.SUCCESS)


def perform(request: Request, *subjects: Subject) -> None:
    """Check updates and make them, all or none, whatever they came in. Raises SoapFault or RegistryRefusal."""
    request.readable_dossier()
    problems = [problem for subject in subjects for problem in checks.run(subject, update_checks.RULES)]
    if problems:
        raise RegistryRefusal(*problems)
    with request.storing():
        for subject in subjects:
            _apply(request, subject)


def parse(request: Request) -> Subject:
    """The update of a `lcm:SubmitObjectsRequest`. Raises SoapFault."""
    body: etree._Element = request.body
    if body.tag != q(names.LCM, "SubmitObjectsRequest"):
        raise invalid("Le corps n'est pas une SubmitObjectsRequest")
    return Subject(read_lot(body, {}), request.patient, request.tolerances, oddities(body))


def _apply(request: Request, subject: Subject) -> None:
    """Inside the transaction: whatever is refused leaves nothing of the whole message."""
    submission = subject.lot.sets[0]
    refuse_known(request, submission)
    uuids = {submission.id: f"urn:uuid:{uuid4()}"}
    keep(request, submission, uuids[submission.id])
    entries = {entry.id: entry for entry in subject.lot.entries}
    for link in update_checks.versions(subject):
        uuids[link.target] = _new_version(request, entries[link.target], link)
    for link in update_checks.statuses(subject):
        _new_status(request, link)
    for link in subject.lot.associations:
        source, target = uuids[link.source], uuids.get(link.target, link.target)
        request.store.put_association(replace(link, id=f"urn:uuid:{uuid4()}", source=source, target=target))


def _new_status(request: Request, link: Association) -> None:
    """TD3.3c, TD3.3d: the same version under another status."""
    current = _current(request, link.target)
    if current.id != link.target:
        raise _refuse(_VERSION, "Une version plus récente du document existe", link.target)
    (original,), (new,) = link.slots["OriginalStatus"], link.slots["NewStatus"]
    if original != current.status:
        raise _refuse(_OPERATION, "OriginalStatus n'est pas le statut actuel du document", link.target)
    transaction = TRANSITIONS.get((original, new))
    if transaction is None:
        raise _refuse(_OPERATION, "Ce changement de statut n'existe pas", link.target)
    _allow(request, transaction, current)
    request.store.put(replace(current, status=new), request.patient.value)


def _new_version(request: Request, sent: RegistryObject, link: Association) -> str:
    """TD3.3a, TD3.3b: the metadata again under the same lid, another confidentiality. Gives the entryUUID of the version."""
    current = _current(request, sent.lid)
    if current.lid != sent.lid:
        raise _refuse(
            _OPERATION, "lid est l'entryUUID d'une version, et non l'identifiant logique du document", sent.lid
        )
    if syntax.is_uuid(sent.id) and request.store.object(sent.id):
        raise _refuse(_UPDATE, "id est l'entryUUID d'une version qui existe déjà", sent.lid)
    if link.slots["PreviousVersion"] != (str(current.version),):
        raise _refuse(_VERSION, "PreviousVersion n'est pas la version actuelle du document", sent.lid)
    if current.status not in {_APPROVED, _ARCHIVED}:
        raise _refuse(_OPERATION, "Le document n'est plus actif", sent.lid)
    changed = sorted(set(_differences(current, sent)))
    if changed:
        raise _refuse(_UPDATE, f"Seule la confidentialité peut changer, pas {', '.join(changed)}", sent.lid)
    for transaction in _transactions(current.confidentiality, sent.confidentiality, sent.lid):
        _allow(request, transaction, current)
    kept = replace(
        current,
        id=f"urn:uuid:{uuid4()}",
        version=current.version + 1,
        classifications=(
            *(code for code in current.classifications if code.scheme != names.CONFIDENTIALITY),
            *sent.coded(names.CONFIDENTIALITY),
        ),
    )
    request.store.put(replace(current, status=_DEPRECATED), request.patient.value)
    request.store.put(kept, request.patient.value)
    return kept.id


def _current(request: Request, identifier: str) -> RegistryObject:
    """The latest version of a document, by the entryUUID of any of its versions or its lid (that of the first)."""
    known = request.store.object(identifier)
    if known and known[0].id == identifier and known[0].kind is Kind.ENTRY and known[1] == request.patient.value:
        latest = request.store.object(known[0].unique_id)
        if latest and is_visible(latest[0], request, request.profile):
            return latest[0]
    raise _refuse(_OPERATION, "Document inconnu pour ce patient", identifier)


def _transactions(before: frozenset[str], after: frozenset[str], lid: str) -> Iterator[Transaction]:
    """The transactions that lead from one set of restrictions to the other."""
    if before == after:
        raise _refuse(_UPDATE, "La confidentialité n'est pas modifiée", lid)
    for code in sorted(before ^ after):
        known = _LIFTED if code in before else _LAID
        if code not in known:
            raise _refuse(_OPERATION, "Ce changement de confidentialité n'existe pas", lid)
        yield known[code]


def _differences(current: RegistryObject, sent: RegistryObject) -> Iterator[str]:
    """Names of what an update may not touch. The labels of codes, which are no data, may differ."""
    plain = {"title": "name", "comments": "description", "mimeType": "mime_type", "objectType": "object_type"}
    yield from (name for name, field in plain.items() if getattr(current, field) != getattr(sent, field))
    if current.external != sent.external:
        yield "les identifiants"
    for name in {*current.slots, *sent.slots}:
        if sorted(current.slots.get(name, ())) != sorted(sent.slots.get(name, ())):
            yield name
    if _codes(current) != _codes(sent):
        yield "les codes ou les auteurs"


def _codes(found: RegistryObject) -> Counter[tuple[object, ...]]:
    return Counter(_key(code) for code in found.classifications if code.scheme != names.CONFIDENTIALITY)


def _key(code: Classification) -> tuple[object, ...]:
    return code.scheme, code.node, tuple(sorted((name, tuple(sorted(values))) for name, values in code.slots.items()))


def _allow(request: Request, transaction: Transaction, current: RegistryObject) -> None:
    """The table of rights, and on which documents it says it. Raises SoapFault."""
    limit = request.allow(transaction).limit
    own = is_author(current, request)
    holds = {
        None: True,
        Limit.OWN_ONLY: own,
        Limit.OWN_OR_PATIENT: own or is_of_patient(current),
        Limit.OWN_STRUCTURE: is_of_structure(current, request),
    }
    if not holds[limit]:
        raise rights.denied(f"Transaction {transaction.value} non autorisée pour ce profil sur ce document")


def _refuse(code: str, context: str, location: str) -> RegistryRefusal:
    return RegistryRefusal(RegistryProblem(code, context, location))
