"""The database is there and its key is not: the system's key store lost it, the passphrase is forgotten, its file is damaged. A
backup of the folder holds it, and the practice's recovery code opens that."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from dmp_desktop.domain.ports import KeyStore
from dmp_desktop.domain.recovery_code import secret_of
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.keystore import DAMAGED, PassphraseKeyStore, write_durably
from dmp_desktop.platform.paths import Paths
from dmp_desktop.platform.storage_key import EMPTY, KEY_NAME, choose_keystore, key_lost, new_passphrase
from dmp_desktop.services.backup import kept_backups
from dmp_desktop.services.practice_keys import PracticeKeyring
from dmp_desktop.services.restore import opens
from dmp_desktop.storage.backup_file import open_with_code

log = logging.getLogger(__name__)

LOST_FR = (
    "La clé de la base locale n'est plus dans le coffre à secrets. Une sauvegarde de ce poste la contient : "
    "saisissez le code de secours du cabinet (13 groupes de 5 signes) :"
)
FORGOTTEN_FR = (
    "Une sauvegarde de ce poste contient la clé de la base locale : saisissez le code de secours du cabinet "
    "(13 groupes de 5 signes). Une nouvelle phrase de passe sera ensuite demandée :"
)
NEW_FR = "C'est le bon code. Choisissez la nouvelle phrase de passe, demandée à chaque lancement :"


def opened_keystore(paths: Paths, given: str, ask: Callable[[str], str], now: Callable[[], datetime]) -> KeyStore:
    """As `choose_keystore`, open; by the recovery code where the passphrase is forgotten (left empty) or its file damaged.

    `given`: a passphrase that nobody types; nothing is then asked. Raises StorageError, ContextError: nothing was changed.
    """
    try:
        keystore = choose_keystore(paths, lambda why: given or ask(f"{why}\nPhrase de passe :"))
        if paths.secrets.exists():
            keystore.get(KEY_NAME)
    except StorageError as error:
        if given or error.code not in (EMPTY, DAMAGED) or not (paths.secrets.exists() and paths.database.exists()):
            raise
        return _reopened(paths, ask, now(), error)
    return keystore


def lost_key(paths: Paths, keystore: KeyStore, ask: Callable[[str], str]) -> bytes:
    """The key of the database that is there, kept in the key store from then on. Raises ContextError, StorageError."""
    key, code = _by_code(paths, ask, LOST_FR, key_lost())
    keystore.set(KEY_NAME, key.hex())
    PracticeKeyring(keystore).join(code)
    return key


def _reopened(paths: Paths, ask: Callable[[str], str], now: datetime, why: StorageError) -> KeyStore:
    """A new file of secrets, whole before it takes the place of the former one, which stays beside."""
    key, code = _by_code(paths, ask, FORGOTTEN_FR, key_lost() if why.code == EMPTY else why)
    coming = paths.secrets.with_name(f"{paths.secrets.name}.nouveau")
    coming.unlink(missing_ok=True)
    passphrase = new_passphrase(ask, NEW_FR)
    keystore = PassphraseKeyStore(coming, passphrase)
    keystore.set(KEY_NAME, key.hex())
    PracticeKeyring(keystore).join(code)
    aside = paths.secrets.with_name(f"{paths.secrets.name}.{now.astimezone():%Y%m%d-%H%M%S}")
    write_durably(aside, paths.secrets.read_bytes())
    write_durably(paths.secrets, coming.read_bytes())
    coming.unlink(missing_ok=True)
    log.warning("the passphrase was replaced by the recovery code")
    return PassphraseKeyStore(paths.secrets, passphrase)


def _by_code(paths: Paths, ask: Callable[[str], str], prompt: str, without: StorageError) -> tuple[bytes, str]:
    """The key and the code that was typed. Raises `without` where no backup could have it or nobody can be asked."""
    backups = kept_backups(paths.backups)
    try:
        code = ask(prompt) if backups else ""
    except EOFError:  # no terminal to ask at
        code = ""
    if not code:
        raise without
    secret, refused = secret_of(code), None
    for one in backups:
        try:
            key = open_with_code(one.path, secret).station
        except ContextError as error:
            refused = refused or error
            continue
        if opens(paths.database, key):
            return key, code
        log.warning("the key of a backup does not open the database")
    raise refused or without
