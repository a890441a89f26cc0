"""From a shell too, a record waits for the patient's agreement where the setting says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from dmp_desktop.sandbox import Sandbox
from tests.helpers.seeded import seeded


@pytest.mark.slow
def test_nothing_is_listed_before_the_patient_has_been_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home, secrets = tmp_path / "home", tmp_path / "secrets.json"
    home.mkdir()
    (home / "settings.json").write_text(json.dumps({"unrecorded_consent": "refused"}))
    with Sandbox(seeded(tmp_path / "sandbox")) as sandbox:
        doctor = sandbox.ready["identities"]["doctor"]
        secrets.write_text(json.dumps({"p12": doctor["password"], "storage": "phrase"}))
        values = {"HOME": home, "SERVER": sandbox.ready["url"], "CA": sandbox.ready["ca"], "SECRETS": secrets}
        for name, value in {**values, "IDENTITY": f"p12:{doctor['p12']}"}.items():
            monkeypatch.setenv(f"DMP_DESKTOP_{name}", str(value))
        ins = next(item["ins"] for item in sandbox.ready["patients"] if item["story"] == "ordinary")
        assert main(["dossier", "status", "--ins", ins]) == 0
        assert main(["dossier", "list", "--ins", ins]) == 1
        assert "n'est pas noté" in capsys.readouterr().err
        (home / "settings.json").write_text("{}")
        assert main(["dossier", "list", "--ins", ins]) == 0
