"""Who the patient is: INSi asked, its answer compared and taken, a document seen, a number that is no longer good.

Every call to INSi and every change is written in the journal (INS/va1.06, .27, .35, .38), never with a name in clear: all
that INSi returned is sealed beside the record of the call (rule 39).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.dmp_ports import InsiService
from dmp_desktop.domain.id_documents import IdDocument
from dmp_desktop.domain.identity import DocumentCheck, Doubt, Identity, StrictTraits
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.ins_access import Why
from dmp_desktop.domain.insi import InsiAnswer, InsiOutcome, TraitQuery, VitaleQuery
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import CardError, ContextError, DmpDesktopError, DmpError
from dmp_desktop.services.identity_proposal import CARD_GIVEN, Proposal, differences, told_numbers
from dmp_desktop.services.identity_rights import BY_ROLE, IdentityRights
from dmp_desktop.services.identity_rules import may_ask, not_in_doubt, refuse_double, refuse_known
from dmp_desktop.services.identity_search import birth_rank, search
from dmp_desktop.services.identity_stores import Acts, Identities
from dmp_desktop.services.identity_trace import returned
from dmp_desktop.services.identity_traits import Divergence, adopted, first_given_agrees, unusable
from dmp_desktop.services.known_identities import KnownIdentities
from dmp_desktop.storage.journal import JournalRecord

VITALE_FRESH = timedelta(minutes=20)
"""How long what a carte Vitale told may serve a call (INSi 1.02)."""

CHANGED = "identity.changed"
REFUSED_FR = "L'INSi ne connaît plus cette INS avec ces traits : l'identité redevient provisoire, à revoir."

_SAID_FR = {
    InsiOutcome.NONE: "L'INSi ne trouve personne avec ces traits : vérifiez-les sur une pièce d'identité.",
    InsiOutcome.SEVERAL: "L'INSi trouve plusieurs personnes avec ces traits : précisez les prénoms ou le lieu de naissance.",
}


class IdentityService(KnownIdentities):
    """The identities of a practice. `insi` gives the teleservice of who is signed in, `actor` their national identifier;
    `rights` tells who may ask it and who may see an INS, and which documents the practice looks at; `accessed` is
    told the numbers that somebody gets at: `ins_accesses`.

    Methods raise DmpError or CardError when INSi cannot be asked, StorageError; ContextError for what the rules forbid.
    """

    def __init__(
        self,
        insi: Callable[[], InsiService],
        store: Identities,
        journal: Acts,
        clock: Clock,
        actor: Callable[[], str | None],
        rights: IdentityRights = BY_ROLE,
        accessed: Callable[[Iterable[str], Why], None] = lambda _numbers, _why: None,
    ) -> None:
        self._insi = insi
        self.rights = rights
        self.accessed = accessed
        super().__init__(store)
        self._journal = journal
        self._clock = clock
        self._actor = actor
        self._listeners: tuple[Callable[[Identity], None], ...] = ()

    def follow(self, listener: Callable[[Identity], None]) -> None:
        """Tell `listener` what has become of an identity, here or at another workstation, on the thread of whoever changed it or
        took it."""
        self._listeners += (listener,)

    def heard(self, identity: Identity) -> None:
        """What became of an identity, here or at another workstation: it is kept, who follows is told."""
        for listener in self._listeners:
            listener(identity)

    @property
    def documents(self) -> Sequence[IdDocument]:
        """Those the practice looks at."""
        return self.rights.settings.documents

    def may_read(self, ins: InsIdentity) -> None:
        """Nor does who may not see an INS read the record it opens."""
        self.rights.may_see()
        super().may_read(ins)

    def calls(self) -> list[tuple[JournalRecord, str]]:
        """What INSi ever answered on this workstation, as `identity_trace.returned`, the first call first (rule 39)."""
        return list(self._journal.told())

    def ask(self, identity: Identity) -> Proposal:
        """By traits, with the order of questions of the reference. Nothing is changed."""
        self.rights.may_ask()
        may_ask(identity)
        insi = self._insi()

        def asked(query: TraitQuery) -> InsiAnswer:
            return self._traced(Act.INSI_TRAITS, lambda: insi.by_traits(query))

        answer = search(asked, identity.traits)
        told = answer.traits
        said = _SAID_FR.get(answer.outcome) or unusable(told)
        if said or told is None:
            return Proposal(identity, answer, None, said=said)
        return Proposal(identity, answer, adopted(identity.traits, told), differences(identity, answer, told))

    def check(self, identity: Identity) -> Proposal:
        """As `ask`; a number that INSi no longer knows is taken away at once (rule 49), nothing else is changed."""
        proposal = self.ask(identity)
        kept = identity.matricule
        if kept is None or proposal.answer.outcome is InsiOutcome.SEVERAL or kept.value in told_numbers(proposal):
            return proposal
        return replace(proposal, identity=self.settle(proposal), traits=None, said=REFUSED_FR)

    def ask_by_vitale(self, card: VitaleIdentity, person: Beneficiary, read_at: datetime) -> Proposal:
        """By a carte Vitale read at `read_at`. Its NIR is a key to search with, its names those in use: neither is ever taken."""
        self.rights.may_ask()
        if not timedelta(0) <= self._clock.now() - read_at <= VITALE_FRESH:
            raise CardError(
                "card.vitale_stale",
                "La carte Vitale a été lue il y a plus de 20 minutes.",
                "Retirez la carte Vitale, puis remettez-la dans le lecteur.",
            )
        query = VitaleQuery(person.birth_date, birth_rank(card, person), opener_nir=person.nir)
        insi = self._insi()
        answer = self._traced(Act.INSI_VITALE, lambda: insi.by_vitale(query))
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
        return Proposal(identity, answer, traits, differs + differences(identity, answer, told), person=person)

    def accept(self, proposal: Proposal, document: str = "") -> Identity:
        """Take what INSi told (récupérée, or qualifiée with a document that agrees): `document` is the code of one that was seen
        and agrees with it. One act, told once. Raises ValueError when nothing may be."""
        active = proposal.answer.active
        if proposal.traits is None or active is None or proposal.identity is None:
            raise ValueError("nothing to accept")
        former = proposal.identity
        may_ask(former)
        found = former.found(proposal.traits, active, proposal.answer.history)
        taken = self._seen(found, document) if document else found
        if proposal.renames and not taken.validated:
            raise ContextError(
                "identity.renames",
                "Cette INS est ici celle d'une personne d'autres traits : ils ne changent que sur une pièce d'identité.",
                "Regardez la pièce d'identité : si elle concorde avec l'INSi, prenez cette identité par cette pièce.",
                field="document",
            )
        done = [(Act.IDENTITY_INSI, found.status, "")]
        done += [(Act.IDENTITY_DOCUMENT, taken.status, document)] if document else []
        return self._kept(taken, former, done, refuse=refuse_double)

    def see_document(self, identity: Identity, code: str) -> Identity:
        """A document of the practice's list was shown and agrees with the traits, says who is signed in (rule 19, INS/va1.23,
        .55); only one of high trust validates the identity (INS/va1.26)."""
        seen = self._seen(identity, code)
        return self._kept(seen, identity, [(Act.IDENTITY_DOCUMENT, seen.status, code)], refuse=refuse_double)

    def _seen(self, identity: Identity, code: str) -> Identity:
        document = self._document(code)
        actor = self._actor()
        if not actor:
            raise CardError("CarteAbsente", "Votre carte n'est pas dans le lecteur.", "Insérez-la puis recommencez.")
        not_in_doubt(identity)
        try:
            return identity.seen(DocumentCheck(code, self._clock.now(), actor, document.label, document.trusted))
        except ValueError:
            raise ContextError(
                "identity.minors_only",
                "Ce document n'identifie qu'un mineur.",
                "Demandez une carte d'identité, un passeport ou un titre de séjour.",
                field="document",
            ) from None

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
        refused = identity.refused(self._clock.now())
        return self._kept(refused, identity, [(Act.IDENTITY_REFUSED, refused.status, "")])

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
        corrected = identity.corrected(traits)
        return self._kept(corrected, identity, [(Act.IDENTITY_CORRECTED, corrected.status, "")], refuse=refuse_known)

    def doubt(self, identity: Identity, doubt: Doubt) -> Identity:
        doubted = identity.doubted(doubt)
        return self._kept(doubted, identity, [(Act.IDENTITY_DOUBT, doubted.status, doubt)])

    def clear(self, identity: Identity) -> Identity:
        """The doubt is gone; document and INSi are to be seen again."""
        cleared = identity.cleared()
        return self._kept(cleared, identity, [(Act.IDENTITY_CLEARED, cleared.status, "")])

    def _document(self, code: str) -> IdDocument:
        for one in self.documents:
            if one.code == code:
                return one
        raise ContextError(
            "identity.document",
            "Ce justificatif n'est pas de ceux que votre cabinet retient.",
            f"Choisissez parmi : {', '.join(one.code for one in self.documents)}.",
            field="document",
        )

    def _traced(self, action: Act, call: Callable[[], InsiAnswer]) -> InsiAnswer:
        """The call and how it ended: the number as a pseudonym, the whole answer sealed, whether it is taken or not."""
        try:
            answer = call()
        except DmpDesktopError as error:
            self._trace(action, error.code)
            raise
        number = answer.active.value if answer.active else ""
        if number:
            self.accessed((number,), Why.QUERY)
        self._trace(action, answer.outcome.value, ins=number, told=returned(answer))
        return answer

    def _kept(
        self,
        identity: Identity,
        former: Identity,
        done: Sequence[tuple[Act, InsStatus, str]],
        *,
        refuse: Callable[[Identity, list[Identity]], None] | None = None,
    ) -> Identity:
        """What has become of `former`, unless it changed meanwhile or the others of here forbid it. `done`: each act, the status
        it led to, a reason."""
        refuse = refuse or (_nobody_forbids if former.person else refuse_double)
        now = identity.since(former, self._clock.now())
        kept = self._store.put(now, former=former, refuse=lambda others: refuse(now, others))
        number = kept.matricule or former.matricule
        for action, status, reason in done:
            self._trace(action, status.value, reason=reason, ins=number.value if number else "")
        self.heard(kept)
        return kept

    def _trace(self, action: Act, result: str, *, reason: str = "", ins: str = "", told: str = "") -> None:
        record = JournalRecord(self._clock.now(), self._actor() or "", action, result=result, reason=reason)
        self._journal.append(record, ins=ins, told=told)


def _nobody_forbids(_identity: Identity, _others: list[Identity]) -> None:
    """Whoever is kept already stays beside the others."""
