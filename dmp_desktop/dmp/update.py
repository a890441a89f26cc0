"""TD3.3: what may be done to a document that is in the record (UpdateDocumentSet, ITI-57; reference §2.4)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from dmp_desktop.dmp import catalogue, metadata, names
from dmp_desktop.dmp.registry_reader import raise_refusal, version
from dmp_desktop.domain.documents import Availability, DocumentEntry, Submission, Visibility
from dmp_desktop.errors import DmpError

_RIM = f"{{{names.RIM}}}"
_RESTRICTIONS = frozenset(restriction.code for restriction in Visibility)
REACHABLE = (Availability.APPROVED, Availability.ARCHIVED, Availability.DELETED)
"""What a document may be made (TD3.3c, TD3.3d): a Deprecated one is made so by what replaces it."""


def change_status(lot: Submission, entry: DocumentEntry, status: Availability, now: datetime) -> str:
    """TD3.3c, TD3.3d: from the status the entry was listed with to `status`. `lot` holds no document."""
    slots = metadata.slot("OriginalStatus", [entry.status]) + metadata.slot("NewStatus", [status])
    set_id = _set_id(lot)
    return _request(lot, set_id, now, metadata.association(names.UPDATE_STATUS, set_id, entry.entry_uuid, slots))


def change_visibility(
    lot: Submission, current: etree._Element, visibility: Iterable[Visibility], identifier: uuid.UUID, now: datetime
) -> str:
    """TD3.3a, TD3.3b: the metadata of `current` whole, under the same lid and the new entryUUID `identifier`.

    `current` is the ExtrinsicObject as the registry has just told it, and is changed: what our entries do not know goes back
    untouched. `lot` holds no document.
    """
    set_id, new_id = _set_id(lot), f"urn:uuid:{identifier}"
    slots = metadata.slot("SubmissionSetStatus", ["Original"])
    slots += metadata.slot("PreviousVersion", [version(current)])
    member = metadata.association(names.HAS_MEMBER, set_id, new_id, slots)
    return _request(lot, set_id, now, _new_version(current, new_id, visibility) + member)


def current(answer: etree._Element, entry: DocumentEntry) -> etree._Element:
    """The ExtrinsicObject of `entry` in an answer of GetDocuments. Raises DmpError when it is no longer what was listed."""
    raise_refusal(answer)
    for element in answer.iter(f"{_RIM}ExtrinsicObject"):
        if element.get("id") == entry.entry_uuid:
            told = (element.get("status"), version(element))
            if told == (entry.status.value, str(entry.version)):
                return element
    raise catalogue.error("XDSMetadataVersionError")


def status_unknown() -> DmpError:
    """What is not known to be Approved or Archived is left as it is."""
    return DmpError(
        "EtatInconnu",
        "L'état de ce document n'est pas connu : il ne peut pas être changé.",
        "Actualisez la liste des documents.",
    )


def _set_id(lot: Submission) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, lot.unique_id)}"


def _request(lot: Submission, set_id: str, now: datetime, rest: str) -> str:
    return (
        f'<lcm:SubmitObjectsRequest xmlns:lcm="{names.LCM}" xmlns:rim="{names.RIM}"><rim:RegistryObjectList>'
        f"{metadata.submission_set(lot, set_id, now)}{rest}</rim:RegistryObjectList></lcm:SubmitObjectsRequest>"
    )


def _new_version(element: etree._Element, new_id: str, visibility: Iterable[Visibility]) -> str:
    element.set("lid", element.get("lid") or element.get("id") or "")
    element.set("id", new_id)
    for told in element.findall(f"{_RIM}VersionInfo"):
        element.remove(told)  # the registry numbers the versions
    _restrict(element, new_id, {restriction.code for restriction in visibility})
    for rank, child in enumerate(element):
        if child.tag in (f"{_RIM}Classification", f"{_RIM}ExternalIdentifier"):
            owner = "classifiedObject" if child.tag == f"{_RIM}Classification" else "registryObject"
            child.set(owner, new_id)
            child.set("id", f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'{new_id}|{rank}')}")
    # Exclusive: without the declarations of the answer it came in.
    return etree.tostring(element, method="c14n", exclusive=True, with_tail=False).decode()


def _restrict(element: etree._Element, new_id: str, wanted: set[str]) -> None:
    """Exactly these restrictions beside the confidentiality of the document itself (N, R, V)."""
    missing = set(wanted)
    for code in element.findall(f"{_RIM}Classification"):
        if code.get("classificationScheme") == names.ENTRY_CONFIDENTIALITY:
            restriction = code.get("nodeRepresentation", "")
            if restriction in _RESTRICTIONS and restriction not in missing:
                element.remove(code)
            missing.discard(restriction)
    last = element.findall(f"{_RIM}Classification")[-1]
    for restriction in sorted(Visibility):
        if restriction.code in missing:
            added = metadata.coded(new_id, names.ENTRY_CONFIDENTIALITY, metadata.VISIBILITY_CODES[restriction])
            last.addnext(etree.fromstring(f'<x xmlns:rim="{names.RIM}">{added}</x>')[0])
