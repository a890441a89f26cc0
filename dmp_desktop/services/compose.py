"""From a consultation note to a document that is ready to leave. Nothing here sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from dmp_desktop import notes
from dmp_desktop.cda.build import plan_of
from dmp_desktop.cda.read import identifiers_from_cda, note_from_cda
from dmp_desktop.domain.documents import (
    Attachment,
    BuiltDocument,
    Code,
    DocumentEntry,
    DocumentFormat,
    DocumentKind,
    Parent,
)
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Context, Encounter, Facility, Patient, Professional
from dmp_desktop.domain.ports import Clock
from dmp_desktop.services.files import read_attachment
from dmp_desktop.services.opened import OpenedDocument
from dmp_desktop.services.orders import DocumentOrder, RecordFacts, SensitiveTopic, Suggestion
from dmp_desktop.services.own_terms import OwnTerms
from dmp_desktop.services.summary import SummaryService
from dmp_desktop.terminology import document_types, rapid_tests, vaccine_choices

Build = Callable[[DocumentOrder, Context], BuiltDocument]
Preview = Callable[[BuiltDocument, Mapping[str, str]], OpenedDocument]


class Reader(Protocol):
    """The patient's record, as far as a document needs it (services.dossier, services.summary)."""

    def content(self, patient: Patient, entry: DocumentEntry) -> bytes: ...


class ComposeService:
    """Proposals and documents in the name of who wrote the note, there or not: only the outbox needs their card.

    `report_form` is the setting `auto`, `structured` or `pdf`; `sandbox` tells what `auto` means. `traits` gives a patient as
    this workstation knows them now.
    """

    def __init__(
        self,
        clock: Clock,
        build: Build,
        preview: Preview,
        *,
        record: Reader,
        summary: SummaryService,
        terms: OwnTerms,
        traits: Callable[[Patient], Patient],
        report_form: str = "auto",
        sandbox: bool = True,
    ) -> None:
        self._clock = clock
        self._build = build
        self._preview = preview
        self._record = record
        self._summary = summary
        self._terms = terms
        self._traits = traits
        structured = report_form == "structured" or (report_form == "auto" and sandbox)
        self._report_form = DocumentFormat.STRUCTURED if structured else DocumentFormat.PDF

    # -- the note ----------------------------------------------------------------------------------------------------------

    def propose(self, patient: Patient, text: str, author: Professional) -> tuple[Proposal, ...]:
        """What the note holds that could be coded, in the order of the text; `author`'s own words are known."""
        return notes.propose(text, age=self._age(patient), own_terms=self._terms.of(author.national_id))

    def sensitive(self, patient: Patient, text: str) -> tuple[SensitiveTopic, ...]:
        """Subjects of the text that ask who may see it."""
        found = notes.find_sensitive(text, age=self._age(patient))
        return tuple(SensitiveTopic(item.topic.label, item.start, item.end) for item in found)

    def suggest(self, word: str) -> tuple[Suggestion, ...]:
        """Ends of a word under way, the likeliest first."""
        found = notes.suggest(word, own_terms=self._terms.terms())
        return tuple(
            Suggestion(item.term, item.term, "" if item.label.casefold() == item.term.casefold() else item.label)
            for item in found
        )

    def learn(self, term: str, proposal: Proposal) -> None:
        """From now on `term` means, for who is signed in, what `proposal` says. Raises as `OwnTerms.learn`."""
        self._terms.learn(term, proposal)

    # -- what documents may be ----------------------------------------------------------------------------------------------

    def formats(self, kind: DocumentKind) -> tuple[DocumentFormat, ...]:
        """The forms a kind has, the usual one first."""
        return plan_of(kind).formats

    def default_format(self, kind: DocumentKind) -> DocumentFormat:
        """The form of a new document: a report has no volet, so its form is a setting; the others keep to their volet."""
        return self._report_form if kind is DocumentKind.CONSULTATION else self.formats(kind)[0]

    def document_types(self) -> tuple[Code, ...]:
        """JDV_J07: types of a prescription or of a scanned document."""
        return document_types()

    def vaccines(self) -> tuple[Code, ...]:
        """Vaccines by ATC code; `display` is what the doctor chooses, a brand or a disease. A code may come several times."""
        return vaccine_choices()

    def rapid_tests(self) -> tuple[Code, ...]:
        """Tests a rapid test report may name."""
        return rapid_tests()

    def read_attachment(self, path: Path) -> Attachment:
        """A file to join. Raises as `files.read_attachment`."""
        return read_attachment(path)

    # -- the record ---------------------------------------------------------------------------------------------------------

    def summary_items(self, patient: Patient, stop: Callable[[], bool] = lambda: False) -> RecordFacts:
        """Facts of the record for a synthesis, until `stop`; several round trips."""
        return self._summary.read(patient, stop)

    def replaced(self, entry: DocumentEntry, patient: Patient) -> Parent:
        """What a new version says of the document it replaces."""
        identifiers = identifiers_from_cda(self._record.content(patient, entry))
        return Parent(identifiers.unique_id, identifiers.set_id, identifiers.version, entry.type_code.code)

    def note_of(self, entry: DocumentEntry, patient: Patient) -> str:
        """The note a document of ours was made from, verbatim; empty when it cannot be told."""
        return note_from_cda(self._record.content(patient, entry))

    # -- the patient ---------------------------------------------------------------------------------------------------------

    def known(self, patient: Patient) -> Patient:
        """The same patient by the traits known now. Raises StorageError."""
        return self._traits(patient)

    # -- the document ---------------------------------------------------------------------------------------------------------

    def build(self, order: DocumentOrder, facility: Facility) -> BuiltDocument:
        """The checked document of the order's patient and author, whoever's record is on screen and whoever is signed in.

        `facility` is where the author practised when they asked. Raises CdaError when our own rules refuse it, ContextError when
        `extra` lacks what the kind needs.
        """
        encounter, extra = Encounter(order.started_at), dict(order.extra)
        context = Context(order.patient, order.author, facility, encounter, extra=extra, entered_by=order.entered_by)
        return self._build(order, context)

    def preview(self, built: BuiltDocument, palette: Mapping[str, str]) -> OpenedDocument:
        """The document as its reader will see it."""
        return self._preview(built, palette)

    def _age(self, patient: Patient) -> int:
        return patient.age(self._clock.now().astimezone().date())
