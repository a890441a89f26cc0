"""What a document must be to be kept for sending, and with which others it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dmp_desktop.domain.documents import BuiltDocument, DocumentEntry, Visibility
from dmp_desktop.domain.outbox import OutboxItem, OutboxState
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock, Entropy
from dmp_desktop.errors import CdaError, ContextError
from dmp_desktop.services.feeding import FeedingRules
from dmp_desktop.services.outbox_barriers import Contents, barrier, check_content, check_entry, same_person
from dmp_desktop.services.outbox_chain import Chain
from dmp_desktop.services.sending import check_validated
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.visibility import SECRET_ONLY, is_minor, to_ask
from dmp_desktop.storage.outbox import NewItem, OutboxStore, Outcome
from dmp_desktop.storage.subject import Subject

LARGEST_LOT = 5_000_000
"""Bytes: a lot is one message, which a slow line must carry whole."""
LONGEST_LOT = 20
"""Documents: what the DMP refuses one for, it refuses all for."""


@dataclass(frozen=True, slots=True, repr=False)
class Paper:
    """A document that may be kept: what it says of itself, its bytes, whom it is about, who sends it (PS_IdNat)."""

    entry: DocumentEntry
    cda: bytes
    subject: Subject
    sender: str


class Intake:
    """Reads and checks; `keep` writes. Raises as `OutboxService.enqueue`."""

    def __init__(
        self,
        store: OutboxStore,
        metadata: Callable[[bytes], DocumentEntry],
        rules: FeedingRules,
        clock: Clock,
        entropy: Entropy,
        contents: Contents,
        chain: Chain,
    ) -> None:
        self._store = store
        self._contents = contents
        self._chain = chain
        self._metadata = metadata
        self._rules = rules
        self._clock = clock
        self._entropy = entropy

    def of_built(self, patient: Patient, built: BuiltDocument, visibility: Iterable[Visibility]) -> Paper:
        entry = self._metadata(built.cda)
        if entry.unique_id != built.unique_id:
            raise CdaError(
                "outbox-identifier", "L'identifiant du document n'est pas le sien.", "Construisez-le à nouveau."
            )
        subject = Subject(patient, built.title or entry.title, built.kind, frozenset(visibility))
        return self._paper(entry, built.cda, subject, same_act=False)  # it began when the note did

    def of_file(
        self,
        patient: Patient,
        cda: bytes,
        visibility: Iterable[Visibility],
        secretary: SignedIn | None = None,
        validated_by: str = "",
    ) -> Paper:
        """Its title and its type (a LOINC code) are those of its header. Without `visibility`, a new version is hidden as the
        document it replaces is, as far as that is known here. `secretary` sends it for her structure once `validated_by`
        (PS_IdNat) validated it."""
        entry = self._metadata(cda)
        today = self._clock.now().astimezone().date()
        shown = frozenset(visibility) or self._hidden_as_former(patient, entry, today)
        subject = Subject(patient, entry.title, entry.type_code.code, shown, validated_by)
        if secretary is None:
            return self._paper(entry, cda, subject)
        check_validated(entry, patient, subject.visibility, secretary, validated_by, today)
        return replace(self._paper(entry, cda, subject), sender=secretary.national_id)

    def keep(self, papers: Sequence[Paper], undo_delay: timedelta) -> list[OutboxItem]:
        """Documents that leave together: all are kept, on disk, or none is."""
        barred = self._barred(papers)
        now = self._clock.now()
        submission_id = f"2.25.{self._entropy.uuid().int}"  # OID of a UUID (ITU-T X.667), within XDS's 64 characters
        news = [
            NewItem(
                unique_id=paper.entry.unique_id,
                submission_id=submission_id,
                author_id=paper.sender,
                subject=paper.subject,
                cda=paper.cda,
                replaces=paper.entry.replaces,
                lot=submission_id if len(papers) > 1 else "",
            )
            for paper in papers
        ]
        return self._store.add_lot(news, now, now + undo_delay, barred)

    def _barred(self, papers: Sequence[Paper]) -> Outcome | None:
        patient = papers[0].subject.patient
        barred = barrier(self._rules, patient)
        if barred and barred.state is OutboxState.REFUSED:
            raise ContextError(barred.code, barred.message, barred.remedy, field="patient.ins")
        for paper in papers:
            shown = paper.subject.visibility | paper.entry.visibility
            self._rules.may_show(patient, to_ask(shown, self._hidden(patient, paper.entry)))
        # what replaces another one leaves alone: it is the only paper
        return self._chain.check(patient, papers[0].entry.replaces) or barred

    def _hidden_as_former(self, patient: Patient, entry: DocumentEntry, today: date) -> frozenset[Visibility]:
        """What is hidden never shows by itself; the legal representatives of an adult are nobody's."""
        hidden = self._hidden(patient, entry)
        return hidden if is_minor(patient, today) else hidden - SECRET_ONLY

    def _hidden(self, patient: Patient, entry: DocumentEntry) -> frozenset[Visibility]:
        """What hides the document it replaces, as far as that is known here."""
        former = self._contents.former(patient, entry.replaces) if entry.replaces else None
        return former.visibility if former else frozenset()

    def _paper(self, entry: DocumentEntry, cda: bytes, subject: Subject, *, same_act: bool = True) -> Paper:
        check_entry(entry, subject.patient)
        check_content(self._contents, subject.patient, entry, cda, subject.visibility, same_act=same_act)
        return Paper(entry, cda, subject, entry.authors[0].person_id)


def lots(papers: Sequence[Paper]) -> list[list[Paper]]:
    """What leaves together, in the given order: of one patient, by one sender. What replaces another document leaves alone: it
    may have to wait for that one; what only the secret connection of a minor may bring does not go with what it may not."""
    found: list[list[Paper]] = []
    for paper in papers:
        if found and _goes_with(paper, found[-1]):
            found[-1].append(paper)
        else:
            found.append([paper])
    return found


def as_one_lot(papers: Sequence[Paper]) -> Sequence[Paper]:
    """The same, where they may leave in one set. Raises ContextError("lot-apart")."""
    if len(lots(papers)) == 1:
        return papers
    raise ContextError(
        "lot-apart",
        "Ces documents ne peuvent pas partir ensemble : plus de 5 Mo en tout, plus de 20, ou l'un d'eux part seul.",
        "Décochez-en, et envoyez-les l'un après l'autre.",
    )


def _goes_with(paper: Paper, lot: Sequence[Paper]) -> bool:
    first = lot[0]
    return (
        not (paper.entry.replaces or first.entry.replaces)
        and paper.sender == first.sender
        and (paper.subject.visibility == SECRET_ONLY) == (first.subject.visibility == SECRET_ONLY)
        and same_person(paper.subject.patient.ins, first.subject.patient.ins)
        and paper.entry.unique_id not in {one.entry.unique_id for one in lot}
        and len(lot) < LONGEST_LOT
        and len(paper.cda) + sum(len(one.cda) for one in lot) <= LARGEST_LOT
    )
