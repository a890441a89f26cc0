"""Signing in by Pro Santé Connect against the stand-in provider, over real TLS: what works, and each way it can go wrong."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from dmp_desktop.dmp.psc_session import PscIdentity
from dmp_desktop.domain.access import AuthenticationMode
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import CardError, DmpDesktopError, DmpError
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.directory import CABINET as CABINET_PLACE
from dmp_desktop.sandbox.psc_state import USERS, PscUser
from dmp_desktop.services.psc_sign_in import PscProgress, PscSignIn, PscStep
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.sign_in import Account
from tests.helpers.psc_desk import DOCTOR_ID, OTHER_ID, Person, setup
from tests.helpers.seeded import seeded

CABINET = "410002422979001"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("psc"))) as running:
        running.psc.interval = 0.1
        yield running


@pytest.fixture
def person(sandbox: Sandbox) -> Person:
    return Person(sandbox.ready)


@dataclass
class Desk:
    """Opens what it is given, as the real desk does, and keeps the account."""

    accounts: list[Account] = field(default_factory=list)
    identity: Any = None

    def sign_in(self, account: Account) -> SignedIn:
        self.identity = account.open_identity()
        self.accounts.append(account)
        return SignedIn(account.professional, account.facility, account.role)

    def leave(self) -> None:
        if self.identity is not None:
            self.identity.close()
            self.identity = None
        for thread in threading.enumerate():
            if thread.name == "psc-close":
                thread.join()


@pytest.fixture
def desk() -> Iterator[Desk]:
    opened = Desk()
    yield opened
    opened.leave()


def service(sandbox: Sandbox, desk: Desk, person: Person, identity: str = "structure", **options: Any) -> PscSignIn:
    options = {"open_url": person.open} | options
    secret = bool(options.pop("secret", False))
    return PscSignIn(setup(sandbox.ready, identity, secret=secret), desk.sign_in, SystemClock(), **options)


def refused(ask: Callable[[], object]) -> DmpDesktopError:
    with pytest.raises(DmpDesktopError) as caught:
        ask()
    return caught.value


@pytest.mark.parametrize("secret", [False, True])
def test_by_the_browser(sandbox: Sandbox, desk: Desk, person: Person, secret: bool) -> None:
    signed_in = service(sandbox, desk, person, secret=secret).browser(person.tell)()
    assert signed_in.professional.national_id == DOCTOR_ID
    assert (signed_in.professional.specialty, signed_in.role) == ("G15_10/SM26", Role.DOCTOR)
    assert (signed_in.facility.id, signed_in.facility.sector) == (CABINET, "SA07")
    account = desk.accounts[0]
    assert account.mode is AuthenticationMode.INDIRECTE_RENFORCEE
    [session] = sandbox.psc.sessions.of_person(DOCTOR_ID)
    assert account.authenticated_at is not None
    assert abs((account.authenticated_at - session.authenticated).total_seconds()) < 1
    assert [progress.step for progress in person.progress] == [PscStep.BROWSER, PscStep.CHECKING]


@pytest.mark.parametrize("regulation", [False, True])
def test_who_regulates(
    sandbox: Sandbox, desk: Desk, person: Person, regulation: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(USERS, DOCTOR_ID, replace(USERS[DOCTOR_ID], regulation=regulation))
    service(sandbox, desk, person).browser(person.tell)()
    assert desk.accounts[0].regulation is regulation


def test_by_the_phone(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    psc = service(sandbox, desk, person)
    signed_in = psc.phone(" 10002422979", person.tell)()
    assert signed_in.professional.national_id == DOCTOR_ID
    assert [progress.step for progress in person.progress] == [PscStep.PHONE, PscStep.CHECKING]
    assert psc.suggested == DOCTOR_ID


def test_signing_out_closes_the_session_at_the_provider(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    service(sandbox, desk, person).browser(person.tell)()
    identity = desk.identity
    assert identity.signature.sign_sha256(b"TEST")
    desk.leave()
    assert sandbox.psc.sessions.of_person(DOCTOR_ID) == []
    assert refused(lambda: identity.signature.sign_sha256(b"TEST")).code == "psc.ended"


BROWSER_FAULTS = {
    "deny": "psc.denied",
    "expire": "psc.expired",
    "unavailable": "psc.unreachable",
    "wrong_nonce": "psc.untrusted",
    "wrong_signature": "psc.untrusted",
    "wrong_audience": "psc.untrusted",
    "wrong_issuer": "psc.untrusted",
    "expired_token": "psc.clock",
    "wrong_acr": "psc.too_weak",
    "other_subject": "psc.untrusted",
    "other_user": "psc.not_in_structure",
}


@pytest.mark.parametrize("fault", BROWSER_FAULTS)
def test_each_fault_of_the_browser_is_told(sandbox: Sandbox, desk: Desk, person: Person, fault: str) -> None:
    sandbox.psc.faults.order(fault, 1)
    error = refused(lambda: service(sandbox, desk, person).browser(person.tell))
    assert error.code == BROWSER_FAULTS[fault]
    assert error.message_fr
    assert error.remedy_fr
    assert desk.accounts == []
    assert sandbox.psc.sessions.of_person(DOCTOR_ID) == []  # nothing that was refused stays open at the provider


PHONE_FAULTS = {
    "deny": "psc.denied",
    "expire": "psc.expired",
    "wrong_signature": "psc.untrusted",
    "other_user": "psc.other_person",
}


@pytest.mark.parametrize("fault", PHONE_FAULTS)
def test_each_fault_of_the_phone_is_told(sandbox: Sandbox, desk: Desk, person: Person, fault: str) -> None:
    sandbox.psc.faults.order(fault, 1)
    psc = service(sandbox, desk, person)
    assert refused(lambda: psc.phone(DOCTOR_ID, person.tell)).code == PHONE_FAULTS[fault]
    assert (psc.suggested, desk.accounts) == ("", [])
    assert sandbox.psc.sessions.of_person(OTHER_ID) == []


def test_the_person_refuses(sandbox: Sandbox, desk: Desk) -> None:
    person = Person(sandbox.ready, answer="no")
    psc = service(sandbox, desk, person)
    assert refused(lambda: psc.browser(person.tell)).code == "psc.denied"
    assert refused(lambda: psc.phone(DOCTOR_ID, person.tell)).code == "psc.denied"


def test_slow_down_is_obeyed(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    sandbox.psc.faults.order("slow_down", 1)
    pauses: list[float] = []

    def pause(_cancelled: threading.Event, seconds: float) -> bool:
        pauses.append(seconds)
        for request in sandbox.psc.sessions.phone.values():
            request.last_poll = None  # as if that time had gone by
        return False

    service(sandbox, desk, person, pause=pause).phone(DOCTOR_ID, person.tell)()
    assert pauses == [0.1, 5.1]


def test_numbers_that_are_not_those_of_a_person(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    psc = service(sandbox, desk, person)
    assert refused(lambda: psc.phone("1234", person.tell)).code == "psc.bad_number"
    assert refused(lambda: psc.phone("10000000008", person.tell)).code == "psc.unknown_user"


def test_someone_who_does_not_work_here(sandbox: Sandbox, desk: Desk) -> None:
    person = Person(sandbox.ready, OTHER_ID)
    assert refused(lambda: service(sandbox, desk, person).browser(person.tell)).code == "psc.not_in_structure"
    assert sandbox.psc.sessions.of_person(OTHER_ID) == []  # the provider was told at once


@pytest.mark.parametrize(
    ("number", "code"), [("3310000000017/000012", "psc.employee"), ("910002422979", "psc.student")]
)
def test_who_has_no_rpps_number_is_told_which_card_to_use(
    sandbox: Sandbox, desk: Desk, monkeypatch: pytest.MonkeyPatch, number: str, code: str
) -> None:
    user = PscUser(number, "TEST-SANS-RPPS", "Alex", "", "", (CABINET_PLACE,))
    monkeypatch.setitem(USERS, number, user)
    error = refused(lambda: service(sandbox, desk, Person(sandbox.ready, number)).browser(lambda _progress: None))
    assert error.code == code
    assert "carte" in error.remedy_fr
    assert desk.accounts == []
    assert sandbox.psc.sessions.of_person(number) == []


def test_a_person_s_card_is_not_a_structure(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    error = refused(lambda: service(sandbox, desk, person, "doctor").browser(person.tell))
    assert error.code == "psc.client"  # the provider knows no software by this certificate
    error = refused(lambda: service(sandbox, desk, person, "doctor", secret=True).browser(person.tell))
    assert error.code == "psc.certificate"


def test_giving_up_ends_the_wait(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    def give_up(progress: PscProgress) -> None:
        if progress.step is not PscStep.CHECKING:
            psc.cancel()

    psc = service(sandbox, desk, person, open_url=lambda url: True)
    assert refused(lambda: psc.browser(give_up)).code == "psc.cancelled"
    assert refused(lambda: psc.phone(DOCTOR_ID, give_up)).code == "psc.cancelled"


def test_what_was_given_up_cannot_be_opened(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    psc = service(sandbox, desk, person)
    opening = psc.browser(person.tell)
    psc.cancel()
    assert refused(opening).code == "psc.cancelled"
    desk.leave()
    assert sandbox.psc.sessions.of_person(DOCTOR_ID) == []


def test_a_new_attempt_takes_the_place_of_the_former(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    psc = service(sandbox, desk, person)
    former = psc.browser(person.tell)
    latter = psc.browser(person.tell)
    assert refused(former).code == "psc.cancelled"
    assert latter().role is Role.DOCTOR


def test_an_answer_of_another_request_changes_nothing(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    """Someone else's page, or a former one, sends the browser to the open port: only the state that was drawn counts."""
    told: list[int] = []

    def open_url(url: str) -> bool:
        asked = dict(parse_qsl(urlsplit(url).query))
        forgeries = (
            {"code": "volé", "state": "x" * 32},
            {"error": "access_denied", "state": ""},
            {"code": "a", "error": "b", "state": asked["state"]},
        )
        told.extend(person.get(f"{asked['redirect_uri']}?{urlencode(forged)}") for forged in forgeries)
        return person.open(url)

    assert service(sandbox, desk, person, open_url=open_url).browser(person.tell)().role is Role.DOCTOR
    assert told == [400, 400, 400]


def test_the_page_at_the_end_is_ours(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    def open_url(url: str) -> bool:
        visit.append(threading.Thread(target=person.visit, args=(url,)))
        visit[0].start()
        return True

    visit: list[threading.Thread] = []
    service(sandbox, desk, person, open_url=open_url).browser(person.tell)()
    visit[0].join()
    assert "la connexion se termine dans DMP Desktop" in person.page


def test_the_provider_refuses_a_request_without_its_guards(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    """The stand-in is strict: PKCE, state, nonce, level and loopback address are all needed."""
    pages: list[str] = []

    def open_url(url: str) -> bool:
        address, _, query = url.partition("?")
        for name in ("code_challenge", "state", "nonce", "acr_values", "redirect_uri", "scope"):
            asked = dict(parse_qsl(query))
            asked.pop(name)
            assert person.get(f"{address}?{urlencode(asked)}") == 400
            pages.append(person.page)
        return person.open(url)

    service(sandbox, desk, person, open_url=open_url).browser(person.tell)()
    assert all("Demande refusée" in page for page in pages)
    assert len(pages) == 6


def test_tokens_are_renewed_and_the_old_ones_die(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    service(sandbox, desk, person).browser(person.tell)()
    session = desk.identity._session
    before = session._tokens
    session._tokens = _due(before)
    assert session.keep() > 60
    assert session._tokens.refresh != before.refresh
    assert sandbox.psc.sessions.by_refresh(before.refresh) is None


def test_a_session_closed_by_the_provider_is_told_and_signs_no_more(
    sandbox: Sandbox, desk: Desk, person: Person
) -> None:
    ended: list[bool] = []
    service(sandbox, desk, person, on_end=lambda: ended.append(True)).browser(person.tell)()
    session = desk.identity._session
    session._tokens = _due(session._tokens)
    sandbox.psc.faults.order("unavailable", 1)
    assert session.keep() == 10  # the provider is down: the session lives on, it will be asked again
    assert ended == []
    sandbox.psc.faults.order("refuse_refresh", 1)
    assert session.keep() is None
    assert ended == [True]
    error = refused(lambda: desk.identity.signature.sign_digest_info(b""))
    assert (type(error), error.code) == (CardError, "psc.ended")


def test_the_end_of_an_earlier_session_is_not_that_of_the_present_one(
    sandbox: Sandbox, desk: Desk, person: Person
) -> None:
    psc = service(sandbox, desk, person)
    assert psc.over
    psc.browser(person.tell)()
    assert not psc.over
    first = desk.identity._session
    first._tokens = _due(first._tokens)
    sandbox.psc.faults.order("refuse_refresh", 1)
    assert first.keep() is None
    assert psc.over
    psc.browser(person.tell)()
    assert not psc.over  # whatever is told of the first one now
    desk.leave()
    assert psc.over


class Ahead(SystemClock):
    """Five minutes later than the provider's: to us, whoever it authenticates now was authenticated before we asked."""

    def now(self) -> datetime:
        return super().now() + timedelta(minutes=5)


def test_the_browser_is_asked_who_is_there_now(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    """Not to go on with a session it remembers: whoever stands before a locked screen may be somebody else."""
    urls: list[str] = []

    def open_url(url: str) -> bool:
        urls.append(url)
        return person.open(url)

    service(sandbox, desk, person, open_url=open_url).browser(person.tell)()
    asked = dict(parse_qsl(urlsplit(urls[0]).query))
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")


def test_a_session_the_browser_remembered_opens_nothing(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    before = sandbox.psc.sessions.of_person(DOCTOR_ID)
    psc = PscSignIn(setup(sandbox.ready), desk.sign_in, Ahead(), open_url=person.open)
    assert refused(lambda: psc.browser(person.tell)).code == "psc.remembered"
    assert desk.accounts == []
    assert sandbox.psc.sessions.of_person(DOCTOR_ID) == before, "nor stays open at the provider"


def test_nothing_of_it_is_logged(
    sandbox: Sandbox, desk: Desk, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service(sandbox, desk, person).phone(DOCTOR_ID, person.tell)()
    tokens = desk.identity._session._tokens
    secrets = (tokens.access, tokens.refresh, tokens.id_token, DOCTOR_ID, "Camille")
    assert not [secret for secret in secrets if secret in caplog.text]
    assert "…" in repr(tokens)


def test_absent() -> None:
    psc = PscSignIn(None, lambda account: pytest.fail("never"), SystemClock())
    assert not psc.available
    error = refused(lambda: psc.browser(lambda progress: None))
    assert (type(error), error.code) == (DmpError, "psc.absent")


def test_the_identity_is_that_of_the_structure(sandbox: Sandbox, desk: Desk, person: Person) -> None:
    service(sandbox, desk, person).browser(person.tell)()
    assert isinstance(desk.identity, PscIdentity)
    assert desk.identity.authentication.certificate_der != desk.identity.signature.certificate_der


def _due(tokens: Any) -> Any:
    """The same tokens, whose access token is at its end."""
    return replace(tokens, access_until=SystemClock().now())
