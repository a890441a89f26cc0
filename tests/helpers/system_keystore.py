"""A key store of the operating system, as its own process would keep it: for tests of who asks it, where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keyring
from keyring.backend import KeyringBackend
from keyring.compat import properties
from keyring.errors import InitError, PasswordDeleteError


class SystemKeyStore(KeyringBackend):
    """`before` is called before each act; `locked`: it does not answer; `stubborn`: it lets nothing go."""

    @properties.classproperty
    def priority(self) -> float:
        """keyring never takes it by itself, in other tests of this process."""
        raise RuntimeError

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.before: Callable[[], None] = lambda: None
        self.locked = self.stubborn = False

    def get_password(self, service: str, username: str) -> str | None:
        self._asked()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._asked()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._asked()
        if self.stubborn or (service, username) not in self.kept:
            raise PasswordDeleteError(username)
        del self.kept[service, username]

    def _asked(self) -> None:
        self.before()
        if self.locked:
            raise InitError


SystemKeyStore.__module__ = "keyring.backends.SecretService"  # those of others are not trusted


@contextmanager
def system_keystore() -> Iterator[SystemKeyStore]:
    """This process has one, empty, until the end."""
    former, store = keyring.get_keyring(), SystemKeyStore()
    keyring.set_keyring(store)
    try:
        yield store
    finally:
        keyring.set_keyring(former)
