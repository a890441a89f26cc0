"""The MSI's source for `wixl`: per user, no administrator, from a frozen folder.

What is installed: the files under %LOCALAPPDATA%\\Programs, one entry of the Start menu, the `dmp-desktop://` scheme, the names
of our two programs for who starts them (App Paths), and, when asked (`AUTOSTART=1`), the start with the session. The data folder
is none of its business: a removal keeps it, so the documents that wait are there for the next installation; `PURGE=1` has the
program erase it first.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element, SubElement, indent, tostring

NAME, MAKER = "DMP Desktop", "DMP Desktop"
PROGRAM, COMMAND = "dmp-desktop.exe", "dmp.exe"
SCHEME = "dmp-desktop"
UPGRADE_CODE = "7D5A1E0B-4C0F-4E0C-9C39-5D0E7C6E2B51"
"""Says that two packages are versions of one program: never changes."""
_COMPONENTS = uuid.UUID("6f2d7c1e-3a52-4a5b-8c55-2f8f4e1d9a07")
_RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
_OWN = r"Software\DMP Desktop"
APP_PATHS = r"Software\Microsoft\Windows\CurrentVersion\App Paths"
"""Where ShellExecute finds a program by its name alone ("Application Registration", Microsoft)."""
_WIX = "http://schemas.microsoft.com/wix/2006/wi"
AUTOSTART_COMPONENT = "Autostart"
AUTOSTART = 'AUTOSTART="1" OR (STARTEDBEFORE AND NOT AUTOSTART="0")'
"""When the program is started with the session: when asked, and after an upgrade as before it."""
FOR_ONE_USER = 'Installed OR NOT ALLUSERS="1"'
FOR_ONE_USER_FR = (
    "DMP Desktop s'installe pour un seul utilisateur : rien n'a été installé. "
    "Recommencez dans le compte du médecin, sans ALLUSERS=1."
)
"""Installed for all, it would be in the folders and the registry of who installs, and of nobody else."""
REPLACED, REPLACED_ATTRIBUTES = "WIX_UPGRADE_DETECTED", 0x201
"""The property of the versions that are replaced: up to this one, another build of it among them; its row's attributes:
msidbUpgradeAttributesMigrateFeatures and VersionMaxInclusive."""
REMOVED_FOR_GOOD = 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE'


@dataclass(frozen=True, slots=True)
class Package:
    """What is packed: a frozen folder, its version ("1.2.3") and the icon of the entries."""

    frozen: Path
    version: str
    icon: Path | None = None


def source(package: Package, *, for_wixl: bool = True) -> str:
    """The document, for WiX 3 too (`for_wixl` false). The same folder and version give the same text; the product code is drawn
    when it is compiled, from the folder that holds the frozen one (wixl takes no absolute path). wixl 0.101 knows neither the
    condition of a component nor an upgrade by the same version: `package.pack` writes both."""
    wix = Element("Wix", xmlns=_WIX)
    product = SubElement(
        wix, "Product", Id="*", Name=NAME, Manufacturer=MAKER, Language="1036", Codepage="1252",
        UpgradeCode=UPGRADE_CODE, Version=package.version,
    )  # fmt: skip
    about = {"Description": f"{NAME} {package.version}", "InstallScope": "perUser"}
    SubElement(product, "Package", InstallerVersion="500", Compressed="yes", Languages="1036", **about)
    SubElement(product, "Media", Id="1", Cabinet="dmp.cab", EmbedCab="yes")
    upgrade = {"DowngradeErrorMessage": "Une version plus récente de DMP Desktop est installée."}
    if not for_wixl:
        upgrade["AllowSameVersionUpgrades"] = "yes"
    SubElement(product, "MajorUpgrade", **upgrade)
    SubElement(product, "Condition", Message=FOR_ONE_USER_FR).text = FOR_ONE_USER
    _properties(product, package)
    _tree(product, package.frozen)
    _start_menu(product)
    _registry(product, for_wixl=for_wixl)
    _features(product)
    _purge(product)
    indent(wix)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(wix, encoding="unicode") + "\n"


def _properties(product: Element, package: Package) -> None:
    values = {"MSIINSTALLPERUSER": "1", "ARPNOMODIFY": "1", "PURGE": "0"}
    if package.icon:
        SubElement(product, "Icon", Id="dmp.ico", SourceFile=os.path.relpath(package.icon, package.frozen.parent))
        values["ARPPRODUCTICON"] = "dmp.ico"
    for name, value in values.items():
        SubElement(product, "Property", Id=name, Value=value)
    before = SubElement(product, "Property", Id="STARTEDBEFORE")
    SubElement(before, "RegistrySearch", Id="StartedBefore", Root="HKCU", Key=_RUN, Name=NAME, Type="raw")


def _tree(product: Element, frozen: Path) -> None:
    """One component a file, under an identifier that follows from its path: an upgrade knows each again."""
    root = SubElement(product, "Directory", Id="TARGETDIR", Name="SourceDir")
    local = SubElement(root, "Directory", Id="LocalAppDataFolder")
    programs = SubElement(local, "Directory", Id="ProgramsOfUser", Name="Programs")
    folders = {PurePosixPath(): SubElement(programs, "Directory", Id="INSTALLDIR", Name=NAME)}
    SubElement(root, "Directory", Id="ProgramMenuFolder")
    for file in sorted(one for one in frozen.rglob("*") if one.is_file()):
        path = PurePosixPath(file.relative_to(frozen).as_posix())
        component = SubElement(_folder(folders, path.parent), "Component", Id=_id("c", path), Guid=_guid(str(path)))
        SubElement(component, "File", Id=_id("f", path), Source=f"{frozen.name}/{path}", Name=path.name, KeyPath="yes")


def _folder(folders: dict[PurePosixPath, Element], path: PurePosixPath) -> Element:
    if path not in folders:
        folders[path] = SubElement(_folder(folders, path.parent), "Directory", Id=_id("d", path), Name=path.name)
    return folders[path]


def _start_menu(product: Element) -> None:
    component = _settings(product, "StartMenu", "ProgramMenuFolder")
    target = f"[#{_id('f', PurePosixPath(PROGRAM))}]"
    SubElement(
        component, "Shortcut", Id="StartMenuEntry", Directory="ProgramMenuFolder", Name=NAME, Target=target,
        WorkingDirectory="INSTALLDIR", Description="Le dossier médical partagé à côté du logiciel de cabinet",
    )  # fmt: skip
    _value(component, _OWN, "Folder", "[INSTALLDIR]", key_path=True)


def _registry(product: Element, *, for_wixl: bool) -> None:
    program = f'"[#{_id("f", PurePosixPath(PROGRAM))}]"'
    scheme = _settings(product, "Scheme", "INSTALLDIR")
    classes = rf"Software\Classes\{SCHEME}"
    _value(scheme, classes, None, f"URL:{NAME}", key_path=True)
    _value(scheme, classes, "URL Protocol", "")
    _value(scheme, rf"{classes}\DefaultIcon", None, f"{program},0")
    _value(scheme, rf"{classes}\shell\open\command", None, f'{program} "%1"')
    paths = _settings(product, "AppPaths", "INSTALLDIR")
    for name in (PROGRAM, COMMAND):
        _value(paths, rf"{APP_PATHS}\{name}", None, f"[#{_id('f', PurePosixPath(name))}]", key_path=name == PROGRAM)
    autostart = _settings(product, AUTOSTART_COMPONENT, "INSTALLDIR")
    if not for_wixl:
        SubElement(autostart, "Condition").text = AUTOSTART
    _value(autostart, _RUN, NAME, program, key_path=True)


def _settings(product: Element, name: str, folder: str) -> Element:
    place = SubElement(product, "DirectoryRef", Id=folder)
    return SubElement(place, "Component", Id=name, Guid=_guid(f"*{name}"))


def _value(component: Element, key: str, name: str | None, value: str, *, key_path: bool = False) -> None:
    optional = {"Name": name} if name else {}
    if key_path:
        optional["KeyPath"] = "yes"
    SubElement(component, "RegistryValue", Root="HKCU", Key=key, Type="string", Value=value, **optional)


def _features(product: Element) -> None:
    feature = SubElement(product, "Feature", Id="Program", Title=NAME, Level="1", Absent="disallow")
    for component in product.iter("Component"):
        SubElement(feature, "ComponentRef", Id=component.get("Id", ""))


def _purge(product: Element) -> None:
    """Erasing is the program's own work: it knows its folder and its keys. Where it refuses (it is open, the key store does not
    answer), nothing is removed: without the program, nobody could erase any more. So it comes before anything is changed, and
    before InstallValidate, where Windows closes by itself the programs that are open."""
    SubElement(
        product, "CustomAction", Id="EraseData", FileKey=_id("f", PurePosixPath(COMMAND)), ExeCommand=ERASE, Return="check",
    )  # fmt: skip
    sequence = SubElement(product, "InstallExecuteSequence")
    SubElement(sequence, "Custom", Action="EraseData", After="CostFinalize").text = f'{REMOVED_FOR_GOOD} AND PURGE="1"'


ERASE = "erase --everything"


def _id(kind: str, path: PurePosixPath) -> str:
    return kind + hashlib.sha256(str(path).encode()).hexdigest()[:32]


def _guid(name: str) -> str:
    return str(uuid.uuid5(_COMPONENTS, name)).upper()
