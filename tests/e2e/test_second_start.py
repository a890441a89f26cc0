"""A second start of the program, in a process of its own: the one window gets what it was given, and it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dmp_desktop.platform.instance import LONGEST_LINE, VERSION, address
from dmp_desktop.platform.paths import Paths
from tests.helpers.contexts import context
from tests.ui.timing import best

ROOT = Path(__file__).resolve().parents[2]
START = "import sys; from dmp_desktop.start import main; sys.exit(main(['dmp-desktop', *sys.argv[1:]]))"
WINDOW = """
import sys
from PySide6.QtCore import QTimer
from dmp_desktop import opening
from dmp_desktop.start import main

class Told(opening.Start):
    def begin(self):
        super().begin()
        self.window.ready.connect(lambda: print("ready", flush=True))
    def _take(self, wiring, message, taken, refused):
        super()._take(wiring, message, lambda: (print("received", len(wiring.exchange.inbox.waiting()), flush=True), taken()), refused)
opening.Start = Told
come = opening.MainWindow.come_forward
opening.MainWindow.come_forward = lambda window: (print("shown", window.windowTitle(), flush=True), come(window))
sys.exit(main(["dmp-desktop", *sys.argv[1:]]))
"""
LIMIT_MS = 200
"""Of issue G, whole process: interpreter, imports, the line and its answer."""


def environment(folder: Path) -> dict[str, str]:
    """A workstation whose server is never called."""
    folder.mkdir(exist_ok=True)
    secrets = folder / "secrets.json"
    secrets.write_text(json.dumps({"storage": "phrase du test"}), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DMP_DESKTOP_")}
    return kept | {
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(ROOT),
        "DMP_DESKTOP_HOME": str(folder / "poste"),
        "DMP_DESKTOP_SERVER": "https://localhost:9",
        "DMP_DESKTOP_SECRETS": str(secrets),
    }


class Poste:
    def __init__(self, folder: Path) -> None:
        self.folder, self.environment = folder, environment(folder)
        self.home = folder / "poste"

    @property
    def place(self) -> str:
        return address(Paths(self.home))

    @contextmanager
    def window(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """The real program, until it has all its parts."""
        program = subprocess.Popen(
            [sys.executable, "-c", WINDOW, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with program:
            try:
                yield program
            finally:
                program.kill()

    def start(self, *arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-c", START, *arguments],
            env=self.environment,
            input=given,
            capture_output=True,
            timeout=300,
        )

    def raw(self, line: bytes) -> dict[str, str]:
        """What somebody who does not follow the protocol is answered."""
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(20)
            caller.connect(self.place)
            caller.sendall(line)
            return json.loads(caller.makefile("rb").readline())


def line(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    return program.stdout.readline().strip()


@pytest.fixture(scope="module")
def poste(tmp_path_factory) -> Iterator[tuple[Poste, subprocess.Popen[str]]]:
    poste = Poste(tmp_path_factory.mktemp("second"))
    with poste.window() as program:
        assert line(program) == "ready"
        yield poste, program


@pytest.fixture
def given(tmp_path) -> Path:
    file = tmp_path / "contexte.json"
    file.write_text(json.dumps(context()), encoding="utf-8")
    return file


def test_a_plain_second_start_brings_the_window_forward_and_ends(poste) -> None:
    here, program = poste
    done = here.start()
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert line(program).startswith("shown DMP Desktop")


def test_a_context_reaches_the_window_and_is_on_the_disk_before_the_sender_ends(poste, given) -> None:
    here, program = poste
    note = given.with_name("note.txt")
    note.write_bytes("Fièvre depuis hier.".encode("cp1252"))
    done = here.start("--context", str(given), "--note", str(note))
    assert done.returncode == 0, done.stderr
    assert line(program) == "received 1"
    (file,) = (here.home / "contextes").iterdir()
    sealed = file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    patient = context()["patient"]
    for word in (patient["ins"], patient["birth_family"], "Fièvre", "re depuis hier"):
        assert word.encode() not in sealed
    # The same again, while it waits, is one; by standard input too.
    assert here.start("--context", "-", "--note", str(note), given=given.read_bytes()).returncode == 0
    assert line(program) == "received 1"


def test_the_module_hands_over_too(poste, given) -> None:
    here, program = poste
    done = subprocess.run(
        [sys.executable, "-m", "dmp_desktop", "--context", str(given)],
        env=here.environment,
        capture_output=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert line(program).startswith("received")


def test_what_is_refused_names_the_field_and_no_patient(poste, given) -> None:
    here, _program = poste
    wrong = context()
    wrong["patient"]["ins"] = "279035121518900"
    given.write_text(json.dumps(wrong), encoding="utf-8")
    done = here.start("--context", str(given))
    told = done.stderr.decode()
    assert done.returncode == 1
    assert "« patient.ins »" in told
    assert "279035" not in told
    assert wrong["patient"]["birth_family"] not in told
    logs = "".join(file.read_text("utf-8") for file in here.home.glob("**/*.log"))
    assert "279035" not in logs
    assert wrong["patient"]["birth_family"] not in logs


@pytest.mark.skipif(sys.platform == "win32", reason="a socket of its own")
def test_what_is_not_the_protocol_is_refused(poste) -> None:
    here, _program = poste
    assert here.raw(b'{"v": 99, "act": "show"}\n')["code"] == "handover-version"
    assert "version" in here.raw(b'{"v": 99}\n')["text"]
    assert here.raw(b'{"v": true, "act": "show"}\n')["code"] == "handover-version"
    assert here.raw(b"{\n")["code"] == "handover"
    assert here.raw(b"[" * 50_000 + b"\n")["code"] == "handover"
    assert here.raw(json.dumps({"v": VERSION, "act": "send"}).encode() + b"\n")["code"] == "handover"
    assert here.raw(json.dumps({"v": VERSION, "act": "show", "note": 3}).encode() + b"\n")["code"] == "handover"
    assert here.raw(json.dumps({"v": VERSION, "act": "show", "note": "é"}).encode() + b"\n")["code"] == "handover"
    assert here.raw(b"x" * (LONGEST_LINE + 1))["code"] == "handover-size"
    assert here.raw(json.dumps({"v": VERSION, "act": "context"}).encode() + b"\n")["code"] == "context-json"


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files")
def test_the_socket_is_the_users_alone(poste) -> None:
    here, _program = poste
    assert Path(here.place).stat().st_mode & 0o077 == 0
    assert Path(here.place).parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "address_of_a_browser",
    [
        "dmp-desktop://open",
        "dmp-desktop://open?ticket=",
        "dmp-desktop://open?ticket=a&ticket=b",
        "dmp-desktop://open?ins=279035121518989",
        "dmp-desktop://send?ticket=abc",
        "dmp-desktop://open/../x?ticket=abc",
        "DMP-DESKTOP:open?ticket=abc",
        "dmp-desktop://[open?ticket=abc",
    ],
)
def test_an_address_that_is_not_ours_is_refused_before_the_window(poste, address_of_a_browser) -> None:
    done = poste[0].start(address_of_a_browser)
    assert done.returncode == 1
    assert b"[handover-url]" in done.stderr
    assert b"279035" not in done.stderr


def test_an_address_opens_what_was_deposited_here_once(poste, given) -> None:
    here, program = poste
    put = subprocess.run(
        [sys.executable, "-m", "dmp_desktop", "context", "put"],
        env=here.environment,
        input=given.read_bytes(),
        capture_output=True,
        timeout=300,
        check=True,
    )
    address = put.stdout.decode().strip()
    assert here.start(address).returncode == 0
    assert line(program).startswith("received")
    assert list((here.home / "tickets").iterdir()) == []
    again = here.start(address)
    assert (again.returncode, b"[ticket-unknown]" in again.stderr) == (1, True)
    assert here.start("dmp-desktop://open/?ticket=" + "A" * 32).returncode == 1


def test_a_note_alone_is_nobodys(poste, tmp_path) -> None:
    (tmp_path / "note.txt").write_text("Note", encoding="utf-8")
    done = poste[0].start("--note", str(tmp_path / "note.txt"))
    assert (done.returncode, b"[handover-note]" in done.stderr) == (1, True)


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_a_killed_window_leaves_nothing_in_the_way_and_two_homes_do_not_meet(tmp_path, given) -> None:
    one, other = Poste(tmp_path / "a"), Poste(tmp_path / "b")
    with one.window() as program:
        assert line(program) == "ready"
        assert one.place != other.place
        program.send_signal(signal.SIGKILL)
        program.wait()
    assert Path(one.place).exists(), "the socket of a killed process stays"
    with one.window("--context", str(given)) as program:  # what it was started with waits for its program
        assert {line(program), line(program)} == {"ready", "received 1"}
        assert one.start().returncode == 0
        assert line(program).startswith("shown")


@pytest.mark.alone
def test_a_second_start_hands_over_within_its_limit(poste, given) -> None:
    here, _program = poste
    last = [sys.executable, "-c", START, "--context", str(given)]

    def once() -> float:
        from time import perf_counter

        began = perf_counter()
        subprocess.run(last, env=here.environment, check=True, timeout=300)
        return 1000 * (perf_counter() - began)

    took = best(once, LIMIT_MS)
    print(f"handed over in {took:.0f} ms, limit {LIMIT_MS} ms")
    assert took <= LIMIT_MS


def test_the_sender_loads_no_qt_and_nothing_of_the_program() -> None:
    program = textwrap.dedent("""
        import sys
        from dmp_desktop import start
        from dmp_desktop.platform import instance
        from dmp_desktop.platform.paths import find_paths
        from dmp_desktop.platform.locks import FileLock
        start.wanted(["dmp-desktop://open?ticket=abc"])
        print(*[name for name in sys.modules if name.startswith(("PySide6", "sqlalchemy", "lxml", "dmp_desktop"))])
    """)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    loaded = set(done.stdout.split())
    assert not [name for name in loaded if name.startswith(("PySide6", "sqlalchemy", "lxml"))]
    assert len(loaded) < 12, loaded
