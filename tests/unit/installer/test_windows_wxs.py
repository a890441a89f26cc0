"""The MSI's source, and the MSI that wixl makes of it where it is installed."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from installer.windows import wxs
from installer.windows.fetch import BuildError
from installer.windows.package import pack

NS = {"w": "http://schemas.microsoft.com/wix/2006/wi"}


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    folder = tmp_path / "dmp-desktop"
    for name in ("dmp-desktop.exe", "dmp.exe", "_internal/a.dll", "_internal/deep/er/b & c.txt"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return folder


def parsed(frozen: Path) -> ElementTree.Element:
    return ElementTree.fromstring(wxs.source(wxs.Package(frozen, "1.2.3")))


def test_every_file_is_there_once_in_its_folder(frozen: Path) -> None:
    root = parsed(frozen)
    files = {one.get("Source") for one in root.iterfind(".//w:File", NS)}
    assert files == {one.relative_to(frozen.parent).as_posix() for one in frozen.rglob("*") if one.is_file()}
    guids = [one.get("Guid") for one in root.iterfind(".//w:Component", NS)]
    assert len(set(guids)) == len(guids)
    refs = {one.get("Id") for one in root.iterfind(".//w:ComponentRef", NS)}
    assert refs == {one.get("Id") for one in root.iterfind(".//w:Component", NS)}
    install = root.find(".//w:Directory[@Id='INSTALLDIR']", NS)
    assert install is not None
    assert [one.get("Name") for one in install.iterfind(".//w:Directory", NS)] == ["_internal", "deep", "er"]


def test_a_file_keeps_its_identity_from_version_to_version(frozen: Path) -> None:
    def identities(version: str) -> set[tuple[str | None, str | None]]:
        root = ElementTree.fromstring(wxs.source(wxs.Package(frozen, version)))
        return {(one.get("Id"), one.get("Guid")) for one in root.iterfind(".//w:Component", NS)}

    former = identities("1.2.3")
    (frozen / "_internal/new.dll").write_text("new")
    assert former < identities("1.2.4")


def test_it_is_for_its_user_alone_and_asks_no_administrator(frozen: Path) -> None:
    root = parsed(frozen)
    package = root.find(".//w:Package", NS)
    assert package is not None
    assert package.get("InstallScope") == "perUser"
    assert {one.get("Root") for one in root.iterfind(".//w:RegistryValue", NS)} == {"HKCU"}
    folders = {one.get("Id") for one in root.iterfind(".//w:Directory", NS)}
    assert {"LocalAppDataFolder", "ProgramMenuFolder"} <= folders
    assert not folders & {"ProgramFiles64Folder", "ProgramFilesFolder", "SystemFolder"}


def test_wixl_makes_an_msi_of_it_that_holds_the_files(frozen: Path, tmp_path: Path) -> None:
    pack(wxs.Package(frozen, "1.2.3"), tmp_path / "a.msi")

    def table(name: str) -> str:
        return subprocess.run(
            ["msiinfo", "export", str(tmp_path / "a.msi"), name], check=True, capture_output=True, text=True
        ).stdout

    assert "ALLUSERS" not in table("Property")
    (autostart,) = (line.split("\t") for line in table("Component").splitlines() if line.startswith("Autostart\t"))
    assert autostart[4] == wxs.AUTOSTART
    conditions = [line.split("\t") for line in table("InstallExecuteSequence").splitlines()]
    (erase,) = (line for line in conditions if line[0] == "EraseData")
    (removed,) = (line for line in conditions if line[0] == "RemoveFiles")
    assert erase[1] == 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE AND PURGE="1"'
    assert int(erase[2]) < int(removed[2])
    subprocess.run(
        ["msiextract", "-C", str(tmp_path / "out"), str(tmp_path / "a.msi")], check=True, capture_output=True
    )
    packed = {hashlib.sha256(one.read_bytes()).digest() for one in (tmp_path / "out").rglob("*") if one.is_file()}
    assert packed == {hashlib.sha256(one.read_bytes()).digest() for one in frozen.rglob("*") if one.is_file()}


def test_what_stands_in_for_windows_under_wine_is_never_packed(frozen: Path, tmp_path: Path) -> None:
    (frozen / "_internal/ICUUC.dll").write_text("stands in")
    with pytest.raises(BuildError, match="ICUUC"):
        pack(wxs.Package(frozen, "1.2.3"), tmp_path / "a.msi")
    assert not (tmp_path / "a.msi").exists()
