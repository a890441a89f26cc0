"""The key of whoever reads records here: opened by their sign-in, gone with it. What was read of a record is closed under it.

The key is random, kept only wrapped: under a signature of the card's authentication key (RSASSA-PKCS1-v1_5 gives the same bytes
for the same message, RFC 8017 §8.2), and sealed to the practice's recovery key. A person without such a card (Pro Santé Connect)
has a key for the session, which the recovery code opens again. On a workstation that joined another practice, the key is sealed
once more, to that practice's, when it is next open.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dmp_desktop.domain.digest_info import digest_info
from dmp_desktop.domain.ports import Signer
from dmp_desktop.domain.vault import WrappedKey, Wrapping
from dmp_desktop.errors import CardError, StorageError
from dmp_desktop.storage.recovery import recover, recovery_public, seal_for_recovery
from dmp_desktop.storage.sealing import OwnedSeal, Seal, derive
from dmp_desktop.storage.wrapped_keys import WrappedKeyStore

KEY_BYTES = 32
_SALT_BYTES = 16
_ID_BYTES = 8
_ASKED = b"DMP Desktop: this signature opens the key of its holder's own records, nothing else. "

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Open:
    """Keys by their ids; what is closed now goes under `current`, the others still open what was closed before. `seals` are
    those already made, by key and purpose."""

    owner: str
    current: str
    keys: dict[str, bytes] = field(repr=False)
    wrapper: _CardWrapper | None
    seals: dict[tuple[str, str], OwnedSeal] = field(default_factory=dict, repr=False)


class Vault:
    """At most one person's keys are open. Safe from every thread. `recovery_key` gives the practice's public one."""

    def __init__(self, kept: WrappedKeyStore, recovery_key: Callable[[], bytes]) -> None:
        self._kept = kept
        self._recovery_key = recovery_key
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._opened: _Open | None = None
        self._awaited: tuple[str, Signer] | None = None  # whose key is opened once it is needed

    def open(self, owner: str, signer: Signer | None) -> None:
        """Open the keys of who signed in (`owner`: PS_IdNat), made at their first sign-in. `signer` is the authentication key of
        their own card, None when they came without one.

        One signature, two when a key is made. Raises CardError, StorageError: nobody's key is open then.
        """
        self.close()
        opened = self._unwrapped(owner, signer)
        with self._lock:
            self._opened = opened

    def open_when_needed(self, owner: str, signer: Signer) -> None:
        """As `open`, at the first seal asked for, on the thread that asks: for a key whose PIN the system asks at its first
        signature, which nobody wants to see before a record is opened. What fails then is asked once: nobody's key is open.
        """
        with self._lock:
            self._opened, self._awaited = None, (owner, signer)

    def _unwrapped(self, owner: str, signer: Signer | None) -> _Open:
        kept = self._kept.of(owner)
        wrapper, keys = _opened_by(signer, owner, kept) if signer else (None, {})
        made = dict.fromkeys(one.key_id for one in reversed(kept) if one.wrapping is Wrapping.RECOVERY)
        known = [key_id for key_id in made if key_id in keys]
        if known:
            current = known[-1]
            self._entrust(owner, keys, kept)
        else:
            current = secrets.token_hex(_ID_BYTES)
            keys = {current: secrets.token_bytes(KEY_BYTES)}
            for_card = wrapper.wrapped(keys) if wrapper else []
            self._kept.keep(owner, [*_for_recovery(owner, keys, self._recovery_key()), *for_card])
        return _Open(owner, current, keys, wrapper)

    def close(self) -> None:
        """Nobody's key is open any more."""
        with self._lock:
            self._opened = self._awaited = None

    def seal(self, purpose: str, key_id: str = "") -> OwnedSeal:
        """The seal of who is signed in; with `key_id`, the one of a key they had before. Raises StorageError("vault-closed"),
        StorageError("vault-other-key") when only the recovery code opens it."""
        opened = self._present()
        if opened is None:
            raise StorageError(
                "vault-closed",
                "Ce qui a été lu des dossiers est fermé.",
                "Insérez la carte du professionnel à qui c'est.",
            )
        which = key_id or opened.current
        if which not in opened.keys:
            raise StorageError(
                "vault-other-key",
                "Ceci a été enregistré avec une autre carte, que ce poste ne connaît plus.",
                "Saisissez le code de secours du cabinet (Réglages).",
            )
        made = opened.seals.get((which, purpose))
        return made or opened.seals.setdefault((which, purpose), OwnedSeal(which, Seal(opened.keys[which], purpose)))

    def opened(self, purpose: str) -> OwnedSeal | None:
        """As `seal`; None while nobody's key is open, for what is then simply not kept (OpenSeal)."""
        try:
            return self.seal(purpose)
        except StorageError:
            return None

    def card_seal(self, purpose: str) -> OwnedSeal | None:
        """The seal that the card in use opens on every workstation, `key_id` telling which card; None without a card, or while
        its key waits for a PIN. For keys only: what is read of records goes under `seal`."""
        with self._lock:
            opened = self._opened
        return opened.wrapper.seal(purpose) if opened and opened.wrapper else None

    def recover(self, secret: bytes) -> int:
        """Open again with the practice's secret what only other cards opened, and give it to the card in use; returns how many
        keys. Raises ContextError("recovery-code"), StorageError."""
        opened = self._present()
        if opened is None:
            return 0
        missing = [
            one
            for one in self._kept.of(opened.owner)
            if one.wrapping is Wrapping.RECOVERY and one.key_id not in opened.keys
        ]
        sealed_to = _mark(recovery_public(secret))
        found = {
            one.key_id: recover(secret, one.sealed, _place(opened.owner, one.key_id, Wrapping.RECOVERY))
            for one in [one for one in missing if one.salt == sealed_to] or missing
        }
        if found and opened.wrapper:
            self._kept.keep(opened.owner, opened.wrapper.wrapped(found))
        with self._lock:
            if self._opened is opened:
                self._opened = replace(opened, keys={**opened.keys, **found})
        return len(found)

    @property
    def awaits_pin(self) -> bool:
        """Whether the first seal asked for opens the key, for which the system asks a PIN. Never blocks."""
        with self._lock:
            return self._awaited is not None

    def _present(self) -> _Open | None:
        """The keys that are open, opened now if they were awaited."""
        with self._lock:
            opened, awaited = self._opened, self._awaited
        if awaited is None:
            return opened
        with self._opening:  # the others that ask meanwhile wait for the same PIN
            with self._lock:
                if self._awaited is not awaited:
                    return self._opened
            try:
                opened = self._unwrapped(*awaited)
            except (CardError, StorageError) as error:
                log.warning("own key not opened: %s", error.code)
            with self._lock:
                if self._awaited is awaited:  # else they left meanwhile
                    self._opened, self._awaited = opened, None
                return self._opened

    def _entrust(self, owner: str, keys: dict[str, bytes], kept: Sequence[WrappedKey]) -> None:
        """To the recovery code of the practice that this workstation is of now, what was sealed to another one's."""
        try:
            public = self._recovery_key()
        except StorageError as error:  # a card opens them: said where the practice's keys are read
            log.warning("no recovery key: %s", error.code)
            return
        sealed_to = _mark(public)
        sure = {one.key_id for one in kept if one.wrapping is Wrapping.RECOVERY and one.salt == sealed_to}
        if unsure := {key_id: key for key_id, key in keys.items() if key_id not in sure}:
            self._kept.keep(owner, _for_recovery(owner, unsure, public))


class _CardWrapper:
    """What a card's signature closes and opens. Made with one signature."""

    def __init__(self, owner: str, signer: Signer) -> None:
        self._owner = owner
        self._salt = _card(signer)
        self._key = derive(signer.sign_digest_info(digest_info(_ASKED + self._salt, "sha256")), "doctor key")
        self._seal = Seal(self._key, "wrapped key")

    def seal(self, purpose: str) -> OwnedSeal:
        return OwnedSeal(self._salt.hex(), Seal(self._key, f"card {purpose}"))

    def wrapped(self, keys: dict[str, bytes]) -> list[WrappedKey]:
        return [
            WrappedKey(key_id, Wrapping.CARD, self._salt, self._seal.seal(key, self._place(key_id)))
            for key_id, key in keys.items()
        ]

    def open(self, kept: Iterable[WrappedKey]) -> dict[str, bytes]:
        """Those that this card closed, in their order."""
        keys = {}
        for one in kept:
            if one.wrapping is Wrapping.CARD and one.salt == self._salt:
                with suppress(StorageError):
                    keys[one.key_id] = self._seal.open(one.sealed, self._place(one.key_id))
        return keys

    def _place(self, key_id: str) -> str:
        return _place(self._owner, key_id, Wrapping.CARD)


def _opened_by(signer: Signer, owner: str, kept: Sequence[WrappedKey]) -> tuple[_CardWrapper | None, dict[str, bytes]]:
    """The wrapper of this card, and the keys it opens. No wrapper for a key that never signs the same way twice (ECDSA)."""
    wrapper = _CardWrapper(owner, signer)
    if keys := wrapper.open(kept):
        return wrapper, keys
    same = _CardWrapper(owner, signer).open(wrapper.wrapped({"": b""}))
    return (wrapper if same else None), {}


def _for_recovery(owner: str, keys: dict[str, bytes], public: bytes) -> list[WrappedKey]:
    return [
        WrappedKey(
            key_id,
            Wrapping.RECOVERY,
            _mark(public),
            seal_for_recovery(public, key, _place(owner, key_id, Wrapping.RECOVERY)),
        )
        for key_id, key in keys.items()
    ]


def _mark(public: bytes) -> bytes:
    """Tells one practice's recovery key from another's."""
    return hashlib.sha256(public).digest()[:_SALT_BYTES]


def _card(signer: Signer) -> bytes:
    """Tells the card's key from any other (SHA-256 of its SubjectPublicKeyInfo): a renewed certificate changes nothing."""
    public = x509.load_der_x509_certificate(signer.certificate_der).public_key()
    return hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()[:_SALT_BYTES]


def _place(owner: str, key_id: str, wrapping: Wrapping) -> str:
    return f"wrapped key/{owner}/{key_id}/{wrapping}"
