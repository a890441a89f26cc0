"""What the window asks about the access to records. Methods may block and raise DmpDesktopError, those excepted that say not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dmp_desktop.domain.access import Administrative, FoundPerson, PersonQuery
    from dmp_desktop.domain.consent import Channel, Consent, Subject, TracedAct
    from dmp_desktop.domain.ins import InsIdentity
    from dmp_desktop.domain.people import Patient
    from dmp_desktop.services.access_acts import AccessOverview
    from dmp_desktop.services.special_access import SpecialAccess
    from dmp_desktop.services.special_words import Reason


class AccessPort(Protocol):
    """Patients' opinions, authorisations, and the accesses that are none of the ordinary ones."""

    def overview(self, patient: Patient) -> AccessOverview:
        """What this workstation knows, without asking the DMP."""
        ...

    def consent(self, patient: Patient) -> Consent: ...

    def administrative(self, patient: Patient) -> Administrative:
        """What the DMP tells of oppositions and representatives."""
        ...

    def record(self, patient: Patient, subject: Subject, *, opposed: bool, channel: Channel | None = None) -> None:
        """What the patient says now; `channel`: how they said it, where that is asked."""
        ...

    def follow_opinions(self, noted: Callable[[InsIdentity], None]) -> None:
        """`noted` is called from any thread when a patient's opinion was noted. Never blocks."""
        ...

    def follow_others(self, heard: Callable[[InsIdentity, Subject, bool], None]) -> None:
        """As the former, for what was noted at another workstation: of what, and whether the patient objects. Never blocks."""
        ...

    def feeding_refusal(self, patient: Patient) -> str | None:
        """Why the patient's opinion lets nothing be sent, in French."""
        ...

    def reading_refusal(self, patient: Patient) -> str | None:
        """Why who is signed in may open no document of this record, in French."""
        ...

    def withdraw(self, patient: Patient) -> None: ...

    def attend(self, patient: Patient, *, attending: bool) -> None:
        """Declare being the médecin traitant, or no longer."""
        ...

    def follow(self, changed: Callable[[Patient], None]) -> None:
        """`changed` is called from any thread when a special access begins and when it has ended. Never blocks."""
        ...

    def peek(self) -> SpecialAccess | None:
        """What is open now. Never blocks."""
        ...

    def seconds_left(self) -> float | None:
        """Until it ends by itself; None where it does not. Never blocks."""
        ...

    def look(self) -> None:
        """End what is over."""
        ...

    def end(self) -> None: ...

    def patient_shown(self, patient: Patient | None) -> None:
        """Who is on screen now: what was open for somebody else ends."""
        ...

    def objection(self, patient: Patient) -> TracedAct | None:
        """The objection to consultation noted here, to be told before `break_glass` and `regulate`, and given to them."""
        ...

    def break_glass(self, patient: Patient, reason: Reason, words: str, despite: TracedAct | None) -> None: ...

    def regulate(self, patient: Patient, despite: TracedAct | None) -> None: ...

    def connect_secretly(self, patient: Patient) -> None: ...

    def break_glass_refusal(self) -> str | None:
        """Why the button is greyed out, in French. Never blocks; nor does the next one."""
        ...

    def regulation_refusal(self) -> str | None: ...

    def search_person(self, query: PersonQuery) -> Sequence[FoundPerson]: ...
