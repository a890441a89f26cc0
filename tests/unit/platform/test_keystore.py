from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail
from keyring.errors import KeyringError

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.keystore import KeyringKeyStore, MemoryKeyStore, PassphraseKeyStore
from dmp_desktop.platform.paths import Paths
from dmp_desktop.platform.storage_key import EXPLANATION_FR, KEY_NAME, TWICE_FR, choose_keystore, storage_key

COST = 1 << 10


@pytest.fixture(autouse=True)
def _no_system_keystore() -> object:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(before)


def test_a_headless_machine_has_no_key_store() -> None:
    assert not KeyringKeyStore.available()
    with pytest.raises(StorageError, match="keystore"):
        KeyringKeyStore().get("a")
    with pytest.raises(StorageError, match="keystore"):
        KeyringKeyStore().set("a", "b")
    with pytest.raises(StorageError, match="keystore"):
        KeyringKeyStore().delete("a")


def test_a_backend_that_keeps_secrets_in_clear_is_not_trusted() -> None:
    class Plain(fail.Keyring):  # as keyrings.alt.file.PlaintextKeyring: not a backend of the system
        pass

    keyring.set_keyring(Plain())
    assert not KeyringKeyStore.available()
    assert issubclass(keyring.errors.NoKeyringError, KeyringError)


def test_a_wrong_passphrase_is_told_and_changes_nothing(tmp_path: Path) -> None:
    PassphraseKeyStore(tmp_path / "s.json", "une phrase", cost=COST).set("a", "b")
    before = (tmp_path / "s.json").read_bytes()
    wrong = PassphraseKeyStore(tmp_path / "s.json", "une autre", cost=COST)
    with pytest.raises(StorageError, match="passphrase"):
        wrong.get("a")
    with pytest.raises(StorageError, match="passphrase"):
        wrong.set("a", "c")
    assert (tmp_path / "s.json").read_bytes() == before


def test_the_file_is_closed_to_others_and_holds_nothing_in_clear(tmp_path: Path) -> None:
    PassphraseKeyStore(tmp_path / "s.json", "une phrase", cost=COST).set(KEY_NAME, "deadbeef")
    assert (tmp_path / "s.json").stat().st_mode & 0o777 == 0o600
    content = (tmp_path / "s.json").read_text()
    assert "deadbeef" not in content
    assert KEY_NAME not in content


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"salt": 1}', '{"salt":"AA","nonce":"","sealed":"","scrypt_n":2}']
)
def test_a_damaged_file_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "s.json").write_text(content)
    with pytest.raises(StorageError):
        PassphraseKeyStore(tmp_path / "s.json", "une phrase", cost=COST).get("a")


def test_without_key_store_the_passphrase_is_asked_for_with_the_reason(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(explanation: str) -> str:
        asked.append(explanation)
        return "une phrase"

    assert isinstance(choose_keystore(Paths(tmp_path), ask), PassphraseKeyStore)
    assert asked == [EXPLANATION_FR, TWICE_FR]
    typed = iter(["une phrase", "une phrace"])
    with pytest.raises(StorageError, match="passphrase-differs"):
        choose_keystore(Paths(tmp_path), lambda _explanation: next(typed))
    with pytest.raises(StorageError, match="passphrase-empty"):
        choose_keystore(Paths(tmp_path), lambda _explanation: "")

    def no_terminal(_explanation: str) -> str:
        raise EOFError

    with pytest.raises(StorageError, match="passphrase-empty"):
        choose_keystore(Paths(tmp_path), no_terminal)


def test_the_key_is_made_once(tmp_path: Path) -> None:
    keystore = MemoryKeyStore()
    key = storage_key(keystore, tmp_path / "a.db")
    assert len(key) == 32
    assert storage_key(keystore, tmp_path / "a.db") == key
    assert storage_key(MemoryKeyStore(), tmp_path / "a.db") != key


def test_a_lost_key_is_never_replaced_while_the_database_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"x")
    keystore = MemoryKeyStore()
    with pytest.raises(StorageError, match="storage-key-lost"):
        storage_key(keystore, tmp_path / "a.db")
    assert keystore.get(KEY_NAME) is None


@pytest.mark.parametrize("kept", ["zz", "abcd"])
def test_a_damaged_key_is_told(tmp_path: Path, kept: str) -> None:
    keystore = MemoryKeyStore()
    keystore.set(KEY_NAME, kept)
    with pytest.raises(StorageError, match="storage-key-damaged"):
        storage_key(keystore, tmp_path / "a.db")


SECRETS = {KEY_NAME: "deadbeef", "practice-key": "cafe"}


def kept(path: Path) -> PassphraseKeyStore:
    path.unlink(missing_ok=True)
    store = PassphraseKeyStore(path, "l'ancienne phrase", cost=COST)
    for name, secret in SECRETS.items():
        store.set(name, secret)
    return store


def opening(path: Path) -> list[str]:
    """Which of the two opens the file, and finds everything in it."""
    found = []
    for phrase in ("l'ancienne phrase", "la nouvelle phrase"):
        with suppress(StorageError):
            store = PassphraseKeyStore(path, phrase, cost=COST)
            assert {name: store.get(name) for name in SECRETS} == SECRETS
            found.append(phrase)
    return found


def test_another_passphrase_opens_the_same_secrets_and_the_former_one_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    store = kept(path)
    with pytest.raises(StorageError, match="passphrase"):
        store.change("une autre", "la nouvelle phrase")
    assert opening(path) == ["l'ancienne phrase"]
    salt = json.loads(path.read_text())["salt"]
    store.change("l'ancienne phrase", "la nouvelle phrase")
    assert opening(path) == ["la nouvelle phrase"]
    assert json.loads(path.read_text())["salt"] != salt
    store.set("a", "b")  # who has it open goes on
    assert PassphraseKeyStore(path, "la nouvelle phrase", cost=COST).get("a") == "b"
    path.unlink()
    with pytest.raises(StorageError, match="write-failed"):
        store.change("la nouvelle phrase", "une troisième")
    assert not path.exists(), "an empty file would hide that the key is lost"


def test_killed_at_any_step_one_of_the_two_passphrases_opens_everything(tmp_path: Path) -> None:
    """SIGKILL at each thing that the change asks of the disk, in a process of its own."""
    path, opened = tmp_path / "s.json", []
    for step in range(1, 100):
        store = kept(path)
        child = os.fork()
        if child == 0:  # pragma: no cover - killed
            _killed_at(step, tmp_path)
            try:
                store.change("l'ancienne phrase", "la nouvelle phrase")
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        opened.append(opening(path))
        if not os.WIFSIGNALED(status):
            break
    assert all(len(one) == 1 for one in opened)
    assert opened[0] == ["l'ancienne phrase"]
    assert opened[-1] == ["la nouvelle phrase"]
    assert len(opened) > 4


def _killed_at(step: int, folder: Path) -> None:
    """In this process: before the so many-th thing asked of a file of the folder."""
    left = step

    def look(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        about = event in ("open", "os.rename", "os.remove", "os.mkdir") and str(arguments[0]).startswith(str(folder))
        left -= about
        if about and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
