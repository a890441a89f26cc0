"""A document the DMP took reaches the folder of the practice software: profile, sending and next start on one workstation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.sandbox import Sandbox
from dmp_desktop.wiring import open_wiring
from tests.e2e.test_send import Run, Write, run, write
from tests.helpers.seeded import seeded

__all__ = ["run", "write"]  # fixtures
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as sandbox:
        yield sandbox


def test_what_the_dmp_took_is_given_once_at_the_next_start(run: Run, write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "import"
    folder.mkdir()
    before, _unique_id = write()
    assert run("send", before)[0] == 0
    asked = ("--folder", folder, "--formats", "cda,pdf,json", "--automatic", "on")
    assert run("exchange", "profile", "Logiciel", *asked)[0] == 0
    file, unique_id = write()
    assert run("send", file, "--visibility", "masque_ps")[0] == 0
    assert list(folder.iterdir()) == [], "a command keeps it for the window"
    for _start in range(2):
        with open_wiring() as wiring:
            wiring.outgoing.queue.look()
    assert sorted(one.suffix for one in folder.iterdir()) == [".json", ".pdf", ".xml"]
    assert next(folder.glob("*.xml")).read_bytes() == file.read_bytes()
    told = json.loads(next(folder.glob("*.json")).read_bytes())["document"]
    assert (told["unique_id"], told["visibility"]) == (unique_id, ["masque_ps"])
    for one in folder.iterdir():
        one.unlink()
    with open_wiring() as wiring:
        assert (wiring.outgoing.queue.look(), list(folder.iterdir())) == (0, [])
