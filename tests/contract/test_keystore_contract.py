"""KeyStore: the system's (over a keyring backend in memory), the file under a passphrase, the one in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from dmp_desktop.domain.ports import KeyStore
from dmp_desktop.platform.keystore import KeyringKeyStore, MemoryKeyStore, PassphraseKeyStore

Open = Callable[[], KeyStore]


class MemoryBackend(KeyringBackend):
    """What the operating system does behind `keyring`."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError(username)


@pytest.fixture(params=["keyring", "passphrase", "memory"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same store again and again, as one start of the program after the other would."""
    if request.param == "keyring":
        before = keyring.get_keyring()
        keyring.set_keyring(MemoryBackend())
        yield KeyringKeyStore
        keyring.set_keyring(before)
    elif request.param == "passphrase":
        yield lambda: PassphraseKeyStore(tmp_path / "secrets.json", "une phrase", cost=1 << 10)
    else:
        store = MemoryKeyStore()
        yield lambda: store


def test_a_secret_is_found_again(reopen: Open) -> None:
    reopen().set("storage-key", "dé" * 32)
    assert reopen().get("storage-key") == "dé" * 32


def test_an_unknown_secret_is_none(reopen: Open) -> None:
    assert reopen().get("storage-key") is None


def test_a_secret_is_replaced_and_the_others_stay(reopen: Open) -> None:
    reopen().set("one", "1")
    reopen().set("two", "2")
    reopen().set("one", "3")
    assert (reopen().get("one"), reopen().get("two")) == ("3", "2")


def test_a_deleted_secret_is_gone_and_deleting_again_does_nothing(reopen: Open) -> None:
    reopen().set("one", "1")
    reopen().delete("one")
    reopen().delete("one")
    assert reopen().get("one") is None
