"""By the Python of Windows: `python.exe inside.py imports`, `libraries` or `tests`. Exit status 0 when all is well."""

import ctypes
import importlib
import json
import os
import pkgutil
import runpy
import shutil
import sys
import tempfile
from pathlib import Path

UNIT = Path(__file__).resolve().parents[2] / "tests" / "unit"
CHOSEN = ("platform", "exchange", "storage")
"""Of `tests/unit`: files, locks, keys, databases, what the practice software writes."""
OF_POSIX = (
    "platform/test_keystore.py::test_the_file_is_closed_to_others_and_holds_nothing_in_clear",  # modes; here the profile's list
    "platform/test_keystore.py::test_killed_at_any_step_one_of_the_two_passphrases_opens_everything",  # fork
    "platform/test_paths.py::test_xdg_place_else_the_usual_one",
    "platform/test_paths.py::test_folders_are_closed_to_others_even_when_they_were_open",  # modes
    "platform/test_locks.py::test_who_waited_for_a_lock_that_went_with_its_file_has_the_one_that_is_there",  # open files stay
    "storage/test_database.py::test_it_is_durable_and_safe_by_its_settings",  # modes
    "storage/test_outbox_file.py::test_it_is_durable_and_for_its_user_alone",  # modes
    "storage/test_locks_kept.py::test_no_part_of_the_program_opens_a_live_file_but_by_sqlite",  # started without a profile
)
"""Not played here: what they prove is of POSIX alone."""


def imports() -> int:
    """Load every module of the program; those that fail are told as one line of JSON."""
    sys.path.append(str(UNIT.parents[1]))
    import dmp_desktop

    names = [one.name for one in pkgutil.walk_packages(dmp_desktop.__path__, "dmp_desktop.")]
    failed = {}
    for name in names:
        if not name.endswith("__main__"):  # which runs the program
            try:
                importlib.import_module(name)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                failed[name] = repr(error)
    sys.stdout.write(json.dumps({"modules": len(names), "failed": failed}) + "\n")
    return 1 if failed else 0


def libraries() -> int:
    """Where a library is loaded from by its name alone, and by its path, before and after the program's first act; one line of
    JSON. Only what is named by its path may be loaded after."""
    sys.path.append(str(UNIT.parents[1]))
    from dmp_desktop.start import keep_our_libraries_ours

    some = Path(sys.base_prefix) / "sqlite3.dll"
    some = some if some.exists() else Path(sys.base_prefix) / "DLLs" / "sqlite3.dll"
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as here,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as path,
    ):
        os.chdir(here)
        os.environ["PATH"] += os.pathsep + path
        told = {"before": _loaded("before", some, Path(here), Path(path))}
        keep_our_libraries_ours()
        told["after"] = _loaded("after", some, Path(here), Path(path))
        os.chdir(sys.base_prefix)
    sys.stdout.write(json.dumps(told) + "\n")
    return 0 if told == {"before": ["here", "path", "whole"], "after": ["whole"]} else 1


def _loaded(when: str, some: Path, here: Path, path: Path) -> list[str]:
    """Each under a name of its own: a library that is loaded already is found again by its name."""
    found = []
    for place, folder in (("here", here), ("path", path), ("whole", here)):
        file = folder / f"{when}-{place}.dll"
        shutil.copy(some, file)
        try:
            ctypes.CDLL(
                str(file) if place == "whole" else file.name, winmode=0
            )  # as LoadLibrary, which modules of cards are
        except OSError:
            continue
        found.append(place)
    return found


def tests() -> int:
    """pytest on CHOSEN. Python 3.13 warns of connections that some tests leave to the garbage collector."""
    root = UNIT.parents[1]
    sys.path.append(str(Path(sys.executable).with_name("site-tests")))
    chosen = [str(UNIT / name) for name in CHOSEN]
    left_out = [part for one in OF_POSIX for part in ("--deselect", f"tests/unit/{one}")]
    options = ["-q", "-p", "no:cacheprovider", "--tb=short", "-m", "not slow and not alone"]
    sys.argv[1:] = [
        *options, "-W", "ignore::pytest.PytestUnraisableExceptionWarning",
        "--rootdir", str(root), "-c", str(root / "pyproject.toml"), *left_out, *chosen,
    ]  # fmt: skip
    runpy.run_module("pytest", run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit({"imports": imports, "libraries": libraries, "tests": tests}[sys.argv[1]]())
