"""A professional's key opens with their card, or with the practice's paper code, and with nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dmp_desktop.dmp.identity import Pkcs12Identity, SoftwareSigner
from dmp_desktop.domain.vault import Wrapping
from dmp_desktop.errors import CardError, ContextError, StorageError
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.services.vault import Vault
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.recovery import recovery_public
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.wrapped_keys import WrappedKeyStore
from tests.helpers.signers import PASSWORD, write_identity

ME, OTHER = "810000000001", "810000000002"
SECRET = bytes(range(32))


class Card:
    """The key of a card, whose signatures are counted. `moody`: it never signs the same way twice (ECDSA)."""

    def __init__(self, signer: SoftwareSigner, *, moody: bool = False) -> None:
        self._signer = signer
        self._moody = moody
        self.certificate_der, self.chain_der, self.can_pss = signer.certificate_der, signer.chain_der, True
        self.sign_sha256, self.sign_sha1, self.sign_pss = signer.sign_sha256, signer.sign_sha1, signer.sign_pss
        self.signatures = 0

    def sign_digest_info(self, digest_info: bytes) -> bytes:
        self.signatures += 1
        return self._signer.sign_digest_info(digest_info) + (os.urandom(8) if self._moody else b"")


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Pkcs12Identity]:
    identity = Pkcs12Identity(write_identity(tmp_path / "identity"), PASSWORD)
    yield identity
    identity.close()


@pytest.fixture
def card(keys: Pkcs12Identity) -> Card:
    return Card(keys.authentication)


@pytest.fixture
def new_card(keys: Pkcs12Identity) -> Card:
    return Card(keys.signature)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[WrappedKeyStore]:
    with Database.open(tmp_path / "base.db", bytes(32)) as database:
        yield WrappedKeyStore(database, Seal(bytes(32), "vault"), SystemClock())


@pytest.fixture
def vault(kept: WrappedKeyStore) -> Vault:
    return Vault(kept, lambda: recovery_public(SECRET))


def closed(vault: Vault) -> bytes:
    return vault.seal("drafts").seal.seal(b"a note", "place")


def test_what_one_closed_opens_again_with_the_same_card(vault: Vault, kept: WrappedKeyStore, card: Card) -> None:
    vault.open(ME, card)
    sealed, key_id = closed(vault), vault.seal("drafts").key_id
    vault.close()
    again = Vault(kept, lambda: recovery_public(SECRET))
    before = card.signatures
    again.open(ME, card)
    assert card.signatures == before + 1
    assert again.seal("drafts").key_id == key_id
    assert again.seal("drafts").seal.open(sealed, "place") == b"a note"


def test_nobody_or_somebody_else_opens_nothing(vault: Vault, card: Card) -> None:
    with pytest.raises(StorageError) as refused:
        vault.seal("drafts")
    assert refused.value.code == "vault-closed"
    vault.open(ME, card)
    sealed = closed(vault)
    vault.open(OTHER, card)
    with pytest.raises(StorageError):
        vault.seal("drafts").seal.open(sealed, "place")
    vault.close()
    with pytest.raises(StorageError):
        vault.seal("drafts")


def test_purposes_do_not_open_each_other(vault: Vault, card: Card) -> None:
    vault.open(ME, card)
    with pytest.raises(StorageError):
        vault.seal("cache").seal.open(closed(vault), "place")


def test_a_new_card_makes_a_new_key_and_the_paper_code_opens_the_former(
    vault: Vault, card: Card, new_card: Card
) -> None:
    vault.open(ME, card)
    sealed, former = closed(vault), vault.seal("drafts").key_id
    vault.open(ME, new_card)
    assert vault.seal("drafts").key_id != former
    with pytest.raises(StorageError) as refused:
        vault.seal("drafts", former)
    assert refused.value.code == "vault-other-key"
    with pytest.raises(ContextError):
        vault.recover(os.urandom(32))
    assert vault.recover(SECRET) == 1
    assert vault.seal("drafts", former).seal.open(sealed, "place") == b"a note"
    current = vault.seal("drafts").key_id
    vault.open(ME, new_card)  # it was given to the new card: the paper is asked for once
    assert vault.seal("drafts").key_id == current
    assert vault.seal("drafts", former).seal.open(sealed, "place") == b"a note"
    assert vault.recover(SECRET) == 0


def test_a_workstation_that_joins_another_practice_seals_the_keys_to_its_code(
    kept: WrappedKeyStore, card: Card
) -> None:
    former, present = bytes(32), SECRET
    Vault(kept, lambda: recovery_public(former)).open(ME, card)
    vault = Vault(kept, lambda: recovery_public(present))
    vault.open(ME, card)
    sealed, key_id = closed(vault), vault.seal("drafts").key_id
    vault.open(ME, card)
    recovery = [one for one in kept.of(ME) if one.wrapping is Wrapping.RECOVERY]
    assert len(recovery) == 2, "once for each practice"
    vault.open(ME, None)  # the card is lost
    with pytest.raises(StorageError):
        vault.seal("drafts", key_id)
    assert vault.recover(present) == 1
    assert vault.seal("drafts", key_id).seal.open(sealed, "place") == b"a note"


def test_a_recovery_key_that_cannot_be_read_shuts_nobody_out(kept: WrappedKeyStore, card: Card) -> None:
    Vault(kept, lambda: recovery_public(SECRET)).open(ME, card)

    def damaged() -> bytes:
        raise StorageError("practice-key-damaged", "La clé du cabinet est abîmée.", "Saisissez le code.")

    vault = Vault(kept, damaged)
    vault.open(ME, card)
    closed(vault)
    with pytest.raises(StorageError, match="practice-key-damaged"):
        vault.open(OTHER, card)  # a key that nothing would open again is not made
    with pytest.raises(StorageError, match="vault-closed"):
        vault.seal("drafts")


def test_a_seal_is_made_once(vault: Vault, card: Card) -> None:
    vault.open(ME, card)
    assert vault.seal("cache") is vault.seal("cache")
    assert vault.opened("cache") is vault.seal("cache")
    vault.close()
    assert vault.opened("cache") is None


@pytest.mark.parametrize("moody", [False, True], ids=["no card", "ECDSA"])
def test_without_a_card_that_signs_alike_the_key_is_the_session_s(
    vault: Vault, kept: WrappedKeyStore, keys: Pkcs12Identity, moody: bool
) -> None:
    signer = Card(keys.authentication, moody=True) if moody else None
    vault.open(ME, signer)
    sealed, key_id = closed(vault), vault.seal("drafts").key_id
    assert [one.wrapping for one in kept.of(ME)] == [Wrapping.RECOVERY]
    vault.open(ME, signer)
    assert vault.seal("drafts").key_id != key_id
    assert vault.recover(SECRET) == 1
    assert vault.seal("drafts", key_id).seal.open(sealed, "place") == b"a note"


def test_a_card_pulled_out_leaves_nothing_open(vault: Vault, keys: Pkcs12Identity, card: Card) -> None:
    vault.open(OTHER, card)
    keys.authentication.forget()
    with pytest.raises(CardError):
        vault.open(ME, card)
    with pytest.raises(StorageError):
        vault.seal("drafts")


def test_a_key_awaited_is_opened_at_the_first_seal_by_one_signature_for_all_who_ask(vault: Vault, card: Card) -> None:
    vault.open(ME, card)
    key_id, before = vault.seal("drafts").key_id, card.signatures
    vault.open_when_needed(ME, card)
    assert card.signatures == before, "nothing is signed before it serves"
    with ThreadPoolExecutor(8) as pool:
        assert {one.key_id for one in pool.map(lambda _: vault.seal("drafts"), range(16))} == {key_id}
    assert card.signatures == before + 1
    vault.open_when_needed(ME, card)
    vault.close()
    assert vault.opened("drafts") is None
    assert card.signatures == before + 1


def test_a_key_awaited_that_is_refused_is_asked_once(vault: Vault, keys: Pkcs12Identity) -> None:
    class Cancelled(Card):
        def sign_digest_info(self, digest_info: bytes) -> bytes:
            self.signatures += 1
            raise CardError("card.pin_cancelled", "Le code n'a pas été saisi.", "Recommencez.")

    card = Cancelled(keys.authentication)
    vault.open_when_needed(ME, card)
    for _ in range(3):
        assert vault.opened("drafts") is None
    assert card.signatures == 1


def test_who_leaves_while_their_key_is_awaited_leaves_nothing_open(vault: Vault, keys: Pkcs12Identity) -> None:
    class Leaves(Card):
        def sign_digest_info(self, digest_info: bytes) -> bytes:
            vault.close()
            return super().sign_digest_info(digest_info)

    vault.open_when_needed(ME, Leaves(keys.authentication))
    assert vault.opened("drafts") is None
    assert vault.opened("drafts") is None


def test_the_file_holds_no_key_and_no_number(tmp_path: Path, vault: Vault, kept: WrappedKeyStore, card: Card) -> None:
    vault.open(ME, card)
    rows = kept.of(ME)
    assert {one.wrapping for one in rows} == {Wrapping.CARD, Wrapping.RECOVERY}
    assert ME not in repr(rows)
    assert all(len(one.sealed) > 32 for one in rows)
    assert kept.of(OTHER) == []
