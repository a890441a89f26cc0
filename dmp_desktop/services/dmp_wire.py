"""The DMP for who signs in, in the language the setting chooses (ADR 17)."""

from __future__ import annotations

from collections.abc import Callable

from dmp_desktop.dmp.client import DmpClient
from dmp_desktop.dmp.fhir.client import FhirClient
from dmp_desktop.dmp.fhir.names import base_of
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.dmp.vihf import Caller, Software
from dmp_desktop.domain.dmp_ports import Dmp
from dmp_desktop.domain.ports import ClientIdentity, Clock, Entropy, Transport
from dmp_desktop.errors import DmpError
from dmp_desktop.platform.endpoint import Endpoint, WireProtocol


def connect_to(endpoint: Endpoint, protocol: WireProtocol, identity: ClientIdentity) -> Transport:
    """The line to the DMP of this workstation. Raises DmpError when none is configured."""
    if not endpoint.base_url or endpoint.ca_file is None:
        raise DmpError(
            "ServeurAbsent",
            "Aucun serveur DMP n'est configuré sur ce poste.",
            "En formation, lancez le bac à sable et indiquez DMP_DESKTOP_SERVER et DMP_DESKTOP_CA.",
        )
    base = base_of(endpoint.base_url) if protocol is WireProtocol.FHIR else endpoint.base_url
    return HttpsTransport(base, identity, endpoint.ca_file)


def speaker(
    protocol: WireProtocol, software: Software, clock: Clock, entropy: Entropy, sender_oid: str
) -> Callable[[Transport, ClientIdentity, Caller], Dmp]:
    """What makes the client of who signs in. `sender_oid`: the OID branch of this software, which SOAP messages name."""

    def converse(transport: Transport, identity: ClientIdentity, caller: Caller) -> Dmp:
        if protocol is WireProtocol.FHIR:
            return FhirClient(transport, identity, caller, software, clock, entropy)
        return DmpClient(transport, identity, caller, software, clock, entropy, sender_oid=sender_oid)

    return converse
