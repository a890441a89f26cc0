"""Notes proposed by somebody in training to a doctor: sealed to her, opened, corrected, validated or given back by her. ADR 28.

The author keeps their own draft, the doctor makes a draft of her own of it: the document is hers. What is here tells the one of
the other, and that one document is made, whatever ends in between.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Protocol
from uuid import NAMESPACE_OID, uuid5

from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.drafts import KeptDraft
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.outbox import OutboxItem, OutboxState
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.proposals import (
    KEPT,
    Answer,
    NotesToValidate,
    Prepared,
    Proposal,
    ProposalState,
    Said,
    Told,
    ToValidate,
    Validator,
    Validators,
    draft_name,
)
from dmp_desktop.domain.roles import Task
from dmp_desktop.domain.tray import TrayDoctor
from dmp_desktop.errors import CardError, ContextError, DmpError, StorageError
from dmp_desktop.services.doctor_keys import NO_KEY, DoctorKeys
from dmp_desktop.services.proposal_box import (
    PURPOSE,
    close,
    header_of,
    name_of,
    open_sealed,
    opened,
    packed,
    place_of,
    sealed,
)
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.proposals import ProposalStore
from dmp_desktop.storage.sealing import OwnedSeal

log = logging.getLogger(__name__)

CHOSEN = "validating-doctor"
LONGEST_REASON = 2000

Note = Callable[[Act, InsIdentity | None, str, str | None], None]
"""Writes an act in the journal: of which patient, with the uniqueId of which document, by whom where nobody is asked."""


class Seals(Protocol):
    """services.vault.Vault: the key of who is signed in."""

    def seal(self, purpose: str, key_id: str = "") -> OwnedSeal: ...


class Preferences(Protocol):
    def get(self, owner: str, name: str) -> Any: ...

    def put(self, owner: str, name: str, value: Any) -> None: ...


class ProposalService:
    """`who` is signed in; `met` are the professionals this practice knows; `items` what is in the outbox; `note` writes an act.

    Safe from every thread. Methods raise StorageError, and DmpDesktopError for who may not.
    """

    def __init__(
        self,
        store: ProposalStore,
        keys: DoctorKeys,
        seals: Seals,
        preferences: Preferences,
        clock: Clock,
        who: Callable[[], SignedIn | None],
        met: Callable[[], list[TrayDoctor]],
        items: Callable[[], Iterable[OutboxItem]],
        note: Note,
    ) -> None:
        self._store = store
        self._keys = keys
        self._seals = seals
        self._preferences = preferences
        self._clock = clock
        self._who = who
        self._met = met
        self._items = items
        self._note = note

    def meet(self) -> None:
        """Notes may be proposed to who is signed in from now on, if they may validate them. Nothing for the others."""
        self._keys.meet()

    # -- its author ---------------------------------------------------------------------------------------------------------

    def validators(self) -> Validators:
        """Whom a note may be proposed to."""
        who = self._may(Task.PROPOSE_NOTES)
        known = {one.national_id: one for one in self._keys.validators()}
        for one in self._met():
            if one.name.startswith("Dr ") and one.national_id != _id(who):
                why = NO_KEY.format(one.name)
                known.setdefault(one.national_id, Validator(one.national_id, one.name, why))
        chosen = self._preferences.get(_id(who), CHOSEN)
        found = sorted(known.values(), key=lambda one: (bool(one.why), one.name))
        return Validators(tuple(found), str(chosen or ""))

    def propose(self, draft: KeptDraft, doctor_id: str) -> Told:
        """On the disk, sealed to the doctor, when it returns; proposed again, it takes the place of what was proposed before.

        Raises ContextError("validator-no-key") where nothing can be sealed to them yet, ContextError("proposal-validated") where
        a document was made of it, ContextError("proposal-large").
        """
        who = self._may(Task.PROPOSE_NOTES)
        if draft.author.national_id != _id(who):
            raise ValueError("a note is proposed by its author")
        doctor = next((one for one in self.validators().doctors if one.national_id == doctor_id), None)
        public = self._keys.of(doctor_id)
        if doctor is None or doctor.why or not public:
            why = doctor.why if doctor and doctor.why else "Ce médecin n'est pas connu de ce cabinet."
            remedy = "Votre note reste chez vous ; proposez-la à un autre médecin, ou plus tard."
            raise ContextError("validator-no-key", why, remedy)
        clear, own = packed(draft), self._seals.seal(PURPOSE)

        def proposed(here: Proposal | None) -> Proposal:
            if here is not None and here.author_id != _id(who):
                raise ValueError("a note of another author")
            if here is not None and here.state is ProposalState.VALIDATED:
                raise _validated(here)
            made = Proposal(
                id=draft.draft_id,
                round=here.round + 1 if here else 1,
                author_id=_id(who),
                author_name=who.professional.display_name,
                doctor_id=doctor_id,
                doctor_name=doctor.name,
                proposed_at=self._clock.now(),
                box=b"",
                keys={},
                own=b"",
                own_key=own.key_id,
                answer=here.answer if here else None,
            )
            return sealed(made, clear, name_of(draft.patient.ins), public, own)

        self.settle()
        kept = self._store.change(draft.draft_id, proposed)
        if kept is None:
            raise _changed(None)
        self._preferences.put(_id(who), CHOSEN, doctor_id)
        self._note(Act.NOTE_PROPOSED, draft.patient.ins, "", None)
        return self._told(kept)

    def withdraw(self, proposal_id: str) -> None:
        """It is on the doctor's list no more. Raises ContextError("proposal-validated") where a document was made of it."""
        who = self._may(Task.PROPOSE_NOTES)
        self.settle()

        def withdrawn(here: Proposal | None) -> Proposal | None:
            if here is None or here.author_id != _id(who) or here.state is ProposalState.WITHDRAWN:
                return None
            if here.state is ProposalState.VALIDATED:
                raise _validated(here)
            return replace(here, withdrawn=True)

        if self._store.change(proposal_id, withdrawn) is not None:
            self._note(Act.NOTE_TAKEN_BACK, None, "", None)

    def mine(self) -> dict[str, Told]:
        """Where each note that who is signed in proposed is, by the id of its draft."""
        who = self._who()
        if who is None or not roles.may(who.role, Task.PROPOSE_NOTES):
            return {}
        found = [one for one in self._store.all()[0] if one.author_id == _id(who)]
        return {one.id: self._told(one) for one in found}

    def _told(self, one: Proposal) -> Told:
        at = one.answer.at if one.answer and one.state is not ProposalState.WAITING else one.proposed_at
        if one.state is not ProposalState.RETURNED or one.answer is None:
            return Told(one.state, one.doctor_name, at)
        try:
            key = self._seals.seal(PURPOSE, one.own_key).seal.open(one.own, place_of(one))
            reason = open_sealed(key, one.answer.words, f"{place_of(one)}/answer").decode()
        except StorageError as error:
            log.info("a reason does not open here: %s", error.code)
            return Told(one.state, one.doctor_name, at, readable=False)
        return Told(one.state, one.doctor_name, at, reason)

    # -- its doctor ---------------------------------------------------------------------------------------------------------

    def to_do(self) -> int:
        """How many notes wait for who is signed in. None for who validates nothing."""
        who = self._who()
        if who is None or not roles.may(who.role, Task.VALIDATE_NOTES):
            return 0
        return len(self._waiting(_id(who)))

    def unanswered(self) -> list[Proposal]:
        """Those that wait for whichever doctor, as they are kept: nothing of them is opened."""
        return [one for one in self._settled() if one.state is ProposalState.WAITING]

    def to_validate(self) -> NotesToValidate:
        """Those that wait for who is signed in, the first proposed first."""
        who = self._may(Task.VALIDATE_NOTES)
        notes, closed = [], 0
        private = self._keys.private()
        for one in self._waiting(_id(who)):
            try:
                draft = opened(one, private)
            except StorageError as error:
                log.warning("a proposed note does not open: %s", error.code)
                closed += 1
                continue
            notes.append(ToValidate(one.id, one.round, draft.patient, one.author_name, one.proposed_at, draft.kind))
        return NotesToValidate(tuple(notes), closed)

    def open(self, proposal_id: str) -> KeptDraft:
        """As a draft of the doctor's own, whose name on the disk is always the same: opened twice, it is one."""
        who = self._may(Task.VALIDATE_NOTES)
        one = self._waits(proposal_id, _id(who))
        draft = opened(one, self._keys.private())
        self._note(Act.NOTE_OPENED, draft.patient.ins, "", None)
        prepared = Prepared(one.id, one.round, draft.author)
        return replace(draft, draft_id=draft_name(one.id, one.round), author=who.professional, prepared=prepared)

    def claim(self, prepared: Prepared) -> str:
        """The uniqueId its document is to have: the same wherever it is made, so that the DMP takes it once. Raises ContextError
        where it does not wait for who is signed in any more."""
        return document_id(self._still_waits(prepared, self._may(Task.VALIDATE_NOTES)))

    def give_back(self, prepared: Prepared, reason: str) -> None:
        """To its author, who alone reads why. Raises ContextError without a reason, or where it does not wait any more."""
        who = self._may(Task.VALIDATE_NOTES)
        words = " ".join(reason.split())[:LONGEST_REASON]
        if not words:
            raise ContextError("proposal-reason", "La raison manque.", "Écrivez ce qui est à revoir.", field="reason")
        one = self._still_waits(prepared, who)
        header = header_of(one, self._keys.private())
        sealed = close(bytes.fromhex(header["key"]), words.encode(), f"{place_of(one)}/answer")

        def returned(here: Proposal | None) -> Proposal | None:
            if here is None or here.round != one.round or here.state is not ProposalState.WAITING:
                return None
            made = here.answer.made if here.answer else 0
            return replace(here, answer=Answer(Said.RETURNED, one.round, self._clock.now(), sealed, made))

        if self._store.change(one.id, returned) is None:
            raise _changed(one)
        self._note(Act.NOTE_RETURNED, None, "", None)

    def _waiting(self, doctor_id: str) -> list[Proposal]:
        return [one for one in self.unanswered() if one.doctor_id == doctor_id]

    def _waits(self, proposal_id: str, doctor_id: str) -> Proposal:
        one = self._store.get(proposal_id)
        if one is None or one.doctor_id != doctor_id or one.state is not ProposalState.WAITING:
            raise _changed(one)
        return one

    def _still_waits(self, prepared: Prepared, who: SignedIn) -> Proposal:
        """As it was when it was opened."""
        self.settle()
        one = self._waits(prepared.proposal_id, _id(who))
        if one.round != prepared.round:
            raise _changed(one)
        return one

    # -- what became of it --------------------------------------------------------------------------------------------------

    def settle(self) -> bool:
        """See what is in the outbox: a note whose document is there is validated, one whose document was withdrawn waits again.
        Whether anything changed."""
        return self._follow_outbox(self._store.all()[0])

    def _settled(self) -> list[Proposal]:
        """All of them, as they are after `settle`. Their rows hold whole notes: read again only where one changed."""
        found = self._store.all()[0]
        return self._store.all()[0] if self._follow_outbox(found) else found

    def _follow_outbox(self, found: list[Proposal]) -> bool:
        if not found:
            return False
        items = {item.unique_id: item for item in self._items()}
        return any([self._follow(one, items) for one in found])

    def _follow(self, one: Proposal, items: dict[str, OutboxItem]) -> bool:
        item = items.get(document_id(one))
        if item is None:
            return False
        before = one.answer or Answer(Said.PENDING, one.round, item.created_at)
        validated = one.state is ProposalState.VALIDATED
        if item.state is OutboxState.CANCELLED:  # the next document of it is another one
            said = Said.PENDING if validated else before.said
            answer = replace(before, said=said, made=before.made + 1, unique_id="", at=item.updated_at)
        elif validated:
            return False
        else:
            answer = Answer(Said.VALIDATED, one.round, item.created_at, b"", before.made, item.unique_id)
        if self._store.change(one.id, lambda here: _where_as(here, one, answer)) is None:
            return False
        if answer.said is Said.VALIDATED:
            self._note(Act.NOTE_VALIDATED, item.patient.ins, item.unique_id, one.doctor_id)
        return True

    def purge(self) -> int:
        return self._store.purge(self._clock.now() - KEPT)

    def _may(self, task: Task) -> SignedIn:
        who = self._who()
        if who is None:
            raise CardError("CarteAbsente", "Votre carte n'est pas dans le lecteur.", "Insérez-la puis recommencez.")
        if why := roles.refusal(who.role, task):
            raise DmpError("ValidationReservee", why, roles.remedy(who.role))
        return who


def document_id(one: Proposal) -> str:
    """Of the next document made of it, or of the one that leaves: on whichever workstation, it is one."""
    if one.answer is not None and one.answer.said is Said.VALIDATED:
        return one.answer.unique_id
    made = one.answer.made if one.answer else 0
    return f"2.25.{uuid5(NAMESPACE_OID, f'proposal/{one.id}/{made + 1}').int}"


def _where_as(here: Proposal | None, seen: Proposal, answer: Answer) -> Proposal | None:
    """`answer`, unless somebody answered meanwhile."""
    if here is None or here.answer != seen.answer:
        return None
    return replace(here, answer=answer)


def _id(who: SignedIn) -> str:
    """By which documents name them."""
    return who.professional.national_id


def _validated(one: Proposal) -> ContextError:
    return ContextError(
        "proposal-validated",
        f"{one.doctor_name} a déjà validé cette note : son document est parti, ou va partir.",
        "Pour y ajouter quelque chose, demandez-lui d'en faire une nouvelle version.",
    )


def _changed(one: Proposal | None) -> ContextError:
    author = one.author_name if one else "Son auteur"
    told = {
        ProposalState.VALIDATED: "Cette note a déjà été validée et envoyée.",
        ProposalState.RETURNED: f"Cette note a déjà été rendue à {author}.",
        ProposalState.WITHDRAWN: f"{author} a repris cette note : elle n'est plus à valider.",
    }
    said = told.get(one.state) if one else None
    return ContextError(
        "proposal-changed",
        said or f"{author} a proposé une autre version de cette note depuis.",
        "Ouvrez « À valider » : ce qui vous est proposé maintenant y est. Rien de plus n'est parti.",
    )
