"""What is done at the front desk's workstation while a doctor works at another: real window, one PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.consent import DECISIONS, Subject, TracedAct
from dmp_desktop.domain.identity import DocumentCheck, DocumentKind, Identity, StrictTraits
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.tray import Part, Scan, ScanState
from dmp_desktop.services.special_words import Reason
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui import strings_identity_fr as identity_fr
from dmp_desktop.ui import strings_tray_fr as tray_fr
from dmp_desktop.wiring import Wiring, open_wiring
from dmp_desktop.wiring.clinic import DATABASE
from tests.helpers.outbox import AUTHOR
from tests.helpers.postgres import PASSWORD, Cluster
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Practice:
    """The doctor's window, and the desk's workstation beside it, without one."""

    real: RealWindow
    desk: Wiring

    @property
    def wiring(self) -> Wiring:
        return self.real.desktop._wiring

    @property
    def patient(self) -> Patient:
        patient = self.real.window.record.patient
        assert patient is not None
        return patient

    def say(self, patient: Patient, subject: Subject, *, opposed: bool) -> None:
        """The desk notes it, and the server knows."""
        act = TracedAct(DECISIONS[subject, opposed], self.desk.clock.now(), AUTHOR, "TEST-SECRETAIRE", "counter")
        self.desk.access.oppositions._trace.store.append(patient.ins, act)
        assert self.desk.clinic is not None
        self.desk.clinic.connect()

    def hear(self) -> None:
        """The doctor's workstation looks, as it does every 5 s, from a worker as from its own thread."""
        clinic = self.wiring.clinic
        assert clinic is not None
        self.real.window.tasks.general.submit(clinic.connect, lambda _done: None, lambda _error: None)

    def read(self) -> bool:
        model = self.real.page.documents.model
        return bool(model.entries) and not model.loading

    def settle(self) -> None:
        self.real.until(lambda: not self.real.window.tasks.general.busy)


@contextmanager
def beside(home: Path, clinic: str, code: str) -> Iterator[Wiring]:
    environment = {"DMP_DESKTOP_HOME": str(home), DATABASE: clinic}
    with open_wiring(environment, ask=lambda _prompt: PASSWORD) as desk:
        desk.base.practice_keys.join(code)
        yield desk


@pytest.fixture(scope="module")
def practice(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory, postgres: Cluster) -> Iterator[Practice]:
    folder, clinic = tmp_path_factory.mktemp("avis"), f"{postgres.database()}?ca={postgres.ca}"
    with real_window(qapp, folder, clinic=clinic) as real:
        code = real.desktop._wiring.base.practice_keys.code_to_print()
        assert code is not None
        with beside(folder / "accueil", clinic, code) as desk:
            real.sign_in()
            yield Practice(real, desk)


def test_who_objects_at_the_desk_closes_the_record_at_the_doctors(practice: Practice) -> None:
    real, window = practice.real, practice.real.window
    real.open("ordinary")
    patient, entry = practice.patient, real.page.documents.model.entries[0]
    practice.wiring.dossier.content(patient, entry)
    window.conductor.write()
    window.composer.editor.setPlainText("TEST. Toux depuis 3 jours.")
    practice.say(patient, Subject.CONSULTATION, opposed=True)
    practice.hear()
    real.until(lambda: not real.page.documents.model.entries and not window.tasks.general.busy)
    real.until(lambda: fr.OPPOSED_ELSEWHERE in (window.notices.what.text, window.notices.safe.text()))
    real.until(lambda: window.banner.dmp.text == fr.OPPOSED_STATE[0])
    assert practice.wiring.dossier.kept(patient) == frozenset()
    assert window.composer.editor.toPlainText() == "TEST. Toux depuis 3 jours.", "what the doctor wrote is theirs"
    assert practice.patient == patient
    practice.say(patient, Subject.CONSULTATION, opposed=False)
    practice.hear()
    real.until(practice.read)


def test_an_identity_lost_at_the_desk_closes_the_record_at_the_doctors(practice: Practice) -> None:
    real, window, desk = practice.real, practice.real.window, practice.desk
    present(practice, "elsewhere")
    patient, people, now = practice.patient, desk.identities._store, desk.clock.now()
    seen = DocumentCheck(DocumentKind.CNI, now, AUTHOR)
    known = Identity(StrictTraits.of(patient), seen, Matricule(patient.ins.value, patient.ins.oid))
    kept = people.put(known, former=None, refuse=lambda _others: None)
    assert desk.clinic is not None
    desk.clinic.connect()
    practice.hear()
    practice.settle()
    assert practice.patient == patient, "qualified elsewhere too: nothing changes"
    lost = people.put(kept.refused(now), former=kept, refuse=lambda _others: None)  # INSi no longer knows them
    desk.clinic.connect()
    practice.hear()
    real.until(lambda: window.record.patient is None)
    assert window.notices.what.text == identity_fr.CLOSED
    people.put(replace(lost, matricule=known.matricule, refused_at=None), former=lost, refuse=lambda _others: None)
    desk.clinic.connect()
    practice.hear()
    practice.settle()


def test_who_objects_to_what_is_sent_bars_it_at_once_also_what_waits(practice: Practice) -> None:
    real, window, outbox = practice.real, practice.real.window, practice.wiring.outbox
    outbox._undo_delay = timedelta(minutes=5)
    present(practice, "elsewhere")
    patient = practice.patient
    sent = len(outbox.items())
    window.conductor.write()
    window.composer.editor.setPlainText("TEST. Toux depuis 3 jours. Repos.")
    real.until(lambda: window.composer.can_send)
    window.conductor.send()
    real.until(lambda: len(outbox.items()) == sent + 1 and window.composer.draft is None)
    practice.settle()
    window.conductor.write()
    practice.settle()
    assert window.composer.draft is not None
    assert window.conductor.barring.why(window.composer.draft) == ""
    practice.say(patient, Subject.FEEDING, opposed=True)
    practice.hear()
    real.until(lambda: "s'est opposé à l'envoi" in window.conductor.barring.why(window.composer.draft))
    [item] = waiting(practice)
    assert (item.state, item.waiting_for) == (OutboxState.WAITING, WaitingFor.OPPOSITION)
    assert practice.read(), "only what is sent stops"
    practice.say(patient, Subject.FEEDING, opposed=False)
    practice.hear()
    real.until(lambda: window.conductor.barring.why(window.composer.draft) == "")
    real.until(lambda: outbox.items()[0].state is OutboxState.SENT)


def test_an_emergency_ends_unless_its_doctor_was_told_of_that_very_objection(practice: Practice) -> None:
    window, special = practice.real.window, practice.wiring.access.special
    present(practice, "ordinary")
    patient, heard = practice.patient, practice.wiring.access.oppositions.heard
    practice.say(patient, Subject.CONSULTATION, opposed=True)
    practice.hear()
    practice.real.until(lambda: window.banner.dmp.text == fr.OPPOSED_STATE[0])
    told = special.objection(patient.ins)
    assert told is not None

    practice.settle()
    window.tasks.general.submit(
        lambda: special.break_glass(patient, Reason.IMMEDIATE_RISK, despite=told), lambda _done: None, lambda _no: None
    )
    practice.real.until(lambda: window.framed.framed and practice.read())
    heard(patient.ins, told)
    practice.settle()
    practice.real.pause(0.1)
    assert practice.read(), "that one they were told of"
    assert special.peek() is not None
    practice.say(patient, Subject.CONSULTATION, opposed=True)
    practice.hear()
    practice.real.until(lambda: special.peek() is None and not practice.real.page.documents.model.entries)
    practice.settle()
    assert not window.framed.framed


def test_what_a_doctor_chose_on_another_workstation_is_followed_while_they_read(practice: Practice) -> None:
    real, habits = practice.real, practice.real.window.page.habits
    present(practice, "elsewhere")
    me = practice.wiring.desk.national_id()
    assert me is not None
    habits.change(folded=("11450-4",))
    practice.settle()
    for _ in range(2):
        practice.hear()
        practice.settle()
        assert practice.desk.clinic is not None
        practice.desk.clinic.connect()
    there = practice.desk.habits.load(me)
    assert there.folded == ("11450-4",)
    practice.desk.habits.save(me, replace(there, pins=("2.25.77",)))
    practice.desk.clinic.connect()
    practice.hear()
    real.until(lambda: habits.current == replace(there, pins=("2.25.77",)))


def test_a_scan_prepared_at_the_desk_is_told_and_shown_at_the_doctors(practice: Practice) -> None:
    real, tray = practice.real, practice.wiring.tray
    present(practice, "elsewhere")
    me = practice.wiring.desk.national_id()
    assert me is not None
    practice.hear()
    practice.settle()
    assert practice.desk.clinic is not None
    practice.desk.clinic.connect()
    assert [one.national_id for one in practice.desk.tray.store.doctors()] == [me], "whom the desk may give it to"
    now = practice.desk.clock.now()
    scan = Scan("a" * 32, ScanState.TO_VALIDATE, now, now, 9, 1, "d", patient=practice.patient, author_id=me)
    assert practice.desk.tray.store.add(scan, {Part.PDF: b"%PDF-TEST", Part.TEXT: b"mots"})
    practice.desk.clinic.connect()
    practice.hear()
    real.until(lambda: tray.store.get(scan.id) is not None)
    assert tray.service.pages(tray.store.get(scan.id) or scan) == b"%PDF-TEST"
    real.until(lambda: real.window.notices.what.text == tray_fr.counted(tray_fr.REMINDER, 1))


def present(practice: Practice, story: str) -> None:
    real = practice.real
    practice.real.window.conductor.close_patient()
    real.until(lambda: real.window.record.patient is None)
    if real.window.session.state.vitale_present:
        real.stage.remove(1)
    real.until(lambda: not real.window.session.state.vitale_present)
    practice.settle()
    real.stage.insert(1, real.stage.patient_card(story))
    real.until(practice.read)
    practice.settle()


def waiting(practice: Practice) -> list[OutboxItem]:
    return [item for item in practice.wiring.outbox.items() if item.state is OutboxState.WAITING]
