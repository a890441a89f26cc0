"""« Propriétés du document » through the real window on the stand-in: what is changed is what the DMP holds, and what it shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.documents import Availability, DocumentEntry, Visibility
from dmp_desktop.domain.people import Patient
from dmp_desktop.services.document_changes import Change
from dmp_desktop.services.special_access import Reason
from dmp_desktop.ui import record_page
from dmp_desktop.ui import strings_properties_fr as fr
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow

ME = "810002422979"


@pytest.fixture(scope="module")
def real(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealWindow]:
    with real_window(qapp, tmp_path_factory.mktemp("window")) as real:
        real.sign_in()
        yield real


def open_patient(real: RealWindow) -> Patient:
    patient = real.window.record.patient
    assert patient is not None
    return patient


def listed(real: RealWindow) -> dict[str, DocumentEntry]:
    return {entry.unique_id: entry for entry in real.page.documents.model.entries}


def settled(real: RealWindow) -> None:
    real.until(lambda: not real.window.tasks.general.busy and not real.page.documents.model.loading)


def open_panel(real: RealWindow, entry: DocumentEntry) -> None:
    view = real.page.documents
    real.page.go(record_page.DOCUMENTS)
    view.altering.open(entry)
    real.until(lambda: bool(view.altering.panel.buttons) and not view.altering.panel.settling.active)


def do(real: RealWindow, entry: DocumentEntry, change: Change) -> None:
    """One click, the answer yes where there is a question, and the list told anew."""
    open_panel(real, entry)
    view = real.page.documents
    assert view.altering.changes is not None
    view.altering.changes.ask = lambda _entry, _change: True
    before = view.model.entries
    view.altering.panel.buttons[change].click()
    real.until(lambda: view.model.entries is not before and not view.altering.panel.isVisible())
    settled(real)
    real.pause(0.2)
    settled(real)


def test_masked_shown_archived_taken_up_and_deleted(real: RealWindow) -> None:
    real.open("chronic")
    settled(real)
    view = real.page.documents
    mine = next(
        entry
        for entry in listed(real).values()
        if entry.authors and entry.authors[0].person_id == ME and not entry.visibility and entry.mime_type == "text/xml"
    )
    name = mine.unique_id
    open_panel(real, mine)
    came = view.altering.panel.facts[fr.DEPOSITED]
    real.until(lambda: came.text() not in ("", fr.AWAITED))
    assert came.text() != fr.UNTOLD
    do(real, mine, Change.MASK)
    assert listed(real)[name].visibility == {Visibility.MASQUE_PS}
    assert view.entry is not None
    assert view.entry.visibility == {Visibility.MASQUE_PS}
    real.window.notices.button.click()
    real.until(lambda: name in listed(real) and not listed(real)[name].visibility)
    settled(real)
    do(real, listed(real)[name], Change.ARCHIVE)
    assert name not in listed(real)
    view.altering.shelf.setChecked(True)
    real.until(lambda: name in listed(real))
    assert listed(real)[name].status is Availability.ARCHIVED
    do(real, listed(real)[name], Change.RESTORE)
    real.until(lambda: name in listed(real) and listed(real)[name].status is Availability.APPROVED)
    settled(real)
    do(real, listed(real)[name], Change.DELETE)
    assert name not in listed(real)
    assert view.entry is None
    hits = real.desktop._wiring.search.indexed(open_patient(real))
    assert name not in hits


def test_criteria_of_the_dmp_combine_over_the_real_list(real: RealWindow) -> None:
    """DMP/UX.27: two criteria of TD3.1 at once, by the metadata the stand-in told."""
    view = real.page.documents
    entries = list(listed(real).values())
    first = next(one for one in entries if one.practice_setting)
    practice, kind = first.practice_setting, first.class_code
    assert practice is not None
    filters, rows = view.filters, {one.unique_id for one in view.model.shown}  # without what is folded under another
    for box, value in ((filters.practice_box, practice.display), (filters.class_box, kind.display)):
        box.setCurrentIndex(box.findData(value))
        box.activated.emit(box.currentIndex())
    passing = {one.unique_id for one in entries if one.practice_setting == practice and one.class_code == kind}
    assert {one.unique_id for one in view.model.shown} == passing & rows
    assert 0 < len(passing) < min(sum(one.practice_setting == practice for one in entries), len(entries))
    filters.clear_button.click()
    assert {one.unique_id for one in view.model.shown} == rows


def test_of_others_what_is_not_allowed_is_grey(real: RealWindow) -> None:
    """Not the author and not the patient's médecin traitant."""
    real.window.session.close_patient()
    real.until(lambda: real.window.record.patient is None)
    real.stage.remove(1)
    real.open("ordinary")
    settled(real)
    other = next(
        entry
        for entry in listed(real).values()
        if entry.authors and entry.authors[0].person_id != ME and entry.class_code.code != "90" and not entry.visibility
    )
    open_panel(real, other)
    panel = real.page.documents.altering.panel
    able = {change for change, button in panel.buttons.items() if button.isEnabled()}
    assert able == {Change.MASK}
    assert "auteur" in panel.reasons[Change.DELETE].text()


def test_nothing_is_changed_in_an_emergency(real: RealWindow) -> None:
    view, patient = real.page.documents, real.window.record.patient
    assert patient is not None
    view.close_document()
    access = real.desktop._wiring.access
    access.special.break_glass(patient, Reason.IMMEDIATE_RISK)
    real.window.record.refresh()
    real.pause(0.2)
    settled(real)
    real.until(lambda: bool(view.model.entries))
    open_panel(real, view.model.entries[0])
    assert not any(button.isEnabled() for button in view.altering.panel.buttons.values())
    assert "urgence" in view.altering.panel.reasons[Change.ARCHIVE].text()
    access.special.end()
