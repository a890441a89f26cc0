"""Where Cryptolib CPS's PKCS#11 module is on this machine, and whether this process can load it. Nothing is loaded here."""

from __future__ import annotations

import os
import platform
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dmp_desktop.card.failures import card_failure

# Reference card.md §3.4.
LINUX: Final = Path("/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so")
MACOS: Final = Path("/usr/local/lib/libcps3_pkcs11_osx.dylib")
WINDOWS_64: Final = Path("System32", "cps3_pkcs11_w64.dll")
WINDOWS_32: Final = Path("SysWOW64", "cps3_pkcs11_w32.dll")
# A 32-bit Windows has no SysWOW64, and hides it from nobody.
WINDOWS_32_ALONE: Final = Path("System32", "cps3_pkcs11_w32.dll")

PROCESS_BITS: Final = struct.calcsize("P") * 8

# Processors named in a file's header: what a process of that name can load. PE "Machine" (Microsoft PE format §3.3.1),
# ELF e_machine (System V gABI, "ELF header"), Mach-O cputype (mach/machine.h).
_PE: Final = {0x8664: ("amd64", 64), 0xAA64: ("arm64", 64), 0x014C: ("x86", 32)}
_ELF: Final = {62: "amd64", 183: "arm64", 3: "x86"}
_MACH: Final = {0x01000007: ("amd64", 64), 0x0100000C: ("arm64", 64), 7: ("x86", 32)}
_PROCESSORS: Final = {"x86_64": "amd64", "amd64": "amd64", "arm64": "arm64", "aarch64": "arm64"}
_MACH_THIN: Final = (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
_MACH_FAT: Final = b"\xca\xfe\xba\xbe"
# A universal file holds two or three programs; a Java class has the same first bytes and a far larger number there.
_MAX_FAT: Final = 8
_HEADER: Final = 4096


@dataclass(frozen=True, slots=True)
class ModuleCandidate:
    """One place looked at. `bits` is 32 or 64, 0 when unknown; `why` is empty, or the code of the CardError for using it."""

    path: Path
    bits: int
    usable: bool
    why: str


def find_modules(
    configured: Path | None = None, *, system: str = sys.platform, environment: Mapping[str, str] = os.environ
) -> tuple[ModuleCandidate, ...]:
    """Every place where the module may be, the user's own choice first. `system` is as `sys.platform`."""
    return tuple(examine(path) for path in _places(configured, system, environment))


def module_to_use(
    configured: Path | None = None, *, system: str = sys.platform, environment: Mapping[str, str] = os.environ
) -> Path:
    """The first usable module.

    Raises CardError: card.module_bits or card.module_broken of one that is there, else card.module_missing.
    """
    candidates = find_modules(configured, system=system, environment=environment)
    for one in candidates:
        if one.usable:
            return one.path
    reasons = [one.why for one in candidates if one.why != "card.module_missing"]
    raise card_failure((reasons or ["card.module_missing"])[0].removeprefix("card."))


def examine(path: Path) -> ModuleCandidate:
    """What the header of this file says of it. A name without its folder is none: the working folder may be anybody's."""
    if not path.is_absolute():
        return ModuleCandidate(path, 0, False, "card.module_missing")
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except FileNotFoundError:
        return ModuleCandidate(path, 0, False, "card.module_missing")
    except OSError:
        return ModuleCandidate(path, 0, False, "card.module_broken")
    programs = _programs(header)
    if not programs:
        return ModuleCandidate(path, 0, False, "card.module_broken")
    processor = _PROCESSORS.get(platform.machine().lower(), "x86")
    if PROCESS_BITS == 32:
        processor = processor.replace("amd64", "x86")
    if (processor, PROCESS_BITS) in programs:
        return ModuleCandidate(path, PROCESS_BITS, True, "")
    return ModuleCandidate(path, programs[0][1], False, "card.module_bits")


def _places(configured: Path | None, system: str, environment: Mapping[str, str]) -> list[Path]:
    places = [configured] if configured else []
    if system == "win32":
        windows = Path(environment.get("WINDIR") or environment.get("SYSTEMROOT") or "C:/Windows")
        places += [windows / one for one in (WINDOWS_64, WINDOWS_32, WINDOWS_32_ALONE)]
    else:
        places.append(MACOS if system == "darwin" else LINUX)
    return places


def _programs(header: bytes) -> list[tuple[str, int]]:
    """The (processor, bits) a library is made for; several in a universal Mach-O, none when it is no library we know."""
    try:
        if header[:2] == b"MZ":
            return _pe(header)
        if header[:4] == b"\x7fELF":
            order = "<" if header[5] == 1 else ">"
            (machine,) = struct.unpack_from(f"{order}H", header, 18)
            return [(_ELF.get(machine, "?"), {1: 32, 2: 64}.get(header[4], 0))]
        if header[:4] in _MACH_THIN:
            return [_MACH.get(struct.unpack_from("<I", header, 4)[0], ("?", 0))]
        if header[:4] == _MACH_FAT:
            count = min(struct.unpack_from(">I", header, 4)[0], _MAX_FAT)
            # struct fat_arch (mach-o/fat.h): five 32-bit numbers, cputype first.
            return [_MACH.get(struct.unpack_from(">I", header, 8 + 20 * one)[0], ("?", 0)) for one in range(count)]
    except (struct.error, IndexError):
        pass  # shorter than its own header
    return []


def _pe(header: bytes) -> list[tuple[str, int]]:
    """The offset of the PE signature is at 0x3C, the machine just after it (Microsoft PE format §3)."""
    (at,) = struct.unpack_from("<I", header, 0x3C)
    if header[at : at + 4] != b"PE\0\0":
        return []
    return [_PE.get(struct.unpack_from("<H", header, at + 4)[0], ("?", 0))]
