"""Identities as the window works on them: the carte Vitale in the reader, the open patient, who is found or typed, INSi."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from dmp_desktop.card.ins_datamatrix import read_scanned
from dmp_desktop.domain import roles
from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.id_documents import IdDocument
from dmp_desktop.domain.identity import Doubt, Identity, StrictTraits
from dmp_desktop.domain.ins import InsIdentity, InsStatus, is_ins
from dmp_desktop.domain.ins_access import InsAccess, Why
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Patient, Role
from dmp_desktop.domain.ports import Clock, VitaleReader
from dmp_desktop.domain.roles import Task
from dmp_desktop.domain.scanned import ScannedIdentity
from dmp_desktop.errors import CardError, ContextError
from dmp_desktop.services.directory import IdentifiedPatients, presented, same_day
from dmp_desktop.services.feeding import FeedingRules
from dmp_desktop.services.identity import IdentityService
from dmp_desktop.services.identity_proposal import Proposal
from dmp_desktop.services.patient_entries import agree
from dmp_desktop.services.presented import as_read


def guarded(rules: FeedingRules, identities: IdentityService) -> FeedingRules:
    """Nor does anything leave for whom this workstation knows to be no longer qualified; what leaves is traced."""

    def may_feed(ins: InsIdentity) -> None:
        rules.may_feed(ins)
        identities.may_leave(ins)

    def qualified(patient: Patient) -> bool:
        known = identities.with_matricule(patient.ins.value) if is_ins(patient.ins.value) else []
        return any(
            one.status is InsStatus.QUALIFIEE
            and one.matricule is not None
            and (one.matricule.value, one.matricule.oid) == (patient.ins.value, patient.ins.oid)
            and one.traits.exactly(StrictTraits.of(patient))
            for one in known
        )

    return replace(
        rules, may_feed=may_feed, qualified=qualified, leaving=lambda ins: identities.accessed((ins.value,), Why.SEND)
    )


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
    """`role` is that of who is signed in, `accesses` gives those to a number (`ins_accesses`). Methods raise as IdentityService,
    and CardError where a card or a code is at fault.

    Whoever is given here is shown: that is traced, and refused to who may not see an INS (INS/va1.39, .50).
    """

    def __init__(
        self,
        identities: IdentityService,
        directory: IdentifiedPatients,
        vitale: LastVitale,
        role: Callable[[], Role | None],
        accesses: Callable[[str], list[InsAccess]] = lambda _ins: [],
    ) -> None:
        self._accesses = accesses
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
        """As kept here, by their number; else as the practice software gives it, with its number."""
        number = Matricule(patient.ins.value, patient.ins.oid)
        return self._shown(self._people.given(StrictTraits.of(patient), number))

    def homonyms(self, traits: StrictTraits) -> list[Identity]:
        """Who is kept with the same birth name, first given name, sex and day: one of them, or somebody new?"""
        return self._all_shown(self._people.homonyms(traits))

    def now(self, identity: Identity) -> Identity:
        """The same one, as it is now."""
        return self._shown(self._people.now(identity))

    def follow(self, listener: Callable[[Identity], None]) -> None:
        """Tell `listener` what has become of an identity, on the thread of whoever changed it. Never blocks."""
        self._identities.follow(listener)

    def known(self, traits: StrictTraits) -> Identity:
        """The identity kept under these traits; else a new one, provisional, kept once something is learned of it."""
        return self._shown(self._people.known(traits))

    def born_on(self, day: date, beginning: str) -> list[Identity]:
        return self._all_shown(self._people.born_on(day, beginning))

    def with_matricule(self, typed: str) -> list[Identity]:
        """Who has it, then who had it."""
        return self._all_shown(self._people.ever_with(typed))

    def to_review(self) -> list[Identity]:
        return self._all_shown(self._people.to_review())

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
        kept = self._people.with_matricule(told.ins.value)
        if len(kept) == 1:
            return self._as_told(kept[0], told)
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
        return self._as_told(self._people.known(traits, told.ins.value), told)

    def _as_told(self, found: Identity, told: ScannedIdentity) -> Identity:
        """Raises CardError for somebody of other traits than the code's, who has its number or lost it."""
        if not (agree(found.traits, told) and same_day(f"{found.traits.birth_date:%Y%m%d}", told.birth_date)):
            raise CardError(
                "card.scan_other",
                "Ce code porte l'INS d'une personne connue ici sous un autre nom, prénom, sexe ou jour de naissance.",
                "Ne vous y fiez pas : cherchez la personne par sa date de naissance et regardez une pièce d'identité.",
            )
        return self._shown(found)

    @property
    def _people(self) -> IdentityService:
        """Raises ContextError for who may not see an INS."""
        self._identities.rights.may_see()
        return self._identities

    def _shown(self, identity: Identity) -> Identity:
        return self._all_shown([identity])[0]

    def _all_shown(self, people: list[Identity]) -> list[Identity]:
        numbers = [one.value for person in people for one in (person.matricule, *person.history) if one]
        self._identities.accessed(numbers, Why.DISPLAY)
        return people

    def accesses(self, identity: Identity) -> list[InsAccess]:
        """Who got at the number of this identity, the latest first."""
        self._identities.rights.may_see()
        return self._accesses(identity.matricule.value) if identity.matricule else []

    def displayed(self, ins: InsIdentity) -> None:
        """The number of an open record is on screen. Never blocks."""
        self._identities.accessed((ins.value,), Why.DISPLAY)

    def printed(self, ins: InsIdentity) -> None:
        """A copy of something of this record is made, on paper or in a file. Never blocks."""
        self._identities.accessed((ins.value,), Why.PRINT)

    # What the practice decides

    def documents(self) -> Sequence[IdDocument]:
        """The documents it looks at. Never blocks."""
        return self._identities.documents

    def insi_refusal(self) -> str:
        """Why who is signed in may not ask INSi, in French; empty when they may. Never blocks."""
        return self._identities.rights.insi_refusal()

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
        return self._accepted(proposal)

    def _accepted(self, proposal: Proposal, document: str = "") -> Identity:
        identity = self._identities.accept(proposal, document)
        if proposal.person is not None and proposal.as_on_card:
            self._directory.means(proposal.person, identity)
        return identity

    # Acts

    def see_document(self, identity: Identity, code: str) -> Identity:
        return self._people.see_document(identity, code)

    def take_with_document(self, proposal: Proposal, code: str) -> Identity:
        """Both at one touch: a document was seen that agrees with what INSi tells."""
        self._identities.rights.may_see()
        return self._accepted(proposal, code)

    def may_correct(self) -> bool:
        """Rule 26: whoever's card treats patients is the « super utilisateur » of the practice. Never blocks."""
        role = self._role()
        return role is not None and roles.may(role, Task.CORRECT_IDENTITY)

    def correct(self, identity: Identity, traits: StrictTraits) -> Identity:
        return self._people.correct(identity, traits, privileged=self.may_correct())

    def doubt(self, identity: Identity, doubt: Doubt) -> Identity:
        return self._people.doubt(identity, doubt)

    def clear(self, identity: Identity) -> Identity:
        return self._people.clear(identity)

    # The record

    def patient(self, identity: Identity) -> Patient | None:
        """Whose record opens for this identity; None while it is not qualified."""
        self._identities.rights.may_see()
        return self._directory.look(presented(identity)) if identity.matricule else None

    def still(self, patient: Patient) -> Patient | None:
        """An open patient as known now; None: no longer qualified, their record is to be closed."""
        return self._directory.look(as_read(patient))

    def find(self, identity: Identity) -> tuple[Beneficiary, ...]:
        """For Session.present: the person of an identity. Raises ContextError without a number."""
        self._identities.rights.may_see()
        if identity.matricule is None:
            raise ContextError("identity.no_number", "Cette identité n'a pas d'INS.", "Interrogez l'INSi.", field="ins")
        return (presented(identity),)

    def forget(self) -> None:
        """Who was presented stays with nobody who comes after."""
        self._scanned = None
        self._vitale.forget()
        self._directory.forget()
