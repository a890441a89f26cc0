"""Stand-ins for two system DLLs that wine 8 lacks, so that the current stack loads under it. For the build and its checks: they
lie in the prefix's system32, where PyInstaller takes nothing from, and are no part of what is installed.

Qt 6.12's Qt6Core.dll wants icuuc.dll (part of Windows 10 1903 and later), cryptography bcryptprimitives.dll. Which functions are
wanted is read from the import tables of what will be run.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

NAMES = ("icuuc.dll", "bcryptprimitives.dll")
COMPILER, LISTER = "x86_64-w64-mingw32-gcc", "x86_64-w64-mingw32-objdump"
_DLL = re.compile(r"\s*DLL Name: (?P<name>\S+)")
_FUNCTION = re.compile(r"\s*[0-9a-f]+\s+(?:<none>\s+)?[0-9a-f]+\s+(?P<name>[A-Za-z_]\w+)$")
_RANDOM = """#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count) { return SystemFunction036(bytes, (ULONG)count); }
"""
_NOTHING = "__declspec(dllexport) void *%s(void) { return 0; }\n"


def wanted(folder: Path) -> dict[str, set[str]]:
    """Which functions of NAMES the DLLs and extension modules under `folder` import."""
    found: dict[str, set[str]] = {name: set() for name in NAMES}
    for file in (*folder.rglob("*.dll"), *folder.rglob("*.pyd")):
        for dll, functions in imports(file).items():
            found[dll].update(functions)
    return found


def imports(file: Path) -> dict[str, set[str]]:
    """Of each DLL of NAMES that `file` imports, the functions. Raises CalledProcessError when it is no program of Windows."""
    content = file.read_bytes().lower()
    if not any(name.encode() in content for name in NAMES):
        return {}
    listed = subprocess.run([LISTER, "-p", str(file)], capture_output=True, text=True, check=True).stdout  # noqa: S603
    found: dict[str, set[str]] = {}
    functions: set[str] = set()
    for line in listed.splitlines():
        if dll := _DLL.match(line):
            functions = found.setdefault(dll["name"].lower(), set())
        elif function := _FUNCTION.match(line):
            functions.add(function["name"])
    return {name: functions for name, functions in found.items() if name in NAMES}


def compile_into(system32: Path, functions: dict[str, set[str]]) -> None:
    """Raises CalledProcessError when the compiler refuses."""
    for dll, names in functions.items():
        source = system32 / f"{dll}.c"
        code = _RANDOM if dll == "bcryptprimitives.dll" else "".join(_NOTHING % name for name in sorted(names))
        source.write_text(code, encoding="ascii")
        command = [COMPILER, "-shared", "-O1", "-o", str(system32 / dll), str(source), "-ladvapi32"]
        subprocess.run(command, check=True)  # noqa: S603
        source.unlink()
