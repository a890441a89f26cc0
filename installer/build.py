"""`python3 run.py build [--out DIR]`: the program for this system in DIR/dmp-desktop (default `dist/`), with PyInstaller.

`dmp-desktop` is the window, `dmp` the command line; beside them what they are made of, their licences and their hashes
(`SHA256SUMS`). Exit status: 0 built; 1 refused, with the reason.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from installer import account, freeze, hashes, release, sbom  # noqa: E402 - run as a script

NAME = freeze.WINDOW
KEY_HELP = "clé publique dont les mises à jour sont crues (deux au plus ; « installer.manifest --public » la dit)"
_OF_WHEELS = (".libs/", "PySide6/Qt/lib/", "PySide6/Qt/plugins/")
"""Files of wheels whose tables were rewritten after they were linked: `strip` may damage them, and they are stripped already."""


class BuildError(Exception):
    """A step failed; the message says which and why."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="run.py build", description="Fabrique le programme pour ce système.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR", help="dossier du résultat (dist)")
    parser.add_argument("--work", type=Path, default=ROOT / "build/freeze", metavar="DIR", help="dossier de travail")
    parser.add_argument("--release-key", action="append", default=[], metavar="HEX", help=KEY_HELP)
    parser.add_argument("--archive", action="store_true", help="en faire aussi l'archive qu'une mise à jour apporte")
    chosen = parser.parse_args(arguments)
    if why := release.refusal(chosen.release_key):
        parser.error(why)
    try:
        program = build(chosen.out.resolve(), chosen.work.resolve(), chosen.release_key)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    size = sum(file.stat().st_size for file in program.rglob("*") if file.is_file() and not file.is_symlink())
    print(f"{program} : {size / 1e6:.0f} Mo")
    if chosen.archive:
        print(release.archive(program, freeze.version(ROOT)))
    return 0


def build(out: Path, work: Path, release_keys: Sequence[str] = ()) -> Path:
    """The folder of the program. Raises BuildError, ValueError for what is no key."""
    _pyinstaller(out, work)
    program = out / NAME
    release.trust(program, release_keys)
    _strip(program)
    for name in ("LICENSE", "THIRD_PARTY_NOTICES.md"):
        shutil.copy2(ROOT / name, program / name)
    try:
        sbom.write(program, work / "dmp_desktop/shipped.json", account.this_python((ROOT, work)), freeze.version(ROOT))
    except account.AccountError as error:
        raise BuildError(f"Rien n'est livré : {error}") from None
    hashes.write(program)
    return program


def _pyinstaller(out: Path, work: Path) -> None:
    """Never on what an earlier freeze found (`--clean`): a dependency added since would be missing."""
    options = ("--noconfirm", "--clean", "--log-level", "WARN", "--distpath", str(out), "--workpath", str(work))
    env = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "PyInstaller", *options, str(ROOT / "installer/dmp_desktop.spec")]
    if status := subprocess.run(command, cwd=ROOT, env=env, check=False).returncode:
        raise BuildError(f"PyInstaller a échoué ({status}).")


def _strip(program: Path) -> None:
    """Take out what only a debugger reads, of the modules that were compiled here: 57 MB of 278. Linux only."""
    if sys.platform == "win32":
        return
    files = [file for file in program.rglob("*.so*") if file.is_file() and not file.is_symlink()]
    chosen = [file for file in files if not any(part in file.as_posix() for part in _OF_WHEELS)]
    if subprocess.run(["strip", "--strip-debug", *map(str, chosen)], check=False).returncode:
        raise BuildError("strip a échoué (paquet binutils).")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
