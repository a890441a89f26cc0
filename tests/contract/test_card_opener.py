"""CardOpener, the same in every world: in memory, SoftHSM2, OpenSC in front of a card that locks, Cryptolib CPS where it is."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from dmp_desktop.card.pkcs11 import Pkcs11CardOpener, list_cards
from dmp_desktop.domain.cards import PinState
from dmp_desktop.domain.ports import CardSession, Signer
from dmp_desktop.errors import CardError
from tests.helpers.card_desks import READER, Desk, desk_with, open_desk
from tests.helpers.cps_token import PIN, SOFTHSM, WRONG, holder
from tests.helpers.moody import logins, moody
from tests.helpers.piv_card import OPENSC, PivCard, configure_opensc

TEXT = b"TEST"
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(TEXT).digest()


@pytest.fixture(params=["memory", "softhsm", "opensc", "silent", "cryptolib"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with open_desk(request.param) as opened:
        yield opened


def refused(act: Callable[[], object]) -> str:
    """The code of the CardError, once it has been told in French with a remedy, and without the PIN."""
    with pytest.raises(CardError) as caught:
        act()
    assert caught.value.message_fr.endswith(".")
    assert caught.value.remedy_fr.endswith(".")
    assert not {PIN, WRONG} & set(str(caught.value).split())
    return caught.value.code.removeprefix("card.")


def verifies(signer: Signer, signature: bytes) -> bool:
    key = x509.load_der_x509_certificate(signer.certificate_der).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(signature, TEXT, padding.PKCS1v15(), hashes.SHA256())
    return True


class TestPin:
    def test_the_right_one_opens(self, desk: Desk) -> None:
        for _ in range(2):
            session = desk.opener.open(desk.card, PIN)
            session.close()
            session.close()

    @pytest.mark.parametrize("pin", ["", "123", "12345", "12a4", "１２３４", "1234 "])
    def test_what_is_no_pin_is_not_sent(self, desk: Desk, pin: str) -> None:
        assert refused(lambda: desk.opener.open(desk.card, pin)) == "pin_format"
        assert not desk.logins or desk.logins() == 0
        desk.opener.open(desk.card, PIN).close()

    def test_one_login_an_entry_and_the_last_try_is_told(self, desk: Desk) -> None:
        assert desk.opener.pin_state(desk.card) is PinState.UNKNOWN
        assert refused(lambda: desk.opener.open(desk.card, WRONG)) == "pin_wrong"
        assert not desk.logins or desk.logins() == 1
        assert desk.opener.pin_state(desk.card) is PinState.LOW
        assert refused(lambda: desk.opener.open(desk.card, WRONG)) == "pin_last_try"
        assert desk.opener.pin_state(desk.card) is PinState.LAST_TRY
        desk.opener.open(desk.card, PIN).close()
        assert not desk.logins or desk.logins() == 3
        assert desk.tells or desk.opener.pin_state(desk.card) is PinState.UNKNOWN  # OpenSC's flags stay

    def test_taken_out_and_put_back_it_has_no_more_tries(self, desk: Desk) -> None:
        if desk.remove is None or desk.insert is None:
            return
        for code, state in (("pin_wrong", PinState.LOW), ("pin_last_try", PinState.LAST_TRY)):
            assert refused(lambda: desk.opener.open(desk.card, WRONG)) == code
            desk.remove()
            desk.insert()
            assert desk.opener.pin_state(desk.card) is state
        desk.opener.open(desk.card, PIN).close()

    def test_three_wrong_ones_lock(self, desk: Desk) -> None:
        if not desk.locks:
            codes = [refused(lambda: desk.opener.open(desk.card, WRONG)) for _ in range(4)]
            assert codes == ["pin_wrong", *["pin_last_try"] * 3]
            desk.opener.open(desk.card, PIN).close()
            return
        codes = [refused(lambda: desk.opener.open(desk.card, WRONG)) for _ in range(3)]
        assert codes == ["pin_wrong", "pin_last_try", "pin_locked"]
        assert refused(lambda: desk.opener.open(desk.card, PIN)) == "pin_locked"
        if desk.tells:
            assert desk.opener.pin_state(desk.card) is PinState.LOCKED
            assert desk.logins is None or desk.logins() == 3  # a locked card is not tried

    def test_a_wrong_one_leaves_nothing_open(self, desk: Desk) -> None:
        if not desk.signs:
            return
        session = desk.opener.open(desk.card, PIN)
        assert refused(lambda: desk.opener.open(desk.card, WRONG)) == "pin_wrong"
        assert refused(lambda: session.authentication.sign_digest_info(DIGEST_INFO)) == "removed"
        desk.opener.open(desk.card, PIN).close()


@pytest.fixture(params=["softhsm", "opensc", "cryptolib"])
def signing(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with open_desk(request.param) as opened:
        yield opened


class TestKeys:
    def test_each_signs_for_its_own_certificate(self, signing: Desk) -> None:
        session = signing.opener.open(signing.card, PIN)
        assert session.authentication.certificate_der == signing.card.authentication_certificate_der
        assert session.signature.certificate_der == signing.card.signature_certificate_der
        made = {signer: signer.sign_digest_info(DIGEST_INFO) for signer in (session.authentication, session.signature)}
        assert all(verifies(signer, signature) for signer, signature in made.items())
        assert len(set(made.values())) == 2
        session.close()

    def test_nothing_signs_once_closed(self, signing: Desk) -> None:
        session = signing.opener.open(signing.card, PIN)
        session.close()
        assert refused(lambda: session.authentication.sign_digest_info(DIGEST_INFO)) == "removed"
        again = signing.opener.open(signing.card, PIN)
        assert refused(lambda: session.signature.sign_digest_info(DIGEST_INFO)) == "removed"
        assert verifies(again.signature, again.signature.sign_digest_info(DIGEST_INFO))

    def test_the_card_of_someone_else(self, signing: Desk) -> None:
        assert refused(lambda: signing.opener.open(signing.another, PIN)) == "other_card"
        assert refused(lambda: signing.opener.pin_state(signing.another)) == "other_card"
        assert not signing.logins or signing.logins() == 0

    def test_from_several_threads_at_once(self, signing: Desk) -> None:
        session = signing.opener.open(signing.card, PIN)
        good: list[bool] = []

        def sign(signer: Signer) -> None:
            good.extend(verifies(signer, signer.sign_digest_info(DIGEST_INFO)) for _ in range(4))

        pair = (session.authentication, session.signature)
        threads = [threading.Thread(target=sign, args=(signer,)) for signer in pair * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert good == [True] * 16


class TestPulledOut:
    """The worlds with a card that a hand can move."""

    @pytest.fixture(params=["opensc", "cryptolib"])
    def desk(self, request: pytest.FixtureRequest) -> Iterator[Desk]:
        with open_desk(request.param) as opened:
            yield opened

    def test_between_two_signatures(self, desk: Desk) -> None:
        assert desk.remove is not None
        assert desk.insert is not None
        session = desk.opener.open(desk.card, PIN)
        desk.remove()
        assert refused(lambda: session.signature.sign_digest_info(DIGEST_INFO)) == "removed"
        assert refused(lambda: desk.opener.open(desk.card, PIN)) == "removed"
        desk.insert()
        # The same card again: only a new PIN opens it.
        assert refused(lambda: session.signature.sign_digest_info(DIGEST_INFO)) == "removed"
        session.close()
        again = desk.opener.open(desk.card, PIN)
        assert verifies(again.signature, again.signature.sign_digest_info(DIGEST_INFO))

    def test_and_back_before_anyone_signs(self, desk: Desk) -> None:
        assert desk.remove is not None
        assert desk.insert is not None
        session = desk.opener.open(desk.card, PIN)
        desk.remove()
        desk.insert()
        assert refused(lambda: session.authentication.sign_digest_info(DIGEST_INFO)) == "removed"


def test_any_order_of_pins_signatures_and_moves() -> None:
    """A session signs if and only if it is the last one opened, was not closed, and its card has not moved since."""
    chance = random.Random(5)
    counts: Counter[str] = Counter()
    with open_desk("opensc") as desk:
        assert desk.remove is not None
        assert desk.insert is not None
        session: CardSession | None = None
        inside = alive = True
        for _ in range(400):
            match chance.choice(["open", "open", "wrong", "sign", "sign", "close", "move", "state"]):
                case "open" if inside:
                    session, alive = desk.opener.open(desk.card, PIN), True
                case "wrong" if inside and desk.opener.pin_state(desk.card) is not PinState.LAST_TRY:
                    assert refused(lambda: desk.opener.open(desk.card, WRONG)).startswith("pin_")
                    alive = False
                case "open" | "wrong" | "state" if not inside:
                    assert refused(lambda: desk.opener.open(desk.card, PIN)) == "removed"
                    assert refused(lambda: desk.opener.pin_state(desk.card)) == "removed"
                    counts["away"] += 1
                case "sign" if session and alive:
                    assert verifies(session.signature, session.signature.sign_digest_info(DIGEST_INFO))
                    counts["signed"] += 1
                case "sign" if session:
                    assert refused(lambda told=session: told.signature.sign_digest_info(DIGEST_INFO)) == "removed"
                    counts["refused"] += 1
                case "close" if session:
                    session.close()
                    alive = False
                case "move":
                    (desk.remove if inside else desk.insert)()
                    inside, alive = not inside, False
    assert min(counts[one] for one in ("signed", "refused", "away")) > 10


class TestInTheMiddle:
    """OpenSC: the moments at which only an emulated card can be pulled out, or be slow."""

    @pytest.fixture
    def chip(self) -> PivCard:
        configure_opensc()
        return PivCard()

    def test_pulled_during_a_signature(self, chip: PivCard) -> None:
        with desk_with(chip, OPENSC) as hand:
            session = Pkcs11CardOpener(OPENSC).open(holder().public, PIN)
            chip.when_signing = lambda: hand.remove(READER)
            assert refused(lambda: session.signature.sign_digest_info(DIGEST_INFO)) == "removed"
            assert refused(lambda: session.authentication.sign_digest_info(DIGEST_INFO)) == "removed"

    def test_pulled_while_the_pin_is_checked(self, chip: PivCard) -> None:
        with desk_with(chip, OPENSC) as hand:
            chip.when_verifying = lambda: hand.remove(READER)
            assert refused(lambda: Pkcs11CardOpener(OPENSC).open(holder().public, PIN)) == "removed"
            assert chip.logins == 1

    def test_pulled_once_the_pin_was_good(self, chip: PivCard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Whatever the module says of what it could not do any more."""
        module, held = moody(OPENSC), tmp_path / "held"
        with desk_with(chip, module) as hand, ThreadPoolExecutor(1) as pool:
            held.touch()
            monkeypatch.setenv("MOODY_HELD_LIST", str(held))
            monkeypatch.setenv("MOODY_LIST", "5")  # CKR_GENERAL_ERROR
            opened = pool.submit(Pkcs11CardOpener(module).open, holder().public, PIN)
            while not chip.logins:
                time.sleep(0)
            hand.remove(READER)
            held.unlink()
            assert refused(opened.result) == "removed"

    def test_another_card_that_comes_before_the_pin_is_sent(
        self, chip: PivCard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """The right one was recognised. The module is held between the two, as by another program."""
        module, held, other = moody(OPENSC), tmp_path / "held", PivCard(holder("AUTRE"))
        with desk_with(chip, module) as hand, ThreadPoolExecutor(1) as pool:
            before = logins(module)
            held.touch()
            monkeypatch.setenv("MOODY_HELD_LOGIN", str(held))
            opened = pool.submit(Pkcs11CardOpener(module).open, holder().public, PIN)
            while logins(module) == before:
                time.sleep(0)
            hand.remove(READER)
            hand.insert(READER, other)
            held.unlink()
            assert refused(opened.result) == "removed"
            assert (chip.logins, other.logins) == (0, 0)

    def test_reset_by_another_program(self, chip: PivCard) -> None:
        with desk_with(chip, OPENSC) as hand:
            session = Pkcs11CardOpener(OPENSC).open(holder().public, PIN)
            hand.reset_card(READER)
            assert refused(lambda: session.signature.sign_digest_info(DIGEST_INFO)) == "removed"
            assert chip.logins == 1

    def test_reader_unplugged_and_service_stopped(self, chip: PivCard) -> None:
        with desk_with(chip, OPENSC) as hand:
            opener = Pkcs11CardOpener(OPENSC)
            session = opener.open(holder().public, PIN)
            hand.unplug(READER)
            assert refused(lambda: session.signature.sign_digest_info(DIGEST_INFO)) == "removed"
            hand.stop_service()
            assert refused(lambda: opener.open(holder().public, PIN)) == "removed"
            session.close()

    def test_a_card_without_a_signature_certificate(self, chip: PivCard) -> None:
        with desk_with(PivCard(sign_certificate=False), OPENSC):
            (found,) = list_cards(OPENSC)
            assert found.public.signature_certificate_der == b""
            assert refused(lambda: Pkcs11CardOpener(OPENSC).open(found.public, PIN)) == "no_signature_key"

    @pytest.mark.alone
    def test_a_slow_card_holds_up_nobody(self, chip: PivCard) -> None:
        """700 ms a signature, as slow as a card can be: another thread, the window's, goes on."""
        with desk_with(chip, OPENSC):
            session = Pkcs11CardOpener(OPENSC).open(holder().public, PIN)
            chip.when_signing = lambda: time.sleep(0.7)
            # A held interpreter would show 700 ms each time; the machine itself stops a thread for 50 ms now and then.
            assert any(longest_stop_beside(session.signature) < 0.05 for _ in range(3))


def longest_stop_beside(signer: Signer) -> float:
    """The longest time, in seconds, in which another thread could not run while this signer signed for 700 ms at least."""
    over = threading.Event()
    ticks = [time.perf_counter()]

    def tick() -> None:
        while not over.wait(0.005):
            ticks.append(time.perf_counter())

    ticking = threading.Thread(target=tick)
    ticking.start()
    signer.sign_digest_info(DIGEST_INFO)
    over.set()
    ticking.join()
    assert ticks[-1] - ticks[0] >= 0.65
    return max(after - before for before, after in pairwise(ticks))


def test_cards_are_listed_without_a_pin() -> None:
    with open_desk("softhsm") as desk:
        found = next(one for one in list_cards(SOFTHSM) if one.label == "CPS3v3-TEST")
        assert found.public == desk.card
        assert (found.name, found.card_id) == (("TEST-FICTIF", "CLAIRE"), ("TEST-CARD-0001",))
