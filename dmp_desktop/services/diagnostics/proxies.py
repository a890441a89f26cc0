"""The proxies of the system by scheme, with what `urllib` does not see: a script that chooses them (PAC), as Windows keeps it."""

from __future__ import annotations

import importlib
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, Final

PAC: Final = "pac"
"""Stands for a script among the schemes."""
# Where Windows and its group policies keep it (Microsoft, "Internet Settings"); the user's own first.
_SETTINGS: Final = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
_POLICY: Final = r"Software\Policies\Microsoft\Windows\CurrentVersion\Internet Settings"
PLACES: Final = (
    ("HKEY_CURRENT_USER", _SETTINGS),
    ("HKEY_CURRENT_USER", _POLICY),
    ("HKEY_LOCAL_MACHINE", _POLICY),
    ("HKEY_LOCAL_MACHINE", _SETTINGS),
)
VALUE: Final = "AutoConfigURL"

ReadRegistry = Callable[[str, str, str], object]
"""The value at (hive, key, name). Raises OSError where there is none, ImportError where there is no registry."""


def _read_registry(hive: str, key: str, name: str) -> object:
    winreg: Any = importlib.import_module("winreg")
    with winreg.OpenKey(getattr(winreg, hive), key) as opened:
        return winreg.QueryValueEx(opened, name)[0]


def system_proxies(read: ReadRegistry = _read_registry) -> Mapping[str, str]:
    """As `urllib.request.getproxies`, and PAC with the address of the script where there is one."""
    proxies = dict(urllib.request.getproxies())
    for hive, key in PLACES:
        try:
            script = read(hive, key, VALUE)
        except (OSError, ImportError):  # no such value, or no registry: another system
            continue
        if isinstance(script, str) and script.strip():
            proxies[PAC] = script.strip()
            break
    return proxies
