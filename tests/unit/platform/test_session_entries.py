"""The program in the session of who uses it: menu, icon, addresses, automatic start; and nothing of it left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dmp_desktop import own_program
from dmp_desktop.cli import main
from dmp_desktop.platform.session_entries import SessionEntries, entry
from installer.icons import draw

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the MSI makes them on Windows")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def icons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("icons")
    draw(ROOT, folder)
    return folder


def validated(file: Path) -> str:
    """What `desktop-file-validate` has to say, hints included; nothing when all is well."""
    done = subprocess.run(["desktop-file-validate", str(file)], capture_output=True, text=True, check=False)
    return f"{done.stdout}{done.stderr}{done.returncode or ''}"


def left(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.rglob("*") if one.is_file())


def test_the_menu_the_icon_and_the_addresses(tmp_path: Path, icons: Path) -> None:
    entries = SessionEntries({}, tmp_path)
    entries.make(tmp_path / "program/dmp-desktop", icons)
    assert validated(entries.menu) == ""
    cache = entries.menu.with_name("mimeinfo.cache").read_text()
    assert "x-scheme-handler/dmp-desktop=dmp-desktop.desktop;" in cache
    theme = tmp_path / ".local/share/icons/hicolor"
    assert (theme / "48x48/apps/dmp-desktop.png").read_bytes().startswith(b"\x89PNG")
    assert (theme / "scalable/apps/dmp-desktop.svg").is_file()


def test_the_automatic_start_is_on_or_off(tmp_path: Path) -> None:
    entries = SessionEntries({"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_DATA_HOME": "relative"}, tmp_path)
    assert not entries.opens_with_session()
    entries.open_with_session(["/opt/dmp-desktop"])
    assert entries.opens_with_session()
    assert entries.autostart == tmp_path / "config/autostart/dmp-desktop.desktop"
    assert entries.menu.is_relative_to(tmp_path / ".local/share")
    assert validated(entries.autostart) == ""
    entries.open_no_more()
    entries.open_no_more()
    assert not entries.opens_with_session()


@pytest.mark.parametrize("name", ["un dossier", 'dit "le cabinet"', "100 % à nous", "a$HOME`b`", r"barre\oblique"])
def test_whatever_its_folder_is_called_it_is_that_program_that_is_started(name: str, tmp_path: Path) -> None:
    entries = SessionEntries({}, tmp_path)
    program = tmp_path / name / "dmp-desktop"
    entries.open_with_session([str(program)])
    assert validated(entries.autostart) == ""
    (line,) = [one for one in entries.autostart.read_text("utf-8").splitlines() if one.startswith("Exec=")]
    value = line.removeprefix("Exec=").replace(
        "\\\\", "\\"
    )  # a value is unescaped, then unquoted by the rules of a shell
    told = subprocess.run(["sh", "-c", f"printf %s {value}"], capture_output=True, text=True, check=True).stdout
    assert told.replace("%%", "%") == str(program)


def test_removed_it_leaves_nothing(tmp_path: Path, icons: Path) -> None:
    entries = SessionEntries({}, tmp_path)
    entries.make(tmp_path / "program/dmp-desktop", icons)
    entries.open_with_session([str(tmp_path / "program/dmp-desktop")])
    assert len(left(tmp_path)) > 8
    entries.remove(icons)
    assert left(tmp_path) == ["mimeinfo.cache"]
    assert "dmp-desktop" not in entries.menu.with_name("mimeinfo.cache").read_text()


def test_an_entry_says_nothing_of_who_uses_it() -> None:
    assert "/home" not in entry('"/opt/dmp"')


def packaged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen program, as far as its installation looks at it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("dmp", "dmp-desktop"):
        (folder / name).write_text("program")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(folder / "dmp"))


def test_installed_then_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    for name, value in {
        "HOME": home,
        "DMP_DESKTOP_HOME": tmp_path / "data",
        "XDG_DATA_HOME": "",
        "XDG_CONFIG_HOME": "",
    }.items():
        monkeypatch.setenv(name, str(value))
    packaged(tmp_path / "dist", monkeypatch)
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        monkeypatch.setattr("dmp_desktop.commands.install.version", lambda version=version: version)
        assert main(["install"]) == 0
    root = home / ".local/lib/dmp-desktop"
    assert (root / "current").readlink() == Path("versions/1.2.0")
    assert sorted(one.name for one in (root / "versions").iterdir()) == ["1.1.0", "1.2.0"]
    assert main(["autostart", "on"]) == 0
    program = str(root / "current/dmp-desktop")
    for file in (
        home / ".local/share/applications/dmp-desktop.desktop",
        home / ".config/autostart/dmp-desktop.desktop",
    ):
        assert f'Exec="{program}"' in file.read_text()
    capsys.readouterr()
    assert main(["install", "--remove"]) == 0
    assert str(tmp_path / "data") in capsys.readouterr().out
    assert not root.exists()
    assert [name for name in left(home) if name != "mimeinfo.cache"] == []
    assert main(["autostart"]) == 0
    assert "ne s'ouvre pas" in capsys.readouterr().out


def test_a_source_tree_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert own_program.program_folder() is None
    assert main(["install"]) == 1
    assert "install-source" in capsys.readouterr().err
    assert left(tmp_path) == []
