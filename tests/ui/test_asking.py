"""What is asked in a window of its own ends with the session: the dialog leaves the screen, and nothing is written."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox

from dmp_desktop.services.session_state import Phase
from dmp_desktop.ui import asking
from dmp_desktop.ui.views.documents import exporting
from dmp_desktop.ui.widgets.document_tools import DocumentAct
from tests.ui import fakes

GONE_WITHIN_MS = 100.0


def dialogs() -> list[QDialog]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]


class During:
    """Does something to the window once a dialog is open, then tries to accept that dialog. To be told of at the end."""

    def __init__(self, act) -> None:
        self._act = act
        self.seen: list[str] = []
        self.milliseconds = 0.0
        self.still_open = False
        QTimer.singleShot(0, self._look)

    def _look(self) -> None:
        if not dialogs():
            QTimer.singleShot(10, self._look)
            return
        (dialog,) = dialogs()
        self.seen.append(type(dialog).__name__)
        dialog.finished.connect(lambda _code: self._ended())
        self._from = perf_counter()
        self._act()
        QTimer.singleShot(
            500, dialog, lambda: self._accept(dialog)
        )  # not once it is destroyed, in the middle of another test

    def _ended(self) -> None:
        self.milliseconds = self.milliseconds or (perf_counter() - self._from) * 1e3

    def _accept(self, dialog: QDialog) -> None:
        self.still_open = dialog.isVisible()
        if self.still_open:
            dialog.accept()


def lock(bench) -> None:
    bench.window.gate.lock()


def card_out(bench) -> None:
    bench.window.card_event(fakes.cps(False))


@pytest.fixture
def shown(bench, qtbot, tmp_path, monkeypatch):
    """A document is open; the folder proposed is an empty one."""
    monkeypatch.setattr(exporting, "_documents", lambda: tmp_path)
    bench.open(qtbot)
    documents = bench.window.page.documents
    bench.window.page.open_document(documents.model.entries[0])
    qtbot.waitUntil(lambda: documents.pane.ready is not None and not documents.pane.browser.loading)
    return bench


@pytest.mark.alone
@pytest.mark.parametrize("leave", [lock, card_out])
@pytest.mark.parametrize(
    "act", [DocumentAct.EXPORT_PDF, DocumentAct.SAVE_ORIGINAL, DocumentAct.PRINT], ids=lambda act: act.name
)
def test_a_dialog_goes_with_the_session_and_nothing_is_written(shown, qtbot, tmp_path, act, leave):
    window = shown.window
    during = During(lambda: leave(shown))
    window.page.documents.exporter.act(act)
    assert during.seen
    assert not during.still_open
    assert during.milliseconds < GONE_WITHIN_MS
    qtbot.waitUntil(lambda: not window.tasks.general.busy and not window.tasks.card.busy)
    assert window.session.state.phase in (Phase.LOCKED, Phase.MASKED)
    assert [file.name for file in tmp_path.iterdir() if file.suffix != ".json"] == []
    assert not window.notices.isVisible()
    assert not dialogs()


def test_a_folder_asked_for_several_documents_goes_too(shown, qtbot, tmp_path):
    window = shown.window
    during = During(lambda: card_out(shown))
    window.page.documents.exporter.export(fakes.LEA, shown.dossier.documents, DocumentAct.SAVE_ORIGINAL)
    assert during.seen == ["QFileDialog"]
    assert not during.still_open
    assert not window.page.documents.exporter.running
    assert [file.name for file in tmp_path.iterdir() if file.suffix != ".json"] == []


def test_a_question_of_the_system_that_stays_is_answered_in_vain(shown, qtbot):
    class Stubborn(QDialog):
        """As a dialog of the system may be."""

        def reject(self) -> None:
            pass

    dialog = Stubborn(shown.window)
    during = During(lambda: lock(shown))
    assert not asking.accepted(dialog)
    assert during.still_open


def test_another_patient_ends_it_too(shown, qtbot):
    def other() -> None:
        shown.session.vitale = (fakes.PAUL,)
        shown.window.session.close_patient()

    during = During(other)
    assert not asking.accepted(QMessageBox(shown.window))
    assert during.seen == ["QMessageBox"]
    assert not during.still_open


def test_an_answer_is_taken_while_the_session_lasts(shown, qtbot, tmp_path):
    (tmp_path / "folder").mkdir()
    during = During(lambda: None)
    proposed = tmp_path / "x.csv"
    assert asking.file_to_save(shown.window, "Titre", proposed, "*.csv") == str(proposed)
    assert during.still_open
    during = During(lambda: None)
    assert asking.folder(shown.window, "Titre", tmp_path) == str(tmp_path)


def test_static_questions_are_not_used() -> None:
    """They cannot be ended."""
    static = ("getSaveFileName", "getOpenFileName", "getExistingDirectory")
    for module in Path(asking.__file__).parent.rglob("*.py"):
        text = module.read_text("utf-8")
        assert not any(f"{name}(" in text for name in static), module
        assert module.name in ("asking.py", "virtual_reader.py") or ".exec()" not in text, module
