"""A backup older than what has left since is brought back, against the stand-in server: every document is in the record once, and none
was sent a second time: the DMP is asked for its uniqueId first (TD3.1b)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from dmp_desktop.sandbox import Sandbox
from tests.e2e.test_send import Run, Write, listed, run, states, write
from tests.helpers.seeded import seeded

__all__ = ["run", "write"]  # fixtures

AWAY = "https://localhost:1/si-dmp-server/v2/services"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as sandbox:
        yield sandbox


def wiped(home: Path) -> None:
    for name in ("dmp-desktop.db", "boite-envoi.db"):
        for end in ("", "-wal", "-shm"):
            (home / f"{name}{end}").unlink(missing_ok=True)


@pytest.mark.slow
def test_what_left_after_the_backup_is_found_and_not_sent_again(
    sandbox: Sandbox,
    run: Run,
    write: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    left, never_left = write(), write()
    with monkeypatch.context() as away:
        away.setenv("DMP_DESKTOP_SERVER", AWAY)
        for file, _unique_id in (left, never_left):
            assert run("send", file, "--wait", "0.2")[0] == 3
        backup = Path(run("backup")[1][0]["file"])
        assert run("outbox", "cancel", never_left[1])[0] == 0  # it stays here: only the backup knows it waits
    assert run("outbox", "flush")[0] == 0
    assert [listed(sandbox, run).count(unique_id) for _file, unique_id in (left, never_left)] == [1, 0]
    wiped(tmp_path / "home")
    assert main(["restore", str(backup)]) == 0
    told = {one["unique_id"]: one for one in run("outbox", "list")[1]}
    assert {one["state"] for one in told.values()} == {"waiting"}
    caplog.set_level(logging.INFO, "dmp_desktop.sandbox")
    caplog.clear()
    status, lines = run("outbox", "flush")
    assert status == 0
    for _file, unique_id in (left, never_left):
        assert states(lines, unique_id)[-1] == "sent"
    asked = [re.search(r"/services/(\w+) ", one) for one in caplog.messages]
    assert [one[1] for one in asked if one] == ["registry", "registry", "repository"], "looked for, then one is sent"
    assert [one for one in caplog.messages if one.startswith("refused")] == []
    assert [listed(sandbox, run).count(unique_id) for _file, unique_id in (left, never_left)] == [1, 1]
