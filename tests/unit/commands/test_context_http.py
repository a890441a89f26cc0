"""`dmp context http`: where the practice software may call, from a shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmp_desktop.cli import main


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps({"storage": "phrase"}))
    told = {"HOME": tmp_path / "home", "SECRETS": tmp_path / "secrets.json", "SERVER": "https://localhost:9/"}
    for name, value in told.items():
        monkeypatch.setenv(f"DMP_DESKTOP_{name}", str(value))


def test_it_is_off_chosen_given_a_token_once_and_off_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["context", "http"]) == 0
    assert capsys.readouterr().out == "désactivé\n"
    assert main(["context", "http", "47653"]) == 0
    told = capsys.readouterr()
    assert told.out == "http://127.0.0.1:47653/patient\n"
    assert "--new-token" in told.err
    assert main(["context", "http", "--new-token", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["url"], len(made["token"]), made["token_made"]) == ("http://127.0.0.1:47653/patient", 43, True)
    assert main(["context", "http", "0"]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("désactivé\n", "")


@pytest.mark.parametrize("port", ["65536", "²", "1e3"])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["context", "http", port])
    assert "un nombre de 0 à 65535 est attendu" in capsys.readouterr().err
