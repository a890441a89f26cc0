"""TD3.3 by profile and by whose document it is, over the real wire: said here a second time as the reference's §4 says it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from dmp_desktop.domain.access import Authorization
from dmp_desktop.sandbox import Sandbox, ebrim, names
from dmp_desktop.sandbox.directory import CABINET, DOCTOR, NURSE_ID, OCCUPATIONAL_ID, SECRETARY_ID
from dmp_desktop.sandbox.model import Classification, Kind, RegistryObject
from dmp_desktop.sandbox.records.metadata import code
from dmp_desktop.sandbox.rights import Profile
from tests.helpers.dmp_admin import by_card
from tests.helpers.dmp_update import ARCHIVED, DELETED, Update
from tests.helpers.dmp_wire import APPROVED, Caller, Vihf
from tests.helpers.seeded import seeded

WHOSE = ("own", "structure", "patient", "other")
MASKED, HIDDEN = "MASQUE_PS", "INVISIBLE_PATIENT"
DENIED = "soap:DMPAccessDeniedByRightsService"
ALL, OWN, NOBODY = set(WHOSE), {"own"}, set[str]()
_OTHERS = {"mask": ALL, "unmask": OWN, "show": ALL, "archive": OWN, "unarchive": OWN, "delete": OWN}
_OFFICE = {**dict.fromkeys(_OTHERS, NOBODY), "delete": {"own", "structure"}}
EXPECTED: dict[Profile, dict[str, set[str]]] = {
    Profile.PROFESSIONAL: _OTHERS,
    Profile.DOCTOR: _OTHERS,
    Profile.OCCUPATIONAL: _OTHERS,
    Profile.ATTENDING: {**dict.fromkeys(_OTHERS, ALL), "delete": {"own", "patient"}},
    Profile.SECRETARY: _OFFICE,
    Profile.STRUCTURE: _OFFICE,
}
HOLDERS = {
    Profile.PROFESSIONAL: ("nurse", NURSE_ID),
    Profile.DOCTOR: ("doctor", DOCTOR.national_id),
    Profile.OCCUPATIONAL: ("occupational", OCCUPATIONAL_ID),
    Profile.ATTENDING: ("doctor", DOCTOR.national_id),
    Profile.SECRETARY: ("secretary", SECRETARY_ID),
    Profile.STRUCTURE: ("structure", "800000000000"),
}
CHANGES = {  # from which status and restrictions, to which
    "mask": (APPROVED, (), APPROVED, (MASKED,)),
    "unmask": (APPROVED, (MASKED,), APPROVED, ()),
    "show": (APPROVED, (HIDDEN,), APPROVED, ()),
    "archive": (APPROVED, (), ARCHIVED, ()),
    "unarchive": (ARCHIVED, (), APPROVED, ()),
    "delete": (APPROVED, (), DELETED, ()),
}


@dataclass
class Record:
    """A record into whose registry documents of anybody are put."""

    sandbox: Sandbox
    ins: str
    template: RegistryObject

    def document(self, person: str, place: str, group: str, status: str, restrictions: tuple[str, ...]) -> str:
        """The entryUUID of a new document."""
        identifier = f"urn:uuid:{uuid.uuid4()}"
        kept = [
            found
            for found in self.template.classifications
            if found.scheme not in {names.AUTHOR, names.CLASS_CODE, names.CONFIDENTIALITY}
        ]
        author = {
            "authorPerson": (f"{person}^TEST^A^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS",),
            "authorInstitution": (f"Lieu^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^{place}",),
        }
        levels = [("N", names.CONFIDENTIALITY_OID), *((mask, names.RESTRICTION_OID) for mask in restrictions)]
        made = replace(
            self.template,
            id=identifier,
            lid=identifier,
            status=status,
            classifications=(
                *kept,
                Classification(names.AUTHOR, "", "", author),
                code(names.CLASS_CODE, group, "", "1.2.250.1.213.1.1.4.1"),
                *(code(names.CONFIDENTIALITY, level, "", system) for level, system in levels),
            ),
            external={**self.template.external, names.ENTRY_UNIQUE_ID: f"2.25.{uuid.uuid4().int}"},
        )
        self.sandbox.registry.put(made, self.ins)
        return identifier


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    with Sandbox(seeded(tmp_path_factory.mktemp("rights")), cards=("nurse", "occupational")) as sandbox:
        ins = next(p["ins"] for p in sandbox.ready["patients"] if p["story"] == "ordinary")
        yield Record(sandbox, ins, sandbox.registry.objects(ins, Kind.ENTRY)[0])


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("profile", EXPECTED, ids=lambda profile: profile.name)
def test_who_may_change_whose_document(record: Record, profile: Profile, change: str) -> None:
    """A row of the table: by whose document it is in normal access, and never in another one."""
    identity, person = HOLDERS[profile]
    for holder in (person, DOCTOR.national_id, CABINET.id):
        attending = profile is Profile.ATTENDING and holder == person
        record.sandbox.registry.put_access(record.ins, holder, Authorization.VALIDE, attending, datetime.now(UTC))
    done = set[str]()
    with Caller(record.sandbox.ready, identity) as caller:
        vihf = caller.vihf(record.ins) if profile is Profile.STRUCTURE else by_card(caller, record.ins, person)
        for whose in WHOSE:
            author = person if whose == "own" else "899999999999"
            if changed(record, caller, vihf, change, whose, author):
                done.add(whose)
        for mode in ("bris_de_glace", "centre_15"):
            other = replace(vihf, purpose=mode)
            assert not changed(record, caller, other, change, "own", person, DENIED)
    assert done == EXPECTED[profile][change]


def changed(
    record: Record, caller: Caller, vihf: Vihf, change: str, whose: str, author: str, refusal: str = ""
) -> bool:
    """Whether a new document of that person's could be changed; what is told and what is kept agree."""
    status, before, new, after = CHANGES[change]
    place = CABINET.id if whose in {"own", "structure"} else "499999999999001"
    target = record.document(author, place, "90" if whose == "patient" else "10", status, before)
    known = record.sandbox.registry.object(target)
    assert known is not None
    update = Update(record.ins, ((target, status, new),))
    if before != after:
        row = etree.fromstring(ebrim.write_object(known[0]).replace(" ", f' xmlns:rim="{names.RIM}" ', 1))
        update = Update(record.ins, versions=((row, "1", after),))
    answer = update.send(caller, vihf)
    accepted = answer.status == 200 and not answer.errors
    latest = record.sandbox.registry.object(known[0].unique_id)
    assert latest is not None
    kept = (latest[0].status, latest[0].confidentiality) != (known[0].status, known[0].confidentiality)
    assert kept == accepted
    assert not refusal or answer.fault[0] == refusal
    return accepted
