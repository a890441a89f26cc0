"""A key that OpenSSL only knows by address: who answers for it, and what went wrong when it could not sign.

OpenSSL's callbacks are made once a process and get a pointer; `find` gives the signer behind it. No exception crosses into C.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from dmp_desktop.domain.ports import Signer
from dmp_desktop.errors import CardError

_keys: dict[int, ExternalKey] = {}
"""By RSA* address. An address stays taken as long as a connection holds its key; whoever gets it next overwrites it here."""


class ExternalKey:
    """The signer attached to a context. `take_error` gives the exception the calling thread's last signature raised, once."""

    def __init__(self, signer: Signer, *, pss: bool = False) -> None:
        self.pss = pss
        self.signatures = 0
        self._signer: Signer | None = signer
        self._local = threading.local()
        self._lock = threading.Lock()
        self._address = 0

    def answer_for(self, address: int) -> None:
        """Sign for the RSA* at `address` from now on."""
        self._address = address
        _keys[address] = self

    def forget(self) -> None:
        """Let go of the signer: whatever still holds this key in OpenSSL signs no more."""
        self._signer = None
        if _keys.get(self._address) is self:
            del _keys[self._address]

    def take_error(self) -> BaseException | None:
        error: BaseException | None = getattr(self._local, "error", None)
        self._local.error = None
        return error

    def sign_digest_info(self, digest_info: bytes, size: int) -> bytes | None:
        """A PKCS#1 v1.5 signature of `size` bytes; None when the signer raised."""
        return self._guard(lambda signer: signer.sign_digest_info(digest_info), size)

    def sign_pss(self, digest: bytes, hash_name: str, size: int) -> bytes | None:
        """A PSS signature of `size` bytes; None when the signer raised."""
        return self._guard(lambda signer: signer.sign_pss(digest, hash_name), size)

    def _guard(self, sign: Callable[[Signer], bytes], size: int) -> bytes | None:
        signer = self._signer
        if signer is None:
            return None
        try:
            signature = sign(signer)
        except BaseException as error:  # noqa: BLE001 - kept, and raised again by the transport
            self._local.error = error
            return None
        if len(signature) != size:  # OpenSSL's buffer is exactly that long
            self._local.error = refused()
            return None
        with self._lock:
            self.signatures += 1
        return signature


def find(address: int | None) -> ExternalKey | None:
    return _keys.get(address or 0)


def refused() -> CardError:
    """The card answered something that is no signature."""
    return CardError(
        "card.sign_refused",
        "La carte a refusé de signer.",
        "Retirez la carte, remettez-la, puis saisissez de nouveau son code.",
    )
