"""The driver's errors told in French: what happened to the local database, and the one thing to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from dmp_desktop.errors import StorageError

# Primary result codes, https://www.sqlite.org/rescode.html
_BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 5, 6, 8, 10, 11, 13, 14, 26

_BACKUP = "Ne supprimez rien : copiez le dossier des données et appelez le support, les documents en attente y sont."
_RIGHTS = "Vérifiez les droits du dossier des données."
_BUSY_FR = (
    "storage-busy",
    "La base locale est occupée par un autre programme.",
    "Fermez l'autre fenêtre, puis réessayez.",
)
DAMAGED, WRONG_KEY = "storage-damaged", "storage-key"
_DAMAGED_FR = (DAMAGED, "La base locale est abîmée.", _BACKUP)

_KNOWN = {
    _BUSY: _BUSY_FR,
    _LOCKED: _BUSY_FR,
    _READONLY: ("storage-read-only", "La base locale ne peut pas être modifiée.", _RIGHTS),
    _IOERR: (
        "storage-disk",
        "Le disque n'a plus de place ou ne répond pas.",
        "Libérez de la place ou vérifiez le disque ; ce qui est déjà enregistré n'est pas perdu.",
    ),
    _CORRUPT: _DAMAGED_FR,
    _NOTADB: _DAMAGED_FR,
    _FULL: (
        "storage-full",
        "Le disque est plein : rien ne peut plus être enregistré.",
        "Libérez de la place, puis réessayez.",
    ),
    _CANTOPEN: (
        "storage-unreachable",
        "La base locale ne peut pas être ouverte.",
        "Vérifiez la place libre du disque et les droits du dossier des données.",
    ),
}


def storage_error(cause: BaseException) -> StorageError:
    """The StorageError of a driver's error (`sqlite_errorcode`, extended codes included)."""
    extended = getattr(cause, "sqlite_errorcode", 0) or 0
    return StorageError(*_KNOWN.get(extended & 0xFF, ("storage", "La base locale a refusé une opération.", _BACKUP)))


_SYSTEM = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: _READONLY,
    errno.EACCES: _READONLY,
    errno.EPERM: _READONLY,
    errno.EIO: _IOERR,
}


@contextmanager
def disk_told() -> Iterator[None]:
    """Around what opens the data folder: a refusal of the system is told as those of the database are. Raises StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(*_KNOWN[_SYSTEM.get(error.errno or 0, _CANTOPEN)]) from error


def damaged() -> StorageError:
    return StorageError(*_DAMAGED_FR)


def unreachable() -> StorageError:
    return StorageError(*_KNOWN[_CANTOPEN])


def wrong_key() -> StorageError:
    return StorageError(
        WRONG_KEY,
        "La clé de ce poste n'ouvre pas la base locale.",
        "Rouvrez la session qui a créé la base, ou restaurez sa clé ; ne supprimez rien.",
    )


def too_new() -> StorageError:
    return StorageError(
        "storage-newer",
        "La base locale vient d'une version plus récente de DMP Desktop.",
        "Installez la dernière version.",
    )
