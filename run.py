#!/usr/bin/env python3
"""DMP Desktop from a fresh clone: `python3 run.py demo`, `python3 run.py test` (on Windows: `py run.py …`).

    setup                            make the environment and stop
    demo [--headless --out DIR]      the window on the stand-in server; headless plays the whole main job and writes a report
    test [--all] [pytest arguments]  the tests; --all adds the slow proofs
    lint                             style, types and import contracts
    bench [names]                    benchmarks, each figure beside its limit
    build | build-windows            frozen program (see installer/)
    audit [--strict]                 known vulnerabilities of what requirements.lock names, by PyPI; strict: all of it or it fails
    dmp …                            the command line, from the environment

Needs only Python 3.11 to 3.13 and its standard library: it makes `.venv` from requirements.lock, installs missing Debian
packages where it may (as root) or prints the one command that does, then does the job. Exit status: that of the job.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
WINDOWS = sys.platform == "win32"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")

# Debian 12 packages, by what needs them (proved in a debootstrap --variant=minbase chroot, see docs/adr/0001).
PACKAGES_BUILD = ("python3-venv", "python3-dev", "gcc", "swig", "libpcsclite-dev", "ca-certificates")
PACKAGES_WINDOW = (
    "libpcsclite1", "libegl1", "libgl1", "libglib2.0-0", "libfontconfig1", "libdbus-1-3", "libxkbcommon0",
    "libgssapi-krb5-2", "libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0",
    "fonts-dejavu-core",
)  # fmt: skip
PACKAGES_TEST = (
    "git",
    "xmlsec1",
    "xvfb",
    "openbox",
    "xdotool",
    "x11-utils",
    "pcscd",
    "vsmartcard-vpcd",
    "softhsm2",
    "opensc-pkcs11",
    "strace",
    "nginx-light",
    "mingw-w64-x86-64-dev",
    "wixl",
    "msitools",
    "postgresql",
    "desktop-file-utils",
)
PACKAGES_WINDOWS = ("wine64", "wixl", "msitools", "gcc-mingw-w64-x86-64-win32", "osslsigncode", "openssl")
AUDIT_SECONDS = 300
# Beside the linters, which keep one processor busy: both processes of the first round would otherwise do it, each for itself.
COMPILE_TESTS = ("-m", "pytest", "--collect-only", "-qq")


def main(arguments: list[str]) -> int:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return fail(f"Il faut Python 3.11, 3.12 ou 3.13 (celui-ci : {sys.version.split()[0]}).")
    job, *rest = arguments or ["help"]
    jobs = {
        "setup": setup,
        "demo": demo,
        "test": test,
        "lint": lint,
        "bench": bench,
        "build": build,
        "build-windows": build_windows,
        "audit": audit,
        "dmp": dmp,
    }
    if job not in jobs:
        print(__doc__)
        return 0 if job in ("help", "-h", "--help") else 2
    more = {"test": PACKAGES_TEST, "build-windows": PACKAGES_WINDOWS}
    prepare(PACKAGES_BUILD + PACKAGES_WINDOW + more.get(job, ()))
    return jobs[job](rest)


def setup(_rest: list[str]) -> int:
    print(f"Prêt : {VENV}")
    return 0


def demo(rest: list[str]) -> int:
    return run([PYTHON, "-m", "dmp_desktop.demo", *rest])


def dmp(rest: list[str]) -> int:
    return run([PYTHON, "-m", "dmp_desktop", *rest])


def test(rest: list[str]) -> int:
    """Two rounds: everything on two processes, then what measures time with nothing beside it.

    Each takes whole files: what a module sets up is set up once, and its tests follow each other. Compiled modules are kept
    even where the environment says not to: hundreds of processes of the program are started, and rewriting the tests takes
    20 s a process.
    """
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    extra = [argument for argument in rest if argument != "--all"]
    if extra:
        return run([PYTHON, "-m", "pytest", *extra], env)
    quick = "" if "--all" in rest else " and not slow"
    rounds = (
        ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "-m", f"not alone{quick}"],
        ["-m", f"alone{quick}"],
    )
    with tempfile.TemporaryDirectory() as folder:
        reports = [Path(folder) / f"{number}.xml" for number in range(len(rounds))]
        commands = [
            [PYTHON, "-m", "pytest", *chosen, f"--junitxml={report}"]
            for chosen, report in zip(rounds, reports, strict=True)
        ]
        with subprocess.Popen([str(PYTHON), *COMPILE_TESTS], cwd=ROOT, env=env, stdout=subprocess.DEVNULL):
            linted = lint([])
        status = max(linted, *(run(command, env) for command in commands))
        print(not_run(reports, slow="--all" in rest), flush=True)
    return status


def not_run(reports: list[Path], *, slow: bool) -> str:
    """What the rounds left out and why, and what was measured again, said once at the very end: what nobody is told of counts
    as a pass."""
    missing = [report for report in reports if not report.exists()]
    written = [ElementTree.parse(report) for report in reports if report.exists()]  # noqa: S314 - by pytest, just now
    cases = [case for report in written for case in report.iter("testcase")]
    skips = Counter(skip.get("message", "") for case in cases for skip in case.iter("skipped"))
    runs = Counter(f"{case.get('classname')}::{case.get('name')}" for case in cases)
    lines = [f"Non lancés : {skips.total()} tests sur {len(runs)}."]
    lines += [f"  {times} × {reason}" for reason, times in sorted(skips.items())]
    lines += [f"  mesuré {times} fois : {name}" for name, times in runs.items() if times > 1]
    if missing:
        lines.append(f"  {len(missing)} série(s) de tests entière(s) : pytest n'a pas rendu de compte.")
    if not slow:
        lines.append("  les preuves longues : « run.py test --all »")
    return "\n".join(lines)


def lint(_rest: list[str]) -> int:
    tools = VENV / ("Scripts" if WINDOWS else "bin")
    checks = (
        [tools / "ruff", "check", "."],
        [tools / "ruff", "format", "--check", "."],
        [tools / "mypy"],
        [tools / "lint-imports", "--no-logo"],
    )
    return max(run(check) for check in checks)


def bench(rest: list[str]) -> int:
    return run([PYTHON, "-m", "benchmarks", *rest])


def build(rest: list[str]) -> int:
    return installer("build.py", rest)


def build_windows(rest: list[str]) -> int:
    return installer("build_windows.py", rest)


def audit(rest: list[str]) -> int:
    """1 when a vulnerability is known. What could not be asked is told: where PyPI is silent, nothing is known either way; with
    `--strict`, for what is given to doctors, that is 1 too. 2 when pip-audit was asked what it does not understand."""
    if set(rest) - {"--strict"}:
        fail("run.py audit ne connaît que --strict.")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "audit.json"
        options = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json", "-o", report)
        tool = VENV / ("Scripts" if WINDOWS else "bin") / "pip-audit"
        command = [str(part) for part in (tool, "-r", LOCK, *options)]
        ended, why = 1, f"PyPI n'a pas tout dit en {AUDIT_SECONDS} s."
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=AUDIT_SECONDS)
            ended, why = done.returncode, done.stderr[-300:].strip()
        except subprocess.TimeoutExpired:
            pass
        text = report.read_text("utf-8") if report.exists() else ""
    status, told = audited(text, ended, strict="--strict" in rest)
    print(told if text else f"{told}\n{why}", flush=True)
    return status


def audited(report: str, ended: int, *, strict: bool = False) -> tuple[int, str]:
    """The exit status and what is told of pip-audit's JSON ("" when there is none); `ended`: its own status, 1 for a
    vulnerability and where it could not ask, 2 for an option it does not know."""
    if ended not in (0, 1):
        return 2, f"Rien n'est vérifié : pip-audit n'a pas compris ce qui lui est demandé ({ended})."
    found = json.loads(report)["dependencies"] if report else []
    known = [f"  {one['name']} {one['version']} : {hole['id']}" for one in found for hole in one.get("vulns", ())]
    unasked = [one["name"] for one in found if "vulns" not in one]
    lines = [f"Vulnérabilités connues : {len(known)}, sur {len(found) - len(unasked)} paquets vérifiés.", *known]
    if unasked or not found:
        lines.append(f"  {len(unasked) or 'tous les'} paquets non vérifiés : PyPI n'a pas répondu d'eux.")
    return int(bool(known) or (strict and (bool(unasked) or not found))), "\n".join(lines)


def installer(script: str, rest: list[str]) -> int:
    path = ROOT / "installer" / script
    if not path.exists():
        return fail(
            "Cette version ne fabrique pas d'installateur : lancez le programme par « run.py demo » ou « run.py dmp »."
        )
    return run([PYTHON, path, *rest])


def prepare(packages: tuple[str, ...]) -> None:
    """Make system packages and `.venv` what this commit asks for; does nothing when they are."""
    install_system_packages(packages)
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode() + str(ROOT).encode()).hexdigest()
    stamp = VENV / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    print("Préparation de l'environnement (une seule fois, quelques minutes)…", file=sys.stderr, flush=True)
    outside = getattr(sys, "_base_executable", sys.executable)  # this script may run from the very .venv it replaces
    must([outside, "-m", "venv", VENV])
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    must([*pip, "--require-hashes", "-r", LOCK])
    must([*pip, "--no-deps", "--no-build-isolation", "-e", ROOT])
    stamp.write_text(wanted)


def install_system_packages(packages: tuple[str, ...]) -> None:
    if WINDOWS or not shutil.which("dpkg-query"):
        return
    query = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n"],
        capture_output=True,
        text=True,
        check=True,
    )
    present = {line.split()[0] for line in query.stdout.splitlines() if line.endswith(" installed")}
    missing = [package for package in packages if package not in present]
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() != 0:
        sys.exit(fail("Il manque des paquets Debian. Lancez : sudo " + " ".join(command)))
    quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
    print("Installation de paquets Debian : " + " ".join(missing), file=sys.stderr, flush=True)
    must(["apt-get", "update", "-qq"], quiet)
    must([command[0], "-qq", *command[1:]], quiet)


def run(command: list[str | Path], env: dict[str, str] | None = None) -> int:
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=env, check=False).returncode


def must(command: list[str | Path], env: dict[str, str] | None = None) -> None:
    if status := run(command, env):
        sys.exit(fail(f"Échec ({status}) : " + " ".join(str(part) for part in command)))


def fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
