"""The contextual call by loopback HTTP: off until a port is chosen, for who has the token. It feeds the inbox as all do."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.ports import Clock, KeyStore
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import ContextError, DmpDesktopError, StorageError
from dmp_desktop.exchange.contextual_call import context_of, in_national_names, read_call
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.context_inbox import ContextInbox
from dmp_desktop.services.session_state import SignedIn

if TYPE_CHECKING:
    from dmp_desktop.platform.loopback import Answer, Door

log = logging.getLogger(__name__)

TOKEN_NAME = "contextual-call-token"  # noqa: S105 - its name
"""In the key store: the SHA-256 of the token. Who lost it makes another."""
_BYTES = 32


class CallToken:
    """What the practice software shows to be let in. Methods raise StorageError where the key store does not answer."""

    def __init__(self, keystore: KeyStore) -> None:
        self._keystore = keystore

    def made(self) -> bool:
        return bool(self._keystore.get(TOKEN_NAME))

    def renew(self) -> str:
        """Another one: it is told now and never again, the former one is worth nothing."""
        token = secrets.token_urlsafe(_BYTES)
        self._keystore.set(TOKEN_NAME, _digest(token))
        return token

    def known(self, token: str) -> bool:
        """In the same time whatever was tried."""
        kept = self._keystore.get(TOKEN_NAME) or ""
        return hmac.compare_digest(_digest(token), kept) if kept else False


class CallTokenDesk:
    """The token for who looks after the workstation; nobody is its own command line, which may."""

    def __init__(self, token: CallToken, acts: ActBook, who: Callable[[], SignedIn | None]) -> None:
        self._token, self._acts, self._who = token, acts, who

    def refusal(self) -> str:
        """Why who is signed in makes none, in French; empty where they may. Never blocks."""
        who = self._who()
        return roles.refusal(who.role, Task.WORKSTATION_SETTINGS) if who else ""

    def made(self) -> bool:
        return self._token.made()

    def renew(self) -> str:
        """Raises ContextError("role-reserved"), StorageError: the former one then still holds."""
        who = self._who()
        if who and (why := self.refusal()):
            raise ContextError("role-reserved", why, roles.remedy(who.role), field="role")
        token = self._token.renew()
        self._acts.note(Act.SETTINGS, reason="call_token")
        self._acts.flush()
        return token


class CallDoor:
    """`port` gives the one to listen on, 0 for none; `who` is signed in. `refused` is told, once, that it cannot."""

    def __init__(
        self,
        port: Callable[[], int],
        token: CallToken,
        inbox: ContextInbox,
        who: Callable[[], SignedIn | None],
        clock: Clock,
    ) -> None:
        self._port, self._token, self._inbox, self._who, self._clock = port, token, inbox, who, clock
        self._door: Door | None = None
        self._barred = 0
        self.refused: Callable[[DmpDesktopError], None] = lambda _error: None

    def look(self) -> None:
        """Listen where it is wanted by now, or nowhere."""
        wanted = self._port()
        if self._door is not None and self._door.port != wanted:
            self.close()
        if not wanted:
            self._barred = 0
        elif self._door is None:
            self._open(wanted)

    def close(self) -> None:
        door, self._door = self._door, None
        if door is not None:
            door.close()

    def _open(self, port: int) -> None:
        from dmp_desktop.platform.loopback import Door  # http.server: for who wants it

        try:
            self._door = Door(port, self._token.known, self.take)
            self._barred = 0
        except (OSError, OverflowError) as error:
            if self._barred != port:
                self._barred = port
                log.warning("contextual call: the port cannot be listened on (%s)", type(error).__name__)
                self.refused(_taken(port))

    def take(self, kind: str, body: bytes) -> Answer:
        """Durable where it says so. Never raises what is the caller's fault, nor the disk's."""
        from dmp_desktop.platform.loopback import FORM, Answer

        try:
            if kind == FORM:
                take_form(self._inbox, self._who(), self._clock.now(), body)
            else:
                take_json(self._inbox, body)
        except ContextError as error:
            status = 409 if error.code == "call-nobody" else 422
            return Answer(status, error.code, error.told_fr, error.field)
        except DmpDesktopError as error:
            return Answer(503, error.code, error.told_fr)
        return Answer(202, "ok", "Repris : DMP Desktop le propose.")


def take_form(inbox: ContextInbox, who: SignedIn | None, now: datetime, body: bytes) -> None:
    """A form with the national names, for who is signed in. Durable when it returns. Raises ContextError, StorageError."""
    call = read_call(body)
    if who is None:
        raise _nobody("Personne n'est identifié dans DMP Desktop, et l'appel ne dit pas qui consulte.")
    told = context_of(call, who.professional, who.facility, now)
    try:
        inbox.receive(told)
    except ContextError as error:
        if error.field.startswith(("professional", "facility")):
            raise _nobody("Qui est identifié dans DMP Desktop ne consulte pas en son nom propre.") from error
        raise in_national_names(error) from error


def take_json(inbox: ContextInbox, body: bytes) -> None:
    """A context file; or, with a note, `{"context": …, "note": text}`. As `take_form`."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or "context" not in told:
        inbox.receive(body)  # which tells what is wrong with it
        return
    note = told.get("note") or ""
    if not isinstance(note, str) or set(told) - {"context", "note"}:
        raise ContextError("call-note", "Seuls « context » et « note », un texte, sont attendus.", field="note")
    try:
        words = note.encode()
    except UnicodeEncodeError as error:
        raise ContextError("call-note", "Le texte de la note n'est pas de l'UTF-8.", field="note") from error
    inbox.receive(json.dumps(told["context"]), words)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _nobody(message: str) -> ContextError:
    return ContextError("call-nobody", message, "Identifiez-vous avec votre carte, puis recommencez.")


def _taken(port: int) -> StorageError:
    return StorageError(
        "call-port",
        f"L'appel du logiciel métier ne peut pas être écouté : le port {port} est pris par un autre programme, ou interdit.",
        "Choisissez-en un autre dans Réglages.",
    )
