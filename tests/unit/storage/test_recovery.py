"""What is sealed for recovery opens with the practice's secret, in its place, and with nothing else."""

from __future__ import annotations

import os

import pytest

from dmp_desktop.errors import ContextError
from dmp_desktop.storage.recovery import recover, recovery_public, seal_for_recovery

SECRET = bytes(range(32))


def test_the_secret_opens_what_its_public_key_closed() -> None:
    public = recovery_public(SECRET)
    sealed = seal_for_recovery(public, b"a key", "place")
    assert b"a key" not in sealed
    assert recover(SECRET, sealed, "place") == b"a key"
    assert seal_for_recovery(public, b"a key", "place") != sealed


def test_another_secret_another_place_or_other_bytes_open_nothing() -> None:
    sealed = seal_for_recovery(recovery_public(SECRET), b"a key", "place")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for secret, what, place in (
        (os.urandom(32), sealed, "place"),
        (SECRET, sealed, "elsewhere"),
        (SECRET, changed, "place"),
    ):
        with pytest.raises(ContextError) as refused:
            recover(secret, what, place)
        assert refused.value.code == "recovery-code"


@pytest.mark.parametrize("length", [0, 1, 31, 32, 47])
def test_what_is_cut_short_opens_nothing(length: int) -> None:
    sealed = seal_for_recovery(recovery_public(SECRET), b"a key", "place")
    with pytest.raises(ContextError):
        recover(SECRET, sealed[:length], "place")
