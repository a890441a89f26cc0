"""What a PATCH changes, made by what makes TD3.3a to d of XDS: rights, transitions of status, versions of the metadata."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from dmp_desktop.domain.documents import Availability
from dmp_desktop.sandbox import fhir_names, names, update
from dmp_desktop.sandbox.checks import Subject
from dmp_desktop.sandbox.fhir_criteria import DOCUMENTS
from dmp_desktop.sandbox.fhir_errors import Refused, absent
from dmp_desktop.sandbox.fhir_names import Json
from dmp_desktop.sandbox.fhir_patch import not_allowed, patched, unprocessable
from dmp_desktop.sandbox.fhir_read import Shelf, reference_only
from dmp_desktop.sandbox.fhir_submit import own_set
from dmp_desktop.sandbox.fhir_values import concepts
from dmp_desktop.sandbox.model import Association, Lot, RegistryObject
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Profile

_APPROVED, _DEPRECATED = Availability.APPROVED.value, Availability.DEPRECATED.value
_ARCHIVED, _DELETED = Availability.ARCHIVED.value, Availability.DELETED.value


def find(request: Request, criteria: str) -> RegistryObject:
    """The one document of a conditional PATCH, by its uniqueId or lid. Raises SoapFault or Refused."""
    request.readable_dossier()
    test = DOCUMENTS["identifier"](criteria)
    found = [entry for entry in Shelf.of(request).documents.values() if test(entry)]
    if len(found) > 1:
        raise Refused(412, "XDSMetadataUpdateError", "Plusieurs documents répondent à l'identifiant")
    if not found:
        raise absent()
    return found[0]


def by_id(request: Request, identifier: str) -> RegistryObject:
    request.readable_dossier()
    return Shelf.of(request).by_id(identifier)


def apply(request: Request, current: RegistryObject, media: str, body: bytes, if_match: str) -> Json:
    """The resource as it is afterwards, a deleted one for the last time. Raises SoapFault, RegistryRefusal or Refused."""
    if if_match and if_match != f'W/"{current.version}"':
        raise Refused(412, "XDSMetadataVersionError", "Une version plus récente du document existe")
    before = Shelf.of(request).resources([current])[0]
    after = patched(before, media, body)
    status = _status(current, before, after)
    labels = before["securityLabel"] != after.get("securityLabel")
    if labels and status == _DELETED:
        raise unprocessable("Un document supprimé ne change plus")
    changes = [_new_status(request, current, status)] if status != current.status else []
    changes += [_new_version(request, current, after)] if labels else []
    if not changes:
        raise unprocessable("Rien n'est modifié")
    update.perform(request, *changes)
    if request.profile in {Profile.SECRETARY, Profile.STRUCTURE}:
        return reference_only(current, after["status"])
    return after if status == _DELETED else Shelf.of(request).written(current.unique_id)


def _status(current: RegistryObject, before: Json, after: Json) -> str:
    """The availabilityStatus a patched resource means. `superseded` is said by a replacement only."""
    flags = {row["url"]: row.get("valueBoolean") for row in after.get("extension", [])}
    if len(flags) != len(after.get("extension", [])) or set(flags) - {fhir_names.IS_ARCHIVED, fhir_names.IS_DELETED}:
        raise not_allowed()
    if not all(isinstance(value, bool) for value in flags.values()):
        raise unprocessable("La valeur d'une extension est un booléen")
    told = after["status"]
    deleted = flags.get(fhir_names.IS_DELETED, False)
    if deleted and told != "superseded":
        raise unprocessable("Un document supprimé passe aussi à superseded")
    if deleted or told == "entered-in-error":
        return _DELETED
    if told != before["status"]:
        raise unprocessable("Ce changement de statut n'existe pas")
    if current.status == _DEPRECATED:
        if flags.get(fhir_names.IS_ARCHIVED):
            raise unprocessable("Un document remplacé ne s'archive pas")
        return _DEPRECATED
    return _ARCHIVED if flags.get(fhir_names.IS_ARCHIVED) else _APPROVED


def _new_status(request: Request, current: RegistryObject, status: str) -> Subject:
    made = own_set(request)
    slots = {"OriginalStatus": (current.status,), "NewStatus": (status,)}
    link = Association(f"urn:uuid:{uuid4()}", names.UPDATE_STATUS, made.id, current.id, slots)
    return Subject(Lot((made,), (), (), (link,), {}), request.patient, request.tolerances)


def _new_version(request: Request, current: RegistryObject, after: Json) -> Subject:
    labels = concepts(names.CONFIDENTIALITY, *after.get("securityLabel", []))
    kept = tuple(code for code in current.classifications if code.scheme != names.CONFIDENTIALITY)
    sent = replace(current, id="document", classifications=(*kept, *labels))
    made = own_set(request)
    slots = {"SubmissionSetStatus": ("Original",), "PreviousVersion": (str(current.version),)}
    link = Association(f"urn:uuid:{uuid4()}", names.HAS_MEMBER, made.id, sent.id, slots)
    return Subject(Lot((made,), (sent,), (), (link,), {}), request.patient, request.tolerances)
