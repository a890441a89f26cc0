"""Records, professionals and addresses of the Web DMP in memory, with invented people."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

from dmp_desktop.domain.access import AuthorisationFilter, AuthorisedProfessional, KnownDossier
from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.terminology import oids
from tests.ui import fakes

SITE = "https://web.exemple.invalid"


def dossier(patient: Patient, days: int, *, access: int | None = None, **more: object) -> KnownDossier:
    """The line of a patient whose last document came some days ago."""
    return KnownDossier(
        patient=replace(patient.ins, status=InsStatus.PROVISOIRE),
        family=patient.birth_family,
        given=patient.first_given,
        birth_family=patient.birth_family,
        birth_date=patient.birth_date,
        last_document=fakes.NOW - timedelta(days=days),
        last_access=None if access is None else fakes.NOW - timedelta(days=access),
        **more,  # type: ignore[arg-type]
    )


STRANGER = fakes.patient("TEST-ÉTRANGER", "Luc", fakes.Sex.MALE, date(1990, 5, 4), "Lille", "1900559350123")
DOSSIERS = [
    dossier(fakes.LEA, 2, access=40, attending=True),
    dossier(fakes.PAUL, 5, access=1, message="Fermeture prévue"),
    dossier(STRANGER, 6),
]
PROFESSIONALS = [
    AuthorisedProfessional("810002422979", oids.PS_IDNAT, "DUPONT", "Camille", "G15_10/SM26", fakes.NOW, fakes.NOW,
                           right="MEDECIN_TRAITANT"),
    AuthorisedProfessional("810000000001", oids.PS_IDNAT, "PETIT", "Anne", "G15_99/ZZ99", fakes.NOW),
    AuthorisedProfessional("410002422979001", oids.STRUCT_IDNAT, "Cabinet des Lilas", "", since=fakes.NOW),
    AuthorisedProfessional("810000000002", oids.PS_IDNAT, "LEROY", "Hugo", "G15_21", blocked=True),
]  # fmt: skip


class FakeRecords:
    """`gate` holds the answers back, `error` is raised instead, `why` refuses everything."""

    def __init__(self) -> None:
        self.dossiers = list(DOSSIERS)
        self.has_site = True
        self.why: str | None = None
        self.error: DmpError | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.asked: list[tuple[str, object]] = []
        self.threads: set[int] = set()

    def records_refusal(self) -> str | None:
        return self.why

    def professionals_refusal(self, patient: Patient) -> str | None:
        return self.why

    def web_refusal(self, patient: Patient | None) -> str | None:
        return self.why

    def by_document(self, days: int) -> list[KnownDossier]:
        self._answer("document", days)
        return self.dossiers

    def by_access(self, days: int) -> list[KnownDossier]:
        self._answer("access", days)
        return sorted(self.dossiers, key=lambda one: one.last_access or fakes.NOW - timedelta(days=9999), reverse=True)

    def identify(self, dossier: KnownDossier) -> tuple[Beneficiary, ...]:
        for known in (fakes.LEA, fakes.PAUL):
            if known.ins.value == dossier.patient.value:
                return (fakes.beneficiary(known, 1),)
        raise ContextError("record.unknown_here", "Ce patient n'est pas qualifié ici.", "Lisez sa carte Vitale.")

    def professionals(self, patient: Patient, which: AuthorisationFilter) -> list[AuthorisedProfessional]:
        self._answer("professionals", which)
        blocked = {AuthorisationFilter.ACTIVE: [False], AuthorisationFilter.FORBIDDEN: [True]}.get(which, [False, True])
        return [one for one in PROFESSIONALS if one.blocked in blocked]

    def web_address(self, page: str, patient: Patient | None = None) -> str:
        if self.why:
            raise DmpError("WebDmpFerme", self.why)
        return f"{SITE}/AccesDirect/{page}" + (f"/{patient.ins.value}" if patient else "")

    def _answer(self, what: str, which: object) -> None:
        self.threads.add(threading.get_ident())
        self.asked.append((what, which))
        self.gate.wait(120)
        if self.error:
            raise self.error
