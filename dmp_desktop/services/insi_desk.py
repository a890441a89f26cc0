"""INSi for who signs in: another server than the DMP, asked with the same keys."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from dmp_desktop.dmp.insi import InsiClient
from dmp_desktop.dmp.insi_messages import Emitter
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.dmp.vihf import Software, VihfFactory
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.ports import ClientIdentity, Clock, Entropy
from dmp_desktop.errors import DmpError
from dmp_desktop.platform.endpoint import Endpoint, InsiSpec
from dmp_desktop.services.sign_in import Account, caller


def insi_opener(
    endpoint: Endpoint, software: Software, clock: Clock, entropy: Entropy
) -> Callable[[ClientIdentity, Account], InsiClient]:
    """What makes the teleservice of an account, by the endpoint's settings; in the sandbox, else, on the server of its DMP."""
    instance = str(entropy.uuid())

    def opened(identity: ClientIdentity, account: Account) -> InsiClient:
        insi = _insi(endpoint, software)
        transport = HttpsTransport(insi.url, identity, insi.ca_file)
        # A software certificate says who asks by its own name; a card, or who signed in by Pro Santé Connect, by an assertion.
        signs = account.role is not Role.STRUCTURE
        vihf = VihfFactory(identity.signature, caller(account), software, clock, entropy) if signs else None
        emitter = Emitter(account.national_id, software.name, software.version, insi.approval, instance)
        return InsiClient(transport, emitter, clock, entropy, vihf)

    return opened


def _insi(endpoint: Endpoint, software: Software) -> InsiSpec:
    """Raises DmpError when no teleservice is known, or this software has no number to ask it with."""
    if endpoint.insi is not None:
        if not endpoint.insi.approval:
            raise DmpError(
                "InsiSansNumero",
                "Le numéro d'autorisation INSi de ce logiciel manque dans les réglages de ce poste.",
                "Demandez-le à qui a installé le logiciel.",
            )
        return endpoint.insi
    if not endpoint.sandbox or not endpoint.base_url or endpoint.ca_file is None:
        raise DmpError(
            "InsiAbsent",
            "Aucun téléservice INSi n'est configuré sur ce poste.",
            "Son adresse et le numéro d'autorisation du logiciel viennent avec les réglages signés du poste ; "
            "en formation, lancez le bac à sable et indiquez DMP_DESKTOP_SERVER et DMP_DESKTOP_CA.",
        )
    server = urlsplit(endpoint.base_url)
    return InsiSpec(f"{server.scheme}://{server.netloc}", endpoint.ca_file, software.approval)
