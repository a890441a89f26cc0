"""What a page of identities asks and does: on screen one thing at a time, told to who asked for it once the page was left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from dmp_desktop.domain.identity import Identity
from dmp_desktop.domain.people import Professional
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.side_page import SidePage

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class Late:
    """For `who`, who asked: what became of an act on `identity` once its page was left. `text` names nobody."""

    who: Professional | None
    identity: Identity
    text: str
    error: DmpDesktopError | None = None

    @property
    def remedy(self) -> str:
        """That of the error was for the moment of the act."""
        return fr.LATE_REMEDY if self.error else ""


def _nothing(_result: object) -> None:
    """There is nothing to follow."""


def _no_words(_result: object) -> str:
    return ""


class ActingPage(SidePage):
    """`who` is signed in. `late` tells a Late; a page gives its own `refused` and `catch_up`."""

    late = Signal(object)

    def __init__(
        self, title: str, pool: TaskRunner, who: Callable[[], Professional | None], parent: QWidget | None = None
    ) -> None:
        super().__init__(title, pool, parent)
        self._who = who
        self._held = False  # the keyboard was on the page when something was asked
        self._busy = False  # an act on who is shown is under way
        self.other = QPushButton(fr.OTHER)
        self.trouble = PlainLabel(role="danger", wrap=True)

    def question(self, call: Callable[[], T], done: Callable[[T], None]) -> None:
        """It changes nothing: its answer is of no matter once the page is left. As `do`, before what was pressed is hidden."""
        self._begin()
        self.ask(call, done, self.unanswered)

    def do(
        self,
        words: str,
        identity: Identity,
        call: Callable[[], T],
        done: Callable[[T], None],
        *,
        follow: Callable[[T], None] = _nothing,
        late: Callable[[T], str] = _no_words,
    ) -> None:
        """The act named `words` on `identity`: what is shown cannot be touched until it is known how it ended, then `done` draws
        it. Once the page is left nothing is drawn, and what `late` says of the outcome is told. `follow` is run in both cases."""
        turn, who = self._turn, self._who()

        def ended(result: T) -> None:
            follow(result)
            if turn == self._turn:
                self._free()
                done(result)
                return
            if said := late(result):
                self.late.emit(Late(who, identity, said))
            self.catch_up()

        def refused(error: DmpDesktopError) -> None:
            if turn == self._turn:
                self._free()
                self.refused(error)
                return
            text = fr.LATE_FAILED.format(act=words, why=error.message_fr)
            self.late.emit(Late(who, identity, text, error))
            self.catch_up()

        self._begin()
        self.act(call, ended, refused)
        self._busy = True
        self.form.setEnabled(False)

    def clear(self) -> None:
        self._free()  # what was under way for who was shown does not hold the next one up
        super().clear()

    def unanswered(self, error: DmpDesktopError) -> None:
        """A question; meanwhile an act may have begun, which goes on."""
        if self._busy:
            self.say(error)
        else:
            self.refused(error)

    def refused(self, error: DmpDesktopError) -> None:
        """Beside what was asked: the front desk's notices are not far, but above another page."""
        self.form.setEnabled(True)
        self.keep_keyboard()
        self.say(error)

    def catch_up(self) -> None:
        """What the page shows by now may be older than an act that has ended."""

    def say(self, error: DmpDesktopError) -> None:
        self.tell(_line(error.why_fr, error.remedy_fr, error))

    def tell_late(self, late: Late) -> None:
        """Above whoever is shown: it names nobody. What is told already stays."""
        told = [] if self.trouble.isHidden() else [self.trouble.text()]
        self.tell("\n".join([*told, _line(late.text, late.remedy, late.error)]))

    def tell(self, text: str) -> None:
        self.trouble.setText(text)
        self.trouble.show()

    def keep_keyboard(self) -> None:
        """The button that was pressed is gone or was greyed out: the keyboard stays on the page, on what changes nothing."""
        if self._held and not self._holds_keyboard():
            (self.other if self.other.isVisible() else self.back).setFocus()

    def lead_keyboard(self) -> None:
        """Somebody else is shown: as `keep_keyboard`, wherever it went meanwhile, which may be on what changes something."""
        if self._held:
            (self.other if self.other.isVisible() else self.back).setFocus()

    def _free(self) -> None:
        self._busy = False
        self.form.setEnabled(True)

    def _begin(self) -> None:
        self._held = self._holds_keyboard()
        self.said.clear()
        self.trouble.hide()

    def _holds_keyboard(self) -> bool:
        holder = QApplication.focusWidget()
        return holder is not None and self.isAncestorOf(holder)


def _line(text: str, remedy: str, error: DmpDesktopError | None) -> str:
    return " ".join(filter(None, (text, remedy, f"(code {error.code})" if error else "")))
