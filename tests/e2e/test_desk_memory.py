"""What a doctor read, wrote and sent on a workstation is not in the memory of the window that a secretary opens on it afterwards:
clinical content is sealed under the doctor's own key, which her process never has."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.platform.paths import training_station
from dmp_desktop.services.session import Phase
from tests.helpers.postgres import PASSWORD
from tests.helpers.real_window import RealWindow, real_window

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc: Linux only"),
]

SENT, DRAFT = "xyloglossie", "brachyphrasie"
"""Words of no list of the program, said in the report that was sent and read again, and in the note under way."""
AGENDA = "Heure;Nom;Prénom;Date de naissance\n09:00;TEST-PATIENTE;MARIE CLAUDE;12/03/1979\n"
PIECE = 1 << 24


def memory(pid: int) -> Iterator[bytes]:
    """All that a process may write to, by pieces that overlap."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as file:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_rest = line.split()
            start, end = (int(one, 16) for one in span.split("-"))
            for place in range(start, end if rights.startswith("rw") else start, PIECE):
                try:
                    file.seek(place)
                    yield file.read(min(PIECE + 200, end - place))
                except OSError:
                    continue  # a page of the system, or one that is gone


def found(pid: int, words: tuple[str, ...]) -> set[str]:
    """Which words are there, as Python, Qt or a file writes them."""
    spelled = {
        one.encode(encoding): word
        for word in words
        for one in (word, word.upper(), word.title())
        for encoding in ("utf-8", "utf-16-le", "utf-32-le")
    }
    return {word for piece in memory(pid) for raw, word in spelled.items() if raw in piece}


def doctor(real: RealWindow) -> None:
    """A report is sent, read in the record and found by the search; another note is under way; then the card is pulled."""
    real.sign_in()
    real.open("ordinary")
    window = real.window
    listed = len(real.page.documents.model.entries)
    window.conductor.write()
    window.composer.editor.setPlainText(f"Motif : {SENT} depuis trois jours. TA 14/8.")
    window.composer.draft.visibility_chosen = True
    real.until(lambda: window.composer.can_send)
    draft = window.composer.draft

    def sent() -> bool:
        if not window.composer.sending and window.composer.draft is draft:
            window.conductor.send()  # held once: what the document does not say is read first
        return bool(window.outbox.items)

    real.until(sent)
    real.desktop._wiring.outbox.flush()
    real.until(lambda: [one.state for one in window.outbox.items] == [OutboxState.SENT])
    window.record.refresh()
    real.until(lambda: len(real.page.documents.model.entries) > listed)
    patient = window.record.patient
    assert patient is not None
    newest = max(real.page.documents.model.entries, key=lambda one: one.creation_time)
    assert SENT.encode() in real.desktop._wiring.dossier.content(patient, newest)
    window.conductor.write()
    window.composer.editor.setPlainText(f"Motif : {DRAFT}.")
    real.until(lambda: real.desktop._wiring.drafts.mine().drafts)
    real.stage.remove(0)
    real.until(lambda: window.session.state.phase is Phase.MASKED)


@contextmanager
def secretary(real: RealWindow) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.helpers.desk_process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdin is not None
            who = real.stage.ready["identities"]["secretary"]
            told = {"environment": real.stage.environment, "password": PASSWORD, "secretary": who}
            process.stdin.write(json.dumps(told) + "\n")
            process.stdin.flush()
            yield process
        finally:
            process.kill()


def test_nothing_a_doctor_read_or_wrote_is_in_the_secretary_s_process(qapp: QApplication, tmp_path: Path) -> None:
    training_station(tmp_path).home.mkdir()
    (training_station(tmp_path).home / "settings.json").write_text('{"undo_seconds": 0}')
    with real_window(qapp, tmp_path) as real:
        doctor(real)
        (real.desktop._wiring.paths.home / "agenda.csv").write_text(AGENDA)
        with secretary(real) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            names = ("TEST-PATIENTE",)
            assert found(process.pid, (SENT, DRAFT, *names)) == {
                *names
            }  # she sees who comes: the memory is really read
            process.stdin.write(json.dumps(f"{SENT} {DRAFT.title()}") + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == "kept\n"
            assert found(process.pid, (SENT, DRAFT)) == {SENT, DRAFT}
