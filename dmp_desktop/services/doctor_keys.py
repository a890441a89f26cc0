"""The key pair of each doctor, for notes that others propose to them: the public half is the practice's, the private half hers.

The public halves are a value of the practice (storage.preferences), which its workstations share under the practice key (ADR 23).
Each carries a code made with that key: a workstation's file, or a row of the server, changed by who does not hold it is seen.
The private half is kept under the doctor's own key (her vault: the recovery code of the practice opens it again) and under her
card, which opens it on the other workstations; both copies are among what follows her there.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from dmp_desktop.domain import roles
from dmp_desktop.domain.proposals import Validator
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import StorageError
from dmp_desktop.services.clinic_preferences import PRACTICE
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.boxes import key_id, new_private, public_of
from dmp_desktop.storage.sealing import OwnedSeal, derive

log = logging.getLogger(__name__)

PUBLIC, PRIVATE = "doctor-keys", "doctor-key"
"""Names of the preferences: the practice's public halves, the doctor's own private ones."""
PURPOSE = "doctor key"
_TRIES = 10
NO_KEY = "{} ne s'est pas encore identifié sur un poste du cabinet avec sa carte CPS depuis la mise à jour."
SWAPPED = "La clé de {} n'est pas celle que le cabinet a enregistrée : rien ne lui est confié. Appelez le support."


class Store(Protocol):
    """storage.preferences.PreferenceStore."""

    def get(self, owner: str, name: str) -> Any: ...

    def replace(self, owner: str, name: str, expected: Any, value: Any) -> bool: ...


class Seals(Protocol):
    """services.vault.Vault."""

    @property
    def awaits_pin(self) -> bool: ...

    def seal(self, purpose: str, key_id: str = "") -> OwnedSeal: ...

    def card_seal(self, purpose: str) -> OwnedSeal | None: ...


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`name` is the doctor's, as their card tells it; `sound`: the practice's code is on it."""

    id: str
    doctor_id: str
    name: str
    public: bytes = field(repr=False)
    sound: bool


class DoctorKeys:
    """`who` is signed in; `practice` gives the practice's key. `made` is called once a pair is on the disk. Safe from every
    thread. Methods raise StorageError."""

    def __init__(
        self,
        store: Store,
        seals: Seals,
        who: Callable[[], SignedIn | None],
        practice: Callable[[], bytes],
        made: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._seals = seals
        self._who = who
        self._practice = practice
        self._made = made

    def meet(self) -> None:
        """Who is signed in has a pair from now on, if they may validate: made the first time. Nothing for the others, nor for who
        came without a card: what they could open would be gone with their session."""
        who = self._who()
        if who is None or not roles.may(who.role, Task.VALIDATE_NOTES) or self._seals.awaits_pin:
            return
        card = self._seals.card_seal(PURPOSE)
        if card is None:
            return
        doctor_id = who.professional.national_id
        own = self._seals.seal(PURPOSE)
        kept = self.private()
        private = next(iter(kept.values()), None)
        fresh = private is None
        if private is None:
            private = new_private()
        self._keep_private(doctor_id, private, (own, card))  # before anybody may seal to it
        self._publish(doctor_id, who.professional.display_name, public_of(private))
        if fresh:
            self._made()

    def private(self) -> dict[str, bytes]:
        """The private keys of who is signed in that open now, by their ids."""
        who = self._who()
        if who is None:
            return {}
        doctor_id = who.professional.national_id
        with suppress(StorageError):
            self._seals.seal(PURPOSE)  # a key that waits for its PIN is asked for it: the card's seal comes with it
        card = self._seals.card_seal(PURPOSE)
        found: dict[str, bytes] = {}
        for name, told in (self._store.get(doctor_id, PRIVATE) or {}).items():
            which, _, under = name.partition("/")
            try:
                seal = card if card is not None and under == card.key_id else self._seals.seal(PURPOSE, under)
                private = seal.seal.open(bytes.fromhex(told), _private_place(doctor_id, which))
            except (StorageError, ValueError) as error:  # another card's, or another workstation's
                log.debug("a private key does not open here: %s", type(error).__name__)
                continue
            if key_id(public_of(private)) == which:
                found[which] = private
        return found

    def of(self, doctor_id: str) -> list[PublicKey]:
        """The sound public halves of a doctor."""
        return [one for one in self._published() if one.doctor_id == doctor_id and one.sound]

    def validators(self) -> list[Validator]:
        """Doctors who have keys, by name; those whose keys are not sound with the reason."""
        found: dict[str, Validator] = {}
        for one in self._published():
            if one.sound:
                found[one.doctor_id] = Validator(one.doctor_id, one.name)
            else:
                found.setdefault(one.doctor_id, Validator(one.doctor_id, one.name, SWAPPED.format(one.name)))
        return sorted(found.values(), key=lambda one: one.name)

    def _published(self) -> list[PublicKey]:
        found = []
        practice = self._practice()
        for which, told in (self._store.get(PRACTICE, PUBLIC) or {}).items():
            try:
                public, code = bytes.fromhex(told["public"]), bytes.fromhex(told["code"])
                doctor_id, name = str(told["doctor"]), str(told["name"])
            except (KeyError, TypeError, ValueError):
                log.warning("a public key cannot be read")
                continue
            sound = key_id(public) == which and hmac.compare_digest(code, _code(practice, doctor_id, name, public))
            found.append(PublicKey(which, doctor_id, name, public, sound))
        return found

    def _publish(self, doctor_id: str, name: str, public: bytes) -> None:
        code = _code(self._practice(), doctor_id, name, public)
        told = {"doctor": doctor_id, "name": name, "public": public.hex(), "code": code.hex()}
        self._put(PRACTICE, PUBLIC, {key_id(public): told})

    def _keep_private(self, doctor_id: str, private: bytes, seals: tuple[OwnedSeal, ...]) -> None:
        which = key_id(public_of(private))
        there = self._store.get(doctor_id, PRIVATE) or {}
        sealed = {
            f"{which}/{one.key_id}": one.seal.seal(private, _private_place(doctor_id, which)).hex()
            for one in seals
            if f"{which}/{one.key_id}" not in there
        }
        self._put(doctor_id, PRIVATE, sealed)

    def _put(self, owner: str, name: str, values: dict[str, Any]) -> None:
        """Beside what another process, or another workstation, may write."""
        for _ in range(_TRIES):
            kept = self._store.get(owner, name)
            wanted = {**(kept or {}), **values}
            if wanted == (kept or {}) or self._store.replace(owner, name, kept, wanted):
                return
        raise StorageError("storage-busy", "Les clés des médecins changent sur un autre poste.", "Recommencez.")


def _code(practice: bytes, doctor_id: str, name: str, public: bytes) -> bytes:
    told = "\n".join((doctor_id, name, public.hex()))
    return hmac.new(derive(practice, "doctor keys"), told.encode(), hashlib.sha256).digest()


def _private_place(doctor_id: str, which: str) -> str:
    return f"doctor key/{doctor_id}/{which}"
