"""What a frozen program is made of: each work of others with its version, licence, texts and files (docs/adr/0034).

Told by the files that were really taken, not by what is installed beside them. What cannot be told is refused.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.metadata import Distribution, distributions
from pathlib import Path

from installer.licences import BUILT_WITH, DEBIAN, WHEELS

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


def works(shipped: Path, site: Path, root: Path) -> list[Work]:
    """By name. `shipped` is the JSON the spec leaves, [[name, source]]; `site` where the wheels are, `root` our own tree. Raises
    AccountError for a file of nobody."""
    owners = {
        _resolved(str(one.locate_file(file))): one
        for one in distributions(path=[str(site)])
        for file in one.files or ()
    }
    found: dict[str, Work] = {}
    unknown = []
    for name, source in json.loads(shipped.read_text(encoding="utf-8")):
        if source in ("", "-") or not Path(source).is_absolute():  # a namespace, a link inside the program
            continue
        path = _resolved(source)
        if path in owners:
            work = _of_a_wheel(owners[path], found)
        elif Path(path).is_relative_to(root) and not Path(path).is_relative_to(site):
            continue
        elif Path(path).is_relative_to(Path(sys.base_prefix).resolve()):
            work = found.setdefault("CPython", _python())
        else:
            package = _debian(source)
            if package is None:
                unknown.append(f"{name} ({source})")
                continue
            work = found.setdefault(package[0], _of_debian(*package))
        work.files.append(name)
    if unknown:
        raise AccountError("D'origine inconnue : " + ", ".join(unknown))
    return sorted(found.values(), key=lambda work: work.name.lower())


def _resolved(source: str) -> str:
    return str(Path(source).resolve())


def _of_a_wheel(wheel: Distribution, found: dict[str, Work]) -> Work:
    name = wheel.metadata["Name"]
    if name not in found:
        licence = WHEELS.get(name.lower()) or wheel.metadata.get("License-Expression") or ""
        files = [file for file in wheel.files or () if any(word in file.name.upper() for word in _TEXTS)]
        files = [file for file in files if ".dist-info/" in file.as_posix()]
        texts = [Path(str(wheel.locate_file(file))) for file in files]
        purl = f"pkg:pypi/{re.sub('[-_.]+', '-', name).lower()}@{wheel.version}"
        found[name] = Work(name, wheel.version, licence, purl, texts)
    return found[name]


def _python() -> Work:
    version = ".".join(map(str, sys.version_info[:3]))
    text = next(Path(sys.base_prefix, "lib").glob("python3*/LICENSE.txt"))
    return Work("CPython", version, BUILT_WITH["cpython"], f"pkg:generic/cpython@{version}", [text])


def _debian(source: str) -> tuple[str, str] | None:
    """(package, version) of a file of the system; None where none owns it."""
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
