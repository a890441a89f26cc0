"""The stand-in national server ("bac à sable"): a DMP on the loopback with invented patients.

It is written from the reference documents, never from our client, and imports nothing of it.
"""

from __future__ import annotations

from dmp_desktop.sandbox.faults import Faults
from dmp_desktop.sandbox.server import Sandbox
from dmp_desktop.sandbox.tolerances import Tolerances

__all__ = ["Faults", "Sandbox", "Tolerances"]
