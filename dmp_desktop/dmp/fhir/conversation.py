"""What every part of the FHIR client shares: the connection, the mode, who speaks."""

from __future__ import annotations

from dmp_desktop.dmp.conversation import Spoken
from dmp_desktop.dmp.fhir.channel import FhirChannel
from dmp_desktop.dmp.signing import Algorithm
from dmp_desktop.dmp.vihf import Caller, Software, VihfFactory
from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.ports import ClientIdentity, Clock, Entropy, Transport


class FhirConversation(Spoken[FhirChannel]):
    """In FHIR. Safe to use from several threads. `transport` reaches the FHIR base of the DMP (`names.BASE`)."""

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
        def channel(vihf: VihfFactory) -> FhirChannel:
            return FhirChannel(transport, vihf, access)

        super().__init__(identity, caller, software, clock, entropy, lot_algorithm, channel)
