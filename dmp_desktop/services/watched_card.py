"""The keys of a card that is open, with an eye on it: another program may reset the card, or somebody pull it."""

from __future__ import annotations

from collections.abc import Callable

from dmp_desktop.card.failures import card_failure
from dmp_desktop.domain.cards import CpsActivity, PublicCps
from dmp_desktop.domain.ports import CardSession, Signer
from dmp_desktop.errors import CardError

GONE = "card.removed"
"""What a key says from the moment its login is over, wherever the card is."""


class WatchedCard:
    """CardSession of `card`, whose PIN was good.

    `lost` once a key said that its login is over; `tell` is called then, from the thread that wanted to sign.
    """

    def __init__(self, card: PublicCps, session: CardSession, tell: Callable[[], None]) -> None:
        self.card = card
        self._session = session
        self._tell = tell
        self._ended = self._closed = False
        self.lost = False

    @property
    def activities(self) -> tuple[CpsActivity, ...]:
        return self._session.activities

    @property
    def authentication(self) -> Signer:
        return _WatchedSigner(self._session.authentication, self._signed)

    @property
    def signature(self) -> Signer:
        return _WatchedSigner(self._session.signature, self._signed)

    def end(self) -> None:
        """From now on no key signs, nor gives what it was signing. From any thread; never waits, as `close` may for the card."""
        self._ended = True

    def close(self) -> None:
        self.end()
        if not self._closed:
            self._closed = True
            self._session.close()

    def _signed(self, sign: Callable[[], bytes]) -> bytes:
        if self._ended:
            raise card_failure("removed")
        try:
            signature = sign()
        except CardError as error:
            if error.code == GONE and not self._ended:
                self.lost = True
                self._tell()
            raise
        if self._ended:
            raise card_failure("removed")
        return signature


class _WatchedSigner:
    """Signer."""

    def __init__(self, signer: Signer, signed: Callable[[Callable[[], bytes]], bytes]) -> None:
        self._signer = signer
        self._signed = signed

    @property
    def certificate_der(self) -> bytes:
        return self._signer.certificate_der

    @property
    def chain_der(self) -> tuple[bytes, ...]:
        return self._signer.chain_der

    @property
    def can_pss(self) -> bool:
        return self._signer.can_pss

    def sign_digest_info(self, digest_info: bytes) -> bytes:
        return self._signed(lambda: self._signer.sign_digest_info(digest_info))

    def sign_sha256(self, message: bytes) -> bytes:
        return self._signed(lambda: self._signer.sign_sha256(message))

    def sign_sha1(self, message: bytes) -> bytes:
        return self._signed(lambda: self._signer.sign_sha1(message))

    def sign_pss(self, digest: bytes, hash_name: str) -> bytes:
        return self._signed(lambda: self._signer.sign_pss(digest, hash_name))
