"""A paper's way in the real window over HTTPS: dropped, proposed, prepared by the secretary, validated by the doctor, sent; then
the stand-in's registry has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from dmp_desktop.demo.stage import _certificate
from dmp_desktop.domain.documents import Availability
from dmp_desktop.domain.people import Patient, Role
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.domain.tray import ScanState
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.sandbox.virtual_cards import CpsCard
from dmp_desktop.services.accounts import software_account
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.views.tray.stages import SEND
from tests.helpers.morning import tray_at_desk, tray_in_menu
from tests.helpers.real_window import RealWindow, real_window
from tests.helpers.scans import jpeg_of, paper

pytestmark = pytest.mark.slow

CPE = "Carte CPE"
REPORT = "18748-4"


@pytest.fixture
def real(qapp: QApplication, tmp_path: Path) -> Iterator[RealWindow]:
    with real_window(qapp, tmp_path) as running:
        told = running.stage.ready["identities"]["secretary"]
        account = software_account(Path(told["p12"]), lambda: told["password"])
        running.desktop._wiring.desk._accounts[account.national_id] = account
        certificates = [_certificate(Path(told["p12"]) / name, told["password"]) for name in ("auth.p12", "sign.p12")]
        running.stage.cards[CPE] = CpsCard(*certificates)
        yield running


def patient_of(real: RealWindow, story: str) -> Patient:
    listed = real.stage.ready["patients"]
    return patient_from_dict(next(one["patient"] for one in listed if one["story"] == story))


def secretary_comes(real: RealWindow) -> None:
    real.stage.insert(0, CPE)
    real.until(lambda: real.window.session.state.role is Role.SECRETARY and real.window.desk.isVisible())


def leaves(real: RealWindow) -> None:
    real.stage.remove(0)
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)


def test_from_the_scanner_to_the_registry(real: RealWindow, tmp_path: Path) -> None:
    patient = patient_of(real, "ordinary")
    tray = real.desktop._wiring.tray
    real.desktop._wiring.outbox._undo_delay = timedelta(0)
    folder = tmp_path / "scanner"
    folder.mkdir()
    files = real.desktop._wiring.settings_file
    files.save(replace(files.load(), scan_folder=str(folder)))
    real.sign_in()  # the doctor, once: scans may be for them from now on
    real.until(tray.store.doctors)
    leaves(real)
    (folder / "scan 0001.jpg").write_bytes(jpeg_of(paper(patient)))
    secretary_comes(real)
    view = tray_at_desk(real)
    real.until(lambda: view.prepare.people.buttons)
    assert list(folder.glob("*.jpg")) == []
    (one,) = view.prepare.people.buttons
    assert (one.isChecked(), one.isEnabled(), patient.birth_family in one.accessibleName()) == (False, True, True)
    assert view.sheet.pane is None  # no page on her screen
    QTest.keyClicks(view.prepare, "1")
    view.prepare.type.choose(REPORT)
    view.prepare.day.setText("05/01/2026")
    view.prepare.doctor.setCurrentIndex(0)
    QTest.keyClick(view.prepare.day, Qt.Key.Key_Return)
    real.until(lambda: tray.store.scans()[0][0].state is ScanState.TO_VALIDATE)
    real.until(lambda: view.nothing.text() == fr.NOTHING_TO_PREPARE)
    leaves(real)
    assert not view.isVisible()

    real.sign_in()
    real.until(lambda: real.window.notices.isVisible() and fr.REMINDER[0] in real.window.notices.what.text)
    assert patient.birth_family not in real.window.notices.what.text
    page = tray_in_menu(real)
    real.until(lambda: page.validate.yes.isEnabled())
    assert page.sheet.pane is not None
    assert page.sheet.pane.pages == 1
    assert patient.display_name in page.validate.whose.text()
    QTest.keyClicks(page.validate, "v")
    real.until(lambda: tray.store.scans()[0][0].state is ScanState.VALIDATED)
    leaves(real)
    sent(real, patient)


def sent(real: RealWindow, patient: Patient) -> None:
    """By the secretary once it is validated; the registry has it as it was prepared."""
    tray = real.desktop._wiring.tray
    secretary_comes(real)
    view = tray_at_desk(real)
    view.turn(SEND)
    real.until(view.send.send.isVisible)
    view.send.send.click()
    outbox = real.desktop._wiring.outbox
    real.until(outbox.items)
    ((scan,), _damaged) = tray.store.scans()
    (item,) = [one for one in outbox.items() if one.unique_id == scan.unique_id]
    assert item.validated_by == scan.validated_by != item.author_id
    real.until(lambda: tray.store.scans()[0][0].state is ScanState.SENT)
    leaves(real)

    real.sign_in()
    repository = real.desktop._wiring.desk.repository()
    assert repository is not None
    repository.authorise(patient.ins)
    found = [one for one in repository.find(patient.ins, FindCriteria()) if one.unique_id == scan.unique_id]
    (entry,) = found
    assert (entry.status, entry.type_code.code) == (Availability.APPROVED, REPORT)
    assert entry.service_start is not None
    assert entry.service_start.date() == date(2026, 1, 5)
    assert b"application/pdf" in repository.retrieve(patient.ins, entry)


def test_what_a_laboratory_sent_comes_to_the_desk_by_itself(real: RealWindow, tmp_path: Path) -> None:
    patient = patient_of(real, "ordinary")
    folder = tmp_path / "recus"
    folder.mkdir()
    files = real.desktop._wiring.settings_file
    files.save(replace(files.load(), received_folder=str(folder)))
    segments = (
        r"MSH|^~\&|SIL|LABO TEST|CAB|X|20260105100500||ORU^R01|1|P|2.5",
        f"PID|1||{patient.ins.value}^^^X&{patient.ins.oid}&ISO^INS||{patient.birth_family}^{patient.first_given}^^^^^L||"
        f"{patient.birth_date:%Y%m%d}|{patient.sex.value}",
        "OBX|1|NM|A^Sodium^L||128|mmol/L|||||F",
    )
    (folder / "resultat.hl7").write_bytes("\r".join(segments).encode())
    secretary_comes(real)
    view = tray_at_desk(real)
    real.until(lambda: view.prepare.people.buttons)
    assert list(folder.glob("*.hl7")) == []
    assert "LABO TEST" in view.prepare.heading.facts.text()
    (one,) = view.prepare.people.buttons
    assert (one.isChecked(), one.isEnabled(), patient.birth_family in one.accessibleName()) == (False, True, True)
    assert view.sheet.pane is None
    ((scan,), _damaged) = real.desktop._wiring.tray.store.scans()
    assert scan.by_others
