"""OpenSC before the scripted service: the driver fails first, and the card is seen to leave 400 ms later, as with pcscd."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from dmp_desktop.card.departure import NOTICED
from dmp_desktop.card.failures import E_NOT_TRANSACTED
from dmp_desktop.card.pkcs11 import Pkcs11CardOpener
from dmp_desktop.domain.digest_info import digest_info
from dmp_desktop.errors import CardError
from tests.helpers.card_desks import READER, desk_with
from tests.helpers.card_worlds import Hand
from tests.helpers.cps_token import PIN, WRONG, holder
from tests.helpers.moody import moody
from tests.helpers.piv_card import OPENSC, PivCard, configure_opensc

pytestmark = pytest.mark.alone

CARD = holder().public
INFO = digest_info(b"TEST", "sha256")
SEEN = 0.4
"""Seconds after which pcscd sees that a card has left (reference card.md §1.3)."""


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(CardError) as caught:
        act()
    return caught.value.code.removeprefix("card.")


@pytest.fixture
def chip() -> PivCard:
    configure_opensc()
    return PivCard()


@pytest.fixture
def hand(chip: PivCard) -> Iterator[Hand]:
    with desk_with(chip, OPENSC) as hand:
        yield hand


@pytest.fixture
def opener() -> Pkcs11CardOpener:
    return Pkcs11CardOpener(OPENSC)


@pytest.fixture
def pulled(hand: Hand) -> Iterator[Callable[[], None]]:
    """The card is pulled: no command reaches it any more, and the service sees it leave later."""
    seen = threading.Timer(SEEN, hand.remove, (READER,))

    def pull() -> None:
        hand.fail("transmit", E_NOT_TRANSACTED, 10_000)
        seen.start()

    yield pull
    seen.join(60)


def test_during_a_signature(opener: Pkcs11CardOpener, chip: PivCard, pulled: Callable[[], None]) -> None:
    session = opener.open(CARD, PIN)
    chip.when_signing = pulled
    assert refused(lambda: session.signature.sign_digest_info(INFO)) == "removed"
    assert refused(lambda: session.authentication.sign_digest_info(INFO)) == "removed"


def test_no_key_signs_meanwhile(opener: Pkcs11CardOpener, chip: PivCard, pulled: Callable[[], None]) -> None:
    session = opener.open(CARD, PIN)
    asked, signing = [], threading.Event()

    def pull() -> None:
        asked.append(1)
        pulled()
        signing.set()

    chip.when_signing = pull
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(session.signature.sign_digest_info, INFO)
        assert signing.wait(60)
        assert refused(lambda: session.authentication.sign_digest_info(INFO)) == "removed"
        assert refused(first.result) == "removed"
    assert asked == [1]


def test_while_the_pin_is_checked(opener: Pkcs11CardOpener, chip: PivCard, pulled: Callable[[], None]) -> None:
    chip.when_verifying = pulled
    assert refused(lambda: opener.open(CARD, PIN)) == "removed"
    assert chip.logins == 1


def test_a_card_that_stays_has_refused(opener: Pkcs11CardOpener, chip: PivCard, hand: Hand) -> None:
    session = opener.open(CARD, PIN)
    chip.when_signing = lambda: hand.fail("transmit", E_NOT_TRANSACTED)
    assert refused(lambda: session.signature.sign_digest_info(INFO)) == "sign_refused"
    chip.when_signing = lambda: None
    chip.when_verifying = lambda: hand.fail("transmit", E_NOT_TRANSACTED)
    assert refused(lambda: opener.open(CARD, PIN)) == "failed"


class TestAtOnce:
    """What needs no explanation waits for none."""

    @pytest.fixture(autouse=True)
    def at_once(self, hand: Hand, opener: Pkcs11CardOpener) -> Iterator[None]:
        opener.open(CARD, PIN).close()  # OpenSC has read the card
        started = time.monotonic()
        yield
        assert time.monotonic() - started < NOTICED

    def test_a_wrong_pin(self, opener: Pkcs11CardOpener) -> None:
        assert [refused(lambda: opener.open(CARD, WRONG)) for _ in range(2)] == ["pin_wrong", "pin_last_try"]

    def test_a_locked_card(self, opener: Pkcs11CardOpener, chip: PivCard) -> None:
        chip.tries = 1
        assert [refused(lambda: opener.open(CARD, WRONG)) for _ in range(2)] == ["pin_locked", "pin_locked"]

    def test_a_login_that_is_closed_meanwhile(self, opener: Pkcs11CardOpener, chip: PivCard, hand: Hand) -> None:
        """As the watcher does, which has seen the card leave: whoever closes is not held up."""
        session = opener.open(CARD, PIN)
        closing = threading.Timer(0.05, session.close)

        def fail() -> None:
            hand.fail("transmit", E_NOT_TRANSACTED, 10_000)
            closing.start()

        chip.when_signing = fail
        assert refused(lambda: session.signature.sign_digest_info(INFO)) == "removed"
        closing.join(60)


def test_a_mechanism_that_the_key_does_not_know_is_refused_at_once(
    chip: PivCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = moody(OPENSC)
    with desk_with(chip, module):
        session = Pkcs11CardOpener(module).open(CARD, PIN)
        monkeypatch.setenv("MOODY_SIGN", "63")  # CKR_KEY_TYPE_INCONSISTENT
        started = time.monotonic()
        assert refused(lambda: session.signature.sign_digest_info(INFO)) == "sign_refused"
        assert time.monotonic() - started < NOTICED
