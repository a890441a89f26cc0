"""A line that is cut while a workstation connects to its clinic: whatever the byte, nobody was refused and nothing disproved."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator

import psycopg
import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_errors import connection_error
from tests.helpers.cutting_line import NEVER, CuttingLine
from tests.helpers.postgres import PASSWORD, Cluster


@pytest.fixture
def line(postgres: Cluster) -> Iterator[CuttingLine]:
    line = CuttingLine(postgres.port, random.Random(0))
    yield line
    line.close()


@pytest.fixture
def address(postgres: Cluster, line: CuttingLine) -> ClinicAddress:
    url = postgres.database().replace(f":{postgres.port}/", f":{line.port}/")
    return ClinicAddress.parse(f"{url}?ca={postgres.ca}")


def test_a_cut_line_is_an_unreachable_server(address: ClinicAddress, line: CuttingLine) -> None:
    address.connect(PASSWORD).close()
    told = set()
    for count in (0, 1, 5, 8, 60, 200, 400, 520, 600, 650, 700, 760, 820, 900, 1000, 1200, 1500, 2000):
        for line.cut_after in ((count, NEVER), (NEVER, count)):
            try:
                address.connect(PASSWORD).close()
            except StorageError as error:
                told.add(error.code)
    assert told == {"clinic-unreachable"}


@pytest.mark.parametrize(
    ("state", "told"),
    [(b"28P01", "clinic-refused"), (b"57P03", "clinic-unreachable"), (b"53300", "clinic-unreachable")],
)
def test_whether_a_server_receives_is_asked_while_other_threads_run(state: bytes, told: str) -> None:
    """The one that answers is a thread of this process: it is heard only if who asks lets it run."""
    fields = b"SFATAL\0VFATAL\0C" + state + b"\0Mtest\0\0"

    def answer() -> None:
        line, _peer = listener.accept()
        with line:
            line.recv(1024)
            line.sendall(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        thread = threading.Thread(target=answer)
        thread.start()
        error = connection_error(psycopg.OperationalError("FATAL: test"), *listener.getsockname())
        thread.join()
    assert error.code == told
