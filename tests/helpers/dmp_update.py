"""Raw TD3.3 messages for the tests of the sandbox, written from the reference §2.4: changes of status, new confidentiality."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from tests.helpers.dmp_lot import Lot, association, code, slot
from tests.helpers.dmp_wire import Answer, Caller, Vihf

UPDATE = "urn:ihe:iti:2010:UpdateDocumentSet"
HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
UPDATE_STATUS = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"
CONFIDENTIALITY = "f4f85eac-e6cb-4883-b524-f2705394840f"
RESTRICTION_OID = "1.2.250.1.213.1.1.4.13"
RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"


@dataclass
class Update:
    """One update. `statuses` are (entryUUID, OriginalStatus, NewStatus); `versions` are (ExtrinsicObject as TD3.1 gave it,
    PreviousVersion, restrictions wanted). `edit` changes the message."""

    ins: str
    statuses: tuple[tuple[str, str, str], ...] = ()
    versions: tuple[tuple[Any, str, tuple[str, ...]], ...] = ()
    edit: Callable[[str], str] = str
    lot: Lot = field(init=False)

    def __post_init__(self) -> None:
        self.lot = Lot(self.ins)

    def body(self) -> str:
        rows = self.lot.submission_set()
        links = ""
        for rank, (entry, previous, restrictions) in enumerate(self.versions):
            rows += _again(entry, f"doc{rank}", restrictions)
            slots = slot("SubmissionSetStatus", "Original") + slot("PreviousVersion", previous)
            links += association(HAS_MEMBER, "set", f"doc{rank}", slots)
        for target, original, new in self.statuses:
            slots = slot("OriginalStatus", original) + slot("NewStatus", new)
            links += association(UPDATE_STATUS, "set", target, slots)
        return self.edit(
            '<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0">'
            f'<RegistryObjectList xmlns="{RIM}">{rows}{links}</RegistryObjectList></lcm:SubmitObjectsRequest>'
        )

    def send(self, caller: Caller, vihf: Vihf | None = None) -> Answer:
        return caller.call("/registry", UPDATE, self.body(), self.ins, vihf)


def _again(entry: Any, identifier: str, restrictions: tuple[str, ...]) -> str:
    """The entry under another id and the same lid, with exactly these restrictions."""
    copy = deepcopy(entry)
    copy.set("id", identifier)
    for child in copy.findall(f"{{{RIM}}}Classification"):
        child.set("classifiedObject", identifier)
        system = child.findtext(f"{{{RIM}}}Slot/{{{RIM}}}ValueList/{{{RIM}}}Value")
        if child.get("classificationScheme") == f"urn:uuid:{CONFIDENTIALITY}" and system == RESTRICTION_OID:
            copy.remove(child)
    first = copy.find(f"{{{RIM}}}ExternalIdentifier")
    for child in copy.findall(f"{{{RIM}}}ExternalIdentifier"):
        child.set("registryObject", identifier)
    for restriction in restrictions:
        text = code(identifier, CONFIDENTIALITY, restriction, RESTRICTION_OID)
        first.addprevious(etree.fromstring(text.replace("<Classification", f'<Classification xmlns="{RIM}"', 1)))
    return etree.tostring(copy, encoding="unicode", with_tail=False)
