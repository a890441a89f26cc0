"""From a professional's card to an account: who the holder is, where they practise, and one login a PIN."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Protocol

from dmp_desktop.card.failures import card_failure
from dmp_desktop.domain.cards import CardType, CpsActivity, PinState, PublicCps
from dmp_desktop.domain.people import Facility, Professional, Role
from dmp_desktop.domain.ports import CardOpener, ClientIdentity
from dmp_desktop.errors import CardError, DmpError
from dmp_desktop.services.accounts import Practice
from dmp_desktop.services.professional import after_refusal, told
from dmp_desktop.services.session_state import PinAsked, PlacesAsked, SignedIn
from dmp_desktop.services.sign_in import PROFESSION_LABELS, Account, SignInDesk
from dmp_desktop.services.watched_card import WatchedCard

DOCTOR_PROFESSION = "10"  # TRE_G15
REPLACING = "04"  # TRE_G17
EMPLOYEE_FUNCTION = "SECRETARIAT_MEDICAL"
"""TRE_A00: what an employee's card (CPE, CPA) is used for here."""

_NO_MODULE = frozenset({"card.module_missing", "card.module_bits", "card.module_broken"})
_NOT_STORED = frozenset({"card.no_authentication_key", "card.no_signature_key"})

_PROFESSIONS = {label: code for code, label in PROFESSION_LABELS.items()}


class Places(Protocol):
    """The activity that each holder chose last."""

    def get(self, national_id: str) -> int | None: ...

    def set(self, national_id: str, number: int) -> None: ...


class CardDesk:
    """The sign-in desk for who comes with a card (services.professional.Desk).

    Called by one worker at a time, `let_go` from any thread.

    `opener` is None where no PKCS#11 module is to be used: only software accounts sign in then. `practice` gives the
    workstation's configured place, for cards that tell none. `store` opens the keys the system keeps of a card, whose PIN it asks
    by itself, where the module does not work (Windows). `reset` is told, from any thread, when the open card may have been reset.
    """

    def __init__(
        self,
        desk: SignInDesk,
        opener: CardOpener | None,
        last: Places,
        practice: Callable[[], Practice | None],
        *,
        store: Callable[[PublicCps], ClientIdentity] | None = None,
        reset: Callable[[], None] = lambda: None,
    ) -> None:
        self._desk = desk
        self._opener = opener
        self._last = last
        self._practice = practice
        self._store = store
        self._reset = reset
        self._opened: WatchedCard | None = None
        self._lock = threading.Lock()

    def meet(self, card: PublicCps) -> SignedIn | PinAsked:
        """A software account signs in at once, as a card whose PIN the system asks; any other card is asked its PIN."""
        if self._opener is None or self._desk.knows(card.national_id):
            return self._desk.sign_in_with_card(card)
        asked = PinAsked(f"{card.given} {card.family}".strip(), card.card_type, PinState.UNKNOWN)
        try:
            state = self._opener.pin_state(card)
        except CardError as error:
            refused = after_refusal(asked, error)
            return self._sign_in_by_store(card, refused) if error.code in _NO_MODULE else refused
        if state is PinState.LOCKED:
            return after_refusal(asked, card_failure("pin_locked"))
        return replace(asked, state=state)

    def enter(self, card: PublicCps, pin: str) -> SignedIn | PlacesAsked:
        """One login, then the only place of practice, or the one remembered, or a question."""
        self.sign_out()
        if self._opener is None:
            return self._desk.sign_in_with_card(card)
        try:
            opened = WatchedCard(card, self._opener.open(card, pin), self._reset)
        except CardError as error:
            self._desk.refused(card.national_id, error.code)
            raise
        finally:
            del pin  # this frame may outlive its call, in the traceback of an exception
        with self._lock:
            self._opened = opened
        places = opened.activities
        suggested = self._suggested(card, places)
        if len(places) > 1 and suggested is None:
            return PlacesAsked(places)
        return self._sign_in(opened, next((one for one in places if one.number == suggested), None))

    def places(self) -> PlacesAsked | None:
        """All the places of the card that is open; None when it tells at most one."""
        opened = self._opened
        if opened is None or len(opened.activities) < 2:
            return None
        return PlacesAsked(opened.activities, self._last.get(opened.card.national_id))

    def practise(self, number: int) -> SignedIn:
        """There from now on. Raises DmpDesktopError, and nobody is signed in any more."""
        opened = self._opened
        place = next((one for one in opened.activities if one.number == number), None) if opened else None
        if opened is None or place is None:
            self.sign_out()
            raise DmpError("LieuInconnu", "Ce lieu d'exercice n'est pas sur votre carte.", "Remettez votre carte.")
        signed_in = self._sign_in(opened, place)
        self._last.set(opened.card.national_id, number)
        return signed_in

    def lost(self) -> bool:
        """Whether the card has ended the login that its PIN had opened."""
        opened = self._opened
        return opened is not None and opened.lost

    def sign_out(self) -> None:
        self.let_go()()

    def let_go(self) -> Callable[[], None]:
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is None:
            return self._desk.let_go()
        opened.end()
        disconnect = self._desk.let_go()

        def close() -> None:
            disconnect()
            opened.close()  # nobody may have used its keys yet

        return close

    def _sign_in_by_store(self, card: PublicCps, refused: PinAsked) -> SignedIn | PinAsked:
        """`refused` tells what to repair, where the system knows nothing of the card either."""
        store = self._store
        if store is None:
            return refused
        self.sign_out()
        account = card_account(card, None, self._practice(), lambda: store(card))
        try:
            return self._desk.sign_in(replace(account, prompts=True))
        except CardError as error:
            return refused if error.code in _NOT_STORED else replace(refused, said=told(error))

    def _suggested(self, card: PublicCps, places: tuple[CpsActivity, ...]) -> int | None:
        if len(places) == 1:
            return places[0].number
        last = self._last.get(card.national_id)
        return last if last in {one.number for one in places} else None

    def _sign_in(self, opened: WatchedCard, place: CpsActivity | None) -> SignedIn:
        try:
            account = card_account(opened.card, place, self._practice(), lambda: opened)
            return self._desk.change(account) if self._desk.current() else self._desk.sign_in(account)
        except BaseException:
            self.sign_out()
            raise


def card_account(
    card: PublicCps, place: CpsActivity | None, practice: Practice | None, open_identity: Callable[[], ClientIdentity]
) -> Account:
    """The account of an open card, practising at `place` or where the workstation is. Who replaces a doctor of the practice signs
    in their own name, at the practice: their documents say who wrote them and where (CI-SIS: author with the RPPS of the one who
    wrote, representedOrganization of the place of care). Raises DmpError when neither is known."""
    replaces = practice is not None and card.national_id in practice.replacements
    facility = practice.facility if practice and (replaces or not place) else place.facility if place else None
    if facility is None:
        raise DmpError(
            "CabinetInconnu",
            "Votre carte ne dit pas où vous exercez, et ce poste n'a pas de cabinet configuré.",
            "Demandez à qui gère l'ordinateur d'y inscrire votre cabinet (voir le guide).",
        )
    known = practice.cps if practice else ()
    role = role_of(card, known)
    if role is Role.DOCTOR and (replaces or (place is not None and place.mode == REPLACING)):
        role = Role.REPLACEMENT
    specialty = (place.specialty if place else "") or _specialty(card, role, practice)
    professional = _professional(card, role, specialty)
    return Account(
        card.national_id,
        professional,
        _usable(facility),
        role,
        open_identity,
        doubt=_doubtful(card, known),
        regulation=practice is not None and practice.regulation,
    )


def role_of(card: PublicCps, known: Collection[str] = ()) -> Role:
    """What the card entitles to; `known` are the holders (PS_IdNat) whose card is known to be a CPS.

    A card that does not tell its type gives the least it may give: a trainee's rights with an RPPS number (`8…`), which interns
    have too, or a student's number (`9…`); else an employee's. The data object CPS_ID_CARD, whose layout was not obtained
    (reference card.md §3.4), is not asked.
    """
    if card.card_type in (CardType.CPE, CardType.CPA):
        return Role.SECRETARY
    if card.card_type is CardType.CPF or _doubtful(card, known):
        return Role.TRAINEE
    if card.card_type is CardType.UNKNOWN and not _rpps(card):
        student = card.national_id.startswith("9") and card.national_id.isdecimal()
        return Role.TRAINEE if student else Role.SECRETARY
    return Role.DOCTOR if _profession(card) == DOCTOR_PROFESSION else Role.OTHER_PROFESSIONAL


def _doubtful(card: PublicCps, known: Collection[str]) -> bool:
    """A CPS or a CPF: nothing tells which."""
    return card.card_type is CardType.UNKNOWN and bool(_rpps(card)) and card.national_id not in known


def _professional(card: PublicCps, role: Role, specialty: str) -> Professional:
    suffix = "DR" if role in (Role.DOCTOR, Role.REPLACEMENT) else None
    rpps = _rpps(card)
    other_id = "" if rpps else card.national_id
    return Professional(rpps, card.family, card.given, specialty, suffix=suffix, other_id=other_id)


def _usable(facility: Facility) -> Facility:
    """Documents say the name of the place: one the card does not name is said by its number."""
    return facility if facility.name else Facility(facility.id, facility.id, facility.sector, facility.practice_setting)


def _specialty(card: PublicCps, role: Role, practice: Practice | None) -> str:
    """The configured one if it is of the holder's profession, else the profession alone (JDV_J01 has both)."""
    if role is Role.SECRETARY:
        return EMPLOYEE_FUNCTION
    profession = f"G15_{_profession(card)}"
    configured = practice.specialty if practice else ""
    return configured if configured.partition("/")[0] == profession else profession


def _profession(card: PublicCps) -> str:
    """The TRE_G15 code: certificates have it, or its label."""
    return _PROFESSIONS.get(card.profession, card.profession)


def _rpps(card: PublicCps) -> str:
    """11 digits, or nothing for who has none (PS_IdNat: `8` and the RPPS number)."""
    digits = card.national_id
    return digits[1:] if len(digits) == 12 and digits.isdecimal() and digits.startswith("8") else ""
