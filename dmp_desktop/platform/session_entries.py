"""The program in this user's session: its entry in the menu, its icon, the addresses it opens, whether it opens with the session.

Linux: freedesktop.org Desktop Entry 1.4 (validators know no later), Desktop Application Autostart 0.5, Icon Theme 0.13. On
Windows the MSI makes them; the automatic start alone is changed here, where the MSI puts it (`installer/windows/wxs.py`).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from dmp_desktop.errors import UpdateError

NAME, ENTRY = "DMP Desktop", "dmp-desktop.desktop"
SCHEME = "x-scheme-handler/dmp-desktop"
_RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
_TO_ESCAPE = '"`$\\'


class SessionEntries:
    """Those of one user, by the environment and home folder given."""

    def __init__(self, environment: Mapping[str, str], user_home: Path) -> None:
        self._data = _folder(environment.get("XDG_DATA_HOME", ""), user_home / ".local/share")
        self._config = _folder(environment.get("XDG_CONFIG_HOME", ""), user_home / ".config")

    @property
    def menu(self) -> Path:
        return self._data / "applications" / ENTRY

    @property
    def autostart(self) -> Path:
        return self._config / "autostart" / ENTRY

    def make(self, program: Path, icons: Path) -> None:
        """The entry of the menu, which opens `dmp-desktop:` addresses, and the icons drawn in `icons`. Raises UpdateError."""
        try:
            _write(self.menu, entry(f"{_quoted(program)} %u", f"MimeType={SCHEME};"))
            for source, place in self._icons(icons):
                place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                shutil.copyfile(source, place)
        except OSError as error:
            raise _refused() from error
        self._tell_the_desktop()

    def remove(self, icons: Path) -> None:
        """All of it. Raises UpdateError."""
        try:
            for place in (self.menu, self.autostart, *(place for _source, place in self._icons(icons))):
                place.unlink(missing_ok=True)
        except OSError as error:
            raise _refused() from error
        self._tell_the_desktop()

    def opens_with_session(self) -> bool:
        if sys.platform == "win32":
            return bool(_windows_value())
        return self.autostart.is_file()

    def open_with_session(self, command: Sequence[str]) -> None:
        """From the next session on. Raises UpdateError."""
        try:
            if sys.platform == "win32":
                _set_windows_value(f'"{command[0]}"')
            else:
                line = " ".join(_quoted(part) for part in command)
                _write(self.autostart, entry(line, "X-GNOME-Autostart-enabled=true"))
        except OSError as error:
            raise _refused() from error

    def open_no_more(self) -> None:
        """Raises UpdateError."""
        try:
            if sys.platform == "win32":
                _set_windows_value("")
            else:
                self.autostart.unlink(missing_ok=True)
        except OSError as error:
            raise _refused() from error

    def _icons(self, icons: Path) -> list[tuple[Path, Path]]:
        """(drawn, where the theme looks for it)."""
        theme = self._data / "icons/hicolor"
        found = [(icons / "dmp-desktop.svg", theme / "scalable/apps/dmp-desktop.svg")]
        for file in icons.glob("dmp-desktop-*.png"):
            size = file.stem.rpartition("-")[2]
            found.append((file, theme / f"{size}x{size}/apps/dmp-desktop.png"))
        return [(source, place) for source, place in found if source.is_file()]

    def _tell_the_desktop(self) -> None:
        """Which program opens which address is looked up in a cache, where the desktop has one."""
        if (tool := shutil.which("update-desktop-database")) and self.menu.parent.is_dir():
            subprocess.run([tool, "-q", str(self.menu.parent)], check=False, timeout=30)  # noqa: S603 - the system's


def entry(command: str, *more: str) -> str:
    """A desktop entry. `command` is quoted."""
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        "Version=1.4",
        f"Name={NAME}",
        "GenericName=Dossier médical partagé",
        "Comment=Le dossier médical partagé à côté du logiciel de cabinet",
        f"Exec={command}",
        "Icon=dmp-desktop",
        "Terminal=false",
        "Categories=Office;",
        "StartupNotify=true",
        "StartupWMClass=dmp-desktop",
        *more,
    )
    return "\n".join(lines) + "\n"


def _quoted(part: Path | str) -> str:
    """As the Exec key wants it: quoted, then escaped as any value."""
    plain = "".join(f"\\{sign}" if sign in _TO_ESCAPE else sign for sign in str(part).replace("%", "%%"))
    return f'"{plain}"'.replace("\\", "\\\\")


def _folder(chosen: str, usual: Path) -> Path:
    """A relative one is ignored, as the XDG Base Directory Specification 0.8 demands."""
    return Path(chosen) if Path(chosen).is_absolute() else usual


def _write(place: Path, text: str) -> None:
    place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}.new")
    part.write_text(text, encoding="utf-8")
    part.chmod(0o644)
    part.replace(place)


if sys.platform == "win32":
    import winreg

    def _windows_value() -> str:
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _RUN) as key:
                return str(winreg.QueryValueEx(key, NAME)[0])
        except OSError:
            return ""

    def _set_windows_value(value: str) -> None:
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _RUN) as key:
            if value:
                winreg.SetValueEx(key, NAME, 0, winreg.REG_SZ, value)
            elif _windows_value():
                winreg.DeleteValue(key, NAME)

else:

    def _windows_value() -> str:
        raise NotImplementedError

    def _set_windows_value(value: str) -> None:
        raise NotImplementedError


def _refused() -> UpdateError:
    return UpdateError(
        "install-entries",
        "L'entrée du menu ou l'ouverture avec la session n'ont pas pu être écrites.",
        "Vérifiez la place libre et vos droits sur votre dossier personnel.",
    )
