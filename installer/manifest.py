#!/usr/bin/env python3
"""The signed manifest of an update (docs/adr/0039): `python3 -m installer.manifest --key FILE … PLATFORM=FILE…`.

The key is a file of the caller's, never of the project: PEM, PKCS#8, Ed25519 (`openssl genpkey -algorithm ed25519`), its
passphrase asked for. `--public` prints what `run.py build --release-key` wants to know of it. Two `--key` sign with both.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from dmp_desktop.platform.release import FORMAT, MANIFEST, SIGNED, STABLE, read_manifest
from installer.hashes import sha256

VALID_DAYS = 90
"""After which a manifest is refused: a new one is signed before, with or without a new version."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="installer.manifest", description="Annonce signée d'une mise à jour.")
    parser.add_argument(
        "--key", type=Path, action="append", required=True, metavar="PEM", help="clé Ed25519 de l'éditeur"
    )
    parser.add_argument("--public", action="store_true", help="dire la clé publique, et rien d'autre")
    parser.add_argument("--version", help="celle que les fichiers contiennent")
    parser.add_argument("--from", dest="oldest", help="plus ancienne version qu'elle remplace")
    parser.add_argument("--channel", default=STABLE)
    parser.add_argument("--days", type=int, default=VALID_DAYS, help=f"durée de validité ({VALID_DAYS} jours)")
    parser.add_argument("-o", dest="out", type=Path, default=Path(MANIFEST))
    parser.add_argument("files", nargs="*", metavar="PLATEFORME=FICHIER", help="par exemple linux-x86_64=dist/….tar.xz")
    chosen = parser.parse_args(arguments)
    keys = [private_key(path) for path in chosen.key]
    if chosen.public:
        print("\n".join(public(key) for key in keys))
        return 0
    if not (chosen.version and chosen.oldest and chosen.files):
        parser.error("--version, --from et les fichiers sont nécessaires")
    files = {name: Path(path) for name, _, path in (one.partition("=") for one in chosen.files)}
    issued = datetime.now(UTC).replace(microsecond=0)
    expires = issued + timedelta(days=chosen.days)
    content = manifest(files, chosen.version, chosen.oldest, issued, expires, chosen.channel)
    whole = signed(content, keys)
    read_manifest(whole, [bytes.fromhex(public(key)) for key in keys])  # what the program would refuse is not written
    chosen.out.write_bytes(whole)
    print(f"{chosen.out} : version {chosen.version}, valable jusqu'au {expires:%d/%m/%Y}")
    return 0


def private_key(path: Path) -> Ed25519PrivateKey:
    """Raises TypeError for another kind of key, ValueError for a wrong passphrase."""
    content = path.read_bytes()
    secret = getpass.getpass(f"Phrase de passe de {path.name} : ").encode() if b"ENCRYPTED" in content else None
    key = load_pem_private_key(content, secret)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path.name}: no Ed25519 key")
    return key


def public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def manifest(
    files: dict[str, Path], version: str, oldest: str, issued: datetime, expires: datetime, channel: str = STABLE
) -> bytes:
    """`files` by platform. Raises OSError."""
    told = {
        name: {"name": path.name, "size": path.stat().st_size, "sha256": sha256(path)} for name, path in files.items()
    }
    return json.dumps(
        {
            "format": FORMAT,
            "channel": channel,
            "version": version,
            "from": oldest,
            "issued": issued.isoformat(),
            "expires": expires.isoformat(),
            "files": told,
        },
        indent=1,
    ).encode()


def signed(content: bytes, keys: Sequence[Ed25519PrivateKey]) -> bytes:
    """The file that is put beside the program's."""
    signatures = [{"key": public(key), "signature": b64encode(key.sign(SIGNED + content)).decode()} for key in keys]
    return json.dumps({"manifest": b64encode(content).decode(), "signatures": signatures}, indent=1).encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
