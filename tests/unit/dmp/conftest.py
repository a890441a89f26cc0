from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path

import pytest

from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from tests.helpers import signers

NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)


class FixedClock:
    """A Clock that stands still until told otherwise."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> dt.datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()


class CountingEntropy:
    """An Entropy whose identifiers follow one another."""

    def __init__(self) -> None:
        self.count = 0

    def uuid(self) -> uuid.UUID:
        self.count += 1
        return uuid.UUID(int=self.count)


@pytest.fixture(scope="session")
def identity_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signers.write_identity(tmp_path_factory.mktemp("identity"))


@pytest.fixture
def identity(identity_folder: Path) -> Pkcs12Identity:
    return Pkcs12Identity(identity_folder, signers.PASSWORD)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def entropy() -> CountingEntropy:
    return CountingEntropy()


@pytest.fixture
def ins() -> InsIdentity:
    return InsIdentity("279035121518989", OID_INS_TEST, InsStatus.QUALIFIEE)
