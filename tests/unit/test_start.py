"""What a packaged program is started as: the window, or the process that reads PDFs, which loads nothing of Qt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from fpdf import FPDF

from dmp_desktop import start
from dmp_desktop.card import api_lec_helper
from dmp_desktop.cda import helper_pipe, pdf_helper
from dmp_desktop.errors import ContextError
from dmp_desktop.start import PDF_HELPER, VITALE_HELPER, be_a_helper, wanted
from tests.helpers.api_lec import Component
from tests.helpers.card_worlds import PATIENT

ROOT = Path(__file__).resolve().parents[2]
WINDOW = "import sys; from dmp_desktop.start import main; sys.exit(main(['dmp-desktop', *sys.argv[1:]]))"
PROGRAMS = {"dmp-desktop": ["-c", WINDOW], "python -m dmp_desktop": ["-m", "dmp_desktop"]}


def pdf() -> bytes:
    document = FPDF()
    document.add_page()
    document.set_font("helvetica")
    document.cell(text="Compte rendu")
    return bytes(document.output())


LIMITS = """
import resource, sys, types
from dmp_desktop import start
told = types.ModuleType("told")
told.run = told.main = lambda *_, **__: print(resource.getrlimit(resource.RLIMIT_CORE)) or 7
sys.modules["dmp_desktop.opening"] = sys.modules["dmp_desktop.cli"] = told
"""
"""The program, up to where the window or the command line would begin: there it says what it may leave in a core file."""
BEGINNINGS = {
    "dmp-desktop": "sys.exit(start.main(['dmp-desktop']))",
    "python -m dmp_desktop": "import runpy; runpy.run_module('dmp_desktop', run_name='__main__')",
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows writes no core file")
@pytest.mark.parametrize("program", BEGINNINGS)
def test_leaves_no_core_file(program, tmp_path):
    import resource

    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard == 0:
        pytest.skip("this system writes no core file whatever the program does")
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{LIMITS}resource.setrlimit(resource.RLIMIT_CORE, ({hard}, {hard}))\n{BEGINNINGS[program]}",
        ],
        cwd=ROOT,
        env=os.environ | {"DMP_DESKTOP_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (run.stdout, run.returncode) == ("(0, 0)\n", 7), run.stderr


FIRST_ACT = """
import json, sys
from dmp_desktop import start
def act():
    ours = [one for one in sys.modules if one.startswith("dmp_desktop.")]
    libraries = [one for one in ("ctypes", "PySide6", "smartcard", "pypdfium2", "keyring", "ssl") if one in sys.modules]
    print(json.dumps([sorted(ours), libraries]))
    raise SystemExit(7)
start.keep_our_libraries_ours = act
"""
"""The program, up to where it says from which folders libraries come: there it says what it has loaded before."""


@pytest.mark.parametrize("program", BEGINNINGS)
def test_says_where_libraries_come_from_before_it_loads_any(program):
    command = [sys.executable, "-c", FIRST_ACT + BEGINNINGS[program]]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 7, run.stderr
    ours, libraries = json.loads(run.stdout)
    assert libraries == []
    assert "dmp_desktop.start" in ours
    assert not [
        one
        for one in ours
        if one.count(".") > 1 or one in ("dmp_desktop.card", "dmp_desktop.cli", "dmp_desktop.opening")
    ]


@pytest.mark.parametrize("program", PROGRAMS)
def test_becomes_the_process_that_reads_pdfs(program):
    command = [sys.executable, "-X", "importtime", *PROGRAMS[program], pdf_helper.FLAG]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as helper:
        assert helper_pipe.receive(helper.stdout, 10) == helper_pipe.END
        helper_pipe.send(helper.stdin, helper_pipe.READ + pdf())
        assert helper_pipe.receive(helper.stdout, 1000) == helper_pipe.PAGE + b"Compte rendu"
        assert helper_pipe.receive(helper.stdout, 10) == helper_pipe.END
        _rest, loaded = helper.communicate(timeout=300)
    assert helper.returncode == 0
    assert b"pypdfium2" in loaded
    assert b"PySide6" not in loaded
    assert b"dmp_desktop.cli" not in loaded


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in component is a library of Linux")
@pytest.mark.parametrize("program", PROGRAMS)
def test_becomes_the_process_that_reads_cartes_vitale(program, tmp_path):
    component = Component(tmp_path)
    place = {"library": str(component.library), "folder": f"{tmp_path}/"}
    command = [sys.executable, "-X", "importtime", *PROGRAMS[program], api_lec_helper.FLAG]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as helper:
        helper_pipe.send(helper.stdin, json.dumps(place).encode())
        assert helper_pipe.receive(helper.stdout, 10) == api_lec_helper.READY
        helper_pipe.send(helper.stdin, b'{"seconds": 3}')
        assert PATIENT[3].encode() in helper_pipe.receive(helper.stdout, 1000)
        _rest, loaded = helper.communicate(timeout=300)
    assert helper.returncode == 0
    assert b"api_lec_helper" in loaded
    for other in (b"PySide6", b"pypdfium2", b"dmp_desktop.cli"):
        assert other not in loaded


LENDS = """
import os, subprocess, sys
from dmp_desktop.start import keep_our_libraries_ours
sys.frozen = True
keep_our_libraries_ours()
subprocess.run(["env"], check=True)
"""
"""A packaged program that starts another one."""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows finds libraries by other means: see test_libraries")
def test_a_packaged_program_lends_its_libraries_to_no_other():
    packaged = {
        "LD_LIBRARY_PATH": "/nous",
        "LD_LIBRARY_PATH_ORIG": "/eux",
        "QT_PLUGIN_PATH": "/nous",
        "QML2_IMPORT_PATH": "/nous",
    }
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **packaged}
    told = subprocess.run(
        [sys.executable, "-c", LENDS], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert "LD_LIBRARY_PATH=/eux" in told.splitlines()
    assert "/nous" not in told


def test_a_program_without_a_terminal_says_it_in_a_box(monkeypatch) -> None:
    """A windowed program of Windows has no stderr: what it could not hand over would be told to nobody."""
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr("sys.stdout", None)
    start.tell("Rien n'est repris.")  # on this system, to nobody
    boxes: list[tuple[object, ...]] = []

    start.show_box(SimpleNamespace(MessageBoxW=lambda *told: boxes.append(told)), "Rien n'est repris.")
    assert boxes == [(None, "Rien n'est repris.", "DMP Desktop", 0x10030)]


def test_only_as_the_first_argument():
    assert (PDF_HELPER, VITALE_HELPER) == (pdf_helper.FLAG, api_lec_helper.FLAG)
    assert not be_a_helper([])
    assert not be_a_helper(["sandbox", PDF_HELPER])


@pytest.mark.parametrize(
    "arguments",
    [
        ["dmp-desktop://open?ticket=a", "-platformpluginpath", "/tmp"],
        ["-platform", "x", "dmp-desktop://open?ticket=a"],
        ["DMP-DESKTOP:x", "--context", "/etc/hostname"],
    ],
)
def test_an_address_brings_nothing_along(arguments: list[str]) -> None:
    """Windows puts it between quotes as it is: one of its own would begin options of Qt, or names of files."""
    with pytest.raises(ContextError) as caught:
        wanted(arguments)
    assert caught.value.code == "handover-url"
