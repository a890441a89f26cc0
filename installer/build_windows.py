"""`python3 run.py build-windows`: the Windows program and its MSI, made and tried on Debian under wine.

[--check]                        also tries it: modules, unit tests, installation, start, removal (adds some minutes)
[--certificate P12 --passphrase-file FILE [--timestamp-url URL]]
                                 signs with it; without one, with a test certificate made for the occasion
[--keep]                         goes on with what an earlier run left
[--work DIR]                     where all of it lies; build/windows else Exit status 1 when a step failed, which is named.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from installer.windows import proof  # noqa: E402 - this file is run by its path
from installer.windows.fetch import BuildError, fetch_python, fetch_wheels  # noqa: E402
from installer.windows.lock import FREEZER, RUNTIME, TESTS, needed_on_windows, read_lock  # noqa: E402
from installer.windows.stubs import compile_into, wanted  # noqa: E402
from installer.windows.wine import SITE, Wine, windows_path  # noqa: E402


def main(arguments: list[str]) -> int:
    chosen = _parser().parse_args(arguments)
    work: Path = chosen.work.resolve()
    wine = Wine(work / "prefix")
    try:
        if not chosen.keep:
            shutil.rmtree(work, ignore_errors=True)
        prepare(work, wine, tests=chosen.check)
        if chosen.check:
            with step("modules et tests sous Windows"):
                say(f"  {proof.modules(wine, work / 'python')}")
                say(f"  {proof.unit_tests(wine, work / 'python', ROOT)}")
    except (BuildError, subprocess.SubprocessError, OSError) as error:
        say(f"Échec : {error}")
        return 1
    finally:
        if wine.prefix.exists():
            wine.stop()
    return 0


def prepare(work: Path, wine: Wine, *, tests: bool) -> None:
    """Python and the wheels of Windows in work/python, a Windows 10 of wine in work/prefix."""
    python, wheels, lock = work / "python", work / "wheels", read_lock(ROOT / "requirements.lock")
    shutil.rmtree(python, ignore_errors=True)
    with step("Python pour Windows et ses paquets"):
        fetch_python(wheels, python, windows_path(ROOT))
        needed = needed_on_windows(lock, RUNTIME, FREEZER)
        fetch_wheels(wheels, needed, python / "site")
        (python / "site" / "sitecustomize.py").write_text(SITE, encoding="ascii")
        if tests:
            more = [one for one in needed_on_windows(lock, *TESTS) if one not in needed]
            fetch_wheels(wheels, more, python / "site-tests")
        say(f"  {len(needed)} paquets, {size(python)}")
    with step("Windows 10 de wine, remplaçants de construction"):
        wine.make()
        compile_into(wine.system32, wanted(python))


@contextmanager
def step(name: str) -> Iterator[None]:
    say(f"{name}…")
    begun = time.monotonic()
    yield
    say(f"  {time.monotonic() - begun:.0f} s")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def size(path: Path) -> str:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return f"{sum(one.stat().st_size for one in files) / 1e6:.1f} Mo"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run.py build-windows", description="Le programme pour Windows, fait sous Debian."
    )
    parser.add_argument(
        "--check", action="store_true", help="essaie aussi sous wine ce qui a été fait (quelques minutes de plus)"
    )
    parser.add_argument("--keep", action="store_true", help="repart de ce qu'une exécution précédente a laissé")
    parser.add_argument(
        "--work", type=Path, metavar="DOSSIER", default=ROOT / "build" / "windows", help="dossier de travail"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
