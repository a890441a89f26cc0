"""The first run: shown where nothing is set, and what is chosen in it is what the program reads."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.platform.settings import SettingsFile, load_settings
from dmp_desktop.services.accounts import PRACTICE_FILE, configured_practice
from dmp_desktop.services.first_run import SECTORS, FirstRun, start_training
from dmp_desktop.services.traced_settings import TracedSettings
from tests.ui.journal import JournalWorld

NUMBER, NAME = "410002422979001", "Cabinet des Lilas"


@pytest.fixture
def settings(tmp_path: Path) -> TracedSettings:
    world = JournalWorld(tmp_path)
    return TracedSettings(SettingsFile(tmp_path / "settings.json"), world.acts, lambda: None)


def test_shown_once_where_nothing_is_set(tmp_path: Path, settings: TracedSettings) -> None:
    assert FirstRun(tmp_path, settings, sandbox=False).wanted()
    assert not FirstRun(tmp_path, settings, sandbox=True).wanted(), "the training has all it needs"
    FirstRun(tmp_path, settings, sandbox=False).done()
    assert not FirstRun(tmp_path, settings, sandbox=False).wanted()


def test_a_practice_set_by_hand_needs_no_first_run(tmp_path: Path, settings: TracedSettings) -> None:
    (tmp_path / PRACTICE_FILE).write_text("{}")
    assert not FirstRun(tmp_path, settings, sandbox=False).wanted()


@pytest.mark.parametrize("sector", SECTORS)
def test_the_practice_is_the_one_the_program_reads(tmp_path: Path, settings: TracedSettings, sector: str) -> None:
    run = FirstRun(tmp_path, settings, sandbox=False)
    run.set_place(f" {NUMBER} ", f"{NAME} ", sector)
    practice = configured_practice(tmp_path / PRACTICE_FILE)
    assert practice is not None
    facility = practice.facility
    assert (facility.id, facility.name, facility.sector, facility.practice_setting) == (
        NUMBER,
        NAME,
        sector,
        "AMBULATOIRE",
    )
    assert run.place_is_set()


def test_a_practice_that_is_there_is_never_written_over(tmp_path: Path, settings: TracedSettings) -> None:
    file = tmp_path / PRACTICE_FILE
    file.write_text("kept")
    with pytest.raises(ContextError) as caught:
        FirstRun(tmp_path, settings, sandbox=False).set_place(NUMBER, NAME, "SA07")
    assert caught.value.code == "CabinetDejaDecrit"
    assert file.read_text() == "kept"


@pytest.mark.parametrize(("number", "name", "field"), [("41 000", NAME, "id"), (NUMBER, " ", "name")])
def test_what_is_wrong_is_named_and_nothing_written(
    tmp_path: Path, settings: TracedSettings, number: str, name: str, field: str
) -> None:
    with pytest.raises(ContextError) as caught:
        FirstRun(tmp_path, settings, sandbox=False).set_place(number, name, "SA07")
    assert field in caught.value.field
    assert not (tmp_path / PRACTICE_FILE).exists()


def test_the_scanners_folder_is_the_one_the_tray_reads(tmp_path: Path, settings: TracedSettings) -> None:
    run = FirstRun(tmp_path, settings, sandbox=False)
    assert run.scan_folder() == ""
    run.set_scan_folder(str(tmp_path))
    assert load_settings(tmp_path / "settings.json")[0].scan_folder == str(tmp_path) == run.scan_folder()


def test_a_training_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "absent"))
    with pytest.raises(DmpDesktopError) as caught:
        start_training()
    assert caught.value.code == "EntrainementAbsent"
