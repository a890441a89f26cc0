"""The database's key is gone: a backup of the folder and the recovery code give it back, nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail

from dmp_desktop.domain.recovery_code import recovery_code
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.platform.keystore import MemoryKeyStore, PassphraseKeyStore
from dmp_desktop.platform.paths import Paths
from dmp_desktop.platform.storage_key import KEY_NAME, KNOWN_FR, TWICE_FR
from dmp_desktop.services.lost_key import FORGOTTEN_FR, LOST_FR, NEW_FR, lost_key, opened_keystore
from dmp_desktop.services.practice_keys import PracticeKeyring
from dmp_desktop.storage.recovery import recovery_public
from tests.helpers.clock import START
from tests.helpers.outbox import KEY
from tests.helpers.station_files import CODE, Station

OTHER_SECRET = bytes([7] * 32)


@pytest.fixture(autouse=True)
def _no_system_keystore() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A workstation with a backup, then one made after it had joined another practice."""
    with Station(tmp_path) as station:
        station.fill()
        station.backups.make()
        station.clock.advance(60)
    with Station(tmp_path, secret=OTHER_SECRET) as joined:
        joined.clock.advance(120)
        joined.backups.make()
    return Paths(tmp_path)


def typing(*answers: str) -> tuple[Callable[[str], str], list[str]]:
    left, asked = list(answers), []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return left.pop(0)

    return ask, asked


def nobody(_prompt: str) -> str:
    raise EOFError


@pytest.mark.parametrize("code", [CODE, recovery_code(OTHER_SECRET)], ids=["former", "present"])
def test_the_code_of_any_backup_gives_the_key_back(paths: Paths, code: str) -> None:
    keystore, (ask, asked) = MemoryKeyStore(), typing(code)
    assert lost_key(paths, keystore, ask) == KEY
    assert asked == [LOST_FR]
    assert keystore.get(KEY_NAME) == KEY.hex()
    assert PracticeKeyring(keystore).keys().recovery_key in {
        recovery_public(OTHER_SECRET),
        recovery_public(bytes(reversed(range(32)))),
    }


@pytest.mark.parametrize(
    ("ask", "told"),
    [(nobody, "storage-key-lost"), (lambda _prompt: recovery_code(bytes(32)), "backup-other-practice")],
    ids=["no terminal", "another practice"],
)
def test_without_the_code_nothing_is_kept(paths: Paths, ask: Callable[[str], str], told: str) -> None:
    keystore = MemoryKeyStore()
    with pytest.raises(DmpDesktopError, match=told):
        lost_key(paths, keystore, ask)
    assert keystore.get(KEY_NAME) is None


def test_without_a_backup_it_says_where_to_put_one(paths: Paths) -> None:
    for one in paths.backups.iterdir():
        one.unlink()
    with pytest.raises(DmpDesktopError, match="dossier « sauvegardes »"):
        lost_key(paths, MemoryKeyStore(), nobody)


def keep(paths: Paths, passphrase: str) -> None:
    PassphraseKeyStore(paths.secrets, passphrase, cost=1 << 6).set(KEY_NAME, KEY.hex())


def test_a_forgotten_passphrase_is_replaced_and_the_former_file_stays(paths: Paths) -> None:
    keep(paths, "une phrase")
    before = paths.secrets.read_bytes()
    ask, asked = typing("", CODE, "une nouvelle", "une nouvelle")
    keystore = opened_keystore(paths, "", ask, lambda: START)
    assert [prompt.removesuffix("\nPhrase de passe :") for prompt in asked] == [
        KNOWN_FR,
        FORGOTTEN_FR,
        NEW_FR,
        TWICE_FR,
    ]
    assert keystore.get(KEY_NAME) == KEY.hex()
    assert PassphraseKeyStore(paths.secrets, "une nouvelle").get(KEY_NAME) == KEY.hex()
    [aside] = [one for one in paths.home.glob("secrets.json.*") if one.suffix != ".lock"]
    assert aside.read_bytes() == before
    assert aside.stat().st_mode & 0o077 == 0


def test_a_damaged_file_of_secrets_takes_the_same_way(paths: Paths) -> None:
    paths.secrets.write_text("{")
    ask, asked = typing("une phrase", CODE, "une nouvelle", "une nouvelle")
    assert opened_keystore(paths, "", ask, lambda: START).get(KEY_NAME) == KEY.hex()
    assert FORGOTTEN_FR in asked


@pytest.mark.parametrize(
    ("answers", "told"),
    [(("",), "storage-key-lost"), (("", CODE, "une", "autre"), "passphrase-differs"), (("autre",), "passphrase")],
)
def test_whatever_stops_in_the_middle_changes_nothing(paths: Paths, answers: tuple[str, ...], told: str) -> None:
    keep(paths, "une phrase")
    before = paths.secrets.read_bytes()
    ask, _asked = typing(*answers, "")
    with pytest.raises(DmpDesktopError) as refused:
        opened_keystore(paths, "", ask, lambda: START)
    assert refused.value.code == told
    assert paths.secrets.read_bytes() == before
