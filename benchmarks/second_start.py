"""How long a second start takes to hand a context to the window that is open: the whole process, from its start to its end.

The limit is that of issue G. Beside it a start of Python that does nothing, which is most of it. The best of the runs: the rest
is the machine's.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.startup import _environment
from tests.helpers.contexts import context

RUNS = 10
LIMIT_MS = 200
PATIENCE_S = 60.0
"""Until what has not come is given up."""
WINDOW = """
import sys
from dmp_desktop import opening
from dmp_desktop.start import main
class Told(opening.Start):
    def begin(self):
        super().begin()
        self.window.ready.connect(lambda: print("ready", flush=True))
opening.Start = Told
sys.exit(main(["dmp-desktop"]))
"""
SECOND = "import sys; from dmp_desktop.start import main; sys.exit(main(['dmp-desktop', *sys.argv[1:]]))"


def main() -> None:
    """Raises TimeoutError when the window does not come, subprocess.TimeoutExpired when a second start does not end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = _environment(folder)
        given = folder / "contexte.json"
        given.write_text(json.dumps(context()), encoding="utf-8")
        window = subprocess.Popen([sys.executable, "-c", WINDOW], env=environment, stdout=subprocess.PIPE)
        late = threading.Timer(PATIENCE_S, window.kill)
        late.start()
        try:
            assert window.stdout is not None
            if not window.stdout.readline():
                raise TimeoutError("the window did not come")
            late.cancel()
            bare = min(_timed(["-c", "pass"], environment) for _run in range(RUNS))
            shown = min(_timed(["-c", SECOND], environment) for _run in range(RUNS))
            handed = min(_timed(["-c", SECOND, "--context", str(given)], environment) for _run in range(RUNS))
        finally:
            late.cancel()
            window.kill()
            window.wait()
    print(f"a second start, whole process, the best of {RUNS}")
    print(f"  Python alone       {bare:5.0f} ms")
    print(f"  window forward     {shown:5.0f} ms")
    print(f"  context on the disk {handed:4.0f} ms   limit {LIMIT_MS} ms")


def _timed(arguments: list[str], environment: dict[str, str]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], env=environment, check=True, timeout=PATIENCE_S)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
