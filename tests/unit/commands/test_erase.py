"""`dmp erase --everything`: all of it, and only what is ours, and never under a program at work."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from dmp_desktop.commands import erase
from dmp_desktop.commands.erase import KEYS
from dmp_desktop.demo.stage import _environment
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.keystore import SERVICE, PassphraseKeyStore
from dmp_desktop.platform.locks import FileLock, ProcessLiveness
from dmp_desktop.platform.paths import Paths, find_paths, training_station
from dmp_desktop.platform.storage_key import KEY_NAME, choose_keystore
from dmp_desktop.services.repair import OPENING
from tests.helpers.system_keystore import SystemKeyStore, system_keystore


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """A workstation with databases, in the system's place."""
    (tmp_path / "secrets.json").write_text(json.dumps({"storage": "phrase"}))
    monkeypatch.delenv("DMP_DESKTOP_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("DMP_DESKTOP_SECRETS", str(tmp_path / "secrets.json"))
    monkeypatch.setenv("DMP_DESKTOP_SERVER", "https://localhost:9/")
    assert main(["outbox", "list"]) == 0
    found = find_paths({"XDG_DATA_HOME": str(tmp_path)}, tmp_path)
    assert found.outbox.exists()
    return found


@pytest.fixture
def store() -> Iterator[SystemKeyStore]:
    with system_keystore() as kept:
        yield kept


def test_all_of_it_goes_and_nothing_beside_it(paths: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "autre.txt").write_text("autre")
    assert main(["erase", "--everything"]) == 0
    assert [one.name for one in sorted(tmp_path.iterdir())] == ["autre.txt", "secrets.json"]
    assert main(["erase", "--everything"]) == 0
    assert "Rien à effacer." in capsys.readouterr().out


def test_not_under_a_program_at_work(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    other = ProcessLiveness(paths.locks, SystemEntropy(), SystemClock())
    assert main(["erase", "--everything"]) == 3
    other.close()
    assert "erase-running" in capsys.readouterr().err
    assert paths.outbox.exists()
    assert paths.database.exists()


def test_not_under_a_window_that_is_being_opened(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    """It may be asking for a passphrase: nothing of it is open yet."""
    with FileLock(paths.instance_lock):
        assert main(["erase", "--everything"]) == 3
    assert "erase-running" in capsys.readouterr().err
    assert paths.database.exists()


def test_a_start_under_way_is_not_waited_for_for_ever(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(erase, "PATIENCE_S", 0.1)
    with FileLock(paths.home / OPENING):
        assert main(["erase", "--everything"]) == 3
    assert "erase-running" in capsys.readouterr().err
    assert paths.database.exists()


def test_nobody_opens_anything_while_it_erases(store: SystemKeyStore, paths: Paths) -> None:
    """A start between the look at who is there and the last file would have made documents, which then went."""
    seen = set()

    def could_start() -> None:
        for lock in (paths.home / OPENING, paths.instance_lock):
            with FileLockIfFree(lock) as taken:
                seen.add((store.kept.get((SERVICE, KEY_NAME)) is None, lock.name, taken))

    assert store.kept[SERVICE, KEY_NAME]
    store.before = could_start
    assert main(["erase", "--everything"]) == 0
    after_the_key = {(name, taken) for gone, name, taken in seen if gone}
    assert after_the_key == {(OPENING, False), (paths.instance_lock.name, False)}
    assert not paths.home.exists()
    assert not store.kept


class FileLockIfFree:
    """Whether the lock could be taken, which is then given back."""

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path)

    def __enter__(self) -> bool:
        return self._lock.acquire(wait=False)

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_keys_go_also_where_the_folder_was_removed_by_hand(
    store: SystemKeyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DMP_DESKTOP_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    store.kept |= {(SERVICE, name): "ab" for name in KEYS} | {("autre", KEY_NAME): "cd"}
    assert main(["erase", "--everything"]) == 0
    assert list(store.kept) == [("autre", KEY_NAME)]
    assert f"{len(KEYS)} clés" in capsys.readouterr().out
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("how", ["locked", "stubborn"])
def test_a_key_store_that_keeps_its_keys_is_told_and_the_files_stay(
    store: SystemKeyStore, paths: Paths, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    setattr(store, how, True)
    assert main(["erase", "--everything"]) == 3
    assert {"locked": "keystore", "stubborn": "erase-keys"}[how] in capsys.readouterr().err
    assert paths.database.exists()
    assert paths.outbox.exists()


def test_keys_out_of_reach_are_not_told_as_erased(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    """The databases' key is in a key store of the desktop; this is a session without one."""
    paths.secrets.unlink()
    assert main(["erase", "--everything"]) == 3
    assert "erase-keys" in capsys.readouterr().err
    assert paths.database.exists()


def test_the_training_goes_too_and_not_while_it_is_open(
    paths: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    training = training_station(tmp_path / "dmp-desktop-demo")
    other = ProcessLiveness(training.create().locks, SystemEntropy(), SystemClock())
    assert main(["erase", "--everything"]) == 3
    assert "erase-running" in capsys.readouterr().err
    assert paths.database.exists()
    other.close()
    assert main(["erase", "--everything"]) == 0
    assert [one.name for one in tmp_path.iterdir()] == ["secrets.json"]


def test_the_training_has_keys_of_its_own(store: SystemKeyStore, tmp_path: Path) -> None:
    """They were the true ones, by the same names: the head of its journal was noted over that of the practice's."""
    doctor = {"password": "phrase du bac à sable", "p12": "p12"}
    ready = {
        "identities": {"doctor": doctor},
        "url": "https://localhost:9/",
        "ca": "ca",
        "web_dmp": "https://localhost:9/",
    }
    told = _environment(tmp_path, ready)
    kept = choose_keystore(find_paths(told, tmp_path), lambda _why: doctor["password"])
    assert isinstance(kept, PassphraseKeyStore)
    assert kept.get(KEY_NAME)
    assert not store.kept


def test_a_folder_somebody_chose_is_left_to_them(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(paths.home))
    assert main(["erase", "--everything"]) == 3
    assert "erase-place" in capsys.readouterr().err
    assert paths.outbox.exists()


def test_not_without_the_word(paths: Paths) -> None:
    with pytest.raises(SystemExit):
        main(["erase"])
    assert paths.outbox.exists()


def test_every_name_that_is_kept_in_the_key_store_is_known_here() -> None:
    """A key store cannot be asked what it holds: seen under wine, a name that was not known outlived the data."""
    root, kept = Path(__file__).resolve().parents[3], {}
    for file in (root / "dmp_desktop").rglob("*.py"):
        for name in re.findall(r"keystore\.set\(\s*(\w+)", file.read_text("utf-8")):
            module = importlib.import_module(".".join(file.relative_to(root).with_suffix("").parts))
            kept[f"{module.__name__}.{name}"] = getattr(module, name)
    assert len(kept) > 8
    passing = {"dmp_desktop.services.diagnostics.storage._PROBE"}  # written and taken out in one check
    assert [name for name, value in kept.items() if value not in KEYS and name not in passing] == []
