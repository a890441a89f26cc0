"""`dmp journal` from a shell: what was done here, whole and in order, or what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from dmp_desktop.storage.journal import Journal, JournalRecord
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.wiring import open_wiring
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, INS


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"storage": "une phrase de passe"}))
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DMP_DESKTOP_SERVER", "https://localhost:1")
    monkeypatch.setenv("DMP_DESKTOP_SECRETS", str(secrets))


def act(*documents: str) -> None:
    with open_wiring() as wiring:
        journal = Journal(wiring.database, Seal(wiring.base.key, "journal"), wiring.base.key)
        for document in documents:
            journal.append(JournalRecord(START, AUTHOR, "send", document=document, result="sent"), ins=INS)


def test_what_was_done_is_verified_and_exported(capsys: pytest.CaptureFixture[str]) -> None:
    act("2.25.1", "2.25.2")
    assert main(["journal", "verify"]) == 0
    assert capsys.readouterr().out == "Le journal est intact : 2 actes.\n"
    assert main(["journal", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["acts"] == 3, "that it was verified is one"
    assert main(["journal", "export"]) == 0
    printed = capsys.readouterr().out
    told = [(one["action"], one["document"]) for one in map(json.loads, printed.splitlines())]
    assert told == [("send", "2.25.1"), ("send", "2.25.2"), *[("journal-verified", "")] * 2]
    assert INS not in printed


def test_an_end_that_was_cut_off_between_two_starts_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    act("2.25.1", "2.25.2")
    with open_wiring() as wiring, wiring.database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER journal_no_delete")
        connection.exec_driver_sql("DELETE FROM journal WHERE number = 2")
    assert main(["journal", "verify"]) == 3
    told = capsys.readouterr()
    assert "il en avait 2, il en reste 1" in told.err
    assert "intact" not in told.out
