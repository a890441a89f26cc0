"""`python3 run.py build-windows`: the Windows program and its MSI, made and tried on Debian under wine.

    [--check]                        also tries it: modules, unit tests, installation, start, removal (some minutes more)
    [--certificate P12 --passphrase-file FILE [--timestamp-url URL]]
                                     signs with it; without one, with a test certificate made for the occasion
    [--out DIR]                      where the MSI goes; dist else
    [--keep]                         goes on with what an earlier run left
    [--work DIR]                     where the rest lies; build/windows else

Exit status 1 when a step failed, which is named. What wine does not prove: docs/installation-windows.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from installer import account, hashes, release, sbom  # noqa: E402 - this file is run by its path
from installer.freeze import version  # noqa: E402
from installer.windows import check, package, proof, wxs  # noqa: E402
from installer.windows.fetch import BuildError, fetch_python, fetch_wheels  # noqa: E402
from installer.windows.lock import FREEZER, PYTHON, RUNTIME, TESTS, needed_on_windows, read_lock  # noqa: E402
from installer.windows.stubs import compile_into, wanted  # noqa: E402
from installer.windows.wine import SITE, Wine, windows_path  # noqa: E402


def main(arguments: list[str]) -> int:
    chosen = _parser().parse_args(arguments)
    work: Path = chosen.work.resolve()
    if bool(chosen.certificate) != bool(chosen.passphrase_file):
        say("--certificate et --passphrase-file vont ensemble.")
        return 2
    if why := release.refusal(chosen.release_key):
        say(why)
        return 2
    wine = Wine(work / "prefix")
    try:
        if not chosen.keep:
            empty(work)
        prepare(work, wine, tests=chosen.check)
        if chosen.check:
            with step("modules et tests sous Windows"):
                say(f"  {proof.modules(wine, work / 'python')}")
                say(f"  {proof.libraries(wine, work / 'python')}")
                say(f"  {proof.unit_tests(wine, work / 'python')}")
        program = freeze(work, wine)
        release.trust(program, chosen.release_key)
        certificate = _certificate(chosen, work)
        msi = make_msi(program, certificate, chosen.out.resolve() / f"dmp-desktop-{version(ROOT)}.msi", version(ROOT))
        if chosen.check:
            with step("installation, démarrage, désinstallation sous wine"):
                try_msi(work, wine, program, msi)
    except (BuildError, subprocess.SubprocessError, OSError) as error:
        say(f"Échec : {error}")
        return 1
    finally:
        if wine.prefix.exists():
            wine.stop()
    return 0


def freeze(work: Path, wine: Wine) -> Path:
    """The program's folder, by PyInstaller under wine, with its licences and hashes. Raises BuildError."""
    with step("PyInstaller sous wine"):
        options = ("--noconfirm", "--clean", "--log-level", "WARN", "--distpath", windows_path(work / "dist"))
        ended = wine.run(
            work / "python" / "python.exe", "-m", "PyInstaller", *options, "--workpath", windows_path(work / "freeze"),
            windows_path(ROOT / "installer" / "dmp_desktop.spec"), limit=FREEZE_S, more={"QT_QPA_PLATFORM": "offscreen"},
        )  # fmt: skip
        if ended.status:
            raise BuildError(f"PyInstaller ({ended.status}) :\n{ended.output[-3000:]}")
        program = work / "dist" / "dmp-desktop"
        for name in ("LICENSE", "THIRD_PARTY_NOTICES.md"):
            shutil.copy2(ROOT / name, program / name)
        say(f"  {program} : {size(program)}")
    return program


def make_msi(program: Path, certificate: package.Certificate, msi: Path, number: str) -> Path:
    """Our two programs signed, then all of it packed and signed; the libraries of others stay as they are. Raises BuildError."""
    with step("signature et MSI"):
        for name in (wxs.PROGRAM, wxs.COMMAND):
            package.sign(program / name, certificate)
        tell_what_it_is_made_of(program)
        hashes.write(program)
        msi.parent.mkdir(parents=True, exist_ok=True)
        icon = next(program.parents[1].rglob("dmp-desktop.ico"), None)
        package.pack(wxs.Package(program, number, icon), msi)
        package.sign(msi, certificate)
        say(f"  {msi} : {size(msi)}")
    return msi


def tell_what_it_is_made_of(program: Path) -> None:
    """Raises BuildError when something of it has no known origin, or a licence that does not go with ours."""
    work = program.parents[1]
    python = work / "python"
    place = account.Place(python / "site", (ROOT, work / "freeze"), (python,), PYTHON, python / "LICENSE.txt")
    try:
        sbom.write(program, work / "freeze/dmp_desktop/shipped.json", place, version(ROOT))
    except account.AccountError as error:
        raise BuildError(f"Rien n'est livré : {error}") from None


def try_msi(work: Path, wine: Wine, program: Path, msi: Path) -> None:
    """Raises BuildError. What was seen is in work/check/check.json, with the pictures of the demonstration."""
    newer, again = (work / "check" / name for name in ("newer.msi", "again.msi"))
    newer.parent.mkdir(parents=True, exist_ok=True)
    for one in (newer, again):  # two builds of one version
        package.pack(wxs.Package(program, _next(version(ROOT))), one)
    trial = check.Check(wine, say)
    try:
        trial.whole(msi, newer, again, work / "check" / "demo")
    finally:
        seen = json.dumps(trial.seen, ensure_ascii=False, indent=1)
        (work / "check" / "check.json").write_text(seen + "\n", encoding="utf-8")


def empty(work: Path) -> None:
    """Only a folder that a build made: whoever names another one by mistake loses nothing. Raises BuildError."""
    mark = work / ".fabrication-dmp"
    if work.exists() and any(work.iterdir()) and not mark.exists():
        raise BuildError(
            f"{work} n'est pas un dossier de fabrication : rien n'y est effacé. Choisissez-en un autre, ou videz-le."
        )
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    mark.touch()


def _next(number: str) -> str:
    major, minor, patch = number.split(".")
    return f"{major}.{minor}.{int(patch) + 1}"


def _certificate(chosen: argparse.Namespace, work: Path) -> package.Certificate:
    if chosen.certificate:
        return package.Certificate(chosen.certificate, chosen.passphrase_file, chosen.timestamp_url)
    say("Sans --certificate : signature d'essai, que Windows ne reconnaît pas.")
    return package.test_certificate(work / "certificate")


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


FREEZE_S = 3600


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
    parser.add_argument("--out", type=Path, metavar="DOSSIER", default=ROOT / "dist", help="où va le MSI")
    parser.add_argument("--certificate", type=Path, metavar="P12", help="certificat de signature de code et sa clé")
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FICHIER", help="fichier de la phrase de passe du certificat"
    )
    parser.add_argument(
        "--timestamp-url", default="", metavar="URL", help="service d'horodatage de la signature (RFC 3161)"
    )
    parser.add_argument(
        "--release-key",
        action="append",
        default=[],
        metavar="HEX",
        help="clé publique dont les mises à jour sont crues",
    )
    parser.add_argument(
        "--work", type=Path, metavar="DOSSIER", default=ROOT / "build" / "windows", help="dossier de travail"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
