"""Who may open what (TD0.2 to TD0.5, TD1.3a, TD1.6): `RecordAdministration` of the ports, and what `DmpRepository` has of it."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from dmp_desktop.dmp import (
    administrative,
    authorisation,
    existence,
    habilitations,
    names,
    patient_list,
    person_search,
)
from dmp_desktop.dmp.channel import SHORT_ANSWER, content
from dmp_desktop.dmp.conversation import Conversation, require_qualified
from dmp_desktop.dmp.soap import MAX_ANSWER
from dmp_desktop.domain.access import (
    Administrative,
    AuthorisationFilter,
    AuthorisedProfessional,
    DossierDate,
    DossierStatus,
    FoundPerson,
    KnownDossier,
    PersonQuery,
)
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.errors import DmpError


class AdministrationClient(Conversation):
    """One method a transaction; each may raise DmpError."""

    def status(self, patient: InsIdentity) -> DossierStatus:
        """TD0.2. A record that does not exist is an answer, not an error."""
        try:
            return existence.read(self._about(patient, existence.Reason.EXISTENCE))
        except DmpError as error:
            if error.code == "DMPNotFound":
                return DossierStatus(exists=False)
            raise

    def authorise(self, patient: InsIdentity, *, attending: bool = False) -> None:
        """TD0.3 AJOUT."""
        self._set_authorisation(patient, authorisation.request(add=True, attending=attending))

    def withdraw(self, patient: InsIdentity) -> None:
        """TD0.3 SUPPRESSION."""
        self._set_authorisation(patient, authorisation.request(add=False))

    def records(self, since: datetime, by: DossierDate) -> list[KnownDossier]:
        """TD0.4. The identities come from the DMP: none of them counts as qualified."""
        body = patient_list.request(since, by)
        return patient_list.read(self._ask(names.PATIENTS, names.ACTION_TD04, body, None))

    def administrative(self, patient: InsIdentity) -> Administrative:
        """TD1.3a."""
        return administrative.read(self._about(patient, existence.Reason.ADMINISTRATIVE))

    def professionals(self, patient: InsIdentity, which: AuthorisationFilter) -> list[AuthorisedProfessional]:
        """TD1.6."""
        require_qualified(patient)
        body = habilitations.request(which)
        return habilitations.read(self._ask(names.HABILITATIONS_PATH, names.ACTION_TD16, body, patient))

    def search_person(self, query: PersonQuery) -> list[FoundPerson]:
        """TD0.5, in mode centre 15 only (`in_mode`): the DMP refuses it in any other."""
        body = person_search.request(query, self._sender, self._entropy.uuid(), self._clock.now())
        return person_search.read(self._ask(names.PATIENTS, names.ACTION_TD05, body, None))

    def _about(self, patient: InsIdentity, reason: existence.Reason) -> etree._Element:
        require_qualified(patient)
        body = existence.request(patient, self._sender, self._entropy.uuid(), self._clock.now(), reason)
        return self._ask(names.PATIENTS, names.ACTION_TD02, body, patient, SHORT_ANSWER)

    def _set_authorisation(self, patient: InsIdentity, body: str) -> None:
        require_qualified(patient)
        authorisation.read(self._channel.tell(names.HABILITATIONS_PATH, names.ACTION_TD03, body, patient))

    def _ask(
        self, path: str, action: str, body: str, patient: InsIdentity | None, longest: int = MAX_ANSWER
    ) -> etree._Element:
        return content(self._channel.ask(path, action, body, patient), limit=longest).root
