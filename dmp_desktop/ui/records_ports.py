"""What the window asks of the records somebody may open, of those who may open one, and of the Web DMP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dmp_desktop.domain.access import AuthorisationFilter, AuthorisedProfessional, KnownDossier
    from dmp_desktop.domain.cards import Beneficiary
    from dmp_desktop.domain.people import Patient


class RecordsPort(Protocol):
    """`…_refusal`, `has_site` and `web_address` never block; the others do, and may raise DmpDesktopError."""

    @property
    def has_site(self) -> bool: ...

    def records_refusal(self) -> str | None: ...

    def professionals_refusal(self, patient: Patient) -> str | None: ...

    def web_refusal(self, patient: Patient | None) -> str | None: ...

    def by_document(self, days: int) -> list[KnownDossier]: ...

    def by_access(self, days: int) -> list[KnownDossier]: ...

    def identify(self, dossier: KnownDossier) -> tuple[Beneficiary, ...]:
        """For `SessionPort.present`."""
        ...

    def professionals(self, patient: Patient, which: AuthorisationFilter) -> list[AuthorisedProfessional]: ...

    def web_address(self, page: str, patient: Patient | None = None) -> str:
        """Raises DmpDesktopError."""
        ...
