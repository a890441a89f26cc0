"""Updates of the program: where they are announced, what was last seen, the file fetched and verified. Nothing is installed here.

No address is known until somebody gives one (`dmp update address`), and nothing is asked of the network before that.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import json
import logging
import os
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

from dmp_desktop.dmp.tls_client import BriefConnection, ClientContext
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError, UpdateError
from dmp_desktop.platform.keystore import write_durably
from dmp_desktop.platform.paths import Paths
from dmp_desktop.platform.release import (
    MANIFEST,
    MOST_BYTES,
    STABLE,
    Manifest,
    ProgramFile,
    Seen,
    check_offered,
    numbers,
    read_manifest,
)

log = logging.getLogger(__name__)

SECONDS = 20.0
"""For the manifest, and to be answered at all."""
DAY = 24 * 3600.0
SLOWEST = 50_000
"""Bytes a second that a line must bring of the program's file."""
ALTERED = "update-altered"
_CHUNK = 1 << 20
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES)


@dataclass(frozen=True, slots=True)
class Offered:
    """What is announced. `newer`: it is not the version that runs. `base`: the address of the manifest, or its folder."""

    manifest: Manifest
    newer: bool
    base: str


@dataclass(frozen=True, slots=True)
class UpdatePlace:
    """What is kept of updates: `address` (https) of the manifest, `authority` (PEM) trusted for it, else the system's;
    `version` and `issued` of the latest manifest accepted, empty before the first."""

    address: str = ""
    authority: str = ""
    channel: str = STABLE
    version: str = ""
    issued: str = ""

    @property
    def seen(self) -> Seen | None:
        return Seen(self.version, datetime.fromisoformat(self.issued)) if self.version and self.issued else None


class ProgramUpdates:
    """Every method may block. `keys`: the release keys of this build."""

    def __init__(self, paths: Paths, installed: str, keys: Sequence[bytes], clock: Clock) -> None:
        self._paths, self._installed, self._keys, self._clock = paths, installed, keys, clock

    def place(self) -> UpdatePlace:
        """Damaged or missing, it is empty: no address, nothing seen."""
        try:
            told = json.loads(self._paths.updates.read_text("utf-8"))
            place = UpdatePlace(**{name: str(told.get(name, "")) for name in asdict(UpdatePlace())})
            if place.version:
                numbers(place.version)
            return place if place.seen is None or place.seen.issued.tzinfo else UpdatePlace()
        except (OSError, ValueError, AttributeError):
            return UpdatePlace()

    def follow(self, address: str, authority: str = "") -> None:
        """Look for updates at `address` from now on; empty: nowhere. Raises UpdateError("update-address"), StorageError."""
        if address and not _is_address(address):
            raise UpdateError(
                "update-address",
                "L'adresse des mises à jour doit commencer par https://, sans accent : rien n'est changé.",
                "Demandez l'adresse à votre installateur.",
            )
        if authority and not Path(authority).is_file():
            raise _authority()
        self._keep(address=address, authority=str(Path(authority).absolute()) if authority else "")

    def newer(self) -> str:
        """The version that was announced and is not installed, as it was last looked for; empty where there is none."""
        seen = self.place().seen
        return seen.version if seen and numbers(seen.version) > numbers(self._installed) else ""

    def look(self) -> None:
        """Ask, where an address was given. Raises UpdateError, StorageError."""
        if self.place().address:
            self.check()

    def check(self, folder: Path | None = None) -> Offered:
        """The manifest at the address, or in `folder` (a key that came by mail): verified, noted as seen.

        Raises UpdateError: "update-nowhere", "update-unreachable", and as `release`; StorageError.
        """
        place = self.place()
        if folder is None and not place.address:
            raise UpdateError(
                "update-nowhere",
                "Aucune adresse de mise à jour n'est réglée : rien n'est demandé au réseau.",
                "Réglez-la par « dmp update address », ou donnez un dossier par « --from ».",
            )
        base = str(folder) if folder else place.address
        untrusted = _of_folder(folder / MANIFEST) if folder else self._small(place)
        manifest = read_manifest(untrusted, self._keys)
        newer = check_offered(manifest, self._installed, place.channel or STABLE, place.seen, self._clock.now())
        self._keep(version=manifest.version, issued=manifest.issued.isoformat())
        return Offered(manifest, newer, base)

    def fetch(self, offered: Offered, told: Callable[[str], None] = lambda _step: None) -> Path:
        """The program's file, whole and verified, in a folder of this user's; what came of it before is gone on with.

        Raises UpdateError: "update-altered", "update-unreachable"; OSError is told as "update-disk".
        """
        wanted = offered.manifest.file()
        folder = self._paths.downloads
        whole, part = folder / wanted.name, folder / f"{wanted.sha256}.part"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for former in folder.iterdir():
                if former not in (whole, part):
                    former.unlink()
            if whole.exists() and _digest(whole) == wanted.sha256:
                return whole
            told("download")
            if urlsplit(offered.base).scheme == "https":
                self._download(urljoin(offered.base, wanted.name), wanted, part)
            else:
                with (Path(offered.base) / wanted.name).open("rb") as source, _private(part, resumed=False) as target:
                    _pour(iter(lambda: source.read(_CHUNK), b""), target.write, wanted.size)
            if part.stat().st_size < wanted.size and urlsplit(offered.base).scheme == "https":
                raise _unreachable()  # cut: gone on with the next time
            if part.stat().st_size != wanted.size or _digest(part) != wanted.sha256:
                raise _altered()
            part.replace(whole)
        except UpdateError as error:
            if error.code == ALTERED:
                part.unlink(missing_ok=True)
            raise
        except OSError as error:
            raise _disk() from error
        told("downloaded")
        return whole

    def _small(self, place: UpdatePlace) -> bytes:
        with self._answer(place.address, SECONDS) as response:
            content = response.read(MOST_BYTES + 1)
        if response.status != http.client.OK:
            raise _unreachable()
        return content

    def _download(self, url: str, wanted: ProgramFile, part: Path) -> None:
        have = part.stat().st_size if part.exists() else 0
        if have >= wanted.size:
            part.unlink()
            have = 0
        with self._answer(url, SECONDS + wanted.size / SLOWEST, have) as response:
            resumed = response.status == http.client.PARTIAL_CONTENT and str(
                response.headers.get("Content-Range", "")
            ).startswith(f"bytes {have}-")
            if response.status != http.client.OK and not resumed:
                part.unlink(missing_ok=True)
                raise _unreachable()
            with _private(part, resumed=resumed) as target:
                _pour(iter(lambda: _read(response), b""), target.write, wanted.size - (have if resumed else 0))
                target.flush()
                os.fsync(target.fileno())

    @contextmanager
    def _answer(self, url: str, seconds: float, start: int = 0) -> Iterator[http.client.HTTPResponse]:
        """No redirection is followed, no proxy taken. Raises UpdateError("update-unreachable"), ("update-authority")."""
        parts, place = urlsplit(url), self.place()
        connection = BriefConnection(parts.hostname or "", parts.port, _context(place.authority), seconds)
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        try:
            connection.request("GET", f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}", headers=headers)
            with connection.getresponse() as response:
                yield response
        except (OSError, http.client.HTTPException) as error:
            if getattr(error, "errno", None) in _DISK and not isinstance(error, ssl.SSLError):
                raise
            raise _unreachable() from error
        finally:
            connection.close()

    def _keep(self, **values: str) -> None:
        self._paths.create()
        write_durably(self._paths.updates, json.dumps(asdict(self.place()) | values, indent=1).encode())


class UpdateWatch:
    """`look`, once a day while the program runs, on a thread of its own: a network that does not answer holds up nothing, not
    even the end of the program."""

    def __init__(self, look: Callable[[], None], every: float = DAY) -> None:
        self._look, self._every = look, every
        self._ended = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="updates", daemon=True).start()

    def stop(self) -> None:
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._look()
            except DmpDesktopError as error:
                log.info("no news of updates: %s", error.code)
            self._ended.wait(self._every)


def _is_address(told: str) -> bool:
    try:
        parts = urlsplit(told)
        return parts.scheme == "https" and bool(parts.hostname) and parts.port != 0 and told.isascii()
    except ValueError:  # a port that is none, brackets
        return False


def _context(authority: str) -> ClientContext:
    context = ClientContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if authority:
            context.trust(Path(authority))
        else:
            context.trust_system()
    except OSError:
        raise _authority() from None
    return context


def _private(part: Path, *, resumed: bool) -> BinaryIO:
    """Of this user alone; what it holds is kept when `resumed`."""
    ends = os.O_APPEND if resumed else os.O_TRUNC
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | ends | getattr(os, "O_BINARY", 0), 0o600), "wb")


def _read(response: http.client.HTTPResponse) -> bytes:
    return response.read1(_CHUNK)


def _pour(chunks: Iterator[bytes], write: Callable[[bytes], object], most: int) -> None:
    """Raises UpdateError("update-altered") for more than was announced."""
    for chunk in chunks:
        most -= len(chunk)
        if most < 0:
            raise _altered()
        write(chunk)


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _of_folder(file: Path) -> bytes:
    try:
        with file.open("rb") as content:
            return content.read(MOST_BYTES + 1)
    except OSError as error:
        raise UpdateError(
            "update-file",
            f"Ce dossier n'a pas de fichier {MANIFEST} lisible : rien n'est changé.",
            "Vérifiez que c'est le bon dossier.",
        ) from error


def _altered() -> UpdateError:
    return UpdateError(
        ALTERED,
        "Le fichier de la mise à jour n'est pas celui qui est annoncé : il est effacé, rien n'est changé.",
        "Recommencez ; si cela dure, prévenez votre installateur.",
    )


def _unreachable() -> UpdateError:
    return UpdateError(
        "update-unreachable",
        "La mise à jour n'a pas pu être reçue en entier : rien n'est changé.",
        "Vérifiez la connexion, puis recommencez : ce qui est déjà reçu sera repris.",
        retryable=True,
    )


def _authority() -> UpdateError:
    return UpdateError(
        "update-authority",
        "L'autorité qui garantit le serveur des mises à jour ne peut pas être lue.",
        "Vérifiez le fichier donné par « --authority ».",
    )


def _disk() -> UpdateError:
    return UpdateError(
        "update-disk",
        "La mise à jour n'a pas pu être enregistrée sur ce disque : rien n'est changé.",
        "Libérez de la place, puis recommencez.",
    )
