"""TD2.1 and TD2.2: a lot is checked, signed, then stored whole or not at all (ITI-41)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

from lxml import etree

from dmp_desktop.domain.documents import Availability
from dmp_desktop.sandbox import checks, lot_checks, names, soap, syntax, xades
from dmp_desktop.sandbox.ebrim import Oddities, oddities, read_lot
from dmp_desktop.sandbox.faults import RegistryProblem, RegistryRefusal, SoapFault
from dmp_desktop.sandbox.model import Association, Lot, RegistryObject
from dmp_desktop.sandbox.mtom import content_id, invalid
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Profile, Transaction, denied
from dmp_desktop.sandbox.visibility import is_author, is_of_structure, is_visible

CDA = "text/xml"
_METADATA = "XDSRegistryMetadataError"


def answer(request: Request) -> bytes:
    """`rs:RegistryResponse` Success, once the lot is durable. Raises SoapFault or RegistryRefusal."""
    lot, odd = parse(request.body, request.parts)
    deposit(request, lot, odd, lot_checks.RULES)
    return soap.registry_response(names.SUCCESS)


def deposit(request: Request, lot: Lot, odd: Oddities, rules: Mapping[checks.Rule, str]) -> dict[str, str]:
    """Check a lot and store it, whatever it came in. Gives entryUUIDs by id. Raises SoapFault or RegistryRefusal."""
    profile = request.profile
    request.allow(Transaction.SUBMIT_SECRETARY if profile is Profile.SECRETARY else Transaction.SUBMIT)
    request.open_dossier()
    request.refuse_masked(entry for entry in lot.entries if not entry.is_signature)
    subject = checks.Subject(
        lot,
        request.patient,
        request.tolerances,
        odd,
        structure=request.vihf.structure_id if profile in {Profile.SECRETARY, Profile.STRUCTURE} else "",
        secret=request.vihf.secret,
    )
    problems = checks.run(subject, rules)
    if problems:
        raise RegistryRefusal(*problems)
    _check_documents(request, lot)
    if any(entry.is_signature for entry in lot.entries):
        _check_signature(request, lot)
    with request.storing():
        return _store(request, lot)


def parse(body: etree._Element, parts: Mapping[str, bytes]) -> tuple[Lot, Oddities]:
    """The lot of a `ProvideAndRegisterDocumentSetRequest` and what is odd in it. Raises SoapFault."""
    submission = body.find(q(names.LCM, "SubmitObjectsRequest"))
    if body.tag != q(names.XDSB, "ProvideAndRegisterDocumentSetRequest") or submission is None:
        raise invalid("Le corps n'est pas une ProvideAndRegisterDocumentSetRequest")
    documents: dict[str, bytes] = {}
    for element in body.findall(q(names.XDSB, "Document")):
        identifier = element.get("id", "")
        if not identifier or identifier in documents:
            raise invalid("Un document n'a pas d'identifiant, ou celui d'un autre")
        documents[identifier] = _content(element, parts)
    return read_lot(submission, documents), oddities(submission)


def _content(element: etree._Element, parts: Mapping[str, bytes]) -> bytes:
    """Bytes of a document: an XOP part, or base64 in place (MTOM allows both)."""
    include = element.find(q(names.XOP, "Include"))
    if include is None:
        try:
            return base64.b64decode("".join((element.text or "").split()), validate=True)
        except binascii.Error as error:
            raise invalid("Un document n'est ni une partie XOP ni du base64") from error
    identifier = content_id(include.get("href", ""))
    if identifier not in parts:
        raise invalid("Une partie XOP annoncée est absente")
    return parts[identifier]


def _check_documents(request: Request, lot: Lot) -> None:
    problems: list[RegistryProblem] = []
    for entry in lot.entries:
        content = lot.documents[entry.id]
        digest, size = entry.slot("hash"), entry.slot("size")
        if digest and digest.lower() != hashlib.sha1(content, usedforsecurity=False).hexdigest():
            problems.append(RegistryProblem("XDSNonIdenticalHash", "L'empreinte annoncée n'est pas celle du document"))
        if size and int(size) != len(content):
            problems.append(
                RegistryProblem("XDSRepositoryMetadataError", "La taille annoncée n'est pas celle du document")
            )
        if entry.mime_type == CDA and not entry.is_signature:
            problems += _check_cda(request, lot, entry, content)
    if problems:
        raise RegistryRefusal(*problems)


def _check_cda(request: Request, lot: Lot, entry: RegistryObject, content: bytes) -> list[RegistryProblem]:
    """The document is the CDA its metadata describe: its id, its patient, the document it replaces."""
    try:
        root = soap.parse_xml(content, large=True)
    except SoapFault:
        root = None
    if root is None or root.tag != q(names.HL7, "ClinicalDocument"):
        return [RegistryProblem("XDSRepositoryMetadataError", "Le document n'est pas un CDA")]
    problems = []
    identifier = root.find(q(names.HL7, "id"))
    if identifier is None or identifier.get("root") != entry.unique_id or identifier.get("extension"):
        problems.append(RegistryProblem("XDSRepositoryMetadataError", "L'id du CDA n'est pas l'uniqueId du document"))
    patients = {(e.get("root"), e.get("extension")) for e in root.iterfind(_path("recordTarget/patientRole/id"))}
    if (request.patient.oid, request.patient.value) not in patients:
        problems.append(RegistryProblem("XDSRepositoryMetadataError", "Le patient du CDA n'est pas celui du lot"))
    parent = root.find(_path("relatedDocument[@typeCode='RPLC']/parentDocument/id"))
    declared = "" if parent is None else parent.get("root", "")
    if declared != _replaced_unique_id(request, lot, entry):
        problems.append(
            RegistryProblem(
                "XDSReplaceFailed", "Le document remplacé n'est pas le même dans le CDA et dans l'association"
            )
        )
    return problems


def _path(path: str) -> str:
    steps = (step.partition("[") for step in path.split("/"))
    return "/".join(q(names.HL7, name) + bracket + rest for name, bracket, rest in steps)


def _replaced_unique_id(request: Request, lot: Lot, entry: RegistryObject) -> str:
    for link in lot.associations:
        if link.type in names.REPLACING and link.source == entry.id:
            target = request.store.object(link.target)
            return target[0].unique_id if target else ""
    return ""


def _check_signature(request: Request, lot: Lot) -> None:
    signature = next(entry for entry in lot.entries if entry.is_signature)
    documents = {entry.unique_id: lot.documents[entry.id] for entry in lot.entries if not entry.is_signature}
    xades.verify(
        lot.documents[signature.id],
        lot.sets[0].unique_id,
        documents,
        request.authority,
        request.signer,
        request.now,
        request.tolerances,
    )


def _store(request: Request, lot: Lot) -> dict[str, str]:
    """Inside the transaction: no uniqueId twice, replaced documents Deprecated, everything under server UUIDs, which it gives."""
    for found in lot.sets:
        refuse_known(request, found)
    for entry in lot.entries:
        refuse_known(request, entry, lot.documents[entry.id])
    uuids = {found.id: _uuid(request, found.id) for found in (*lot.sets, *lot.folders, *lot.entries)}
    for entry in lot.entries:
        content = lot.documents[entry.id]
        kept = entry.with_slots(
            hash=hashlib.sha1(content, usedforsecurity=False).hexdigest(),
            size=str(len(content)),
            repositoryUniqueId=names.REPOSITORY_OID,
        )
        keep(request, kept, uuids[kept.id])
        request.store.put_document(entry.unique_id, content)
    for found in (*lot.sets, *lot.folders):
        keep(request, found, uuids[found.id])
    for link in lot.associations:
        _link(request, link, uuids)
    return uuids


def _uuid(request: Request, identifier: str) -> str:
    """The client's own UUID when it is one and new, else one of the server's (ITI TF-3 §4.2.1.2)."""
    own = syntax.is_uuid(identifier) and request.store.object(identifier) is None
    return identifier if own else f"urn:uuid:{uuid4()}"


def refuse_known(request: Request, found: RegistryObject, content: bytes | None = None) -> None:
    """Raises RegistryRefusal when the uniqueId is already in the registry, be it for other bytes."""
    if request.store.count(found.unique_id):
        same = content is None or content == request.store.document(found.unique_id)
        code = "XDSDuplicateUniqueIdInRegistry" if same else "XDSNonIdenticalHash"
        raise RegistryRefusal(RegistryProblem(code, "Un uniqueId du lot existe déjà", found.unique_id))


def keep(request: Request, found: RegistryObject, identifier: str) -> None:
    """Store the first version of an object under its identifier in the registry."""
    external = {scheme: _without_suffix(value) for scheme, value in found.external.items()}
    kept = replace(
        found, id=identifier, lid=identifier, version=1, status=Availability.APPROVED.value, external=external
    )
    request.store.put(kept, request.patient.value)


def _without_suffix(value: str) -> str:
    """A patient identifier without what tolerated clients append after `^NH`."""
    head, mark, _ = value.partition("^NH^")
    return f"{head}^NH" if mark else value


def _link(request: Request, link: Association, uuids: Mapping[str, str]) -> None:
    if link.type in names.DERIVING and link.target not in uuids:
        previous = _active(request, link)
        if link.type in names.REPLACING:
            request.store.put(replace(previous, status=Availability.DEPRECATED.value), request.patient.value)
    elif link.type == names.HAS_MEMBER and link.target not in uuids:
        known = request.store.object(link.target)
        if known is None or known[1] != request.patient.value or not is_visible(known[0], request, request.profile):
            raise _refuse(_METADATA, "Le document rattaché par référence est inconnu", link)
    identifier = link.id if syntax.is_uuid(link.id) else f"urn:uuid:{uuid4()}"
    source, target = (uuids.get(end, end) for end in (link.source, link.target))
    request.store.put_association(replace(link, id=identifier, source=source, target=target))


def _active(request: Request, link: Association) -> RegistryObject:
    """The document another replaces, transforms or completes: Approved, of the same patient (ITI TF-3 §4.2.2.2.3), and the
    asker's or the structure's own when it is replaced [R]."""
    failed = "XDSReplaceFailed" if link.type in names.REPLACING else _METADATA
    known = request.store.object(link.target)
    if known is None or known[0].id != link.target or not is_visible(known[0], request, request.profile):
        raise _refuse(failed, "Le document à remplacer est inconnu", link)
    target, ins = known
    if ins != request.patient.value:
        raise _refuse(_METADATA, "Le document à remplacer est d'un autre patient", link)
    if target.status != Availability.APPROVED.value:
        code = failed if link.type in names.REPLACING else "XDSRegistryDeprecatedDocumentError"
        raise _refuse(code, "Le document à remplacer n'est plus actif", link)
    if link.type in names.REPLACING and not (is_author(target, request) or is_of_structure(target, request)):
        raise denied("Seuls l'auteur d'un document et sa structure peuvent le remplacer")
    return target


def _refuse(code: str, context: str, link: Association) -> RegistryRefusal:
    return RegistryRefusal(RegistryProblem(code, context, link.target))
