"""What the protocol of the DMP in use does not have, as the reasons shown beside greyed-out buttons."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from dmp_desktop.services.rights import Action


@runtime_checkable
class _Lacking(Protocol):
    """A DMP whose protocol does not have every transaction."""

    def lacks(self, transaction: str) -> str | None: ...


def lacking(dmp: object, action: Action) -> str | None:
    """Why `action` is not to be had from this DMP, in French; None where it is, or nobody is signed in (None)."""
    return dmp.lacks(action.value) if isinstance(dmp, _Lacking) else None
