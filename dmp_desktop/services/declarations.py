"""What was asked of the DMP about an authorisation (TD0.3) and what became of it, written in the name of who asked."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.consent import CHECKED, AccessAct, TracedAct
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.errors import DmpDesktopError, StorageError
from dmp_desktop.services.oppositions import AccessTrace

log = logging.getLogger(__name__)

_DECLARED = (
    AccessAct.AUTHORISED,
    AccessAct.AUTHORISED_ALONE,
    AccessAct.WITHDRAWN,
    AccessAct.ATTENDING_DECLARED,
    AccessAct.ATTENDING_WITHDRAWN,
)
_OPEN = (AccessAct.WITHDRAWAL_ASKED, AccessAct.UNANSWERED)
"""Nobody knows what became of it: no answer came, or the program was killed before."""


def declared_act(before: DossierStatus, *, attending: bool, alone: bool) -> AccessAct:
    """What TD0.3 AJOUT does to a record that stands as `before`."""
    if attending != before.attending:
        return AccessAct.ATTENDING_DECLARED if attending else AccessAct.ATTENDING_WITHDRAWN
    return AccessAct.AUTHORISED_ALONE if alone else AccessAct.AUTHORISED


class Declarations:
    """Safe from every thread."""

    def __init__(self, trace: AccessTrace) -> None:
        self._trace = trace
        self._under_way: list[str] = []  # INS of whom an answer is awaited

    @contextmanager
    def asking(self, patient: InsIdentity, act: AccessAct) -> Iterator[None]:
        """Around the request. Who asked may have left by the time it is answered: it is theirs all the same. A withdrawal is
        written before it is sent. Raises DmpError when nobody is signed in, StorageError."""
        asker = self._trace.signed(act)
        self._under_way.append(patient.value)
        try:
            if act is AccessAct.WITHDRAWN:
                self._note(patient, replace(asker, act=AccessAct.WITHDRAWAL_ASKED))
            try:
                yield
            except DmpDesktopError as error:
                self._failed(patient, asker, error)
                raise
            self._note(patient, asker)
        finally:
            self._under_way.remove(patient.value)

    def checked(self, patient: InsIdentity, status: DossierStatus) -> None:
        """The DMP says how it stands (TD0.2): what nobody knew of the last request is known now."""
        if patient.value in self._under_way or status.authorization is None:
            return
        store, among = self._trace.store, (*_DECLARED, *_OPEN, AccessAct.NOT_DONE)
        try:
            if store.latest_act(patient, among) not in _OPEN:
                return
            last = store.latest(patient, among)
            if last is None:
                return
            asked = AccessAct.WITHDRAWN if last.act is AccessAct.WITHDRAWAL_ASKED else AccessAct(last.reason)
            if _stands(asked, status):
                self._note(patient, replace(last, act=asked, reason=CHECKED))
            else:
                self._note(patient, replace(last, act=AccessAct.NOT_DONE, reason=asked))
        except StorageError as error:  # the next check tells it again
            log.warning("not traced what became of a declaration: %s", error.code)

    def _failed(self, patient: InsIdentity, asker: TracedAct, error: DmpDesktopError) -> None:
        if getattr(error, "ambiguous", False):
            became = replace(asker, act=AccessAct.UNANSWERED, reason=asker.act)
        elif asker.act is AccessAct.WITHDRAWN:
            became = replace(asker, act=AccessAct.NOT_DONE, reason=asker.act)
        else:
            return
        try:
            self._note(patient, became)
        except StorageError as fault:  # that it failed is what has to be told
            log.warning("not traced what became of a declaration: %s", fault.code)

    def _note(self, patient: InsIdentity, traced: TracedAct) -> None:
        self._trace.store.append(patient, replace(traced, at=self._trace.clock.now()))


def _stands(asked: AccessAct, status: DossierStatus) -> bool:
    match asked:
        case AccessAct.WITHDRAWN:
            return status.authorization is not Authorization.VALIDE
        case AccessAct.ATTENDING_DECLARED:
            return status.attending
        case AccessAct.ATTENDING_WITHDRAWN:
            return not status.attending
        case _:
            return status.authorization is Authorization.VALIDE
