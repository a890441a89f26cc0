"""Our client against the stand-in server, over real mutual TLS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dmp_desktop.dmp.client import DmpClient
from dmp_desktop.dmp.fhir.client import FhirClient
from dmp_desktop.dmp.fhir.names import base_of
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.signing import Algorithm
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.dmp.vihf import Software
from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Transport
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.accounts import software_account
from dmp_desktop.services.sign_in import caller

SENDER = "2.25.187628475623745823746582374658237465"


class Connection:
    """An open conversation: `client`, and the `transport` under it that counts card signatures."""

    def __init__(
        self,
        sandbox: Sandbox,
        who: str = "doctor",
        access: AccessMode = AccessMode.NORMAL,
        algorithm: Algorithm = Algorithm.SHA1,
        heard: Callable[[Transport], Transport] | None = None,
        protocol: str = "xds",
    ) -> None:
        """`heard` puts something between the client and its transport; `protocol` is xds or fhir."""
        told = sandbox.ready["identities"][who]
        account = software_account(Path(told["p12"]), lambda: told["password"])
        self.identity = Pkcs12Identity(Path(told["p12"]), told["password"])
        url = sandbox.ready["url"]
        base = base_of(url) if protocol == "fhir" else url
        self.transport = HttpsTransport(base, self.identity, Path(sandbox.ready["ca"]))
        self.account = account
        line = heard(self.transport) if heard else self.transport
        software = Software("DMP Desktop", "0.1", "BAC-A-SABLE")
        told_by = (line, self.identity, caller(account), software, SystemClock(), SystemEntropy())
        self.client: Any = (
            FhirClient(*told_by, access=access, lot_algorithm=algorithm)
            if protocol == "fhir"
            else DmpClient(*told_by, sender_oid=SENDER, access=access, lot_algorithm=algorithm)
        )

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.transport.close()
        self.identity.close()


def patient_of(sandbox: Sandbox, story: str) -> Patient:
    """The scripted patient of a story."""
    return next(patient_from_dict(item["patient"]) for item in sandbox.ready["patients"] if item["story"] == story)
