"""Who the patient is: INSi asked, its answer compared and taken, a document seen, a number that is no longer good.

Every call to INSi and every change is written in the journal (INS/va1.06, .27, .35, .38), never with a name in clear: all
that INSi returned is sealed beside the record of the call (rule 39).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.dmp_ports import InsiService
from dmp_desktop.domain.identity import DocumentCheck, DocumentKind, Doubt, Identity, StrictTraits, folded
from dmp_desktop.domain.ins import InsIdentity, is_ins
from dmp_desktop.domain.insi import InsiAnswer, InsiOutcome, InsiTraits, TraitQuery, VitaleQuery
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import CardError, ContextError, DmpDesktopError, DmpError
from dmp_desktop.services.identity_rules import may_ask, not_in_doubt, refuse_double, refuse_known, several, withdrawn
from dmp_desktop.services.identity_search import search
from dmp_desktop.services.identity_trace import returned
from dmp_desktop.services.identity_traits import Divergence, adopted, compare, first_given_agrees, unusable
from dmp_desktop.storage.journal import JournalRecord

VITALE_FRESH = timedelta(minutes=20)
"""How long what a carte Vitale told may serve a call (INSi 1.02)."""

CARD_GIVEN = "Prénom de la carte"
CHANGED = "identity.changed"
REFUSED_FR = "L'INSi ne connaît plus cette INS avec ces traits : l'identité redevient provisoire, à revoir."

_SAID_FR = {
    InsiOutcome.NONE: "L'INSi ne trouve personne avec ces traits : vérifiez-les sur une pièce d'identité.",
    InsiOutcome.SEVERAL: "L'INSi trouve plusieurs personnes avec ces traits : précisez les prénoms ou le lieu de naissance.",
}


class Identities(Protocol):
    """What this workstation knows of identities (storage.identities)."""

    def of(self, person: str) -> Identity | None: ...

    def put(
        self, identity: Identity, *, former: Identity | None, refuse: Callable[[list[Identity]], None]
    ) -> Identity: ...

    def born_on(self, day: date) -> list[Identity]: ...

    def with_matricule(self, value: str) -> list[Identity]: ...

    def formerly(self, value: str) -> list[Identity]: ...

    def to_review(self) -> list[Identity]: ...


class Acts(Protocol):
    """Where acts are traced (storage.journal)."""

    def append(self, record: JournalRecord, *, ins: str = "", told: str = "") -> None: ...

    def told(self) -> Iterable[tuple[JournalRecord, str]]: ...


@dataclass(frozen=True, slots=True, repr=False)
class Proposal:
    """What INSi answered for a person. `traits` are what the identity becomes if somebody accepts; None: nothing may be taken.

    `identity` is the one known here, None when a card means nobody; `said` is why nothing may be taken, in French; `divergences`
    are what accepting changes here; `person` is who on a carte Vitale it was asked for.
    """

    identity: Identity | None
    answer: InsiAnswer
    traits: StrictTraits | None
    divergences: tuple[Divergence, ...] = ()
    said: str = ""
    person: Beneficiary | None = None

    @property
    def as_on_card(self) -> bool:
        """Whether INSi tells whom the card names."""
        return not any(one.trait == CARD_GIVEN for one in self.divergences)

    def __repr__(self) -> str:
        """Never shows an identity: representations end up in logs."""
        return f"Proposal({self.answer.outcome.value})"


class IdentityService:
    """The identities of a practice. `insi` gives the teleservice of who is signed in, `actor` their national identifier.

    Methods raise DmpError or CardError when INSi cannot be asked, StorageError; ContextError for what the rules forbid.
    """

    def __init__(
        self,
        insi: Callable[[], InsiService],
        store: Identities,
        journal: Acts,
        clock: Clock,
        actor: Callable[[], str | None],
    ) -> None:
        self._insi = insi
        self._store = store
        self._journal = journal
        self._clock = clock
        self._actor = actor
        self._listeners: tuple[Callable[[Identity], None], ...] = ()

    def follow(self, listener: Callable[[Identity], None]) -> None:
        """Tell `listener` what has become of an identity, on the thread of whoever changed it."""
        self._listeners += (listener,)

    def homonyms(self, traits: StrictTraits) -> list[Identity]:
        """Everybody kept with the same birth name, first given name, sex and day: which of them is meant is to be asked."""
        return [one for one in self._store.born_on(traits.birth_date) if one.traits.name == traits.name]

    def known(self, traits: StrictTraits, number: str = "") -> Identity:
        """Who has, or had, this number; else who is kept with all these very traits, and no other number; else a new one,
        provisional (rule 20, INS/va1.45). Raises ContextError when several people are."""
        if number:
            former = [one for one in self._store.formerly(number) if not one.matricule or one.traits.same_as(traits)]
            people = self._store.with_matricule(number) or former
            if len(people) == 1:
                return people[0]
        exact = [one for one in self.homonyms(traits) if one.traits.exactly(traits)]
        meant = [one for one in exact if not number or number in one.numbers or not one.numbers]
        if len(meant) > 1:
            raise several()
        return meant[0] if meant else Identity(traits)

    def of(self, person: str) -> Identity | None:
        """The identity kept under an id of here, as it is now."""
        return self._store.of(person)

    def now(self, identity: Identity) -> Identity:
        """The same one as it is now."""
        return (self._store.of(identity.person) if identity.person else None) or identity

    def formerly(self, value: str) -> list[Identity]:
        """Who had this matricule and has it no more."""
        return self._store.formerly(value)

    def withdrawn(self, value: str) -> bool:
        """Whether this number was taken away from somebody here, and INSi gave it to nobody since."""
        return bool(self._store.formerly(value)) and not self._store.with_matricule(value)

    def may_read(self, ins: InsIdentity) -> None:
        """Nor is a record read under such a number. Raises ContextError."""
        if self.withdrawn(ins.value):
            raise withdrawn("son DMP n'est pas consulté.")

    def may_leave(self, ins: InsIdentity) -> None:
        """Nothing goes to the DMP under a number that was taken away here (rules 27, 28, 49). Raises ContextError."""
        if self.withdrawn(ins.value):
            raise withdrawn("rien ne part vers son DMP.")

    def born_on(self, day: date, beginning: str = "") -> list[Identity]:
        """Everybody known who was born that day, by the beginning of a family or first given name (rule 17, INS/va1.02, .25)."""
        start = _letters(beginning)
        people = self._store.born_on(day)
        return [one for one in people if any(_letters(name).startswith(start) for name in _names(one.traits))]

    def with_matricule(self, typed: str) -> list[Identity]:
        """Who has this matricule: its 15 characters, once its key is right (rule 17, INS/va1.41)."""
        value = "".join(typed.split()).upper()
        if not is_ins(value):
            raise ContextError(
                "identity.key",
                "Ce matricule n'a pas 15 caractères, ou sa clé est fausse.",
                "Vérifiez la saisie.",
                field="ins",
            )
        return self._store.with_matricule(value)

    def to_review(self) -> list[Identity]:
        """The work list: identities that INSi no longer knows."""
        return self._store.to_review()

    def calls(self) -> list[tuple[JournalRecord, str]]:
        """What INSi ever answered on this workstation, as `identity_trace.returned`, the first call first (rule 39)."""
        return list(self._journal.told())

    def ask(self, identity: Identity) -> Proposal:
        """By traits, with the order of questions of the reference. Nothing is changed."""
        may_ask(identity)
        insi = self._insi()

        def asked(query: TraitQuery) -> InsiAnswer:
            return self._traced("insi-traits", lambda: insi.by_traits(query))

        answer = search(asked, identity.traits)
        told = answer.traits
        said = _SAID_FR.get(answer.outcome) or unusable(told)
        if said or told is None:
            return Proposal(identity, answer, None, said=said)
        return Proposal(identity, answer, adopted(identity.traits, told), _differences(identity, answer, told))

    def check(self, identity: Identity) -> Proposal:
        """As `ask`; a number that INSi no longer knows is taken away at once (rule 49), nothing else is changed."""
        proposal = self.ask(identity)
        kept = identity.matricule
        if kept is None or proposal.answer.outcome is InsiOutcome.SEVERAL or kept.value in told_numbers(proposal):
            return proposal
        return replace(proposal, identity=self.settle(proposal), traits=None, said=REFUSED_FR)

    def ask_by_vitale(self, card: VitaleIdentity, person: Beneficiary, read_at: datetime) -> Proposal:
        """By a carte Vitale read at `read_at`. Its NIR is a key to search with, its names those in use: neither is ever taken."""
        if not timedelta(0) <= self._clock.now() - read_at <= VITALE_FRESH:
            raise CardError(
                "card.vitale_stale",
                "La carte Vitale a été lue il y a plus de 20 minutes.",
                "Retirez la carte Vitale, puis remettez-la dans le lecteur.",
            )
        query = VitaleQuery(person.birth_date, birth_rank(card, person), opener_nir=person.nir)
        insi = self._insi()
        answer = self._traced("insi-vitale", lambda: insi.by_vitale(query))
        told = answer.traits
        said = _SAID_FR.get(answer.outcome) or unusable(told)
        if not said and told is not None and told.birth_date.replace("-", "") != person.birth_date:
            said = "L'INSi répond avec une autre date de naissance que la carte : cherchez par les traits d'identité."
        if said or told is None:
            return Proposal(None, answer, None, said=said)
        identity = self.known(adopted(None, told), answer.active.value if answer.active else "")
        agrees = first_given_agrees(person.given, told)
        differs = () if agrees else (Divergence(CARD_GIVEN, person.given, " ".join(told.given)),)
        traits = adopted(identity.traits, told)
        return Proposal(identity, answer, traits, differs + _differences(identity, answer, told), person=person)

    def accept(self, proposal: Proposal) -> Identity:
        """Take what INSi told (récupérée, or qualifiée with a document that agrees). Raises ValueError when nothing may be."""
        active = proposal.answer.active
        if proposal.traits is None or active is None or proposal.identity is None:
            raise ValueError("nothing to accept")
        former = proposal.identity
        may_ask(former)
        taken = former.found(proposal.traits, active, proposal.answer.history)
        return self._kept(taken, "identity-insi", former, refuse=refuse_double)

    def see_document(self, identity: Identity, kind: DocumentKind) -> Identity:
        """A trusted document was shown and agrees with the traits, says who is signed in (rule 19, INS/va1.23, .55)."""
        actor = self._actor()
        if not actor:
            raise CardError("CarteAbsente", "Votre carte n'est pas dans le lecteur.", "Insérez-la puis recommencez.")
        not_in_doubt(identity)
        try:
            seen = identity.seen(DocumentCheck(kind, self._clock.now(), actor))
        except ValueError:
            raise ContextError(
                "identity.minors_only",
                "Ce document n'identifie qu'un mineur.",
                "Demandez une carte d'identité, un passeport ou un titre de séjour.",
                field="document",
            ) from None
        return self._kept(seen, "identity-document", identity, reason=kind, refuse=refuse_double)

    def verify(self, identity: Identity) -> Identity:
        """Ask again for a number that is kept. Not known any more: provisional, without a number, on the work list (rule 49).

        What could not be asked, or tells several people, changes nothing. [R] By the search: the operation of verification
        is not in the reference.
        """
        if identity.matricule is None:
            raise ContextError(
                "identity.no_number", "Cette identité n'a pas d'INS à vérifier.", "Interrogez l'INSi.", field="identity"
            )
        return self.settle(self.ask(identity))

    def settle(self, proposal: Proposal) -> Identity:
        """What an answer on a number that is kept does to it, as `verify`. Raises ValueError where there is none."""
        identity, told = proposal.identity, proposal.traits
        if identity is None or identity.matricule is None:
            raise ValueError("no number to settle")
        known = told_numbers(proposal)
        if proposal.answer.outcome is InsiOutcome.SEVERAL or (told is None and identity.matricule.value in known):
            raise DmpError(
                "InsiIndecis", "L'INSi ne permet pas de vérifier cette INS : elle n'est pas changée.", proposal.said
            )
        if told is not None and identity.matricule.value in known and identity.traits.same_as(told):
            return self.accept(proposal)
        return self._kept(identity.refused(self._clock.now()), "identity-refused", identity)

    def correct(self, identity: Identity, traits: StrictTraits, *, privileged: bool = False) -> Identity:
        """Strict traits changed by hand: the INS goes, the status falls (rule 27). `privileged`: whom the practice lets change
        those that came from INSi (rule 26, INS/va1.18).
        """
        if identity.locked and not privileged:
            raise ContextError(
                "identity.locked",
                "Ces traits viennent de l'INSi : ils ne se modifient pas.",
                "Demandez à la personne du cabinet qui en est chargée.",
                field="identity",
            )
        return self._kept(identity.corrected(traits), "identity-corrected", identity, refuse=refuse_known)

    def doubt(self, identity: Identity, doubt: Doubt) -> Identity:
        return self._kept(identity.doubted(doubt), "identity-doubt", identity, reason=doubt)

    def clear(self, identity: Identity) -> Identity:
        """The doubt is gone; document and INSi are to be seen again."""
        return self._kept(identity.cleared(), "identity-cleared", identity)

    def _traced(self, action: str, call: Callable[[], InsiAnswer]) -> InsiAnswer:
        """The call and how it ended: the number as a pseudonym, the whole answer sealed, whether it is taken or not."""
        try:
            answer = call()
        except DmpDesktopError as error:
            self._trace(action, error.code)
            raise
        self._trace(
            action, answer.outcome.value, ins=answer.active.value if answer.active else "", told=returned(answer)
        )
        return answer

    def _kept(
        self,
        identity: Identity,
        action: str,
        former: Identity,
        *,
        reason: str = "",
        refuse: Callable[[Identity, list[Identity]], None] = lambda _identity, _others: None,
    ) -> Identity:
        """What has become of `former`, unless it changed meanwhile or the others of here forbid it."""
        kept = self._store.put(identity, former=former, refuse=lambda others: refuse(identity, others))
        number = kept.matricule or former.matricule
        self._trace(action, kept.status.value, reason=reason, ins=number.value if number else "")
        for listener in self._listeners:
            listener(kept)
        return kept

    def _trace(self, action: str, result: str, *, reason: str = "", ins: str = "", told: str = "") -> None:
        record = JournalRecord(self._clock.now(), self._actor() or "", action, result=result, reason=reason)
        self._journal.append(record, ins=ins, told=told)


def _differences(identity: Identity, answer: InsiAnswer, told: InsiTraits) -> tuple[Divergence, ...]:
    """Traits, and a number that is another one: always told."""
    other = identity.other_number(answer.active) if answer.active else None
    number = (Divergence("Matricule INS", other.value, answer.active.value),) if other and answer.active else ()
    return number + compare(identity.traits, told)


def told_numbers(proposal: Proposal) -> frozenset[str]:
    """The number of INSi's answer and those it had before."""
    answer = proposal.answer
    return frozenset(matricule.value for matricule in (answer.active, *answer.history) if matricule)


def applied(patient: Patient, identity: Identity) -> Patient:
    """The patient as this workstation knows them: INSi's traits and number; without a number, never qualified."""
    if identity.ins is None:
        return replace(patient, ins=replace(patient.ins, status=identity.status))
    traits = identity.traits
    return replace(
        patient,
        ins=identity.ins,
        birth_family=traits.birth_family,
        birth_given=traits.birth_given,
        first_given=traits.first_given,
        sex=traits.sex,
        birth_date=traits.birth_date,
        birth_place_cog=traits.birth_place_cog or patient.birth_place_cog,
    )


def birth_rank(card: VitaleIdentity, person: Beneficiary) -> int:
    """RangNaissance: 1, and 2 for the second twin. [R] Twins follow each other on the card, whose own ranks are places on it."""
    return 1 + sum(other.birth_date == person.birth_date and other.rank < person.rank for other in card.beneficiaries)


def _names(traits: StrictTraits) -> tuple[str, str]:
    return traits.birth_family, traits.first_given


def _letters(name: str) -> str:
    """Without apostrophes and hyphens at all: L'ÉTÉ is found by LETE."""
    return folded(name).replace(" ", "")
