"""One request once its envelope and its VIHF are accepted: who asks, for which record, with which rights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from lxml import etree

from dmp_desktop.domain.access import AccessMode, Authorization
from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.sandbox import rights
from dmp_desktop.sandbox.assertion import refuse
from dmp_desktop.sandbox.directory import PEOPLE
from dmp_desktop.sandbox.faults import ConnectionDropped, Faults, SoapFault
from dmp_desktop.sandbox.model import RegistryObject
from dmp_desktop.sandbox.patients import story_named
from dmp_desktop.sandbox.rights import Profile, Right, Transaction
from dmp_desktop.sandbox.store import Dossier, Grant, Store
from dmp_desktop.sandbox.tolerances import Tolerances
from dmp_desktop.sandbox.vihf import Vihf


@dataclass(frozen=True, slots=True)
class Request:
    """What every transaction works on."""

    store: Store
    vihf: Vihf
    signer: x509.Certificate
    authority: x509.Certificate
    body: etree._Element
    parts: Mapping[str, bytes]
    now: datetime
    tolerances: Tolerances
    faults: Faults

    @property
    def patient(self) -> InsIdentity:
        """The patient of the VIHF. Raises SoapFault when it names none: only some transactions can do without."""
        if self.vihf.patient is None:
            raise refuse("Le VIHF ne désigne aucun patient")
        return self.vihf.patient

    @property
    def profile(self) -> Profile:
        attending = False
        if self.vihf.patient:
            _, attending = self.store.access(self.vihf.patient.value, self.vihf.national_id)
        return rights.profile_of(self.vihf, attending=attending)

    @property
    def holder(self) -> str:
        """Who an authorisation goes to: the structure for a secretary or the structure's certificate (reference §4)."""
        shared = self.profile in {Profile.SECRETARY, Profile.STRUCTURE}
        return self.vihf.structure_id if shared else self.vihf.national_id

    @property
    def authorization(self) -> Authorization:
        """Own authorisation, else that of the structure [R]; a ban on the person stays a ban."""
        own, shared = (self._state(holder) for holder in (self.vihf.national_id, self.vihf.structure_id))
        if own in {Authorization.VALIDE, Authorization.INTERDIT} or shared is Authorization.NON_EXISTE:
            return own
        return shared

    def _state(self, holder: str) -> Authorization:
        grant = self.store.grant(self.patient.value, holder)
        return self.state_of(grant) if grant else Authorization.NON_EXISTE

    def state_of(self, grant: Grant) -> Authorization:
        """What an authorisation is worth now."""
        return grant.at(self.now, timedelta(days=self.tolerances.authorisation_days))

    def allow(self, transaction: Transaction) -> Right:
        """The right to this transaction. Raises SoapFault."""
        right = rights.allow(self.profile, transaction, self.vihf.access, self.vihf.mode)
        if self.vihf.access is AccessMode.CENTRE_15 and not PEOPLE[self.vihf.national_id].regulates:
            raise rights.denied("Le mode centre_15 est réservé aux médecins de la régulation")
        return right

    def refuse_masked(self, entries: Iterable[RegistryObject]) -> None:
        """Nothing can be masked in break-glass (reference §3), a document deposited no more than another; centre_15 alike [R].

        Raises SoapFault.
        """
        if self.vihf.access is not AccessMode.NORMAL and any(
            Visibility.MASQUE_PS.code in entry.confidentiality for entry in entries
        ):
            raise rights.denied(f"Rien ne peut être masqué dans le mode {self.vihf.access.value}")

    def refuse_secret_of_an_adult(self) -> None:
        """Whatever is asked, TD0.2 included (EX_0.1-1100). Raises SoapFault. Without a record no age is known here."""
        dossier = self.store.dossier(self.vihf.patient) if self.vihf.secret and self.vihf.patient else None
        if dossier and not story_named(dossier.story).is_minor(self.now.date()):
            raise rights.denied("La connexion secrète n'est possible que pour un patient mineur")

    @contextmanager
    def storing(self) -> Iterator[None]:
        """All or nothing, durable on leaving, between the two losses of connection a test may order."""
        if self.faults.take("drop_before_commit"):
            raise ConnectionDropped
        with self.store.transaction():
            yield
        if self.faults.take("drop_after_commit"):
            raise ConnectionDropped

    def open_dossier(self) -> Dossier:
        """The record, which must exist and be open. Raises SoapFault (`DMPClosed` confirmed, the other code [R])."""
        dossier = self.store.dossier(self.patient)
        if dossier is None:
            raise SoapFault("DMPNotFound", "Aucun DMP n'existe pour ce patient")
        if dossier.closed:
            raise SoapFault("DMPClosed", "Le DMP du patient est fermé")
        return dossier

    def readable_dossier(self) -> Dossier:
        """The record, which this professional may read: authorised, or by break-glass where the patient has not opposed it.

        [R] Somebody the patient has blocked may still break the glass: a ban is about the normal mode.
        """
        dossier = self.open_dossier()
        opposed = {
            AccessMode.BRIS_DE_GLACE: dossier.opposes_break_glass,
            AccessMode.CENTRE_15: dossier.opposes_emergency,
        }
        if opposed.get(self.vihf.access, False):
            raise rights.denied("Le patient s'est opposé à ce mode d'accès")
        if self.vihf.access is AccessMode.NORMAL and self.authorization is not Authorization.VALIDE:
            raise rights.denied("Le professionnel n'est pas autorisé à accéder au DMP de ce patient")
        self.store.visit(dossier.ins, self.holder, self.now)
        return dossier
