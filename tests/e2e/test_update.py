"""From one version to the next with documents that wait, drafts and a journal: nothing is lost, nothing leaves twice, whatever happens
on the way. Both versions are processes of their own; the later one brings the data up to date."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.locks import ProcessLiveness
from dmp_desktop.platform.paths import Paths
from dmp_desktop.platform.storage_key import kept_key
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.lost_key import opened_keystore
from dmp_desktop.services.version_change import Phase, under_way
from dmp_desktop.storage.database import CACHE, connected
from tests.e2e.test_send import Run, Write, run, write
from tests.helpers import two_versions
from tests.helpers.seeded import seeded
from tests.helpers.two_versions import COMING, FORMER, ROOT, installed, make, pack
from tests.helpers.update_server import offer, trusted

__all__ = ["run", "write"]  # fixtures

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows updates by its MSI"),
]

AWAY = "https://localhost:1/si-dmp-server/v2/services"
KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class Releases:
    former: Path
    good: Path
    failing: Path


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    folder = tmp_path_factory.mktemp("releases")
    (key,) = trusted(KEY)
    for name in ("good", "failing"):
        (folder / name).mkdir()
        made = make(folder / name / "made", COMING, key, migrates=True, fails=name == "failing")
        archive = pack(made, folder / name / f"dmp-desktop-{COMING}.tar")
        shutil.rmtree(made)
        offer(folder / name, KEY, COMING, archive, issued=datetime.now(UTC) - timedelta(hours=1))
    return Releases(make(folder / "former", FORMER, key), folder / "good", folder / "failing")


@dataclass
class Station:
    """A workstation of version FORMER, two documents waiting; `rows` are those of both files before anything else is done."""

    home: Path
    dmp: Path
    waiting: list[str]
    rows: Rows

    def __call__(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """What `current/dmp` says."""
        command = [str(self.dmp), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)

    @property
    def version(self) -> str:
        return (self.dmp.parent).readlink().name

    def now(self) -> Rows:
        return rows_of(self.home)


@pytest.fixture
def station(releases: Releases, run: Run, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Station:
    with monkeypatch.context() as away:
        away.setenv("DMP_DESKTOP_SERVER", AWAY)
        waiting = []
        for file, unique_id in (write(), write()):
            assert run("send", file, "--wait", "0.1")[0] == 3
            waiting.append(unique_id)
    home = tmp_path / "home"
    with closing(opened(home, "dmp-desktop.db")) as database:
        values = ("draft-1", "doctor", "key", "patient", 3, "", 1, b"a note under way")
        database.execute("INSERT INTO draft VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    dmp = installed(releases.former, tmp_path / "program", FORMER)
    return Station(home, dmp, waiting, rows_of(home))


def opened(home: Path, name: str) -> Any:
    paths = Paths(home)
    key = kept_key(opened_keystore(paths, "une phrase de passe", lambda _why: "", lambda: datetime.now(UTC)))
    assert key is not None
    return connected(home / name, key if name == paths.database.name else b"")


def rows_of(home: Path) -> Rows:
    """Of every table but the caches, which no backup has."""
    found: Rows = {}
    for name in ("dmp-desktop.db", "boite-envoi.db"):
        with closing(opened(home, name)) as file:
            tables = file.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            for (table,) in tables.fetchall():
                if table not in CACHE:
                    found[f"{name} {table}"] = file.execute(f'SELECT * FROM "{table}" ORDER BY rowid').fetchall()
    return found


def all_is_there(station: Station) -> bool:
    """Every row there was, as it was; tables may have come."""
    now = station.now()
    return {table: now.get(table) for table in station.rows} == station.rows


def sent_once(station: Station, sandbox: Sandbox) -> None:
    """By the version that is in place."""
    done = station("outbox", "flush", "--json")
    assert done.returncode == 0, done.stderr
    ins = next(one["ins"] for one in sandbox.ready["patients"] if one["story"] == "ordinary")
    told = station("dossier", "list", "--ins", ins, "--json").stdout.splitlines()
    there = [json.loads(line)["unique_id"] for line in told]
    assert [there.count(one) for one in station.waiting] == [1, 1]


def test_an_update_with_documents_waiting(station: Station, releases: Releases, sandbox: Sandbox) -> None:
    assert json.loads(station("update", "check", "--from", releases.good, "--json").stdout)["newer"] is True
    done = station("update", "apply", "--from", releases.good)
    assert done.returncode == 0, done.stderr
    assert f"est passé à la version {COMING}" in done.stdout
    assert station.version == COMING
    assert all_is_there(station)
    assert "dmp-desktop.db made_by_next_version" in station.now()
    assert under_way(Paths(station.home)) is None
    assert len(list((station.home / "sauvegardes").glob("*avant-mise-a-niveau*"))) == 2  # its own, and the migration's
    sent_once(station, sandbox)
    assert "à jour" in station("update", "apply", "--from", releases.good).stdout


def test_a_version_that_does_not_open_leaves_everything_as_it_was(
    station: Station, releases: Releases, sandbox: Sandbox
) -> None:
    done = station("update", "apply", "--from", releases.failing)
    assert (done.returncode, "[update-failed]" in done.stderr) == (1, True)
    assert station.version == FORMER
    assert station.now() == station.rows
    assert under_way(Paths(station.home)) is None
    sent_once(station, sandbox)


def test_not_while_it_is_open(station: Station, releases: Releases) -> None:
    window = ProcessLiveness(Paths(station.home).locks, SystemEntropy(), SystemClock())
    try:
        done = station("update", "apply", "--from", releases.good)
    finally:
        window.close()
    assert (done.returncode, "[update-open]" in done.stderr) == (1, True)
    assert station.version == FORMER


def test_what_another_key_signed_or_another_file_is_refused(
    station: Station, releases: Releases, tmp_path: Path
) -> None:
    folder = tmp_path / "altered"
    shutil.copytree(releases.good, folder)
    (archive,) = folder.glob("*.tar")
    with archive.open("r+b") as file:
        file.seek(5000)
        file.write(b"altered")
    assert "[update-altered]" in station("update", "apply", "--from", folder).stderr
    offer(folder, OTHER, COMING, archive, issued=datetime.now(UTC))
    assert "[update-signature]" in station("update", "apply", "--from", folder).stderr
    assert station.version == FORMER
    assert station.now() == station.rows


def killed(station: Station, archive: Path, step: str) -> None:
    command = [sys.executable, two_versions.__file__, str(station.dmp.resolve().parent), str(archive), COMING, step]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=ROOT)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("step", ["unpacked", "backed-up", "trying", "tried", "confirmed", "done"])
def test_killed_at_each_step_one_version_works_and_all_is_there(
    step: str, station: Station, releases: Releases, sandbox: Sandbox
) -> None:
    killed(station, next(releases.good.glob("*.tar")), step)
    first = station("outbox", "list")
    if step == "confirmed":  # the former version ends what was confirmed, and says so
        assert (first.returncode, "[update-done]" in first.stderr) == (3, True)
        first = station("outbox", "list")
    assert first.returncode == 0, first.stderr
    assert station.version == (COMING if step in ("confirmed", "done") else FORMER)
    assert under_way(Paths(station.home)) is None
    now = station.now()
    kept = [table for table in station.rows if " journal" not in table]  # which has what was just done besides
    assert {table: now[table] for table in kept} == {table: station.rows[table] for table in kept}
    assert (
        now["dmp-desktop.db journal"][: len(station.rows["dmp-desktop.db journal"])]
        == station.rows["dmp-desktop.db journal"]
    )
    sent_once(station, sandbox)


def test_killed_before_it_goes_back(station: Station, releases: Releases, sandbox: Sandbox) -> None:
    killed(station, next(releases.failing.glob("*.tar")), "failed")
    change = under_way(Paths(station.home))
    assert change is not None
    assert change.phase is Phase.TRYING
    assert station("outbox", "list").returncode == 0
    assert station.version == FORMER
    sent_once(station, sandbox)
