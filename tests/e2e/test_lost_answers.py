"""An act of the access page whose answer is lost, in the real window on a server that drops it: the DMP tells, not the window."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dmp_desktop.card.fake import FakePcsc
from dmp_desktop.demo import stage as demo
from dmp_desktop.domain.access import Authorization
from dmp_desktop.domain.consent import AccessAct
from dmp_desktop.platform.paths import training_station
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.special_words import CLOSED_MEANWHILE
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui import strings_fr
from dmp_desktop.ui.views.access.view import AccessView
from dmp_desktop.ui.widgets.identity_banner import dmp_state
from tests.e2e.test_access_window import break_glass, ended, page_of, read, settle, settle_tasks
from tests.helpers import real_window as helper
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow

Open = Callable[[str], RealWindow]


class Stand:
    """The window, and the server in this process: its faults can be switched on."""

    def __init__(self, real: RealWindow, server: Sandbox) -> None:
        self.real, self.server = real, server

    def acts(self) -> list[AccessAct]:
        patient = self.real.window.record.patient
        assert patient
        return [one.act for one in self.real.desktop._wiring.access.oppositions.history(patient.ins)]

    @property
    def said(self) -> str:
        return self.real.window.notices.what.text


@pytest.fixture(params=["explicit", "automatic"])
def stand(qapp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Stand]:
    servers: list[Sandbox] = []

    @contextmanager
    def set_up(folder: Path) -> Iterator[demo.Stage]:
        folder.mkdir(parents=True, exist_ok=True)
        with Sandbox(folder / "serveur") as server:
            servers.append(server)
            pcsc = FakePcsc()
            pcsc.start_service()
            for slot in demo.SLOTS:
                pcsc.plug(slot)
            ready = server.ready
            yield demo.Stage(ready, demo._environment(folder, ready), pcsc, demo._cards(ready), None)  # type: ignore[arg-type]

    monkeypatch.setattr(helper, "set_up", set_up)
    training_station(tmp_path).home.mkdir(mode=0o700)
    (training_station(tmp_path).home / "settings.json").write_text(
        json.dumps({"authorisation": request.param}), "utf-8"
    )
    with real_window(qapp, tmp_path) as real:
        real.sign_in()
        yield Stand(real, servers[0])


def confirm(stand: Stand, page: AccessView, act: str) -> None:
    getattr(page, act).button.click()
    stand.real.until(page.question.yes.isEnabled)
    stand.server.faults.drop_answer = 1
    page.question.yes.click()


def test_a_withdrawal_is_what_the_dmp_says(stand: Stand) -> None:
    real, window = stand.real, stand.real.window
    real.open("ordinary")
    confirm(stand, page_of(real), "withdraw")
    truth = fr.ACT_TRUTH.format(act=fr.WITHDRAW, state=strings_fr.DMP_STATE[Authorization.NON_EXISTE][0])
    real.until(lambda: stand.said == truth)
    settle_tasks(real)
    assert not real.page.documents.model.entries
    withdrawn = [AccessAct.WITHDRAWN, AccessAct.UNANSWERED, AccessAct.WITHDRAWAL_ASKED]
    assert stand.acts()[:3] == withdrawn
    for _again in range(2):
        window.record.refresh()
        settle(real)
        settle_tasks(real)
    assert window.record.status
    assert window.record.status.authorization is Authorization.NON_EXISTE, "no setting undoes what the doctor asked"
    assert stand.acts()[:3] == withdrawn
    lines = page_of(real).history.text().splitlines()
    assert "le DMP l'a confirmé depuis" in lines[0]
    assert "on ne sait pas si c'est fait" in lines[1]


def test_a_role_and_a_consent_are_what_the_dmp_says(stand: Stand) -> None:
    real, window = stand.real, stand.real.window
    real.open("ordinary")
    page = page_of(real)
    act = "declare" if page.declare.isVisible() else "no_longer"
    words = fr.DECLARE if act == "declare" else fr.END_ATTENDING
    confirm(stand, page, act)
    state = fr.ATTENDING_YES if act == "declare" else fr.ATTENDING_NO
    real.until(lambda: stand.said == fr.ACT_TRUTH.format(act=words, state=state[0]))
    settle_tasks(real)
    done = AccessAct.ATTENDING_DECLARED if act == "declare" else AccessAct.ATTENDING_WITHDRAWN
    assert stand.acts()[:2] == [done, AccessAct.UNANSWERED]
    page = page_of(real)
    page.withdraw.button.click()
    real.until(page.question.yes.isEnabled)
    page.question.yes.click()
    real.until(window.banner.authorise.isVisible)
    settle_tasks(real)
    stand.server.faults.drop_answer = 1
    window.banner.authorise.click()
    real.until(lambda: stand.said.startswith("Le DMP n'avait pas répondu à « "))
    real.until(lambda: read(real))
    assert window.record.status
    assert stand.said.endswith(f"il dit : « {dmp_state(window.record.status)[0]} ».")
    assert stand.acts()[:2] == [AccessAct.AUTHORISED, AccessAct.UNANSWERED]


def test_an_emergency_for_a_patient_who_was_closed_meanwhile_is_told_without_a_name(stand: Stand) -> None:
    real, window = stand.real, stand.real.window
    real.open("ordinary")
    patient = window.record.patient
    assert patient
    page = page_of(real)
    page.withdraw.button.click()
    real.until(page.question.yes.isEnabled)
    page.question.yes.click()
    real.until(window.banner.emergency.isEnabled)
    settle_tasks(real)
    before = len(stand.acts())
    stand.server.faults.delay_seconds = 5.0  # the record is closed before, on a busy machine too
    break_glass(real)
    real.until(lambda: window.access.questions._asking)
    real.pause(0.3)
    window.conductor.close_patient()
    real.until(lambda: "Accès en urgence" in stand.said)
    stand.server.faults.delay_seconds = 0.0
    assert stand.said == fr.ACT_FAILED_LATE.format(act="Accès en urgence", why=CLOSED_MEANWHILE)
    assert patient.birth_family not in stand.said
    assert ended(real)
    history = real.desktop._wiring.access.oppositions.history(patient.ins)
    assert len(history) == before, [one.act for one in history]
