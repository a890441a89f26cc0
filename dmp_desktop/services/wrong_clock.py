"""What the DMP refuses because of the time this computer tells: it names three causes, the Date of its answers leaves one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from dmp_desktop.errors import DmpDesktopError, DmpError

MISPRESENTED = "DMPInvalidVIHF"
"""Said of who presents himself wrongly, and of who tells a time that is not the DMP's (reference §3)."""
CLOCK_SKEW = timedelta(minutes=1)
"""Further from the DMP's time than this, it is the clock that explains the refusal; it is asked again once it is right."""

Skew = Callable[[], timedelta | None]
"""The DMP's clock minus ours, None while it told no time."""


def way_off(error: DmpDesktopError, skew: timedelta | None) -> str | None:
    """What this computer's clock does that explains `error`: « avance » or « retarde »; None where it explains nothing."""
    if error.code != MISPRESENTED or skew is None or abs(skew) <= CLOCK_SKEW:
        return None
    return "retarde" if skew > timedelta(0) else "avance"


def explained(error: DmpDesktopError, skew: timedelta | None) -> DmpDesktopError:
    """The same refusal, with the one thing to do where the clock explains it."""
    way = way_off(error, skew)
    if way is None:
        return error
    return DmpError(
        error.code,
        f"L'horloge de cet ordinateur {way} sur celle du DMP, qui refuse de répondre.",
        "Mettez l'ordinateur à l'heure, puis réessayez.",
    )
