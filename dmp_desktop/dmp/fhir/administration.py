"""Who may open what over FHIR: TD0.2 and TD0.3, and of `RecordAdministration` what the draft PDSm4DMP carries."""

# ruff: noqa: ARG002 - what the draft does not carry looks at nothing

from __future__ import annotations

from datetime import datetime

from dmp_desktop.dmp.conversation import require_qualified
from dmp_desktop.dmp.fhir import names, reader, search, tree, writer
from dmp_desktop.dmp.fhir.conversation import FhirConversation
from dmp_desktop.dmp.fhir.tree import Node
from dmp_desktop.dmp.soap import unreadable
from dmp_desktop.domain.access import (
    Administrative,
    AuthorisationFilter,
    AuthorisedProfessional,
    Authorization,
    DossierDate,
    DossierStatus,
    FoundPerson,
    KnownDossier,
    PersonQuery,
)
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.errors import DmpError

_STATES = {
    "active": Authorization.VALIDE,
    "inactive": Authorization.EXPIRE,
    "rejected": Authorization.INTERDIT,
}

_NOT_CARRIED = {
    "TD0.4": "La liste de vos dossiers",
    "TD0.5": "La recherche d'un patient par ses traits",
    "TD1.6": "La liste des professionnels autorisés",
}
_ABSENT = "{} n'existe pas encore dans le DMP au format FHIR."


class FhirAdministration(FhirConversation):
    """One method a transaction; each may raise DmpError."""

    def status(self, patient: InsIdentity) -> DossierStatus:
        """TD0.2. A record that does not exist is an answer, not an error."""
        try:
            told, consent = self._patient(patient)
        except DmpError as error:
            if error.code in ("DMPNotFound", "HTTP404"):
                return DossierStatus(exists=False)
            raise
        if told is None:
            return DossierStatus(exists=False)
        authorization = Authorization.NON_EXISTE if consent is None else _STATES.get(tree.text(consent, "status"))
        return DossierStatus(
            exists=True,
            closed=told.get("active") is False,
            authorization=authorization,
            attending=reader.extension(told, names.ATTENDING) is True,
        )

    def authorise(self, patient: InsIdentity, *, attending: bool = False) -> None:
        """TD0.3 AJOUT."""
        self._consent(patient, given=True, attending=attending)

    def withdraw(self, patient: InsIdentity) -> None:
        """TD0.3 SUPPRESSION."""
        self._consent(patient, given=False)

    def administrative(self, patient: InsIdentity) -> Administrative:
        """TD1.3a, of which the draft carries one thing: oppositions and representatives stay unknown."""
        told, _consent = self._patient(patient)
        return Administrative(attached_to_mes=None if told is None else reader.extension(told, names.ATTACHED_TO_MES))

    def lacks(self, transaction: str) -> str | None:
        """Why a transaction of the guide is not to be had over FHIR, in French; None where it is."""
        what = _NOT_CARRIED.get(transaction)
        return what and _ABSENT.format(what)

    def records(self, since: datetime, by: DossierDate) -> list[KnownDossier]:
        raise _not_carried("TD0.4")

    def professionals(self, patient: InsIdentity, which: AuthorisationFilter) -> list[AuthorisedProfessional]:
        raise _not_carried("TD1.6")

    def search_person(self, query: PersonQuery) -> list[FoundPerson]:
        raise _not_carried("TD0.5")

    def _patient(self, patient: InsIdentity) -> tuple[Node | None, Node | None]:
        """The Patient, and the Consent to my access."""
        require_qualified(patient)
        asked = [("identifier", search.token_of(patient)), ("_revinclude", "Consent:patient")]
        found = list(self._channel.search("Patient", asked, patient))
        kinds = {tree.text(one, "resourceType"): one for one in found}
        if "Consent" in kinds and "Patient" not in kinds:
            raise unreadable("no patient")
        return kinds.get("Patient"), kinds.get("Consent")

    def _consent(self, patient: InsIdentity, *, given: bool, attending: bool = False) -> None:
        require_qualified(patient)
        body = writer.consent(patient, self._clock.now(), given=given, attending=attending)
        self._channel.tell("POST", "/Consent", body, patient)


def _not_carried(transaction: str) -> DmpError:
    """The other protocol has it."""
    return DmpError(
        "AbsentDeFhir",
        _ABSENT.format(_NOT_CARRIED[transaction]),
        "Ouvrez le DMP dans votre navigateur (Web DMP) ; ou demandez à qui gère l'ordinateur de revenir au format XDS.",
    )
