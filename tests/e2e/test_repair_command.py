"""Damage met at a start, a backup brought back: what was kept is there again, and it is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from dmp_desktop.errors import ContextError
from dmp_desktop.wiring import open_wiring
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR
from tests.helpers.station_files import new

FILES = ("dmp-desktop.db", "boite-envoi.db")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"storage": "une phrase de passe"}))
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DMP_DESKTOP_SERVER", "https://localhost:1")
    monkeypatch.setenv("DMP_DESKTOP_SECRETS", str(secrets))
    return tmp_path / "home"


def fill_and_back_up() -> Path:
    from dmp_desktop.storage.outbox import OutboxStore
    from dmp_desktop.storage.sealing import Seal

    with open_wiring() as wiring:
        store = OutboxStore(wiring.base.outbox_file, Seal(wiring.base.key, "outbox"))
        store.add(new(1), START, START)
        return wiring.backups.make()


def test_damage_is_repaired_at_the_start_and_told(home: Path) -> None:
    fill_and_back_up()
    for name in FILES:
        content = bytearray((home / name).read_bytes())
        content[4096 * 2 : 4096 * 8] = b"x" * 4096 * 6
        (home / name).write_bytes(content)
    with open_wiring() as wiring:
        assert "remises en état" in wiring.repair_notice
        assert wiring.repair_notice in wiring.notices
        assert [item.unique_id for item in wiring.outbox.items()] == ["2.25.1"]
        wiring.journal.verify()
    assert [one.name for one in home.iterdir() if one.name.startswith("dmp-desktop.db.abimee-")]
    report = next((home / "sauvegardes").glob("rapport-*.txt")).read_text("utf-8")
    assert "TEST-" not in report
    assert AUTHOR not in report
    with open_wiring() as wiring:
        assert wiring.repair_notice == ""


def test_a_backup_comes_back_where_the_files_are_gone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup = fill_and_back_up()
    for name in FILES:
        (home / name).unlink()
    assert main(["restore", str(backup)]) == 0
    assert "restauration d'une sauvegarde" in capsys.readouterr().out
    with open_wiring() as wiring:
        assert [item.in_doubt for item in wiring.outbox.items()] == [True]


def test_nothing_is_restored_under_a_running_program(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup = fill_and_back_up()
    with open_wiring():
        assert main(["restore", str(backup)]) == 1
    assert "[restore-running]" in capsys.readouterr().err


def test_another_computer_opens_it_with_the_recovery_code(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = fill_and_back_up()
    with open_wiring() as wiring:
        code = wiring.base.practice_keys.code_to_print()
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(tmp_path / "elsewhere"))
    typed = ["0" * 65, code]
    monkeypatch.setattr("getpass.getpass", lambda _prompt: typed.pop(0))
    assert main(["restore", str(backup)]) == 1
    assert "[recovery-code]" in capsys.readouterr().err
    assert main(["restore", str(backup)]) == 0
    with open_wiring() as wiring:
        assert [item.unique_id for item in wiring.outbox.items()] == ["2.25.1"]


def test_one_asked_for_in_the_window_comes_back_at_the_next_start_and_once(home: Path) -> None:
    backup = fill_and_back_up()
    with open_wiring() as wiring:
        with wiring.base.outbox_file.write() as connection:
            connection.exec_driver_sql("DELETE FROM outbox_document")
            connection.exec_driver_sql("DELETE FROM outbox")
        wiring.backup_desk.restore_next(backup)
    with open_wiring() as wiring:
        assert [(item.unique_id, item.in_doubt) for item in wiring.outbox.items()] == [("2.25.1", True)]
        assert wiring.repair_notice.startswith("La sauvegarde a été restaurée")
        wiring.journal.verify()
    with open_wiring() as wiring:
        assert wiring.repair_notice == ""


def test_one_that_went_since_is_told_and_the_next_start_goes_on(home: Path) -> None:
    backup = fill_and_back_up()
    with open_wiring() as wiring:
        wiring.backup_desk.restore_next(backup)
    backup.unlink()
    with pytest.raises(ContextError, match="backup-unreadable"), open_wiring():
        pass
    with open_wiring() as wiring:
        assert [item.unique_id for item in wiring.outbox.items()] == ["2.25.1"]
