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
EMPTY, KEY_LOST = "passphrase-empty", "storage-key-lost"

EXPLANATION_FR = (
    "Ce poste n'a pas de coffre à secrets du système. Choisissez une phrase de passe : elle protège la base locale et sera "
    "demandée à chaque lancement.\nElle ne se retrouve pas : oubliée, seuls le code de secours du cabinet, sur papier, et une "
    "sauvegarde rouvrent ce poste."
)
KNOWN_FR = (
    "La base locale de ce poste est protégée par une phrase de passe.\n"
    "Oubliée : laissez le champ vide, le code de secours du cabinet sera demandé."
)
TWICE_FR = "La même, une seconde fois :"


def choose_keystore(paths: Paths, ask_passphrase: Callable[[str], str]) -> KeyStore:
    """The system's key store, else the file of secrets under a passphrase.

    `ask_passphrase` gets the French words to show and returns what was typed; it is called only where it is needed, twice for a
    passphrase that is new. A file of secrets that exists wins: a key store that comes and goes (ssh session, then desktop) must
    not hide its key. Raises StorageError("passphrase-empty"), ("passphrase-differs").
    """
    if KeyringKeyStore.available() and not paths.secrets.exists():
        return KeyringKeyStore()
    new = not paths.secrets.exists()
    return PassphraseKeyStore(paths.secrets, (new_passphrase if new else _typed)(ask_passphrase))


def new_passphrase(ask: Callable[[str], str], why: str = EXPLANATION_FR) -> str:
    """Typed twice: one that was mistyped would lock its own author out. Raises StorageError, as `choose_keystore`."""
    typed = _typed(ask, why)
    if _typed(ask, TWICE_FR) != typed:
        raise StorageError(
            "passphrase-differs", "Les deux saisies ne sont pas les mêmes : rien n'a été changé.", "Recommencez."
        )
    return typed


def _typed(ask: Callable[[str], str], why: str = KNOWN_FR) -> str:
    try:
        passphrase = ask(why)
    except EOFError:  # no terminal to ask at
        passphrase = ""
    if not passphrase:
        raise StorageError(EMPTY, "La base locale a besoin d'une phrase de passe.", "Saisissez-la.")
    return passphrase


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
        KEY_LOST,
        "La base locale existe mais sa clé n'est plus dans le coffre à secrets.",
        "Rouvrez la session qui l'a créée, ou mettez une sauvegarde de ce poste dans le dossier « sauvegardes » des données "
        "et relancez : le code de secours du cabinet la rouvre. Ne supprimez rien.",
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
