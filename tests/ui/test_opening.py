"""The program behind the window is opened, fails to, or is left before it is: told in the window, ended at once, nothing left behind.

Each in a process of its own, as the doctor starts it, on a data folder of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from dmp_desktop.ui import strings_window_fr as fr
from tests.helpers.contexts import context

ROOT = Path(__file__).resolve().parents[2]
HARNESS = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QInputDialog
from dmp_desktop import opening

def dialog():
    return next((one for one in QApplication.topLevelWidgets() if isinstance(one, QInputDialog) and one.isVisible()), None)

typed = []

def answer(secret):
    shown = dialog()
    typed.append(secret)
    shown.setTextValue(secret)
    shown.accept()

def told(window):
    print("notice:", window.notices.what.text, "|", window.notices.safe.text(), "|", window.notices.button.text())
    print("strip:", window.strip.who.text())
    shown = [window.masked.title.text(), window.masked.hint.text(), window.masked.safe.text()]
    print("masked:", *shown, "retry" if window.masked.retry.isVisible() else "", flush=True)

class Driven(opening.Start):
    played = None
    def begin(self):
        super().begin()
        if self.played is None:
            self.played, self.until, self.ticks = play(self, self.window), lambda: True, QTimer()
            self.ticks.timeout.connect(self.look)
            self.ticks.start(5)
    def look(self):
        shown = dialog()
        if shown and "seconde fois" in shown.labelText():
            answer(typed[-1])
        elif self.until():
            self.until = next(self.played, lambda: False)

opening.Start = Driven
{before}
def play(start, window):
{play}
    yield lambda: False

sys.exit(opening.run(["dmp-desktop"]))
"""
PHRASE = "phrase de passe du test"


@dataclass(frozen=True)
class Ended:
    status: int
    said: str
    log: str

    def part(self, name: str) -> str:
        return next(line for line in self.said.splitlines() if line.startswith(name))


class Poste:
    """A workstation without a key store: it asks for its passphrase."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "poste"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DMP_DESKTOP_")}
        self.environment = kept | {
            "DMP_DESKTOP_HOME": str(self.home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }

    def begin(self, play: str, before: str = "") -> subprocess.Popen[str]:
        """`play` is the body of a generator: what it yields is waited for, with nobody at the mouse."""
        program = HARNESS.format(before=before, play=textwrap.indent(textwrap.dedent(play), "    "))
        return subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, program: subprocess.Popen[str]) -> Ended:
        with program:
            try:
                said, complaints = program.communicate(timeout=300)
            finally:
                program.kill()
        logs = "".join(file.read_text("utf-8") for file in self.home.glob("**/*.log"))
        for trace in ("Traceback", "uncaught", "RuntimeError", "QThread", "already deleted"):
            assert trace not in complaints + logs
        return Ended(program.returncode, said, logs)

    def run(self, play: str, before: str = "") -> Ended:
        return self.end(self.begin(play, before))


@pytest.fixture
def poste(tmp_path) -> Poste:
    return Poste(tmp_path)


LEAVE = {
    "at once": "window.close()",
    "while it asks": "yield dialog; window.close()",
    "quit while it asks": "yield dialog; QApplication.quit()",
    "while its parts are built": "yield dialog; answer('x'); yield lambda: hasattr(window, 'page'); window.close()",
    "when it is there": "yield dialog; answer('x'); yield lambda: window._furnished; window.close()",
}


@pytest.mark.slow
@pytest.mark.parametrize("moment", LEAVE)
def test_leaving_ends_the_program(poste, moment):
    """Left while it asks for the passphrase, it never ended: the worker waited for an answer."""
    assert poste.run(LEAVE[moment]).status == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no named pipe to be slow with")
def test_what_is_opened_after_leaving_is_closed(poste, tmp_path):
    """What it reads is slow: longer than a closing window waits for its workers."""
    pipe = tmp_path / "secrets"
    os.mkfifo(pipe)
    poste.environment |= {"DMP_DESKTOP_SERVER": "https://localhost:9", "DMP_DESKTOP_SECRETS": str(pipe)}
    closed = "yield lambda: reading; window.close()"
    program = poste.begin(closed, before=LISTEN)
    threading.Timer(5, lambda: pipe.write_text('{"storage": "x"}')).start()
    ended = poste.end(program)
    assert ended.status == 0
    assert ended.said.split() == ["opened", "closed"]


LISTEN = """
import contextlib
from dmp_desktop import wiring
whole = wiring.open_wiring
reading = []
@contextlib.contextmanager
def told_wiring(**given):
    reading.append(True)
    with whole(**given) as opened:
        print("opened")
        yield opened
    print("closed", flush=True)
wiring.open_wiring = told_wiring
"""


def test_a_dismissed_question_may_be_asked_again(poste):
    ended = poste.run(
        """
        yield dialog
        assert dialog().parentWidget() is window
        dialog().reject()
        yield lambda: start.failed
        told(window)
        window.notices.clear()
        told(window)
        window.masked.retry.click()
        told(window)
        yield dialog
        answer("une")
        yield lambda: window._furnished
        told(window)
        window.close()
        """
    )
    failed, dismissed, again, ready = [ended.said.splitlines()[line : line + 3] for line in (0, 3, 6, 9)]
    assert fr.INPUT_START in failed[0]
    assert "carte" not in "".join(failed)
    assert failed[0].endswith(fr.RETRY)
    for told in (failed, dismissed):
        assert told[1] == f"strip: {fr.NOT_STARTED}"
        assert fr.INPUT_CANCELLED in told[2]
        assert told[2].endswith("retry")
    for told in (again, ready):
        assert fr.INPUT_CANCELLED not in "".join(told)
        assert fr.MASKED_HINT in told[2]
    assert again[1] == f"strip: {fr.STARTING}"
    assert ended.status == 0


@pytest.mark.slow
def test_a_wrong_passphrase_may_be_typed_again(poste):
    right = f"yield dialog; answer({PHRASE!r}); yield lambda: window._furnished; window.close()"
    assert poste.run(right).status == 0
    wrong = """
        yield dialog
        answer("autre")
        yield lambda: start.failed
        told(window)
        window.notices.button.click()
        """
    ended = poste.run(textwrap.dedent(wrong) + right)
    assert "Saisissez-la à nouveau" in ended.part("notice")
    assert ended.part("notice").endswith(fr.RETRY)
    assert ended.status == 0


def test_left_without_what_was_asked(poste):
    """Its status says so to who started it."""
    assert poste.run("yield dialog; dialog().reject(); yield lambda: start.failed; window.close()").status == 3


TELL = "yield dialog; answer('x'); yield lambda: start.failed; told(window); window.close()"
NO_CARDS = "import dmp_desktop.card; del dmp_desktop.card.open_real"
NO_PARTS = "sys.modules['dmp_desktop.ui.assembly'] = None"
BROKEN_WATCH = """
from dmp_desktop.card.watch import PcscWatcher
del PcscWatcher.start
"""


@pytest.mark.parametrize(
    ("broken", "again"), [(NO_CARDS, True), (NO_PARTS, False), (BROKEN_WATCH, False)], ids=["cards", "parts", "watch"]
)
def test_what_fails_once_it_is_opened_is_said(poste, broken, again):
    ended = poste.run(TELL, before=broken)
    assert fr.UNEXPECTED in ended.part("notice")
    assert ended.part("notice").endswith(fr.RETRY if again else "")
    assert (fr.RESTART in ended.part("notice")) is not again
    assert ended.part("strip") == f"strip: {fr.NOT_STARTED}"
    assert fr.UNEXPECTED in ended.part("masked")
    assert fr.MASKED_HINT not in ended.part("masked")
    assert ended.status == 3
    assert "not started: inattendu-" in ended.log


HANDED = """
from dmp_desktop import start as program
real = opening.run
def handed(_arguments):
    opening.run = real
    return program.main(["dmp-desktop", "--context", {file!r}])
opening.run = handed
"""
"""As the practice software starts it, with a context."""
OPENED = "yield dialog; answer('x'); yield lambda: {until}; print('received', not start.unreceived); window.close()"


def handed(poste: Poste, told: dict[str, object]) -> str:
    file = poste.home.parent / "contexte.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    return HANDED.format(file=str(file))


@pytest.mark.slow
def test_what_a_first_start_was_given_is_told_as_lost_where_it_is_closed_before(poste):
    program = poste.begin("yield dialog; window.close()", before=handed(poste, context()))
    said = program.communicate(timeout=40)
    assert (program.returncode, "[handover-left]" in said[1]) == (3, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "until", "status"),
    [(context(ins="279035121518900"), "start.refused", 1), (context(), "not start.unreceived", 0)],
    ids=["refused", "received"],
)
def test_the_status_of_a_first_start_tells_whether_it_was_received(poste, told, until, status):
    ended = poste.run(OPENED.format(until=until), before=handed(poste, told))
    assert (ended.status, ended.part("received")) == (status, f"received {not status}")


@pytest.mark.slow
def test_what_came_while_the_data_folder_could_not_be_made_is_received_once_it_can(poste, tmp_path):
    """A network disk that is not there yet, say."""
    before, poste.home = handed(poste, context()), tmp_path / "absent" / "poste"
    poste.home.parent.write_text("", encoding="utf-8")
    poste.environment["DMP_DESKTOP_HOME"] = str(poste.home)
    there = (
        f"import os; yield lambda: start.failed; os.unlink({str(poste.home.parent)!r}); window.notices.button.click()\n"
    )
    ended = poste.run(there + OPENED.format(until="not start.unreceived"), before=before)
    assert (ended.status, ended.part("received")) == (0, "received True")
    assert len(list((poste.home / "contextes").iterdir())) == 1


def test_an_environment_that_cannot_be_used_is_said_in_the_window(poste, tmp_path):
    secrets = tmp_path / "secrets.json"
    secrets.write_text("{}")
    poste.environment["DMP_DESKTOP_SECRETS"] = str(secrets)
    ended = poste.run("yield lambda: start.failed; assert window.isVisible(); told(window); window.close()")
    assert "DMP_DESKTOP_SECRETS n'est accepté qu'en mode BAC À SABLE" in ended.part("notice")
    assert ended.status == 3
