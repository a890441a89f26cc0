"""What the front desk does with an identity besides finding it: it sees no record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.access_ports import AccessPort


@dataclass(frozen=True, slots=True)
class DeskActs:
    """What the front desk does besides: asks whether the DMP exists (TD0.2), and notes the patient's opinions."""

    status: Callable[[Patient], DossierStatus]
    access: AccessPort | None = None


def dmp_words(status: DossierStatus) -> str:
    """TD0.2 in words, and what to do."""
    if not status.exists:
        return fr.DMP_NONE
    return fr.DMP_CLOSED if status.closed else fr.DMP_EXISTS.format(fr.DMP_ACCESS[status.authorization])
