"""What the clinic's server or the way to it refused, told in French: never an address, a name or a value of a statement."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

import psycopg

from dmp_desktop.errors import StorageError

_LOCAL_GOES_ON = "Continuez : rien n'est perdu, ce poste garde et envoie ce qu'il a."
_UNREACHABLE = ("clinic-unreachable", "Le serveur du cabinet ne répond pas.", f"{_LOCAL_GOES_ON} Vérifiez le réseau.")
_REFUSED = (
    "clinic-refused",
    "Le serveur du cabinet refuse ce poste.",
    "Vérifiez l'utilisateur, le mot de passe et le nom de la base du cabinet.",
)
_TLS = (
    "clinic-tls",
    "L'identité du serveur du cabinet n'est pas prouvée : rien ne lui a été confié.",
    "Vérifiez son adresse et le certificat de son autorité avec la personne qui l'a installé.",
)
_BUSY = ("clinic-busy", "La base du cabinet est occupée.", "Réessayez dans quelques secondes.")
_UNKNOWN = ("clinic", "La base du cabinet a refusé une opération.", f"{_LOCAL_GOES_ON} Appelez le support.")

# SQLSTATE, whole or by class: PostgreSQL, appendix A.
_KNOWN = {
    "08": _UNREACHABLE,
    "28": _REFUSED,
    "3D": _REFUSED,
    "40": _BUSY,
    "53100": ("clinic-full", "Le disque du serveur du cabinet est plein.", f"{_LOCAL_GOES_ON} Libérez-y de la place."),
    "53": _BUSY,
    "55P03": _BUSY,
    "57014": _BUSY,
    "57P": _UNREACHABLE,
    "25006": ("clinic-read-only", "La base du cabinet ne peut pas être modifiée.", _LOCAL_GOES_ON),
    "25P03": _BUSY,
    "42501": ("clinic-rights", "Il manque des droits sur la base du cabinet.", "Voyez la personne qui l'a installée."),
}

# libpq's words (fe-connect.c, fe-misc.c, fe-secure.c, fe-secure-openssl.c) and the system's for a line that ended under way.
_CUT = (
    "closed unexpectedly",
    "closed the connection unexpectedly",
    "SYSCALL error",
    "unexpected eof",
    "could not receive data",
)


def clinic_error(cause: BaseException) -> StorageError:
    """The StorageError of a driver's error on a connection that was open."""
    state = getattr(cause, "sqlstate", None) or ""
    for length in (5, 3, 2):
        if told := _KNOWN.get(state[:length]):
            return StorageError(*told)
    gone = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError) and not state
    return StorageError(*(_UNREACHABLE if gone else _UNKNOWN))


PROBE_SECONDS = 2.0
_PROTOCOL = 3 << 16  # PostgreSQL, "Message Formats": StartupMessage, and ErrorResponse with its field C
_NOT_NOW = (b"\0C57P03\0", b"\0C53300\0")  # starting or stopping; no place left


def connection_error(cause: psycopg.Error, host: str, port: int) -> StorageError:
    """The StorageError of a connection to `host` (a folder: its socket) that did not come about. Within 4 s.

    libpq gives no SQLSTATE then, and the server speaks its own language: "SSL" and "certificate" are libpq's words, FATAL the
    protocol's, and who was asked for a password was let that far. A line that was cut on the way proves and refuses nothing.
    """
    text = str(cause)
    if "FATAL" not in text and any(words in text for words in _CUT):
        return StorageError(*_UNREACHABLE)
    if "SSL" in text or "certificate" in text:
        return StorageError(*_TLS)
    asked = cause.pgconn is not None and cause.pgconn.used_password
    if not asked and "FATAL" not in text and "authentication" not in text:
        return StorageError(*_UNREACHABLE)
    return StorageError(*(_REFUSED if _receives(host, port) else _UNREACHABLE))


def _receives(host: str, port: int) -> bool:
    """Whether the server takes connections now. Not libpq's ping: the driver holds the interpreter while that waits.

    Nothing is told of anybody: the server looks at its own state before it looks at who comes, and before TLS."""
    asked = struct.pack("!i", _PROTOCOL) + b"user\0dmp-desktop\0\0"
    answer = b""
    with suppress(OSError), _line(host, port) as line:
        line.sendall(struct.pack("!i", len(asked) + 4) + asked)
        answer = line.recv(4096)  # a refusal is one small message
    return answer[:1] in (b"E", b"R") and not any(state in answer for state in _NOT_NOW)


def _line(host: str, port: int) -> socket.socket:
    if not host.startswith("/"):
        return socket.create_connection((host, port), PROBE_SECONDS)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(PROBE_SECONDS)
    try:
        line.connect(f"{host}/.s.PGSQL.{port}")
    except OSError:
        line.close()
        raise
    return line


def unproved() -> StorageError:
    return StorageError(*_TLS)


def unreachable() -> StorageError:
    return StorageError(*_UNREACHABLE)


def closed() -> StorageError:
    return StorageError("clinic-closed", "La base du cabinet est fermée.", "Relancez DMP Desktop.")


def too_old() -> StorageError:
    return StorageError(
        "clinic-newer",
        "La base du cabinet sert déjà une version plus récente de DMP Desktop.",
        "Mettez à jour DMP Desktop sur ce poste.",
    )


def other_practice() -> StorageError:
    return StorageError(
        "clinic-practice",
        "Ce poste n'a pas la clé de ce cabinet : il ne peut ni lire ni partager ses documents.",
        "Saisissez le code de secours du cabinet (Réglages).",
    )
