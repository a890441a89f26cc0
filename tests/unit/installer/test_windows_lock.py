"""What of the lock goes into the Windows program."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from installer.windows.inside import OF_POSIX, UNIT
from installer.windows.lock import FREEZER, RUNTIME, needed_on_windows, read_lock

ROOT = Path(__file__).resolve().parents[3]

LOCK = """alpha==1.0 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
    # via dmp-desktop (pyproject.toml)
beta==2.0 ; sys_platform == 'win32' \\
    --hash=sha256:{a}
    # via
    #   alpha
    #   gamma
gamma==3.0 ; sys_platform == 'linux' \\
    --hash=sha256:{a}
    # via alpha
delta==4.0 ; python_full_version < '3.12' \\
    --hash=sha256:{a}
    # via alpha
epsilon==5.0 \\
    --hash=sha256:{a}
    # via beta
zeta==6.0 \\
    --hash=sha256:{a}
    # via dmp-desktop (pyproject.toml:dev)
""".format(a="a" * 64, b="b" * 64)


def test_markers_are_those_of_windows_and_what_others_want_comes_with_them(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(LOCK)
    chosen = needed_on_windows(read_lock(tmp_path / "lock"), RUNTIME)
    assert [one.name for one in chosen] == ["alpha", "beta", "epsilon"]
    assert chosen[0].line == f"alpha==1.0 \\\n    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'b' * 64}"
    assert "sys_platform" not in chosen[1].line


def test_a_line_that_is_not_understood_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("-e .\n")
    with pytest.raises(ValueError, match="-e"):
        read_lock(tmp_path / "lock")


def test_all_that_the_program_asks_for_is_chosen_and_no_tool() -> None:
    lock = read_lock(ROOT / "requirements.lock")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    names = {one.name for one in needed_on_windows(lock, RUNTIME)}
    wanted = {canonicalize_name(Requirement(line).name) for line in project["project"]["dependencies"]}
    assert wanted - names == set()
    assert {
        "pywin32-ctypes",
        "psycopg-binary",
        "tzdata",
        "shiboken6",
    } <= names  # by way of others, some on Windows alone
    assert not names & {"jeepney", "secretstorage", "pytest", "pyinstaller", "macholib", "importlib-metadata"}
    assert "pefile" in {one.name for one in needed_on_windows(lock, FREEZER)}
    assert all(one.hashes for one in lock)


def test_the_tests_left_out_under_windows_exist() -> None:
    """One that is renamed would be played there, and fail."""
    for one in OF_POSIX:
        file, _, name = one.partition("::")
        assert f"def {name}(" in (UNIT / file).read_text("utf-8"), one
