"""Shows hostile documents in a process of its own: what came of each, how long, how much memory. One JSON line a document.

`python -m tests.hostile.probe NAME…`. Everything the reader may load is loaded by harmless documents first, so that between the two
marks written to standard error nothing needs a file: whoever traces this process can tell what a document made it do.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path

from dmp_desktop.cda.read import text_from_cda
from dmp_desktop.cda.render import Palette, render
from dmp_desktop.errors import CdaError
from tests.hostile.corpus import CASES, file, jpeg, media, section
from tests.hostile.pdfs import one_page

_LONG = 500_000
LEAK = "leak"
"""Not of the corpus: opens a file and a socket, to prove that it is seen."""


def begin(name: str) -> bytes:
    return f"=BEGIN {name}=".encode()


def end(name: str) -> bytes:
    return f"=END {name}=".encode()


def main(names: list[str]) -> None:
    plain = section("é")
    damaged = (
        plain[:-9],
        plain.replace("é".encode(), b"\xe9"),
        plain.decode().encode("utf-16-le"),
        plain.decode().encode("utf-16"),
    )
    files = (file("text/rtf", b"{\\rtf1 a}"), media("image/jpeg", "/9j/"), file("image/jpeg", jpeg(1, 1)))
    for harmless in (plain, *damaged, *files):
        render(harmless, palette=Palette())
    text_from_cda(file("application/pdf", one_page(b"")))
    for name in names:
        report = _leak() if name == LEAK else _report(name)
        print(json.dumps(report), flush=True)


def _report(name: str) -> dict[str, object]:
    content = CASES[name].make()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew (proc(5))
    before = _memory("VmRSS")
    os.write(2, begin(name))
    started = time.process_time()
    shown = _shown(content)
    seconds = time.process_time() - started
    os.write(2, end(name))
    memory = _memory("VmHWM") - before
    waited = time.monotonic()
    text_error = _text_error(content)
    text_seconds = time.monotonic() - waited
    times = {"seconds": seconds, "text_seconds": text_seconds, "memory": memory}
    return {"name": name, "bytes": len(content), "text_error": text_error, **times, **shown}


def _shown(content: bytes) -> dict[str, object]:
    try:
        rendered = render(content, palette=Palette())
        html = rendered.html
    except CdaError as error:
        return {"refused": error.code, "message": error.message_fr, "remedy": error.remedy_fr}
    return {"refused": "", "html": _ends(html), "notices": rendered.notices}


def _ends(html: str) -> str:
    """A long page without its middle, cut between tags."""
    if len(html) <= _LONG:
        return html
    return html[:_LONG].rpartition("<")[0] + "<" + html[-_LONG // 100 :].partition("<")[2]


def _memory(field: str) -> int:
    """Bytes."""
    found = re.search(rf"{field}:\s*(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def _text_error(content: bytes) -> str:
    try:
        text_from_cda(content)
    except CdaError as error:
        return error.code
    return ""


def _leak() -> dict[str, object]:
    import socket

    os.write(2, begin(LEAK))
    Path("/etc/passwd").read_bytes()
    with socket.socket() as leak:
        leak.connect_ex(("127.0.0.1", 9))
    os.write(2, end(LEAK))
    return {"name": LEAK}


if __name__ == "__main__":
    main(sys.argv[1:])
