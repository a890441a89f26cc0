"""A remplaçant's day in the real window over HTTPS: comes with her card, reads, writes and sends under her own name at the practice, has
her own settings, leaves at evening; nothing of hers is before the eyes, or opens, for the doctor who comes next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.sandbox.directory import CABINET, LOCUM_ID
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import record_page
from dmp_desktop.ui.views.access.view import AccessView
from dmp_desktop.ui.views.settings.view import SettingsView
from tests.e2e.test_proposals_window import present, validate_list
from tests.helpers.locum_card import comes, leaves, with_card_of, words_shown
from tests.helpers.real_window import RealWindow

pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("Populating font family")]

SENT = "Motif : xérodermie pigmentaire. TA 13/8."
UNDER_WAY = "Motif : ostéopécilie bénigne, à revoir."
OF_DOCTOR = "Motif : brachyœsophage. Renouvellement."


@pytest.fixture
def real(qapp: QApplication, tmp_path: Path) -> Iterator[RealWindow]:
    with with_card_of(qapp, tmp_path, Role.REPLACEMENT) as running:
        running.desktop._wiring.outbox._undo_delay = timedelta(0)
        yield running


def start_note(real: RealWindow, words: str) -> None:
    real.window.conductor.write()
    real.window.composer.editor.setPlainText(words)
    draft = real.window.composer.draft
    assert draft is not None
    draft.visibility_chosen = True
    real.until(lambda: real.window.keeper.safe(draft))


def send_note(real: RealWindow) -> str:
    window, draft = real.window, real.window.composer.draft
    before = {item.unique_id for item in real.desktop._wiring.outbox.items()}

    def sent() -> bool:
        if not window.composer.sending and window.composer.draft is draft:
            window.conductor.send()  # held once: what the document does not say is read first
        return draft not in window.drafts.all

    real.until(sent)
    ((item),) = [one for one in real.desktop._wiring.outbox.items() if one.unique_id not in before]
    return item.unique_id


def settings(real: RealWindow) -> SettingsView:
    real.window.page.documents.settings_asked.emit()
    page = real.window.body.currentWidget()
    assert isinstance(page, SettingsView)
    own = page.own
    assert own is not None
    real.until(lambda: own.theme.isEnabled() and page.form.isEnabled())
    return page


def test_a_day_in_the_place_of_the_doctor(real: RealWindow) -> None:
    window, wiring = real.window, real.desktop._wiring
    # the doctor, on the eve: a setting of hers, a draft
    real.sign_in()
    page = settings(real)
    page.own.text.choose(115)  # type: ignore[union-attr]
    page.own.text.activated.emit(0)  # type: ignore[union-attr]
    real.until(lambda: wiring.own_settings.load().text_percent == 115)
    assert page.numbers["cache_hours"].isEnabled(), "the practice's settings are a doctor's of the practice"
    window.pages.back()
    real.open("ordinary")
    start_note(real, OF_DOCTOR)
    leaves(real)

    # her card: her role, nothing of the doctor's
    comes(real)
    assert "médecin remplaçant" in window.strip.who.text()
    assert window.session.state.role is Role.REPLACEMENT
    real.until(lambda: not window.keeper._reading)
    assert window.drafts.of(window.session.state.professional) == []
    assert "brachyœsophage" not in words_shown(real)
    page = settings(real)
    assert page.own.text.chosen == 100, "the size of the doctor's text is the doctor's"  # type: ignore[union-attr]
    page.own.theme.choose("dark")  # type: ignore[union-attr]
    page.own.theme.activated.emit(0)  # type: ignore[union-attr]
    real.until(lambda: wiring.own_settings.load().theme == "dark")
    assert not page.numbers["cache_hours"].isEnabled()
    assert "remplacez" in page.said.text()
    window.pages.back()

    # a record she declares that she may read, and does
    present(real)
    real.until(window.banner.authorise.isVisible)
    window.banner.authorise.click()
    real.until(lambda: real.page.documents.model.entries and not real.page.documents.model.loading)
    patient = window.session.state.patient
    assert patient is not None
    window.access.show_page()
    access = window.body.currentWidget()
    assert isinstance(access, AccessView)
    real.until(lambda: access.declare.isVisible() and "remplacé" in access.declare.why.text())
    assert not access.declare.button.isEnabled()
    window.pages.back()

    # documents under her own name, at the practice
    start_note(real, SENT)
    unique_id = send_note(real)
    real.until(lambda: [one.state for one in wiring.outbox.items() if one.unique_id == unique_id] == [OutboxState.SENT])
    repository = wiring.desk.repository()
    assert repository is not None
    (entry,) = [one for one in repository.find(patient.ins, FindCriteria()) if one.unique_id == unique_id]
    assert [(one.person_id, one.institution_id) for one in entry.authors] == [(LOCUM_ID, CABINET.id)]
    assert entry.legal_authenticator is not None
    assert entry.legal_authenticator.person_id == LOCUM_ID
    start_note(real, UNDER_WAY)
    real.until(lambda: wiring.search.indexed(patient))

    # evening: everything is covered at once
    leaves(real)
    assert window.masked.isVisible()
    for word in ("xérodermie", "ostéopécilie", patient.birth_family, patient.ins.value):
        real.until(
            lambda word=word: word not in words_shown(real)
        )  # what is dropped goes with the next turns of the loop

    # the doctor, the next morning: hers is back, nothing of the locum's is there or opens
    real.sign_in()
    doctor = window.session.state.professional
    real.until(lambda: [one.text for one in window.drafts.of(doctor)] == [OF_DOCTOR])
    assert wiring.own_settings.load().text_percent == 115
    assert wiring.own_settings.load().theme == "system"
    assert wiring.search.indexed(patient) == frozenset(), "what the locum read is under the locum's key"
    assert [draft.text for draft, _revision in wiring.drafts.mine().drafts] == [OF_DOCTOR]
    window.page.go(record_page.OUTBOX)
    real.pause(0.3)
    held = words_shown(real)
    for word in ("xérodermie", "ostéopécilie"):
        assert word not in held, word
    assert unique_id not in held
    assert validate_list(real) == []
    window.pages.back()
    leaves(real)

    # she comes back: it is all there
    comes(real)
    locum = window.session.state.professional
    real.until(lambda: [one.text for one in window.drafts.of(locum)] == [UNDER_WAY])
    assert wiring.own_settings.load().theme == "dark"
    assert "brachyœsophage" not in words_shown(real)
    for file in wiring.paths.home.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            for word in ("xérodermie", "ostéopécilie", "brachyœsophage", patient.birth_family, patient.ins.value):
                assert word.encode() not in content, file.name


def test_swapped_for_the_doctor_s_card_without_a_pause_nothing_of_hers_stays(real: RealWindow) -> None:
    """The card of one taken out and the other's put in at once: the note under way stays its author's."""
    window = real.window
    comes(real)
    present(real)
    start_note(real, UNDER_WAY)
    real.stage.remove(0)
    real.sign_in()
    real.until(lambda: window.session.state.role is Role.DOCTOR and window.session.state.phase is not Phase.MASKED)
    assert window.composer.draft is None
    assert "ostéopécilie" not in words_shown(real)
    assert window.drafts.of(window.session.state.professional) == []
