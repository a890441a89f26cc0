"""The emulated CPS3 ends a hash that the module began, as its signature key asks (reference card.md §2.3)."""

from __future__ import annotations

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.helpers.cps3_card import Cps3Card
from tests.helpers.cps_token import PIN, SIG, holder, tlv
from tests.helpers.resumed_hash import BLOCK, INITIAL, advance, finish

HASHES = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256()}
TEMPLATE = {"sha1": 0x10, "sha256": 0x40}


@pytest.mark.parametrize("name", HASHES)
def test_a_hash_taken_up_again(name: str) -> None:
    for size in range(200):
        message = bytes(octet * 7 & 0xFF for octet in range(size))
        for done in range(0, size + 1, BLOCK):
            state = advance(name, INITIAL[name], message[:done])
            assert finish(name, state, done, message[done:]) == hashlib.new(name, message).digest()


@pytest.mark.parametrize("name", HASHES)
@pytest.mark.parametrize("size", [0, 55, 63, 64, 65, 128, 300])
def test_the_card_ends_the_hash_and_signs(name: str, size: int) -> None:
    message = bytes(octet & 0xFF for octet in range(size))
    done = max(size - 1, 0) // BLOCK * BLOCK  # the end is never empty, but for an empty message
    state = b"".join(word.to_bytes(4, "big") for word in advance(name, INITIAL[name], message[:done]))
    begun = tlv(0x90, state + (done * 8).to_bytes(8, "big")) if done else b""
    key = x509.load_der_x509_certificate(holder().certificates[SIG]).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(signed(name, begun + tlv(0x80, message[done:])), message, padding.PKCS1v15(), HASHES[name])
    digest = tlv(0x90, hashlib.new(name, message).digest())
    key.verify(signed(name, digest), message, padding.PKCS1v15(), HASHES[name])


def signed(name: str, hashed: bytes) -> bytes:
    card = Cps3Card()
    template = bytes([0x80, 0x01, TEMPLATE[name]])
    for head, body in (
        ("00200001", PIN.encode()),
        ("002241AA", template),
        ("002A90A0", hashed),
    ):
        assert card.process(bytes.fromhex(head) + bytes([len(body)]) + body) == b"\x90\x00"
    answer = card.process(bytes.fromhex("002A9E9A00"))
    assert answer[-2:] == b"\x90\x00"
    return answer[:-2]
