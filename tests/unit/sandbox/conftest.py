"""One sandbox for the tests that do not disturb each other, and its callers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmp_desktop.sandbox import Sandbox
from tests.helpers.dmp_wire import Caller
from tests.helpers.seeded import seeded


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture(scope="session")
def patients(sandbox: Sandbox) -> dict[str, str]:
    """INS by story."""
    return {patient["story"]: patient["ins"] for patient in sandbox.ready["patients"]}


@pytest.fixture
def doctor(sandbox: Sandbox) -> Iterator[Caller]:
    with Caller(sandbox.ready, "doctor") as caller:
        yield caller


@pytest.fixture
def secretary(sandbox: Sandbox) -> Iterator[Caller]:
    with Caller(sandbox.ready, "secretary") as caller:
        yield caller


@pytest.fixture
def structure(sandbox: Sandbox) -> Iterator[Caller]:
    with Caller(sandbox.ready, "structure") as caller:
        yield caller
