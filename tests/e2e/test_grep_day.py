"""A day in the real window with a clinic on PostgreSQL: secretary, doctor, a report sent, another whose server is gone, a program that
crashes; then nothing that was written, started or entitled holds a patient, a secret or a word of the notes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.services.session import Phase
from dmp_desktop.wiring.clinic import DATABASE
from tests.helpers.leaks import SHORTEST, Searcher
from tests.helpers.morning import AGENDA, desk_page, secretary_comes
from tests.helpers.postgres import PASSWORD, Cluster, _program
from tests.helpers.real_window import RealWindow, real_window

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a cluster of our own and /proc: Linux only"),
    pytest.mark.qt_log_ignore("This plugin does not support", "Populating font family"),
]

NOTES = (
    "Motif : zézaiement postprandial. TA 14/8. HTA équilibrée.",
    "Motif : xérodermie pigmentaire. TA 13/8. HTA équilibrée.",
)
WORDS = (
    "zézaiement",
    "postprandial",
    "xérodermie",
    "pigmentaire",
    "TEST-MOREAU",
    "TEST-OUVRANT",
    "TEST-PASSAGE",
    "renouvellement",
)
AGENDA_FILE = "agenda.csv"
"""What the agenda program of the practice wrote is its own: the only file of the workstation that is not looked at."""

CRASHES = """
import faulthandler, json, sys
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.start import leave_no_core_file
from dmp_desktop.wiring import open_wiring

leave_no_core_file()
told = json.load(sys.stdin)
with open_wiring(told["environment"], ask=lambda _prompt: told["password"]) as wiring:
    wiring.base.practice_keys.join(told["code"])
    wiring.clinic.step()
    wiring.sign_in_software()
    account, patient, note = wiring.accounts[0], patient_from_dict(told["patient"]), told["note"]
    who = SignedIn(account.professional, account.facility, account.role)
    wiring.dossier.entries(patient, lambda rows: None)
    proposals = tuple(one.ticked(True) for one in wiring.compose.propose(patient, note, who.professional))
    order = DocumentOrder(patient, who.professional, wiring.clock.now(), note, proposals)
    wiring.outbox.send(patient, wiring.compose.build(order, who.facility), None, who)
    wiring.clinic.step()
    print("queued", flush=True)
    faulthandler._sigsegv()
"""


@dataclass
class Day:
    """What is left of it: `files` by name, `texts` (command lines, titles) by what they are, `secrets` that must be in none."""

    files: dict[str, bytes] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)

    def searcher(self) -> Searcher:
        return Searcher(word for word in {*self.secrets, *WORDS} if len(word) >= SHORTEST)

    def look(self) -> None:
        """The titles of all windows there are now."""
        self.titles |= {window.title() for window in QGuiApplication.allWindows()}
        self.titles |= {widget.windowTitle() for widget in QApplication.topLevelWidgets()}

    def keep(self, name: str, folder: Path) -> None:
        """Every file of a folder, names included. Read by another program: closing a live database here would drop its locks."""
        for file in folder.rglob("*"):
            if file.is_file() and file.name != AGENDA_FILE:
                read = subprocess.run(["cat", file], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
                self.files[f"{name}/{file.relative_to(folder)}"] = read.stdout


def secrets_of(person: dict[str, str]) -> set[str]:
    number = person["ins"]
    digits = "".join(one for one in number if one.isdigit())
    spaced = " ".join(digits[start:end] for start, end in ((0, 1), (1, 3), (3, 5), (5, 7), (7, 10), (10, 13)))
    return {digits[:13], spaced, person["birth_family"]}


def write(real: RealWindow, day: Day, note: str) -> None:
    """From an open record to a document that waits."""
    before = len(real.window.outbox.items)
    real.window.conductor.write()
    real.window.composer.editor.setPlainText(note)
    real.window.composer.draft.visibility_chosen = True
    real.until(lambda: real.window.composer.can_send)
    draft = real.window.composer.draft

    def sent() -> bool:
        if not real.window.composer.sending and real.window.composer.draft is draft:
            real.window.conductor.send()  # held once: what the document does not say is read first
        day.look()
        return len(real.window.outbox.items) > before

    real.until(sent)
    real.desktop._wiring.outbox.flush()


def morning(real: RealWindow, day: Day) -> None:
    secretary_comes(real)
    view = desk_page(real)
    real.until(view.empty_words.isVisible)
    (real.desktop._wiring.paths.home / AGENDA_FILE).write_text(AGENDA)
    real.until(lambda: len(view.list.model.rows) == 5)
    day.look()
    real.window.session.sign_out()
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)


def crash(real: RealWindow, folder: Path, clinic: str, code: str, person: dict[str, str]) -> bytes:
    """Another workstation dies in the middle of its work; what faulthandler wrote."""
    environment = real.stage.environment | {"DMP_DESKTOP_HOME": str(folder / "autre"), DATABASE: clinic}
    secrets = json.loads(Path(environment["DMP_DESKTOP_SECRETS"]).read_text())
    environment["DMP_DESKTOP_SECRETS"] = str(folder / "autres-secrets.json")
    kept = {name: secrets[name] for name in ("p12", "storage")}
    Path(environment["DMP_DESKTOP_SECRETS"]).write_text(json.dumps(kept))
    told = {"environment": environment, "password": PASSWORD, "code": code, "patient": person, "note": NOTES[0]}
    command = [sys.executable, "-X", "faulthandler", "-c", CRASHES]
    done = subprocess.run(command, input=json.dumps(told).encode(), capture_output=True, check=False, timeout=120)
    assert done.stdout == b"queued\n", done.stderr[-3000:].decode()
    assert b"Segmentation fault" in done.stderr
    return done.stderr


def whole_day(real: RealWindow, day: Day, folder: Path, clinic: str, cluster: Cluster) -> None:
    people: list[dict[str, Any]] = [one["patient"] for one in real.stage.ready["patients"]]
    ordinary = next(one["patient"] for one in real.stage.ready["patients"] if one["story"] == "ordinary")
    code = real.desktop._wiring.base.practice_keys.code_to_print()
    assert code is not None
    password = real.stage.ready["identities"]["doctor"]["password"]
    day.secrets |= {code, "".join(one for one in code if one.isalnum()), PASSWORD, password, *secrets_of(ordinary)}
    day.secrets |= {one["ins"][:13] for one in people}
    morning(real, day)
    real.sign_in()
    real.open("ordinary")
    day.look()
    write(real, day, NOTES[0])
    real.until(lambda: [one.state for one in real.window.outbox.items] == [OutboxState.SENT])
    day.files["dump"] = crash(real, folder, clinic, code, ordinary)
    real.stage.server.kill()
    real.stage.server.wait(20)
    write(real, day, NOTES[1])
    outbox = real.desktop._wiring.outbox
    real.until(lambda: any(one.attempts and one.state is not OutboxState.SENT for one in outbox.items()))
    real.window.conductor.write()
    real.window.composer.editor.setPlainText(NOTES[1])
    real.until(lambda: real.desktop._wiring.drafts.mine().drafts)
    link = real.desktop._wiring.clinic
    assert link is not None
    link.step()
    assert link.trouble is None
    day.look()
    dump(day, folder, clinic, cluster)


def dump(day: Day, folder: Path, clinic: str, cluster: Cluster) -> None:
    """While all is open: the files of the workstations, and all that PostgreSQL has."""
    name = clinic.partition("?")[0].rpartition("/")[2]
    login = ["-h", str(cluster.folder), "-p", str(cluster.port), "-U", "postgres", "-d", name]
    environment = {**os.environ, "PGPASSWORD": PASSWORD}
    done = subprocess.run([_program("pg_dump"), *login], capture_output=True, check=True, env=environment)
    day.files["pg_dump"] = done.stdout
    cluster.administer("CHECKPOINT")
    ((oid,),) = cluster.administer(f"SELECT oid FROM pg_database WHERE datname = '{name}'")
    for part in (f"base/{oid}", "global", "pg_wal"):
        day.keep(f"postgres/{part}", cluster.folder / "data" / part)
    day.files["postgres/log"] = (cluster.folder / "log").read_bytes()
    for part in ("poste", "autre", "tmp"):
        day.keep(part, folder / part)


def audit(day: Day) -> None:
    """Every program started from now on, by this process; a hook cannot be taken back, so it must do nothing else than note."""

    def started(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen":
            given = arguments[1]
            parts = given if isinstance(given, list | tuple) else [given]
            day.commands.append(" ".join(os.fsdecode(part) for part in parts))

    sys.addaudithook(started)


@pytest.fixture(scope="module")
def day(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Day:
    folder = tmp_path_factory.mktemp("jour")
    (folder / "poste").mkdir()
    (folder / "tmp").mkdir()
    (folder / "poste" / "settings.json").write_text('{"undo_seconds": 0}')
    lived = Day()
    with ExitStack() as opened:
        patch = opened.enter_context(pytest.MonkeyPatch.context())
        cluster = Cluster.make()
        opened.callback(cluster.close)
        audit(lived)
        patch.setattr(tempfile, "tempdir", str(folder / "tmp"))
        patch.setenv("TMPDIR", str(folder / "tmp"))
        clinic = f"{cluster.database()}?ca={cluster.ca}"
        real = opened.enter_context(real_window(qapp, folder, clinic=clinic))
        whole_day(real, lived, folder, clinic, cluster)
    for part in ("poste", "autre", "tmp"):
        lived.keep(f"{part} (closed)", folder / part)
    return lived


def test_no_file_nor_row_holds_anything(day: Day) -> None:
    for wanted in ("dump", "pg_dump", "postgres/log", "poste/settings.json"):
        assert wanted in day.files
    for ending in (".db", "-wal", ".log"):
        assert [name for name in day.files if name.startswith("poste/") and name.endswith(ending)], ending
        assert [name for name in day.files if name.startswith("autre/") and name.endswith(ending)], ending
    assert [data for name, data in day.files.items() if name.startswith("postgres/pg_wal/") and data]
    searcher = day.searcher()
    leaks = {name: found for name, data in day.files.items() if (found := searcher.found(data + b"\n" + name.encode()))}
    assert leaks == {}


def test_no_command_line_nor_title_holds_anything(day: Day) -> None:
    searcher = day.searcher()
    assert any("sandbox" in one for one in day.commands)
    assert any(day.titles)
    assert [one for one in (*day.commands, *day.titles) if searcher.found(one.encode())] == []


@pytest.mark.parametrize("where", ["a row", "a log", "a title"])
def test_a_leak_planted_in_that_day_would_be_found(day: Day, where: str) -> None:
    name = {"a row": "pg_dump", "a log": "postgres/log", "a title": ""}[where]
    data = day.files[name] if name else "".join(day.titles).encode()
    for word in day.secrets:
        if len(word) >= SHORTEST:
            planted = word.lower().encode().hex() if where == "a row" else word.upper()
            assert word in day.searcher().found(data[:999] + planted.encode() + data[999:1999])
