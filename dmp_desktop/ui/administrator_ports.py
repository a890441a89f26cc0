"""What the window asks about who looks after the workstation. `refusal` never blocks; the others do, and may raise
DmpDesktopError."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dmp_desktop.errors import StorageError
    from dmp_desktop.services.administrators import Administrator
    from dmp_desktop.services.backup import KeptBackup
    from dmp_desktop.services.backup_preview import Preview
    from dmp_desktop.services.export_all import Exported
    from dmp_desktop.services.session_state import SignedIn


class AdministratorsPort(Protocol):
    def refusal(self) -> str:
        """Why who is signed in names none; empty where they may."""
        ...

    def any(self) -> bool:
        """Whether somebody was named."""
        ...

    def names(self) -> tuple[Administrator, ...]: ...

    def name(self, family: str, given: str) -> str:
        """Their code, told once."""
        ...

    def withdraw(self, person: Administrator) -> None: ...

    def sign_in(self, named: str, code: str) -> SignedIn:
        """For `SessionPort.sign_in_by`."""
        ...


class BackupsPort(Protocol):
    """Backups of this workstation."""

    @property
    def failed(self) -> StorageError | None:
        """Why the last one did not succeed; None once one did. Never blocks."""
        ...

    def refusal(self) -> str:
        """Why who is signed in makes none; empty where they may."""
        ...

    def kept(self) -> Sequence[KeptBackup]:
        """The latest first."""
        ...

    def make(self, to: Path | None = None) -> Path:
        """`to`: a file somebody chose; else in `folder`."""
        ...

    @property
    def folder(self) -> Path:
        """Never blocks; nor does `passphrase`."""
        ...

    @property
    def passphrase(self) -> bool:
        """Whether the workstation's key is under a passphrase."""
        ...

    def preview(self, file: Path) -> Preview:
        """What it would bring back."""
        ...

    def restore_next(self, file: Path) -> None:
        """At the next start."""
        ...


class ExportPort(Protocol):
    """All of the workstation in open formats."""

    def refusal(self) -> str:
        """Why who is signed in has none; empty where they may."""
        ...

    def name(self) -> str:
        """Of a new folder."""
        ...

    def export(self, folder: Path) -> Exported: ...
