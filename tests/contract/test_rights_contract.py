"""What our buttons say may be done, against what the stand-in answers over HTTPS: two tables written apart from the reference §4."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from dmp_desktop.domain.access import AccessMode, AuthenticationMode, Authorization
from dmp_desktop.domain.people import Role
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.directory import CABINET, DOCTOR, NURSE_ID, OCCUPATIONAL_ID, SECRETARY_ID
from dmp_desktop.sandbox.model import Kind, RegistryObject
from dmp_desktop.sandbox.psc_state import Session
from dmp_desktop.services.rights import Action, Profile, Whose, refusal, wire_refusal
from tests.helpers.dmp_admin import (
    LIST_AUTHORISATIONS,
    LIST_PATIENTS,
    SEARCH_PERSON,
    authorisations_body,
    by_air,
    by_card,
    patient_list_body,
    person_body,
    sign_in,
)
from tests.helpers.dmp_lot import Lot
from tests.helpers.dmp_update import ARCHIVED, DELETED, Update
from tests.helpers.dmp_wire import (
    APPROVED,
    AUTHORISE,
    EXISTENCE,
    PROVIDE,
    QUERY,
    RETRIEVE,
    Answer,
    Caller,
    Vihf,
    authorise_body,
    existence_body,
    find_body,
    retrieve_body,
)
from tests.helpers.seeded import seeded

pytestmark = pytest.mark.slow

DIRECT, INDIRECT, AIR = AuthenticationMode
NORMAL, BROKEN, REGULATION = AccessMode
DENIED = "soap:DMPAccessDeniedByRightsService"
EMPTY_LOT = (
    '<ProvideAndRegisterDocumentSetRequest xmlns="urn:ihe:iti:xds-b:2007"><l:SubmitObjectsRequest '
    'xmlns:l="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"><r:RegistryObjectList '
    'xmlns:r="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"/></l:SubmitObjectsRequest></ProvideAndRegisterDocumentSetRequest>'
)
ASKED = {
    Action.STATUS: ("/patients", EXISTENCE, existence_body),
    Action.AUTHORISE: ("/habilitations", AUTHORISE, lambda _: authorise_body("AJOUT")),
    Action.DECLARE_ATTENDING: ("/habilitations", AUTHORISE, lambda _: authorise_body("AJOUT", "MEDECIN_TRAITANT")),
    Action.WITHDRAW: ("/habilitations", AUTHORISE, lambda _: authorise_body("SUPPRESSION")),
    Action.MY_RECORDS: ("/patients", LIST_PATIENTS, lambda _: patient_list_body()),
    Action.SEARCH_PERSON: ("/patients", SEARCH_PERSON, lambda _: person_body("TEST-MOREAU")),
    Action.ADMINISTRATIVE: ("/patients", EXISTENCE, lambda ins: existence_body(ins, reason="CNSLT_DATA")),
    Action.PROFESSIONALS: ("/habilitations", LIST_AUTHORISATIONS, lambda _: authorisations_body()),
    Action.FEED: ("/repository", PROVIDE, lambda _: EMPTY_LOT),
    Action.FEED_FOR_STRUCTURE: ("/repository", PROVIDE, lambda _: EMPTY_LOT),
    Action.LIST: ("/registry", QUERY, find_body),
    Action.READ: ("/repository", RETRIEVE, lambda _: retrieve_body("1.2.3")),
}
CHANGES = (Action.MASK, Action.UNMASK, Action.SHOW, Action.DELETE, Action.ARCHIVE)
WRITTEN_OFF = {
    # Greyed out although the stand-in answers: the reference's list of what the structure's certificate may do does not name them.
    (Action.AUTHORISE, Profile.STRUCTURE, NORMAL),
    (Action.WITHDRAW, Profile.STRUCTURE, NORMAL),
    (Action.MY_RECORDS, Profile.STRUCTURE, NORMAL),
}
RESTRICTED = {Action.UNMASK: ("MASQUE_PS",), Action.SHOW: ("INVISIBLE_PATIENT",)}
HOLDERS = {
    Profile.DOCTOR: ("doctor", DOCTOR.national_id),
    Profile.OCCUPATIONAL: ("occupational", OCCUPATIONAL_ID),
    Profile.PROFESSIONAL: ("nurse", NURSE_ID),
    Profile.SECRETARY: ("secretary", SECRETARY_ID),
    Profile.STRUCTURE: ("structure", DOCTOR.national_id),
}
MEANS = [(profile, means) for profile in HOLDERS for means in (DIRECT, AIR) if profile is not Profile.STRUCTURE]
OFFICE = (Profile.SECRETARY, Profile.STRUCTURE)
MEANS.append((Profile.STRUCTURE, INDIRECT))


@dataclass
class Practice:
    """A sandbox with a card for everybody, each signed in by Pro Santé Connect too."""

    sandbox: Sandbox
    callers: dict[str, Caller]
    sessions: dict[str, Session]
    ins: str

    def speaker(
        self, profile: Profile, means: AuthenticationMode, mode: AccessMode, attending: bool
    ) -> tuple[Caller, Vihf]:
        """Who sends, after the authorisations have been put back as they must be."""
        identity, person = HOLDERS[profile]
        since = self.sessions[person].authenticated
        for holder in (*self.sessions, CABINET.id):
            self.sandbox.registry.put_access(
                self.ins, holder, Authorization.VALIDE, attending and holder == person, since
            )
        caller = self.callers["structure" if means is not DIRECT else identity]
        if means is AIR:
            vihf = by_air(caller, self.ins, self.sessions[person])
        else:
            vihf = caller.vihf(self.ins) if means is INDIRECT else by_card(caller, self.ins, person)
        return caller, replace(vihf, purpose=mode.value)

    def document(self, action: Action, whose: Whose) -> RegistryObject:
        """A document nothing has been done to yet, in a record that `ins` is from now on. What the doctor deposits is the
        structure's for who works there."""
        wanted = RESTRICTED.get(action, ())
        if whose in (Whose.MINE, Whose.STRUCTURE):
            lot = Lot(self.ins, restrictions=wanted)
            answer = lot.send(self.callers["doctor"], self.callers["doctor"].vihf(self.ins))
            assert (answer.status, answer.errors) == (200, [])
            known = self.sandbox.registry.object(lot.unique_id)
            assert known is not None
            return known[0]
        self.ins, found = next(
            (patient["ins"], entry)
            for patient in self.sandbox.ready["patients"]
            for entry in self.sandbox.registry.objects(patient["ins"], Kind.ENTRY)
            if (entry.status, entry.version, entry.confidentiality) == (APPROVED, 1, {"N", *wanted})
            and not entry.is_signature
            and (whose is Whose.PATIENT) == any(code.node == "90" for code in entry.classifications)
            and not any(DOCTOR.national_id in value for value in entry.author_values("authorPerson"))
            and not any(CABINET.id in value for value in entry.author_values("authorInstitution"))
        )
        return found

    def change(self, action: Action, entry: RegistryObject) -> Update:
        if action in (Action.DELETE, Action.ARCHIVE):
            return Update(self.ins, ((entry.id, APPROVED, DELETED if action is Action.DELETE else ARCHIVED),))
        reader, vihf = self.speaker(Profile.DOCTOR, DIRECT, NORMAL, attending=True)
        listed = reader.find(self.ins, vihf).body.iter("{*}ExtrinsicObject")
        row = next(row for row in listed if row.get("id") == entry.id)
        return Update(self.ins, versions=((row, "1", ("MASQUE_PS",) if action is Action.MASK else ()),))


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with Sandbox(seeded(tmp_path_factory.mktemp("rights")), cards=("nurse", "occupational")) as sandbox:
        callers = {name: Caller(sandbox.ready, name) for name in sandbox.ready["identities"]}
        sessions = {person: sign_in(sandbox, person) for person in sorted({holder for _, holder in HOLDERS.values()})}
        ins = next(patient["ins"] for patient in sandbox.ready["patients"] if patient["story"] == "ordinary")
        yield Practice(sandbox, callers, sessions, ins)
        for caller in callers.values():
            caller.close()


def denied(answer: Answer) -> bool:
    return answer.status != 200 and answer.fault[0] == DENIED


def sendable() -> Iterator[Any]:
    """Every line that has a message: TD2.1 and TD2.2 are one, told apart by who sends it; doctors alone are somebody's attending."""
    for action in ASKED:
        for profile, means in MEANS:
            office = profile is Profile.SECRETARY
            if (action is Action.FEED and office) or (action is Action.FEED_FOR_STRUCTURE and not office):
                continue
            yield action, profile, means, False
            if profile is Profile.DOCTOR:
                yield action, profile, means, True


@pytest.mark.parametrize(("action", "profile", "means", "attending"), list(sendable()))
def test_each_line_of_what_may_be_asked(
    practice: Practice, action: Action, profile: Profile, means: AuthenticationMode, attending: bool
) -> None:
    path, soap_action, body = ASKED[action]
    for mode in AccessMode:
        caller, vihf = practice.speaker(profile, means, mode, attending)
        answer = caller.call(path, soap_action, body(practice.ins), practice.ins, vihf)
        why = wire_refusal(action, profile, means, mode, attending=attending)
        agreed = denied(answer) == (why is not None)
        assert agreed != ((action, profile, mode) in WRITTEN_OFF), (mode, why, answer.status != 200 and answer.fault)


WHOSE = [
    (Profile.DOCTOR, False, Whose.MINE),
    (Profile.DOCTOR, False, Whose.OTHER),
    (Profile.DOCTOR, False, Whose.PATIENT),
    (Profile.DOCTOR, True, Whose.MINE),
    (Profile.DOCTOR, True, Whose.OTHER),
    (Profile.DOCTOR, True, Whose.PATIENT),
    (Profile.PROFESSIONAL, False, Whose.STRUCTURE),
    (Profile.PROFESSIONAL, False, Whose.OTHER),
    (Profile.SECRETARY, False, Whose.STRUCTURE),
    (Profile.SECRETARY, False, Whose.OTHER),
    (Profile.STRUCTURE, False, Whose.STRUCTURE),
    (Profile.STRUCTURE, False, Whose.OTHER),
]


def changes() -> Iterator[Any]:
    """Every line the invented records hold a document for: two of the patient's own, three hidden from a patient by others."""
    for profile, attending, whose in WHOSE:
        for action in CHANGES:
            if whose is Whose.PATIENT:
                told = action is Action.DELETE or (action is Action.ARCHIVE and not attending)
            else:
                told = action is not Action.SHOW or whose is not Whose.OTHER or profile not in OFFICE
            if told:
                yield action, profile, attending, whose


@pytest.mark.parametrize(("action", "profile", "attending", "whose"), list(changes()))
def test_each_line_of_what_may_be_changed(
    practice: Practice, action: Action, profile: Profile, attending: bool, whose: Whose
) -> None:
    update = practice.change(action, practice.document(action, whose))
    means = INDIRECT if profile is Profile.STRUCTURE else DIRECT
    why = wire_refusal(action, profile, means, attending=attending, whose=whose)
    answer = update.send(*practice.speaker(profile, means, NORMAL, attending))
    # What is masked to somebody is not there for them: the stand-in then knows no such document.
    refused = denied(answer) or [code for code, _ in answer.errors] == ["XDSMetadataUpdateOperationError"]
    assert refused == (why is not None), (why, answer.status, answer.errors)


@pytest.mark.parametrize("mode", [BROKEN, REGULATION])
@pytest.mark.parametrize("action", CHANGES)
def test_nothing_is_changed_but_in_normal_access(practice: Practice, action: Action, mode: AccessMode) -> None:
    update = practice.change(action, practice.document(action, Whose.MINE))
    assert wire_refusal(action, Profile.DOCTOR, DIRECT, mode)
    assert denied(update.send(*practice.speaker(Profile.DOCTOR, DIRECT, mode, attending=False)))


def test_what_pro_sante_connect_may_not_deposit_leaves_by_the_structure(practice: Practice) -> None:
    assert wire_refusal(Action.FEED, Profile.DOCTOR, AIR)
    assert refusal(Action.FEED, Role.DOCTOR, AIR) is None
    caller, vihf = practice.speaker(Profile.STRUCTURE, INDIRECT, NORMAL, attending=False)
    assert not denied(caller.call("/repository", PROVIDE, EMPTY_LOT, practice.ins, vihf))
