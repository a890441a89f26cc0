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


def packed(frozen: Path, msi: Path, *tables: str) -> dict[str, list[list[str]]]:
    """The rows of an MSI's tables."""
    pack(wxs.Package(frozen, "1.2.3"), msi)
    told = {}
    for table in tables:
        command = ["msiinfo", "export", str(msi), table]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        told[table] = [line.split("\t") for line in lines[3:]]
    return told


def test_wixl_makes_an_msi_of_it_that_holds_the_files(frozen: Path, tmp_path: Path) -> None:
    table = packed(frozen, tmp_path / "a.msi", "Property", "Component")
    assert "ALLUSERS" not in {row[0] for row in table["Property"]}
    (autostart,) = (row for row in table["Component"] if row[0] == "Autostart")
    assert autostart[4] == wxs.AUTOSTART
    subprocess.run(
        ["msiextract", "-C", str(tmp_path / "out"), str(tmp_path / "a.msi")], check=True, capture_output=True
    )
    found = {hashlib.sha256(one.read_bytes()).digest() for one in (tmp_path / "out").rglob("*") if one.is_file()}
    assert found == {hashlib.sha256(one.read_bytes()).digest() for one in frozen.rglob("*") if one.is_file()}


def test_what_cannot_be_erased_keeps_the_program_that_could_erase_it(frozen: Path, tmp_path: Path) -> None:
    """The action is waited for, its failure ends the removal, and nothing was changed, no program closed, before it."""
    table = packed(frozen, tmp_path / "a.msi", "InstallExecuteSequence", "CustomAction")
    rows = {row[0]: row for row in table["InstallExecuteSequence"]}
    assert rows["EraseData"][1] == 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE AND PURGE="1"'
    assert int(rows["CostFinalize"][2]) < int(rows["EraseData"][2]) < int(rows["InstallValidate"][2])
    (erase,) = (row for row in table["CustomAction"] if row[0] == "EraseData")
    program, goes_on, not_waited_for = 0x12, 0x40, 0x80  # msidbCustomActionType…: Exe + SourceFile, Continue, Async
    assert int(erase[1]) & (0x3F | goes_on | not_waited_for) == program


def test_another_build_of_the_same_version_takes_the_place_of_the_first(frozen: Path, tmp_path: Path) -> None:
    """Else both were installed, in one folder."""
    table = packed(frozen, tmp_path / "a.msi", "Upgrade")
    (replaced,) = (row for row in table["Upgrade"] if row[6] == "WIX_UPGRADE_DETECTED")
    least, most, _language, attributes = replaced[1:5]
    assert (least, most, int(attributes) & 0x200) == ("", "1.2.3", 0x200)  # VersionMaxInclusive
    root = ElementTree.fromstring(wxs.source(wxs.Package(frozen, "1.2.3"), for_wixl=False))
    upgrade = root.find(".//w:MajorUpgrade", NS)
    assert upgrade is not None
    assert upgrade.get("AllowSameVersionUpgrades") == "yes"


def test_it_is_not_installed_for_all(frozen: Path, tmp_path: Path) -> None:
    table = packed(frozen, tmp_path / "a.msi", "LaunchCondition")
    (told,) = (row[1] for row in table["LaunchCondition"] if row[0] == 'Installed OR NOT ALLUSERS="1"')
    assert "sans ALLUSERS=1" in told
    assert "été installé" in told


def test_others_find_our_programs_by_their_names(frozen: Path) -> None:
    root = parsed(frozen)
    files = {one.get("Id"): one.get("Name") for one in root.iterfind(".//w:File", NS)}
    values = [one for one in root.iterfind(".//w:RegistryValue", NS) if "App Paths" in one.get("Key", "")]
    told = {one.get("Key", "").rpartition("\\")[2]: files[one.get("Value", "")[2:-1]] for one in values}
    assert told == {"dmp-desktop.exe": "dmp-desktop.exe", "dmp.exe": "dmp.exe"}


def test_what_stands_in_for_windows_under_wine_is_never_packed(frozen: Path, tmp_path: Path) -> None:
    (frozen / "_internal/ICUUC.dll").write_text("stands in")
    with pytest.raises(BuildError, match="ICUUC"):
        pack(wxs.Package(frozen, "1.2.3"), tmp_path / "a.msi")
    assert not (tmp_path / "a.msi").exists()
