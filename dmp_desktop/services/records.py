"""« Mes dossiers » (TD0.4), who else may open a record (TD1.6), and the pages of the Web DMP (TD0.9), for the window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from dmp_desktop.dmp.web_dmp import Page, address
from dmp_desktop.domain.access import AuthorisationFilter, AuthorisedProfessional, DossierDate, KnownDossier
from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.dmp_ports import RecordAdministration
from dmp_desktop.domain.identity import folded
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import CardError, ContextError, DmpError
from dmp_desktop.services.access import AccessPolicy
from dmp_desktop.services.lacking import lacking
from dmp_desktop.services.presented import DISCORDANT, NOT_HERE
from dmp_desktop.services.rights import Action

DMP_BEGAN = datetime(2011, 1, 1, tzinfo=UTC)
"""No authorisation is older: the national DMP opened in January 2011."""

NO_SITE = "L'adresse du Web DMP n'est pas réglée sur ce poste."
_HOW = "Lisez sa carte Vitale, scannez son datamatrix INS, ou qualifiez son identité."


class RecordsService:
    """All of it for whoever is signed in. `administration` gives their DMP, None when nobody is; `look` the patient qualified
    here whom a matricule and a birth date mean; `site` is the root of the Web DMP, empty where none is known; `may_read` refuses
    the number of somebody who is no longer qualified. Methods that ask the DMP raise DmpError, CardError when nobody is signed
    in; those about a patient ContextError too, by `may_read`."""

    def __init__(
        self,
        administration: Callable[[], RecordAdministration | None],
        look: Callable[[Beneficiary], Patient | None],
        policy: AccessPolicy,
        clock: Clock,
        site: str = "",
        may_read: Callable[[InsIdentity], None] = lambda _ins: None,
    ) -> None:
        self._administration = administration
        self._look = look
        self._policy = policy
        self._clock = clock
        self._site = site
        self._may_read = may_read

    @property
    def has_site(self) -> bool:
        """Whether the Web DMP may be opened from this workstation."""
        return bool(self._site)

    def records_refusal(self) -> str | None:
        """Why « Mes dossiers » cannot be listed, in French."""
        return self._policy.refusal(Action.MY_RECORDS) or self._lacking(Action.MY_RECORDS)

    def professionals_refusal(self, patient: Patient) -> str | None:
        """Why those who may open this record cannot be listed, in French."""
        return self._policy.refusal(Action.PROFESSIONALS, patient.ins) or self._lacking(Action.PROFESSIONALS)

    def web_refusal(self, patient: Patient | None) -> str | None:
        """Why no page of the Web DMP can be opened, in French."""
        return self._policy.refusal(Action.WEB, patient.ins if patient else None) if self._site else NO_SITE

    def by_document(self, days: int) -> list[KnownDossier]:
        """Records in which anybody has put a document for so many days, the latest first."""
        since = self._since(days)
        found = self._listing().records(since, DossierDate.LAST_DOCUMENT)
        return _latest_first(found, lambda one: one.last_document)

    def by_access(self, days: int) -> list[KnownDossier]:
        """Records I opened for so many days, the latest first; then those of which the DMP does not tell when.

        TD0.4 selects by the authorisation or the document, never by the access: all are asked for.
        """
        since = self._since(days)
        found = self._listing().records(DMP_BEGAN, DossierDate.LAST_AUTHORISATION)
        kept = [one for one in found if one.last_access is None or one.last_access >= since]
        return _latest_first(kept, lambda one: one.last_access)

    def identify(self, dossier: KnownDossier) -> tuple[Beneficiary, ...]:
        """The patient qualified here that a line is about, for `Session.present`. Raises ContextError.

        What the DMP tells of somebody opens nothing: it only finds an identity that was qualified here.
        """
        if dossier.birth_date is None:
            raise ContextError("record.unknown_here", NOT_HERE, _HOW)
        born = f"{dossier.birth_date:%Y%m%d}"
        people = [self._known(dossier, ins, born) for ins in (dossier.patient, *dossier.others)]
        qualified = {(one.ins.value, one.ins.oid): one for one in people if one}
        if len(qualified) != 1:
            raise ContextError("record.unknown_here", NOT_HERE, _HOW)
        (known,) = qualified.values()
        if dossier.birth_family and _letters(known.birth_family) != _letters(dossier.birth_family):
            raise ContextError(
                "record.discordant",
                DISCORDANT,
                "Vérifiez l'identité du patient sur une pièce d'identité avant d'ouvrir son DMP.",
            )
        return (Beneficiary(known.birth_family, known.first_given, born, known.ins.value, 1),)

    def _known(self, dossier: KnownDossier, ins: InsIdentity, born: str) -> Patient | None:
        """Who is qualified here under one of the numbers of a line."""
        known = self._look(Beneficiary(dossier.birth_family, dossier.given, born, ins.value, 1))
        if known is None or known.birth_date != dossier.birth_date:
            return None
        # Under another number, it is theirs since INSi replaced this one.
        return known if known.ins.value != ins.value or known.ins.oid == ins.oid else None

    def professionals(self, patient: Patient, which: AuthorisationFilter) -> list[AuthorisedProfessional]:
        """By name, those who are blocked last."""
        if why := self.professionals_refusal(patient):
            raise DmpError("DroitInsuffisant", why)
        self._may_read(patient.ins)
        found = self._dmp().professionals(patient.ins, which)
        return sorted(found, key=lambda one: (one.blocked, folded(one.family), folded(one.given)))

    def web_address(self, page: str, patient: Patient | None = None) -> str:
        """The address of a page by its name in it (`dmp.web_dmp.Page`). Raises DmpError."""
        if why := self.web_refusal(patient):
            raise DmpError("WebDmpFerme", why)
        if patient:
            self._may_read(patient.ins)
        return address(self._site, Page(page), patient.ins if patient else None)

    def _since(self, days: int) -> datetime:
        return self._clock.now() - timedelta(days=days)

    def _lacking(self, action: Action) -> str | None:
        return lacking(self._administration(), action)

    def _listing(self) -> RecordAdministration:
        """Raises DmpError for who may not have the list."""
        dmp = self._dmp()
        if why := self._policy.refusal(Action.MY_RECORDS):
            raise DmpError("DroitInsuffisant", why)
        return dmp

    def _dmp(self) -> RecordAdministration:
        dmp = self._administration()
        if dmp is None:
            raise CardError("CarteAbsente", "Votre carte CPS n'est pas dans le lecteur.", "Insérez-la.")
        return dmp


def _latest_first(found: list[KnownDossier], when: Callable[[KnownDossier], datetime | None]) -> list[KnownDossier]:
    """Those of unknown date last, by name."""
    dated = [one for one in found if when(one)]
    undated = [one for one in found if not when(one)]
    names = attrgetter("family", "given")
    return sorted(dated, key=lambda one: when(one) or DMP_BEGAN, reverse=True) + sorted(undated, key=names)


def _letters(name: str) -> str:
    return folded(name).replace(" ", "")
