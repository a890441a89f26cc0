"""Identities as the window works on them: the carte Vitale in the reader, the open patient, who is found or typed, INSi."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from dmp_desktop.card.ins_datamatrix import read_scanned
from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.identity import DocumentKind, Doubt, Identity, StrictTraits
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Patient, Role
from dmp_desktop.domain.ports import Clock, VitaleReader
from dmp_desktop.domain.scanned import ScannedIdentity
from dmp_desktop.errors import CardError, ContextError
from dmp_desktop.services.directory import IdentifiedPatients, presented
from dmp_desktop.services.feeding import FeedingRules
from dmp_desktop.services.identity import IdentityService, Proposal
from dmp_desktop.services.presented import as_read


def guarded(rules: FeedingRules, identities: IdentityService) -> FeedingRules:
    """Nor does anything leave for whom this workstation knows to be no longer qualified."""

    def may_feed(ins: InsIdentity) -> None:
        rules.may_feed(ins)
        identities.may_leave(ins)

    return replace(rules, may_feed=may_feed)


class LastVitale:
    """VitaleReader that keeps what was read last and when, until `forget`."""

    def __init__(self, reader: VitaleReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._last: tuple[VitaleIdentity, datetime] | None = None

    @property
    def last(self) -> tuple[VitaleIdentity, datetime] | None:
        """Never blocks."""
        return self._last

    def read(self, reader: str) -> VitaleIdentity:
        """As the reader it stands before."""
        self._last = None
        card = self._reader.read(reader)
        self._last = card, self._clock.now()
        return card

    def forget(self) -> None:
        self._last = None


class IdentityDesk:
    """`role` is that of who is signed in. Methods raise as IdentityService, and CardError where a card or a code is at fault."""

    def __init__(
        self,
        identities: IdentityService,
        directory: IdentifiedPatients,
        vitale: LastVitale,
        role: Callable[[], Role | None],
    ) -> None:
        self._identities = identities
        self._directory = directory
        self._vitale = vitale
        self._role = role
        self._scanned: ScannedIdentity | None = None

    # Who

    def card(self) -> tuple[Beneficiary, ...]:
        """Who is on the carte Vitale read last. Never blocks."""
        last = self._vitale.last
        return last[0].beneficiaries if last else ()

    def unknown(self) -> Beneficiary | None:
        """Who was presented last and is nobody's here. Never blocks."""
        return self._directory.unknown

    def of_patient(self, patient: Patient) -> Identity:
        """As kept here, by their number; else as the practice software gives it, with its number and no document seen here."""
        known = self._identities.known(StrictTraits.of(patient), patient.ins.value)
        if known.numbers or known.doubt:
            return known
        return replace(known, matricule=Matricule(patient.ins.value, patient.ins.oid))

    def homonyms(self, traits: StrictTraits) -> list[Identity]:
        """Who is kept with the same birth name, first given name, sex and day: one of them, or somebody new?"""
        return self._identities.homonyms(traits)

    def now(self, identity: Identity) -> Identity:
        """The same one, as it is now."""
        return self._identities.now(identity)

    def follow(self, listener: Callable[[Identity], None]) -> None:
        """Tell `listener` what has become of an identity, on the thread of whoever changed it. Never blocks."""
        self._identities.follow(listener)

    def known(self, traits: StrictTraits) -> Identity:
        """The identity kept under these traits; else a new one, provisional, kept once something is learned of it."""
        return self._identities.known(traits)

    def born_on(self, day: date, beginning: str) -> list[Identity]:
        return self._identities.born_on(day, beginning)

    def with_matricule(self, typed: str) -> list[Identity]:
        return self._identities.with_matricule(typed)

    def to_review(self) -> list[Identity]:
        return self._identities.to_review()

    def scanned(self, untrusted_text: str) -> Identity:
        """Who an INS datamatrix means: known here, or provisional with its traits. Its number proves nothing: it is not kept."""
        return self._of_scanned(read_scanned(untrusted_text))

    def remember(self, scanned: ScannedIdentity | None) -> None:
        """The code of somebody who is nobody's here, until another one or `forget`. Never blocks."""
        self._scanned = scanned

    def presented(self, person: Beneficiary) -> Identity | None:
        """As `scanned`, of the code that told `person`; None where they were told otherwise."""
        told = self._scanned
        return self._of_scanned(told) if told is not None and told.person == person else None

    def _of_scanned(self, told: ScannedIdentity) -> Identity:
        kept = self._identities.with_matricule(told.ins.value)
        if len(kept) == 1:
            return kept[0]
        try:
            born = date.fromisoformat(told.birth_date)
        except ValueError:
            raise CardError(
                "card.scan_date",
                "La date de naissance de ce code est incomplète.",
                "Saisissez les traits d'après une pièce d'identité.",
            ) from None
        first = told.birth_given.split()[0]
        traits = StrictTraits(told.birth_family, first, told.birth_given, told.sex, born, told.birth_place_cog)
        return self._identities.known(traits, told.ins.value)

    # INSi

    def ask(self, identity: Identity) -> Proposal:
        """By traits. A number that INSi no longer knows is taken away at once (rule 49); nothing else is changed."""
        return self._identities.check(identity)

    def ask_by_vitale(self, person: Beneficiary) -> Proposal:
        """By the carte Vitale read last, which `person` is on. Nothing is changed."""
        last = self._vitale.last
        if last is None or person not in last[0].beneficiaries:
            raise CardError(
                "card.vitale_other", "La carte Vitale n'est plus celle qui a été lue.", "Remettez-la dans le lecteur."
            )
        return self._identities.ask_by_vitale(last[0], person, last[1])

    def accept(self, proposal: Proposal) -> Identity:
        """From now on the card means them, unless INSi named somebody else."""
        identity = self._identities.accept(proposal)
        if proposal.person is not None and proposal.as_on_card:
            self._directory.means(proposal.person, identity)
        return identity

    # Acts

    def see_document(self, identity: Identity, kind: DocumentKind) -> Identity:
        return self._identities.see_document(identity, kind)

    def take_with_document(self, proposal: Proposal, kind: DocumentKind) -> Identity:
        """Both at one touch: a document was seen that agrees with what INSi tells."""
        return self.see_document(self.accept(proposal), kind)

    def may_correct(self) -> bool:
        """Rule 26: whoever's card treats patients is the « super utilisateur » of the practice. Never blocks."""
        return self._role() in (Role.DOCTOR, Role.OTHER_PROFESSIONAL)

    def correct(self, identity: Identity, traits: StrictTraits) -> Identity:
        return self._identities.correct(identity, traits, privileged=self.may_correct())

    def doubt(self, identity: Identity, doubt: Doubt) -> Identity:
        return self._identities.doubt(identity, doubt)

    def clear(self, identity: Identity) -> Identity:
        return self._identities.clear(identity)

    # The record

    def patient(self, identity: Identity) -> Patient | None:
        """Whose record opens for this identity; None while it is not qualified."""
        return self._directory.look(presented(identity)) if identity.matricule else None

    def still(self, patient: Patient) -> Patient | None:
        """An open patient as known now; None: no longer qualified, their record is to be closed."""
        return self._directory.look(as_read(patient))

    def find(self, identity: Identity) -> tuple[Beneficiary, ...]:
        """For Session.present: the person of an identity. Raises ContextError without a number."""
        if identity.matricule is None:
            raise ContextError("identity.no_number", "Cette identité n'a pas d'INS.", "Interrogez l'INSi.", field="ins")
        return (presented(identity),)

    def forget(self) -> None:
        """Who was presented stays with nobody who comes after."""
        self._scanned = None
        self._vitale.forget()
        self._directory.forget()
