"""Opening a professional's card with its PIN, and listing those that are in the readers."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pkcs11
from pkcs11 import TokenFlag

from dmp_desktop.card.cps import public_cps
from dmp_desktop.card.departure import NOTICED
from dmp_desktop.card.failures import card_failure
from dmp_desktop.card.pkcs11.discovery import module_to_use
from dmp_desktop.card.pkcs11.faults import ODD, fault
from dmp_desktop.card.pkcs11.module import Module, module_at
from dmp_desktop.card.pkcs11.objects import certificates, data, texts
from dmp_desktop.card.pkcs11.presence import failure, gone
from dmp_desktop.card.pkcs11.session import Login, Pkcs11CardSession, read_session
from dmp_desktop.card.pkcs15 import CertificateFile
from dmp_desktop.domain.cards import PinState, PublicCps
from dmp_desktop.errors import CardError

# A CPS's code has four digits; a token that does not take four tells its own lengths (reference card.md §3.4).
CPS_DIGITS: Final = 4
# A CPS locks at the third wrong one (reference card.md §2.3).
PIN_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class TokenCard:
    """A professional's card as its module shows it without a PIN.

    `name` and `card_id` are the texts of the data objects CPS_NAME_PS and CPS_ID_CARD.
    """

    label: str
    serial: str
    public: PublicCps
    name: tuple[str, ...] = ()
    card_id: tuple[str, ...] = ()


class Pkcs11CardOpener:
    """CardOpener by the PKCS#11 module at `module`, or by the one found on this machine; `token_label` keeps to one token.

    Nothing is loaded before the first call. Every call blocks, for PATIENCE at most.
    """

    def __init__(self, module: Path | None = None, token_label: str | None = None) -> None:
        self._path = module
        self._label = token_label

    def open(self, card: PublicCps, pin: str) -> Pkcs11CardSession:
        """As the port says; besides, card.pin_pad for a reader with its own keypad, card.sign_refused for keys that are not those
        of the certificates and card.token_unknown where `token_label` names none that is there. Whatever the outcome, an earlier
        session on this card has ended.
        """
        # What cannot be a PIN never comes near the card.
        if not (pin.isascii() and pin.isdigit()):
            raise card_failure("pin_format")

        def work(module: Module) -> Pkcs11CardSession:
            session = self._reach(module, card)
            # The card of a former login may have moved: OpenSC may have given its dead handle to this very session.
            if session.token.slot.slot_id in module.ends:
                _close(session)
                module.end_login(session.token.slot.slot_id)
                session = self._reach(module, card)
            slot = session.token.slot.slot_id
            try:
                _check(session.token, module.native.pin_lengths(slot), pin)
                module.end_login(slot)
                return _read(_login(module, session, card, pin), card)
            except BaseException:
                module.end_sessions(slot)
                raise

        return self._module().call(work, undo=lambda session: session.login.end())

    def pin_state(self, card: PublicCps) -> PinState:
        """By the token's flags, and by the wrong PINs of this program where they tell nothing, as Cryptolib CPS's."""

        def work(module: Module) -> PinState:
            session = self._reach(module, card)
            try:
                return _state(session.token, module.wrong_pins[card.authentication_certificate_der])
            finally:
                _close(session)

        return self._module().call(work)

    def _module(self) -> Module:
        return module_at(self._path or module_to_use())

    def _reach(self, module: Module, card: PublicCps) -> pkcs11.Session:
        """A session with the token that holds the card's authentication certificate: it ends with that card's presence.

        Raises CardError: card.other_card when only other certificates were read, card.removed, card.token_unknown, and what
        kept one from being read.
        """
        failed: tuple[int, Exception] | None = None
        others = False
        for token in _tokens(module, self._label):
            session: pkcs11.Session | None = None
            try:
                session = token.open()
                held = [one.untrusted_der for one in certificates(session)]
            except ODD as error:
                # Explained, which takes time, only if the card is in no other slot; its frames hold the PIN.
                failed = token.slot.slot_id, error.with_traceback(None)
                held = []
            if session is not None and card.authentication_certificate_der in held:
                return session
            others = others or bool(held)
            if session is not None:
                _close(session)
        if failed is not None:
            raise failure(module, *failed)
        if not _tokens(module, self._label):
            raise card_failure("removed")
        raise card_failure("other_card" if others else "failed")


def list_cards(module: Path, token_label: str | None = None) -> tuple[TokenCard, ...]:
    """The professionals' cards this module sees, without a PIN. Raises CardError card.module_…, card.token_unknown, card.busy,
    card.failed."""

    def work(loaded: Module) -> tuple[TokenCard, ...]:
        found = []
        for token in _tokens(loaded, token_label):
            held, name, card_id = _public_objects(token)
            with suppress(CardError):  # a token that is no professional's card
                serial = token.serial.decode("latin-1").strip()
                found.append(TokenCard(token.label, serial, public_cps(held), name, card_id))
        return tuple(found)

    return module_at(module).call(work)


def _tokens(module: Module, label: str | None) -> list[pkcs11.Token]:
    """The tokens of that name, or all. Raises CardError card.token_unknown when only others are there."""
    try:
        present = module.tokens()
    except pkcs11.PKCS11Error as error:
        raise fault(error) from None
    named = [one for one in present if label in (None, one.label)]
    if present and not named:
        raise card_failure("token_unknown")
    return named


def _public_objects(token: pkcs11.Token) -> tuple[list[CertificateFile], tuple[str, ...], tuple[str, ...]]:
    """Certificates, texts of CPS_NAME_PS and of CPS_ID_CARD; nothing of a card that leaves or does not let itself be read."""
    with suppress(*ODD), token.open() as session:
        held = certificates(session)
        return held, texts(data(session, "CPS_NAME_PS")), texts(data(session, "CPS_ID_CARD"))
    return [], (), ()


def _close(session: pkcs11.Session) -> None:
    with suppress(pkcs11.PKCS11Error):
        session.close()


def _state(token: pkcs11.Token, wrong: int = 0) -> PinState:
    """`wrong`: PINs the card is known to have refused since the last good one."""
    flags = token.flags
    if flags & TokenFlag.USER_PIN_LOCKED:
        return PinState.LOCKED
    if flags & TokenFlag.USER_PIN_FINAL_TRY or wrong >= PIN_TRIES - 1:
        return PinState.LAST_TRY
    return PinState.LOW if flags & TokenFlag.USER_PIN_COUNT_LOW or wrong else PinState.UNKNOWN


def _check(token: pkcs11.Token, lengths: tuple[int, int], pin: str) -> None:
    """Everything that forbids to send this PIN. Raises CardError."""
    if not token.flags & TokenFlag.USER_PIN_INITIALIZED:
        raise card_failure(
            "no_signature_key"
        )  # in front of a contactless reader a CPS has no PIN (reference card.md §3.4)
    if token.flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH:
        raise card_failure("pin_pad")
    if _state(token) is PinState.LOCKED:
        raise card_failure("pin_locked")
    shortest, longest = lengths
    if shortest <= CPS_DIGITS <= (longest or CPS_DIGITS):
        shortest = longest = CPS_DIGITS
    if not shortest <= len(pin) <= longest:
        raise card_failure("pin_format")


def _login(module: Module, session: pkcs11.Session, card: PublicCps, pin: str) -> Login:
    """The one C_Login of an entry, on the session by which the card was recognised. Raises CardError; nothing is open then."""
    slot = session.token.slot.slot_id
    module.seal()
    try:
        module.native.login(session, pin)
    except pkcs11.PKCS11Error as error:
        refused = fault(error)
    else:
        del module.wrong_pins[card.authentication_certificate_der]
        return Login(module, session)
    module.end_sessions(slot)
    raise _refused(module, slot, card, refused)


def _refused(module: Module, slot: int, card: PublicCps, refused: CardError) -> CardError:
    """What a refused login means for the next one. The PIN is counted, for a module that sets no flag, or not all."""
    which, wrong = card.authentication_certificate_der, refused.code == "card.pin_wrong"
    if refused.code == "card.pin_locked":
        del module.wrong_pins[which]  # once unblocked it has all its tries again
    if not wrong and refused.code != "card.failed":
        return refused
    module.wrong_pins[which] += wrong
    removed = gone(module, slot, 0.0 if wrong else NOTICED)
    present = [one for one in _tokens(module, None) if one.slot.slot_id == slot]
    if removed or not present:
        return card_failure("removed")
    state = _state(present[0], module.wrong_pins[which])
    if state is PinState.LOCKED:
        del module.wrong_pins[which]
        return card_failure("pin_locked")
    return card_failure("pin_last_try") if wrong and state is PinState.LAST_TRY else refused


def _read(login: Login, card: PublicCps) -> Pkcs11CardSession:
    """The session of an accepted PIN; logged out when the card does not hold what it must. Raises CardError."""
    session: Pkcs11CardSession | None = None
    try:
        session = read_session(login, card)
    except ODD as error:
        raise failure(login.module, login.slot, error) from None
    finally:
        if session is None:
            login.end()
    return session
