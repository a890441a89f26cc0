"""A PKCS#11 module of ours in front of a real one, which shows what that one cannot (moody_pkcs11.c)."""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("moody_pkcs11.c")


@functools.cache
def moody(behind: Path) -> Path:
    """The built module; skips, saying so, where there is no compiler."""
    if not shutil.which("gcc"):
        pytest.skip("gcc is not installed")
    built = Path(tempfile.mkdtemp(prefix="moody-")) / "moody.so"
    flags = ["-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", f'-DBEHIND="{os.path.realpath(behind)}"']
    subprocess.run(["gcc", *flags, "-o", str(built), str(SOURCE), "-ldl"], check=True)
    return built


def logins(module: Path) -> int:
    """How many PINs this one was given."""
    return int(ctypes.c_ulong.in_dll(ctypes.CDLL(str(module)), "moody_logins").value)
