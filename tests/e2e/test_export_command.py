"""`dmp export` on a workstation that sent: a doctor has their documents, who is not identified has states alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.sandbox import Sandbox
from tests.e2e.test_send import Run, Write, run, write
from tests.helpers.seeded import seeded

__all__ = ["run", "write"]  # fixtures
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as sandbox:
        yield sandbox


def test_what_was_sent_is_exported_to_its_author_alone(
    run: Run, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, unique_id = write()
    assert run("send", file)[0] == 0
    status, (told,) = run("export", tmp_path / "mine")
    assert (status, told["documents"], told["states"], told["drafts"]) == (0, 1, 1, 0)
    assert told["acts"] > 0
    assert (tmp_path / "mine" / "documents" / f"{unique_id}.xml").read_bytes() == file.read_bytes()
    assert run("export", tmp_path / "mine")[1][-1]["error"] == "export-not-empty"
    monkeypatch.delenv("DMP_DESKTOP_IDENTITY")
    status, (told,) = run("export", tmp_path / "nobody")
    assert (status, told["documents"], told["states"]) == (0, 0, 1)
    assert not (tmp_path / "nobody" / "documents").exists()
    exported = b"".join(one.read_bytes() for one in (tmp_path / "nobody").rglob("*") if one.is_file())
    assert b"TEST-" not in exported
