"""The table of rights through FHIR: said a third time as the reference's §4 says it, each row asked over the real wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dmp_desktop.domain.access import Authorization
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.directory import CABINET, DOCTOR, LOCUM_ID, NURSE_ID, OCCUPATIONAL_ID, SECRETARY_ID
from tests.helpers.dmp_admin import by_air, by_card, sign_in
from tests.helpers.dmp_wire import Caller, Vihf
from tests.helpers.fhir_raw import (
    INS_SYSTEM,
    Answer,
    FhirCaller,
    FhirLot,
    archiving,
    deleting,
    masking,
    subject,
)
from tests.helpers.seeded import seeded

# n: normal, b: bris_de_glace, c: centre_15; -: never.
GRID = """
                      PROFESSIONAL  DOCTOR  ATTENDING  OCCUPATIONAL  SECRETARY  STRUCTURE
patient               nb            nbc     nbc        nb            n          n
consents              nb            nbc     nbc        nb            n          n
authorise             n             n       n          n             n          n
attend                -             n       n          -             -          -
lot                   nb            nbc     nbc        nb            n          n
publish               nb            nbc     nbc        nb            n          n
references            nb            nbc     nbc        nb            n          n
search                nb            nbc     nbc        nb            -          -
read                  nb            nbc     nbc        nb            -          -
lists                 nb            nbc     nbc        nb            -          -
binary                nb            nbc     nbc        -             -          -
mask                  n             n       n          n             -          -
archive               -             -       n          -             -          -
delete                -             -       -          -             n          n
"""
MODES = {"n": "normal", "b": "bris_de_glace", "c": "centre_15"}
HEAD, *LINES = [line.split() for line in GRID.strip().splitlines()]
CELLS = {(line[0], name): cell for line in LINES for name, cell in zip(HEAD, line[1:], strict=True)}
DENIED = (403, "DMPAccessDeniedByRightsService")
HOLDERS = {
    "PROFESSIONAL": ("nurse", NURSE_ID),
    "DOCTOR": ("doctor", DOCTOR.national_id),
    "ATTENDING": ("doctor", DOCTOR.national_id),
    "OCCUPATIONAL": ("occupational", OCCUPATIONAL_ID),
    "SECRETARY": ("secretary", SECRETARY_ID),
    "STRUCTURE": ("structure", DOCTOR.national_id),
}


@dataclass
class Practice:
    """A sandbox with a card for everybody."""

    sandbox: Sandbox
    callers: dict[str, Caller]
    ins: str
    connections: dict[str, FhirCaller]

    def authorise_all(self, attending: str = "") -> None:
        """Everybody and the practice are authorised; one of them may be the attending doctor."""
        for holder in (*{person for _, person in HOLDERS.values()}, CABINET.id):
            registry = self.sandbox.registry
            registry.put_access(self.ins, holder, Authorization.VALIDE, holder == attending, datetime.now(UTC))

    def fhir(self, profile: str) -> FhirCaller:
        identity, _ = HOLDERS[profile]
        return self.connections.setdefault(identity, FhirCaller(self.callers[identity], self.ins))

    def vihf(self, profile: str) -> Vihf:
        identity, person = HOLDERS[profile]
        caller = self.callers[identity]
        return caller.vihf(self.ins) if profile == "STRUCTURE" else by_card(caller, self.ins, person)

    def document(self, *restrictions: str) -> str:
        """The uniqueId of a document of another professional of the same practice."""
        self.authorise_all()
        lot = FhirLot(self.ins, restrictions=restrictions)
        lot.document["contained"][0] |= {
            "identifier": [{"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "899999999999"}],
            "name": [{"family": "TEST-AUTRE"}],
        }
        assert lot.send(self.fhir("DOCTOR")).status == 200
        return lot.unique_id

    def id_of(self, unique_id: str) -> str:
        return str(self.fhir("DOCTOR").found(unique_id)[0]["id"])


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with Sandbox(seeded(tmp_path_factory.mktemp("fhir-rights")), cards=("nurse", "occupational", "locum")) as sandbox:
        callers = {name: Caller(sandbox.ready, name) for name in sandbox.ready["identities"]}
        ins = next(str(row["ins"]) for row in sandbox.ready["patients"] if row["story"] == "empty")
        found = Practice(sandbox, callers, ins, {})
        yield found
        for connection in (*found.connections.values(), *callers.values()):
            connection.close()


@pytest.fixture(scope="module")
def known(practice: Practice) -> str:
    """The id of a document that nobody changes."""
    return practice.id_of(practice.document())


def consent(ins: str, status: str, role: str = "IRCP") -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "status": status,
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": subject(ins),
        "policyRule": {"coding": [{"code": "OPTIN"}]},
        "provision": {
            "type": "permit",
            "actor": [{"role": {"coding": [{"code": role}]}, "reference": {"identifier": {"value": "810002422979"}}}],
        },
    }


Ask = Callable[[Practice, FhirCaller, Vihf, str], Answer]


ASK: dict[str, Ask] = {
    "patient": lambda p, fhir, vihf, _: fhir.query("Patient", ("identifier", f"{INS_SYSTEM}|{p.ins}"), vihf=vihf),
    "consents": lambda _, fhir, vihf, __: fhir.query("Consent", fhir.whose, vihf=vihf),
    "authorise": lambda p, fhir, vihf, _: fhir.send("POST", "Consent", consent(p.ins, "active"), vihf),
    "attend": lambda p, fhir, vihf, _: fhir.send("POST", "Consent", consent(p.ins, "active", "MEDECIN_TRAITANT"), vihf),
    "lot": lambda p, fhir, vihf, _: FhirLot(p.ins).send(fhir, vihf),
    "publish": lambda p, fhir, vihf, _: FhirLot(p.ins).publish(fhir, vihf),
    "references": lambda _, fhir, vihf, __: fhir.search(vihf=vihf, _elements="id"),
    "search": lambda _, fhir, vihf, __: fhir.search(vihf=vihf),
    "read": lambda _, fhir, vihf, known: fhir.get(f"DocumentReference/{known}", vihf),
    "lists": lambda _, fhir, vihf, __: fhir.lists(vihf=vihf),
    "binary": lambda _, fhir, vihf, known: fhir.get(f"Binary/{known}", vihf),
}


CHANGES = {"mask": masking(), "archive": archiving(True), "delete": deleting()}
ROWS = [
    pytest.param(*row, marks=() if row[1] in {"DOCTOR", "SECRETARY"} else pytest.mark.slow)  # slow by their number
    for row in CELLS
]


@pytest.mark.parametrize(("what", "profile"), ROWS)
def test_each_row_of_the_table(practice: Practice, known: str, what: str, profile: str) -> None:
    """In every mode: what is allowed is done, what is not is refused for its right."""
    fhir = practice.fhir(profile)
    for letter, mode in MODES.items():
        attending = HOLDERS[profile][1] if profile == "ATTENDING" else ""
        if what in CHANGES:
            unique_id = practice.document()
            practice.authorise_all(attending)
            answer = fhir.patch(unique_id, CHANGES[what], replace(practice.vihf(profile), purpose=mode))
        else:
            practice.authorise_all(attending)
            answer = ASK[what](practice, fhir, replace(practice.vihf(profile), purpose=mode), known)
        if letter in CELLS[what, profile]:
            assert answer.status in {200, 201}, (mode, answer.content)
        else:
            assert answer.refusal == DENIED, mode


@pytest.mark.parametrize("profile", HOLDERS)
def test_without_an_authorisation_nothing_is_read(practice: Practice, known: str, profile: str) -> None:
    """Normal mode: who has none, nor the practice, only feeds and asks whether the record exists."""
    for holder in (*{person for _, person in HOLDERS.values()}, CABINET.id):
        practice.sandbox.registry.put_access(practice.ins, holder, Authorization.NON_EXISTE, False, datetime.now(UTC))
    fhir, vihf = practice.fhir(profile), practice.vihf(profile)
    for what in ("references", "search", "read", "lists", "binary"):
        assert ASK[what](practice, fhir, vihf, known).refusal == DENIED, what
    assert fhir.patch(known, deleting(), vihf).refusal == DENIED
    for what in ("patient", "lot"):
        assert ASK[what](practice, fhir, vihf, known).status == 200, what


@pytest.mark.parametrize(("profile", "mode", "seen"), [
    ("DOCTOR", "normal", False),
    ("DOCTOR", "bris_de_glace", True),
    ("DOCTOR", "centre_15", True),
    ("PROFESSIONAL", "normal", False),
    ("ATTENDING", "normal", True),
])  # fmt: skip
def test_who_sees_a_masked_document(practice: Practice, profile: str, mode: str, *, seen: bool) -> None:
    unique_id = practice.document("MASQUE_PS")
    practice.authorise_all(HOLDERS[profile][1] if profile == "ATTENDING" else "")
    fhir, vihf = practice.fhir(profile), replace(practice.vihf(profile), purpose=mode)
    found = fhir.search(identifier=f"urn:oid:{unique_id}", vihf=vihf).resources
    assert bool(found) is seen
    if found and profile != "PROFESSIONAL":
        assert fhir.get(found[0]["content"][0]["attachment"]["url"], vihf).status == 200


@pytest.mark.parametrize("mode", ["bris_de_glace", "centre_15"])
def test_nothing_is_masked_in_an_emergency(practice: Practice, mode: str) -> None:
    """Reference §3, whichever way a document is deposited."""
    practice.authorise_all()
    fhir, vihf = practice.fhir("DOCTOR"), replace(practice.vihf("DOCTOR"), purpose=mode)
    lots = [FhirLot(practice.ins, restrictions=("MASQUE_PS",)) for _ in range(2)]
    assert lots[0].send(fhir, vihf).refusal == DENIED
    assert lots[1].publish(fhir, vihf).refusal == DENIED
    for lot in lots:
        assert practice.sandbox.registry.object(lot.unique_id) is None


def test_centre_15_is_for_who_regulates(practice: Practice, known: str) -> None:
    """A general practitioner of the practice, authorised, whom the directory does not say to regulate."""
    practice.authorise_all()
    practice.sandbox.registry.put_access(practice.ins, LOCUM_ID, Authorization.VALIDE, False, datetime.now(UTC))
    caller = practice.callers["locum"]
    fhir, vihf = FhirCaller(caller, practice.ins), by_card(caller, practice.ins, LOCUM_ID)
    practice.connections["locum"] = fhir
    for what in ("patient", "consents", "lot", "references", "search", "read", "lists", "binary"):
        assert ASK[what](practice, fhir, replace(vihf, purpose="centre_15"), known).refusal == DENIED, what
        assert ASK[what](practice, fhir, vihf, known).status == 200, what


def test_a_masked_document_is_not_guessed_by_its_id(practice: Practice) -> None:
    """Read, Binary and PATCH answer as for a document that is not there."""
    unique_id = practice.document("MASQUE_PS")
    practice.authorise_all(HOLDERS["ATTENDING"][1])
    identifier = practice.id_of(unique_id)
    practice.authorise_all()
    fhir = practice.fhir("DOCTOR")
    for path in (f"DocumentReference/{identifier}", f"Binary/{identifier}"):
        assert fhir.get(path).refusal == (404, "XDSDocumentUniqueIdError")
    assert fhir.patch(identifier, archiving(True)).refusal == (404, "XDSDocumentUniqueIdError")
    assert fhir.search(_elements="id", identifier=f"urn:oid:{unique_id}").json["total"] == 0


def test_the_lot_of_a_masked_document_does_not_name_it(practice: Practice) -> None:
    lot = FhirLot(practice.ins, restrictions=("MASQUE_PS",))
    practice.authorise_all()
    lot.document["contained"][0]["identifier"][0]["value"] = "899999999999"
    lot.send(practice.fhir("DOCTOR"))
    for found in practice.fhir("DOCTOR").lists(("identifier", f"urn:oid:{lot.set_unique_id}")).resources:
        assert "entry" not in found


def test_by_pro_sante_connect_everything_but_feeding(practice: Practice, known: str) -> None:
    practice.authorise_all()
    session = sign_in(practice.sandbox, DOCTOR.national_id)
    vihf = by_air(practice.callers["structure"], practice.ins, session)
    fhir = practice.fhir("STRUCTURE")
    for what in ("patient", "search", "read", "lists", "binary"):
        assert ASK[what](practice, fhir, vihf, known).status == 200, what
    for what in ("lot", "publish"):
        assert ASK[what](practice, fhir, vihf, known).refusal == DENIED, what
