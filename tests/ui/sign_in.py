"""Ways in without a card, in memory, and the cards and places the tests of signing in speak of."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from dmp_desktop.card.failures import card_failure
from dmp_desktop.domain.cards import Beneficiary, CardType, CpsActivity, PinState, PublicCps
from dmp_desktop.domain.people import Facility, Patient, Role
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.services.professional import after_refusal
from dmp_desktop.services.session_state import PinAsked, SignedIn
from dmp_desktop.ui.sign_in_ports import Told
from tests.ui import fakes

HOLDER = "Camille DUPONT"
ASKED = PinAsked(HOLDER, CardType.CPS, PinState.UNKNOWN)
WRONG, LAST, LOCKED, NO_MODULE = (
    after_refusal(ASKED, card_failure(name)) for name in ("pin_wrong", "pin_last_try", "pin_locked", "module_missing")
)
PLACES = (
    CpsActivity(1, Facility("410002422979001", "Cabinet des Lilas", "SA07"), mode="00"),
    CpsActivity(3, Facility("310000000001", "Maison de santé pluriprofessionnelle de la Vallée de la Vesle", "SA52"), mode="01"),
    CpsActivity(7, Facility("410002422979002", "Cabinet du Dr TEST-REMPLACÉ", "SA08"), mode="04"),
)  # fmt: skip


def public(*, is_test: bool = False, days: int = 400) -> PublicCps:
    """What a card tells without its PIN; `days` until it ends."""
    until = fakes.NOW + timedelta(days=days)
    return PublicCps("DUPONT", "Camille", "810002422979", "10", is_test, until, b"", b"", CardType.CPS)


@dataclass(frozen=True)
class Progress:
    step: str
    binding: str = ""
    seconds: int = 120
    url: str = ""


class FakePsc:
    """Agrees once `gate` is open; `error` is raised instead."""

    def __init__(self) -> None:
        self.available = True
        self.suggested = ""
        self.gate = threading.Event()
        self.error: DmpError | None = None
        self.asked: list[str] = []
        self.cancelled = False

    def browser(self, tell: Told) -> Callable[[], SignedIn]:
        self.asked.append("browser")
        tell(Progress("browser", url="https://auth.esw.esante.test/demande"))
        return self._wait(tell)

    def phone(self, national_id: str, tell: Told) -> Callable[[], SignedIn]:
        self.asked.append(national_id)
        tell(Progress("phone", binding="47"))
        return self._wait(tell)

    def cancel(self) -> None:
        self.cancelled = True
        self.gate.set()

    def _wait(self, tell: Told) -> Callable[[], SignedIn]:
        self.gate.wait(120)
        if self.cancelled:
            raise DmpError("psc.cancelled", "Demande annulée.")
        if self.error:
            raise self.error
        tell(Progress("checking"))
        return lambda: SignedIn(fakes.DOCTOR, fakes.CABINET, Role.DOCTOR, "810002422979")


class FakeEntries:
    """A code that ends with a matricule is a patient's; `apcv` are who present their phone."""

    def __init__(self) -> None:
        self.scanned: list[str] = []
        self.apcv: tuple[Patient, ...] = ()
        self.gate = threading.Event()
        self.gate.set()

    def from_scanner(self, untrusted_text: str) -> tuple[Beneficiary, ...]:
        self.scanned.append(untrusted_text)
        self.gate.wait(120)
        for patient in (fakes.LEA, fakes.PAUL):
            if untrusted_text.endswith(patient.ins.value):
                return (fakes.beneficiary(patient, 1),)
        raise ContextError("scan", "Ce code n’est pas un code INS.", "Scannez le code INS du patient.")

    def from_apcv(self) -> tuple[Beneficiary, ...]:
        self.gate.wait(120)
        if self.apcv:
            return tuple(fakes.beneficiary(one, rank) for rank, one in enumerate(self.apcv, 1))
        raise ContextError("apcv", "L’appli carte Vitale n’est pas installée sur ce poste.", "")
