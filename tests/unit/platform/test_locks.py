"""Who is alive, told by locks the system drops."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dmp_desktop.platform.locks import FileLock, ProcessLiveness
from tests.helpers.clock import FakeClock, SeededEntropy

ROOT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.locks import ProcessLiveness
liveness = ProcessLiveness(Path(sys.argv[1]), SystemEntropy(), SystemClock())
print(liveness.owner, flush=True)
sys.stdin.read()
"""


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    one, two = FileLock(tmp_path / "a.lock"), FileLock(tmp_path / "a.lock")
    with one:
        assert not two.acquire(wait=False)
    assert two.acquire(wait=False)
    two.release()
    two.release()


def test_who_waited_for_a_lock_that_went_with_its_file_has_the_one_that_is_there(tmp_path: Path) -> None:
    """Else two would hold "the" lock: one of the file that is gone, one of the new file."""
    file = tmp_path / "a.lock"
    held, waiting, other = FileLock(file), FileLock(file), FileLock(file)
    held.acquire()
    with ThreadPoolExecutor(1) as threads:
        acquired = threads.submit(waiting.acquire)
        while not acquired.running():
            pass
        acquired_before = acquired.done()
        file.unlink()
        held.release()
        assert acquired.result(60)
    assert not acquired_before
    assert file.exists()
    assert not other.acquire(wait=False)
    waiting.release()


def test_a_killed_process_is_dead_at_once_and_a_living_one_is_not(tmp_path: Path) -> None:
    ours = ProcessLiveness(tmp_path, SeededEntropy(), FakeClock())
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        owner = child.stdout.readline().strip()
        assert not ours.is_dead(owner)
        child.kill()
        child.wait(120)
        assert ours.is_dead(owner)
    ours.close()


def test_oneself_and_the_unknown_are_not_dead(tmp_path: Path) -> None:
    ours = ProcessLiveness(tmp_path, SeededEntropy(), FakeClock())
    assert not ours.is_dead(ours.owner)
    assert not ours.is_dead("another-workstation")
    ours.close()


def test_lock_files_of_the_dead_are_swept_after_a_week(tmp_path: Path) -> None:
    clock = FakeClock()
    gone = ProcessLiveness(tmp_path, SeededEntropy(1), clock)
    alive = ProcessLiveness(tmp_path, SeededEntropy(2), clock)
    gone.close()
    for file in tmp_path.iterdir():
        os.utime(file, (clock.now().timestamp(),) * 2)
    clock.advance(6 * 24 * 3600)
    ProcessLiveness(tmp_path, SeededEntropy(3), clock).close()
    assert (tmp_path / f"{gone.owner}.lock").exists()
    clock.advance(2 * 24 * 3600)
    ProcessLiveness(tmp_path, SeededEntropy(4), clock).close()
    assert not (tmp_path / f"{gone.owner}.lock").exists()
    assert (tmp_path / f"{alive.owner}.lock").exists()
    alive.close()
