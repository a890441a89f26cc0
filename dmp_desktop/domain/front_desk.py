"""« Dossier prêt »: what is to be done at the front desk before a doctor sees somebody, point by point. No record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dmp_desktop.domain.access import Authorization
from dmp_desktop.domain.arrivals import Arrival, DmpTold
from dmp_desktop.domain.consent import Consent
from dmp_desktop.domain.identity import Identity
from dmp_desktop.domain.ins import InsStatus


class Point(StrEnum):
    """In the order in which they are seen to."""

    PERSON = "person"
    INS = "ins"
    DMP = "dmp"
    OPINIONS = "opinions"
    SCANS = "scans"


class Mark(StrEnum):
    """`TO_DO` keeps a record from being ready; `TOLD` needs nothing more at the desk, and matters to the doctor."""

    DONE = "done"
    TOLD = "told"
    TO_DO = "to-do"


class Told(StrEnum):
    """What a point says."""

    IDENTIFIED = "identified"
    GIVEN = "given"  # by the practice software, which answers for it
    CONFIRM = "confirm"  # one person of here has the same name, birth and sex
    CHOOSE = "choose"  # several have
    NEW = "new"  # nobody of here has
    INCOMPLETE = "incomplete"  # the line lacks a given name or a birth
    DISCORDANT = "discordant"  # its INS is that of somebody else
    DOUBTFUL = "doubtful"
    QUALIFIED = "qualified"
    ASK_INSI = "ask-insi"
    SEE_DOCUMENT = "see-document"
    EXISTS = "exists"
    AUTHORISED = "authorised"
    BARRED = "barred"
    CLOSED = "closed"
    NO_DMP = "no-dmp"
    NOT_ASKED = "not-asked"
    AGREED = "agreed"
    OPPOSED = "opposed"
    OPPOSED_CONSULTATION = "opposed-consultation"
    OPPOSED_FEEDING = "opposed-feeding"
    NOT_NOTED = "not-noted"
    NO_SCAN = "no-scan"
    SCANS_WAIT = "scans-wait"
    AFTER = "after"  # it cannot be known before the points above


@dataclass(frozen=True, slots=True)
class Check:
    point: Point
    told: Told
    mark: Mark


def ready(checks: tuple[Check, ...]) -> bool:
    return all(check.mark is not Mark.TO_DO for check in checks)


def next_check(checks: tuple[Check, ...]) -> Check | None:
    """What is to be done first; None when nothing is."""
    return next((check for check in checks if check.mark is Mark.TO_DO), None)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of who an arrival is. `identity` is sure; else `candidates`. `consent` is None while it is not sure whose,
    `scans` where this workstation has no tray."""

    arrival: Arrival
    identity: Identity | None = None
    candidates: tuple[Identity, ...] = ()
    given: bool = False
    discordant: bool = False
    consent: Consent | None = None
    scans: int | None = None


def checks_of(facts: Facts) -> tuple[Check, ...]:
    """One a point; that of scans where they are followed."""
    found = [_person(facts), _ins(facts), _dmp(facts.arrival.dmp, known=_qualified(facts)), _opinions(facts.consent)]
    if facts.scans is not None:
        wait = facts.scans > 0
        found.append(Check(Point.SCANS, Told.SCANS_WAIT if wait else Told.NO_SCAN, Mark.TOLD if wait else Mark.DONE))
    return tuple(found)


def _person(facts: Facts) -> Check:
    told = facts.arrival.expected
    if facts.discordant:
        said = Told.DISCORDANT
    elif facts.given:
        return Check(Point.PERSON, Told.GIVEN, Mark.DONE)
    elif facts.identity is not None:
        if not facts.identity.doubt:
            return Check(Point.PERSON, Told.IDENTIFIED, Mark.DONE)
        said = Told.DOUBTFUL
    elif facts.candidates:
        said = Told.CONFIRM if len(facts.candidates) == 1 else Told.CHOOSE
    else:
        said = Told.NEW if told.given and told.birth_date else Told.INCOMPLETE
    return Check(Point.PERSON, said, Mark.TO_DO)


def _qualified(facts: Facts) -> bool:
    return facts.given or (facts.identity is not None and facts.identity.status is InsStatus.QUALIFIEE)


def _ins(facts: Facts) -> Check:
    if _qualified(facts):
        return Check(Point.INS, Told.QUALIFIED, Mark.DONE)
    if facts.identity is None or facts.identity.doubt:
        return Check(Point.INS, Told.AFTER, Mark.TO_DO)
    lacks_document = facts.identity.matricule is not None
    return Check(Point.INS, Told.SEE_DOCUMENT if lacks_document else Told.ASK_INSI, Mark.TO_DO)


def _dmp(told: DmpTold | None, *, known: bool) -> Check:
    """A DMP that is not there, or shut, is for the patient to settle: nothing at the desk."""
    if not known:
        return Check(Point.DMP, Told.AFTER, Mark.TO_DO)
    if told is None:
        return Check(Point.DMP, Told.NOT_ASKED, Mark.TO_DO)
    if not told.exists or told.closed:
        return Check(Point.DMP, Told.CLOSED if told.exists else Told.NO_DMP, Mark.TOLD)
    if told.access == Authorization.INTERDIT:
        return Check(Point.DMP, Told.BARRED, Mark.TOLD)
    return Check(Point.DMP, Told.AUTHORISED if told.access == Authorization.VALIDE else Told.EXISTS, Mark.DONE)


def _opinions(consent: Consent | None) -> Check:
    """What nobody said is not an agreement."""
    if consent is None:
        return Check(Point.OPINIONS, Told.AFTER, Mark.TO_DO)
    read, fed = consent.consultation.opposed, consent.feeding.opposed
    if read is None or fed is None:
        return Check(Point.OPINIONS, Told.NOT_NOTED, Mark.TO_DO)
    if read or fed:
        said = Told.OPPOSED if read and fed else Told.OPPOSED_CONSULTATION if read else Told.OPPOSED_FEEDING
        return Check(Point.OPINIONS, said, Mark.TOLD)
    return Check(Point.OPINIONS, Told.AGREED, Mark.DONE)
