"""What a build knows of who publishes it, and the archive an update brings (docs/adr/0039)."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Sequence
from pathlib import Path

from dmp_desktop.platform.release import KEYS, this_platform

MOST_KEYS = 2
"""The one in use, and the one that takes its place."""
_KEY = re.compile(r"[0-9a-f]{64}")


def refusal(keys: Sequence[str]) -> str:
    """Why these are no release keys; empty where they are."""
    if len(keys) > MOST_KEYS or not all(_KEY.fullmatch(key) for key in keys):
        return f"--release-key : {MOST_KEYS} clés au plus, de 64 chiffres hexadécimaux chacune"
    return ""


def trust(program: Path, keys: Sequence[str]) -> None:
    """Have the frozen program believe manifests signed by these public keys (hex), and no other. Raises ValueError."""
    if why := refusal(keys):
        raise ValueError(why)
    if keys:
        (place,) = program.rglob(f"resources/{KEYS}")
        place.write_text(json.dumps({"keys": list(keys)}), encoding="utf-8")


def archive(program: Path, version: str) -> Path:
    """The program's folder as an update brings it, beside it; what it holds belongs to nobody."""

    def nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        return member

    file = program.with_name(f"{program.name}-{version}-{this_platform()}.tar.xz")
    with tarfile.open(file, "w:xz", preset=6) as content:
        content.add(program, program.name, filter=nobodys)
    return file
