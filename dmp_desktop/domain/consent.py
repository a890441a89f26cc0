"""What patients said of their record, and each access that was declared or forced: kept here, whatever the DMP knows of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Subject(StrEnum):
    """The two things a patient may object to, each by itself (Ségur DMP/CONF.06, DMP/CONF.09)."""

    CONSULTATION = "consultation"
    FEEDING = "feeding"


class Channel(StrEnum):
    """By which way a patient gave an opinion."""

    COUNTER = "counter"
    CONSULTATION = "consultation"
    PHONE = "phone"
    LETTER = "letter"
    MESSAGE = "message"


class AccessAct(StrEnum):
    """What happened to the access to a record."""

    CONSULTATION_AGREED = "consultation-agreed"
    CONSULTATION_OPPOSED = "consultation-opposed"
    FEEDING_AGREED = "feeding-agreed"
    FEEDING_OPPOSED = "feeding-opposed"
    AUTHORISED = "authorised"
    AUTHORISED_ALONE = "authorised-automatically"
    WITHDRAWN = "withdrawn"
    ATTENDING_DECLARED = "attending-declared"
    ATTENDING_WITHDRAWN = "attending-withdrawn"
    GLASS_BROKEN = "glass-broken"
    REGULATION_OPENED = "regulation-opened"
    CONFIDENTIAL_OPENED = "secret-opened"
    OPENED_DESPITE = "opened-despite-objection"
    SPECIAL_ENDED = "special-ended"
    WITHDRAWAL_ASKED = "withdrawal-asked"
    UNANSWERED = "unanswered"
    NOT_DONE = "not-done"


RESTART = "restart"
"""Reason of a SPECIAL_ENDED that nobody asked for: the program had been killed, its next start wrote it."""
CHECKED = "checked"
"""Reason of a declaration whose answer was lost, and that the DMP showed afterwards to be done."""
DECISIONS = {
    (Subject.CONSULTATION, False): AccessAct.CONSULTATION_AGREED,
    (Subject.CONSULTATION, True): AccessAct.CONSULTATION_OPPOSED,
    (Subject.FEEDING, False): AccessAct.FEEDING_AGREED,
    (Subject.FEEDING, True): AccessAct.FEEDING_OPPOSED,
}
"""Subject and whether the patient objects, to the act that records it."""


@dataclass(frozen=True, slots=True)
class TracedAct:
    """One act. `at` is aware; `by` a national identifier and `by_name` the person's name; `reason` a choice of a list, or
    of UNANSWERED and NOT_DONE the act that was asked; `words` free text of the doctor, for this workstation only: never logged,
    never sent."""

    act: AccessAct
    at: datetime
    by: str
    by_name: str
    reason: str = ""
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the patient last said of one subject. `opposed` is None when nothing was recorded: then nobody said anything."""

    opposed: bool | None = None
    told: TracedAct | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """What the patient said of both subjects."""

    consultation: Decision = Decision()
    feeding: Decision = Decision()
