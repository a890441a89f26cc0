from __future__ import annotations

from pathlib import Path

import pytest

from dmp_desktop.card.api_lec_places import FOLDER, HELPER, LIBRARY, ApiLecPlace, find_api_lec


@pytest.fixture
def windows(tmp_path: Path) -> dict[str, str]:
    library = tmp_path / "Program Files" / "santesocial" / "api_lec" / "api_lec64.dll"
    library.parent.mkdir(parents=True)
    library.write_bytes(b"MZ")
    return {"ProgramFiles": str(tmp_path / "Program Files"), "ProgramData": str(tmp_path / "ProgramData")}


def test_not_installed(tmp_path: Path) -> None:
    assert find_api_lec({"ProgramFiles": str(tmp_path)}, "win32") is None
    assert find_api_lec({}, "win32") is None
    assert find_api_lec({}, "linux") is None


def test_installed_on_windows(tmp_path: Path, windows: dict[str, str]) -> None:
    library = tmp_path / "Program Files/santesocial/api_lec/api_lec64.dll"
    assert find_api_lec(windows, "win32") == ApiLecPlace(library, library.parent)
    assert find_api_lec(windows, "linux") is None


@pytest.mark.parametrize("folders", [["SESAM-Vitale/APILEC"], ["SESAM-Vitale/APILEC", "santesocial/api_lec64"]])
def test_its_configuration_the_newer_place_first(tmp_path: Path, windows: dict[str, str], folders: list[str]) -> None:
    for folder in folders:
        (tmp_path / "ProgramData" / folder).mkdir(parents=True)
    place = find_api_lec(windows, "win32")
    assert place is not None
    assert place.folder == tmp_path / "ProgramData" / folders[-1]


def test_named_by_the_environment(windows: dict[str, str]) -> None:
    named = {LIBRARY: "/opt/lib.so", FOLDER: "/etc/lec", HELPER: "/opt/helper32"}
    assert find_api_lec(windows | named, "win32") == ApiLecPlace(
        Path("/opt/lib.so"), Path("/etc/lec"), Path("/opt/helper32")
    )
    assert find_api_lec({LIBRARY: "/opt/lib.so"}, "linux") == ApiLecPlace(Path("/opt/lib.so"), Path("/opt"))


def test_not_wanted(windows: dict[str, str]) -> None:
    assert find_api_lec(windows | {LIBRARY: "Non"}, "win32") is None
