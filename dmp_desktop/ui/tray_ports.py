"""What the window asks about scans. Every method may block and raise DmpDesktopError."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import date

    from dmp_desktop.domain.documents import Visibility
    from dmp_desktop.domain.people import Patient
    from dmp_desktop.domain.tray import Reason, Scan
    from dmp_desktop.services.tray import Preparation
    from dmp_desktop.services.tray_desk import TrayOverview
    from dmp_desktop.services.tray_patients import Candidate
    from dmp_desktop.services.tray_sending import Batch


class TrayPort(Protocol):
    def meet(self) -> None:
        """Who is signed in may be given scans from now on."""
        ...

    def overview(self) -> TrayOverview: ...

    def to_do(self) -> int: ...

    def candidates(self, scan: Scan) -> tuple[Candidate, ...]:
        """Whose it may be. Nobody is chosen by that."""
        ...

    def search(self, born: date, beginning: str) -> tuple[Candidate, ...]: ...

    def pages(self, scan: Scan) -> bytes:
        """The PDF as it is sent, for who reads records."""
        ...

    def prepare(self, scan: Scan, told: Preparation) -> Scan: ...

    def validate(self, scan: Scan, visibility: frozenset[Visibility] = ...) -> Scan: ...

    def file(self, scan: Scan) -> Scan:
        """What somebody else sent: read and kept, never sent."""
        ...

    def filed(self, patient: Patient) -> Sequence[Scan]:
        """What was filed of a patient, by who is signed in, the latest act first. For who reads records."""
        ...

    def filed_words(self, scans: Sequence[Scan]) -> dict[str, str]:
        """The words of each, by its id, to find it by."""
        ...

    def reopen(self, scan: Scan) -> Scan: ...

    def give_back(self, scan: Scan, reason: Reason) -> Scan: ...

    def discard(self, scan: Scan) -> Scan: ...

    def restore(self, scan: Scan) -> Scan: ...

    def send(self, scans: Iterable[Scan]) -> Batch: ...

    def retry(self, scan: Scan) -> None: ...

    def take_back(self, scan: Scan) -> Scan: ...

    def watch(self, folder: str) -> None: ...

    def watch_received(self, folder: str) -> None: ...
