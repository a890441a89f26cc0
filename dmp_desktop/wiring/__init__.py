"""The composition root, Qt-free: the only package that chooses and joins implementations, for the command line and the window.

`opened.open_wiring` joins: `base` is what everything stands on, `entry` who signs in and how, `stores` what is kept and under
which seals, `core` what the rest is built on, `joined.Wiring` the result.
"""

from dmp_desktop.wiring.joined import Wiring
from dmp_desktop.wiring.opened import open_wiring

__all__ = ["Wiring", "open_wiring"]
