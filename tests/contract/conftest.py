"""What the tests of both wires of the DMP share; a module of one wire has fixtures of its own by these names. And a practice's
database, new for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmp_desktop.sandbox import Sandbox
from tests.helpers.postgres import Cluster
from tests.helpers.sandbox_client import Connection
from tests.helpers.seeded import seeded


@pytest.fixture(scope="module", params=["xds", "fhir"])
def protocol(request: pytest.FixtureRequest) -> str:
    """The same rules by either wire, each with a server of its own."""
    return str(request.param)


@pytest.fixture(scope="module")
def sandbox(protocol: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture(scope="module")
def doctor(protocol: str, sandbox: Sandbox) -> Iterator[Connection]:
    with Connection(sandbox, protocol=protocol) as connection:
        yield connection


@pytest.fixture(scope="module")
def secretary(protocol: str, sandbox: Sandbox) -> Iterator[Connection]:
    with Connection(sandbox, "secretary", protocol=protocol) as connection:
        yield connection


@pytest.fixture
def url(postgres: Cluster) -> str:
    return postgres.database()
