"""`dmp practice`: the recovery code from a terminal, to paper, and back by the keyboard of another workstation or a new card."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from dmp_desktop.domain.recovery_code import GROUPS, recovery_code
from tests.helpers import signers

DOCTOR = {"rpps": "10002422979", "family": "TEST-DUPONT", "given": "Camille", "specialty": "G15_10/SM26"}
FACILITY = {"id": "410002422979001", "name": "Cabinet", "sector": "SA07", "practice_setting": "AMBULATOIRE"}

Run = Callable[..., tuple[int, str, str]]


def card(folder: Path, *, other: bool = False) -> Path:
    """A software certificate of the doctor; `other`: with the keys of another card."""
    signers.write_identity(folder)
    if other:
        former = (folder / "auth.p12").rename(folder / "former.p12")
        (folder / "sign.p12").rename(folder / "auth.p12")
        former.rename(folder / "sign.p12")
    holder = {"national_id": "810002422979", "role": "doctor", "professional": DOCTOR, "facility": FACILITY}
    (folder / "holder.json").write_text(json.dumps(holder))
    return folder


@pytest.fixture
def dmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `dmp practice …` on the workstation `home`, with a card; `typed` is the keyboard. Exit status, output, errors."""
    (tmp_path / "secrets.json").write_text(json.dumps({"p12": signers.PASSWORD, "storage": "phrase"}))
    first, second = card(tmp_path / "card"), card(tmp_path / "new", other=True)

    def run(
        *words: str, typed: str = "", home: str = "home", new_card: bool = False, terminal: bool = True
    ) -> tuple[int, str, str]:
        for name, value in (
            ("HOME", tmp_path / home),
            ("SECRETS", tmp_path / "secrets.json"),
            ("SERVER", "https://localhost:9/"),
            ("CA", first / "ca.pem"),
            ("IDENTITY", f"p12:{second if new_card else first}"),
        ):
            monkeypatch.setenv(f"DMP_DESKTOP_{name}", str(value))
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
        status = main(["practice", *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def shown(dmp: Run, home: str = "home") -> str:
    status, out, err = dmp("code", home=home)
    assert status == 0
    assert "dmp practice printed" in err
    groups = re.findall(r"^ ?\d+\. (\w{5})$", out, re.MULTILINE)
    assert len(groups) == GROUPS
    return "-".join(groups)


def test_shown_until_it_is_said_to_be_on_paper(dmp: Run) -> None:
    code = shown(dmp)
    assert shown(dmp) == code
    status, _, err = dmp("printed", typed="AAAAA\n")
    assert status == 1
    assert "Ce n'est pas le dernier groupe" in err
    assert shown(dmp) == code
    assert dmp("printed", typed=f"{code[-5:].lower()}\n")[0] == 0
    status, out, err = dmp("code")
    assert (status, out) == (1, "")
    assert "il est sur papier" in err


def test_it_is_never_written_to_a_file(dmp: Run) -> None:
    status, out, err = dmp("code", terminal=False)
    assert (status, out) == (1, "")
    assert "[practice-code-terminal]" in err


def test_another_workstation_joins_and_a_wrong_group_is_named(dmp: Run) -> None:
    code = shown(dmp)
    other = shown(dmp, "second")
    assert other != code
    groups = code.split("-")
    groups[3] = "00000" if groups[3] != "00000" else "00001"
    wrong = "-".join(groups)
    status, _, err = dmp("join", typed=f"{wrong}\n", home="second")
    assert status == 1
    assert "groupe 4" in err
    assert shown(dmp, "second") == other, "nothing has changed"
    assert dmp("join", typed=f"{code}\n", home="second")[0] == 0
    assert dmp("code", home="second")[0] == 1


def test_a_new_card_is_given_what_the_former_one_opened(dmp: Run) -> None:
    code = shown(dmp)
    assert dmp("recover", typed=f"{code}\n")[2].endswith("Votre carte ouvre déjà tout.\n")
    status, _, err = dmp("recover", typed=f"{code}\n", new_card=True)
    assert status == 0
    assert "1 clé(s)" in err
    assert "déjà tout" in dmp("recover", typed=f"{code}\n", new_card=True)[2]
    assert "déjà tout" not in dmp("recover", typed=f"{code}\n")[2], "the former card knows nothing of the new key"


def test_another_practice_s_code_opens_nothing(dmp: Run) -> None:
    shown(dmp)
    dmp("recover", typed="\n")
    status, _, err = dmp("recover", typed=f"{recovery_code(bytes(32))}\n", new_card=True)
    assert status == 1
    assert "n'ouvre pas" in err


def test_it_stands_in_no_log_nor_file(dmp: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    code = shown(dmp)
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    for words in ("join", "recover"):
        _, out, err = dmp(words, typed=f"{wrong}\n")
        assert not [group for group in code.split("-") if group in out + err]
    dmp("printed", typed=f"{code[-5:]}\n")
    dmp("join", typed=f"{code}\n", home="second")
    assert not [group for group in code.split("-") if group in caplog.text]
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert not [group for group in code.split("-") if group.encode() in file.read_bytes()], file.name
