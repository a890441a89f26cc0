from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.settings import DAMAGED_NOTICE, Settings, load_settings, save_settings


def test_what_is_saved_is_found_again(tmp_path: Path) -> None:
    chosen = Settings(undo_seconds=10, cache_hours=0, keep_sent_days=7, preload_megabytes=5)
    save_settings(tmp_path / "s.json", chosen)
    assert load_settings(tmp_path / "s.json") == (chosen, "")


def test_without_a_file_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "s.json") == (Settings(), "")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '"text"', '{"undo_seconds": "30"}', '{"undo_seconds": true}', "\x00"]
)
def test_what_cannot_be_used_is_replaced_and_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "s.json").write_text(content)
    assert load_settings(tmp_path / "s.json") == (Settings(), DAMAGED_NOTICE)


def test_numbers_stay_in_their_bounds_and_unknown_names_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"undo_seconds": 86400, "cache_hours": -1, "server": "https://evil.example"}')
    assert load_settings(tmp_path / "s.json") == (Settings(undo_seconds=300, cache_hours=0), "")


def test_a_disk_that_refuses_is_told_and_leaves_no_half(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="write-failed"):
        save_settings(tmp_path / "nowhere" / "s.json", Settings())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_a_link_stays_and_what_it_points_at_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    target, link = tmp_path / "kept" / "s.json", tmp_path / "s.json"
    link.symlink_to(target)
    for chosen in (Settings(undo_seconds=10), Settings(undo_seconds=20)):
        save_settings(link, chosen)
        assert (link.is_symlink(), load_settings(target)) == (True, (chosen, ""))
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(("stored", "form", "told"), [("pdf", "pdf", False), ("docx", "auto", True), (3, "auto", True)])
def test_form_of_reports(tmp_path: Path, stored: object, form: str, told: bool) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"report_form": stored}))
    settings, notice = load_settings(path)
    assert (settings.report_form, bool(notice)) == (form, told)


def test_the_agreement_of_the_patient_is_declared_by_the_doctor_unless_chosen_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    assert (Settings().authorisation, Settings().masked_and_invisible) == ("explicit", "refused")
    path.write_text(json.dumps({"authorisation": "automatic", "masked_and_invisible": "yes"}))
    assert load_settings(path) == (Settings(authorisation="automatic"), DAMAGED_NOTICE)
