"""Who is shown the practice's recovery code, what the printed page holds, what typing the code does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.domain.people import Facility, Professional, Role
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.platform.keystore import MemoryKeyStore
from dmp_desktop.services.practice_code import PracticeCode
from dmp_desktop.services.practice_keys import PracticeKeyring
from dmp_desktop.services.practice_sheet import TITLE
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.vault import Vault
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.wrapped_keys import WrappedKeyStore
from tests.helpers.signers import PASSWORD, write_identity

FACILITY = Facility("410002422979001", "Cabinet des Lilas", "SA07")
ME = "810002422979"


class Practice:
    def __init__(self, folder: Path) -> None:
        self.database = Database.open(folder / "base.db", bytes(32))
        self.identity = Pkcs12Identity(write_identity(folder / "identity"), PASSWORD)
        self.keyring = PracticeKeyring(MemoryKeyStore())
        self.keyring.keys()
        kept = WrappedKeyStore(self.database, Seal(bytes(32), "vault"), SystemClock())
        self.vault = Vault(kept, lambda: self.keyring.keys().recovery_key)
        self.role: Role | None = Role.DOCTOR
        self.code = PracticeCode(self.keyring, self.vault, self.who, lambda: "Cabinet des Lilas")

    def who(self) -> SignedIn | None:
        person = Professional("10002422979", "TEST-DUPONT", "Camille", "G15_10/SM26")
        return SignedIn(person, FACILITY, self.role, ME) if self.role else None


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    practice = Practice(tmp_path)
    yield practice
    practice.identity.close()
    practice.database.close()


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.TRAINEE])
def test_it_is_for_professionals_of_the_practice(practice: Practice, role: Role) -> None:
    practice.role = role
    for ask in (practice.code.code, practice.code.sheet, lambda: practice.code.printed("AAAAA")):
        with pytest.raises(ContextError, match="practice-code-reserved"):
            ask()
    assert practice.code.to_print()
    practice.role = None
    assert practice.code.code()


def test_the_page_holds_the_code_and_what_it_is_for(practice: Practice) -> None:
    pages = pypdfium2.PdfDocument(practice.code.sheet())
    assert len(pages) == 1
    text = pages[0].get_textpage().get_text_range()
    assert TITLE in text
    assert "Cabinet des Lilas" in text
    groups = practice.code.code().split("-")
    assert [group for group in groups if group not in text] == []
    for number, group in enumerate(groups, 1):
        assert text.index(f"{number}.") < text.index(group)
    assert "sous clé" in text
    pages.close()


def test_once_copied_it_is_forgotten(practice: Practice) -> None:
    code = practice.code.code()
    for wrong in ("", code[:5], code[-5:-1]):
        with pytest.raises(ContextError, match="practice-code-copy"):
            practice.code.printed(wrong)
    practice.code.printed(f" {code[-5:].lower()} ")
    assert not practice.code.to_print()
    with pytest.raises(ContextError, match="practice-code-gone"):
        practice.code.code()


def test_typing_it_opens_again_what_a_lost_card_closed(practice: Practice) -> None:
    code = practice.code.code()
    with pytest.raises(StorageError, match="vault-closed"):
        practice.code.recover(code)
    practice.vault.open(ME, practice.identity.authentication)
    former = practice.vault.seal("cache").key_id
    practice.vault.open(ME, practice.identity.signature)  # the key of another card
    with pytest.raises(ContextError, match="recovery-code"):
        practice.code.recover(code[:-1])
    assert practice.code.recover(code) == 1
    assert practice.vault.seal("cache", former)


def test_damaged_keys_are_mended_by_typing_it(practice: Practice) -> None:
    code, keys = practice.code.code(), practice.keyring.keys()
    practice.keyring._keystore.set("practice-key", "damage")
    practice.keyring.printed()
    with pytest.raises(StorageError):
        practice.keyring.keys()
    practice.code.join(code)
    assert practice.keyring.keys() == keys
