"""A card as the TLS code sees one: slow, counted, and pulled when the test says so."""

from __future__ import annotations

import threading

from dmp_desktop.domain.ports import Signer
from dmp_desktop.errors import CardError


class SlowCard:
    """Signer and both keys of a ClientIdentity over another signer; a signature takes `seconds`.

    `can_pss` as a CPS4 (True) or a CPS3. `busy` is set while it signs; once `pulled`, every signature ends in card.removed.
    """

    def __init__(self, signer: Signer, seconds: float = 0.0, *, can_pss: bool = True) -> None:
        self._signer = signer
        self._seconds = seconds
        self._lock = threading.Lock()
        self.certificate_der = signer.certificate_der
        self.chain_der = signer.chain_der
        self.can_pss = can_pss
        self.authentication = self.signature = self
        self.signed: list[str] = []
        self.busy = threading.Event()
        self.pulled = threading.Event()

    def sign_digest_info(self, digest_info: bytes) -> bytes:
        self._take_time("PKCS#1")
        return self._signer.sign_digest_info(digest_info)

    def sign_sha256(self, message: bytes) -> bytes:
        self._take_time("SHA-256")
        return self._signer.sign_sha256(message)

    def sign_sha1(self, message: bytes) -> bytes:
        self._take_time("SHA-1")
        return self._signer.sign_sha1(message)

    def sign_pss(self, digest: bytes, hash_name: str) -> bytes:
        self._take_time("PSS")
        return self._signer.sign_pss(digest, hash_name)

    def close(self) -> None:
        self.pulled.set()

    def _take_time(self, kind: str) -> None:
        with self._lock:
            self.busy.set()
            if self.pulled.wait(self._seconds):
                raise CardError("card.removed", "La carte a été retirée.", "Remettez la carte dans le lecteur.")
            self.signed.append(kind)
