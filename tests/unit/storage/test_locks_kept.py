"""Who looks at a live file takes no lock from who writes: closing any other descriptor of it would drop all locks of the process
(POSIX), and another process that ends would take away the log that is written to.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from dmp_desktop.storage.outbox_file import OutboxFile

ROOT = Path(__file__).resolve().parents[3]


def test_looking_at_a_live_file_leaves_the_log_of_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    other = (
        f"import sqlite3; c = sqlite3.connect({str(path)!r}); c.execute('SELECT * FROM looked').fetchall(); c.close()"
    )
    with OutboxFile.of(path) as file:
        with file.write() as connection:
            connection.exec_driver_sql("CREATE TABLE looked (x)")
        OutboxFile.as_is(path).close()
        subprocess.run([sys.executable, "-c", other], check=True)
        with file.write() as connection:
            connection.exec_driver_sql("INSERT INTO looked VALUES (1)")
        assert path.with_name("a.db-wal").exists(), "the log that is written to was taken away"


WATCHED = """
import json, os, sys
from pathlib import Path
home = os.environ["DMP_DESKTOP_HOME"]
live = {f"{home}/{name}{end}" for name in ("dmp-desktop.db", "boite-envoi.db") for end in ("", "-wal", "-shm")}
opened = []
sys.addaudithook(lambda event, given: event == "open" and os.fspath(given[0]) in live and opened.append(given[0])
                 if event == "open" and isinstance(given[0], (str, os.PathLike)) else None)
from dmp_desktop.card import open_real
from dmp_desktop.wiring import open_wiring
with open_wiring() as wiring:
    told = []
    checks = ["storage.database", "outbox.waiting", "storage.disk", "storage.keystore"]
    wiring.diagnostics(open_real()).run(told.append, checks)
print(json.dumps({"opened": opened, "told": len(told)}))
"""


def test_no_part_of_the_program_opens_a_live_file_but_by_sqlite(tmp_path: Path) -> None:
    """Start, diagnosis and end, with what Python opens by itself watched (SQLite opens outside of it)."""
    (tmp_path / "secrets.json").write_text(json.dumps({"storage": "une phrase de passe"}))
    environment = {
        "PYTHONPATH": str(ROOT),
        "DMP_DESKTOP_HOME": str(tmp_path / "home"),
        "DMP_DESKTOP_SERVER": "https://localhost:1",
        "DMP_DESKTOP_SECRETS": str(tmp_path / "secrets.json"),
    }
    done = subprocess.run(
        [sys.executable, "-c", WATCHED], capture_output=True, text=True, env=environment, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"opened": [], "told": 4}
