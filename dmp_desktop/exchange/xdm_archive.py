"""A ZIP file nobody vouches for, opened with limits: what is in it, and the bytes of one of its files.

Nothing is written to the disk; the folders in it are names only. Everything refused has its reason in French and one remedy.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib

from dmp_desktop.errors import ContextError

MAX_BYTES = 100_000_000
"""Of the archive. Ours: MSSanté's operators refuse messages far smaller (10 to 25 MB)."""
MAX_ENTRIES = 1_000
MAX_FILE = 64 * 1024 * 1024
"""Of one file once inflated: what `cda` reads at most."""
MAX_TOTAL = 256 * 1024 * 1024
MAX_RATIO = 200
"""Inflated to deflated, of a file above `_SMALL`. Indented XML reaches 30, deflate 1,032 (zlib, "Technical details")."""
_SMALL = 1024 * 1024
_CENTRAL = b"PK\x01\x02"
_ENCRYPTED = 0x1 | 0x40 | 0x2000
"""Flags of an encrypted file, of strong encryption, of a hidden directory (APPNOTE 4.4.4)."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNIX = 3
_LARGER = "Demandez au correspondant un envoi plus petit, en plusieurs messages."
_AGAIN = "Demandez au correspondant un nouvel envoi."


def refusal(code: str, why: str, remedy: str = _AGAIN) -> ContextError:
    """What all of XDM is refused with. `why` quotes nothing of the archive: a name in there may be a patient's."""
    return ContextError(f"xdm-{code}", why, remedy, field="file")


class Archive:
    """The files of an archive, by their path in capitals, with slashes: media of XDM are read whatever their case."""

    def __init__(self, untrusted: bytes) -> None:
        """Raises ContextError for what is no archive, too big, damaged, encrypted, or holds a dangerous name."""
        if len(untrusted) > MAX_BYTES:
            raise refusal("size", f"Cette archive dépasse {MAX_BYTES // 1_000_000} Mo.", _LARGER)
        if untrusted.count(_CENTRAL) > 10 * MAX_ENTRIES:  # before a directory of millions is built in memory
            raise _too_many()
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(untrusted))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, OSError) as error:
            raise _damaged() from error
        infos = self._zip.infolist()
        if len(infos) > MAX_ENTRIES:
            raise _too_many()
        self._files: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            path = _checked(info)
            if path in self._files:
                raise refusal("duplicate", "Cette archive contient deux fois le même fichier.")
            if not info.is_dir():
                self._files[path] = info
        if sum(info.file_size for info in self._files.values()) > MAX_TOTAL:
            raise refusal("bomb", f"Cette archive dépasse {MAX_TOTAL // 1024 // 1024} Mo une fois ouverte.", _LARGER)

    @property
    def paths(self) -> tuple[str, ...]:
        """In the order of the archive."""
        return tuple(self._files)

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def read(self, path: str) -> bytes:
        """The bytes of a file of `paths`. Raises ContextError when they are damaged: their CRC is verified."""
        info = self._files[path]
        try:
            with self._zip.open(info) as inflating:
                content = inflating.read(info.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise _damaged() from error
        except (ValueError, OSError, OverflowError) as error:  # offsets outside of the archive
            raise _damaged() from error
        if len(content) != info.file_size:
            raise _damaged()
        return content


def _checked(info: zipfile.ZipInfo) -> str:
    """The path of an entry, in capitals. Raises ContextError."""
    name = info.orig_filename.replace("\\", "/")
    parts = name.removesuffix("/").split("/")
    if name.startswith("/") or ":" in name or ".." in parts or "." in parts or "" in parts or not name.isprintable():
        raise refusal("name", "Cette archive contient un nom de fichier dangereux : elle n'est pas ouverte.")
    mode = info.external_attr >> 16
    if info.create_system == _UNIX and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise refusal("link", "Cette archive contient un lien vers un autre fichier : elle n'est pas ouverte.")
    if info.flag_bits & _ENCRYPTED:
        raise refusal(
            "encrypted", "Cette archive est protégée par un mot de passe.", "Demandez un envoi sans mot de passe."
        )
    if info.compress_type not in _METHODS:
        raise refusal("method", "Cette archive utilise une compression que XDM ne prévoit pas.")
    if info.file_size > MAX_FILE:
        raise refusal("bomb", f"Un fichier de cette archive dépasse {MAX_FILE // 1024 // 1024} Mo.", _LARGER)
    if info.file_size > _SMALL and info.file_size > MAX_RATIO * info.compress_size:
        raise refusal("bomb", "Un fichier de cette archive grossit trop en s'ouvrant : elle n'est pas ouverte.")
    return "/".join(parts).upper()


def _too_many() -> ContextError:
    return refusal("entries", f"Cette archive contient plus de {MAX_ENTRIES} fichiers.", _LARGER)


def _damaged() -> ContextError:
    return refusal("damaged", "Cette archive est abîmée ou incomplète.")
