"""A document to what the user named: a file, a link, a fifo, a device. Never run against the real /dev."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dmp_desktop.commands.sandbox import _tell
from dmp_desktop.dmp.large_retrieval import put_into
from dmp_desktop.dmp.parts import SMALL, Keep, Part, Receiving
from dmp_desktop.errors import StorageError
from tests.helpers.clock import SeededEntropy

pytestmark = pytest.mark.skipif(os.name != "posix", reason="fifos and links of POSIX")

SMALL_ONE, LARGE_ONE = b"<ClinicalDocument/>", b"x" * (2 * SMALL)


def received(content: bytes) -> Callable[[Keep], Part]:
    def receive(keep: Keep) -> Part:
        receiving = Receiving({}, "root", keep)
        receiving.take(memoryview(content))
        return receiving.whole()

    return receive


def put(content: bytes, file: Path) -> None:
    put_into(file, SeededEntropy(1), received(content))


def given(write: Callable[[], None], fifo: Path) -> bytes:
    """What the reader of a fifo gets; nothing where nobody wrote to it."""
    with tempfile.TemporaryFile() as read:
        with subprocess.Popen(["cat", str(fifo)], stdout=read) as reader:
            try:
                write()
                reader.wait(120)
            except subprocess.TimeoutExpired:
                pass
            finally:
                reader.kill()
        read.seek(0)
        return read.read()


@pytest.mark.parametrize("content", [SMALL_ONE, LARGE_ONE])
def test_a_fifo_is_written_to_and_stays(content: bytes, tmp_path: Path) -> None:
    fifo, link = tmp_path / "fifo", tmp_path / "link"
    os.mkfifo(fifo)
    link.symlink_to(fifo)
    for named in (fifo, link):
        assert given(lambda named=named: put(content, named), fifo) == content
    assert (fifo.is_fifo(), link.is_symlink()) == (True, True)
    assert sorted(tmp_path.iterdir()) == [fifo, link]


@pytest.mark.parametrize("content", [SMALL_ONE, LARGE_ONE])
@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_what_it_points_at_is_replaced(content: bytes, there: bool, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "document.xml", tmp_path / "link"
    link.symlink_to(target)
    if there:
        target.write_bytes(b"former")
    put(content, link)
    assert (link.is_symlink(), link.readlink(), target.read_bytes()) == (True, target, content)
    assert (target.stat().st_mode & 0o777, list(target.parent.iterdir())) == (0o600, [target])


CHILD = """
from pathlib import Path
from tests.unit.dmp.test_named_file import put
import sys
put(b"document", Path(sys.argv[1]))
"""


@pytest.mark.slow
def test_what_our_output_goes_to_is_added_to(tmp_path: Path) -> None:
    """As `-o /dev/stdout >> all`, without the link of the machine."""
    output, gathered = tmp_path / "stdout", tmp_path / "all"
    output.symlink_to("/proc/self/fd/1")
    gathered.write_bytes(b"before ")
    with gathered.open("ab") as to:
        subprocess.run([sys.executable, "-c", CHILD, str(output)], stdout=to, check=True, timeout=300)
    assert (gathered.read_bytes(), output.is_symlink()) == (b"before document", True)
    piped = subprocess.run([sys.executable, "-c", CHILD, str(output)], capture_output=True, check=True, timeout=300)
    assert (piped.stdout, output.is_symlink()) == (b"document", True)


def test_a_folder_or_links_in_a_ring_are_refused(tmp_path: Path) -> None:
    ring = tmp_path / "ring"
    ring.symlink_to(ring)
    for place in (tmp_path, ring):
        with pytest.raises(StorageError, match="write-failed"):
            put(SMALL_ONE, place)


def test_the_ready_file_of_the_stand_in_too(tmp_path: Path) -> None:
    target, link = tmp_path / "ready.json", tmp_path / "link"
    link.symlink_to(target)
    _tell(link, "{}")
    assert (link.is_symlink(), target.read_text()) == (True, "{}")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert given(lambda: _tell(fifo, "{}"), fifo) == b"{}"
    assert fifo.is_fifo()
