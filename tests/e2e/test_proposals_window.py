"""An intern's note in the real window over HTTPS: proposed, given back, corrected, validated by her doctor on the same computer, and in
the stand-in's registry under the doctor's name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.people import Patient, Professional, Role
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.domain.proposals import ProposalState
from dmp_desktop.ui import strings_proposals_fr as fr
from dmp_desktop.ui import strings_tray_fr as tray_fr
from dmp_desktop.ui.views.compose.drafts import Draft
from tests.helpers.locum_card import comes, leaves, with_card_of, words_shown
from tests.helpers.morning import in_menu
from tests.helpers.real_window import RealWindow

pytestmark = pytest.mark.slow

NOTE = "Motif : zézaiement postprandial. TA 14/8. HTA équilibrée."
CORRECTED = "Motif : zézaiement. TA 13/8. HTA équilibrée."


@pytest.fixture
def real(qapp: QApplication, tmp_path: Path) -> Iterator[RealWindow]:
    with with_card_of(qapp, tmp_path, Role.TRAINEE) as running:
        running.desktop._wiring.outbox._undo_delay = timedelta(0)
        yield running


def doctor_was_there(real: RealWindow) -> None:
    real.sign_in()
    real.until(lambda: real.desktop._wiring.proposals._keys.validators())
    leaves(real)


def present(real: RealWindow) -> None:
    """The patient's card: a note may be written, whatever the DMP lets who writes it read."""
    real.stage.insert(1, real.stage.patient_card("ordinary"))
    real.until(lambda: real.window.session.state.patient)


def write(real: RealWindow, words: str) -> Draft:
    present(real)
    real.window.conductor.write()
    real.window.composer.editor.setPlainText(words)
    draft = real.window.composer.draft
    assert draft is not None
    draft.visibility_chosen = True
    real.until(lambda: real.window.composer.can_send and real.window.acts.send.isEnabled())
    return draft


def propose(real: RealWindow) -> None:
    assert real.window.acts.send.text() == fr.PROPOSE
    real.window.acts.send.click()
    real.until(lambda: fr.PROPOSED[:14] in real.window.notices.what.text)


def validate_list(real: RealWindow) -> list[str]:
    page = in_menu(real, fr.MENU)
    real.until(lambda: page.isVisible() and page.panels.isEnabled())  # type: ignore[attr-defined]
    real.until(lambda: page.notes.lines or page.nothing.text() == tray_fr.NOTHING_TO_VALIDATE)  # type: ignore[attr-defined]
    return [line.accessibleName() for line in page.notes.lines]  # type: ignore[attr-defined]


def open_first(real: RealWindow) -> Draft:
    page = real.window.body.currentWidget()
    page.notes.lines[0].click()  # type: ignore[union-attr]
    real.until(lambda: real.window.composer.draft is not None and real.window.composer.isVisible())
    draft = real.window.composer.draft
    assert draft is not None
    return draft


def states(real: RealWindow) -> list[ProposalState]:
    return [one.state for one in real.desktop._wiring.proposals._store.all()[0]]


def asked_again(real: RealWindow, patient: Patient, intern: Professional) -> None:
    """By the doctor, who reads whose note it is before anything else."""
    window = real.window
    real.sign_in()
    real.until(lambda: window.notices.isVisible() and fr.REMINDER[0] in window.notices.what.text)
    assert patient.birth_family not in window.notices.what.text
    (line,) = validate_list(real)
    assert patient.display_name in line
    assert intern.display_name in line
    theirs = open_first(real)
    review = window.proposals._review
    assert theirs.text == NOTE
    assert review is not None
    assert review.isVisible()
    assert intern.display_name in review.whose.text()
    assert window.acts.send.text() == fr.VALIDATE
    review.ask.click()
    review.reason.setText("La tension est à reprendre.")
    review.give.click()
    real.until(lambda: states(real) == [ProposalState.RETURNED] and theirs not in window.drafts.all)
    leaves(real)


def corrected(real: RealWindow) -> None:
    """By its author, who reads why."""
    window = real.window
    comes(real)
    real.until(lambda: any("Rendue par" in one.word for one in window.drafts.all))
    mine = next(one for one in window.drafts.all if one.text == NOTE)
    assert "tension" not in mine.word, "its card is seen while another patient is before the screen"
    window.conductor.show_draft(mine)
    assert "La tension est à reprendre." in window.proposals._propose.said.text()
    leaves(real)
    for word in ("tension", "zézaiement", mine.patient.birth_family):
        real.until(
            lambda word=word: word not in words_shown(real)
        )  # what is dropped goes with the next turns of the loop

    comes(real)
    real.until(lambda: mine.proposed is not None and window.drafts.of(window.session.state.professional))
    mine = next(one for one in window.drafts.all if one.text == NOTE)
    window.conductor.show_draft(mine)
    real.until(lambda: not window.composer.editor.isReadOnly())
    window.composer.editor.setPlainText(CORRECTED)
    real.until(lambda: window.composer.can_send and window.acts.send.isEnabled())
    propose(real)
    leaves(real)


def validated(real: RealWindow, patient: Patient, intern: Professional) -> Draft:
    """By the doctor, who is its author in the registry; the intern wrote it down."""
    window = real.window
    real.sign_in()
    real.until(lambda: window.notices.isVisible() and fr.REMINDER[0] in window.notices.what.text)
    assert len(validate_list(real)) == 1
    theirs = open_first(real)
    assert theirs.text == CORRECTED
    real.until(lambda: window.acts.send.isEnabled())

    def sent() -> bool:
        if not window.composer.sending and window.composer.draft is theirs and window.acts.send.isEnabled():
            window.acts.send.click()  # held once: what the document does not say is read first
        return theirs not in window.drafts.all

    real.until(sent)
    real.until(lambda: states(real) == [ProposalState.VALIDATED])
    outbox = real.desktop._wiring.outbox
    real.until(lambda: [item.state for item in outbox.items()] == [OutboxState.SENT])
    (item,) = outbox.items()
    assert validate_list(real) == []
    repository = real.desktop._wiring.desk.repository()
    assert repository is not None
    found = [one for one in repository.find(patient.ins, FindCriteria()) if one.unique_id == item.unique_id]
    (entry,) = found
    doctor = window.session.state.professional
    assert [author.person_id for author in entry.authors] == [doctor.national_id]
    content = repository.retrieve(patient.ins, entry).decode()
    assert CORRECTED in content
    assert "<dataEnterer><time value=" in content
    assert f'extension="{intern.national_id}"' in content.partition("<dataEnterer>")[2].partition("</dataEnterer>")[0]
    leaves(real)
    return theirs


def test_from_the_intern_to_the_registry_by_way_of_her_doctor(real: RealWindow) -> None:
    window = real.window
    doctor_was_there(real)
    comes(real)
    intern = window.session.state.professional
    assert intern is not None
    draft = write(real, NOTE)
    patient = draft.patient
    propose(real)
    assert states(real) == [ProposalState.WAITING]
    window.conductor.show_draft(draft)
    assert (window.composer.editor.isReadOnly(), window.acts.send.isEnabled()) == (True, False)
    leaves(real)
    asked_again(real, patient, intern)
    corrected(real)
    theirs = validated(real, patient, intern)

    comes(real)
    real.until(lambda: any("Validée par" in one.word for one in window.drafts.all))
    real.desktop._wiring.acts.flush()
    journal = [record.action for record in real.desktop._wiring.acts_kept.records()]
    for act in ("note-proposed", "note-opened", "note-returned", "note-validated", "doctor-key"):
        assert act in journal
    for file in (real.desktop._wiring.paths.home).rglob("*"):
        if file.is_file():
            content_ = file.read_bytes()
            for word in ("zézaiement", "tension est", patient.birth_family, patient.ins.value):
                assert word.encode() not in content_, file.name
    assert datetime.now(UTC) > theirs.started_at


def test_without_a_doctor_s_key_the_reason_is_said_and_the_note_stays(real: RealWindow) -> None:
    comes(real)
    draft = None
    present(real)
    real.window.conductor.write()
    real.window.composer.editor.setPlainText(NOTE)
    draft = real.window.composer.draft
    real.until(lambda: real.window.acts.barred.text() == fr.NOBODY)
    assert not real.window.acts.send.isEnabled()
    assert draft in real.window.drafts.all
    assert states(real) == []
