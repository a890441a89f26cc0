"""`dmp exchange profile` and `write`: what support and practice software type."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from tests.helpers.documents import FULL, NOTE


@pytest.fixture
def document(tmp_path: Path) -> Path:
    (tmp_path / "note.txt").write_text(NOTE, encoding="utf-8")
    (tmp_path / "ctx.json").write_text(json.dumps(FULL), encoding="utf-8")
    made = tmp_path / "document.xml"
    given = ["--note", str(tmp_path / "note.txt"), "--context", str(tmp_path / "ctx.json"), "--kind", "consultation"]
    assert main(["cda", "build", *given, "-o", str(made)]) == 0
    return made


def test_a_profile_is_made_used_changed_and_removed(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"storage": "une phrase de passe bien assez longue"}), encoding="utf-8")
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DMP_DESKTOP_SERVER", "https://localhost:1")
    monkeypatch.setenv("DMP_DESKTOP_SECRETS", str(secrets))
    (tmp_path / "import").mkdir()
    asked = ["exchange", "profile", "Logiciel", "--folder", str(tmp_path / "import")]
    assert main(["exchange", "write", str(document)]) == 1
    assert main([*asked, "--formats", "pdf,docx"]) == 1
    assert main([*asked, "--template", "{nom}"]) == 1
    assert "ni l'INS du patient" in capsys.readouterr().err
    assert not (tmp_path / "home" / "logiciel-metier.json").exists()
    assert main([*asked, "--formats", "cda,json", "--automatic", "on", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["formats"] == ["cda", "json"]
    assert made["since"]
    assert main(["exchange", "profile", "Logiciel", "--automatic", "off", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["since"] is None
    assert main(["exchange", "write", str(document), "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert sorted(map(str, (tmp_path / "import").iterdir())) == sorted(files)
    assert len(files) == 2
    assert main(["exchange", "write", str(document), "--profile", "Logiciel", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == []
    assert main(["exchange", "profile", "Logiciel", "--remove"]) == 0
    assert main(["exchange", "profile"]) == 0
    assert capsys.readouterr().out == ""
