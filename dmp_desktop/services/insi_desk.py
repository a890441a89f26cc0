"""INSi for who signs in: another server than the DMP, asked with the same keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from dmp_desktop.dmp.insi import InsiClient
from dmp_desktop.dmp.insi_messages import Emitter
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.dmp.vihf import Software, VihfFactory
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.ports import ClientIdentity, Clock, Entropy
from dmp_desktop.errors import DmpError
from dmp_desktop.platform.endpoint import Endpoint
from dmp_desktop.services.sign_in import Account, caller


def insi_opener(
    endpoint: Endpoint, software: Software, clock: Clock, entropy: Entropy
) -> Callable[[ClientIdentity, Account], InsiClient]:
    """What makes the teleservice of an account. `software.approval` is sent as the authorisation of INSi.

    Only the sandbox has a known address, on the server of its DMP: the real one comes with the signed settings.
    """
    instance = str(entropy.uuid())

    def opened(identity: ClientIdentity, account: Account) -> InsiClient:
        base, ca_file = _address(endpoint)
        transport = HttpsTransport(base, identity, ca_file)
        # A software certificate says who asks by its own name; a card, or who signed in by Pro Santé Connect, by an assertion.
        signs = account.role is not Role.STRUCTURE
        vihf = VihfFactory(identity.signature, caller(account), software, clock, entropy) if signs else None
        emitter = Emitter(account.national_id, software.name, software.version, software.approval, instance)
        return InsiClient(transport, emitter, clock, entropy, vihf)

    return opened


def _address(endpoint: Endpoint) -> tuple[str, Path]:
    if not endpoint.sandbox or not endpoint.base_url or endpoint.ca_file is None:
        raise DmpError(
            "InsiAbsent",
            "Aucun téléservice INSi n'est configuré sur ce poste.",
            "En formation, lancez le bac à sable et indiquez DMP_DESKTOP_SERVER et DMP_DESKTOP_CA.",
        )
    server = urlsplit(endpoint.base_url)
    return f"{server.scheme}://{server.netloc}", endpoint.ca_file
