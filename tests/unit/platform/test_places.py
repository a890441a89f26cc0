"""Where somebody practised last: remembered, never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmp_desktop.platform.places import LastPlaces

ME, OTHER = "810002422979", "810001234567"


def test_each_holder_has_their_own_and_nobody_is_named(tmp_path: Path) -> None:
    file = tmp_path / "lieux.json"
    LastPlaces(file).set(ME, 3)
    LastPlaces(file).set(OTHER, 1)
    assert (LastPlaces(file).get(ME), LastPlaces(file).get(OTHER), LastPlaces(file).get("8")) == (3, 1, None)
    assert ME[1:] not in file.read_text()


@pytest.mark.parametrize("content", ["", "{", "[1]", "null", '{"x": 1}', "\xff"])
def test_a_damaged_file_is_forgotten(tmp_path: Path, content: str) -> None:
    file = tmp_path / "lieux.json"
    file.write_bytes(content.encode("latin-1"))
    places = LastPlaces(file)
    assert places.get(ME) is None
    places.set(ME, 2)
    assert places.get(ME) == 2


def test_what_is_no_number_is_no_place(tmp_path: Path) -> None:
    file = tmp_path / "lieux.json"
    places = LastPlaces(file)
    places.set(ME, 2)
    file.write_text(file.read_text().replace("2}", "true}"))
    assert places.get(ME) is None


def test_a_disk_that_refuses_stops_nobody(tmp_path: Path) -> None:
    places = LastPlaces(tmp_path / "absent" / "lieux.json")
    places.set(ME, 2)
    assert places.get(ME) is None
