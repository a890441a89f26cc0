"""The server as a whole: what it keeps, what it survives, the failures a test may order, the command."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.model import Kind
from tests.helpers.clock import FakeClock
from tests.helpers.dmp_lot import Lot
from tests.helpers.dmp_wire import Caller

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def ordinary(ready: dict) -> str:  # type: ignore[type-arg]
    return next(p["ins"] for p in ready["patients"] if p["story"] == "ordinary")


@pytest.mark.slow
def test_same_moment_same_records(tmp_path: Path) -> None:
    def everything(folder: Path) -> list[tuple[str, str, bytes | None]]:
        sandbox = Sandbox(folder, clock=FakeClock(NOW))
        with sandbox:
            objects = sandbox.registry.objects(ordinary(sandbox.ready), Kind.ENTRY)
            return [(o.id, o.slot("hash"), sandbox.registry.document(o.unique_id)) for o in objects]

    assert everything(tmp_path / "a") == everything(tmp_path / "b")


def test_documents_are_of_the_past_and_some_are_recent(tmp_path: Path) -> None:
    with Sandbox(tmp_path, clock=FakeClock(NOW)) as sandbox:
        for story in sandbox.ready["patients"]:
            times = [o.slot("creationTime") for o in sandbox.registry.objects(story["ins"], Kind.ENTRY)]
            if times:
                assert max(times) <= NOW.strftime("%Y%m%d%H%M%S")
                assert max(times) >= (NOW - timedelta(days=7)).strftime("%Y%m%d%H%M%S")
                assert min(times) >= story["patient"]["birth_date"].replace("-", "")


@pytest.mark.slow
@pytest.mark.alone
def test_restart_takes_less_than_a_second(tmp_path: Path) -> None:
    """Best of three: other work on the machine only adds."""
    with Sandbox(tmp_path):
        pass
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        with Sandbox(tmp_path):
            taken.append(time.perf_counter() - started)
    assert min(taken) < 1.0


@pytest.mark.slow
def test_data_and_keys_are_kept(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as first, Caller(first.ready, "doctor") as caller:
        ins = ordinary(first.ready)
        lot = Lot(ins)
        assert lot.send(caller).errors == []
        authority = Path(first.ready["ca"]).read_bytes()
    with Sandbox(tmp_path) as second, Caller(second.ready, "doctor") as caller:
        assert Path(second.ready["ca"]).read_bytes() == authority
        assert list(caller.retrieve(ins, lot.unique_id).parts.values()) == [lot.content]
        assert len(list(caller.find(ins).body.iter("{*}ExtrinsicObject"))) == 62


def test_order_of_a_dropped_connection_before_and_after(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox, Caller(sandbox.ready, "doctor") as caller:
        ins = ordinary(sandbox.ready)
        before, after = Lot(ins), Lot(ins)
        sandbox.faults.drop_before_commit = 1
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            before.send(caller)
        assert sandbox.registry.count(before.unique_id) == 0
        caller.close()
        sandbox.faults.drop_after_commit = 1
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            after.send(caller)
        assert sandbox.registry.count(after.unique_id) == 1
        caller.close()
        assert before.send(caller).errors == []
        assert after.send(caller).errors[0][0] == "XDSDuplicateUniqueIdInRegistry"


@pytest.mark.slow
def test_other_orders(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox, Caller(sandbox.ready, "doctor") as caller:
        ins = ordinary(sandbox.ready)
        sandbox.faults.unavailable = 1
        assert caller.existence(ins).status == 503
        assert caller.existence(ins).status == 200
        sandbox.faults.delay_seconds = 0.3
        started = time.perf_counter()
        assert caller.existence(ins).status == 200
        assert time.perf_counter() - started >= 0.3
        sandbox.faults.delay_seconds = 0
        sandbox.faults.drop_answer = 1
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            caller.existence(ins)


def test_busy_port_and_bad_folder_are_told(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "a") as first:
        port = int(first.url.split(":")[2].split("/")[0])
        with pytest.raises(StorageError, match="bac à sable"):
            Sandbox(tmp_path / "b", port)
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError):
        Sandbox(tmp_path / "file")


def _command(tmp_path: Path) -> tuple[subprocess.Popen[bytes], dict]:  # type: ignore[type-arg]
    ready_file = tmp_path / "ready.json"
    ready_file.unlink(missing_ok=True)
    arguments = ["sandbox", "--data", str(tmp_path / "data"), "--ready-file", str(ready_file)]
    process = subprocess.Popen([sys.executable, "-m", "dmp_desktop", *arguments], stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.readline().decode()
    assert said.startswith("Bac à sable prêt"), said
    return process, json.loads(ready_file.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_command_serves_and_what_it_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    process, ready = _command(tmp_path)
    ins = ordinary(ready)
    with Caller(ready, "doctor") as caller:
        lots = [Lot(ins) for _ in range(3)]
        for lot in lots:
            assert lot.send(caller).errors == []
        process.kill()
        process.communicate()
    process, ready = _command(tmp_path)
    try:
        with Caller(ready, "doctor") as caller:
            answer = caller.retrieve(ins, *(lot.unique_id for lot in lots))
            assert list(answer.parts.values()) == [lot.content for lot in lots]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=300)
    assert process.returncode == 0


@pytest.mark.slow
def test_many_at_once(tmp_path: Path) -> None:
    """Eight connections submit and read together: each lot is there once, no answer is lost."""
    with Sandbox(tmp_path) as sandbox:
        ins = ordinary(sandbox.ready)

        def work(_: int) -> list[Lot]:
            with Caller(sandbox.ready, "doctor") as caller:
                lots = [Lot(ins) for _ in range(4)]
                for lot in lots:
                    assert lot.send(caller).errors == []
                    assert caller.find(ins, return_type="ObjectRef").status == 200
                return lots

        with ThreadPoolExecutor(8) as pool:
            lots = [lot for found in pool.map(work, range(8)) for lot in found]
        assert all(sandbox.registry.count(lot.unique_id) == 1 for lot in lots)
        assert len(lots) == 32
