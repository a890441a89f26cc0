"""TD3.1: the stored queries (ITI-18; reference §2.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from dmp_desktop.dmp import names
from dmp_desktop.dmp.metadata import utc
from dmp_desktop.dmp.xmltext import xml
from dmp_desktop.domain.documents import Availability, Code
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import FindCriteria


def find_documents(patient: InsIdentity, criteria: FindCriteria) -> str:
    """FindDocuments by every criterion given."""
    entry = "$XDSDocumentEntry"
    slots = {
        f"{entry}PatientId": _text(patient.cx),
        f"{entry}Status": _texts(status.value for status in criteria.statuses),
    }
    for name, codes in (
        ("TypeCode", criteria.type_codes),
        ("ClassCode", criteria.class_codes),
        ("FormatCode", criteria.format_codes),
        ("HealthcareFacilityTypeCode", criteria.facility_codes),
        ("PracticeSettingCode", criteria.practice_codes),
        ("EventCodeList", criteria.event_codes),
        ("ConfidentialityCode", criteria.confidentiality_codes),
    ):
        if codes:
            slots[entry + name] = _codes(codes)
    for name, moment in (
        ("CreationTimeFrom", criteria.created_from),
        ("CreationTimeTo", criteria.created_to),
        ("ServiceStartTimeFrom", criteria.service_from),
        ("ServiceStartTimeTo", criteria.service_to),
        ("ServiceStopTimeFrom", criteria.service_stop_from),
        ("ServiceStopTimeTo", criteria.service_stop_to),
    ):
        if moment is not None:
            slots[entry + name] = utc(moment)
    if criteria.authors:
        slots[f"{entry}AuthorPerson"] = _texts(_containing(author) for author in criteria.authors)
    return _query(names.FIND_DOCUMENTS, slots)


def find_by_reference(patient: InsIdentity, references: Sequence[str], statuses: Iterable[Availability]) -> str:
    """FindDocumentsByReferenceId (ITI TF-2 §3.18.4.1.2.3.7.13). `references` are whole CXi, as a referenceIdList holds them."""
    entry = "$XDSDocumentEntry"
    return _query(
        names.FIND_BY_REFERENCE_ID,
        {
            f"{entry}PatientId": _text(patient.cx),
            f"{entry}ReferenceIdList": _texts(references),
            f"{entry}Status": _texts(status.value for status in statuses),
        },
    )


def get_documents(unique_ids: Sequence[str], *, references: bool = False) -> str:
    """GetDocuments by uniqueId: gives the entryUUIDs (TD3.1b); with `references` nothing else, as a secretary may ask."""
    slots = {"$XDSDocumentEntryUniqueId": _texts(unique_ids)}
    return _query(names.GET_DOCUMENTS, slots, "ObjectRef" if references else "LeafClass")


def get_entry(entry_uuid: str) -> str:
    """GetDocuments of one version of a document by its entryUUID."""
    return _query(names.GET_DOCUMENTS, {"$XDSDocumentEntryEntryUUID": _texts([entry_uuid])})


def get_associations(uuids: Sequence[str]) -> str:
    """GetAssociations of registry objects by entryUUID."""
    return _query(names.GET_ASSOCIATIONS, {"$uuid": _texts(uuids)})


def get_documents_and_associations(uuids: Sequence[str]) -> str:
    """GetDocumentsAndAssociations by entryUUID."""
    return _query(names.GET_DOCUMENTS_AND_ASSOCIATIONS, {"$XDSDocumentEntryEntryUUID": _texts(uuids)})


def find_submission_sets(patient: InsIdentity, since: datetime) -> str:
    return _query(
        names.FIND_SUBMISSION_SETS,
        {
            "$XDSSubmissionSetPatientId": _text(patient.cx),
            "$XDSSubmissionSetStatus": _texts([Availability.APPROVED.value]),
            "$XDSSubmissionSetSubmissionTimeFrom": utc(since),
        },
    )


def _query(query_id: str, slots: dict[str, str], return_type: str = "LeafClass") -> str:
    content = "".join(
        f'<rim:Slot name="{name}"><rim:ValueList><rim:Value>{xml(value)}</rim:Value></rim:ValueList></rim:Slot>'
        for name, value in slots.items()
    )
    return (
        f'<query:AdhocQueryRequest xmlns:query="{names.QUERY}" xmlns:rim="{names.RIM}">'
        f'<query:ResponseOption returnComposedObjects="true" returnType="{return_type}"/>'
        f'<rim:AdhocQuery id="{query_id}">{content}</rim:AdhocQuery></query:AdhocQueryRequest>'
    )


def _text(value: str) -> str:
    """ITI TF-2 §3.18.4.1.2.3.2: a string in single quotes, an inner quote doubled."""
    return "'" + value.replace("'", "''") + "'"


def _texts(values: Iterable[str]) -> str:
    return "(" + ",".join(_text(value) for value in values) + ")"


def _containing(words: str) -> str:
    """ITI TF-2 §3.18.4.1.2.3.5: SQL LIKE, which has no escape: a `%` of the words may stand for any character, as `_` does."""
    return f"%{words.replace('%', '_')}%"


def _codes(codes: Iterable[Code]) -> str:
    return _texts(f"{code.code}^^{code.system}" for code in codes)
