"""What tells who is gone must keep, among the processes of a workstation and among the workstations of a clinic."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.clinic_liveness import WorkstationLiveness
from tests.helpers import liveness as helper
from tests.helpers.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["workstation", "clinic"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path) if request.param == "workstation" else request.getfixturevalue("postgres").database()


@contextmanager
def another(where: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "tests.helpers.liveness", where]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        try:
            assert child.stdout is not None
            yield child, child.stdout.readline().strip()
        finally:
            child.kill()


def comes_true(ours: helper.ProcessLiveness | WorkstationLiveness, owner: str, seconds: float = 60.0) -> bool:
    """The server hears of a dead client by its kernel, a moment later."""
    pause = threading.Event()
    return any(ours.is_dead(owner) or pause.wait(0.02) for _ in range(int(seconds / 0.02)))


def test_a_killed_process_is_dead_and_a_living_one_is_not(where: str) -> None:
    ours = helper.make(where)
    with another(where) as (child, owner):
        assert owner
        assert not ours.is_dead(owner)
        child.kill()
        child.wait(120)
        assert comes_true(ours, owner)
    ours.close()


def test_one_that_closed_is_dead(where: str) -> None:
    ours, other = helper.make(where), helper.make(where)
    owner = other.owner
    assert not ours.is_dead(owner)
    other.close()
    assert comes_true(ours, owner)
    ours.close()


def test_oneself_is_not_dead_and_no_name_comes_twice(where: str) -> None:
    ours, other = helper.make(where), helper.make(where)
    assert ours.owner == ours.owner != other.owner
    assert not ours.is_dead(ours.owner)
    ours.close()
    other.close()


@pytest.fixture
def two(postgres: Cluster) -> Iterator[tuple[WorkstationLiveness, WorkstationLiveness]]:
    where = postgres.database()
    ours, other = helper.make(where), helper.make(where)
    assert isinstance(ours, WorkstationLiveness)
    assert isinstance(other, WorkstationLiveness)
    yield ours, other
    ours.close()
    other.close()


def test_after_a_cut_the_lock_is_held_again_before_the_name_is_told(
    two: tuple[WorkstationLiveness, WorkstationLiveness], postgres: Cluster
) -> None:
    ours, other = two
    before = other.owner
    postgres.stop()
    postgres.start()
    assert ours.is_dead(before)
    assert other.owner == before
    assert not ours.is_dead(before)


def test_without_the_server_nobody_is_told_dead_or_alive(
    two: tuple[WorkstationLiveness, WorkstationLiveness], postgres: Cluster
) -> None:
    ours, other = two
    before = other.owner
    postgres.stop()
    try:
        for asked in (lambda: ours.is_dead(before), lambda: ours.owner):
            with pytest.raises(StorageError) as caught:
                asked()
            assert caught.value.code == "clinic-unreachable"
    finally:
        postgres.start()


def test_the_server_notices_a_power_cut_within_20_seconds(
    two: tuple[WorkstationLiveness, WorkstationLiveness], postgres: Cluster
) -> None:
    settings = {}
    for name in ("idle", "interval", "count"):
        settings[name] = int(two[0]._ask(f"SELECT setting FROM pg_settings WHERE name = 'tcp_keepalives_{name}'"))
    assert settings["idle"] + settings["interval"] * settings["count"] <= 20
