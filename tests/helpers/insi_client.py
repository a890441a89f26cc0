"""Our INSi client against the stand-in teleservice, over real mutual TLS."""

from __future__ import annotations

from pathlib import Path

from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.insi import InsiClient
from dmp_desktop.dmp.insi_messages import Emitter
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.dmp.vihf import Software, VihfFactory
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.accounts import software_account
from dmp_desktop.services.sign_in import caller


class InsiConnection:
    """An open conversation of `who` (doctor, secretary); `signed` False sends no assertion, as a software certificate does."""

    def __init__(
        self, sandbox: Sandbox, who: str = "doctor", *, approval: str = "BAC-A-SABLE", signed: bool = True
    ) -> None:
        told = sandbox.ready["identities"][who]
        account = software_account(Path(told["p12"]), lambda: told["password"])
        self._identity = Pkcs12Identity(Path(told["p12"]), told["password"])
        self._transport = HttpsTransport(sandbox.insi_url, self._identity, Path(sandbox.ready["ca"]))
        clock, entropy = SystemClock(), SystemEntropy()
        software = Software("DMP Desktop", "0.1", "BAC-A-SABLE")
        vihf = VihfFactory(self._identity.signature, caller(account), software, clock, entropy) if signed else None
        emitter = Emitter(account.national_id, software.name, software.version, approval, "poste-1")
        self.client = InsiClient(self._transport, emitter, clock, entropy, vihf)

    def __enter__(self) -> InsiConnection:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._transport.close()
        self._identity.close()
