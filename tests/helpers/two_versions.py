"""Two versions of the program, packaged as PyInstaller does but for its freezing: a folder with both programs, the package and its
resources in `_internal`, started as processes of their own. The later one has one migration more in each file, which may fail.

As a program, FOLDER of the running version, then ARCHIVE VERSION STEP: goes to that version and dies (SIGKILL) at that step.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORMER, COMING = "90.1.0", "90.2.0"
MARK = "CREATE TABLE made_by_next_version (id INTEGER NOT NULL PRIMARY KEY);\n"
FAILS = "CREATE TABEL made_by_next_version (id INTEGER);\n"
_START = """#!{python}
import os, sys
here = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(here, "_internal"))
sys.frozen, sys.executable = True, os.path.join(here, "{name}")
{start}
"""
_STARTS = {
    "dmp-desktop": "from dmp_desktop.start import main\nsys.exit(main())",
    "dmp": "import dmp_desktop.__main__",
}


def make(folder: Path, version: str, key: bytes, *, migrates: bool = False, fails: bool = False) -> Path:
    """The program's folder. With `fails`, the second file's migration cannot be made, once the first one's has been."""
    inside = folder / "_internal"
    compiling = shutil.ignore_patterns("*.pyc.*")  # by other processes, at this moment
    shutil.copytree(ROOT / "dmp_desktop", inside / "dmp_desktop", copy_function=_link, ignore=compiling)
    shutil.copytree(ROOT / "resources", inside / "resources", copy_function=_link)
    _write(inside / "resources/release-keys.json", json.dumps({"keys": [key.hex()]}))
    told = inside / f"dmp_desktop-{version}.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: dmp-desktop\nVersion: {version}\n")
    for name, start in _STARTS.items():
        program = folder / name
        program.write_text(_START.format(python=sys.executable, name=name, start=start))
        program.chmod(0o755)
    if migrates:
        _append(inside / "dmp_desktop/storage/migrations.py", "    _PROPOSALS,\n)", MARK)
        _append(inside / "dmp_desktop/storage/outbox_file.py", "_IN_ITS_ROW)", FAILS if fails else MARK)
    return folder


def pack(folder: Path, archive: Path) -> Path:
    with tarfile.open(archive, "w") as content:
        content.add(folder, "dmp-desktop")
    return archive


def installed(program: Path, root: Path, version: str) -> Path:
    """As `dmp install` does it, without the time of a copy."""
    shutil.copytree(program, root / "versions" / version, copy_function=_link)
    (root / "current").symlink_to(Path("versions") / version)
    return root / "current/dmp"


def _append(file: Path, end: str, migration: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(end) == 1, file
    _write(
        file,
        text.replace(end, f"{end[:-1]}    {migration!r},\n)" if end.endswith("\n)") else f"{end[:-1]}, {migration!r})"),
    )


def _write(file: Path, text: str) -> None:
    """Anew: the one that is there may be the source's own."""
    file.unlink()
    file.write_text(text, "utf-8")


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def main(folder: Path, archive: Path, version: str, step: str) -> None:
    sys.path.insert(0, str(folder / "_internal"))
    sys.frozen, sys.executable = True, str(folder / "dmp")  # type: ignore[attr-defined]
    from dmp_desktop.wiring.updating import change_version

    def told(taken: str) -> None:
        if taken == step:
            os.kill(os.getpid(), signal.SIGKILL)

    change_version(os.environ, lambda _prompt: "", archive, version, told)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
