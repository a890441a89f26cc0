"""The stand-in national server ("bac à sable"): a DMP on the loopback with invented patients.

It is written from the reference documents, never from our client, and imports nothing of it. The server is loaded only when it
is asked for: the virtual cards of this package are used without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dmp_desktop.sandbox.faults import Faults
    from dmp_desktop.sandbox.server import Sandbox
    from dmp_desktop.sandbox.tolerances import Tolerances

__all__ = ["Faults", "Sandbox", "Tolerances"]

_HOMES = {"Faults": "faults", "Sandbox": "server", "Tolerances": "tolerances"}


def __getattr__(name: str) -> Any:
    """PEP 562."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
