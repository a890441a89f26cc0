"""A document is signed by who wrote the note, and dated when the consultation began."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.documents import BuiltDocument, DocumentEntry, DocumentFormat, DocumentKind
from dmp_desktop.domain.people import Patient, Professional
from dmp_desktop.exchange import context_from_dict
from dmp_desktop.services import documents
from dmp_desktop.services.compose import ComposeService
from dmp_desktop.services.facts import FactsReader
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.services.own_terms import OwnTerms
from dmp_desktop.services.summary import SummaryService
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import START, FakeClock, SeededEntropy
from tests.helpers.documents import FULL
from tests.helpers.outbox import KEY

CONTEXT = context_from_dict(FULL)
AUTHOR = CONTEXT.professional
OTHER = replace(AUTHOR, rpps="10000000001", family="DURAND")
STARTED = START - timedelta(days=1)


class Desk:
    """Who is signed in."""

    def __init__(self, professional: Professional | None) -> None:
        self.professional = professional

    def national_id(self) -> str | None:
        return self.professional.national_id if self.professional else None


class Record:
    """One document of the record."""

    cda = b""

    def content(self, patient: Patient, entry: DocumentEntry) -> bytes:
        return self.cda


@pytest.fixture
def preferences(tmp_path: Path) -> Iterator[PreferenceStore]:
    with Database.open(tmp_path / "a.db", KEY) as database:
        yield PreferenceStore(database, Seal(KEY, "preference"))


class Composing:
    def __init__(self, preferences: PreferenceStore) -> None:
        self.preferences = preferences
        self.record = Record()

    def service(self, desk: Desk, **options: Any) -> ComposeService:
        clock = FakeClock()
        return ComposeService(
            clock,
            documents.builder(clock, SeededEntropy()),
            documents.preview,
            record=self.record,
            summary=SummaryService(lambda _patient: [], FactsReader(self.record.content)),
            terms=OwnTerms(self.preferences, desk.national_id),
            **{"traits": lambda patient: patient} | options,
        )

    def build(self, desk: Desk) -> BuiltDocument:
        return self.service(desk).build(DocumentOrder(CONTEXT.patient, AUTHOR, STARTED, "HTA."), CONTEXT.facility)


@pytest.fixture
def composing(preferences: PreferenceStore) -> Composing:
    return Composing(preferences)


def test_the_document_is_of_the_day_the_consultation_began(composing: Composing) -> None:
    entry = entry_from_cda(composing.build(Desk(AUTHOR)).cda)
    assert entry.service_start == STARTED
    assert entry.creation_time == START
    assert [author.person_id for author in entry.authors] == [AUTHOR.national_id]


@pytest.mark.parametrize("signed_in", [None, OTHER])
def test_the_document_is_its_author_s_whoever_is_signed_in_by_then(
    composing: Composing, signed_in: Professional | None
) -> None:
    """Between the click and here the card may have left, or a colleague's come in: neither refuses nor signs."""
    (author,) = entry_from_cda(composing.build(Desk(signed_in)).cda).authors
    assert (author.person_id, author.institution) == (AUTHOR.national_id, CONTEXT.facility.name)


def test_the_author_s_abbreviations_are_known_whoever_is_signed_in_by_then(composing: Composing) -> None:
    (hypertension,) = composing.service(Desk(AUTHOR)).propose(CONTEXT.patient, "HTA", AUTHOR)
    composing.service(Desk(AUTHOR)).learn("zzrp", hypertension)
    for signed_in in (None, OTHER):
        (found,) = composing.service(Desk(signed_in)).propose(CONTEXT.patient, "zzrp ce jour", AUTHOR)
        assert found.code == "I10"


@pytest.mark.parametrize(
    ("form", "sandbox", "expected"),
    [
        ("auto", True, DocumentFormat.STRUCTURED),
        ("auto", False, DocumentFormat.PDF),
        ("structured", False, DocumentFormat.STRUCTURED),
        ("pdf", True, DocumentFormat.PDF),
    ],
)
def test_form_of_reports_is_a_setting(composing: Composing, form: str, sandbox: bool, expected: DocumentFormat) -> None:
    service = composing.service(Desk(AUTHOR), report_form=form, sandbox=sandbox)
    assert service.default_format(DocumentKind.CONSULTATION) is expected
    assert service.default_format(DocumentKind.VACCINATION) is DocumentFormat.STRUCTURED
    assert service.default_format(DocumentKind.LETTER) is DocumentFormat.PDF


def test_every_kind_has_a_form(composing: Composing) -> None:
    service = composing.service(Desk(AUTHOR))
    assert all(service.formats(kind) for kind in DocumentKind)


def test_own_abbreviations_are_read_in_notes(composing: Composing) -> None:
    service = composing.service(Desk(AUTHOR))
    assert service.propose(CONTEXT.patient, "zzrp ce jour", AUTHOR) == ()
    (hypertension,) = service.propose(CONTEXT.patient, "HTA", AUTHOR)
    service.learn("zzrp", hypertension)
    (found,) = service.propose(CONTEXT.patient, "zzrp ce jour", AUTHOR)
    assert (found.code, found.text, found.accepted) == ("I10", "zzrp", False)
    assert service.suggest("zzr")[0].insert == "zzrp"
    assert composing.service(Desk(OTHER)).propose(CONTEXT.patient, "zzrp ce jour", OTHER) == ()


def test_sensitive_subjects_with_their_words(composing: Composing) -> None:
    service = composing.service(Desk(AUTHOR))
    text = "Demande d'IVG, 7 SA."
    (topic,) = service.sensitive(CONTEXT.patient, text)
    assert (topic.label, text[topic.start : topic.end]) == ("interruption de grossesse", "IVG")
    assert service.sensitive(CONTEXT.patient, "Angine, TDR négatif.") == ()


def test_a_new_version_starts_from_the_old_one(composing: Composing) -> None:
    service = composing.service(Desk(AUTHOR))
    first = composing.build(Desk(AUTHOR))
    composing.record.cda = first.cda
    entry = entry_from_cda(first.cda)
    assert service.note_of(entry, CONTEXT.patient) == "HTA."
    parent = service.replaced(entry, CONTEXT.patient)
    assert (parent.unique_id, parent.set_id, parent.version) == (first.unique_id, first.unique_id, 1)
