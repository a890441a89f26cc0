"""What a lower priority of background threads does to our own window, and to another program (ADR 36).

Programs keep all processors busy, as a practice software that computes would. Beside them, a process like ours: a window's
thread that wakes each 5 ms for a little work, and a worker that computes without end, at each priority in turn. Both share the
interpreter: a worker that is put back while it holds it keeps the window waiting. A third program tells what is left to others.

Linux only: Windows' priorities are strict, and can only be worse for the window.
"""

from __future__ import annotations

import os
import subprocess
import sys

SECONDS = 5
NICE = (0, 5, 10)

BUSY = "while True: pass"
COUNTING = f"""
import time
end, done = time.monotonic() + {SECONDS}, 0
while time.monotonic() < end:
    sum(i * i for i in range(2000))
    done += 1
print(done)
"""
OURS = f"""
import os, sys, threading, time
from dmp_desktop.opening import SWITCH_S
sys.setswitchinterval(SWITCH_S)
def work():
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), int(sys.argv[1]))
    while True:
        sum(i * i for i in range(2000))
threading.Thread(target=work, daemon=True).start()
late, end = [], time.monotonic() + {SECONDS}
while time.monotonic() < end:
    wanted = time.monotonic() + 0.005
    time.sleep(0.005)
    sum(i * i for i in range(2000))
    late.append(1000 * (time.monotonic() - wanted))
late.sort()
print(late[len(late) // 2], late[int(len(late) * 0.99)], late[-1])
"""


def main() -> int:
    if not hasattr(os, "setpriority"):
        print("  Linux only")
        return 0
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(os.cpu_count() or 1)]
    try:
        for nice in NICE:
            ours = subprocess.Popen([sys.executable, "-c", OURS, str(nice)], stdout=subprocess.PIPE, text=True)
            other = subprocess.run([sys.executable, "-c", COUNTING], capture_output=True, text=True, check=True)
            said, _ = ours.communicate(timeout=60)
            half, rare, worst = map(float, said.split())
            print(
                f"  worker at nice {nice:2}: window late by {half:5.1f} ms (median), {rare:6.1f} (99 %), {worst:6.1f} (worst);"
                f" another program did {int(other.stdout) / SECONDS:5.0f} pieces of work a second"
            )
    finally:
        for one in busy:
            one.kill()
            one.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
