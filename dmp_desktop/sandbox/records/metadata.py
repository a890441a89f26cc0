"""Registry objects of an invented document: what its submission said of it (reference §5)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import NAMESPACE_OID, uuid5

from dmp_desktop.domain.documents import Availability
from dmp_desktop.sandbox import names
from dmp_desktop.sandbox.model import Association, Classification, Kind, RegistryObject, dtm
from dmp_desktop.sandbox.records.authors import Writer
from dmp_desktop.sandbox.records.kinds import CLASSES, FORMATS
from dmp_desktop.sandbox.records.plan import Plan

SOURCE_OID = "1.2.250.1.999.10"
"""The invented software that fed the records."""
_NORMAL = ("N", "Normal", names.CONFIDENTIALITY_OID)


def code(scheme: str, value: str, label: str, system: str) -> Classification:
    """A coded classification."""
    return Classification(scheme, value, label, {"codingScheme": (system,)})


def xcn(writer: Writer) -> str:
    """authorPerson: a professional, an employee of an organisation or its software, the patient (reference §5.2)."""
    kind = "NH" if writer.is_patient else "RI" if writer.device else "IDNPS"
    use = "U" if writer.device else "D"
    return f"{writer.national_id}^{writer.family}^{writer.given}^^^^^^&{writer.root}&ISO^{use}^^^{kind}"


def author(scheme: str, writer: Writer) -> Classification:
    """An author classification: person, institution, speciality."""
    authority = f"&{names.STRUCTURE_OID}&ISO"
    slots = {
        "authorPerson": (xcn(writer),),
        "authorSpecialty": (f"{writer.specialty}^{writer.specialty_label}^{writer.specialty_system}",),
    }
    if not writer.is_patient:
        slots["authorInstitution"] = (f"{writer.structure}^^^^^{authority}^IDNST^^^{writer.structure_id}",)
    return Classification(scheme, "", "", slots)


def entry(plan: Plan, content: bytes) -> RegistryObject:
    """The DocumentEntry, hash and size of the bytes included."""
    kind, writer, patient = plan.kind, plan.writer, plan.patient
    form, form_system, form_label = FORMATS[kind.body]
    setting = (writer.setting, writer.setting_label, writer.setting_system)
    masks = [(mask.code, mask.code, names.RESTRICTION_OID) for mask in sorted(plan.restrictions)]
    cx = patient.ins.cx
    return RegistryObject(
        id=plan.entry_uuid,
        kind=Kind.ENTRY,
        name=plan.title,
        mime_type="text/xml",
        object_type=names.STABLE_DOCUMENT,
        lid=plan.entry_uuid,
        status=plan.status.value,
        slots={
            "creationTime": (dtm(plan.created),),
            "hash": (hashlib.sha1(content, usedforsecurity=False).hexdigest(),),
            "languageCode": ("fr-FR",),
            "legalAuthenticator": (xcn(writer),),
            "repositoryUniqueId": (names.REPOSITORY_OID,),
            "serviceStartTime": (dtm(plan.service_start),),
            "serviceStopTime": (dtm(plan.created),),
            "size": (str(len(content)),),
            "sourcePatientId": (cx,),
            "sourcePatientInfo": (
                f"PID-5|{patient.birth_family}^{patient.first_given}^^^^^L",
                f"PID-7|{patient.birth_date:%Y%m%d}",
                f"PID-8|{patient.sex.value}",
            ),
        },
        classifications=(
            author(names.AUTHOR, writer),
            code(names.CLASS_CODE, kind.class_code, CLASSES[kind.class_code], "1.2.250.1.213.1.1.4.1"),
            code(names.TYPE_CODE, kind.type_code, kind.label, kind.system),
            code(names.FORMAT_CODE, form, form_label, form_system),
            code(names.FACILITY_CODE, writer.sector, writer.sector_label, writer.sector_system),
            code(names.PRACTICE_CODE, *setting),
            *(code(names.CONFIDENTIALITY, *found) for found in (_NORMAL, *masks)),
        ),
        external={names.ENTRY_PATIENT_ID: cx, names.ENTRY_UNIQUE_ID: plan.unique_id},
    )


def submission(plan: Plan) -> tuple[RegistryObject, list[Association]]:
    """The submission set that brought the document, and its associations. Documents of one `lot` name the same set."""
    seed = uuid5(NAMESPACE_OID, plan.lot or plan.unique_id)
    identifier = f"urn:uuid:{seed}"
    writer = plan.writer
    hospital = writer.setting == "ETABLISSEMENT"
    content_type = ("07", "Consultations, soins externes", "1.2.250.1.213.2.2")
    liberal = (writer.sector, writer.sector_label, writer.sector_system)
    found = RegistryObject(
        id=identifier,
        kind=Kind.SET,
        name=plan.title,
        lid=identifier,
        slots={"submissionTime": (dtm(plan.created + timedelta(minutes=5)),)},
        classifications=(
            author(names.SET_AUTHOR, writer),
            code(names.CONTENT_TYPE, *(content_type if hospital else liberal)),
        ),
        external={
            names.SET_PATIENT_ID: plan.patient.ins.cx,
            names.SET_SOURCE_ID: SOURCE_OID,
            names.SET_UNIQUE_ID: f"2.25.{seed.int}",
        },
    )
    links = [_link(plan.unique_id, names.HAS_MEMBER, identifier, plan.entry_uuid, SubmissionSetStatus=("Original",))]
    return found, links


def replacement(new: Plan, old: Plan) -> Association:
    """RPLC, new version to old."""
    return _link(new.unique_id, names.REPLACE, new.entry_uuid, old.entry_uuid)


def _link(seed: str, kind: str, source: str, target: str, **slots: tuple[str, ...]) -> Association:
    identifier = f"urn:uuid:{uuid5(NAMESPACE_OID, f'{kind}/{seed}')}"
    return Association(identifier, kind, source, target, slots, Availability.APPROVED.value)
