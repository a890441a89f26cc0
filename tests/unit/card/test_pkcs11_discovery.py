from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.card.pkcs11 import Pkcs11CardOpener, find_modules, list_cards, module_to_use
from dmp_desktop.card.pkcs11.discovery import LINUX, MACOS, PROCESS_BITS, _programs, examine
from dmp_desktop.errors import CardError

OTHER_BITS = 96 - PROCESS_BITS


def pe(machine: int) -> bytes:
    return b"MZ" + bytes(0x3A) + struct.pack("<I", 0x80) + bytes(0x40) + b"PE\0\0" + struct.pack("<H", machine)


def elf(machine: int, bits: int) -> bytes:
    return b"\x7fELF" + bytes([bits // 32, 1, 1]) + bytes(9) + struct.pack("<HH", 3, machine) + bytes(44)


MACH_O = bytes.fromhex("CFFAEDFE 07000001") + bytes(24)
UNIVERSAL = bytes.fromhex("CAFEBABE 00000002") + b"".join(
    struct.pack(">5I", one, 0, 0, 0, 0) for one in (0x01000007, 0x0100000C)
)

here = pytest.mark.skipif(PROCESS_BITS != 64, reason="written for a 64-bit Python")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> str:
    """This process as an Intel one of 64 bits, whatever it is."""
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    return "x86_64"


@here
@pytest.mark.parametrize(
    ("header", "bits", "why"),
    [
        (pe(0x8664), 64, ""),
        (elf(62, 64), 64, ""),
        (MACH_O, 64, ""),
        (UNIVERSAL, 64, ""),
        (pe(0x014C), 32, "card.module_bits"),
        (elf(3, 32), 32, "card.module_bits"),
        (pe(0xAA64), 64, "card.module_bits"),  # the other processor: no size of pointer helps
        (elf(183, 64), 64, "card.module_bits"),
        (b"", 0, "card.module_broken"),
        (b"MZ", 0, "card.module_broken"),
        (b"\x7fELF\x02\x01", 0, "card.module_broken"),
        (b"not a library at all", 0, "card.module_broken"),
    ],
)
def test_what_a_header_says(machine: str, tmp_path: Path, header: bytes, bits: int, why: str) -> None:
    file = tmp_path / "module"
    file.write_bytes(header)
    found = examine(file)
    assert (found.path, found.bits, found.usable, found.why) == (file, bits, not why, why)


def test_this_very_python_is_loadable() -> None:
    assert examine(Path(sys.executable)).usable


def test_an_absent_module_and_a_folder(tmp_path: Path) -> None:
    assert examine(tmp_path / "absent").why == "card.module_missing"
    assert examine(tmp_path).why == "card.module_broken"


@given(st.binary(max_size=200), st.sampled_from([b"", b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe"]))
def test_no_bytes_break_the_reading_of_a_header(data: bytes, magic: bytes) -> None:
    _programs(magic + data)


@here
def test_the_places_of_windows(machine: str, tmp_path: Path) -> None:
    """A 64-bit process takes System32's; with the 32-bit one alone, it says which is wanted."""
    small = tmp_path / "SysWOW64" / "cps3_pkcs11_w32.dll"
    small.parent.mkdir()
    small.write_bytes(pe(0x014C))
    environment = {"WINDIR": str(tmp_path)}
    with pytest.raises(CardError) as caught:
        module_to_use(system="win32", environment=environment)
    assert caught.value.code == "card.module_bits"
    large = tmp_path / "System32" / "cps3_pkcs11_w64.dll"
    large.parent.mkdir()
    large.write_bytes(pe(0x8664))
    assert module_to_use(system="win32", environment=environment) == large
    assert [(one.path, one.why) for one in find_modules(system="win32", environment=environment)][:2] == [
        (large, ""),
        (small, "card.module_bits"),
    ]


@here
def test_the_choice_of_the_user_comes_first_and_a_bad_one_is_passed_over(machine: str, tmp_path: Path) -> None:
    chosen = tmp_path / "chosen.dll"
    chosen.write_bytes(pe(0x8664))
    assert module_to_use(chosen, system="win32", environment={"WINDIR": str(tmp_path)}) == chosen
    standard = tmp_path / "System32" / "cps3_pkcs11_w64.dll"
    standard.parent.mkdir()
    standard.write_bytes(pe(0x8664))
    chosen.unlink()
    found = find_modules(chosen, system="win32", environment={"WINDIR": str(tmp_path)})
    assert [one.why for one in found][:2] == ["card.module_missing", ""]
    assert module_to_use(chosen, system="win32", environment={"WINDIR": str(tmp_path)}) == standard


@pytest.mark.parametrize(("system", "place"), [("linux", LINUX), ("darwin", MACOS)])
def test_the_places_of_other_systems(system: str, place: Path) -> None:
    assert [one.path for one in find_modules(system=system, environment={})] == [place]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "module_missing"),
        (b"no library", "module_broken"),
        (elf(3, 32), "module_bits"),
        (elf(62, 64), "module_broken"),
    ],
)
def test_a_module_that_cannot_be_used_is_told_and_tried_again(tmp_path: Path, content: bytes | None, code: str) -> None:
    """Each time anew: the user may install it meanwhile. The last one has a header, and nothing behind it."""
    file = tmp_path / "module.so"
    if content is not None:
        file.write_bytes(content)
    for _ in range(2):
        with pytest.raises(CardError) as caught:
            list_cards(file)
        assert caught.value.code == f"card.{code}"
        assert caught.value.remedy_fr
    file.unlink(missing_ok=True)
    with pytest.raises(CardError) as caught:
        list_cards(file)
    assert caught.value.code == "card.module_missing"


def test_a_library_that_is_no_pkcs11_module() -> None:
    import _ctypes

    with pytest.raises(CardError) as caught:
        list_cards(Path(_ctypes.__file__))
    assert caught.value.code == "card.module_broken"


def test_nothing_is_looked_for_before_it_is_needed(tmp_path: Path) -> None:
    Pkcs11CardOpener(tmp_path / "absent")
    Pkcs11CardOpener()
