"""The scanner's folder, that of what others send, that of the practice software: apart, whoever chooses any of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from dmp_desktop.errors import ContextError
from dmp_desktop.platform.settings import FOLDERS, Settings, SettingsFile, load_settings
from dmp_desktop.services.first_run import FirstRun
from dmp_desktop.services.folders import OF_FR, apart
from dmp_desktop.services.traced_settings import TracedSettings
from tests.ui.journal import JournalWorld


@pytest.fixture
def settings(tmp_path: Path) -> TracedSettings:
    return TracedSettings(SettingsFile(tmp_path / "settings.json"), JournalWorld(tmp_path).acts, lambda: None)


Related = Callable[[Path], Path]
RELATED: dict[str, Related] = {
    "the same": lambda folder: folder,
    "in it": lambda folder: folder / "dedans",
    "around it": lambda folder: folder.parent,
    "written otherwise": lambda folder: folder / "dedans" / "..",
    "by a link": lambda folder: folder.parent / "lien",
}


@pytest.mark.parametrize("related", RELATED)
@pytest.mark.parametrize("name", FOLDERS)
def test_one_that_is_not_apart_is_refused_whichever_it_is(
    settings: TracedSettings, tmp_path: Path, name: str, related: str
) -> None:
    folder = tmp_path / "a" / "dossier"
    (folder / "dedans").mkdir(parents=True)
    if related == "by a link":
        if sys.platform == "win32":
            pytest.skip("a right of its own")
        (tmp_path / "a" / "lien").symlink_to(folder)
    for other in FOLDERS:
        if other != name:
            settings.save(replace(Settings(), **{other: str(folder)}))
            with pytest.raises(ContextError) as caught:
                settings.save(replace(settings.load(), **{name: str(RELATED[related](folder))}))
            assert (caught.value.code, OF_FR[other] in str(caught.value)) == ("folder-shared", True)
            assert getattr(settings.load(), name) == ""


def test_each_apart_is_taken_and_one_that_is_gone_bars_no_other_change(
    settings: TracedSettings, tmp_path: Path
) -> None:
    chosen = {}
    for name in FOLDERS:
        (tmp_path / name).mkdir()
        chosen[name] = str(tmp_path / name)
    settings.save(Settings(**chosen))
    (tmp_path / FOLDERS[0]).rmdir()
    settings.save(replace(settings.load(), lock_minutes=5))
    assert asdict(settings.load()) == asdict(Settings(**chosen, lock_minutes=5))
    with pytest.raises(ContextError, match="n'existe pas"):
        settings.save(replace(settings.load(), exchange_folder=str(tmp_path / "absent")))


def test_names_that_begin_alike_are_apart(tmp_path: Path) -> None:
    assert apart(tmp_path / "scan", tmp_path / "scanner")
    assert not apart(tmp_path / "scan", tmp_path / "scan" / "er")


def test_the_first_run_and_the_command_line_ask_too(
    settings: TracedSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.save(Settings(exchange_folder=str(tmp_path)))
    with pytest.raises(ContextError, match="ou l'un est dans l'autre"):
        FirstRun(tmp_path, settings, sandbox=False).set_scan_folder(str(tmp_path))
    home, here = tmp_path / "home", tmp_path / "ici"
    here.mkdir()
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"storage": "phrase du test"}), encoding="utf-8")
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(home))
    monkeypatch.setenv("DMP_DESKTOP_SERVER", "https://localhost:9")
    monkeypatch.setenv("DMP_DESKTOP_SECRETS", str(secrets))
    assert main(["tray", "folder", str(here)]) == 0
    assert main(["tray", "received-folder", str(here)]) != 0
    assert "[folder-shared]" in capsys.readouterr().err
    assert load_settings(home / "settings.json")[0] == Settings(scan_folder=str(here))
