"""Signing in without a card: Pro Santé Connect says who it is, the structure's certificate opens the DMP (mode AIR)."""

from __future__ import annotations

import re
import secrets
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from dmp_desktop.dmp.psc_client import Grant, PscClient
from dmp_desktop.dmp.psc_errors import psc_error
from dmp_desktop.dmp.psc_person import national_id_of, person_of, structure_of
from dmp_desktop.dmp.psc_provider import Registration
from dmp_desktop.dmp.psc_redirect import Redirect
from dmp_desktop.dmp.psc_session import PscIdentity, PscSession
from dmp_desktop.dmp.psc_web import PscWeb
from dmp_desktop.domain.ports import ClientIdentity, Clock
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.sign_in import Account

BROWSER_SECONDS = 120.0
"""How long the person has in the browser: as much as Pro Santé Connect gives on the phone."""


class PscStep(StrEnum):
    """Where a sign-in is."""

    BROWSER = "browser"  # the browser was opened, waiting for the person there
    PHONE = "phone"  # the request is on the phone, `binding` is to be compared there
    CHECKING = "checking"  # the person agreed: what came back is being verified


@dataclass(frozen=True, slots=True)
class PscProgress:
    """What to tell while waiting. `seconds` is how long the person has left; `url` is for a browser that did not open."""

    step: PscStep
    binding: str = ""
    seconds: int = 0
    url: str = field(default="", repr=False)


Told = Callable[[PscProgress], None]


@dataclass(frozen=True, slots=True)
class PscSetup:
    """Pro Santé Connect on this workstation. `ca_file` (PEM) holds the provider's authorities.

    `open_structure` opens the structure's keys (AUTH_CLI and SIGN), asking for what it needs. Raises DmpDesktopError.
    """

    registration: Registration
    ca_file: Path
    open_structure: Callable[[], ClientIdentity]


class _Attempt:
    """One sign-in under way."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.redirect: Redirect | None = None

    def cancel(self) -> None:
        self.cancelled.set()
        if self.redirect is not None:
            self.redirect.cancel()


class PscSignIn:
    """One attempt at a time: a new one cancels the former. `setup` None: not configured.

    `sign_in` opens an account at the desk; `on_end` (may be set later) is told, from another thread, that the provider ended a
    session that was open (maybe not the present one: see `over`); `open_url` opens the system's browser; `pause` waits between
    two polls and tells whether the person gave up.
    """

    def __init__(
        self,
        setup: PscSetup | None,
        sign_in: Callable[[Account], SignedIn],
        clock: Clock,
        *,
        on_end: Callable[[], None] = lambda: None,
        open_url: Callable[[str], object] = webbrowser.open,
        pause: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self._setup = setup
        self._sign_in = sign_in
        self._clock = clock
        self.on_end = on_end
        self._open_url = open_url
        self._pause = pause
        self._attempt: _Attempt | None = None
        self._unclaimed: PscIdentity | None = None
        self._opened: PscSession | None = None
        self._lock = threading.Lock()
        self.suggested = ""

    @property
    def available(self) -> bool:
        """Whether there is anything to offer."""
        return self._setup is not None

    @property
    def over(self) -> bool:
        """Whether the session that was opened last has ended: a word of the provider on an earlier one may come late."""
        return self._opened is None or self._opened.over

    def browser(self, tell: Told) -> Callable[[], SignedIn]:
        """Wait for the person in the system's browser. What it returns opens the session at the DMP.

        Raises DmpDesktopError (`psc.…`; psc.cancelled after `cancel`).
        """
        with self._begun() as (setup, attempt), self._structure(setup) as (structure, client):
            with Redirect(setup.registration.redirect_port) as redirect:
                attempt.redirect = redirect
                if attempt.cancelled.is_set():
                    raise psc_error("psc.cancelled")

                def show(url: str) -> None:
                    tell(PscProgress(PscStep.BROWSER, seconds=int(BROWSER_SECONDS), url=url))
                    self._open_url(url)

                grant = client.by_browser(redirect, show, BROWSER_SECONDS)
            tell(PscProgress(PscStep.CHECKING))
            return self._opening(attempt, structure, client, grant)

    def phone(self, national_id: str, tell: Told) -> Callable[[], SignedIn]:
        """Wait for the person on their phone (CIBA); `national_id` is `8` and the RPPS, or the RPPS alone. Else as `browser`."""
        digits = re.sub(r"\s", "", national_id)
        if not re.fullmatch(r"8?\d{11}", digits):
            raise psc_error("psc.bad_number")
        asked = digits if len(digits) == 12 else f"8{digits}"
        with self._begun() as (setup, attempt), self._structure(setup) as (structure, client):
            binding = str(10 + secrets.randbelow(90))
            ringing = client.ring(asked, binding)
            tell(PscProgress(PscStep.PHONE, binding=binding, seconds=int(ringing.seconds)))
            grant = client.answered(ringing, lambda seconds: self._pause(attempt.cancelled, seconds))
            tell(PscProgress(PscStep.CHECKING))
            try:
                if national_id_of(grant.claims) != asked:
                    raise psc_error("psc.other_person")
            except DmpDesktopError:
                client.quietly_end(grant.tokens)
                raise
            opening = self._opening(attempt, structure, client, grant)
            self.suggested = asked
            return opening

    def cancel(self) -> None:
        """Give up what is under way, from any thread: nobody waits. A sign-in that was not opened yet is dropped too."""
        with self._lock:
            attempt, unclaimed, self._unclaimed = self._attempt, self._unclaimed, None
            if attempt is not None:
                attempt.cancel()
        if unclaimed is not None:
            unclaimed.close()

    def _opening(
        self, attempt: _Attempt, structure: ClientIdentity, client: PscClient, grant: Grant
    ) -> Callable[[], SignedIn]:
        """The account of a person who signed in, ready for the desk. Tells the provider when it is nobody's after all."""
        session = PscSession(client, grant, self._clock, lambda: self.on_end())
        try:
            account_of = _account(grant, structure_of(structure.authentication.certificate_der))
            identity = PscIdentity(structure, session)
            with self._lock:
                if attempt.cancelled.is_set():
                    raise psc_error("psc.cancelled")
                self._unclaimed = identity
        except DmpDesktopError:
            session.close(session.drop())
            raise

        def claim() -> ClientIdentity:
            with self._lock:
                if self._unclaimed is not identity:  # given up, or opened before
                    raise psc_error("psc.cancelled")
                self._unclaimed, self._opened = None, session
            session.start()
            return identity

        return lambda: self._sign_in(account_of(claim))

    @contextmanager
    def _begun(self) -> Iterator[tuple[PscSetup, _Attempt]]:
        if self._setup is None:
            raise psc_error("psc.absent")
        self.cancel()
        attempt = _Attempt()
        with self._lock:
            self._attempt = attempt
        try:
            yield self._setup, attempt
        finally:
            with self._lock:
                if self._attempt is attempt:
                    self._attempt = None

    @contextmanager
    def _structure(self, setup: PscSetup) -> Iterator[tuple[ClientIdentity, PscClient]]:
        """The structure's keys and the provider; the keys are forgotten again unless the sign-in succeeds."""
        with ExitStack() as undo:
            structure = setup.open_structure()
            undo.callback(structure.close)
            web = PscWeb(setup.ca_file, structure.authentication)
            undo.callback(web.close)
            yield structure, PscClient(web, setup.registration, self._clock, certificate=True)
            undo.pop_all()


def _account(grant: Grant, structure: str) -> Callable[[Callable[[], ClientIdentity]], Account]:
    """Who the person is in this structure. Raises DmpError psc.no_identity, psc.no_specialty, psc.not_in_structure."""
    person = person_of(grant.claims)
    place = person.at(structure)
    facility = place.facility_as(structure)
    return lambda open_identity: Account(
        national_id=person.national_id,
        professional=place.professional,
        facility=facility,
        role=place.role,
        open_identity=open_identity,
        authenticated_at=grant.authentication.at,
        regulation=person.regulation,
    )


def psc_teller(stream: TextIO) -> Told:
    """Tells a person at a terminal what to do."""

    def tell(progress: PscProgress) -> None:
        match progress.step:
            case PscStep.BROWSER:
                line = f"Connectez-vous dans le navigateur. S'il ne s'ouvre pas, copiez : {progress.url}"
            case PscStep.PHONE:
                line = f"Confirmez dans l'application e-CPS si elle affiche le numéro {progress.binding}."
            case PscStep.CHECKING:
                line = "Réponse reçue, vérification."
        print(line, file=stream, flush=True)

    return tell
