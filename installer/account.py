"""What a frozen program is made of: each work of others with its version, licence, texts and files (docs/adr/0034).

Told by the files that were really taken, not by what is installed beside them. What cannot be told is refused.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from importlib.metadata import Distribution, distributions
from pathlib import Path

from installer.licences import BUILT_WITH, DEBIAN, WHEELS

_LIBPYTHON = re.compile(r"libpython3[.\d]*\.so[.\d]*")
_TEXTS = ("LICEN", "COPYING", "NOTICE")


class AccountError(Exception):
    """Something shipped has no known origin, version or licence; the message says what."""


@dataclass(slots=True)
class Work:
    """A work of others. `licence` is an SPDX expression, `texts` its words, `files` names in the program (modules: dotted)."""

    name: str
    version: str
    licence: str
    purl: str
    texts: list[Path] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of a program come from: `site` has its wheels, `ours` what is of our own, `python` the folders of its
    Python and of nobody else, of `version` and under the licence of the file `licence`."""

    site: Path
    ours: tuple[Path, ...]
    python: tuple[Path, ...]
    version: str
    licence: Path


def this_python(ours: tuple[Path, ...]) -> Place:
    """The environment this runs in."""
    version = ".".join(map(str, sys.version_info[:3]))
    python = _python_folders()
    texts = [folder / "LICENSE.txt" for folder in python]
    text = next((one for one in texts if one.is_file()), texts[0])
    return Place(Path(sysconfig.get_path("purelib")), ours, python, version, text)


def _python_folders() -> tuple[Path, ...]:
    """Its prefix on Windows; elsewhere its library alone: the prefix of a distribution's Python is /usr, with all the others."""
    if sys.platform == "win32":
        return (Path(sys.base_prefix).resolve(),)
    bases = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    names = ("stdlib", "platstdlib")
    return tuple(dict.fromkeys(Path(sysconfig.get_path(name, vars=bases)).resolve() for name in names))


def works(shipped: Path, place: Place) -> list[Work]:
    """By name. `shipped` is the JSON the spec leaves, [[name, source]]. Raises AccountError for a file of nobody."""
    wheels = distributions(path=[str(place.site)])
    owners = {_resolved(str(one.locate_file(file))): one for one in wheels for file in one.files or ()}
    found: dict[str, Work] = {}
    unknown = []
    for name, told in json.loads(shipped.read_text(encoding="utf-8")):
        source = _of_wine(told)
        if source in ("", "-") or not (
            Path(source).is_absolute() or ":" in source
        ):  # a namespace, a link inside the program
            continue
        if not Path(source).is_absolute():  # of a disk that is not here
            unknown.append(f"{name} ({source})")
            continue
        path = _resolved(source)
        if path in owners:
            work = _of_a_wheel(owners[path], found)
        elif any(map(Path(path).is_relative_to, place.ours)) and not Path(path).is_relative_to(place.site):
            continue
        elif _of_python(Path(path), place):
            work = found.setdefault("CPython", _python(place))
        else:
            package = _debian(source)
            if package is None:
                unknown.append(f"{name} ({source})")
                continue
            work = found.setdefault(package[0], _of_debian(*package))
        work.files.append(name.replace("\\", "/"))
    if unknown:
        raise AccountError("D'origine inconnue : " + ", ".join(unknown))
    return sorted(found.values(), key=lambda work: work.name.lower())


def _of_python(path: Path, place: Place) -> bool:
    """Never what lies among the wheels and is of none of them."""
    if path.is_relative_to(place.site):
        return False
    return bool(_LIBPYTHON.fullmatch(path.name)) or any(map(path.is_relative_to, place.python))


def _of_wine(source: str) -> str:
    """A file of this machine as the Windows program's build names it (`Z:` is `/` there)."""
    return source[2:].replace("\\", "/") if source[:2] in ("Z:", "z:") else source


def _resolved(source: str) -> str:
    return str(Path(source).resolve())


def _of_a_wheel(wheel: Distribution, found: dict[str, Work]) -> Work:
    name = wheel.metadata["Name"]
    if name not in found:
        licence = WHEELS.get(name.lower()) or wheel.metadata.get("License-Expression") or ""
        files = [file for file in wheel.files or () if _is_text(file.as_posix())]
        texts = [Path(str(wheel.locate_file(file))) for file in files]
        purl = f"pkg:pypi/{re.sub('[-_.]+', '-', name).lower()}@{wheel.version}"
        found[name] = Work(name, wheel.version, licence, purl, texts)
    return found[name]


def _is_text(file: str) -> bool:
    """A licence by its folder (PEP 639), or by its name."""
    _, inside, name = file.partition(".dist-info/")
    return bool(inside) and (
        name.startswith("licenses/") or any(word in file.rpartition("/")[2].upper() for word in _TEXTS)
    )


def _python(place: Place) -> Work:
    return Work(
        "CPython", place.version, BUILT_WITH["cpython"], f"pkg:generic/cpython@{place.version}", [place.licence]
    )


def _debian(source: str) -> tuple[str, str] | None:
    """(package, version) of a file of the system; None where none owns it."""
    if shutil.which("dpkg-query") is None:
        return None
    real = Path(source).resolve()
    for path in {source, str(real), f"/usr{source}", str(real).removeprefix("/usr")}:
        told = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True, check=False)
        if told.returncode == 0:
            package = told.stdout.partition(":")[0]
            wanted = ["dpkg-query", "-W", "-f", "${Version}\n", package]
            version = subprocess.run(wanted, capture_output=True, text=True, check=True).stdout.split()[0]
            return package, version
    return None


def _of_debian(package: str, version: str) -> Work:
    text = Path("/usr/share/doc", package, "copyright")
    return Work(
        package,
        version,
        DEBIAN.get(package, ""),
        f"pkg:deb/debian/{package}@{version}",
        [text] if text.exists() else [],
    )
