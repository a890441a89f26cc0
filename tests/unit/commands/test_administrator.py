"""`dmp administrator`: a name typed, a code on a terminal only, once."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from dmp_desktop.domain.acts import Act
from dmp_desktop.wiring import open_wiring

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def dmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / "secrets.json").write_text(json.dumps({"storage": "phrase"}))
    for name, value in (("HOME", "home"), ("SECRETS", "secrets.json")):
        monkeypatch.setenv(f"DMP_DESKTOP_{name}", str(tmp_path / value))
    monkeypatch.setenv("DMP_DESKTOP_SERVER", "https://localhost:9/")

    def run(*words: str, typed: str = "", terminal: bool = True) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
        status = main(["administrator", *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_named_signed_in_withdrawn(dmp: Run) -> None:
    who = "TEST-LEROY\nAurélie\n"
    assert dmp("name", typed=who, terminal=False)[0] == 1
    status, code, told = dmp("name", typed=who)
    assert (status, len(code.strip())) == (0, 23)
    assert "ne sera plus affiché" in told
    assert [json.loads(line)["family"] for line in dmp("list", "--json")[1].splitlines()] == ["TEST-LEROY"]
    with open_wiring() as wiring:
        signed_in = wiring.administrators.sign_in("Aurélie TEST-LEROY", code)
        assert signed_in.facility.name == "ce poste"
        assert wiring.journal_desk.refusal() == ""
        assert wiring.journal_desk.reading_refusal()
        assert wiring.dashboard.refusal() == ""
        assert wiring.practice_code.to_remind() is False
        wiring.acts.flush()
        assert Act.SIGN_IN in [one.action for one in wiring.acts_kept.records()]
    assert dmp("withdraw", typed=who)[0] == 0
    assert dmp("list")[1] == ""
    assert "administrator-absent" in dmp("withdraw", typed=who)[2]
