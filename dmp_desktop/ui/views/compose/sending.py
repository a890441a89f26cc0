"""From a note to the outbox in one blocking call: proposals up to date, document built, durable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dmp_desktop.domain.documents import BuiltDocument
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.domain.people import Facility, Patient, Sex
from dmp_desktop.domain.proposals import Prepared
from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.visibility import SECRET_ONLY
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.compose_ports import ComposePort, OutboxPort
from dmp_desktop.ui.strings_identity_fr import SEX
from dmp_desktop.ui.views.compose.drafts import Note, keys, meaning
from dmp_desktop.ui.views.compose.kinds import WITHOUT_NOTE


@dataclass(frozen=True, slots=True)
class Changed:
    """Nothing was built: the text no longer says what was accepted. `proposals` are those of the text as it is."""

    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Renamed:
    """Nothing was built: who the patient is is known otherwise now, under the same INS."""

    patient: Patient

    def __repr__(self) -> str:
        return "Renamed(…)"


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Nothing left: the doctor is to read this first. Sent again as it is, the note goes."""

    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sensitive:
    """Nothing left: the doctor is to say first who may see these subjects."""

    topics: tuple[str, ...]


def traits_changed(before: Patient, after: Patient) -> str:
    """Each strict trait that is another one, in French; empty when only what goes with them is."""
    lines = []
    for field, name in fr.TRAIT_NAMES.items():
        old, new = (_told(getattr(patient, field)) for patient in (before, after))
        if old != new:
            lines.append(fr.TRAIT_CHANGED.format(trait=name, before=old, after=new))
    return "".join(lines)


def _told(trait: str | date) -> str:
    if isinstance(trait, date):
        return formats.day(trait)
    return (SEX[trait] if isinstance(trait, Sex) else trait) or fr.TRAIT_UNKNOWN


def build(
    note: Note, facility: Facility, compose: ComposePort, unique_id: str = ""
) -> BuiltDocument | Changed | Renamed:
    """The document of a note, for the note's own patient and author. Neither proposals nor traits of the patient that the doctor
    has not seen are in it. `unique_id` where it is fixed already."""
    known = compose.known(note.patient)
    if known != note.patient:
        return Renamed(known)
    text, proposals = note.text, note.proposals
    if note.kind in WITHOUT_NOTE:
        text, proposals = "", ()
    elif note.proposed_for != text:
        found = compose.propose(note.patient, text, note.author)
        proposals = _seen_only(note, found)
        if _accepted(note.proposals) - _accepted(proposals):
            return Changed(found)
    return compose.build(
        DocumentOrder(
            note.patient,
            note.author,
            note.started_at,
            text,
            proposals,
            note.kind,
            note.format,
            note.filled.extra,
            note.items,
            note.filled.attachment,
            note.parent,
            unique_id,
            note.prepared.author if note.prepared else None,
        ),
        facility,
    )


@dataclass(frozen=True, slots=True)
class Held:
    """None of several notes left: the one at `place` is to be looked at first, or was refused."""

    place: int
    why: Changed | Renamed | Doubtful | Sensitive | DmpDesktopError


def send_together(
    notes: Sequence[Note],
    by: SignedIn,
    compose: ComposePort,
    outbox: OutboxPort,
    leaves: Sequence[Callable[[str], None]],
) -> list[OutboxItem] | Held:
    """As `send`, several notes of one patient that leave in one lot, each as it was at the click: all of them, or none."""
    documents: list[BuiltDocument] = []
    for place, note in enumerate(notes):
        try:
            found = _ready(note, by, compose, _none_proposed)
        except DmpDesktopError as error:
            return Held(place, error)
        if not isinstance(found, BuiltDocument):
            return Held(place, found)
        documents.append(found)
    for built, about_to_leave in zip(documents, leaves, strict=True):
        about_to_leave(built.unique_id)
    return outbox.send_together(
        [(note.patient, built, note.restrictions) for note, built in zip(notes, documents, strict=True)], by
    )


def send(
    note: Note,
    by: SignedIn,
    compose: ComposePort,
    outbox: OutboxPort,
    leaves: Callable[[str], None] = lambda _id: None,
    claim: Callable[[Prepared], str] = lambda _prepared: "",
) -> OutboxItem | Changed | Renamed | Doubtful | Sensitive:
    """Returns once the document is durable, or when something is to be looked at before.

    `by` is who was signed in at the click: that they have left since, or that somebody else came, changes nothing. `leaves` is
    told the uniqueId of the document just before; `claim` gives the one that a proposed note is to have, or refuses.
    """
    built = _ready(note, by, compose, claim)
    if not isinstance(built, BuiltDocument):
        return built
    leaves(built.unique_id)
    return outbox.send(note.patient, built, note.restrictions, by)


def _none_proposed(_prepared: Prepared) -> str:
    """A note of somebody else's leaves alone (`views.compose.together`)."""
    raise ValueError("a proposed note leaves by itself")


def _ready(
    note: Note, by: SignedIn, compose: ComposePort, claim: Callable[[Prepared], str]
) -> BuiltDocument | Changed | Renamed | Doubtful | Sensitive:
    """Its document, when there is nothing to look at before. Raises DmpDesktopError."""
    if not note.author.is_also(by.professional):
        raise ContextError("AuteurChange", fr.OTHER_AUTHOR, fr.OTHER_AUTHOR_REMEDY, field="professional.rpps")
    if note.unchanged:
        raise ContextError("RemplacementIdentique", fr.SAME_DOCUMENT, fr.SAME_DOCUMENT_REMEDY)
    if not note.reviewed:
        raise ContextError("RelectureIncomplete", fr.TO_REVIEW, "", field="items")
    if note.secret and note.visibility not in SECRET_ONLY:
        raise ContextError("visibility", fr.DISCREET, fr.DISCREET_REMEDY, field="visibility")
    built = build(note, by.facility, compose, claim(note.prepared) if note.prepared else "")
    if isinstance(built, Changed | Renamed):
        return built
    if not note.visibility_chosen:
        topics = compose.sensitive(note.patient, _words(note))
        if topics:
            return Sensitive(tuple(dict.fromkeys(topic.label for topic in topics)))
    if built.warnings and note.warned != (note.text, built.warnings):
        return Doubtful(built.warnings)
    return built


def _words(note: Note) -> str:
    """All the words the document will hold: the note, the form, the facts."""
    text = "" if note.kind in WITHOUT_NOTE else note.text
    return "\n".join([text, *_texts(note.filled.extra), *(item.label for item in note.items)]).strip()


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _texts(one)]


def _seen_only(note: Note, found: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
    """New proposals, of which only those that were accepted before the doctor's eyes are."""
    shown = dict(zip(keys(note.proposals), (one.accepted for one in note.proposals), strict=True))
    return tuple(
        one.ticked(note.ticks.get(key, one.accepted and shown.get(key, False)))
        for key, one in zip(keys(found), found, strict=True)
    )


def _accepted(proposals: tuple[Proposal, ...]) -> Counter[tuple[str, ...]]:
    return Counter(meaning(one) for one in proposals if one.accepted)
