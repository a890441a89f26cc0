"""Two workstations of a clinic, joined by the program's own wiring, on a real PostgreSQL."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from dmp_desktop.domain.consent import AccessAct, TracedAct
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.errors import ContextError
from dmp_desktop.services import clinic_link
from dmp_desktop.storage.clinic_outbox import ClinicOutbox
from dmp_desktop.storage.journal import JournalRecord
from dmp_desktop.storage.outbox import NewItem, OutboxStore
from dmp_desktop.storage.subject import Subject
from dmp_desktop.wiring import Wiring, open_wiring
from dmp_desktop.wiring.clinic import DATABASE, PASSWORD, REFUSED
from tests.helpers.outbox import AUTHOR, PATIENT, built
from tests.helpers.postgres import PASSWORD as WORD
from tests.helpers.postgres import USER, Cluster

Open = Callable[[str], Wiring]


@pytest.fixture
def url(postgres: Cluster) -> str:
    return f"{postgres.database()}?ca={postgres.ca}"


@pytest.fixture
def start(tmp_path: Path, url: str) -> Iterator[Open]:
    with ExitStack() as opened:

        def start(name: str) -> Wiring:
            environment = {"DMP_DESKTOP_HOME": str(tmp_path / name), DATABASE: url}
            return opened.enter_context(open_wiring(environment, ask=lambda _prompt: WORD))

        yield start


def comes(true: Callable[[], bool], seconds: float = 60.0) -> bool:
    """What a thread of the program does in its own time."""
    pause = threading.Event()
    return any(true() or pause.wait(0.05) for _ in range(int(seconds / 0.05)))


def test_what_waits_on_one_is_seen_on_the_other_once_it_has_the_key_of_the_practice(
    start: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    one = start("one")
    assert one.clinic is not None
    new = NewItem(
        "2.25.1", "2.25.91", AUTHOR, Subject(PATIENT, "Compte rendu", "consultation", frozenset()), built(1).cda
    )
    store = one.outbox._store
    assert isinstance(store, OutboxStore)
    store.add(new, one.clock.now(), one.clock.now())
    assert comes(lambda: [item.id < 0 for item in one.outbox.items()] == [True])

    other = start("other")
    assert other.clinic is not None
    clinic = other.clinic
    assert comes(lambda: clinic.trouble is not None)
    assert clinic.trouble is not None
    assert clinic.trouble.code == "clinic-practice"
    assert other.outbox.items() == []
    code = one.base.practice_keys.code_to_print()
    assert code is not None
    other.base.practice_keys.join(code)
    clinic.step()
    assert clinic.trouble is None
    assert [(item.unique_id, item.state) for item in other.outbox.items()] == [("2.25.1", OutboxState.WAITING)]
    assert WORD not in caplog.text
    assert other.base.keystore.get(PASSWORD) == WORD


def test_an_opposition_noted_on_one_stops_what_the_other_would_send(start: Open) -> None:
    one, other = start("one"), start("other")
    code = one.base.practice_keys.code_to_print()
    assert code is not None
    other.base.practice_keys.join(code)
    store = one.access.oppositions._trace.store
    store.append(PATIENT.ins, TracedAct(AccessAct.FEEDING_OPPOSED, one.clock.now(), AUTHOR, "TEST-SECRETAIRE"))
    other.access.oppositions.may_feed(PATIENT.ins)
    for wiring in (one, other):
        assert wiring.clinic is not None
        wiring.clinic.step()
        assert wiring.clinic.trouble is None
    with pytest.raises(ContextError, match="feeding-opposed"):
        other.access.oppositions.may_feed(PATIENT.ins)


def test_the_journal_of_the_practice_from_a_shell(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"storage": WORD}))
    settings = {"DMP_DESKTOP_HOME": str(tmp_path / "one"), "DMP_DESKTOP_SERVER": "https://localhost:1"}
    for name, value in (settings | {DATABASE: url, "DMP_DESKTOP_SECRETS": str(secrets)}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: WORD)
    with open_wiring(ask=lambda _prompt: WORD) as one:
        one.identities._journal.append(JournalRecord(one.clock.now(), AUTHOR, "send", result="sent"), ins="TEST")
    assert main(["journal", "verify", "--practice"]) == 0
    assert "Le journal du cabinet est intact : 1 poste." in capsys.readouterr().out
    assert main(["journal", "export", "--practice"]) == 0
    assert [json.loads(line)["number"] for line in capsys.readouterr().out.splitlines()][:1] == [1]
    monkeypatch.delenv(DATABASE)
    assert main(["journal", "verify", "--practice"]) != 0
    assert "DMP_DESKTOP_DATABASE" in capsys.readouterr().err


def test_what_does_not_open_any_more_is_told_in_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(tmp_path / "one"))
    monkeypatch.delenv(DATABASE, raising=False)
    monkeypatch.setenv("DMP_DESKTOP_SERVER", "https://localhost:1")
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"storage": WORD}))
    monkeypatch.setenv("DMP_DESKTOP_SECRETS", str(secrets))
    new = NewItem("2.25.1", "2.25.91", AUTHOR, Subject(PATIENT, "Note", "consultation", frozenset()), built(1).cda)
    with open_wiring(ask=lambda _prompt: WORD) as one:
        store = one.outbox._store
        assert isinstance(store, OutboxStore)
        store.add(new, one.clock.now(), one.clock.now())
        assert main(["outbox", "list"]) == 0
        assert "ne s'ouvrent plus" not in capsys.readouterr().err
        with store._database.write() as connection:
            connection.exec_driver_sql("UPDATE outbox SET subject = x'00'")
    assert main(["outbox", "list"]) == 0
    assert "Documents qui ne s'ouvrent plus : 1." in capsys.readouterr().err


def test_without_a_terminal_the_password_is_not_asked_and_the_rest_goes_on(tmp_path: Path, url: str) -> None:
    def nobody(prompt: str) -> str:
        if "base du cabinet" in prompt:
            raise EOFError
        return WORD

    environment = {"DMP_DESKTOP_HOME": str(tmp_path / "one"), DATABASE: url}
    with open_wiring(environment, ask=nobody) as one:
        assert one.clinic is not None
        one.clinic.step()
        assert one.clinic.trouble is not None
        assert one.clinic.trouble.code == "clinic-password"
        assert one.outbox.items() == []
    with open_wiring(environment, ask=lambda _prompt: WORD) as one:
        one.base.keystore.set(REFUSED, "1")
    with open_wiring(environment, ask=nobody) as one:  # it may have been refused for another reason: tried again
        assert one.clinic is not None
        one.clinic.step()
        assert one.clinic.trouble is None


def test_a_clinic_that_is_away_holds_nothing_up(start: Open, postgres: Cluster) -> None:
    postgres.stop()
    try:
        one = start("one")
        clinic = one.clinic
        assert clinic is not None
        assert comes(lambda: clinic.trouble is not None)
        assert clinic.trouble is not None
        assert clinic.trouble.code == "clinic-unreachable"
        assert one.outbox.items() == []
    finally:
        postgres.start()
    clinic.step()
    assert clinic.trouble is None


@pytest.mark.parametrize("typed", [WORD, ""], ids=["another", "the-same"])
def test_a_refused_password_is_asked_for_again_and_never_lost(
    tmp_path: Path, url: str, postgres: Cluster, typed: str
) -> None:
    """The server refuses for another reason, too: who keeps the password by Enter has it still."""
    wrong = "TEST-faux" if typed else WORD
    answers, asked = [wrong, typed], list[str]()

    def ask(prompt: str) -> str:
        if "base du cabinet" not in prompt:
            return WORD
        asked.append(prompt)
        return answers[len(asked) - 1]

    environment = {"DMP_DESKTOP_HOME": str(tmp_path / "one"), DATABASE: url}
    if not typed:
        postgres.administer(f"ALTER ROLE {USER} NOLOGIN")
    try:
        with open_wiring(environment, ask=ask) as wiring:
            clinic = wiring.clinic
            assert clinic is not None
            assert comes(lambda: clinic.trouble is not None)
            assert clinic.trouble is not None
            assert clinic.trouble.code == "clinic-refused"
            assert wiring.base.keystore.get(PASSWORD) == wrong
    finally:
        postgres.administer(f"ALTER ROLE {USER} LOGIN")
    for _ in range(2):
        with open_wiring(environment, ask=ask) as wiring:
            assert wiring.clinic is not None
            store = wiring.outbox._store
            assert isinstance(store, ClinicOutbox)
            wiring.clinic.step()
            assert store.connected
            assert (wiring.base.keystore.get(PASSWORD), wiring.base.keystore.get(REFUSED)) == (WORD, None)
    assert len(asked) == 2
    assert "garder le même" in asked[1]


def test_a_fault_of_ours_does_not_end_the_link(start: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clinic_link, "RETRY", 0.01)
    faults: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda told: faults.append(told.exc_type))
    one = start("one")
    clinic, store = one.clinic, one.outbox._store
    assert clinic is not None
    assert isinstance(store, ClinicOutbox)
    assert comes(lambda: store.connected)
    clinic.stop()
    looks: list[bool] = []

    def look(_author: str) -> bool:
        looks.append(True)
        raise ZeroDivisionError

    link = clinic_link.ClinicLink(store, look, one.clock, lambda: None)
    new = NewItem(
        "2.25.1", "2.25.91", AUTHOR, Subject(PATIENT, "Compte rendu", "consultation", frozenset()), built(1).cda
    )
    store.add(new, one.clock.now(), one.clock.now())
    link.start()
    assert comes(lambda: len(looks) > 1)
    link.stop()
    assert set(faults) == {ZeroDivisionError}


def test_an_address_that_cannot_be_understood_is_said_at_start(tmp_path: Path) -> None:
    environment = {"DMP_DESKTOP_HOME": str(tmp_path), DATABASE: "postgresql://dmp:TEST-mot@serveur/base"}
    with pytest.raises(ContextError) as caught, open_wiring(environment, ask=lambda _prompt: WORD):
        pass
    assert caught.value.code == "clinic-address"
