"""DmpRepository in mode AIR: Pro Santé Connect says who, the structure's keys speak, the stand-in server judges both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.dmp.client import DmpClient
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.dmp.vihf import Software
from dmp_desktop.domain.access import AuthenticationMode, AuthorisationFilter, DossierDate
from dmp_desktop.domain.dmp_ports import RecordUpdates
from dmp_desktop.domain.documents import Code, Submission, Visibility
from dmp_desktop.domain.people import Context, Encounter
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import CardError
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services import documents
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.services.psc_sign_in import PscSignIn
from dmp_desktop.services.sign_in import SignInDesk
from tests.helpers.psc_desk import DOCTOR_ID, Person, setup
from tests.helpers.sandbox_client import SENDER, patient_of
from tests.helpers.seeded import seeded

CLOCK, ENTROPY = SystemClock(), SystemEntropy()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("psc"))) as running:
        yield running


@pytest.fixture
def desk(sandbox: Sandbox) -> Iterator[SignInDesk]:
    """The desk of a workstation where the doctor has just signed in by the browser."""
    software = Software("DMP Desktop", "0.1", "BAC-A-SABLE")
    opened = SignInDesk(
        [],
        lambda identity: HttpsTransport(sandbox.url, identity, Path(sandbox.ready["ca"])),
        lambda transport, identity, caller: DmpClient(
            transport, identity, caller, software, CLOCK, ENTROPY, sender_oid=SENDER
        ),
    )
    person = Person(sandbox.ready)
    psc = PscSignIn(setup(sandbox.ready), opened.sign_in, CLOCK, open_url=person.open)
    psc.browser(person.tell)()
    yield opened
    opened.sign_out()
    for thread in threading.enumerate():
        if thread.name == "psc-close":
            thread.join()


def test_reads_reinforced_and_deposits_by_the_structure(sandbox: Sandbox, desk: SignInDesk) -> None:
    dmp, account, patient = desk.repository(), desk.current(), patient_of(sandbox, "ordinary")
    assert dmp is not None
    assert account is not None
    assert account.mode is AuthenticationMode.INDIRECTE_RENFORCEE
    assert dmp.status(patient.ins).readable
    assert len(list(dmp.find(patient.ins, FindCriteria()))) >= 60
    now = datetime.now(UTC).replace(microsecond=0)
    context = Context(patient, account.professional, account.facility, Encounter(now - timedelta(minutes=15)))
    order = DocumentOrder(patient, account.professional, context.encounter.start, "Renouvellement.")
    built = documents.builder(CLOCK, ENTROPY)(order, context)
    entry = entry_from_cda(built.cda)
    kind = Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel")
    name = f"2.25.{ENTROPY.uuid().int}"
    dmp.submit(Submission(name, patient.ins, entry.authors[0], kind, SENDER, ((entry, built.cda),)))
    (found,) = dmp.find_by_unique_id(patient.ins, [built.unique_id])
    assert (found.authors[0].person_id, found.authors[0].institution_id) == (DOCTOR_ID, account.facility.id)
    assert dmp.retrieve(patient.ins, found) == built.cda


def test_the_consent_is_declared_in_the_person_s_name(sandbox: Sandbox, desk: SignInDesk) -> None:
    dmp, patient = desk.repository(), patient_of(sandbox, "empty")
    assert dmp is not None
    assert not dmp.status(patient.ins).readable
    dmp.authorise(patient.ins)
    assert dmp.status(patient.ins).readable


def test_rights_and_changes_in_mode_air(sandbox: Sandbox, desk: SignInDesk) -> None:
    """TD0.4, TD1.6, TD3.3: in the person's name, by the keys of the structure (PDT-INF-606)."""
    updates = dmp = desk.repository()
    administration = desk.administration()
    patient, account = patient_of(sandbox, "ordinary").ins, desk.current()
    assert dmp
    assert administration
    assert isinstance(updates, RecordUpdates)
    assert account
    listed = administration.records(datetime(2020, 1, 1, tzinfo=UTC), DossierDate.LAST_DOCUMENT)
    assert patient.value in {dossier.patient.value for dossier in listed}
    active = administration.professionals(patient, AuthorisationFilter.ACTIVE)
    assert account.national_id in {one.national_id for one in active}
    mine = next(
        entry
        for entry in dmp.find(patient, FindCriteria())
        if entry.authors[0].person_id == account.national_id and not entry.visibility
    )
    updates.set_visibility(patient, mine, frozenset({Visibility.MASQUE_PS}))
    (masked,) = dmp.find_by_unique_id(patient, [mine.unique_id])
    assert masked.visibility == {Visibility.MASQUE_PS}
    updates.set_visibility(patient, masked, frozenset())


def test_nothing_is_asked_once_the_session_is_over(sandbox: Sandbox, desk: SignInDesk) -> None:
    """Signed out: not even an assertion that was signed before serves again."""
    dmp, patient = desk.repository(), patient_of(sandbox, "ordinary")
    assert dmp is not None
    assert dmp.status(patient.ins).readable
    opened = desk._open
    assert opened is not None
    assert opened.keys is not None
    opened.keys.identity.close()
    with pytest.raises(CardError) as caught:
        dmp.status(patient.ins)
    assert caught.value.code == "psc.ended"
