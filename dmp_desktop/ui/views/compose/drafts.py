"""Notes under way. A draft belongs for good to the patient it was opened for, and is seen only by who writes it.

They are in memory here; what keeps them on the disk is in `ui.draft_keeper`.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from dmp_desktop.domain.clinical import ClinicalItem
from dmp_desktop.domain.documents import DocumentEntry, DocumentFormat, DocumentKind, Parent, Visibility
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Patient, Professional
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.proposals import Prepared, ProposalState, Told
from dmp_desktop.services.visibility import SECRET_ONLY, is_minor
from dmp_desktop.ui.models.facts import Review
from dmp_desktop.ui.views.compose.forms.base import Filled
from dmp_desktop.ui.views.compose.kinds import (
    AT_FIRST,
    FORMLESS,
    REVIEWED,
    WITHOUT_NOTE,
    format_of,
    kept_extra,
    kind_of,
)

Meaning = tuple[str, ...]
"""Kind, label, words, status, code and value: all that a tick approves of."""
Key = tuple[Meaning, int]
"""A meaning, and which one of several alike: what stays the same when the text around moves."""


@dataclass(frozen=True, slots=True, repr=False)
class Note:
    """A draft as it was when the doctor asked to see or to send it: what is typed, ticked or chosen later is not in it."""

    patient: Patient
    author: Professional
    started_at: datetime
    text: str
    kind: DocumentKind
    format: DocumentFormat
    visibility: Visibility | None
    visibility_chosen: bool
    proposals: tuple[Proposal, ...]
    proposed_for: str
    ticks: Mapping[Key, bool]
    warned: tuple[str, tuple[str, ...]]
    filled: Filled
    items: tuple[ClinicalItem, ...]
    reviewed: bool
    parent: Parent | None
    unchanged: bool
    secret: bool
    prepared: Prepared | None
    restrictions: frozenset[Visibility]

    def __repr__(self) -> str:
        """Never shows a note: representations end up in logs."""
        return "Note(…)"


@dataclass(eq=False)
class Replacement:
    """The document a draft is a new version of. `parent` is None until it was read; `note` is the text it was made from."""

    entry: DocumentEntry
    parent: Parent | None = None
    note: str = ""


@dataclass(eq=False)
class Draft:
    """`author` and the INS of `patient` are set once, `started_at` (aware, UTC) when the consultation begins.

    `ticks` are the doctor's own decisions; a proposal he never touched has none. `proposals` are those of the text
    `proposed_for`: they say nothing sure of any other. `warned`: a text, and the warnings on its document that were shown.
    `filled` are the forms by kind: what was typed for one kind is kept when another is looked at. `visibility_chosen` tells
    that the doctor said who may see it, were it everybody; `refused` are the visibilities a document of this patient may not
    have, None among them. `secret`: it was before the eyes in a minor's secret connection. `word`: what became of it while its
    author was not there to be told. `id` is its name on the disk. `usual`: the visibility its author's habit gave it, as
    long as the program runs. `prepared`: it is somebody else's note, proposed to its author; `proposed`: where it is since its
    author proposed it to a doctor. `together`: other notes of this patient that its author ticked to leave with it.
    `hidden_with`: all that hid the document it is a new version of, where that was several: one of them brings the others.
    """

    _patient: Patient
    _author: Professional
    started_at: datetime
    text: str = ""
    kind: DocumentKind = DocumentKind.CONSULTATION
    format: DocumentFormat = DocumentFormat.STRUCTURED
    visibility: Visibility | None = None
    proposals: tuple[Proposal, ...] = ()
    proposed_for: str = ""
    ticks: dict[Key, bool] = field(default_factory=dict)
    warned: tuple[str, tuple[str, ...]] = ("", ())
    format_chosen: bool = False
    visibility_chosen: bool = False
    refused: frozenset[Visibility | None] = frozenset()
    secret: bool = False
    filled: dict[DocumentKind, Filled] = field(default_factory=dict)
    review: Review = field(default_factory=Review)
    replaces: Replacement | None = None
    word: str = field(default="", repr=False)
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    usual: Visibility | None = None
    prepared: Prepared | None = None
    proposed: Told | None = field(default=None, repr=False)
    together: set[Draft] = field(default_factory=set, repr=False)
    hidden_with: frozenset[Visibility] = frozenset()

    def __repr__(self) -> str:
        """Never shows a note: representations end up in logs."""
        return "Draft(…)"

    @property
    def patient(self) -> Patient:
        return self._patient

    @property
    def author(self) -> Professional:
        return self._author

    def identify(self, patient: Patient) -> None:
        """The same patient by other traits, as they are known now. Raises ValueError for another INS."""
        if (patient.ins.value, patient.ins.oid) != (self._patient.ins.value, self._patient.ins.oid):
            raise ValueError("a draft never changes its patient")
        self._patient = patient

    def hide_from_parents(self) -> None:
        """For good: the end of the secret connection shows nobody what was written in it. A choice that hides it from others is
        the doctor's to change, and refused until then."""
        self.secret, self.refused = True, frozenset((None, *Visibility)) - SECRET_ONLY
        if self.visibility is None or not self.visibility_chosen:
            [self.visibility] = SECRET_ONLY

    def show_as_usual(self, usual: Visibility | None) -> None:
        """Who sees documents of its kind by its author's habit, until they say otherwise of this one. What hides it for any other
        reason (a former version, a secret connection, an earlier choice) stays."""
        own = self.visibility_chosen or self.secret or self.replaces is not None or self.visibility is not self.usual
        if not own:
            self.visibility = self.usual = usual

    def hidden_by(self, visibility: Visibility | None) -> frozenset[Visibility]:
        """Who does not see the document, were this chosen: never fewer than did not see the former version, unless it is for
        everybody, or for whom a secret connection says."""
        if visibility is None:
            return frozenset()
        return self.hidden_with if visibility in self.hidden_with and not self.secret else frozenset((visibility,))

    @property
    def held(self) -> bool:
        """Whether a doctor has it to validate, or has validated it: it is read, no more."""
        return self.proposed is not None and self.proposed.state in (ProposalState.WAITING, ProposalState.VALIDATED)

    @property
    def unsent(self) -> bool:
        """Whether there are words that have not left: not those that a doctor validated, whose document is the doctor's."""
        validated = self.proposed is not None and self.proposed.state is ProposalState.VALIDATED
        return not self.empty and not validated

    @property
    def empty(self) -> bool:
        """Whether nothing of it is the doctor's own: it may be forgotten."""
        former = self.replaces.note if self.replaces else ""
        return (
            self.text.strip() in ("", former.strip())
            and not any(filled != self._at_first(kind) and not filled.empty for kind, filled in self.filled.items())
            and not (self.review.ticked or self.ticks)
        )

    @property
    def ready(self) -> bool:
        """Whether there is anything to send: words, unless the kind takes none, or what its form holds."""
        if self.replaces and self.replaces.parent is None:
            return False
        filled = self.form()
        text = bool(self.text.strip()) and self.kind not in WITHOUT_NOTE
        return (
            text
            or filled.attachment is not None
            or (filled != self._at_first(self.kind) and not filled.empty)
            or (self.kind in REVIEWED and bool(self.review.ticked))
        )

    def form(self) -> Filled:
        """What the form of the kind holds."""
        return self.filled.get(self.kind) or self._at_first(self.kind)

    def _at_first(self, kind: DocumentKind) -> Filled:
        if self.replaces and kind is kind_of(self.replaces.entry):
            return kept_extra(self.replaces.entry)
        return AT_FIRST.get(kind, Filled())

    @property
    def proposals_hold(self) -> bool:
        """Whether the proposals are those of the text as it is."""
        return self.proposed_for == self.text

    def note(self) -> Note:
        """The draft as it is now."""
        return Note(
            self.patient,
            self.author,
            self.started_at,
            self.text,
            self.kind,
            self.format,
            self.visibility,
            self.visibility_chosen,
            self.proposals,
            self.proposed_for,
            dict(self.ticks),
            self.warned,
            self.form() if self.kind not in FORMLESS else Filled(),
            self.review.items() if self.kind in REVIEWED else (),
            self.review.complete or self.kind not in REVIEWED,
            self.replaces.parent if self.replaces else None,
            self.replaces is not None and self.empty,
            self.secret,
            self.prepared,
            self.hidden_by(self.visibility),
        )

    def tick(self, row: int, accepted: bool) -> None:
        """The doctor's own decision on one proposal: kept whatever is typed around it."""
        self.ticks[keys(self.proposals)[row]] = accepted
        one = self.proposals[row].ticked(accepted)
        self.proposals = (*self.proposals[:row], one, *self.proposals[row + 1 :])

    def propose(self, text: str, proposals: tuple[Proposal, ...]) -> None:
        """The proposals of `text`, with the doctor's earlier ticks."""
        self.proposals = tuple(
            one.ticked(self.ticks.get(key, one.accepted)) for key, one in zip(keys(proposals), proposals, strict=True)
        )
        self.proposed_for = text


def _hidden_as(entry: DocumentEntry, *, minor: bool) -> list[Visibility]:
    """The restrictions a new version begins with: what is hidden never shows by itself. Legal representatives first; those of an
    adult are nobody's."""
    guarded = SECRET_ONLY if minor else frozenset[Visibility]()
    return sorted(entry.visibility - (SECRET_ONLY - guarded), key=lambda one: (one not in guarded, one))


def keys(proposals: tuple[Proposal, ...]) -> list[Key]:
    """The key of each proposal, in their order."""
    counts: Counter[Meaning] = Counter()
    result: list[Key] = []
    for proposal in proposals:
        meant = meaning(proposal)
        result.append((meant, counts[meant]))
        counts[meant] += 1
    return result


def meaning(one: Proposal) -> Meaning:
    """What would be coded, and from which words: `HTA ?` become `HTA` is another meaning."""
    coded = (one.system, one.code, one.unit, repr(one.value))
    return (one.kind.value, one.label, one.text, one.status.value, *map(str, coded))


class Drafts(QObject):
    """All notes under way, in the order they were begun. `safe` tells whether one is on the disk as it is."""

    changed = Signal()

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._drafts: list[Draft] = []
        self.safe: Callable[[Draft], bool] = lambda _draft: False

    @property
    def all(self) -> tuple[Draft, ...]:
        return tuple(self._drafts)

    @property
    def unsent(self) -> int:
        """How many notes hold words that would be lost with the program, whoever wrote them."""
        return len(self.authors)

    @property
    def authors(self) -> list[Professional]:
        """Who wrote each of these notes."""
        return [draft.author for draft in self._drafts if not draft.empty and not self.safe(draft)]

    def of(self, professional: Professional | None) -> list[Draft]:
        return [draft for draft in self._drafts if draft.author.is_also(professional)]

    def open_for(self, patient: Patient, professional: Professional, kind: DocumentKind | None = None) -> Draft:
        """The note under way for this patient, of this kind if one is named, or a new one. One never written begins now."""
        now = self._clock.now()
        for draft in reversed(self._for(patient, professional)):
            if draft.replaces is None and (kind is None or draft.kind is kind):
                draft.started_at = now if draft.empty else draft.started_at
                return draft
        return self._begin(Draft(patient, professional, now, kind=kind or DocumentKind.CONSULTATION))

    def receive(
        self, patient: Patient, professional: Professional, text: str, started_at: datetime, draft_id: str
    ) -> Draft:
        """A note that came from elsewhere, as one of its own beside those under way; the one there is, where it came already."""
        for draft in self._drafts:
            if draft.id == draft_id:
                return draft
        return self._begin(Draft(patient, professional, started_at, text, id=draft_id))

    def open_replacement(self, patient: Patient, professional: Professional, entry: DocumentEntry) -> Draft:
        """The new version under way of a document, or one that begins as the document is: kind, form, day of the act, and who is
        kept from seeing it."""
        for draft in self._for(patient, professional):
            if draft.replaces and draft.replaces.entry.unique_id == entry.unique_id:
                return draft
        began = entry.service_start or entry.creation_time
        new = Draft(patient, professional, began, kind=kind_of(entry), format=format_of(entry), format_chosen=True)
        new.replaces = Replacement(entry)
        hidden = _hidden_as(entry, minor=is_minor(patient, self._clock.now().astimezone().date()))
        new.visibility = hidden[0] if hidden else None
        new.hidden_with = frozenset(hidden) if len(hidden) > 1 else frozenset()
        return self._begin(new)

    def beside(self, draft: Draft) -> list[Draft]:
        """The other notes of its author for the same patient."""
        return [one for one in self._for(draft.patient, draft.author) if one is not draft]

    def _for(self, patient: Patient, professional: Professional) -> list[Draft]:
        return [draft for draft in self._about(patient) if draft.author.is_also(professional)]

    def _about(self, patient: Patient) -> list[Draft]:
        ins = (patient.ins.value, patient.ins.oid)
        return [draft for draft in self._drafts if (draft.patient.ins.value, draft.patient.ins.oid) == ins]

    def _begin(self, draft: Draft) -> Draft:
        self._drafts.append(draft)
        self.changed.emit()
        return draft

    def restore(self, draft: Draft) -> None:
        self._drafts.append(draft)
        self.changed.emit()

    def remove(self, draft: Draft) -> None:
        """Sent or given up."""
        if draft in self._drafts:
            self._drafts.remove(draft)
            self.changed.emit()

    def forget_facts(self, patient: Patient) -> list[Draft]:
        """What was taken from this patient's record leaves their notes, whoever writes them; gives back which."""
        found = [draft for draft in self._about(patient) if draft.review.facts is not None or draft.kind in REVIEWED]
        for draft in found:
            draft.review = draft.review.without_facts()
        return found

    def ask_record_again(self, patient: Patient) -> None:
        """This patient's record may be read now: no review goes on without it."""
        for draft in self._about(patient):
            if draft.review.unread:
                draft.review.restart()

    def drop_empty(self, but: Draft | None = None) -> None:
        """Forgets notes opened and never written."""
        kept = [draft for draft in self._drafts if draft is but or not draft.empty]
        if len(kept) != len(self._drafts):
            self._drafts = kept
            self.changed.emit()
