"""The next patients of the doctor who is signed in, from the day's list: their records are fetched ahead (services/preload)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dmp_desktop.domain.arrivals import Arrival, Stage
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.services.arrivals import Arrivals
from dmp_desktop.services.arrivals_watch import NEXT_PATIENTS
from dmp_desktop.services.record import RecordListener
from dmp_desktop.services.session_state import SignedIn

_HERE = frozenset({Stage.ARRIVED, Stage.HANDED})
_GONE = frozenset({Stage.SEEN, Stage.ABSENT})


class NextPatients(RecordListener):
    """`plan` gets them once somebody is signed in who reads records (`reader`), and each time it is somebody else's turn.

    `patient` gives the one qualified patient an arrival is, None while that is not sure.
    """

    def __init__(
        self,
        arrivals: Arrivals,
        patient: Callable[[Arrival], Patient | None],
        plan: Callable[[Iterable[Patient]], None],
        reader: Callable[[], SignedIn | None],
    ) -> None:
        self._arrivals = arrivals
        self._patient = patient
        self._plan = plan
        self._reader = reader
        self._planned: tuple[Patient, ...] | None = None

    def look(self) -> None:
        """Plan who comes now, if that is new. Raises StorageError."""
        reader = self._reader()
        if reader is None:
            return
        own = self._arrivals.source(NEXT_PATIENTS)
        coming = [one for one in self._arrivals.listed().arrivals if _comes_to(one, reader, own)]
        coming.sort(key=lambda one: one.stage not in _HERE)
        found = (self._patient(one) for one in coming)
        patients = tuple(dict.fromkeys(one for one in found if one and one.ins.status is InsStatus.QUALIFIEE))
        if patients != (self._planned or ()):
            self._planned = patients
            self._plan(patients)

    def left(self) -> None:
        """Whoever comes next has theirs planned anew, in their own name."""
        self._planned = None


def _comes_to(one: Arrival, reader: SignedIn, own: str) -> bool:
    """Whom nobody says to be somebody's is fetched for nobody, but for the list that is of this workstation's next patients:
    `own` names its file."""
    if one.withdrawn or one.stage in _GONE:
        return False
    theirs = one.expected.is_with(reader.professional)
    return one.source == own if theirs is None else theirs
