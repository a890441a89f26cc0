"""What the window asks about the workstation: settings and checks. Methods may block and raise DmpDesktopError."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dmp_desktop.platform.settings import Settings
    from dmp_desktop.services.about import About
    from dmp_desktop.services.diagnostics.model import Result, Topic
    from dmp_desktop.services.own_settings import OwnSettings
    from dmp_desktop.services.passphrase import Strength


class SettingsPort(Protocol):
    """What this user chose for the workstation; read at the start of the program."""

    def load(self) -> Settings:
        """As written now."""
        ...

    def save(self, settings: Settings) -> None: ...


class OwnSettingsPort(Protocol):
    """What is of who is signed in, and follows them. `refusal` never blocks."""

    def refusal(self) -> str:
        """Why they have none of their own; empty where they have."""
        ...

    def load(self) -> OwnSettings: ...

    def save(self, settings: OwnSettings) -> None: ...


class PassphrasePort(Protocol):
    """The passphrase of this workstation. `refusal` and `strength` never block."""

    def refusal(self) -> str:
        """Why who is signed in does not change it; empty where they may."""
        ...

    def strength(self, passphrase: str) -> Strength: ...

    def change(self, former: str, coming: str, again: str) -> None: ...


class CallTokenPort(Protocol):
    """What the practice software shows to call this window. `refusal` never blocks."""

    def refusal(self) -> str:
        """Why who is signed in makes none; empty where they may."""
        ...

    def made(self) -> bool: ...

    def renew(self) -> str:
        """Another one, told this once."""
        ...


class SessionStartPort(Protocol):
    """Whether the program opens with the session of who uses this computer, as the system has it."""

    def opens_with_session(self) -> bool: ...

    def open_with_session(self, *, wanted: bool) -> None: ...


class AboutPort(Protocol):
    """What the program says of itself."""

    @property
    def about(self) -> About: ...

    def newer(self) -> str:
        """The version that was announced and is not installed; empty where there is none."""
        ...

    def notice(self) -> bytes:
        """The page for patients (PDF); names the practice, and nobody else."""
        ...


class FirstRunPort(Protocol):
    """What is chosen when the program runs for the first time on this workstation."""

    def wanted(self) -> bool:
        """Nothing is set here."""
        ...

    def done(self) -> None:
        """It is not shown by itself any more."""
        ...

    def place_is_set(self) -> bool: ...

    def set_place(self, number: str, name: str, sector: str) -> None:
        """Of the practice: Struct_IdNat, its name, JDV_J02."""
        ...

    def scan_folder(self) -> str:
        """Empty for none."""
        ...

    def set_scan_folder(self, folder: str) -> None: ...

    def train(self) -> None:
        """Open the training in a window of its own."""
        ...


class DiagnosticsPort(Protocol):
    """The checks of this workstation."""

    @property
    def topics(self) -> tuple[Topic, ...]: ...

    def run(
        self, tell: Callable[[Result], None], ids: Iterable[str] = (), stopped: Callable[[], bool] = lambda: False
    ) -> None:
        """Every check, or those named; each result as it comes, from worker threads, until `stopped`."""
        ...

    def again(self, check: str, known: Iterable[Result]) -> tuple[str, ...]:
        """What to run with `check`, itself included, so that what is known does not contradict it. Never blocks."""
        ...

    def ordered(self, results: Iterable[Result]) -> list[Result]:
        """Problems first. Never blocks."""
        ...

    def report(self, results: Iterable[Result]) -> str:
        """Text for support. Never blocks."""
        ...
