"""Plays each failure of the readers and cards before the real window, session, watcher and readings, on readers in memory, and
draws what the doctor sees: `python -m tests.ui.screenshots_cards [--folder F] [--dark] [--wide] [NAME…]`.

Without options, the pictures of docs/images/cartes (table in docs/cartes.md), with the words on each in `WORDS`.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QElapsedTimer, QEvent
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from dmp_desktop.card import open_fake
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
from dmp_desktop.domain import roles
from dmp_desktop.domain.cards import Beneficiary, CardEvent, CardEventType, CardKind, PinState, PublicCps
from dmp_desktop.domain.people import Patient, Role
from dmp_desktop.domain.ports import ClientIdentity
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.sandbox.virtual_cards import CpsCard, VitaleCard
from dmp_desktop.services import session_notices as notices
from dmp_desktop.services.accounts import Practice
from dmp_desktop.services.card_accounts import card_account
from dmp_desktop.services.diagnostics import galss, readers
from dmp_desktop.services.diagnostics.service import Diagnostics
from dmp_desktop.services.professional import told
from dmp_desktop.services.sending import DOUBT
from dmp_desktop.services.session import Phase, PinAsked, PlacesAsked, Session, SignedIn
from dmp_desktop.ui import theme
from dmp_desktop.ui.assembly import offer_diagnostic
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.strings_card_fr import BEHIND, PIN_WARNING
from dmp_desktop.ui.strings_window_fr import CARD_EXPIRED, READER_UNUSABLE
from dmp_desktop.ui.views.diagnostic.view import DiagnosticView
from tests.helpers.card_worlds import PATIENT
from tests.helpers.cps_certificates import certificate
from tests.helpers.stations import station
from tests.ui import fakes
from tests.ui.record import FakeReading

FOLDER = Path(__file__).parents[2] / "docs/images/cartes"
WORDS = FOLDER / "textes.json"
"""The words on each picture: {name: [text, …]}."""
SIZE, WIDE = (420, 600), (1400, 900)
FIRST, SECOND = "Lecteur bifente 0", "Lecteur bifente 1"
ACCENTED = "Lecteur intégré"
DISK = Path("C:")
"""The system's root as it is read on screen: a folder of the one the case is played in."""
SECONDS = 60
QUIET_MS = 500
HOLDER = "899700000001"  # of the certificates
CPS_TYPE = b"00"
CPS = certificate(card_type=CPS_TYPE), certificate(serial=2, card_type=CPS_TYPE)
UNTOLD = certificate(), certificate(serial=2)
ENDED = fakes.NOW - timedelta(days=1)
EXPIRED = certificate(card_type=CPS_TYPE, until=ENDED), certificate(serial=2, card_type=CPS_TYPE, until=ENDED)


class NoServer:
    """The desk of card_accounts without a DMP behind: the PIN is asked, and the card answers what the scene wants."""

    def __init__(self) -> None:
        self.answer: DmpDesktopError | None = None
        self.reset = False
        self.known: frozenset[str] = frozenset()
        self.meanwhile: Callable[[], None] = lambda: None

    def meet(self, card: PublicCps) -> PinAsked:
        return PinAsked(f"{card.given} {card.family}", card.card_type, PinState.UNKNOWN)

    def enter(self, card: PublicCps, pin: str) -> SignedIn:
        self.meanwhile()
        if self.answer:
            raise self.answer
        account = card_account(card, None, Practice(fakes.CABINET, cps=self.known), _no_identity)
        doubt = " ".join(DOUBT) if account.doubt else ""
        return SignedIn(account.professional, account.facility, account.role, account.national_id, doubt)

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


def _no_identity() -> ClientIdentity:
    raise AssertionError("there is no DMP")


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
        place = station(folder, open_fake(self.pcsc), root=DISK)
        offer_diagnostic(self.window, lambda: Diagnostics(place, (*readers.CHECKS, *galss.CHECKS)))
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
        """What stands on screen, whatever the order: checks of the diagnosis end in any."""
        seen = [one for kind in (QLabel, QAbstractButton) for one in self.window.findChildren(kind)]
        return sorted(one.text() for one in seen if one.isVisible() and one.text())

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


def pulled_while_checked(scene: Scene) -> None:
    """The module tells that the card has left, then the watcher does."""
    scene.desk.meanwhile = lambda: scene.pcsc.remove(FIRST)
    scene.give_pin("removed")


def signed_in(scene: Scene, pair: tuple[bytes, bytes], *known: str) -> None:
    scene.desk.known = frozenset(known)
    scene.put(CpsCard(*pair))
    scene.until(lambda: scene.window.session.state.phase is Phase.PIN)
    scene.type_pin()
    scene.until(lambda: scene.window.session.state.phase is Phase.READY)


def look(scene: Scene) -> None:
    """The doctor opens the diagnosis, and reads what it says of the readers."""
    scene.window.strip.more.setChecked(True)
    scene.window.strip.diagnostic.click()
    scene.window.strip.more.setChecked(False)
    view = scene.window.findChild(DiagnosticView)
    scene.until(lambda: bool(view.cards) and view.again.isEnabled())


def put_while_read(scene: Scene) -> None:
    look(scene)
    scene.ask_pin()


def only_galss(scene: Scene) -> None:
    for reader in (FIRST, SECOND):
        scene.pcsc.unplug(reader)
    scene.until(lambda: not scene.window.session.state.readers)
    file = DISK / "Windows/galss.ini"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("[CANAL1]\nCaracteristiques=9600,8\n", "cp1252")
    look(scene)


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


def _removed() -> CardEvent:
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
    "lecteur-galss": Case(galss.TOPIC.outcomes["serial_only"].action, only_galss),
    "carte-occupee": Case(told(PcscError(E_SHARING_VIOLATION)), held),
    "lecture-echouee": failing(E_NOT_TRANSACTED),
    "donnees-illisibles": Case(told(unreadable("cps_data")), lambda scene: scene.put(CpsCard(b"", b""))),
    "carte-inconnue": Case(
        told(card_failure("unknown")), lambda scene: scene.put(NotOurs([PATIENT], atr=bytes.fromhex("3B00")))
    ),
    "carte-expiree": Case(CARD_EXPIRED.format(day=f"{ENDED:%d/%m/%Y}"), lambda scene: signed_in(scene, EXPIRED)),
    "type-non-lu": Case(" ".join(DOUBT), lambda scene: signed_in(scene, UNTOLD)),
    "type-inscrit": Case(roles.WORDS[Role.DOCTOR], lambda scene: signed_in(scene, UNTOLD, HOLDER)),
    "vitale-en-attente": Case(
        notices.VITALE_WAITS[Phase.MASKED], lambda scene: scene.put(VitaleCard([PATIENT]), reader=SECOND)
    ),
    "lecteur-renomme": Case("", renamed),
    "echange-rapide": Case("", swapped),
    "reinitialisee": Case("", lambda scene: scene.put(ResetOnce(scene))),
    "pendant-le-diagnostic": Case(BEHIND[Phase.PIN][0], put_while_read),
    "retiree-pendant-la-verification": Case(told(card_failure("removed")), pulled_while_checked),
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
    """The case, until its message is on screen; in its folder, which nothing on screen names."""
    with chdir(folder):
        yield from _played(name, folder)


def _played(name: str, folder: Path) -> Iterator[Scene]:
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


def draw(window: QWidget, file: Path) -> None:
    """As small as PNG can (Qt's quality 0), without transparency."""
    window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888).save(str(file), "PNG", 0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.ui.screenshots_cards", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="the cases to play, all without one")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--wide", action="store_true")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}; there are: {', '.join(CASES)}")
    asked.folder.mkdir(parents=True, exist_ok=True)
    asked.folder = asked.folder.resolve()
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.DARK if asked.dark else theme.LIGHT)
    words = asked.folder / WORDS.name
    said = json.loads(words.read_text("utf-8")) if words.exists() else {}
    for name in asked.names or CASES:
        with tempfile.TemporaryDirectory(prefix="poste-") as folder, played(name, Path(folder)) as scene:
            if asked.wide:
                scene.window.resize(*WIDE)
                scene.rest()
            draw(scene.window, asked.folder / f"{name}.png")
            said[name] = scene.words()
    kept = {name: said[name] for name in CASES if name in said}
    words.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
