"""The frozen program (`run.py build`), away from the source tree: the demonstration, a card, a PDF, and what is shipped in it.

Built once, unless `DMP_DESKTOP_FROZEN` names a folder that `run.py build` has made. Everything is started with an empty
environment, in an empty folder, from a read-only copy whose path has a space and an accent.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from fpdf import FPDF
from PyInstaller.archive.readers import CArchiveReader

from benchmarks.frozen_start import LIMIT, start, starts
from dmp_desktop.cda import helper_pipe, pdf_helper
from dmp_desktop.sandbox import Sandbox
from installer import freeze, hashes
from tests.e2e.test_demo import STEPS
from tests.helpers.card_station import Workstation, doctor_of
from tests.helpers.cps_token import SOFTHSM, activity, softhsm_token
from tests.helpers.seeded import seeded

ROOT = Path(__file__).resolve().parents[2]
WINDOW, COMMAND = "dmp-desktop", "dmp"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone(again=False),  # built once for what measures time and what does not
    pytest.mark.timeout(600),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the frozen program of Linux is proved on Linux"),
    pytest.mark.skipif(not all(map(shutil.which, ("objdump", "strip"))), reason="binutils absents : rien n'est gelé"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder as `run.py build` leaves it."""
    if given := os.environ.get("DMP_DESKTOP_FROZEN"):
        return Path(given)
    out = tmp_path_factory.mktemp("gele")
    command = [sys.executable, "installer/build.py", "--out", str(out / "dist"), "--work", str(out / "work")]
    done = subprocess.run(["nice", "-n", "10", *command], cwd=ROOT, capture_output=True, text=True, timeout=540)
    assert done.returncode == 0, done.stderr
    return out / "dist" / WINDOW


@pytest.fixture(scope="module")
def program(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Read-only, where a doctor might have put it."""
    folder = tmp_path_factory.mktemp("poste") / "Logiciels médicaux" / "Cabinet été"
    shutil.copytree(built, folder, symlinks=True)
    entries = [folder, *(one for one in folder.rglob("*") if not one.is_symlink())]
    for one in entries:
        one.chmod(one.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    before = hashes.listed(folder)
    yield folder
    assert hashes.listed(folder) == before, "the program wrote into its own folder"
    for one in entries:
        one.chmod(one.stat().st_mode | stat.S_IWUSR)


def alone(folder: Path, **more: str) -> dict[str, str]:
    """The whole environment: nothing of this process's."""
    return {"HOME": str(folder), "PATH": "/usr/bin:/bin", "QT_QPA_PLATFORM": "offscreen", **more}


def run(program: Path, name: str, *arguments: object, where: Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = [str(program / name), *map(str, arguments)]
    return subprocess.run(
        command, cwd=where, env=alone(where, **more), capture_output=True, text=True, timeout=300, check=False
    )


def test_plays_the_whole_demonstration(program: Path, tmp_path: Path) -> None:
    """But the window's worst wait: it is measured where nothing runs beside it (test_demo)."""
    done = run(program, WINDOW, "demo", "--headless", "--out", tmp_path / "out", where=tmp_path)
    steps = json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))["steps"]
    assert [step["name"] for step in steps] == list(STEPS), done.stderr
    assert [step for step in steps if not step["ok"] and step["name"] != "window never waited"] == []
    assert list((tmp_path / "out").glob("*.xml"))
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", [WINDOW, COMMAND])
def test_each_program_becomes_the_process_that_reads_pdfs(program: Path, tmp_path: Path, name: str) -> None:
    document = FPDF()
    document.add_page()
    document.set_font("helvetica")
    document.cell(text="Compte rendu")
    command = [str(program / name), pdf_helper.FLAG]
    with subprocess.Popen(
        command, cwd=tmp_path, env=alone(tmp_path), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as helper:
        assert helper.stdin
        assert helper.stdout
        assert helper_pipe.receive(helper.stdout, 10) == helper_pipe.END
        helper_pipe.send(helper.stdin, helper_pipe.READ + bytes(document.output()))
        assert helper_pipe.receive(helper.stdout, 1000) == helper_pipe.PAGE + b"Compte rendu"


def test_signs_with_a_card(program: Path, tmp_path: Path) -> None:
    if not SOFTHSM.exists():
        pytest.skip("SoftHSM2 absent : libsofthsm2.so (paquet softhsm2)")
    with Sandbox(seeded(tmp_path / "sandbox")) as sandbox:
        facility = sandbox.ready["identities"]["doctor"]["facility"]
        place = activity(facility["name"], facility["id"], facility["sector"])
        token = softhsm_token("gele", who=doctor_of(sandbox), data={"CPS_ACTIVITY_01_PS": (place, True)})
        station = Workstation(sandbox, tmp_path / "poste", f"pkcs11:{SOFTHSM}?token={token}")
        ins = next(item for item in sandbox.ready["patients"] if item["story"] == "ordinary")["ins"]
        done = run(
            program, COMMAND, "dossier", "list", "--ins", ins, "--json", where=tmp_path,
            SOFTHSM2_CONF=os.environ["SOFTHSM2_CONF"], **station.environment,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) >= 40


def test_knows_the_readers_and_its_version(program: Path, tmp_path: Path) -> None:
    """Of the diagnosis: pyscard, OpenSSL's bridge and our version are there; no cause is a missing part of the program."""
    done = run(program, COMMAND, "doctor", "--json", where=tmp_path)
    told = {line["id"]: line for line in map(json.loads, done.stdout.splitlines()) if "id" in line}
    assert "pcsc.library" not in told or told["pcsc.library"]["verdict"] == "ok"
    broken = [
        one for one in told.values() if "pas installé sur ce poste" in one["cause"] and "Cryptolib" not in one["cause"]
    ]
    assert broken == []
    assert re.search(rf"\b{re.escape(freeze.version(ROOT))}\b", told["software.version"]["cause"]), (
        "our version is told"
    )


def modules(program: Path) -> dict[str, bytes]:
    """The Python modules in one of the programs, unpacked: their names, as of files, and what marshal made of each."""
    archive = CArchiveReader(str(program)).open_embedded_archive("PYZ.pyz")
    return {name.replace(".", "/"): archive.extract(name, raw=True) or b"" for name in archive.toc}


def test_ships_nothing_of_development(built: Path) -> None:
    names = [file.relative_to(built).as_posix() for file in built.rglob("*")]
    inside = [name for program in (WINDOW, COMMAND) for name in modules(built / program)]
    assert inside.count("dmp_desktop/opening") == 2, "what is in the programs is not seen"
    names += inside
    assert [one for one in names if re.search(r"(^|/)(tests?|samples|\.git|pytest|hypothesis|mypy)(/|$)", one)] == []
    assert [
        one for one in names if one.endswith((".py", ".pem", ".key", ".p12", ".pfx")) and "certifi/" not in one
    ] == []


def test_ships_no_secret_and_no_place_of_this_machine(built: Path) -> None:
    """Python keeps in its functions the name of their file: never the folder of who built the program."""
    parts = {
        file.relative_to(built).as_posix(): file.read_bytes()
        for file in built.rglob("*")
        if file.is_file() and not file.is_symlink() and file.suffix != ".so"
    }
    for program in (WINDOW, COMMAND):
        parts |= {f"{program}: {name}": content for name, content in modules(built / program).items()}
    assert b"dmp_desktop/opening.py" in parts[f"{WINDOW}: dmp_desktop/opening"], "the names of files are not seen"
    secrets = (os.fsencode(ROOT) + b"/", b"PRIVATE KEY-----\nMII")
    assert [(name, text) for name, content in parts.items() for text in secrets if text in content] == []


def test_its_hashes_are_true(built: Path, tmp_path: Path) -> None:
    assert hashes.differences(built) == []
    checked = subprocess.run(
        ["sha256sum", "--check", "--quiet", hashes.NAME], cwd=built, capture_output=True, text=True
    )
    assert (checked.returncode, checked.stdout) == (0, "")
    copy = tmp_path / "copie"
    shutil.copytree(built, copy, symlinks=True)
    (copy / "_internal/resources/codes/loinc.tsv").write_text("altéré")
    (copy / "_internal/libcrypto.so.4").write_text("de trop")
    (copy / "LICENSE").unlink()
    assert hashes.differences(copy) == ["LICENSE", "_internal/libcrypto.so.4", "_internal/resources/codes/loinc.tsv"]


def test_opens_nothing_but_its_own_and_qt_in_french(program: Path, tmp_path: Path) -> None:
    """By the system's own account, from the start to the window's first answer: no file of the source tree or of a Python, no library
    of the working folder; and Qt's French words (its standard buttons)."""
    if shutil.which("strace") is None:
        pytest.skip("strace absent : ce que le programme gelé ouvre n'est pas vérifié (paquet strace)")
    trace = tmp_path / "trace"
    waiting = start(
        [shutil.which("strace") or "", "-f", "-qq", "-o", str(trace), "-e", "trace=openat", str(program / WINDOW)],
        tmp_path,
    )
    assert waiting > 0
    calls = re.findall(r'openat\(\w+, "([^"]+)", (\S+?)[,)].*= (-?\d+)', trace.read_text(encoding="utf-8"))
    opened = {
        path.encode("latin-1").decode("unicode_escape").encode("latin-1").decode()
        for path, _, result in calls
        if int(result) >= 0
    }
    inside = {path for path in opened if path.startswith(f"{program}/")}
    assert any(path.endswith("/translations/qtbase_fr.qm") for path in inside)
    assert any(path.endswith("/libQt6Widgets.so.6") for path in inside)
    others = {
        path
        for path in opened - inside
        if "site-packages" in path or path.startswith((f"{ROOT}/", sysconfig.get_path("stdlib")))
    }
    assert others == set()
    assert {path for path in opened if not path.startswith("/") and ".so" in path} == set()


@pytest.mark.alone
def test_starts_as_fast_as_in_its_environment(program: Path) -> None:
    frozen, plain = starts(program / WINDOW)
    assert frozen <= LIMIT * plain, f"{frozen * 1000:.0f} ms frozen, {plain * 1000:.0f} ms in its environment"


def test_tells_what_it_is_made_of(built: Path) -> None:
    """Each library that lies in the folder is a file of one work, or ours; its hash and its licence's text are there."""
    bill = json.loads((built / "sbom.cdx.json").read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    told = {
        file["name"]: file["hashes"][0]["content"] for work in bill["components"] for file in work.get("components", ())
    }
    found = hashes.listed(built)
    libraries = {name.removeprefix("_internal/") for name in found if ".so" in name and not (built / name).is_symlink()}
    assert libraries - told.keys() == set()
    assert {name for name in libraries if told[name] != found[f"_internal/{name}"]} == set()
    names = {work["name"].lower() for work in bill["components"]}
    assert {"pyside6_essentials", "cpython", "libssl3", "cryptography", "python-pkcs11"} <= names
    assert not {"pytest", "mypy", "ruff", "hypothesis", "pip", "cyclonedx-python-lib"} & names
    notice = (built / "LICENCES-TIERS.txt").read_text(encoding="utf-8")
    assert all(f"- {work['name']} {work['version']} : " in notice for work in bill["components"])
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in notice


def test_data_files_are_there(built: Path) -> None:
    inside = built / "_internal"
    for file in (ROOT / "resources").rglob("*"):
        if file.is_file():
            assert (inside / "resources" / file.relative_to(ROOT / "resources")).read_bytes() == file.read_bytes()
    assert (inside / "PySide6/Qt/translations/qtbase_fr.qm").stat().st_size > 100_000
    assert (inside / "share/icons/dmp-desktop.ico").is_file()
