"""What an update says of itself: a manifest signed by a release key of this build, and what of it is refused (ADR 39).

The file: `{"manifest": base64 of JSON, "signatures": [{"key": hex of the public key, "signature": base64}]}`. Ed25519 (RFC 8032)
over SIGNED and the manifest's bytes, verified before anything of them is read. The manifest: `{"format": 1, "channel", "version",
"from", "issued", "expires", "files": {platform: {"name", "size", "sha256"}}}`, moments in ISO 8601 with their offset.
"""

from __future__ import annotations

import json
import platform
import re
import sys
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from dmp_desktop.errors import UpdateError
from dmp_desktop.resources import resource_path

FORMAT = 1
SIGNED = b"DMP Desktop manifest\n"
"""In front of what is signed: a signature made for anything else is none of a manifest."""
MANIFEST = "dmp-desktop-manifest.json"
MOST_BYTES = 65_536
"""Of the manifest's file."""
MOST_FILE = 1_000_000_000
"""Of the program's file, in bytes: today's has 60 MB."""
KEYS = "release-keys.json"
STABLE = "stable"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"(\d{1,5})\.(\d{1,5})\.(\d{1,5})")

Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """The program for one platform. `size` in bytes, `sha256` in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`oldest`: the lowest version it can take the place of. `issued` and `expires` are aware."""

    channel: str
    version: str
    oldest: str
    issued: datetime
    expires: datetime
    files: Mapping[str, ProgramFile]

    def file(self, name: str = "") -> ProgramFile:
        """For this platform, or `name`. Raises UpdateError("update-platform")."""
        if found := self.files.get(name or this_platform()):
            return found
        raise UpdateError(
            "update-platform",
            f"La version {self.version} n'existe pas pour ce système : rien n'est changé.",
            "Demandez à votre installateur.",
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """The latest manifest ever accepted here."""

    version: str
    issued: datetime


def this_platform() -> str:
    """As a manifest names it: `linux-x86_64`, `windows-x86_64`."""
    machine = platform.machine().lower().replace("amd64", "x86_64")
    return f"{'windows' if sys.platform == 'win32' else sys.platform}-{machine}"


def release_keys() -> tuple[bytes, ...]:
    """The public keys this build trusts (32 bytes each): two while one takes the place of the other. None in a source tree."""
    try:
        told = json.loads(resource_path(KEYS).read_text("utf-8"))
        return tuple(bytes.fromhex(key) for key in told["keys"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def numbers(version: str) -> Version:
    """Of `X.Y.Z`, to compare. Raises ValueError."""
    found = _VERSION.fullmatch(version)
    if not found:
        raise ValueError("not a version")
    return int(found[1]), int(found[2]), int(found[3])


def read_manifest(untrusted: bytes, keys: Sequence[bytes]) -> Manifest:
    """Raises UpdateError: "update-keyless" where this build trusts no key, "update-signature", "update-unreadable"."""
    if not keys:
        raise UpdateError(
            "update-keyless",
            "Cette version de DMP Desktop ne sait vérifier aucune mise à jour : rien n'est téléchargé.",
            "Installez la nouvelle version comme la première fois.",
        )
    if len(untrusted) > MOST_BYTES:
        raise _unreadable()
    try:
        told = json.loads(untrusted)
        content = b64decode(told["manifest"], validate=True)
        signatures = [(bytes.fromhex(one["key"]), b64decode(one["signature"])) for one in told["signatures"][:4]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unreadable() from error
    if not any(key in keys and _is_signed(key, signature, content) for key, signature in signatures):
        raise UpdateError(
            "update-signature",
            "Cette mise à jour n'est pas signée par l'éditeur de DMP Desktop : elle est refusée.",
            "Ne l'installez pas autrement ; prévenez votre installateur.",
        )
    try:
        return _manifest(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable() from error


def check_offered(manifest: Manifest, installed: str, channel: str, seen: Seen | None, now: datetime) -> bool:
    """Whether it is a version to go to; False for the one that is installed.

    Raises UpdateError: "update-expired" (somebody may be holding the new ones back), "update-replayed" (older than one seen
    before), "update-channel", "update-downgrade", "update-too-old".
    """
    if manifest.channel != channel:
        raise UpdateError(
            "update-channel",
            f"Cette mise à jour est du canal « {manifest.channel} », ce poste suit « {channel} » : elle est refusée.",
            "Vérifiez l'adresse des mises à jour.",
        )
    if seen and (manifest.issued < seen.issued or numbers(manifest.version) < numbers(seen.version)):
        raise UpdateError(
            "update-replayed",
            f"Une annonce plus récente a déjà été reçue (version {seen.version}) : celle-ci est refusée.",
            "Recommencez plus tard ; si cela dure, prévenez votre installateur.",
        )
    if not manifest.issued <= now < manifest.expires:
        raise UpdateError(
            "update-expired",
            "Cette annonce de mise à jour n'est pas valable à la date de ce poste : elle est refusée.",
            "Vérifiez la date du poste ; si elle est juste, prévenez votre installateur.",
        )
    if manifest.version == installed:
        return False
    if numbers(manifest.version) < numbers(installed):
        raise UpdateError(
            "update-downgrade",
            f"La version {manifest.version} est plus ancienne que celle de ce poste ({installed}) : elle est refusée.",
            "Gardez la version installée.",
        )
    if numbers(installed) < numbers(manifest.oldest):
        raise UpdateError(
            "update-too-old",
            f"La version {manifest.version} ne s'installe qu'à partir de la {manifest.oldest} ; ce poste a la {installed}.",
            f"Installez d'abord la version {manifest.oldest}.",
        )
    return True


def _is_signed(key: bytes, signature: bytes, content: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, SIGNED + content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _manifest(told: Mapping[str, Any]) -> Manifest:
    if told["format"] != FORMAT:
        raise ValueError("format")
    numbers(told["version"]), numbers(told["from"])
    files = {str(name): _file(one) for name, one in told["files"].items()}
    issued, expires = (datetime.fromisoformat(told[name]) for name in ("issued", "expires"))
    if issued.tzinfo is None or expires.tzinfo is None:
        raise ValueError("offset")
    return Manifest(str(told["channel"]), told["version"], told["from"], issued, expires, files)


def _file(told: Mapping[str, Any]) -> ProgramFile:
    name, size, digest = told["name"], told["size"], told["sha256"]
    if not _NAME.fullmatch(name) or not _DIGEST.fullmatch(digest) or type(size) is not int:
        raise ValueError("file")
    if not 0 < size <= MOST_FILE:
        raise ValueError("size")
    return ProgramFile(name, size, digest)


def _unreadable() -> UpdateError:
    return UpdateError(
        "update-unreadable",
        "L'annonce de mise à jour n'est pas comprise : rien n'est changé.",
        "Vérifiez l'adresse des mises à jour.",
    )
