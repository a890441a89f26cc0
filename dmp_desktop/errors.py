"""The one error tree: what happened, in French, and what to do about it."""

from __future__ import annotations


class DmpDesktopError(Exception):
    """Base of every error a user may meet.

    `code` is a stable short name (shown in small, searched by support); `message_fr` says what happened without any patient data;
    `remedy_fr` is the one thing to do, or empty. None of them ever holds clinical text, an INS, a NIR or a PIN.
    """

    def __init__(self, code: str, message_fr: str, remedy_fr: str = "") -> None:
        super().__init__(code, message_fr, remedy_fr)
        self.code = code
        self.message_fr = message_fr
        self.remedy_fr = remedy_fr

    @property
    def why_fr(self) -> str:
        """What the screen says happened: the sentence, and whatever more may be shown but never logged."""
        return self.message_fr

    @property
    def told_fr(self) -> str:
        """What the screen says: what happened, and the remedy."""
        return f"{self.why_fr} {self.remedy_fr}".strip()

    def __str__(self) -> str:
        return f"{self.message_fr} {self.remedy_fr} [{self.code}]".replace("  ", " ")


class CardError(DmpDesktopError):
    """A card, a reader or the PC/SC service. `status` is the PC/SC or ISO 7816-4 status word, or 0."""

    def __init__(self, code: str, message_fr: str, remedy_fr: str = "", *, status: int = 0) -> None:
        super().__init__(code, message_fr, remedy_fr)
        self.status = status


class ContextError(DmpDesktopError):
    """A context file, a note or a command that cannot be used. `field` is the path at fault (`patient.birth_date`)."""

    def __init__(self, code: str, message_fr: str, remedy_fr: str = "", *, field: str = "") -> None:
        super().__init__(code, message_fr, remedy_fr)
        self.field = field


class CdaError(DmpDesktopError):
    """A clinical document that cannot be built, read or accepted. `path` points at the element or the field."""

    def __init__(self, code: str, message_fr: str, remedy_fr: str = "", *, path: str = "") -> None:
        super().__init__(code, message_fr, remedy_fr)
        self.path = path


class DmpError(DmpDesktopError):
    """The DMP refused, or could not be reached.

    `retryable` tells whether the same request may succeed later without anyone doing anything (network, server down);
    `ambiguous` tells that the request may have been carried out although no answer was read.
    """

    def __init__(
        self,
        code: str,
        message_fr: str,
        remedy_fr: str = "",
        *,
        retryable: bool = False,
        ambiguous: bool = False,
    ) -> None:
        super().__init__(code, message_fr, remedy_fr)
        self.retryable = retryable
        self.ambiguous = ambiguous
        self.detail = ""
        self.reason = ""

    @property
    def why_fr(self) -> str:
        return f"{self.message_fr} Le DMP précise : « {self.reason} »." if self.reason else self.message_fr

    def with_reason(self, reason_fr: str) -> DmpError:
        """What the DMP says of its refusal, bounded and plain, for the screen; as `detail`, it is no part of `str(self)`."""
        self.reason = reason_fr
        return self

    def with_detail(self, detail: str) -> DmpError:
        """Keep the server's own words for the screen; they are not part of `str(self)`, which logs may hold."""
        self.detail = detail
        return self


class StorageError(DmpDesktopError):
    """The local database or the key store."""


class UpdateError(DmpDesktopError):
    """An update that is refused or does not arrive: the version in place stays. `retryable`: it may succeed later by itself."""

    def __init__(self, code: str, message_fr: str, remedy_fr: str = "", *, retryable: bool = False) -> None:
        super().__init__(code, message_fr, remedy_fr)
        self.retryable = retryable
