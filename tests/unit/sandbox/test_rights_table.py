"""The table of rights: said a second time as the reference's §4 says it, then proved line by line through the real wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from dmp_desktop.domain.access import AccessMode, AuthenticationMode, Authorization
from dmp_desktop.sandbox import Sandbox, Tolerances
from dmp_desktop.sandbox.directory import CABINET, DOCTOR, LOCUM_ID, NURSE_ID, OCCUPATIONAL_ID, SECRETARY_ID
from dmp_desktop.sandbox.psc_state import Session
from dmp_desktop.sandbox.rights import TABLE, Limit, Profile, Transaction
from tests.helpers.dmp_admin import (
    ACCOUNT,
    CREATE,
    LIST_AUTHORISATIONS,
    LIST_PATIENTS,
    REVISE,
    SEARCH_PERSON,
    account_body,
    authorisations_body,
    by_air,
    by_card,
    observed,
    patient_list_body,
    person_body,
    revision_body,
    sign_in,
)
from tests.helpers.dmp_wire import (
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

# n: normal, b: bris_de_glace, c: centre_15. Limits: r references only, o own documents, p own and the patient's, s of the
# structure. By a card; through Pro Santé Connect the same, but nothing is fed (TD2.1, TD2.2).
GRID = """
                      PROFESSIONAL  DOCTOR  ATTENDING  OCCUPATIONAL  SECRETARY  STRUCTURE
TD0.2                 nb            nbc     nbc        nb            n          n
TD0.3                 n             n       n          n             ns         ns
TD0.3_médecin_traitant -            n       n          -             -          -
TD0.4                 no            no      no         no            ns         ns
TD0.5                 -             c       c          -             -          -
TD0.9                 n             n       n          n             n          -
TD1.1                 n             n       n          n             n          n
TD1.2                 n             n       n          n             n          n
TD1.3a                nb            nbc     nbc        nb            n          -
TD1.3b                n             n       n          n             n          n
TD1.4                 n             n       n          n             n          -
TD1.5                 n             n       n          n             n          -
TD1.6                 n             n       n          n             -          -
TD2.1                 nb            nbc     nbc        nb            -          n
TD2.2                 -             -       -          -             n          -
TD3.1                 nb            nbc     nbc        nb            nr         nr
TD3.2                 nb            nbc     nbc        -             -          -
TD3.3a_masquer        n             n       n          n             -          -
TD3.3a_démasquer      no            no      n          no            -          -
TD3.3b                n             n       n          n             -          -
TD3.3c                no            no      np         no            ns         ns
TD3.3d_archiver       no            no      n          no            -          -
TD3.3d_désarchiver    no            no      n          no            -          -
"""
MODES = {"n": AccessMode.NORMAL, "b": AccessMode.BRIS_DE_GLACE, "c": AccessMode.CENTRE_15}
LIMITS = {"r": Limit.REFERENCES_ONLY, "o": Limit.OWN_ONLY, "p": Limit.OWN_OR_PATIENT, "s": Limit.OWN_STRUCTURE}
HEAD, *LINES = [line.split() for line in GRID.strip().splitlines()]
CELLS = {
    (Transaction(line[0].replace("_", " ")), Profile[name]): cell
    for line in LINES
    for name, cell in zip(HEAD, line[1:], strict=True)
}
FED = {Transaction.SUBMIT, Transaction.SUBMIT_SECRETARY}
REFUSED = "non autorisée pour ce profil"
EMPTY_LOT = (
    '<ProvideAndRegisterDocumentSetRequest xmlns="urn:ihe:iti:xds-b:2007"><l:SubmitObjectsRequest '
    'xmlns:l="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"><r:RegistryObjectList '
    'xmlns:r="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"/></l:SubmitObjectsRequest></ProvideAndRegisterDocumentSetRequest>'
)
CLOSING = observed("FERMETURE_DEMANDE_PATIENT", "1.2.250.1.213.4.1.2.4")

MESSAGES: dict[Transaction, tuple[str, str, Callable[[str], str]]] = {
    Transaction.EXISTENCE: ("/patients", EXISTENCE, existence_body),
    Transaction.AUTHORISATION: ("/habilitations", AUTHORISE, lambda _: authorise_body("AJOUT")),
    Transaction.ATTEND: ("/habilitations", AUTHORISE, lambda _: authorise_body("AJOUT", "MEDECIN_TRAITANT")),
    Transaction.PATIENT_LIST: ("/patients", LIST_PATIENTS, lambda _: patient_list_body()),
    Transaction.PERSON_SEARCH: ("/patients", SEARCH_PERSON, lambda _: person_body("TEST-MOREAU")),
    Transaction.CREATE: (
        "/patients",
        CREATE,
        lambda ins: revision_body("PRPA_IN201311UV02", "CREA_RD", ins, observed("CONSENTEMENT_OUVERTURE_DMP")),
    ),
    Transaction.REACTIVATE: ("/patients", REVISE, lambda ins: revision_body("PRPA_IN201314UV02", "REAC", ins)),
    Transaction.ADMINISTRATIVE: ("/patients", EXISTENCE, lambda ins: existence_body(ins, reason="CNSLT_DATA")),
    Transaction.CHANGE_ADMINISTRATIVE: (
        "/patients",
        REVISE,
        lambda ins: revision_body("PRPA_IN201314UV02", "MODIF_DATA", ins),
    ),
    Transaction.CLOSE: ("/patients", REVISE, lambda ins: revision_body("PRPA_IN201314UV02", "FERM", ins, CLOSING)),
    Transaction.PATIENT_ACCESS: ("/patients", ACCOUNT, lambda _: account_body()),
    Transaction.AUTHORISED_LIST: ("/habilitations", LIST_AUTHORISATIONS, lambda _: authorisations_body()),
    Transaction.SUBMIT: ("/repository", PROVIDE, lambda _: EMPTY_LOT),
    Transaction.SUBMIT_SECRETARY: ("/repository", PROVIDE, lambda _: EMPTY_LOT),
    Transaction.SEARCH: ("/registry", QUERY, lambda ins: find_body(ins, return_type="ObjectRef")),
    Transaction.RETRIEVE: ("/repository", RETRIEVE, lambda _: retrieve_body("1.2.3")),
}
"""One valid message a transaction, as far as the rights are asked: TD3.3 has its own tests, TD0.9 has no message."""

HOLDERS = {
    Profile.PROFESSIONAL: ("nurse", NURSE_ID),
    Profile.DOCTOR: ("doctor", DOCTOR.national_id),
    Profile.ATTENDING: ("doctor", DOCTOR.national_id),
    Profile.OCCUPATIONAL: ("occupational", OCCUPATIONAL_ID),
    Profile.SECRETARY: ("secretary", SECRETARY_ID),
    Profile.STRUCTURE: ("structure", DOCTOR.national_id),
}


@dataclass
class Practice:
    """A sandbox with a card for everybody, each signed in by Pro Santé Connect too."""

    sandbox: Sandbox
    callers: dict[str, Caller]
    sessions: dict[str, Session]
    ins: str

    def ask(self, profile: Profile, transaction: Transaction, means: AuthenticationMode, mode: AccessMode) -> Answer:
        """One message, after the authorisations have been put back as they must be."""
        identity, person = HOLDERS[profile]
        attending = profile is Profile.ATTENDING
        since = self.sessions[person].authenticated
        for holder in (*self.sessions, CABINET.id):
            mine = attending and holder == person
            self.sandbox.registry.put_access(self.ins, holder, Authorization.VALIDE, mine, since)
        caller = self.callers[identity]
        if means is AuthenticationMode.INDIRECTE_RENFORCEE:
            caller = self.callers["structure"]
            vihf = by_air(caller, self.ins, self.sessions[person])
        elif profile is Profile.STRUCTURE:
            vihf = caller.vihf(self.ins)
        else:
            vihf = by_card(caller, self.ins, person)
        path, action, body = MESSAGES[transaction]
        return caller.call(path, action, body(self.ins), self.ins, replace(vihf, purpose=mode.value))


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    switched = Tolerances(ended_transactions=True)
    folder = seeded(tmp_path_factory.mktemp("rights"))
    with Sandbox(folder, tolerances=switched, cards=("nurse", "occupational", "locum")) as sandbox:
        callers = {name: Caller(sandbox.ready, name) for name in sandbox.ready["identities"]}
        people = {person for _, person in HOLDERS.values()} | {LOCUM_ID}
        sessions = {person: sign_in(sandbox, person) for person in sorted(people)}
        ins = next(patient["ins"] for patient in sandbox.ready["patients"] if patient["story"] == "empty")
        yield Practice(sandbox, callers, sessions, ins)
        for caller in callers.values():
            caller.close()


def test_the_grid_is_whole() -> None:
    assert set(CELLS) == {(transaction, profile) for transaction in Transaction for profile in Profile}
    assert set(Transaction) - set(MESSAGES) == {
        Transaction.WEB,
        Transaction.MASK,
        Transaction.UNMASK,
        Transaction.MAKE_VISIBLE,
        Transaction.DELETE,
        Transaction.ARCHIVE,
        Transaction.UNARCHIVE,
    }


@pytest.mark.parametrize(("transaction", "profile"), CELLS)
def test_each_line_says_what_the_reference_says(transaction: Transaction, profile: Profile) -> None:
    cell = CELLS[transaction, profile]
    lines = [line for line in TABLE if line.transaction is transaction and profile in line.profiles]
    assert len(lines) == (cell != "-")
    for line in lines:
        assert line.modes == {MODES[letter] for letter in cell if letter in MODES}
        assert line.limit is next((LIMITS[letter] for letter in cell if letter in LIMITS), None)
        assert (AuthenticationMode.INDIRECTE_RENFORCEE in line.means) == (transaction not in FED)
        assert line.source.startswith(("§", "[R]"))


def columns() -> list[Any]:
    """Every cell that has a message, by a card or the structure's certificate, then through Pro Santé Connect."""
    found: list[Any] = []
    for transaction, profile in CELLS:
        other = Transaction.SUBMIT if profile is Profile.SECRETARY else Transaction.SUBMIT_SECRETARY
        if transaction not in MESSAGES or transaction is other:
            continue
        if profile is Profile.STRUCTURE:
            found.append((transaction, profile, AuthenticationMode.INDIRECTE))
            continue
        found.append((transaction, profile, AuthenticationMode.DIRECTE))
        air = (transaction, profile, AuthenticationMode.INDIRECTE_RENFORCEE)
        found.append(pytest.param(*air, marks=pytest.mark.slow))  # slow by their number
    return found


@pytest.mark.parametrize(("transaction", "profile", "means"), columns())
def test_the_wire_keeps_to_the_table(
    practice: Practice, transaction: Transaction, profile: Profile, means: AuthenticationMode
) -> None:
    """In every mode, both ways: what is allowed is not refused for its right, what is not is."""
    cell = CELLS[transaction, profile]
    if transaction in FED and means is AuthenticationMode.INDIRECTE_RENFORCEE:
        cell = "-"
    for letter, mode in MODES.items():
        answer = practice.ask(profile, transaction, means, mode)
        if letter in cell:
            assert answer.status == 200 or REFUSED not in answer.fault[1], (mode, answer.fault)
        else:
            assert answer.fault[0] == "soap:DMPAccessDeniedByRightsService", mode
            assert REFUSED in answer.fault[1]
            assert mode.value in answer.fault[1]


ALLOWED_IN_CENTRE_15 = [transaction for transaction in MESSAGES if "c" in CELLS[transaction, Profile.DOCTOR]]


@pytest.mark.parametrize("transaction", ALLOWED_IN_CENTRE_15)
@pytest.mark.parametrize("by_psc", [False, True])
def test_centre_15_is_for_who_regulates(practice: Practice, transaction: Transaction, by_psc: bool) -> None:
    """Reference §3: the table speaks of doctors; which of them regulate, the directory says. By a card and without one."""
    since = practice.sessions[LOCUM_ID].authenticated
    practice.sandbox.registry.put_access(practice.ins, LOCUM_ID, Authorization.VALIDE, False, since)
    caller = practice.callers["structure" if by_psc else "locum"]
    vihf = (
        by_air(caller, practice.ins, practice.sessions[LOCUM_ID]) if by_psc else by_card(caller, practice.ins, LOCUM_ID)
    )
    path, action, body = MESSAGES[transaction]
    for mode in AccessMode:
        asked = replace(vihf, purpose=mode.value)
        answer = caller.call(path, action, body(practice.ins), practice.ins, asked)
        only_regulation = transaction is Transaction.PERSON_SEARCH
        fed_by_psc = transaction in FED and by_psc
        if mode is AccessMode.CENTRE_15 or only_regulation or fed_by_psc:
            assert answer.fault[0] == "soap:DMPAccessDeniedByRightsService"
            assert fed_by_psc or mode is not AccessMode.CENTRE_15 or "régulation" in answer.fault[1]
        else:
            assert answer.status == 200 or REFUSED not in answer.fault[1], (mode, answer.fault)


def test_office_sees_references_only(practice: Practice) -> None:
    for name in ("secretary", "structure"):
        caller = practice.callers[name]
        assert "ObjectRef" in caller.find(practice.ins).fault[1]


def test_unknown_person_has_no_profile(practice: Practice) -> None:
    caller = practice.callers["nurse"]
    vihf: Vihf = replace(by_card(caller, practice.ins, NURSE_ID), roles=(("10", "1.2.250.1.71.1.2.7"), ("SM26", "x")))
    assert caller.existence(practice.ins, vihf).status == 500
