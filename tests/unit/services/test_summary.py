"""Facts pooled from the record: the latest documents first, sources kept, differences never merged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from dmp_desktop import notes
from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.documents import DocumentEntry, DocumentFormat
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import CardError, DmpError
from dmp_desktop.services.facts import FactsReader
from dmp_desktop.services.summary import SummaryService, pooled, structured
from tests.helpers.access_world import World
from tests.helpers.documents import NOW, full_context
from tests.helpers.outbox import PATIENT

CONTEXT = full_context()


class Record:
    """Two structured consultations, one PDF, and one document that cannot be read."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.read: list[str] = []
        for rank, (note, form) in enumerate(
            [
                ("HTA. DT2.", DocumentFormat.STRUCTURED),
                ("HTA. ATCD : appendicectomie.", DocumentFormat.STRUCTURED),
                ("BPCO.", DocumentFormat.PDF),
            ]
        ):
            proposals = tuple(item.ticked(True) for item in notes.propose(note))
            request = BuildRequest(CONTEXT, note, f"2.25.{rank}", NOW + timedelta(days=rank), proposals, form)
            self.contents[f"2.25.{rank}"] = build(request).cda
        self.listed = [entry_from_cda(cda) for cda in self.contents.values()]
        self.listed.append(replace(self.listed[0], unique_id="2.25.9"))
        self.contents["2.25.9"] = b"<ClinicalDocument"

    def entries(self, patient: Patient) -> list[DocumentEntry]:
        return self.listed

    def content(self, patient: Patient, entry: DocumentEntry) -> bytes:
        self.read.append(entry.unique_id)
        return self.contents[entry.unique_id]


def test_facts_of_structured_documents_with_their_sources() -> None:
    record = Record()
    items = SummaryService(record.entries, FactsReader(record.content)).read(CONTEXT.patient).items
    problems = {item.code.code: item.source for item in items if item.kind is ItemKind.PROBLEM and item.code}
    assert {"I10", "E11.9"} <= set(problems)
    assert problems["I10"].count("20/11/2026") == problems["I10"].count("CR ou fiche de consultation") == 1
    assert "2.25.2" not in record.read
    assert "2.25.9" in record.read


def test_it_stops_when_asked() -> None:
    record = Record()
    service = SummaryService(record.entries, FactsReader(record.content))
    assert service.read(CONTEXT.patient, stop=lambda: len(record.read) >= 1).items
    assert len(record.read) == 1


def test_a_record_that_cannot_be_read_is_told() -> None:
    def refuse(patient: Patient, entry: DocumentEntry) -> bytes:
        raise CardError("x", "y", "z")

    record = Record()
    with pytest.raises(CardError):
        SummaryService(record.entries, FactsReader(refuse)).read(CONTEXT.patient)


def test_what_differs_stays_apart() -> None:
    present = ClinicalItem(ItemKind.ALLERGY, "Pénicilline", start=date(2020, 1, 1), source="A")
    facts = pooled(
        [
            present,
            replace(present, source="B"),
            replace(present, source="A"),
            replace(present, status=ProposalStatus.ABSENT, source="C"),
            ClinicalItem(ItemKind.PROBLEM, "HTA", source="A"),
        ]
    )
    assert [(item.label, item.status.value, item.source) for item in facts] == [
        ("HTA", "present", "A"),
        ("Pénicilline", "present", "A ; B"),
        ("Pénicilline", "absent", "C"),
    ]


def test_latest_first() -> None:
    record = Record()
    assert structured(record.listed)[0].unique_id == "2.25.1"


def test_what_was_not_read_is_counted() -> None:
    record = Record()
    service = SummaryService(record.entries, FactsReader(record.content))
    assert service.read(CONTEXT.patient).unread == 1
    assert service.read(CONTEXT.patient, stop=lambda: True).unread == 3


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (DossierStatus(exists=True, authorization=Authorization.NON_EXISTE), "pas autorisé"),
        (DossierStatus(exists=True, authorization=Authorization.EXPIRE), "pas autorisé"),
        (DossierStatus(exists=True, authorization=Authorization.INTERDIT), "refusé l'accès"),
        (DossierStatus(exists=True, closed=True), "fermé"),
        (DossierStatus(exists=False), "pas de DMP"),
    ],
)
def test_a_record_that_may_not_be_read_is_no_empty_record(tmp_path: Path, status: DossierStatus, said: str) -> None:
    world = World(tmp_path / "a.db")
    world.dmp.answers[PATIENT.ins.value] = status
    summary = SummaryService(world.dossier.entries, FactsReader(world.dossier.content))
    with pytest.raises(DmpError, match=said) as refused:
        summary.read(PATIENT)
    assert refused.value.code == "DossierNonLu"
    world.dmp.answers[PATIENT.ins.value] = DossierStatus(exists=True, authorization=Authorization.VALIDE)
    world.dossier.status(PATIENT)
    assert summary.read(PATIENT).items == ()
    world.database.close()
