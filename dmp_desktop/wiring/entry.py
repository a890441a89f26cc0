"""Who signs in: the desk, the accounts of this workstation's software certificates, and how the command line signs in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dmp_desktop.card.failures import card_failure
from dmp_desktop.dmp.server_clock import ServerClock
from dmp_desktop.dmp.trace import Trace
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.cards import PinState
from dmp_desktop.domain.ports import CardOpener, ClientIdentity, Transport
from dmp_desktop.errors import CardError, DmpError
from dmp_desktop.platform.endpoint import is_traced, wire_protocol
from dmp_desktop.platform.places import LastPlaces
from dmp_desktop.services.accounts import PRACTICE_FILE, configured_practice, software_account
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.card_accounts import CardDesk
from dmp_desktop.services.card_modules import CardModule, WindowsStore, only_card, readers, windows_calls
from dmp_desktop.services.dmp_wire import connect_to, speaker
from dmp_desktop.services.insi_desk import insi_opener
from dmp_desktop.services.session_state import PlacesAsked, SignedIn
from dmp_desktop.services.sign_in import Account, SignInDesk
from dmp_desktop.services.traced_dmp import traced
from dmp_desktop.services.vault import Vault
from dmp_desktop.storage.journal import Journal
from dmp_desktop.wiring.base import SOURCE_OID, Base

if TYPE_CHECKING:
    from dmp_desktop.card import Cards
    from dmp_desktop.services.psc_sign_in import PscSignIn

LAST_PLACES = "lieux.json"

PSC_BROWSER = "navigateur"
"""DMP_DESKTOP_IDENTITY=psc:navigateur; anything else after `psc:` is the number of a person."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The sign-in desk and the ways to it. `vault` holds the own key of who is signed in; `psc` where Pro Santé Connect is
    configured; what is done is noted in `acts`."""

    base: Base
    accounts: tuple[Account, ...]
    desk: SignInDesk
    server_clock: ServerClock
    vault: Vault
    psc: PscSignIn | None
    acts: ActBook

    def card_desk(self, reset: Callable[[], None] = lambda: None) -> CardDesk:
        """The desk for who comes with a card: by the module the environment names, else by the one found on this machine.

        Where the environment names a software certificate, its card is the only one. `reset` as CardDesk's.
        """
        return self.card_desk_over(None if self.accounts else self._card_module(), self._store(), reset)

    def sign_in_software(self) -> None:
        """Sign in as the environment says, as the command line does: a software certificate, a card or Pro Santé Connect."""
        spec = self.base.endpoint.identity
        if spec and spec.psc:
            self._sign_in_by_psc(spec.psc)
            return
        if spec and spec.pkcs11_module:
            self.sign_in_by_card(self._store(), readers)
            return
        if not self.accounts:
            raise DmpError(
                "IdentiteAbsente",
                "Aucune identité n'est configurée pour se connecter au DMP.",
                "Indiquez DMP_DESKTOP_IDENTITY=pkcs11:MODULE, ou insérez votre carte CPS dans la fenêtre.",
            )
        self.desk.sign_in(self.accounts[0])

    def _store(self) -> WindowsStore | None:
        """Where the window and the command line find the keys of a card whose module does not work: CardDesk chooses."""
        return WindowsStore(self.base.clock, windows_calls) if sys.platform == "win32" else None

    def _card_module(self) -> CardModule:
        spec = self.base.endpoint.identity
        return CardModule(spec.pkcs11_module, spec.token) if spec else CardModule()

    def card_desk_over(
        self, opener: CardOpener | None, store: WindowsStore | None = None, reset: Callable[[], None] = lambda: None
    ) -> CardDesk:
        """The desk for cards whose keys `opener` opens; `store` as CardDesk's."""
        practice = self.base.paths.home / PRACTICE_FILE
        last = LastPlaces(self.base.paths.home / LAST_PLACES)
        return CardDesk(self.desk, opener, last, lambda: configured_practice(practice), store=store, reset=reset)

    def sign_in_by_card(self, store: WindowsStore | None, cards: Callable[[], Cards]) -> None:
        """One login with the card that is in. Raises CardError, DmpError when its holder has to say where they practise."""
        module = self._card_module()
        card = only_card(module, cards if store else None)
        desk = self.card_desk_over(module, store)
        met = desk.meet(card)
        if isinstance(met, SignedIn):
            return
        if met.refused:
            raise card_failure("pin_locked") if met.state is PinState.LOCKED else CardError("card.refused", met.said)
        known = self.base.endpoint.secrets.pin
        pin = known or self.base.ask(f"Code de la carte de {card.given} {card.family} : ")
        if isinstance(desk.enter(card, pin), PlacesAsked):
            desk.sign_out()
            raise DmpError(
                "LieuAChoisir",
                "Votre carte connaît plusieurs lieux d'exercice.",
                "Choisissez le vôtre une fois dans la fenêtre de DMP Desktop : il est retenu sur ce poste.",
            )

    def _sign_in_by_psc(self, asked: str) -> None:
        """`asked`: PSC_BROWSER, or the number of the person whose phone is to ring. What to do is told on the error output."""
        from dmp_desktop.dmp.psc_errors import psc_error
        from dmp_desktop.services.psc_sign_in import psc_teller

        if self.psc is None:
            raise psc_error("psc.absent")
        told = psc_teller(sys.stderr)
        opening = self.psc.browser(told) if asked == PSC_BROWSER else self.psc.phone(asked, told)
        opening()


def open_entry(base: Base, vault: Vault, journal: Journal, opened: ExitStack) -> Entry:
    """`vault` takes the key of who signs in, `journal` what they do. Whoever is signed in is signed out by `opened`.

    Raises DmpDesktopError when the environment's settings cannot be used.
    """
    protocol = wire_protocol(base.environment)
    accounts = tuple(_accounts(base))
    server_clock = ServerClock(base.clock)
    trace = Trace(base.paths.logs, base.clock) if is_traced(base.environment) else None
    if trace:
        opened.callback(trace.close)

    def connect(identity: ClientIdentity) -> Transport:
        transport = server_clock.watch(connect_to(base.endpoint, protocol, identity))
        return trace.watch(transport) if trace else transport

    acts = ActBook(journal, base.clock, lambda: desk.actor())
    opened.callback(acts.stop)
    converse = traced(
        speaker(protocol, base.software, base.clock, base.entropy, SOURCE_OID), acts, lambda: server_clock.skew
    )

    def noted(act: Act, who: str, result: str) -> None:
        acts.note(act, actor=who, result=result)

    insi = insi_opener(base.endpoint, base.software, base.clock, base.entropy)
    desk = SignInDesk(accounts, connect, converse, insi, vault, noted)
    opened.callback(desk.sign_out)
    psc = _psc(base, desk)
    if psc is not None:
        opened.callback(psc.cancel)
    return Entry(base, accounts, desk, server_clock, vault, psc, acts)


def _accounts(base: Base) -> Sequence[Account]:
    """The workstation's place tells who regulates: a software certificate, like a card, does not."""
    spec = base.endpoint.identity
    if spec is None or spec.p12_folder is None:
        return ()
    password = base.endpoint.secrets.p12
    account = software_account(spec.p12_folder, lambda: password or base.ask("Mot de passe des certificats : "))
    return (replace(account, regulation=base.practice is not None and base.practice.regulation),)


def _psc(base: Base, desk: SignInDesk) -> PscSignIn | None:
    """Pro Santé Connect where it is configured; its modules are loaded there only."""
    spec, password = base.endpoint.psc, base.endpoint.secrets.p12
    if spec is None:
        return None
    from dmp_desktop.dmp.identity import Pkcs12Identity
    from dmp_desktop.dmp.psc_provider import Registration
    from dmp_desktop.services.psc_sign_in import PscSetup, PscSignIn

    registration = Registration(spec.discovery, spec.client_id, spec.client_secret, spec.redirect_port)
    folder = spec.structure_folder

    def open_structure() -> ClientIdentity:
        return Pkcs12Identity(folder, password or base.ask("Mot de passe des certificats de la structure : "))

    return PscSignIn(PscSetup(registration, spec.ca_file, open_structure), desk.sign_in, base.clock)
