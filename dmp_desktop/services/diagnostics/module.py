"""Checks of the PKCS#11 module that signs with the card (Cryptolib CPS)."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

from dmp_desktop.card.failures import card_failure
from dmp_desktop.card.pkcs11.discovery import ModuleCandidate, find_modules
from dmp_desktop.card.pkcs11.module import module_at
from dmp_desktop.errors import CardError
from dmp_desktop.platform.endpoint import IDENTITY
from dmp_desktop.services.diagnostics.model import (
    Check,
    Seen,
    Topic,
    after,
    attention,
    fine,
    problem,
    seen,
    unverifiable,
)
from dmp_desktop.services.diagnostics.site import Module, Site

OWN_BITS: Final = struct.calcsize("P") * 8
CPS4_VERSION: Final = (5, 2)
"""The first Cryptolib that knows the CPS4 (reference card.md §3.4)."""
LOAD_SECONDS: Final = 15.0
MISSING: Final = "card.module_missing"

PRESENT: Final = Topic(
    "pkcs11.module",
    "Cryptolib CPS",
    {
        "ok": fine("La Cryptolib CPS est installée ({file})."),
        "absent": problem(
            "La Cryptolib CPS, qui signe avec la carte, n’est pas installée sur ce poste.",
            "Installez-la depuis esante.gouv.fr (Cryptolib CPS 5.2 ou plus), puis relancez cette vérification.",
            missing=True,
        ),
        "chosen_absent": problem(
            "« {file} », choisi dans les réglages d’essai à la place de la Cryptolib CPS, est introuvable.",
            "Faites corriger ce réglage par qui gère l’ordinateur.",
            detail="variable d’environnement {variable}.",
        ),
        "unneeded": fine("La Cryptolib CPS n’est pas installée ; ce poste se connecte sans carte, donc sans elle."),
        "unasked": unverifiable("Cette version ne cherche pas la Cryptolib CPS.", "Installez la dernière version."),
    },
    LOAD_SECONDS,
)
LOADS: Final = Topic(
    "pkcs11.loads",
    "Version de la Cryptolib CPS",
    {
        "ok": fine("La Cryptolib CPS {version} se charge."),
        "old": attention(
            "La Cryptolib CPS {version} est trop ancienne pour les cartes CPS4.",
            "Installez la version 5.2 ou plus depuis esante.gouv.fr.",
        ),
        "bits": problem(
            "La Cryptolib CPS installée est en {bits} bits, DMP Desktop est en {own} bits.",
            "Installez la Cryptolib CPS en {own} bits depuis esante.gouv.fr.",
        ),
        "broken": problem(
            "La Cryptolib CPS est installée mais ne se charge pas.", "Réinstallez-la depuis esante.gouv.fr."
        ),
        "absent": after("Cryptolib CPS", "La Cryptolib CPS n’est pas installée."),
        "unneeded": fine("Ce poste se connecte sans carte, donc sans la Cryptolib CPS."),
    },
    LOAD_SECONDS,
)


def find(configured: Path | None = None) -> list[Module]:
    """The modules that are on this machine; each that can be is loaded, as signing in would. The user's own choice comes first,
    even if it is not there."""
    found = find_modules(configured)
    return [_loaded(one) for one in found if one.why != MISSING or one.path == configured]


def _loaded(candidate: ModuleCandidate) -> Module:
    """Loading is the proof: a header tells the bits, not whether its companions are there."""
    if not candidate.usable:
        return Module(candidate.path, candidate.bits, error=card_failure(candidate.why.removeprefix("card.")))
    try:
        version = module_at(candidate.path).call(lambda loaded: loaded.library.library_version, patience=LOAD_SECONDS)
    except CardError as error:
        return Module(candidate.path, candidate.bits, error=error)
    return Module(candidate.path, candidate.bits, ".".join(map(str, version)))


def _present(site: Site) -> Seen:
    if site.station.modules is None:
        return seen("unasked")
    for module in site.modules():
        if _absent(module):
            return seen("chosen_absent", file=module.path.name, variable=IDENTITY)
        return seen("ok", file=module.path.name)
    return seen("unneeded" if site.without_card else "absent")


def _loads(site: Site) -> Seen:
    modules = [module for module in site.modules() if not _absent(module)]
    if not modules:
        return seen("unneeded" if site.without_card else "absent")
    for module in modules:
        if module.error is None:
            return seen("old" if _too_old(module) else "ok", version=module.version or "de version inconnue")
    wrong = [module for module in modules if module.error and module.error.code == "card.module_bits"]
    return seen("bits", bits=wrong[0].bits or 96 - OWN_BITS, own=OWN_BITS) if wrong else seen("broken")


def _absent(module: Module) -> bool:
    return module.error is not None and module.error.code == MISSING


def _too_old(module: Module) -> bool:
    parts = [part for part in module.version.split(".")[:2] if part.isdigit()]
    return len(parts) == 2 and tuple(map(int, parts)) < CPS4_VERSION


CHECKS: Final = (Check(PRESENT, _present), Check(LOADS, _loads, ("pkcs11.module",)))
