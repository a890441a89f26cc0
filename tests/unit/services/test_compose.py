"""A document is signed by who wrote the note, and dated when the consultation began."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.documents import BuiltDocument
from dmp_desktop.domain.people import Professional
from dmp_desktop.errors import CardError, ContextError
from dmp_desktop.exchange import context_from_dict
from dmp_desktop.services import documents
from dmp_desktop.services.compose import ComposeService, DocumentOrder
from tests.helpers.clock import START, FakeClock, SeededEntropy
from tests.helpers.documents import FULL

CONTEXT = context_from_dict(FULL)
AUTHOR = CONTEXT.professional
OTHER = replace(AUTHOR, rpps="10000000001", family="DURAND")
STARTED = START - timedelta(days=1)


class Desk:
    """Who is signed in."""

    def __init__(self, professional: Professional | None) -> None:
        self.professional = professional

    def author(self):  # type: ignore[no-untyped-def]
        return (self.professional, CONTEXT.facility) if self.professional else None


def build(desk: Desk) -> BuiltDocument:
    clock = FakeClock()
    builder = documents.builder(clock, SeededEntropy())
    service = ComposeService(desk.author, clock, documents.propose, builder, documents.preview)
    return service.build(DocumentOrder(CONTEXT.patient, AUTHOR, STARTED, "HTA."))


def test_the_document_is_of_the_day_the_consultation_began() -> None:
    entry = entry_from_cda(build(Desk(AUTHOR)).cda)
    assert entry.service_start == STARTED
    assert entry.creation_time == START
    assert [author.person_id for author in entry.authors] == [AUTHOR.national_id]


def test_another_doctor_signed_in_never_signs_the_note() -> None:
    with pytest.raises(ContextError, match="auteur") as refused:
        build(Desk(OTHER))
    assert refused.value.code == "AuteurChange"
    assert "Réinsérez" in refused.value.remedy_fr


def test_a_card_read_again_is_the_same_author() -> None:
    assert build(Desk(replace(AUTHOR, phone="tel:0102030406"))).cda


def test_nobody_signed_in_is_said_so() -> None:
    with pytest.raises(CardError) as refused:
        build(Desk(None))
    assert refused.value.code == "CarteAbsente"
