"""The public part of a PKCS#15 application: where the certificates are, and their bytes (PKCS#15 v1.1, ISO 7816-15)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from dmp_desktop.card.apdu import RETURN_FCP, SELECT_EF, SELECT_FILE, SELECT_PATH, SELECT_PATH_FROM_MF, CardChannel
from dmp_desktop.card.tlv import Tlv, TlvError, complete, first

MASTER_FILE: Final = bytes.fromhex("3F00")
# EF.ODF (PKCS#15 §5.5.1); in it [4] Certificates, [5] trusted and [6] useful ones (§6.2). Only the first are the bearer's.
EF_ODF: Final = bytes.fromhex("5031")
TAG_CERTIFICATES: Final = 0xA4

# ASN.1 universal tags (ISO 8825-1 §8).
SEQUENCE: Final = 0x30
OCTET_STRING: Final = 0x04
UTF8_STRING: Final = 0x0C
# [1] typeAttributes of a PKCS15Object (§6.1.1).
TYPE_ATTRIBUTES: Final = 0xA1

# No card holds more certificates; a corrupted directory could name any number.
MAX_CERTIFICATES: Final = 16


@dataclass(frozen=True, slots=True, repr=False)
class CertificateFile:
    """An entry of a certificate directory: its label, the CKA_ID shared with its private key, where it is, its DER."""

    label: str
    key_id: bytes
    path: bytes
    untrusted_der: bytes = b""


def certificates(channel: CardChannel) -> list[CertificateFile]:
    """Every certificate the selected PKCS#15 application lists and lets read; one that is cut short or malformed hides no other.

    Raises CardError when the card leaves or fails.
    """
    entries: list[CertificateFile] = []
    for one in complete(_read(channel, EF_ODF)):
        if one.tag == TAG_CERTIFICATES:
            for directory in complete(one.value):
                entries += _entries(channel, directory)
    return [
        CertificateFile(entry.label, entry.key_id, entry.path, untrusted_der)
        for entry in entries[:MAX_CERTIFICATES]
        if (untrusted_der := _unpadded(_read(channel, entry.path)))
    ]


def _entries(channel: CardChannel, untrusted_directory: Tlv) -> list[CertificateFile]:
    found: list[CertificateFile] = []
    with suppress(TlvError):
        for one in complete(_read(channel, _path(untrusted_directory))):
            with suppress(TlvError):
                found.append(_entry(one))
    return found


def _read(channel: CardChannel, path: bytes) -> bytes:
    """The file at `path`, b"" when the card has none: cards do not agree on the way to be asked for a path.

    The first way is Cryptolib CPS's own (reference card.md §2.3), then ISO 7816-4's, then the file identifier alone.
    """
    from_mf = path.removeprefix(MASTER_FILE)
    for how, what in (
        (SELECT_PATH, path),
        (SELECT_PATH_FROM_MF, from_mf),
        (SELECT_EF, path[-2:]),
        (SELECT_FILE, path[-2:]),
    ):
        if channel.select(how, what, RETURN_FCP).ok:
            return channel.read_file()
    return b""


def _entry(untrusted: Tlv) -> CertificateFile:
    """SEQUENCE { common attributes { label }, class attributes { iD }, [1] { { value } } } (PKCS#15 §6.1.1 and §6.6)."""
    parts = untrusted.children()
    if untrusted.tag != SEQUENCE or len(parts) < 2:
        raise TlvError("not a PKCS#15 object")
    label = first(parts[0].children(), UTF8_STRING)
    key_id = first(parts[1].children(), OCTET_STRING)
    attributes = first(parts, TYPE_ATTRIBUTES)
    value = first(attributes.children(), SEQUENCE) if attributes else None
    where = first(value.children(), SEQUENCE) if value else None
    if where is None:
        raise TlvError("a certificate without a path")
    return CertificateFile(
        label=label.value.decode("utf-8", "replace") if label else "",
        key_id=key_id.value if key_id else b"",
        path=_path(where),
    )


def _path(untrusted: Tlv) -> bytes:
    """The efidOrPath of a PKCS#15 Path (§6.1.3)."""
    found = first(untrusted.children(), OCTET_STRING)
    if untrusted.tag != SEQUENCE or found is None or len(found.value) < 2:
        raise TlvError("not a PKCS#15 path")
    return found.value


def _unpadded(untrusted_file: bytes) -> bytes:
    """The DER object a file begins with, the file may be longer; b"" when it is not whole."""
    objects = complete(untrusted_file)
    return objects[0].encoded if objects else b""
