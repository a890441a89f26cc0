from __future__ import annotations

import subprocess
import sys

import pytest

from dmp_desktop.card import failures
from dmp_desktop.card.failures import PcscError

CODES = [value for name, value in vars(failures).items() if name.startswith(("E_", "F_", "W_", "P_"))]


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_told_in_french_with_a_remedy(code: int) -> None:
    error = PcscError(code)
    assert error.status == code
    assert error.code.startswith("card.")
    assert error.message_fr.endswith(".")
    assert error.remedy_fr.endswith(".")


def test_codes_are_unsigned_whatever_the_platform() -> None:
    assert PcscError(failures.E_NO_SERVICE - 2**32).status == failures.E_NO_SERVICE


def test_without_the_library_the_remedy_is_to_install_it() -> None:
    """As on a Linux without libpcsclite: pyscard alone would print on stdout and pretend the service is down."""
    script = """
import ctypes
def absent(name):
    raise OSError(name)
ctypes.CDLL = absent
from dmp_desktop.card.failures import PcscError
from dmp_desktop.card.pcsc import ScardPcsc
try:
    ScardPcsc().establish()
except PcscError as error:
    print(error.code)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=300)
    assert (ran.stdout.strip(), ran.stderr) == ("card.no_library", "")
