"""Whether the card of a slot is still there when a call failed: a module says almost anything of one that was pulled out."""

from __future__ import annotations

import threading
from typing import Final

import pkcs11

from dmp_desktop.card.departure import NOTICED, noticed
from dmp_desktop.card.failures import card_failure
from dmp_desktop.card.pkcs11.faults import LOST, NOT_THIS_WAY, fault
from dmp_desktop.card.pkcs11.module import Module
from dmp_desktop.errors import CardError

# Between two looks, in seconds. C_WaitForSlotEvent is not asked: it takes the event of any slot, and not every module has it.
_PAUSE: Final = 0.05


def failure(
    module: Module, slot: int, error: Exception, otherwise: str = "failed", ended: threading.Event | None = None
) -> CardError:
    """As `fault`, on the module's thread; card.removed besides when no card is in the slot any more, whatever the call said.

    Takes NOTICED when the module only says that it failed: no key signs meanwhile. Once `ended`, nothing is waited for.
    """
    told = fault(error, otherwise)
    if isinstance(error, LOST):
        return told
    unclear = told.code == f"card.{otherwise}" and not isinstance(error, NOT_THIS_WAY)
    return card_failure("removed") if gone(module, slot, NOTICED if unclear else 0.0, ended) else told


def gone(module: Module, slot: int, within: float, ended: threading.Event | None = None) -> bool:
    """Whether the slot has no card any more, now or within so many seconds; or its login has `ended` meanwhile."""
    over = ended or threading.Event()

    def look(left: float) -> bool:
        return not _present(module, slot) or over.wait(min(_PAUSE, left))

    return noticed(look, within)


def _present(module: Module, slot: int) -> bool:
    try:
        return any(token.slot.slot_id == slot for token in module.tokens())
    except pkcs11.PKCS11Error:
        return False
