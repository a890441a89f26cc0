from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from tests.helpers import signers
from tests.helpers.clock import FakeClock, SeededEntropy

NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def identity_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signers.write_identity(tmp_path_factory.mktemp("identity"))


@pytest.fixture
def identity(identity_folder: Path) -> Pkcs12Identity:
    return Pkcs12Identity(identity_folder, signers.PASSWORD)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def entropy() -> SeededEntropy:
    return SeededEntropy()


@pytest.fixture
def ins() -> InsIdentity:
    return InsIdentity("279035121518989", OID_INS_TEST, InsStatus.QUALIFIEE)
