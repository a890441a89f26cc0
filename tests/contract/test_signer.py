"""Signer, the same wherever the key is: a whole message signed gives what its DigestInfo gives, and nothing once closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from dmp_desktop.dmp import openssl
from dmp_desktop.dmp.bridge_check import _certificate, _make_key, _Throwaway
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.psc_errors import session_over
from dmp_desktop.dmp.psc_session import _Guarded
from dmp_desktop.dmp.windows_store import WindowsStoreIdentity
from dmp_desktop.domain.digest_info import digest_info, split_digest_info
from dmp_desktop.domain.ports import Signer
from dmp_desktop.errors import CardError
from tests.helpers import signers
from tests.helpers.card_desks import open_desk
from tests.helpers.clock import START
from tests.helpers.cps_token import PIN
from tests.helpers.slow_card import SlowCard
from tests.helpers.windows_store import FakeWindows, Installed

HOLDER = "899700000001"
# Around the blocks of both hashes (64 octets, of which the last holds 55 at most): a card that ends the hash itself sees them all.
MESSAGES = [b"", b"TEST", bytes(55), bytes(56), bytes(63), bytes(64), bytes(65), b"<SignedInfo/>" * 500]
HASHES = {"sha256": hashes.SHA256(), "sha1": hashes.SHA1()}


@dataclass(frozen=True)
class Held:
    """`close` takes the key away, when that can be done."""

    signer: Signer
    close: Callable[[], None] | None = None


WORLDS = ["software", "guarded", "throwaway", "slow", "capi", "cng", "cng-card"]
CARDS = [f"{world}-{key}" for world in ("softhsm", "opensc", "cryptolib") for key in ("authentication", "signature")]


@pytest.fixture(params=WORLDS + CARDS)
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Held]:
    with ExitStack() as stack:
        yield hold(request.param, tmp_path, stack)


def hold(name: str, folder: Path, stack: ExitStack) -> Held:
    if name in CARDS:
        world, key = name.split("-")
        desk = stack.enter_context(open_desk(world))
        session = desk.opener.open(desk.card, PIN)
        return Held(getattr(session, key), session.close)
    if name in ("capi", "cng", "cng-card"):
        pairs = [signers.card_pair(signs=signs, holder=HOLDER)[::-1] for signs in (True, False)]
        installed = [Installed(*pair, cng=name != "capi", software=name == "cng") for pair in pairs]
        store = WindowsStoreIdentity(FakeWindows(installed), HOLDER, START)
        return Held(store.signature, store.close)
    if name == "throwaway":
        crypto, _ = openssl.libraries()
        pkey = _make_key(crypto)
        throwaway = _Throwaway(pkey, _certificate(crypto, pkey))
        throwaway.can_pss = True
        return Held(throwaway)
    software = Pkcs12Identity(signers.write_identity(folder), signers.PASSWORD)
    if name == "slow":
        slow = SlowCard(software.signature)
        return Held(slow, slow.close)
    if name == "guarded":
        over: list[bool] = []
        return Held(_Guarded(software.signature, lambda: require(over)), lambda: over.append(True))
    return Held(software.signature, software.close)


def require(over: list[bool]) -> None:
    if over:
        raise session_over()


def whole(signer: Signer, hash_name: str) -> Callable[[bytes], bytes]:
    return signer.sign_sha256 if hash_name == "sha256" else signer.sign_sha1


@pytest.mark.parametrize("hash_name", HASHES)
def test_a_whole_message_gives_what_its_digest_gives(held: Held, hash_name: str) -> None:
    public = x509.load_der_x509_certificate(held.signer.certificate_der).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    for message in MESSAGES:
        signature = whole(held.signer, hash_name)(message)
        public.verify(signature, message, padding.PKCS1v15(), HASHES[hash_name])
        assert signature == held.signer.sign_digest_info(digest_info(message, hash_name))


@pytest.mark.parametrize("hash_name", HASHES)
def test_nothing_is_signed_once_it_is_closed(held: Held, hash_name: str) -> None:
    if held.close is None:
        return
    held.close()
    with pytest.raises(CardError) as caught:
        whole(held.signer, hash_name)(b"TEST")
    assert caught.value.code in ("card.removed", "psc.ended")


@pytest.mark.parametrize("hash_name", HASHES)
def test_a_digest_info_tells_its_hash_and_digest(hash_name: str) -> None:
    made = hashes.Hash(HASHES[hash_name])
    made.update(b"TEST")
    assert split_digest_info(digest_info(b"TEST", hash_name)) == (hash_name, made.finalize())


def test_another_hash_is_no_digest_info_of_ours() -> None:
    with pytest.raises(ValueError, match="hash"):
        split_digest_info(bytes.fromhex("3051300d060960864801650304020305000440") + bytes(64))
