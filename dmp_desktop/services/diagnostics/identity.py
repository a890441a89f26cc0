"""Check of the certificates in files that stand for a card, where this workstation has some: do they open?."""

from __future__ import annotations

from typing import Final

from dmp_desktop.services.diagnostics.first import MISREAD
from dmp_desktop.services.diagnostics.model import Check, Seen, Topic, fine, seen, unverifiable
from dmp_desktop.services.diagnostics.site import Site

TOPIC: Final = Topic(
    "identity.software",
    "Certificat de ce poste",
    {
        "none": fine("Ce poste n’a pas de certificat à lui : il se connecte avec une carte, ou par Pro Santé Connect."),
        "ok": fine("Les certificats de ce poste s’ouvrent."),
        "locked": unverifiable(
            "Les certificats de ce poste ne s’ouvrent qu’avec leur mot de passe, qui n’est pas demandé ici.",
            "Connectez-vous : le mot de passe vous sera demandé.",
        ),
        "misread": MISREAD,
    },
)


def _look(site: Site) -> Seen:
    if site.station.settings_error is not None:
        return seen("misread")
    if site.software_identity() is not None:
        return seen("ok")
    chosen = site.station.endpoint.identity
    return seen("locked" if chosen and chosen.p12_folder else "none")


CHECKS: Final = (Check(TOPIC, _look, ("software.settings",)),)
