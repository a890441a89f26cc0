"""`dmp dossier list` against the stand-in server: criteria restrict, folding loses nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.cli import main
from dmp_desktop.sandbox import Sandbox
from tests.helpers.seeded import seeded

List = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[List]:
    with Sandbox(seeded(tmp_path / "sandbox")) as sandbox:
        ready = sandbox.ready
        doctor = ready["identities"]["doctor"]
        secrets = tmp_path / "secrets.json"
        secrets.write_text(json.dumps({"p12": doctor["password"], "storage": "phrase"}))
        for name, value in (
            ("HOME", tmp_path / "home"),
            ("SERVER", ready["url"]),
            ("CA", ready["ca"]),
            ("IDENTITY", f"p12:{doctor['p12']}"),
            ("SECRETS", secrets),
        ):
            monkeypatch.setenv(f"DMP_DESKTOP_{name}", str(value))
        ins = next(item["ins"] for item in ready["patients"] if item["story"] == "chronic")

        def run(*options: str) -> list[dict[str, Any]]:
            assert main(["dossier", "list", "--ins", ins, "--json", *options]) == 0
            return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

        yield run


@pytest.mark.slow
def test_criteria_and_folding(listed: List) -> None:
    everything = listed()
    assert len(everything) == 400
    biology = listed("--type", "11502-2", "--created-from", "2000-01-01")
    assert {line["unique_id"] for line in biology} == {
        line["unique_id"] for line in everything if line["type_code"] == "11502-2"
    }
    assert len(listed("--status", "all")) > 400
    assert listed("--author", "NOBODY") == []
    rows = listed("--fold")
    folded = [line["unique_id"] for row in rows for line in (row, *row["folded"])]
    assert sorted(folded) == sorted(line["unique_id"] for line in everything)
