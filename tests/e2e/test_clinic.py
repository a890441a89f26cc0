"""Two workstations of a clinic, joined by the program's own wiring, on a real PostgreSQL."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.errors import ContextError
from dmp_desktop.storage.outbox import NewItem, OutboxStore
from dmp_desktop.storage.subject import Subject
from dmp_desktop.wiring import Wiring, open_wiring
from dmp_desktop.wiring.clinic import DATABASE, PASSWORD
from tests.helpers.outbox import AUTHOR, PATIENT, built
from tests.helpers.postgres import PASSWORD as WORD
from tests.helpers.postgres import Cluster

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


def comes(true: Callable[[], bool], seconds: float = 20.0) -> bool:
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


def test_a_wrong_password_is_asked_for_again(tmp_path: Path, url: str) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        if "base du cabinet" not in prompt:
            return WORD
        asked.append(prompt)
        return "TEST-faux" if len(asked) == 1 else WORD

    environment = {"DMP_DESKTOP_HOME": str(tmp_path / "one"), DATABASE: url}
    with open_wiring(environment, ask=ask) as wiring:
        clinic = wiring.clinic
        assert clinic is not None
        assert comes(lambda: clinic.trouble is not None)
        assert clinic.trouble is not None
        assert clinic.trouble.code == "clinic-refused"
    with open_wiring(environment, ask=ask) as wiring:
        clinic = wiring.clinic
        assert clinic is not None
        assert comes(lambda: clinic.trouble is None and wiring.base.keystore.get(PASSWORD) == WORD)
    assert len(asked) == 2


def test_an_address_that_cannot_be_understood_is_said_at_start(tmp_path: Path) -> None:
    environment = {"DMP_DESKTOP_HOME": str(tmp_path), DATABASE: "postgresql://dmp:TEST-mot@serveur/base"}
    with pytest.raises(ContextError) as caught, open_wiring(environment, ask=lambda _prompt: WORD):
        pass
    assert caught.value.code == "clinic-address"
