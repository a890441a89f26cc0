"""ID tokens and UserInfo are believed only when every rule of OpenID Connect Core §3.1.3.7 holds: one test a rule."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dmp_desktop.dmp.psc_provider import Provider
from dmp_desktop.dmp.psc_tokens import Authentication, Tokens, read_tokens, read_user_info, verify_id_token
from dmp_desktop.dmp.psc_web import WebReply
from dmp_desktop.errors import DmpError
from tests.helpers.clock import START

KEY = rsa.generate_private_key(65537, 2048)
PROVIDER = Provider(
    "https://psc.test", "https://psc.test/a", "https://psc.test/t", "https://psc.test/u", "https://psc.test/k"
)
CLIENT = "dmp-desktop"
KEYS = {
    "keys": [
        jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "k1", "alg": "RS256", "use": "sig"}
    ]
}


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    told = {"iss": PROVIDER.issuer, "aud": CLIENT, "azp": CLIENT, "sub": "s1", "iat": now, "exp": now + 120}
    told |= {"nonce": "n1", "acr": "eidas1", "auth_time": now - 5} | changes
    return {name: value for name, value in told.items() if value is not None}


def token(key: Any = KEY, algorithm: str = "RS256", kid: str = "k1", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"kid": kid})


def b64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def refusal(untrusted: str) -> tuple[str, str]:
    with pytest.raises(DmpError) as caught:
        verify_id_token(untrusted, KEYS, PROVIDER, CLIENT, nonce="n1")
    return caught.value.code, caught.value.detail


def test_a_right_token_tells_who_and_when() -> None:
    untrusted = token()
    found = verify_id_token(untrusted, KEYS, PROVIDER, CLIENT, nonce="n1")
    assert found.subject == "s1"
    assert found.at.timestamp() == jwt.decode(untrusted, options={"verify_signature": False})["auth_time"]


def test_without_auth_time_it_is_when_the_token_was_made() -> None:
    untrusted = token(auth_time=None)
    made = jwt.decode(untrusted, options={"verify_signature": False})["iat"]
    assert verify_id_token(untrusted, KEYS, PROVIDER, CLIENT, nonce="n1").at.timestamp() == made


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://psc.test/"}, "psc.untrusted"),
        ({"aud": "autre"}, "psc.untrusted"),
        ({"aud": ["autre", CLIENT], "azp": "autre"}, "psc.untrusted"),
        ({"nonce": "n2"}, "psc.untrusted"),
        ({"nonce": None}, "psc.untrusted"),
        ({"sub": None}, "psc.untrusted"),
        ({"exp": None}, "psc.untrusted"),
        ({"exp": 1}, "psc.clock"),
        ({"iat": 4_000_000_000}, "psc.clock"),
        ({"acr": "eidas0"}, "psc.too_weak"),
        ({"acr": None}, "psc.too_weak"),
        ({"auth_time": "hier"}, "psc.untrusted"),
    ],
)
def test_each_claim_counts(changes: dict[str, Any], code: str) -> None:
    assert refusal(token(**changes))[0] == code


def test_a_minute_of_difference_between_clocks_passes() -> None:
    now = int(time.time())
    assert verify_id_token(token(exp=now - 30, iat=now - 150), KEYS, PROVIDER, CLIENT, nonce="n1")


def test_signatures_of_others_are_refused() -> None:
    stranger = rsa.generate_private_key(65537, 2048)
    assert refusal(token(stranger)) == ("psc.untrusted", "InvalidSignatureError")
    assert refusal(token(kid="k2")) == ("psc.untrusted", "kid")
    assert refusal(token(algorithm="RS512"))[0] == "psc.untrusted"
    head, _, signature = token().split(".")
    assert refusal(f"{head}.{b64(json.dumps(claims(sub='s2')))}.{signature}")[0] == "psc.untrusted"


def test_no_signature_and_a_signature_by_the_public_key_are_refused() -> None:
    """The two classical forgeries: `alg: none`, and HMAC with what everybody knows."""
    assert refusal(token(None, "none"))[0] == "psc.untrusted"
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{b64(json.dumps({'alg': 'HS256', 'kid': 'k1'}))}.{b64(json.dumps(claims()))}"
    forged = base64.urlsafe_b64encode(hmac.digest(public, signed.encode(), "sha256")).rstrip(b"=").decode()
    assert refusal(f"{signed}.{forged}")[0] == "psc.untrusted"


@pytest.mark.parametrize("untrusted", ["", "a.b.c", "é", "e30.e30.", "null"])
def test_what_is_no_token_is_refused(untrusted: str) -> None:
    assert refusal(untrusted)[0] == "psc.untrusted"


@pytest.mark.parametrize("keys", [{}, {"keys": []}, {"keys": "x"}, {"keys": [{"kty": "RSA"}]}])
def test_keys_that_are_none_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(DmpError) as caught:
        verify_id_token(token(), keys, PROVIDER, CLIENT)
    assert caught.value.code == "psc.untrusted"


def user_info(reply: WebReply) -> dict[str, Any]:
    return read_user_info(reply, KEYS, PROVIDER, CLIENT, Authentication("s1", START))


def test_user_info_plain_or_signed() -> None:
    plain = WebReply(200, "application/json", b'{"sub": "s1", "family_name": "DUPONT"}')
    assert user_info(plain)["family_name"] == "DUPONT"
    signed = WebReply(200, "application/jwt", token(exp=None, family_name="DUPONT").encode())
    assert user_info(signed)["family_name"] == "DUPONT"


@pytest.mark.parametrize(
    ("status", "media_type", "content"),
    [
        (200, "application/json", lambda: '{"sub": "s2"}'),
        (200, "application/json", lambda: "{}"),
        (401, "application/json", lambda: '{"sub": "s1"}'),
        (200, "application/jwt", lambda: token(sub="s2")),
        (200, "application/jwt", lambda: token(None, "none")),
        (200, "application/jwt", lambda: token(aud="autre")),
    ],
)
def test_user_info_of_another_or_of_nobody_is_refused(status: int, media_type: str, content: Callable[[], str]) -> None:
    """Tokens are made when the test runs: they do not live as long as the whole round."""
    with pytest.raises(DmpError) as caught:
        user_info(WebReply(status, media_type, content().encode()))
    assert caught.value.code == "psc.untrusted"


@pytest.mark.parametrize("answer", [{}, {"access_token": "a"}, {"expires_in": "x"}, {"expires_in": 1e308}])
def test_tokens_that_cannot_be_read(answer: dict[str, Any]) -> None:
    whole = {"access_token": "a", "refresh_token": "b", "id_token": "c", "expires_in": 60}
    assert isinstance(read_tokens(whole, START), Tokens)
    with pytest.raises(DmpError) as caught:
        read_tokens(answer if "expires_in" not in answer else whole | answer, START)
    assert caught.value.code == "psc.unreadable"


def test_tokens_show_nothing() -> None:
    found = read_tokens({"access_token": "aaa", "refresh_token": "bbb", "id_token": "ccc", "expires_in": 60}, START)
    assert not {"aaa", "bbb", "ccc"} & set(repr(found).split("'"))
    assert found.refresh_until == found.access_until
