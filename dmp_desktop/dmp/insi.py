"""The INSi teleservice: `InsiService` of the ports over its own mutual-TLS conversation (reference §7)."""

from __future__ import annotations

from dmp_desktop.dmp import insi_answer, insi_errors, insi_messages
from dmp_desktop.dmp.channel import asked
from dmp_desktop.dmp.insi_messages import Emitter
from dmp_desktop.dmp.soap import content_type
from dmp_desktop.dmp.vihf import VihfFactory
from dmp_desktop.domain.insi import InsiAnswer, TraitQuery, VitaleQuery
from dmp_desktop.domain.ports import Clock, Entropy, Transport
from dmp_desktop.errors import DmpDesktopError

PATH = "/lps"
"""Under the base URL of INSi, which is not that of the DMP."""


class InsiClient:
    """One caller's questions. Safe to use from several threads.

    `vihf` signs the assertion of a card; None with a software certificate, whose name alone tells who asks. [R] The assertion is
    that of the DMP, naming no patient: the reference only tells that it is SAML.
    """

    def __init__(
        self, transport: Transport, emitter: Emitter, clock: Clock, entropy: Entropy, vihf: VihfFactory | None = None
    ) -> None:
        self._transport = transport
        self._emitter = emitter
        self._clock = clock
        self._entropy = entropy
        self._vihf = vihf

    def by_vitale(self, query: VitaleQuery) -> InsiAnswer:
        """Who the card means. Raises ValueError for a query that means nobody, DmpError, CardError."""
        return self._ask(insi_messages.ACTION_VITALE, insi_messages.by_vitale(query))

    def by_traits(self, query: TraitQuery) -> InsiAnswer:
        """Who has these traits. Raises ValueError for a query that means nobody, DmpError, CardError."""
        return self._ask(insi_messages.ACTION_TRAITS, insi_messages.by_traits(query))

    def close(self) -> None:
        """Drop connections and TLS sessions; calls under way end in an error."""
        self._transport.close()

    def _ask(self, action: str, body: str) -> InsiAnswer:
        assertion = self._vihf.assertion(None) if self._vihf else b""
        unique = self._entropy.uuid()
        request = insi_messages.envelope(action, body, self._emitter, assertion, unique, self._clock.now())
        try:
            reply = asked(self._transport, PATH, request, content_type(action))
            untrusted_body = reply.read()
        except DmpDesktopError as error:
            raise insi_errors.of_call(error) from None
        # A fault comes with 400 or 500; what is no message comes from a server before the teleservice.
        if reply.status != 200 and not (reply.status in (400, 500) and insi_answer.is_soap(untrusted_body)):
            raise insi_errors.of_status(reply.status)
        return insi_answer.read(untrusted_body, f"urn:uuid:{unique}")
