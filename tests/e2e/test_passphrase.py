"""Another passphrase, from the program as it is joined: the next start opens with it and with no other, and everything is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail

from dmp_desktop.domain.acts import Act
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.wiring import open_wiring

pytestmark = pytest.mark.slow

FORMER, COMING = "l'ancienne phrase de passe", "quatre mots sans rapport"


@pytest.fixture(autouse=True)
def _no_system_keystore() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(before)


def test_the_next_start_opens_with_the_new_one_alone(tmp_path: Path) -> None:
    environment = {"DMP_DESKTOP_HOME": str(tmp_path / "home")}
    with open_wiring(environment, ask=lambda _why: FORMER) as wiring:
        desk, key = wiring.passphrase, wiring.base.key
        assert desk is not None
        with open_wiring(environment, ask=lambda _why: FORMER), pytest.raises(ContextError, match="passphrase-others"):
            desk.change(FORMER, COMING, COMING)  # another process would know the former one only
        desk.change(FORMER, COMING, COMING)
        assert wiring.base.practice_keys.keys(), "who has it open goes on"
    with pytest.raises(StorageError, match="passphrase"), open_wiring(environment, ask=lambda _why: FORMER):
        pass
    with open_wiring(environment, ask=lambda _why: COMING) as wiring:
        assert wiring.base.key == key
        assert Act.PASSPHRASE_CHANGED in [one.action for one in wiring.acts_kept.records()]
