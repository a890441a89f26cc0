"""What wine can show of the program of Windows before it is frozen: every module loads, chosen unit tests pass."""

from __future__ import annotations

import json
from pathlib import Path

from installer.windows.fetch import BuildError
from installer.windows.wine import Wine, windows_path

INSIDE = Path(__file__).with_name("inside.py")
CHOSEN = ("platform", "exchange", "storage")
"""Folders of `tests/unit` that are played under wine: files, locks, keys, databases, what the practice software writes."""
OF_POSIX = (
    "test_keystore.py::test_the_file_is_closed_to_others_and_holds_nothing_in_clear",  # modes; NTFS has the profile's list
    "test_keystore.py::test_killed_at_any_step_one_of_the_two_passphrases_opens_everything",  # fork
    "test_paths.py::test_xdg_place_else_the_usual_one",
    "test_paths.py::test_folders_are_closed_to_others_even_when_they_were_open",  # modes
    "test_database.py::test_it_is_durable_and_safe_by_its_settings",  # modes
    "test_outbox_file.py::test_it_is_durable_and_for_its_user_alone",  # modes
    "test_locks_kept.py::test_no_part_of_the_program_opens_a_live_file_but_by_sqlite",  # started without a profile
)
"""Not played there, with the reason: what they prove is of POSIX alone."""
_LIMIT_S = 600


def modules(wine: Wine, python: Path) -> str:
    """Returns how many. Raises BuildError with those that do not load under Windows' Python."""
    ended = wine.run(python / "python.exe", windows_path(INSIDE), "imports", limit=_LIMIT_S)
    try:
        told = json.loads(ended.output.strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise BuildError(f"Les modules ne se chargent pas ({ended.status}) :\n{ended.output[-2000:]}") from None
    if told["failed"]:
        raise BuildError(
            "Modules qui ne se chargent pas :\n" + "\n".join(f"{k} : {v}" for k, v in told["failed"].items())
        )
    return f"{told['modules']} modules chargés"


def unit_tests(wine: Wine, python: Path, root: Path) -> str:
    """Returns pytest's last line. Raises BuildError with what failed."""
    folders = [windows_path(root / "tests" / "unit" / name) for name in CHOSEN]
    left_out = [part for one in OF_POSIX for part in ("--deselect", _node(root, one))]
    ended = wine.run(
        python / "python.exe", windows_path(INSIDE), "pytest", "-q", "-p", "no:cacheprovider", "--tb=short",
        "-m", "not slow and not alone", "-W", "ignore::pytest.PytestUnraisableExceptionWarning",
        "--rootdir", windows_path(root), "-c", windows_path(root / "pyproject.toml"), *left_out, *folders, limit=_LIMIT_S,
    )  # fmt: skip
    if ended.status:
        raise BuildError(f"Des tests échouent sous Windows :\n{ended.output[-6000:]}")
    return ended.output.strip().splitlines()[-1]


def _node(root: Path, name: str) -> str:
    (file,) = (root / "tests" / "unit").rglob(name.partition("::")[0])
    return f"{file.relative_to(root).as_posix()}::{name.partition('::')[2]}"
