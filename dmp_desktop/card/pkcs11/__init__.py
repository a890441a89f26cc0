"""The professional's card by PKCS#11 (Cryptolib CPS): what needs the PIN. No other package imports python-pkcs11."""

from __future__ import annotations

from dmp_desktop.card.pkcs11.discovery import ModuleCandidate, find_modules, module_to_use
from dmp_desktop.card.pkcs11.opener import Pkcs11CardOpener, TokenCard, list_cards
from dmp_desktop.card.pkcs11.session import Pkcs11CardSession

__all__ = [
    "ModuleCandidate",
    "Pkcs11CardOpener",
    "Pkcs11CardSession",
    "TokenCard",
    "find_modules",
    "list_cards",
    "module_to_use",
]
