"""A line that is cut while a workstation connects to its clinic: whatever the byte, nobody was refused and nothing disproved."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.clinic_address import ClinicAddress
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
