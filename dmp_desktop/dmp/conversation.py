"""What every part of the DMP's client shares: the connection, the mode, the names a message carries."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, Protocol, Self, TypeVar

from dmp_desktop.dmp.channel import Channel
from dmp_desktop.dmp.hl7v3 import Sender
from dmp_desktop.dmp.signing import Algorithm
from dmp_desktop.dmp.vihf import Caller, Software, VihfFactory
from dmp_desktop.domain.access import AccessMode, AuthenticationMode
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.ports import ClientIdentity, Clock, Entropy, Transport
from dmp_desktop.errors import DmpError


class _Moded(Protocol):
    """What sends in one access mode, and can be had in another."""

    def in_mode(self, access: AccessMode, *, secret: bool) -> Self: ...


C = TypeVar("C", bound=_Moded)


class Spoken(Generic[C]):
    """One professional's conversation with the DMP, in any language: `channel` makes what sends under a VIHF.

    `lot_algorithm` is that of the XAdES signature of lots (SHA-1 in every published sample of the DMP).
    """

    def __init__(
        self,
        identity: ClientIdentity,
        caller: Caller,
        software: Software,
        clock: Clock,
        entropy: Entropy,
        lot_algorithm: Algorithm,
        channel: Callable[[VihfFactory], C],
    ) -> None:
        self._identity = identity
        self._caller = caller
        self._clock = clock
        self._entropy = entropy
        self._lot_algorithm = lot_algorithm
        reading, feeding = _speakers(identity, caller, software, clock, entropy)
        self._channel = channel(reading)
        self._feeding = self._channel if feeding is reading else channel(feeding)

    def in_mode(self, access: AccessMode, *, secret: bool = False) -> Self:
        """The same conversation in another mode, over the same connection; this one goes on as it was.

        `secret`: the secret connection of a minor, of which the legal representatives are told nothing (EX_0.1-1100).
        """
        other = copy.copy(self)
        other._channel = self._channel.in_mode(access, secret=secret)
        other._feeding = self._feeding.in_mode(access, secret=secret)
        return other


class Conversation(Spoken[Channel]):
    """In SOAP. Safe to use from several threads. `sender_oid` is the OID branch of the software."""

    def __init__(
        self,
        transport: Transport,
        identity: ClientIdentity,
        caller: Caller,
        software: Software,
        clock: Clock,
        entropy: Entropy,
        *,
        sender_oid: str,
        access: AccessMode = AccessMode.NORMAL,
        lot_algorithm: Algorithm = Algorithm.SHA1,
    ) -> None:
        def channel(vihf: VihfFactory) -> Channel:
            return Channel(transport, vihf, entropy, access)

        super().__init__(identity, caller, software, clock, entropy, lot_algorithm, channel)
        self._sender = Sender(sender_oid, software.name)


def _speakers(
    identity: ClientIdentity, caller: Caller, software: Software, clock: Clock, entropy: Entropy
) -> tuple[VihfFactory, VihfFactory]:
    """Who reads and who feeds: the same but under Pro Santé Connect.

    AIR reads and never feeds: deposits go INDIRECTE, in the same person's name (reference §4).
    """
    reading = VihfFactory(identity.signature, caller, software, clock, entropy)
    if caller.mode is not AuthenticationMode.INDIRECTE_RENFORCEE:
        return reading, reading
    feeder = replace(caller, mode=AuthenticationMode.INDIRECTE, authenticated_at=None)
    return reading, VihfFactory(identity.signature, feeder, software, clock, entropy)


def require_qualified(patient: InsIdentity) -> None:
    """Raises DmpError unless the INS is qualified: no other reaches the DMP (RNIV)."""
    if patient.status is not InsStatus.QUALIFIEE:
        raise DmpError(
            "InsNonQualifiee",
            "L'identité INS du patient n'est pas qualifiée : le DMP n'est pas interrogé.",
            "Vérifiez une pièce d'identité et qualifiez l'INS.",
        )
