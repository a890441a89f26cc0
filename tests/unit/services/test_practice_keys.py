"""The practice's keys come from one secret, which leaves the workstation once it is on paper."""

from __future__ import annotations

import pytest

from dmp_desktop.domain.recovery_code import secret_of
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.keystore import MemoryKeyStore
from dmp_desktop.services.practice_keys import PRACTICE_KEY, TO_PRINT, PracticeKeyring
from dmp_desktop.storage.recovery import recover, seal_for_recovery


def test_the_keys_are_made_once() -> None:
    keystore = MemoryKeyStore()
    keys = PracticeKeyring(keystore).keys()
    assert PracticeKeyring(keystore).keys() == keys
    assert PracticeKeyring(MemoryKeyStore()).keys() != keys


def test_another_workstation_takes_them_from_the_printed_code() -> None:
    first, second = PracticeKeyring(MemoryKeyStore()), PracticeKeyring(MemoryKeyStore())
    mine, other = first.keys(), second.keys()
    code = first.code_to_print()
    assert code is not None
    assert other.fingerprint != mine.fingerprint
    assert second.join(code.lower()) == mine == second.keys()
    assert second.code_to_print() is None


def test_once_printed_the_code_is_nowhere() -> None:
    keystore = MemoryKeyStore()
    practice = PracticeKeyring(keystore)
    keys = practice.keys()
    secret = secret_of(practice.code_to_print() or "")
    practice.printed()
    assert practice.code_to_print() is None
    assert practice.keys() == keys
    kept = repr(keystore.__dict__)
    assert secret.hex() not in kept
    assert recover(secret, seal_for_recovery(keys.recovery_key, b"a key", "place"), "place") == b"a key"


def test_a_cut_between_the_two_is_finished() -> None:
    keystore = MemoryKeyStore()
    keys = PracticeKeyring(keystore).keys()
    keystore.delete(PRACTICE_KEY)
    assert PracticeKeyring(keystore).keys() == keys


def test_a_lost_key_is_not_replaced_by_another_practice() -> None:
    keystore = MemoryKeyStore()
    practice = PracticeKeyring(keystore)
    practice.keys()
    practice.printed()
    keystore.delete(PRACTICE_KEY)
    with pytest.raises(StorageError):
        practice.keys()


def test_a_mistyped_code_changes_nothing() -> None:
    practice = PracticeKeyring(MemoryKeyStore())
    keys = practice.keys()
    with pytest.raises(ContextError):
        practice.join("ABCDE-FGHJK")
    assert practice.keys() == keys


@pytest.mark.parametrize("name", [PRACTICE_KEY, TO_PRINT])
def test_a_damaged_key_is_told(name: str) -> None:
    keystore = MemoryKeyStore()
    practice = PracticeKeyring(keystore)
    practice.keys()
    keystore.set(name, "zz")
    with pytest.raises(StorageError) as refused:
        practice.keys() if name == PRACTICE_KEY else practice.code_to_print()
    assert refused.value.code == "practice-key-damaged"


def test_no_key_stands_in_what_is_printed_of_it() -> None:
    keys = PracticeKeyring(MemoryKeyStore()).keys()
    assert keys.key.hex() not in repr(keys)
    assert repr(keys.key) not in repr(keys)
    assert keys.fingerprint not in keys.key.hex()
