"""The bridge on each supported Python that this machine has, with nothing installed beside it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECK = "from dmp_desktop.dmp.bridge_check import self_test; print(sorted(self_test().items()))"
EXPECTED = "[('PKCS#1', 'TLSv1.2'), ('PSS', 'TLSv1.3')]"
# What 3.13 turned on in create_default_context must stay the same on all: off (docs/adr/0002).
FLAGS = """
import ssl
from dmp_desktop.dmp.tls_context import ResumingContext
print(bool(ResumingContext(ssl.PROTOCOL_TLS_CLIENT).verify_flags & ssl.VERIFY_X509_STRICT))
"""


def _python(version: str) -> Path | None:
    """This one, pyenv's newest of that version, or the one on the path."""
    if ".".join(map(str, sys.version_info[:2])) == version:
        return Path(sys.executable)
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = sorted(root.glob(f"versions/{version}.*/bin/python"), key=lambda path: _numbers(path.parts[-3]))
    on_path = shutil.which(f"python{version}")
    return found[-1] if found else Path(on_path) if on_path else None


def _numbers(name: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", name)]


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_bridged_on(version: str) -> None:
    """TLS 1.2 with PKCS#1, TLS 1.3 with PSS, and authorities judged alike whatever the Python."""
    python = _python(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine: the bridge is not proved there")
    for code, said in ((CHECK, EXPECTED), (FLAGS, "False")):
        ran = subprocess.run(
            [python, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
        )
        assert (ran.returncode, ran.stdout.strip()) == (0, said), ran.stderr
