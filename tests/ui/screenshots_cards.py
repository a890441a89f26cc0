"""Plays each failure of the readers and cards before the real window, session, watcher and readings, on readers in memory, and
draws what the doctor sees: `python -m tests.ui.screenshots_cards` (docs/images/cartes, table in docs/cartes.md)."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QElapsedTimer, QEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.cps import PlainCpsReader
from dmp_desktop.card.failures import (
    E_NOT_TRANSACTED,
    E_READER_UNAVAILABLE,
    E_SHARING_VIOLATION,
    NO_LIBRARY,
    W_REMOVED_CARD,
    PcscError,
    card_failure,
    unreadable,
)
from dmp_desktop.card.fake import CardApplication, FakePcsc
from dmp_desktop.card.vitale import PlainPcscVitaleReader
from dmp_desktop.card.watch import PcscWatcher
from dmp_desktop.domain.cards import Beneficiary, CardType, PinState, PublicCps
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.sandbox.virtual_cards import CpsCard, VitaleCard
from dmp_desktop.services import session_notices as notices
from dmp_desktop.services.professional import told
from dmp_desktop.services.session import Phase, PinAsked, PlacesAsked, Session, SignedIn
from dmp_desktop.ui import theme
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.strings_card_fr import PIN_WARNING
from dmp_desktop.ui.strings_window_fr import READER_UNUSABLE
from tests.helpers.card_worlds import PATIENT
from tests.helpers.cps_certificates import certificate
from tests.ui import fakes
from tests.ui.record import FakeReading

FOLDER = Path(__file__).parents[2] / "docs/images/cartes"
SIZE = (420, 600)
FIRST, SECOND = "Lecteur bifente 0", "Lecteur bifente 1"
ACCENTED = "Lecteur intégré"
SECONDS = 10
QUIET_MS = 500
CPS = certificate(), certificate(serial=2)


class NoServer:
    """The desk of card_accounts without a DMP behind: the PIN is asked, and the card answers what the scene wants."""

    def __init__(self) -> None:
        self.answer: DmpDesktopError | None = None
        self.reset = False

    def meet(self, card: PublicCps) -> PinAsked:
        return PinAsked(f"{card.given} {card.family}", CardType.CPS, PinState.UNKNOWN)

    def enter(self, card: PublicCps, pin: str) -> SignedIn:
        if self.answer:
            raise self.answer
        return SignedIn(fakes.DOCTOR, fakes.CABINET, fakes.Role.DOCTOR)

    def places(self) -> PlacesAsked | None:
        return None

    def practise(self, number: int) -> SignedIn:
        raise AssertionError("no place was asked")

    def lost(self) -> bool:
        return self.reset

    def sign_out(self) -> None:
        self.answer = None

    def let_go(self) -> Callable[[], None]:
        return self.sign_out


class Nobody:
    def match(self, beneficiary: Beneficiary) -> Patient | None:
        return None


class LibraryAbsent:
    def establish(self) -> object:
        raise PcscError(NO_LIBRARY)


class Scene:
    """The window over two readers in memory, watched."""

    def __init__(self, folder: Path, pcsc: object = None) -> None:
        self.pcsc, self.desk = FakePcsc(), NoServer()
        for name in (FIRST, SECOND):
            self.pcsc.plug(name)
        access = CardAccess(self.pcsc, lambda _seconds: None)
        self.session = Session(PlainPcscVitaleReader(access), PlainCpsReader(access), Nobody(), self.desk)
        dossier = fakes.FakeDossier()
        services = Services(
            self.session, dossier, fakes.FakeCompose(), fakes.FakeOutbox(), fakes.FakeDigest(), fakes.FakeSearch(),
            fakes.FakeHabits(), FakeReading(), SettingsFile(folder / "settings.json"),
        )  # fmt: skip
        self.window = MainWindow(sandbox=True)
        self.window.furnish(services, fakes.FixedClock())
        self.window.complete()
        self.window.resize(*SIZE)
        self.window.show()
        self.watcher = PcscWatcher(pcsc or self.pcsc)  # type: ignore[arg-type]
        self.watcher.start(self.window.card_event)

    def until(self, true: Callable[[], bool]) -> None:
        timer = QElapsedTimer()
        timer.start()
        while not true():
            assert timer.elapsed() < SECONDS * 1000, self.window.session.state
            QApplication.processEvents()

    def rest(self) -> None:
        """Until the watcher has nothing more to tell."""
        timer = QElapsedTimer()
        timer.start()
        while timer.elapsed() < QUIET_MS:
            QApplication.processEvents()

    def sees(self, message: str) -> bool:
        """`message` is on screen, whole; the PIN is asked and nothing else said where it is empty."""
        if not message:
            return self.window.session.state.phase is Phase.PIN
        return any(message in words for words in self.words())

    def words(self) -> list[str]:
        """What stands on screen, in the order the widgets were made."""
        seen = [one for kind in (QLabel, QAbstractButton) for one in self.window.findChildren(kind)]
        return [one.text() for one in seen if one.isVisible() and one.text()]

    def put(self, card: CardApplication, *, mute: bool = False, reader: str = FIRST) -> None:
        self.pcsc.insert(reader, card, mute=mute)

    def ask_pin(self) -> None:
        self.put(CpsCard(*CPS))
        self.until(lambda: self.window.session.state.phase is Phase.PIN)

    def give_pin(self, name: str) -> None:
        self.ask_pin()
        self.desk.answer = card_failure(name)
        self.type_pin()

    def type_pin(self) -> None:
        """Under the question that is on screen."""
        asked = self.window.session.state.pin
        assert asked
        self.window.session.give_pin("1234", asked.question)

    def close(self) -> None:
        self.watcher.stop()
        self.window.close()
        assert self.window.tasks.close()
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


Act = Callable[[Scene], None]


@dataclass(frozen=True)
class Case:
    """What is played, and the message that must be on screen in the end; empty: the PIN is asked as if nothing had happened."""

    message: str
    act: Act


def stop_service(scene: Scene) -> None:
    scene.ask_pin()
    scene.pcsc.stop_service()


def failing(status: int) -> Case:
    def act(scene: Scene) -> None:
        scene.pcsc.fail("transmit", status, times=100)
        scene.put(CpsCard(*CPS))

    return Case(told(PcscError(status)), act)


class Interrupted(CpsCard):
    """At the third command of its reading something happens to it."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__(*CPS)
        self._happens, self._commands = happens, 0

    def process(self, apdu: bytes) -> bytes:
        self._commands += 1
        if self._commands == 3:
            self._happens()
        return super().process(apdu)


def cut(status: int) -> Case:
    """The card is pulled, or its reader unplugged, while it is read."""

    def act(scene: Scene) -> None:
        away = scene.pcsc.remove if status == W_REMOVED_CARD else scene.pcsc.unplug
        scene.put(Interrupted(lambda: away(FIRST)))

    return Case(told(PcscError(status)), act)


def held(scene: Scene) -> None:
    card = CpsCard(*CPS)
    scene.pcsc.fail("connect", E_SHARING_VIOLATION, times=100)
    scene.put(card)


def renamed(scene: Scene) -> None:
    scene.ask_pin()
    scene.pcsc.rename(FIRST, "Lecteur bifente 0 (session 2)")
    scene.until(lambda: FIRST not in scene.window.session.state.readers)


def swapped(scene: Scene) -> None:
    scene.ask_pin()
    scene.pcsc.remove(FIRST)
    scene.put(CpsCard(*CPS))


class ResetOnce(CpsCard):
    """Another program resets the card while it is read."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(*CPS)
        self._scene, self._done = scene, False

    def process(self, apdu: bytes) -> bytes:
        if not self._done:
            self._done = True
            self._scene.pcsc.reset_card(FIRST)
        return super().process(apdu)


def another_while_typing(scene: Scene) -> None:
    """The other slot's card is read while the code of the first one is typed."""
    scene.ask_pin()
    asked = scene.window.session.state.pin
    assert asked
    scene.put(CpsCard(*CPS), reader=SECOND)
    scene.until(lambda: scene.window.session.state.slot == SECOND)
    scene.window.session.give_pin("1234", asked.question)


def reset_in_session(scene: Scene) -> None:
    """Another program resets the card of whoever is signed in; the next signature finds out."""
    scene.ask_pin()
    scene.type_pin()
    scene.until(lambda: scene.window.session.state.phase is Phase.READY)
    scene.desk.reset = True
    scene.window.session.card_reset()


def pulled_while_typing(scene: Scene) -> None:
    scene.ask_pin()
    scene.session.handle(_removed())  # the session knows before the window does
    scene.type_pin()


def _removed() -> object:
    from dmp_desktop.domain.cards import CardEvent, CardEventType, CardKind

    return CardEvent(CardEventType.CARD_REMOVED, FIRST, b"", CardKind.CPS)


def pin(name: str) -> Case:
    return Case(told(card_failure(name)), lambda scene: scene.give_pin(name))


class NotOurs(VitaleCard):
    """Knows none of the applications of a CPS or a Vitale."""

    def process(self, apdu: bytes) -> bytes:
        return b"\x6a\x82"


CASES: dict[str, Case] = {
    "service-arrete": Case(notices.NO_SERVICE, stop_service),
    "bibliotheque-absente": Case(notices.SERVICE_DOWN["card.no_library"], lambda _scene: None),
    "lecteur-accentue": Case(READER_UNUSABLE.format(ACCENTED), lambda scene: scene.pcsc.plug(ACCENTED)),
    "carte-mal-inseree": Case(notices.MUTE, lambda scene: scene.put(CpsCard(*CPS), mute=True)),
    "carte-retiree": cut(W_REMOVED_CARD),
    "lecteur-debranche": cut(E_READER_UNAVAILABLE),
    "carte-occupee": Case(told(PcscError(E_SHARING_VIOLATION)), held),
    "lecture-echouee": failing(E_NOT_TRANSACTED),
    "donnees-illisibles": Case(told(unreadable("cps_data")), lambda scene: scene.put(CpsCard(b"", b""))),
    "carte-inconnue": Case(
        told(card_failure("unknown")), lambda scene: scene.put(NotOurs([PATIENT], atr=bytes.fromhex("3B00")))
    ),
    "vitale-en-attente": Case(
        notices.VITALE_WAITS[Phase.MASKED], lambda scene: scene.put(VitaleCard([PATIENT]), reader=SECOND)
    ),
    "lecteur-renomme": Case("", renamed),
    "echange-rapide": Case("", swapped),
    "reinitialisee": Case("", lambda scene: scene.put(ResetOnce(scene))),
    "retiree-pendant-le-code": Case(notices.CARD_LEFT, pulled_while_typing),
    "carte-changee": Case(notices.OTHER_CARD, another_while_typing),
    "reinitialisee-en-session": Case(notices.RESET, reset_in_session),
    "code-faux": pin("pin_wrong"),
    "code-dernier-essai": Case(PIN_WARNING[PinState.LAST_TRY], lambda scene: scene.give_pin("pin_last_try")),
    "code-bloque": pin("pin_locked"),
    "code-expire": pin("pin_expired"),
    "code-format": pin("pin_format"),
    "code-clavier": pin("pin_pad"),
    "module-absent": pin("module_missing"),
    "module-bits": pin("module_bits"),
    "module-en-panne": pin("module_broken"),
    "sans-signature": pin("no_signature_key"),
    "autre-carte": pin("other_card"),
    "signature-refusee": pin("sign_refused"),
}


@contextmanager
def played(name: str, folder: Path) -> Iterator[Scene]:
    """The case, until its message is on screen."""
    scene = Scene(folder, LibraryAbsent() if name == "bibliotheque-absente" else None)
    try:
        case = CASES[name]
        if name != "bibliotheque-absente":
            scene.until(lambda: len(scene.window.session.state.readers) == 2)
        case.act(scene)
        scene.until(lambda: scene.sees(case.message))
        scene.rest()
        assert scene.sees(case.message), "it stays"
        yield scene
    finally:
        scene.close()


def main(names: list[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    with tempfile.TemporaryDirectory() as folder:
        for name in names or CASES:
            with played(name, Path(folder)) as scene:
                timer = QElapsedTimer()
                timer.start()
                while timer.elapsed() < 200:
                    QApplication.processEvents()
                scene.window.grab().save(str(FOLDER / f"{name}.png"))


if __name__ == "__main__":
    main(sys.argv[1:])
