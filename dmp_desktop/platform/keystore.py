"""Secrets of this user: the operating system's key store, or a file under a passphrase where there is none."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import keyring
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from keyring.errors import KeyringError, PasswordDeleteError

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.locks import FileLock

SERVICE = "DMP Desktop"
DAMAGED = "secrets-damaged"

# Backends that keep secrets in the system's own protected store. Others (plain text files, keyrings.alt) are refused.
_TRUSTED_BACKENDS = (
    "keyring.backends.Windows",
    "keyring.backends.macOS",
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
)

# scrypt cost: OWASP Password Storage Cheat Sheet, N=2^17, r=8, p=1 (128 MiB, about 0.4 s).
SCRYPT_COST = 1 << 17
_SCRYPT_BLOCK = 8
_SALT_BYTES = 16
_NONCE_BYTES = 12  # NIST SP 800-38D §8.2.1


class KeyringKeyStore:
    """KeyStore over Windows' Credential Manager, the macOS keychain, or the Secret Service of a Linux desktop."""

    def __init__(self, service: str = SERVICE) -> None:
        self._service = service

    @staticmethod
    def available() -> bool:
        """True when this session has a key store of the system; a headless Debian has none."""
        backends = getattr(keyring.get_keyring(), "backends", None) or [keyring.get_keyring()]
        return any(type(backend).__module__.startswith(_TRUSTED_BACKENDS) for backend in backends)

    def get(self, name: str) -> str | None:
        try:
            return keyring.get_password(self._service, name)
        except KeyringError as error:
            raise _unavailable() from error

    def set(self, name: str, secret: str) -> None:
        try:
            keyring.set_password(self._service, name, secret)
        except KeyringError as error:
            raise _unavailable() from error

    def delete(self, name: str) -> None:
        try:
            keyring.delete_password(self._service, name)
        except PasswordDeleteError:
            return
        except KeyringError as error:
            raise _unavailable() from error


class MemoryKeyStore:
    """KeyStore that forgets everything with the process: the fake of the contract, and the demo's."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self._secrets.get(name)

    def set(self, name: str, secret: str) -> None:
        self._secrets[name] = secret

    def delete(self, name: str) -> None:
        self._secrets.pop(name, None)


class PassphraseKeyStore:
    """KeyStore in one file, sealed with AES-256-GCM under a key that scrypt (RFC 7914) derives from a passphrase.

    `cost` is scrypt's N. The file is replaced whole and flushed: a cut leaves the old or the new one. Processes may
    share it.
    """

    def __init__(self, path: Path, passphrase: str, *, cost: int = SCRYPT_COST) -> None:
        self._path = path
        self._passphrase = passphrase.encode()
        self._cost = cost
        self._derived: dict[tuple[bytes, int], bytes] = {}
        self._changing = threading.RLock()  # nobody reads with the former passphrase what is under the new one

    def get(self, name: str) -> str | None:
        """Raises StorageError: "passphrase" when it is not the file's, "secrets-damaged" when this is no such file."""
        with self._changing:
            return self._load()[0].get(name)

    def change(self, former: str, coming: str) -> None:
        """The same secrets under another passphrase and a new salt, in one replacement of the file. Other processes that have it
        open know the former one only. Raises StorageError: nothing was then changed."""
        with self._changing, self._locked():
            if not self._path.exists():
                raise _not_written()
            secrets, _salt, cost = PassphraseKeyStore(self._path, former)._load()
            changed = PassphraseKeyStore(self._path, coming)
            changed._save(secrets, os.urandom(_SALT_BYTES), max(cost, self._cost))
            self._passphrase, self._derived = changed._passphrase, changed._derived

    def set(self, name: str, secret: str) -> None:
        with self._locked():
            secrets, salt, cost = self._load()
            self._save({**secrets, name: secret}, salt, cost)

    def delete(self, name: str) -> None:
        with self._locked():
            secrets, salt, cost = self._load()
            if secrets.pop(name, None) is not None:
                self._save(secrets, salt, cost)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = FileLock(self._path.with_suffix(".lock"))
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire()
        except OSError as error:
            raise _not_written() from error
        try:
            yield
        finally:
            lock.release()

    def _load(self) -> tuple[dict[str, str], bytes, int]:
        try:
            stored: dict[str, Any] = json.loads(self._path.read_text("utf-8"))
            salt, nonce, sealed = (base64.b64decode(stored[part]) for part in ("salt", "nonce", "sealed"))
            cost = int(stored["scrypt_n"])
        except FileNotFoundError:
            return {}, os.urandom(_SALT_BYTES), self._cost
        except (OSError, ValueError, KeyError, TypeError, binascii.Error) as error:
            raise StorageError(
                DAMAGED,
                "Le fichier des secrets de ce poste est illisible.",
                "Relancez DMP Desktop : le code de secours du cabinet et une sauvegarde rouvrent ce poste.",
            ) from error
        try:
            secrets: dict[str, str] = json.loads(AESGCM(self._key(salt, cost)).decrypt(nonce, sealed, salt))
        except InvalidTag as error:
            raise StorageError(
                "passphrase",
                "Cette phrase de passe n'est pas celle de ce poste.",
                "Saisissez-la à nouveau ; oubliée, laissez le champ vide et saisissez ensuite le code de secours du cabinet.",
            ) from error
        return secrets, salt, cost

    def _save(self, secrets: dict[str, str], salt: bytes, cost: int) -> None:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self._key(salt, cost)).encrypt(nonce, json.dumps(secrets).encode(), salt)
        parts = {"salt": salt, "nonce": nonce, "sealed": sealed}
        text = json.dumps({"scrypt_n": cost, **{name: base64.b64encode(part).decode() for name, part in parts.items()}})
        write_durably(self._path, text.encode())

    def _key(self, salt: bytes, cost: int) -> bytes:
        if (salt, cost) not in self._derived:
            self._derived[salt, cost] = hashlib.scrypt(
                self._passphrase, salt=salt, n=cost, r=_SCRYPT_BLOCK, p=1, dklen=32, maxmem=256 * cost * _SCRYPT_BLOCK
            )
        return self._derived[salt, cost]


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file of this user alone (mode 0600): after a cut it holds the old content or the new, never half. A link stays:
    what it points at is replaced.

    Raises StorageError("write-failed") when the disk refuses.
    """
    path = Path(os.path.realpath(path))
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        flush_folder(path.parent)
    except OSError as error:
        with suppress(OSError):  # of a medium that takes nothing, nothing can be taken away either
            temporary.unlink(missing_ok=True)
        raise _not_written() from error


def _not_written() -> StorageError:
    return StorageError(
        "write-failed",
        "Un fichier de DMP Desktop n'a pas pu être enregistré.",
        "Libérez de la place sur le disque et vérifiez les droits du dossier des données.",
    )


def flush_folder(folder: Path) -> None:
    """Names made in it outlive a cut. Raises OSError."""
    if sys.platform != "win32":  # NTFS journals names itself
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unavailable() -> StorageError:
    return StorageError(
        "keystore",
        "Le coffre à secrets du système ne répond pas.",
        "Déverrouillez la session (trousseau, gestionnaire d'identification), puis relancez DMP Desktop.",
    )
