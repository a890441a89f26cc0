"""The key of the local database: made once, kept in a KeyStore, never derived from anything guessable."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from dmp_desktop.domain.ports import KeyStore
from dmp_desktop.errors import StorageError
from dmp_desktop.platform.keystore import KeyringKeyStore, PassphraseKeyStore
from dmp_desktop.platform.locks import FileLock
from dmp_desktop.platform.paths import Paths

KEY_NAME = "storage-key"
KEY_BYTES = 32  # AES-256

EXPLANATION_FR = (
    "Ce poste n'a pas de coffre à secrets du système : la base locale est protégée par une phrase de passe, "
    "demandée à chaque lancement. Sans elle, les documents en attente d'envoi sont perdus."
)


def choose_keystore(paths: Paths, ask_passphrase: Callable[[str], str]) -> KeyStore:
    """The system's key store, else the file of secrets under a passphrase.

    `ask_passphrase` gets the French explanation to show and returns what was typed; it is called only where it is
    needed. A file of secrets that exists wins: a key store that comes and goes (ssh session, then desktop) must not
    hide its key. Raises StorageError("passphrase-empty").
    """
    if KeyringKeyStore.available() and not paths.secrets.exists():
        return KeyringKeyStore()
    try:
        passphrase = ask_passphrase(EXPLANATION_FR)
    except EOFError:  # no terminal to ask at
        passphrase = ""
    if not passphrase:
        raise StorageError("passphrase-empty", "La base locale a besoin d'une phrase de passe.", "Saisissez-la.")
    return PassphraseKeyStore(paths.secrets, passphrase)


def storage_key(keystore: KeyStore, database: Path) -> bytes:
    """The 32 bytes of the database's key, made on first use.

    Raises StorageError("storage-key-lost") when the database exists but its key does not: a new key would bury what
    it holds.
    """
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(database.with_suffix(".key-lock")):
        if kept := kept_key(keystore):
            return kept
        if database.exists():
            raise key_lost()
        key = secrets.token_bytes(KEY_BYTES)
        keystore.set(KEY_NAME, key.hex())
        if keystore.get(KEY_NAME) != key.hex():
            raise StorageError(
                "keystore", "Le coffre à secrets n'a pas gardé la clé de la base locale.", "Contactez le support."
            )
        return key


def key_lost() -> StorageError:
    return StorageError(
        "storage-key-lost",
        "La base locale existe mais sa clé n'est plus dans le coffre à secrets.",
        "Rouvrez la session qui l'a créée, ou restaurez la clé ; les documents en attente y sont.",
    )


def kept_key(keystore: KeyStore) -> bytes | None:
    """The key as it is kept, None before the first use. Raises StorageError("storage-key-damaged") and the key store's."""
    kept = keystore.get(KEY_NAME)
    return _decode(kept) if kept else None


def _decode(kept: str) -> bytes:
    try:
        key = bytes.fromhex(kept)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise StorageError(
            "storage-key-damaged", "La clé de la base locale est abîmée dans le coffre à secrets.", "Restaurez-la."
        )
    return key
