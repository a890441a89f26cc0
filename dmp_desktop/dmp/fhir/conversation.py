"""What every part of the FHIR client shares: the connection, the mode, who speaks."""

from __future__ import annotations

import copy
from typing import Self

from dmp_desktop.dmp.conversation import speakers
from dmp_desktop.dmp.fhir.channel import FhirChannel
from dmp_desktop.dmp.signing import Algorithm
from dmp_desktop.dmp.vihf import Caller, Software
from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.ports import ClientIdentity, Clock, Entropy, Transport


class FhirConversation:
    """One professional's conversation with the DMP. Safe to use from several threads.

    `transport` reaches the FHIR base of the DMP (`names.BASE`); `lot_algorithm` is that of the XAdES signature of lots.
    """

    def __init__(
        self,
        transport: Transport,
        identity: ClientIdentity,
        caller: Caller,
        software: Software,
        clock: Clock,
        entropy: Entropy,
        *,
        access: AccessMode = AccessMode.NORMAL,
        lot_algorithm: Algorithm = Algorithm.SHA1,
    ) -> None:
        self._identity = identity
        self._caller = caller
        self._clock = clock
        self._entropy = entropy
        self._lot_algorithm = lot_algorithm
        reading, feeding = speakers(identity, caller, software, clock, entropy)
        self._channel = FhirChannel(transport, reading, access)
        self._feeding = self._channel if feeding is reading else FhirChannel(transport, feeding, access)

    def in_mode(self, access: AccessMode, *, secret: bool = False) -> Self:
        """The same conversation in another mode, over the same connection; this one goes on as it was.

        `secret`: the secret connection of a minor, of which the legal representatives are told nothing (EX_0.1-1100).
        """
        other = copy.copy(self)
        other._channel = self._channel.in_mode(access, secret=secret)
        other._feeding = self._feeding.in_mode(access, secret=secret)
        return other
