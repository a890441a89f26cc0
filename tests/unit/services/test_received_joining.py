"""An envelope and its documents: identities that disagree propose nobody, and what a document is, its bytes tell."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.domain.documents import DocumentFormat, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Sex
from dmp_desktop.domain.received import Received, ReceivedDocument, ReceivedFormat, ReceivedPatient
from dmp_desktop.exchange import context_from_dict
from dmp_desktop.services.received_files import received_cda
from dmp_desktop.services.received_xdm import OTHER_KIND, OTHER_PATIENT, UNREADABLE, completed
from tests.helpers.documents import FOOTER, FULL, NOTE, NOW, OTHER_ID, UNIQUE_ID

ENVELOPE = ReceivedPatient(
    family="TEST-PATIENTE",
    given="MARIE",
    birth_family="TEST-PATIENTE",
    birth_date=date(1979, 3, 12),
    sex=Sex.FEMALE,
    ins=InsIdentity("279035121518989", "1.2.250.1.213.1.4.10"),
    nir="279035121518989",
)
NOBODY = ReceivedPatient()


def cda(unique_id: str = UNIQUE_ID, **patient: str) -> bytes:
    context = context_from_dict(FULL | {"patient": FULL["patient"] | patient})
    request = BuildRequest(
        context=context, note=NOTE, unique_id=unique_id, now=NOW, format=DocumentFormat.STRUCTURED, footer=FOOTER
    )
    return build(request).cda


@pytest.fixture(scope="module")
def mine() -> bytes:
    return cda()


@pytest.fixture(scope="module")
def others() -> bytes:
    """Of somebody else, born another day, under another number."""
    return cda(OTHER_ID, ins="255069999999934", birth_date="1955-06-01", sex="M", birth_family="TEST-AUTRE")


def message(patient: ReceivedPatient, *contents: bytes, mime: str = "text/xml") -> Received:
    return Received(ReceivedFormat.XDM, patient, tuple(ReceivedDocument(one, mime) for one in contents))


def proposes(patient: ReceivedPatient) -> bool:
    """Whether anything is left that `tray_patients` looks for somebody by."""
    return bool(patient.ins or patient.nir or patient.birth_date)


def test_what_agrees_is_joined(mine: bytes) -> None:
    joined = completed(message(ENVELOPE, mine))
    assert joined.warnings == ()
    assert joined.patient == replace(ENVELOPE, used_family=FULL["patient"]["used_family"])


@pytest.mark.parametrize(
    "envelope",
    [
        replace(ENVELOPE, family="TEST-AUTRE", birth_family="TEST-AUTRE"),
        replace(ENVELOPE, family="TEST-AUTRE", birth_family=""),
        replace(ENVELOPE, given="ZOE"),
        replace(ENVELOPE, sex=Sex.MALE),
        replace(ENVELOPE, birth_date=date(1979, 3, 13)),
        replace(ENVELOPE, ins=InsIdentity("255069999999934", "1.2.250.1.213.1.4.10")),
    ],
)
def test_an_envelope_of_somebody_else_proposes_nobody(envelope: ReceivedPatient, mine: bytes) -> None:
    joined = completed(message(envelope, mine))
    assert joined.warnings == (OTHER_PATIENT,)
    assert not proposes(joined.patient)
    assert joined.patient.family == envelope.family  # what the header says is still shown
    assert joined.documents[0].content == mine


@pytest.mark.parametrize(
    "envelope",
    [
        NOBODY,
        replace(ENVELOPE, given="Marie-Claude"),
        replace(ENVELOPE, family="test patiente", birth_family=""),
        replace(ENVELOPE, family=FULL["patient"]["used_family"], birth_family=""),
        replace(ENVELOPE, given="Maïté"),
        replace(ENVELOPE, sex=Sex.UNKNOWN),
        replace(ENVELOPE, sex=None),
    ],
)
def test_what_is_only_writing_or_not_told_contradicts_nobody(envelope: ReceivedPatient, mine: bytes) -> None:
    joined = completed(message(envelope, mine))
    assert (joined.warnings, proposes(joined.patient)) == ((), True)


@pytest.mark.parametrize("mine_last", [True, False])
@pytest.mark.parametrize("envelope", [ENVELOPE, NOBODY])
def test_documents_of_two_people_propose_neither(
    envelope: ReceivedPatient, mine_last: bool, mine: bytes, others: bytes
) -> None:
    """The last one was believed: its names, its day of birth."""
    joined = completed(message(envelope, *((others, mine) if mine_last else (mine, others))))
    assert joined.warnings == (OTHER_PATIENT,)
    assert not proposes(joined.patient)
    assert (joined.patient.family, joined.patient.sex) == (envelope.family, envelope.sex)
    assert len(joined.documents) == 2
    assert len(re.findall("metformine", joined.text)) >= 2


def test_a_document_is_read_whatever_it_is_announced_as(mine: bytes) -> None:
    joined = completed(message(NOBODY, mine, mime="text/plain"))
    assert joined.patient.ins == ENVELOPE.ins
    assert [one.mime for one in joined.documents] == ["text/xml"]
    assert "metformine" in joined.text
    assert joined.warnings == (OTHER_KIND,)


@pytest.mark.parametrize("mime", ["application/xml", "application/hl7-v3+xml"])
def test_every_name_of_xml_is_one(mime: str, mine: bytes) -> None:
    joined = completed(message(NOBODY, mine, mime=mime))
    assert ([one.mime for one in joined.documents], joined.warnings) == (["text/xml"], ())


@pytest.mark.parametrize(
    ("content", "announced", "mime", "warnings"),
    [
        (b"%PDF-1.4 x", "text/xml", "application/pdf", (UNREADABLE, OTHER_KIND)),
        (b"\xff\xd8\xff\xe0", "application/pdf", "image/jpeg", (OTHER_KIND,)),
        (b"\xff\xd8\xff\xe0", "image/jpg", "image/jpeg", ()),
        (b"%PDF-1.4 x", "application/octet-stream", "application/pdf", ()),
        (b"%PDF-1.4 x", "application/pdf", "application/pdf", ()),
        (b"bonjour", "text/csv", "text/csv", ()),
        (b"\x00\x01", "application/dicom", "application/dicom", ()),
    ],
)
def test_a_file_is_what_its_first_bytes_tell(
    content: bytes, announced: str, mime: str, warnings: tuple[str, ...]
) -> None:
    joined = completed(message(ENVELOPE, content, mime=announced))
    assert ([one.mime for one in joined.documents], joined.warnings) == ([mime], warnings)
    assert joined.patient == ENVELOPE


def test_a_document_that_says_it_is_restricted_says_so(mine: bytes) -> None:
    hidden = re.sub(rb'<confidentialityCode code="N"', b'<confidentialityCode code="INVISIBLE_PATIENT"', mine, count=1)
    assert hidden != mine
    expected = frozenset({Visibility.INVISIBLE_PATIENT})
    assert completed(message(ENVELOPE, hidden)).routing.visibility == expected
    assert received_cda(hidden).routing.visibility == expected
    assert received_cda(mine).routing.visibility == frozenset()


@pytest.fixture
def martinique(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as here:
        here.setenv("TZ", "America/Martinique")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("martinique")
def test_the_day_of_the_act_is_the_day_written(mine: bytes) -> None:
    start = mine.index(b"<documentationOf")
    end = mine.index(b"</documentationOf>")
    acts = re.sub(
        rb"<effectiveTime>.*?</effectiveTime>",
        b'<effectiveTime><low value="20261101"/></effectiveTime>',
        mine[start:end],
        flags=re.DOTALL,
    )
    assert received_cda(mine[:start] + acts + mine[end:]).act_date == date(2026, 11, 1)
    late = acts.replace(b"20261101", b"202611010030+0000")
    assert received_cda(mine[:start] + late + mine[end:]).act_date == date(2026, 10, 31)
