"""What the opener makes of cards that are not as they should be: keys that do not match, flags and refusals of real modules."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from dmp_desktop.card.failures import card_failure
from dmp_desktop.card.pkcs11 import Pkcs11CardOpener, Pkcs11CardSession, list_cards
from dmp_desktop.card.pkcs11.faults import LOST, fault
from dmp_desktop.card.pkcs11.module import module_at
from dmp_desktop.domain.cards import CpsActivity, PinState
from dmp_desktop.domain.digest_info import digest_info
from dmp_desktop.domain.people import Facility
from dmp_desktop.errors import CardError
from tests.helpers.cps_token import AUT, PIN, SIG, SOFTHSM, WRONG, Holder, holder, softhsm_token
from tests.helpers.moody import logins
from tests.helpers.moody import moody as moody_module

MESSAGE = b"TEST"
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(MESSAGE).digest()
CARD = holder().public
# CKM_RSA_PKCS, CKM_SHA1_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_RSA_PKCS_PSS: PKCS#11 v2.20, pkcs11t.h.
RAW, SHA1, SHA256, PSS = 0x01, 0x06, 0x40, 0x0D
CONTACTLESS = 0x08  # CKF_USER_PIN_INITIALIZED, PKCS#11 v2.20 §9.2
token = functools.cache(softhsm_token)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(CardError) as caught:
        act()
    assert caught.value.remedy_fr
    return caught.value.code.removeprefix("card.")


class TestKeys:
    def test_activities_with_holes_and_an_odd_one(self) -> None:
        session = Pkcs11CardOpener(SOFTHSM, token("CPS-GOOD")).open(CARD, PIN)
        assert session.activities == (
            CpsActivity(1, Facility("1750000001", "CABINET TEST", "SA07"), "G15_10/SM26"),
            CpsActivity(7, Facility("1750000002", "MSP TEST", "SA52"), "G15_10/SM26"),
        )

    @pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
    def test_pss(self, name: str) -> None:
        session = Pkcs11CardOpener(SOFTHSM, token("CPS-GOOD")).open(CARD, PIN)
        assert session.authentication.can_pss
        signature = session.authentication.sign_pss(hashlib.new(name, b"TEST").digest(), name)
        public = x509.load_der_x509_certificate(CARD.authentication_certificate_der).public_key()
        assert isinstance(public, rsa.RSAPublicKey)
        algorithm = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[name]
        salted = padding.PSS(padding.MGF1(algorithm), salt_length=algorithm.digest_size)
        public.verify(signature, b"TEST", salted, algorithm)
        assert refused(lambda: session.authentication.sign_pss(bytes(20), "sha1")) == "sign_refused"

    def test_keys_that_are_not_those_of_the_certificates(self) -> None:
        stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        for number in (AUT, SIG):
            label = softhsm_token(f"CPS-STRANGER-{number}", keys={number: stranger})
            assert refused(lambda label=label: Pkcs11CardOpener(SOFTHSM, label).open(CARD, PIN)) == "sign_refused"

    def test_other_keys_of_the_same_number_do_not_hide_the_right_one(self) -> None:
        stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        label = softhsm_token("CPS-BESIDES", besides=(stranger,))
        session = Pkcs11CardOpener(SOFTHSM, label).open(CARD, PIN)
        for signer in (session.authentication, session.signature):
            assert verifies(signer.certificate_der, signer.sign_digest_info(DIGEST_INFO))

    def test_a_key_named_for_the_other_use(self) -> None:
        label = softhsm_token("CPS-SWAPPED", labels={AUT: "CPS_PRIV_SIG", SIG: "CPS_PRIV_AUT"})
        assert refused(lambda: Pkcs11CardOpener(SOFTHSM, label).open(CARD, PIN)) == "no_signature_key"

    def test_one_pair_of_keys_for_both(self) -> None:
        one = holder().keys[AUT]
        both = Holder({AUT: one, SIG: one}, {AUT: holder().certificates[AUT], SIG: _same_key(one)})
        label = softhsm_token("CPS-ONE-KEY", who=both)
        assert refused(lambda: Pkcs11CardOpener(SOFTHSM, label).open(both.public, PIN)) == "no_signature_key"

    def test_no_signature_key(self) -> None:
        label = softhsm_token("CPS-AUT", kept=(AUT,))
        opener = Pkcs11CardOpener(SOFTHSM, label)
        assert refused(lambda: opener.open(CARD, PIN)) == "no_signature_key"
        unsigned = replace(CARD, signature_certificate_der=b"")
        assert refused(lambda: opener.open(unsigned, PIN)) == "no_signature_key"

    def test_neither_certificate_opens_the_other_s_key(self) -> None:
        """A reader that mistook one certificate for the other gets nothing."""
        mistaken = replace(CARD, signature_certificate_der=CARD.authentication_certificate_der)
        opener = Pkcs11CardOpener(SOFTHSM, token("CPS-GOOD"))
        assert refused(lambda: opener.open(mistaken, PIN)) == "no_signature_key"

    def test_a_name_that_no_card_has(self) -> None:
        """A setting at fault is told as such: nobody took a card away."""
        token("CPS-GOOD")
        opener = Pkcs11CardOpener(SOFTHSM, "CPS-ABSENT")
        for ask in (
            lambda: opener.open(CARD, PIN),
            lambda: opener.pin_state(CARD),
            lambda: list_cards(SOFTHSM, "CPS-ABSENT"),
        ):
            with pytest.raises(CardError, match="token=") as caught:
                ask()
            assert caught.value.code == "card.token_unknown"


def _same_key(key: rsa.RSAPrivateKey) -> bytes:
    from tests.helpers.cps_certificates import SUBJECT
    from tests.helpers.cps_token import _certificate

    return _certificate(SIG, key, SUBJECT)


@pytest.fixture(scope="module")
def moody() -> Path:
    """SoftHSM2 behind our own module."""
    return moody_module(SOFTHSM)


@pytest.fixture
def opener(moody: Path) -> Iterator[Pkcs11CardOpener]:
    """A card that has not been in this process yet."""
    module_at(moody).signs_pss.clear()
    yield Pkcs11CardOpener(moody, token("CPS-GOOD"))
    for name in [one for one in os.environ if one.startswith("MOODY_")]:
        del os.environ[name]


class Asked:
    """What the module was asked to sign since this was made."""

    def __init__(self, moody: Path) -> None:
        library = ctypes.CDLL(str(moody))
        self._signed = (ctypes.c_ulong * 0x100).in_dll(library, "moody_signed")
        self._refused = ctypes.c_ulong.in_dll(library, "moody_refused")
        self.reset()

    def reset(self) -> None:
        ctypes.memset(self._signed, 0, ctypes.sizeof(self._signed))
        self._refused.value = 0

    @property
    def signed(self) -> dict[int, int]:
        """How many signatures were asked, by mechanism."""
        return {mechanism: count for mechanism, count in enumerate(self._signed) if count}

    @property
    def signed_since_opened(self) -> dict[int, int]:
        """Without the one by which an opening finds out whether the key knows PSS."""
        return {mechanism: count for mechanism, count in self.signed.items() if mechanism != PSS}

    @property
    def refused(self) -> int:
        """How many times a key refused a mechanism, before anything was signed."""
        return int(self._refused.value)


@pytest.fixture
def asked(moody: Path, opener: Pkcs11CardOpener) -> Asked:
    return Asked(moody)


def mood(**moods: int) -> None:
    os.environ.update({f"MOODY_{name}": f"{value:x}" for name, value in moods.items()})


@pytest.mark.alone
class TestPatience:
    """The module is held by another program, or never answers (the doctor is told after PATIENCE, shortened here)."""

    @pytest.fixture
    def held(self, moody: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
        """Holds the module at this point, until the file it gives is gone."""
        monkeypatch.setattr(module_at(moody), "patience", 0.2)
        file = tmp_path / "held"

        def hold(where: str) -> Path:
            file.touch()
            os.environ[where] = str(file)
            return file

        yield hold
        file.unlink(missing_ok=True)
        module_at(moody).post(lambda _: None).result(60)

    def test_a_pin_is_not_sent_once_its_user_was_told_that_the_card_is_busy(
        self, opener: Pkcs11CardOpener, moody: Path, held: Callable[[str], Path]
    ) -> None:
        before = logins(moody)
        file = held("MOODY_HELD")
        assert refused(lambda: opener.open(CARD, WRONG)) == "busy"
        file.unlink()
        module_at(moody).post(lambda _: None).result(60)
        assert logins(moody) - before == 0
        assert opener.pin_state(CARD) is PinState.UNKNOWN
        opener.open(CARD, PIN).close()
        assert logins(moody) - before == 1

    def test_the_outcome_of_a_pin_that_was_sent_is_waited_for(
        self, opener: Pkcs11CardOpener, moody: Path, held: Callable[[str], Path]
    ) -> None:
        before = logins(moody)
        file = held("MOODY_HELD_LOGIN")
        threading.Timer(0.3, file.unlink).start()
        assert refused(lambda: opener.open(CARD, WRONG)) == "pin_wrong"
        file.touch()
        threading.Timer(0.3, file.unlink).start()
        opener.open(CARD, PIN).close()
        assert logins(moody) - before == 2

    def test_a_pin_that_is_never_answered_is_told_and_its_late_outcome_counts(
        self, opener: Pkcs11CardOpener, moody: Path, held: Callable[[str], Path]
    ) -> None:
        file = held("MOODY_HELD_LOGIN")
        assert refused(lambda: opener.open(CARD, WRONG)) == "pin_unanswered"
        file.unlink()
        assert opener.pin_state(CARD) is PinState.LOW
        file.touch()
        assert refused(lambda: opener.open(CARD, PIN)) == "pin_unanswered"
        file.unlink()
        assert opener.pin_state(CARD) is PinState.UNKNOWN
        assert not module_at(moody).ends  # nobody waits for that login any more: it is over


class TestMoods:
    def test_none(self, opener: Pkcs11CardOpener) -> None:
        session: Pkcs11CardSession = opener.open(CARD, PIN)
        assert session.signature.sign_digest_info(DIGEST_INFO)

    def test_contactless(self, opener: Pkcs11CardOpener) -> None:
        mood(OFF=CONTACTLESS, LOGIN=0x05)
        assert refused(lambda: opener.open(CARD, PIN)) == "no_signature_key"

    @pytest.mark.parametrize(
        ("said", "code"), [(0x05, "failed"), (0x30, "failed"), (0x06, "failed"), (0xB1, "busy"), (0xE0, "removed")]
    )
    def test_a_card_that_cannot_be_read_is_not_another_one(
        self, opener: Pkcs11CardOpener, moody: Path, said: int, code: str
    ) -> None:
        before = logins(moody)
        mood(OPEN=said)
        assert refused(lambda: opener.open(CARD, PIN)) == code
        assert refused(lambda: opener.pin_state(CARD)) == code
        assert logins(moody) - before == 0

    def test_the_pin_goes_to_the_session_in_which_the_card_was_recognised(
        self, opener: Pkcs11CardOpener, moody: Path
    ) -> None:
        """Another card comes into the slot just afterwards, of which this module says nothing."""
        label = softhsm_token("CPS-OTHER", who=holder("AUTRE"))
        find = lambda module: next(one.slot.slot_id for one in module.tokens() if one.label == label)  # noqa: E731
        mood(SWAP=module_at(moody).call(find))
        session = opener.open(CARD, PIN)
        assert session.signature.sign_digest_info(DIGEST_INFO)

    @pytest.mark.parametrize("pin", [PIN, WRONG])
    def test_the_handle_of_a_dead_login_is_that_of_the_next_session(
        self, opener: Pkcs11CardOpener, moody: Path, pin: str
    ) -> None:
        """Its card moved. What ends the former login must not end the session that has its handle by now."""
        before = opener.open(CARD, PIN)
        asked = logins(moody)
        mood(AGAIN=1)
        if pin == PIN:
            session = opener.open(CARD, PIN)
            assert session.signature.sign_digest_info(DIGEST_INFO)
            before.close()
            assert session.signature.sign_digest_info(DIGEST_INFO)
        else:
            assert refused(lambda: opener.open(CARD, WRONG)) == "pin_wrong"
            opener.open(CARD, PIN).close()
        assert refused(lambda: before.signature.sign_digest_info(DIGEST_INFO)) == "removed"
        assert logins(moody) - asked == (1 if pin == PIN else 2)

    def test_a_card_that_fails_once_its_pin_is_given(self, opener: Pkcs11CardOpener, moody: Path) -> None:
        mood(LIST=0x05)
        assert refused(lambda: opener.open(CARD, PIN)) == "failed"
        assert not module_at(moody).ends

    def test_a_reader_with_its_own_keypad(self, opener: Pkcs11CardOpener) -> None:
        mood(ON=0x100, LOGIN=0x05)
        assert refused(lambda: opener.open(CARD, PIN)) == "pin_pad"

    @pytest.mark.parametrize(
        ("flags", "state", "wrong"),
        [
            (0x10000, PinState.LOW, "pin_wrong"),
            (0x30000, PinState.LAST_TRY, "pin_last_try"),
            (0x70000, PinState.LOCKED, "pin_locked"),
        ],
    )
    def test_the_flags_of_the_pin(self, opener: Pkcs11CardOpener, flags: int, state: PinState, wrong: str) -> None:
        mood(ON=flags)
        assert opener.pin_state(CARD) is state
        assert refused(lambda: opener.open(CARD, WRONG)) == wrong
        del os.environ["MOODY_ON"]
        opener.open(CARD, PIN).close()
        assert opener.pin_state(CARD) is PinState.UNKNOWN

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            (0xA0, "pin_wrong"),  # CKR_PIN_INCORRECT and the following, PKCS#11 v2.20 pkcs11t.h
            (0xA1, "pin_wrong"),
            (0xA2, "pin_format"),
            (0xA3, "pin_expired"),
            (0xA4, "pin_locked"),
            (0x102, "no_signature_key"),
            (0x32, "removed"),
            (0xE0, "removed"),
            (0xB3, "removed"),
            (0x05, "failed"),
            (0x30, "failed"),
            (0x06, "failed"),
            (0xB1, "busy"),
            (0x104, "busy"),
        ],
    )
    def test_what_a_login_may_answer(self, opener: Pkcs11CardOpener, said: int, code: str) -> None:
        mood(LOGIN=said)
        assert refused(lambda: opener.open(CARD, PIN)) == code
        del os.environ["MOODY_LOGIN"]
        opener.open(CARD, PIN).close()

    @pytest.mark.parametrize(
        ("said", "code"),
        [(0x05, "sign_refused"), (0x63, "sign_refused"), (0xB3, "removed"), (0x32, "removed"), (0x101, "removed")],
    )
    def test_what_a_signature_may_answer(self, opener: Pkcs11CardOpener, said: int, code: str) -> None:
        session = opener.open(CARD, PIN)
        mood(SIGN=said)
        assert refused(lambda: session.signature.sign_digest_info(DIGEST_INFO)) == code
        del os.environ["MOODY_SIGN"]
        if code == "removed":  # for good
            assert refused(lambda: session.signature.sign_digest_info(DIGEST_INFO)) == "removed"
        else:
            assert session.signature.sign_digest_info(DIGEST_INFO)

    def test_a_false_signature_does_not_leave(self, opener: Pkcs11CardOpener) -> None:
        session = opener.open(CARD, PIN)
        mood(FALSE=1)
        assert refused(lambda: session.signature.sign_digest_info(DIGEST_INFO)) == "sign_refused"
        assert refused(lambda: session.authentication.sign_pss(bytes(32), "sha256")) == "sign_refused"

    @pytest.mark.parametrize("how", ["flags", "key", "false"])
    def test_a_pss_that_is_listed_but_does_not_sign(self, opener: Pkcs11CardOpener, asked: Asked, how: str) -> None:
        """Found out before TLS 1.3 is promised, which has nothing else; TLS 1.2 does without."""
        mood(**{"flags": {"UNSIGNING": PSS}, "key": {"REFUSED_2": PSS}, "false": {"FALSE_BY": PSS}}[how])
        session = opener.open(CARD, PIN)
        assert not session.authentication.can_pss
        assert asked.signed == ({PSS: 1} if how == "false" else {})
        assert session.authentication.sign_digest_info(DIGEST_INFO)

    def test_pss_is_found_out_by_one_signature_however_many_pins(self, opener: Pkcs11CardOpener, asked: Asked) -> None:
        """Up to a second of the doctor's each; a key that fails to is found out anew."""
        sessions = [opener.open(CARD, PIN) for _ in range(3)]
        assert (sessions[-1].authentication.can_pss, asked.signed) == (True, {PSS: 1})
        mood(FALSE_BY=PSS)
        assert refused(lambda: sessions[-1].authentication.sign_pss(bytes(32), "sha256")) == "sign_refused"
        assert not opener.open(CARD, PIN).authentication.can_pss

    def test_a_card_without_pss(self, opener: Pkcs11CardOpener) -> None:
        mood(UNLISTED=PSS)
        session = opener.open(CARD, PIN)
        assert not session.authentication.can_pss
        assert refused(lambda: session.authentication.sign_pss(bytes(32), "sha256")) == "sign_refused"
        assert session.authentication.sign_digest_info(DIGEST_INFO)


def verifies(der: bytes, signature: bytes, algorithm: hashes.HashAlgorithm | None = None) -> bool:
    public = x509.load_der_x509_certificate(der).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    public.verify(signature, MESSAGE, padding.PKCS1v15(), algorithm or hashes.SHA256())
    return True


class TestWholeMessages:
    """Which way a message is signed by keys that do not all sign every way (reference card.md §2.3, §3.4)."""

    def test_the_signature_key_refuses_digests_made_elsewhere(self, opener: Pkcs11CardOpener, asked: Asked) -> None:
        mood(REFUSED_1=RAW)
        key = opener.open(CARD, PIN).signature
        assert verifies(key.certificate_der, key.sign_sha256(MESSAGE))
        assert verifies(key.certificate_der, key.sign_sha1(MESSAGE), hashes.SHA1())
        assert (asked.signed_since_opened, asked.refused) == ({SHA256: 1, SHA1: 1}, 0)
        assert refused(lambda: key.sign_digest_info(DIGEST_INFO)) == "sign_refused"

    @pytest.mark.parametrize("refusal", [0x63, 0x70])  # CKR_KEY_TYPE_INCONSISTENT, CKR_MECHANISM_INVALID
    def test_the_authentication_key_refuses_to_hash(self, opener: Pkcs11CardOpener, asked: Asked, refusal: int) -> None:
        """The other way is taken once it is refused, and at once from then on, until the card is opened again."""
        mood(REFUSED_2=SHA256, REFUSAL=refusal)
        session = opener.open(CARD, PIN)
        key = session.authentication
        assert [verifies(key.certificate_der, key.sign_sha256(MESSAGE)) for _ in range(3)] == [True] * 3
        assert (asked.signed_since_opened, asked.refused) == ({RAW: 3}, 1)
        assert key.sign_digest_info(DIGEST_INFO) == key.sign_sha256(MESSAGE)
        # What one key refuses, or by one hash, tells nothing of the others.
        asked.reset()
        session.signature.sign_sha256(MESSAGE)
        key.sign_sha1(MESSAGE)
        assert (asked.signed_since_opened, asked.refused) == ({SHA256: 1, SHA1: 1}, 0)
        asked.reset()
        opener.open(CARD, PIN).authentication.sign_sha256(MESSAGE)
        assert (asked.signed_since_opened, asked.refused) == ({RAW: 1}, 1)

    def test_a_mechanism_that_the_token_does_not_list(self, opener: Pkcs11CardOpener, asked: Asked) -> None:
        mood(UNLISTED=SHA256)
        key = opener.open(CARD, PIN).signature
        assert verifies(key.certificate_der, key.sign_sha256(MESSAGE))
        assert (asked.signed_since_opened, asked.refused) == ({RAW: 1}, 0)

    def test_neither_way(self, opener: Pkcs11CardOpener, asked: Asked) -> None:
        mood(UNLISTED=SHA256, REFUSED_1=RAW)
        key = opener.open(CARD, PIN).signature
        assert refused(lambda: key.sign_sha256(MESSAGE)) == "sign_refused"
        assert (asked.signed_since_opened, asked.refused) == ({}, 1)

    @pytest.mark.parametrize(
        ("said", "code"),
        [(0x05, "sign_refused"), (0x30, "sign_refused"), (0x68, "sign_refused"), (0x32, "removed"), (0x101, "removed")],
    )
    def test_a_signature_that_failed_is_not_asked_another_way(
        self, opener: Pkcs11CardOpener, asked: Asked, said: int, code: str
    ) -> None:
        key = opener.open(CARD, PIN).signature
        mood(SIGN=said)
        assert refused(lambda: key.sign_sha256(MESSAGE)) == code
        assert (asked.signed_since_opened, asked.refused) == ({SHA256: 1}, 0)

    def test_a_false_signature_does_not_leave(self, opener: Pkcs11CardOpener, asked: Asked) -> None:
        key = opener.open(CARD, PIN).signature
        mood(FALSE=1)
        assert refused(lambda: key.sign_sha256(MESSAGE)) == "sign_refused"
        assert asked.signed_since_opened == {SHA256: 1}

    def test_a_refusal_that_comes_to_nothing_is_not_remembered(self, opener: Pkcs11CardOpener, asked: Asked) -> None:
        key = opener.open(CARD, PIN).signature
        mood(REFUSED_1=SHA256, FALSE=1)
        assert refused(lambda: key.sign_sha256(MESSAGE)) == "sign_refused"
        del os.environ["MOODY_FALSE"], os.environ["MOODY_REFUSED_1"]
        asked.reset()
        assert verifies(key.certificate_der, key.sign_sha256(MESSAGE))
        assert asked.signed_since_opened == {SHA256: 1}

    @pytest.mark.parametrize("size", [0, 1, 55, 56, 64, 200_000])
    def test_of_any_length(self, opener: Pkcs11CardOpener, size: int) -> None:
        key = opener.open(CARD, PIN).signature
        message = bytes(range(256)) * (size // 256) + bytes(size % 256)
        assert key.sign_sha256(message) == key.sign_digest_info(digest_info(message, "sha256"))


def test_every_return_value_has_a_french_text() -> None:
    errors = [one for one in vars(pkcs11).values() if isinstance(one, type) and issubclass(one, pkcs11.PKCS11Error)]
    assert len(errors) > 60
    for error in errors:
        told = fault(error())
        assert told.message_fr.endswith(".")
        assert told.remedy_fr.endswith(".")
        assert (told.code == "card.removed") == (error in LOST)
    with pytest.raises(KeyError):
        card_failure("unheard_of")
