"""What the ctypes of `WindowsCalls` say, beside Windows' own headers (mingw-w64's): constants, structures, prototypes, libraries.

The host's gcc reads them with the sizes of Windows (`long` of 4 bytes, `wchar_t` of 2); nothing is linked or run.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop import start
from dmp_desktop.dmp import windows_failures, windows_store
from dmp_desktop.dmp import windows_store_calls as calls

ROOT = Path("/usr/x86_64-w64-mingw32")
HEADERS = "#include <stddef.h>\n#include <windows.h>\n#include <wincrypt.h>\n#include <ncrypt.h>\n#include <bcrypt.h>\n"
LIKE_WINDOWS = (
    *("-D_WIN32", "-D_WIN64", "-D__LONG32=int", "-fshort-wchar", "-fms-extensions", "-DWIN32_LEAN_AND_MEAN"),
    *("-D__declspec(x)=", "-D__stdcall=", "-D__cdecl=", "-D_CRTIMP="),
)
CONSTANTS = {
    "CERT_NCRYPT_KEY_SPEC": calls.NCRYPT_KEY_SPEC,
    "CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG": calls._ALLOW_NCRYPT,
    "HP_HASHVAL": calls._HASH_VALUE,
    "NCRYPT_PAD_PKCS1_FLAG": calls._PAD_PKCS1,
    "NCRYPT_PAD_PSS_FLAG": calls._PAD_PSS,
    "NCRYPT_IMPL_SOFTWARE_FLAG": calls._SOFTWARE,
    "CALG_SHA1": windows_store._ALGORITHM_IDS["sha1"],
    "CALG_SHA_256": windows_store._ALGORITHM_IDS["sha256"],
    "HRESULT_FROM_WIN32(ERROR_CANCELLED)": 0x800704C7,
    "LOAD_LIBRARY_SEARCH_DEFAULT_DIRS": start.KNOWN_FOLDERS,
}
TEXTS = {
    "NCRYPT_PROVIDER_HANDLE_PROPERTY": calls._PROVIDER,
    "NCRYPT_IMPL_TYPE_PROPERTY": calls._KIND,
    **{f"BCRYPT_SHA{size}_ALGORITHM": f"SHA{size}" for size in (1, 256, 384, 512)},
}
STRUCTURES = {
    "CERT_CONTEXT": (
        calls._CertContext,
        ("dwCertEncodingType", "pbCertEncoded", "cbCertEncoded", "pCertInfo", "hCertStore"),
    ),
    "BCRYPT_PKCS1_PADDING_INFO": (calls._Pkcs1Padding, ("pszAlgId",)),
    "BCRYPT_PSS_PADDING_INFO": (calls._PssPadding, ("pszAlgId", "cbSalt")),
}
_INTEGER, _POINTER = 1, 5  # gcc's typeclass.h, of __builtin_classify_type

if shutil.which("gcc") is None or not (ROOT / "include/wincrypt.h").exists():
    pytest.skip(
        "no Windows headers (mingw-w64-x86-64-dev) on this machine: the calls of Windows' store are not compared with them",
        allow_module_level=True,
    )


@dataclass
class Declared:
    """A function of a library, and what `WindowsCalls` says of it."""

    library: str
    restype: Any = None
    argtypes: list[Any] = field(default_factory=list)


class Library:
    def __init__(self, name: str, all_declared: dict[str, Declared]) -> None:
        self._name, self._all = name, all_declared

    def __getattr__(self, function: str) -> Declared:
        return self._all.setdefault(function, Declared(self._name))


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> dict[str, Declared]:
    """By the name of the function."""
    found: dict[str, Declared] = {}
    monkeypatch.setattr(calls, "_library", lambda name: Library(name, found))
    calls.WindowsCalls()
    return found


def gcc(folder: Path, code: str, *options: str) -> subprocess.CompletedProcess[str]:
    source = folder / "claims.c"
    source.write_text(HEADERS + code)
    own = subprocess.run(["gcc", "-print-file-name=include"], capture_output=True, text=True, check=True).stdout.strip()
    include = ["-nostdinc", "-isystem", own, "-isystem", ROOT / "include"]
    command = ["gcc", "-w", *LIKE_WINDOWS, *include, *options, source]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def refuted(folder: Path, claims: list[str], *options: str) -> list[str]:
    """The claims (C conditions) that do not hold."""
    code = "\n".join(f'_Static_assert({claim}, "{number}");' for number, claim in enumerate(claims))
    done = gcc(folder, code, "-fsyntax-only", *options)
    failed = [claims[int(number)] for number in re.findall(r'static assertion failed: "(\d+)"', done.stderr)]
    assert failed or done.returncode == 0, done.stderr
    return failed


def shape(claimed: Any, c_type: str) -> list[str]:
    """That a C type is what a ctypes one stands for: integer or pointer, size, sign, and what is pointed to."""
    value = f"(({c_type})0)"
    if claimed in (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_wchar_p) or issubclass(claimed, ctypes._Pointer):
        target = {ctypes.c_char_p: 1, ctypes.c_wchar_p: 2}.get(claimed)
        if claimed is not ctypes.c_void_p and target is None:
            target = ctypes.sizeof(claimed._type_)
        size = [f"sizeof(*{value}) == {target}"] if target else []
        return [f"__builtin_classify_type({value}) == {_POINTER}", *size]
    sign = "<" if claimed(-1).value < 0 else ">"
    return [
        f"__builtin_classify_type({value}) == {_INTEGER}",
        f"sizeof({c_type}) == {ctypes.sizeof(claimed)}",
        f"({c_type})-1 {sign} 0",
    ]


def prototypes(folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Every function of the headers: what it returns and takes, as C types."""
    refuted(folder, [], "-aux-info", str(folder / "prototypes"))
    lines = (folder / "prototypes").read_text().splitlines()
    found = (re.match(r"/\* .*? \*/ extern (.*?)(\w+) \((.*)\);", line) for line in lines)
    return {one[2]: (one[1].strip(), [each.strip() for each in one[3].split(",")]) for one in found if one}


def test_constants(tmp_path: Path) -> None:
    claims = [f"(unsigned int)({name}) == {value:#x}u" for name, value in CONSTANTS.items()]
    assert refuted(tmp_path, claims) == []


def test_texts(tmp_path: Path) -> None:
    written = gcc(tmp_path, "".join(f"{name} == \n" for name in TEXTS), "-E", "-P").stdout
    assert re.findall(r'L"([^"]*)" ==', written) == list(TEXTS.values())


def test_codes_of_windows_are_what_their_comments_say(tmp_path: Path) -> None:
    source = Path(windows_failures.__file__).read_text(encoding="utf-8")
    named = re.findall(r"(0x[0-9A-F]{8}).*# (?:winerror\.h )?([A-Z]+(?:_[A-Z]+)+)", source)
    assert len(named) == len(windows_failures._REMOVED | set(windows_failures._TOLD)) - 1, (
        "all but ERROR_CANCELLED as HRESULT"
    )
    assert refuted(tmp_path, [f"(unsigned int)({name}) == {value}u" for value, name in named]) == []


def test_structures(tmp_path: Path) -> None:
    claims = []
    for name, (structure, members) in STRUCTURES.items():
        claims.append(f"sizeof({name}) == {ctypes.sizeof(structure)}")
        for (own, claimed), member in zip(structure._fields_, members, strict=True):
            claims.append(f"offsetof({name}, {member}) == {getattr(structure, own).offset}")
            claims += shape(claimed, f"__typeof__((({name} *)0)->{member})")
    assert refuted(tmp_path, claims) == []


def test_prototypes(declared: dict[str, Declared], tmp_path: Path) -> None:
    known = prototypes(tmp_path)
    claims = []
    for name, function in declared.items():
        returned, taken = known[name]
        assert len(taken) == len(function.argtypes), name
        for claimed, c_type in zip([function.restype, *function.argtypes], [returned, *taken], strict=True):
            claims += shape(claimed, c_type)
    assert len(declared) >= 15
    assert refuted(tmp_path, claims) == []


def test_each_function_is_in_its_library(declared: dict[str, Declared]) -> None:
    for name, function in declared.items():
        exported = (ROOT / f"lib/lib{function.library}.a").read_bytes()
        assert f"__imp_{name}\0".encode() in exported, f"{name} is not in {function.library}"


def test_a_wrong_claim_is_told(tmp_path: Path) -> None:
    assert refuted(tmp_path, ["PP_SIGNATURE_PIN == 32", "sizeof(LONG) == 4"]) == ["PP_SIGNATURE_PIN == 32"]
    assert refuted(tmp_path, shape(ctypes.c_uint32, "HCRYPTPROV")) == ["sizeof(HCRYPTPROV) == 4"]
    assert refuted(tmp_path, shape(ctypes.c_wchar_p, "LPCSTR")) == ["sizeof(*((LPCSTR)0)) == 2"]
