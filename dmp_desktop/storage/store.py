"""What stores stand on: the workstation's SQLCipher or the clinic's PostgreSQL, whichever."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

import sqlalchemy as sa


class Store(Protocol):
    """Transactions on one database. What a block raises undoes it; its own errors are StorageError."""

    def read(self) -> AbstractContextManager[sa.Connection]:
        """A connection on one unchanging picture of the data."""
        ...

    def write(self, *, durable: bool = True, lock: str = "") -> AbstractContextManager[sa.Connection]:
        """A connection whose changes are on disk when the block ends.

        One at a time on SQLCipher. On PostgreSQL several go on together: those that name the same `lock` one at a time, and who
        decides by what it read locks the rows it read (`with_for_update`).
        """
        ...
