"""`dmp dossier search` against the stand-in server: the whole record, then what the cache keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from dmp_desktop.sandbox import Sandbox
from tests.helpers.seeded import seeded


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as sandbox:
        yield sandbox


@pytest.mark.slow
def test_words_of_a_record_are_found_with_their_place(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ready = sandbox.ready
    doctor = ready["identities"]["doctor"]
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"p12": doctor["password"], "storage": "une phrase de passe"}))
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DMP_DESKTOP_SERVER", ready["url"])
    monkeypatch.setenv("DMP_DESKTOP_CA", ready["ca"])
    monkeypatch.setenv("DMP_DESKTOP_IDENTITY", f"p12:{doctor['p12']}")
    monkeypatch.setenv("DMP_DESKTOP_SECRETS", str(secrets))
    ins = next(item["ins"] for item in ready["patients"] if item["story"] == "chronic")
    for typed in (["METFORM"], ["metformine"]):  # the second time from the cache
        assert main(["dossier", "search", "--ins", ins, *typed, "--json"]) == 0
        said = capsys.readouterr()
        hits = [json.loads(line) for line in said.out.splitlines()]
        assert hits
        for hit in hits:
            start, end = hit["spans"][0]
            assert hit["snippet"][start:end].casefold().startswith("metform")
            assert hit["count"] >= 1
        assert f"{len(hits)} document(s)" in said.err
    assert main(["dossier", "search", "--ins", ins, "xyzzy", '"']) == 0
    assert capsys.readouterr().out == ""
    kept = b"".join(file.read_bytes() for file in (tmp_path / "home").rglob("*") if file.is_file())
    assert b"etformine" not in kept
