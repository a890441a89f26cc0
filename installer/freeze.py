"""What the frozen program is made of, for `dmp_desktop.spec`: the same choices on Linux and on Windows (docs/adr/0034)."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

Entry = tuple[str, str, str]
"""As PyInstaller lists a file: its name in the program, where it comes from, its kind."""

WINDOW, COMMAND = "dmp-desktop", "dmp"
SCRIPTS = {
    "dmp_desktop_window.py": "import sys\n\nfrom dmp_desktop.start import main\n\nsys.exit(main())\n",
    "dmp_command.py": "import dmp_desktop.__main__\n",
}

EXCLUDED = [
    "tkinter", "turtle", "idlelib", "lib2to3", "pydoc", "doctest", "curses", "readline", "ensurepip",
    "pip", "setuptools", "wheel", "pkg_resources", "pytest", "_pytest", "hypothesis", "mypy", "numpy", "pandas", "IPython",
    "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets", "PySide6.QtDBus",
    "PySide6.QtTest", "PySide6.QtXml", "PySide6.QtSql",
    "PIL.ImageQt", "PIL.ImageTk", "PIL.ImageShow", "PIL._avif", "PIL._webp", "PIL._imagingtk", "PIL._imagingcms",
    "lxml.isoschematron", "lxml.html.clean", "lxml.html.diff", "lxml.cssselect",
    "sqlalchemy.testing", "sqlalchemy.dialects.mysql", "sqlalchemy.dialects.oracle", "sqlalchemy.dialects.mssql",
    "asyncpg", "psycopg2",
]  # fmt: skip
"""Neither used nor missed: tools of development, and what a dependency loads only where it is there."""

HIDDEN = (
    "smartcard.scard",
    "tzdata",
    "psycopg_binary",
    "psycopg_binary._psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    *(("winreg",) if sys.platform == "win32" else ()),
)
"""What is loaded by a name that is put together at run time."""

_PLUGINS = {
    "platforms": ("qxcb", "qwayland", "qoffscreen", "qwindows"),
    "platformthemes": ("qxdgdesktopportal",),
    "platforminputcontexts": ("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
    "imageformats": ("qgif", "qico", "qjpeg", "qsvg", "qtiff"),
    "iconengines": ("qsvgicon",),
    "printsupport": ("cupsprintersupport", "windowsprintersupport"),
    "styles": ("qmodernwindowsstyle", "qwindowsvistastyle"),
    "wayland-shell-integration": ("xdg-shell",),
    "wayland-decoration-client": ("bradient",),
}
"""Qt's plugins that are shipped, by folder; `qgtk3` brings all of GTK, the others drive screens and inputs without a desktop."""
_DROPPED = (
    "*opengl32sw.dll", "*d3dcompiler_*.dll", "PySide6/Qt*/translations/*", "PySide6/translations/*", "*/PySide6/examples/*",
    "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/direct_url.json", "*.dist-info/REQUESTED", "*.dist-info/uv_*",
    "dmp_desktop-*.dist-info/*", "dmp_desktop/*.py", "*.pyi", "*/tests/*", "*.pxd", "*.pyx",
)  # fmt: skip
_KEPT = ("*/translations/qtbase_fr.qm", "*/translations/qt_fr.qm")
_OF_THE_SYSTEM = (
    "libpcsclite.so*", "libsystemd.so*", "libcups.so*", "libp11-kit.so*",
    "libdbus-1.so*", "libglib-2.0.so*", "libgobject-2.0.so*", "libgio-2.0.so*", "libgmodule-2.0.so*", "libgthread-2.0.so*",
    "libfontconfig.so*", "libfreetype.so*", "libX11.so*", "libX11-xcb.so*", "libxcb.so*",
    "libXau.so*", "libXdmcp.so*", "libXext.so*",
    "libstdc++.so*", "libgcc_s.so*",
)  # fmt: skip
"""Libraries of Linux that speak to a service of this very system, or read its settings: never another system's copy of them
(what the window asks of Debian is `PACKAGES_WINDOW` in run.py)."""


def prepare(root: Path, work: Path) -> Path:
    """A folder with what is made for the freeze: the two programs' first lines, their icon, the name and version of ours."""
    from installer.icons import draw

    folder = work / "prepared"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in SCRIPTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    draw(root, folder / "icons")
    metadata = f"Metadata-Version: 2.1\nName: dmp-desktop\nVersion: {version(root)}\nLicense-Expression: MIT\n"
    (folder / "METADATA").write_text(metadata, encoding="utf-8")
    return folder


def version(root: Path) -> str:
    """That of pyproject.toml: an environment may hold an older one."""
    told: str = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return told


def datas(root: Path, prepared: Path) -> list[tuple[str, str]]:
    """(file or folder, where it goes)."""
    from PyInstaller.utils.hooks import collect_data_files

    return [
        (str(root / "resources"), "resources"),
        (str(prepared / "icons"), "share/icons"),
        *collect_data_files("fpdf", includes=["data/color_profiles/*"]),
        *collect_data_files("signxml"),
    ]


def own_metadata(root: Path, prepared: Path) -> Entry:
    """What tells our version, and names nothing of the machine that builds, as the one of an environment does."""
    return (f"dmp_desktop-{version(root)}.dist-info/METADATA", str(prepared / "METADATA"), "DATA")


def hidden_imports(root: Path) -> list[str]:
    """Every module of ours: many are loaded late, by name; and HIDDEN."""
    files = (root / "dmp_desktop").rglob("*.py")
    names = (".".join(file.relative_to(root).with_suffix("").parts) for file in files)
    return sorted(name.removesuffix(".__init__") for name in names) + list(HIDDEN)


def wanted(entry: Entry) -> bool:
    """Whether a file is shipped, by its name in the program."""
    name = entry[0].replace("\\", "/")
    if any(fnmatch(name, pattern) for pattern in _KEPT):
        return True
    if any(fnmatch(name, pattern) for pattern in _DROPPED):
        return False
    if "/plugins/" in name and name.startswith("PySide6/"):
        folder, _, file = name.partition("/plugins/")[2].partition("/")
        return file.partition(".")[0].removeprefix("lib") in _PLUGINS.get(folder, ())
    return sys.platform == "win32" or not any(fnmatch(name.rpartition("/")[2], one) for one in _OF_THE_SYSTEM)


def kept(entries: Iterable[Entry]) -> list[Entry]:
    """The files that are shipped: those wanted, without the libraries that only unwanted ones asked for."""
    left = [entry for entry in entries if wanted(entry)]
    if sys.platform == "win32":
        return left
    files = [(name, source) for name, source, kind in left if kind != "SYMLINK"]
    asked: set[str] = set()
    waiting = [source for name, source in files if ".so" in Path(name).name and not _only_for_others(name)]
    while waiting:
        for library in needed(waiting.pop()) - asked:
            asked.add(library)
            waiting += [source for name, source in files if _only_for_others(name) and Path(name).name == library]
    return [entry for entry in left if not _only_for_others(entry[0]) or Path(entry[0]).name in asked]


def needed(library: str) -> set[str]:
    """The libraries that an ELF file names itself (DT_NEEDED). binutils, which PyInstaller asks for too."""
    told = subprocess.run(["objdump", "-p", library], capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"^ +NEEDED +(\S+)", told, re.MULTILINE))


def _only_for_others(name: str) -> bool:
    """A library that nothing of ours loads: there because another asks for it."""
    folder, _, file = name.rpartition("/")
    own = file.startswith("libpython") or ".cpython-" in file or file.endswith(".abi3.so")
    return folder in ("", "PySide6/Qt/lib") and ".so" in file and not own


def windows_version(root: Path, name: str) -> Any:
    """What Windows shows of the file's properties."""
    from PyInstaller.utils.win32 import versioninfo as told

    numbers = (*(int(part) for part in version(root).split(".")[:3]), 0)
    texts = {
        "CompanyName": "DMP Desktop",
        "FileDescription": "DMP Desktop" if name == WINDOW else "DMP Desktop, en ligne de commande",
        "FileVersion": version(root),
        "InternalName": name,
        "LegalCopyright": "Licence MIT",
        "OriginalFilename": f"{name}.exe",
        "ProductName": "DMP Desktop",
        "ProductVersion": version(root),
    }
    strings = [told.StringStruct(key, text) for key, text in texts.items()]
    return told.VSVersionInfo(
        ffi=told.FixedFileInfo(filevers=numbers, prodvers=numbers, mask=0x3F, OS=0x40004, fileType=1),
        kids=[
            told.StringFileInfo([told.StringTable("040C04B0", strings)]),
            told.VarFileInfo([told.VarStruct("Translation", [0x040C, 1200])]),
        ],
    )
