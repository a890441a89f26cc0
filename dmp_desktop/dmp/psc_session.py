"""A Pro Santé Connect session while it lives, and the identity it opens: the structure's keys, for nobody once it is over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from dmp_desktop.dmp.psc_client import Grant, PscClient
from dmp_desktop.dmp.psc_errors import session_over
from dmp_desktop.dmp.psc_tokens import Tokens
from dmp_desktop.domain.ports import ClientIdentity, Clock, Signer
from dmp_desktop.errors import DmpDesktopError, DmpError

MARGIN = timedelta(seconds=20)
"""How long before its end an access token is replaced: the provider is asked about every 100 s, and a session it closed is
known to be closed by then."""
RETRY_SECONDS = 10.0


class PscSession:
    """Holds the tokens, in memory only. Safe from several threads. `on_end` is told when the provider ended the session."""

    def __init__(
        self, client: PscClient, grant: Grant, clock: Clock, on_end: Callable[[], None] = lambda: None
    ) -> None:
        self._client = client
        self._authentication = grant.authentication
        self._tokens: Tokens | None = grant.tokens
        self._clock = clock
        self._on_end = on_end
        self._stopped = threading.Event()
        self._lock = threading.Lock()

    def require(self) -> None:
        """Raises CardError("psc.ended") when the session is over: the structure signs for nobody (EX_AIR-085)."""
        tokens = self._tokens
        if tokens is None or self._clock.now() >= tokens.refresh_until:
            raise session_over()

    @property
    def over(self) -> bool:
        """Whether it was left, or ended by the provider."""
        return self._tokens is None

    def start(self) -> None:
        """Renew the tokens in time, from a thread of its own."""
        threading.Thread(target=self._run, name="psc-session", daemon=True).start()

    def keep(self) -> float | None:
        """Renew what is due. Returns the seconds until the next look, None when the session is over."""
        tokens = self._tokens
        if tokens is None:
            return None
        left = (tokens.access_until - MARGIN - self._clock.now()).total_seconds()
        if left > 0:
            return left
        try:
            self.require()
            fresh = self._client.refresh(tokens, self._authentication)
        except DmpDesktopError as error:
            if isinstance(error, DmpError) and error.retryable:
                return RETRY_SECONDS
            if self.drop() is not None:
                self._on_end()
            return None
        with self._lock:
            if self._tokens is None:  # dropped meanwhile: these are nobody's
                self._client.quietly_end(fresh)
                return None
            self._tokens = fresh
        return max((fresh.access_until - MARGIN - self._clock.now()).total_seconds(), 1.0)

    def drop(self) -> Tokens | None:
        """Forget the tokens, at once. Returns them the first time, for `close`."""
        with self._lock:
            tokens, self._tokens = self._tokens, None
        self._stopped.set()
        return tokens

    def close(self, tokens: Tokens | None) -> None:
        """Tell the provider, as far as it can be reached, and let go of it."""
        if tokens is not None:
            self._client.quietly_end(tokens)
        self._client.close()

    def _run(self) -> None:
        while (delay := self.keep()) is not None:
            if self._stopped.wait(delay):
                return


class PscIdentity:
    """ClientIdentity in mode AIR: the keys of the structure, whose signature is given only while the session lives."""

    def __init__(self, structure: ClientIdentity, session: PscSession) -> None:
        self._structure = structure
        self._session = session
        self.authentication: Signer = structure.authentication
        self.signature: Signer = _Guarded(structure.signature, session.require)

    def close(self) -> None:
        """No signature from now on. The provider is told from another thread, and then the keys are forgotten."""
        tokens = self._session.drop()

        def finish() -> None:
            self._session.close(tokens)
            self._structure.close()

        threading.Thread(target=finish, name="psc-close").start()


class _Guarded:
    """A Signer that asks `require` before each signature."""

    def __init__(self, signer: Signer, require: Callable[[], None]) -> None:
        self._signer = signer
        self._require = require
        self.certificate_der = signer.certificate_der
        self.chain_der = signer.chain_der
        self.can_pss = signer.can_pss

    def sign_digest_info(self, digest_info: bytes) -> bytes:
        """Raises CardError, also once the session is over."""
        self._require()
        return self._signer.sign_digest_info(digest_info)

    def sign_sha256(self, message: bytes) -> bytes:
        """Raises CardError, also once the session is over."""
        self._require()
        return self._signer.sign_sha256(message)

    def sign_sha1(self, message: bytes) -> bytes:
        """Raises CardError, also once the session is over."""
        self._require()
        return self._signer.sign_sha1(message)

    def sign_pss(self, digest: bytes, hash_name: str) -> bytes:
        """Raises CardError, also once the session is over."""
        self._require()
        return self._signer.sign_pss(digest, hash_name)
