"""A process that ends in the midst of its writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from dmp_desktop.storage.store import Store


class Cut(BaseException):
    """A process that ends: nothing of the program catches it."""


class Breaking:
    """A store whose process ends before or after its `at`-th write is on the disk."""

    def __init__(self, store: Store, at: int, *, before: bool) -> None:
        self._store, self._left, self._before = store, at, before
        self.read = store.read

    @contextmanager
    def write(self, *, durable: bool = True, lock: str = "") -> Iterator[sa.Connection]:
        self._left -= 1
        with self._store.write(durable=durable, lock=lock) as connection:
            yield connection
            if self._left == 0 and self._before:
                raise Cut
        if self._left == 0:
            raise Cut
