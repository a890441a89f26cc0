"""By the Python of Windows: `python.exe inside.py imports` or `python.exe inside.py pytest …`. Exit status 0 when all is well."""

import importlib
import json
import pkgutil
import runpy
import sys
from pathlib import Path


def imports() -> int:
    """Load every module of the program; those that fail are told as one line of JSON."""
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


def tests() -> int:
    sys.path.append(str(Path(sys.executable).with_name("site-tests")))
    runpy.run_module("pytest", run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    job = sys.argv.pop(1)
    sys.exit(imports() if job == "imports" else tests())
