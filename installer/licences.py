"""The licences of what is shipped: those we may ship under, those that packages tell otherwise than by SPDX, and their notice."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from license_expression import ExpressionError, LicenseExpression, get_spdx_licensing

if TYPE_CHECKING:
    from installer.account import Work

ALLOWED = frozenset(
    {
        "0BSD", "Apache-2.0", "blessing", "BSD-2-Clause", "BSD-3-Clause", "bzip2-1.0.6", "HPND", "ISC",
        "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MIT-0", "MIT-CMU",
        "MPL-2.0", "PSF-2.0", "Zlib", "GPL-2.0-or-later WITH Bootloader-exception",
    }
)  # fmt: skip
"""What an MIT program may ship: permissive ones; LGPL and MPL as libraries in files of their own, unmodified and replaceable; the
GPL of PyInstaller's bootloader by its exception alone."""
WHEELS = {
    "asn1crypto": "MIT", "backports.tarfile": "MIT", "certifi": "MPL-2.0", "charset-normalizer": "MIT",
    "cheroot": "BSD-3-Clause", "defusedxml": "PSF-2.0", "fonttools": "MIT", "jaraco.classes": "MIT",
    "lxml": "BSD-3-Clause", "ppf-datamatrix": "MIT", "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0", "pyscard": "LGPL-2.1-or-later",
    "pyside6_essentials": "LGPL-3.0-only", "pyside6_pdf": "LGPL-3.0-only", "shiboken6": "LGPL-3.0-only",
    "pywin32-ctypes": "BSD-3-Clause", "requests": "Apache-2.0", "signxml": "Apache-2.0",
    "sqlcipher3": "Zlib AND BSD-3-Clause AND blessing AND Apache-2.0", "tzdata": "Apache-2.0",
}  # fmt: skip
"""Read in their texts: these tell it by a classifier, in words, or by a choice that is ours to make (Qt)."""
DEBIAN = {
    "libbrotli1": "MIT", "libbz2-1.0": "bzip2-1.0.6", "libcom-err2": "MIT", "libffi8": "MIT",
    "libgssapi-krb5-2": "MIT", "libk5crypto3": "MIT", "libkeyutils1": "LGPL-2.1-or-later", "libkrb5-3": "MIT",
    "libkrb5support0": "MIT", "liblzma5": "0BSD", "libsqlite3-0": "blessing", "libssl3": "Apache-2.0",
    "libuuid1": "BSD-3-Clause", "libxkbcommon0": "MIT", "libxkbcommon-x11-0": "MIT", "libzstd1": "BSD-3-Clause",
    "zlib1g": "Zlib", "libexpat1": "MIT",
    **dict.fromkeys(
        (
            "libxcb-cursor0", "libxcb-icccm4", "libxcb-image0", "libxcb-keysyms1", "libxcb-randr0",
            "libxcb-render-util0", "libxcb-render0", "libxcb-shape0", "libxcb-shm0", "libxcb-sync1", "libxcb-util1",
            "libxcb-xfixes0", "libxcb-xkb1", "libxcb-glx0",
        ),
        "MIT",
    ),
}  # fmt: skip
"""Of the libraries of Debian that go along, read in their `copyright`."""
_SPDX = get_spdx_licensing()
BUILT_WITH = {"cpython": "PSF-2.0"}

_COMMON = {"LGPL-3.0-only": ("LGPL-3", "GPL-3"), "LGPL-2.1-or-later": ("LGPL-2.1",), "Apache-2.0": ("Apache-2.0",)}
"""Licences whose text is the same for all works, which may leave it to others: by the names of Debian's folder. The LGPL 3 is an
addition to the GPL 3."""
_COMMON_FOLDER = Path("/usr/share/common-licenses")
_CARRIED = {
    "LGPL-3": ("psycopg", "licenses/LICENSE.txt", ("GNU LESSER GENERAL PUBLIC LICENSE", "Version 3, 29 June 2007")),
    "GPL-3": ("pikepdf", "/GPL-3.0.txt", ("GNU GENERAL PUBLIC LICENSE", "Version 3, 29 June 2007")),
    "LGPL-2.1": ("pyscard", "licenses/LICENSE", ("GNU LESSER GENERAL PUBLIC LICENSE", "Version 2.1, February 1999")),
    "Apache-2.0": ("cryptography", "/LICENSE.APACHE", ("Apache License", "Version 2.0, January 2004")),
}
"""Where there is no such folder (Windows): which wheels of the environment that builds carry them, held to the lock's hashes; the
end of the file's name, and how the text begins."""


def refusals(found: list[Work]) -> list[str]:
    """Why these works may not be shipped together; empty when they may."""
    return [f"{work.name} {work.version} : {why}" for work in found if (why := _refusal(work))]


def _refusal(work: Work) -> str:
    if not work.licence:
        return "licence inconnue"
    try:
        parsed = _SPDX.parse(work.licence, validate=True)
    except ExpressionError as error:
        return f"licence illisible ({work.licence}) : {error}"
    if not _permitted(parsed):
        return f"licence non compatible ({work.licence})"
    missing = [name for name in _common_of(work) if common_text(name) is None]
    if missing:
        where = (
            f"n'est ni dans {_COMMON_FOLDER} ni dans les paquets de {', '.join(_CARRIED[one][0] for one in missing)}"
        )
        return f"sans le texte de sa licence ({work.licence}) : {', '.join(missing)} {where}"
    return "" if texts(work) else f"sans le texte de sa licence ({work.licence})"


def _permitted(parsed: LicenseExpression) -> bool:
    """One of a choice is enough; all of what holds together is needed."""
    if isinstance(parsed, _SPDX.AND | _SPDX.OR):
        return (any if isinstance(parsed, _SPDX.OR) else all)(map(_permitted, parsed.args))
    return str(parsed) in ALLOWED


def texts(work: Work) -> list[Path]:
    """The texts of a work's licence: its own and those it leaves to others; never another work's own."""
    own = [path for path in work.texts if path.is_file()]
    return own + [path for name in _common_of(work) if (path := common_text(name))]


def _common_of(work: Work) -> list[str]:
    return [name for licence, names in _COMMON.items() if licence in work.licence for name in names]


@cache
def common_text(name: str, folder: Path = _COMMON_FOLDER) -> Path | None:
    """The text of a licence by Debian's name for it; None where nobody here has it."""
    if (folder / name).is_file():
        return folder / name
    wheel, end, beginning = _CARRIED[name]
    try:
        files = distribution(wheel).files or ()
    except PackageNotFoundError:
        return None
    for file in files:
        path = Path(str(file.locate()))
        if file.as_posix().endswith(end) and ".dist-info/" in file.as_posix() and path.is_file():
            head = path.read_text(encoding="utf-8", errors="replace")[:600]
            if all(line in head for line in beginning):
                return path
    return None


def notice(found: list[Work]) -> str:
    """What is shipped, under which licence, and the texts, each once."""
    lines = ["Œuvres de tiers fournies avec DMP Desktop, sans modification, et leurs licences.", ""]
    lines += [f"- {work.name} {work.version} : {work.licence}" for work in found]
    lines += [
        "",
        "Les bibliothèques sous LGPL (Qt et d'autres) sont des fichiers à part : vous pouvez les remplacer par les vôtres.",
        "Leurs sources : https://download.qt.io, https://pypi.org et https://sources.debian.org, à la version indiquée.",
    ]
    told: dict[str, list[str]] = {}
    for work in found:
        for path in texts(work):
            told.setdefault(path.read_text(encoding="utf-8", errors="replace").strip(), []).append(
                f"{work.name} ({path.name})"
            )
    for text, of in told.items():
        lines += ["", "=" * 100, ", ".join(of), "=" * 100, "", text]
    return "\n".join(lines) + "\n"
