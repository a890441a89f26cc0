"""A library planted where the program was started, or named without its folder, is never loaded (docs/adr/0034)."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dmp_desktop.card import api_lec_helper
from dmp_desktop.card.api_lec_places import HELPER, LIBRARY, find_api_lec
from dmp_desktop.card.pkcs11.discovery import examine
from dmp_desktop.card.pkcs11.module import module_at
from dmp_desktop.errors import CardError, ContextError
from dmp_desktop.platform.endpoint import parse_identity
from dmp_desktop.start import KNOWN_FOLDERS, search_known_folders

ROOT = Path(__file__).resolve().parents[2]
PLANTED = """
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void here(void) {
    FILE *file = fopen(getenv("PLANTED"), "w");
    fputs("loaded", file);
    fclose(file);
}
"""
KERNEL = """
static unsigned flags;
int SetDefaultDllDirectories(unsigned given) { flags = given; return given != 0xBAD; }
unsigned told(void) { return flags; }
"""

if shutil.which("gcc") is None or sys.platform == "win32":
    pytest.skip("gcc absent, ou Windows : aucune bibliothèque n'est posée à côté du programme", allow_module_level=True)


def compiled(folder: Path, name: str, source: str) -> Path:
    library = folder / name
    subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-o", str(library), "-"], input=source, text=True, check=True)
    return library


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working folder of somebody else, with the libraries the program loads by their names."""
    folder = tmp_path_factory.mktemp("telechargements")
    library = compiled(folder, "libcps3_pkcs11_lux.so", PLANTED)
    for name in ("libpcsclite.so.1", "api_lec.so", "libcrypto.so.3"):
        shutil.copy(library, folder / name)
    return folder


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        (["doctor", "--json"], {}),
        (["doctor", "--json"], {"DMP_DESKTOP_IDENTITY": "pkcs11:libcps3_pkcs11_lux.so?token=CPS"}),
        (["doctor", "--json"], {"DMP_DESKTOP_IDENTITY": "pkcs11:./libcps3_pkcs11_lux.so?token=CPS"}),
        (["card", "read", "--json"], {"DMP_DESKTOP_API_LEC": "api_lec.so"}),
    ],
)
def test_the_program_loads_nothing_planted(
    planted: Path, tmp_path: Path, arguments: list[str], more: dict[str, str]
) -> None:
    trace = tmp_path / "trace"
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PLANTED": str(trace),
        "DMP_DESKTOP_SERVER": "https://localhost:9", "DMP_DESKTOP_HOME": str(tmp_path / "poste"), **more,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "dmp_desktop", *arguments],
        cwd=planted,
        env=environment,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert told, "it did nothing"
    if arguments[0] == "doctor":
        assert "pcsc.library" in str(told) or "pcsc.service" in str(told), "it never came to the cards"
    assert told[-1].keys() & {"verdict", "error", "beneficiaries"}, told[-1]
    assert not trace.exists()


def test_the_planted_library_tells_when_it_is_loaded(planted: Path, tmp_path: Path) -> None:
    """By the very call of the Vitale helper, given its folder: the test above is no test without."""
    trace = tmp_path / "trace"
    script = f"from dmp_desktop.card.api_lec_helper import _load; _load({str(planted / 'api_lec.so')!r})"
    environment = {**os.environ, "PLANTED": str(trace), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=False)
    assert trace.exists()


def test_a_name_without_its_folder_is_no_library(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(planted)
    relative = Path("libcps3_pkcs11_lux.so")
    assert examine(relative.absolute()).usable
    assert examine(relative).why == "card.module_missing"
    with pytest.raises(CardError) as refused:
        module_at(relative)
    assert refused.value.code == "card.module_missing"
    with pytest.raises(ContextError) as unclear:
        parse_identity(f"pkcs11:{relative}?token=CPS")
    assert unclear.value.code == "environment-identity"
    with pytest.raises(OSError, match="working folder"):
        api_lec_helper._load("api_lec.so")
    place = find_api_lec({LIBRARY: "/opt/api_lec.so", HELPER: "lecteur"})
    assert place
    assert place.helper is None


def test_windows_is_told_to_search_known_folders(tmp_path: Path) -> None:
    """By ctypes, from a library that holds the function: what Windows makes of it is for a real Windows to tell."""
    kernel = ctypes.CDLL(str(compiled(tmp_path, "kernel.so", KERNEL)))
    search_known_folders(kernel)
    assert kernel.told() == KNOWN_FOLDERS
    refusing = ctypes.CDLL(str(compiled(tmp_path, "refusing.so", KERNEL.replace("0xBAD", str(KNOWN_FOLDERS)))))
    with pytest.raises(OSError, match="SetDefaultDllDirectories"):
        search_known_folders(refusing)
