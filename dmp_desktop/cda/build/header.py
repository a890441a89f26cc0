"""The CDA header: CI-SIS "structuration minimale", elements in the order of the XSD."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from dmp_desktop.cda.build.people import (
    AUTHOR,
    add_code,
    add_patient,
    attending_doctor,
    author_values,
    entered_by,
    facility_values,
    known,
    recipient_of,
)
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.cda.build.template import EMPTY, Markup, Template, join
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.people import Professional
from dmp_desktop.terminology import document_type, encounter_kind
from dmp_desktop.terminology.oids import SYSTEM_NAMES

# HL7 France and CI-SIS minimal structure come first, then what the kind of document declares.
TEMPLATE_UNSTRUCTURED = "1.3.6.1.4.1.19376.1.2.20"  # IHE XDS-SD

_DOCUMENT = Template(
    """
<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<realmCode code="FR"/>
<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="2.16.840.1.113883.2.8.2.1"/>
<templateId root="1.2.250.1.213.1.1.1.1"/>
{!templates}
<id root="{unique_id}"/>
<code code="{type}" displayName="{type_label}" codeSystem="{type_system}"/>
<title>{title}</title>
<effectiveTime value="{now}"/>
<confidentialityCode code="N" displayName="Normal" codeSystem="2.16.840.1.113883.5.25"/>
<languageCode code="fr-FR"/>
<setId {!set_id}/>
<versionNumber value="{version}"/>
<recordTarget>
<patientRole>
<id root="{ins_oid}" extension="{ins}"/>
{!patient_contact}
<patient>
<name><family qualifier="BR">{birth_family}</family><given>{birth_given}</given>
<given qualifier="BR">{first_given}</given>{!used_names}</name>
<administrativeGenderCode code="{sex}" displayName="{sex_label}" codeSystem="2.16.840.1.113883.5.1"/>
<birthTime value="{birth_date}"/>
<birthplace><place><addr><county>{birth_place_cog}</county>{!birth_place}</addr></place></birthplace>
</patient>
</patientRole>
</recordTarget>
<author>
<time value="{now}"/>
<assignedAuthor>
"""
    + AUTHOR
    + """
</assignedAuthor>
</author>
{!entered}
<custodian><assignedCustodian><representedCustodianOrganization>{!organisation}</representedCustodianOrganization></assignedCustodian></custodian>
{!recipients}
<legalAuthenticator>
<time value="{now}"/>
<signatureCode code="S"/>
<assignedEntity>
"""
    + AUTHOR
    + """
</assignedEntity>
</legalAuthenticator>
{!participants}
<documentationOf>
<serviceEvent>
{!service}
<effectiveTime>{!period}</effectiveTime>
<performer typeCode="PRF">
<assignedEntity>
<id root="1.2.250.1.71.4.2.1" extension="{author_id}"/>
<assignedPerson>{!author_name}</assignedPerson>
<representedOrganization>{!organisation}
<standardIndustryClassCode code="{setting}" displayName="{setting_label}" codeSystem="{setting_system}"/>
</representedOrganization>
</assignedEntity>
</performer>
</serviceEvent>
</documentationOf>
{!related}
<componentOf>
<encompassingEncounter>
<code code="{kind}" displayName="{kind_label}" codeSystem="{kind_system}"/>
<effectiveTime>{!period}</effectiveTime>
<location><healthCareFacility>
<code code="{sector}" displayName="{sector_label}" codeSystem="{sector_system}"/></healthCareFacility></location>
</encompassingEncounter>
</componentOf>
<component>{!body}</component>
</ClinicalDocument>
"""
)
_TEMPLATE_ID = Template('<templateId root="{root}"/>')
_TEMPLATE_ID_EXTENDED = Template('<templateId root="{root}" extension="{extension}"/>')
_SERVICE = Template('<code code="{code}" displayName="{label}" codeSystem="{system}" codeSystemName="{name}"/>')
_LOW = Template('<low value="{low}"/>')
_LOW_HIGH = Template('<low value="{low}"/><high value="{high}"/>')
_RELATED = Template("""
<relatedDocument typeCode="RPLC">
<parentDocument><id {!id}/><versionNumber value="{version}"/></parentDocument>
</relatedDocument>
""")
_ROOT = Template('root="{root}"')
_ROOT_EXTENSION = Template('root="{root}" extension="{extension}"')


def ts(moment: datetime) -> str:
    """HL7 TS of an aware moment, to the second, in its own zone: `20261120100500+0100`."""
    text = moment.isoformat(timespec="seconds")  # several times faster than strftime
    return f"{text[:4]}{text[5:7]}{text[8:10]}{text[11:13]}{text[14:16]}{text[17:22]}{text[23:25]}"


@dataclass(frozen=True, slots=True)
class Frame:
    """What the header says of the document itself.

    `templates`: declarations of conformity after the two of every document, `root` or `root extension`; `service` and
    `setting`: the main act (serviceEvent/code) and its practice setting, where the kind fixes them; `attending`: how it spells
    the function of the attending doctor; `recipients`: those the kind adds to the context's.
    """

    type: Code
    title: str
    templates: tuple[str, ...] = (TEMPLATE_UNSTRUCTURED,)
    service: Code | None = None
    setting: Code | None = None
    attending: str = "Médecin traitant"
    recipients: tuple[Professional, ...] = ()

    def unstructured(self) -> Frame:
        """The same document as CDA N1."""
        return Frame(self.type, self.title, recipients=self.recipients)


@lru_cache(maxsize=64)
def frame_of_type(
    type_code: str, *templates: str, service: Code | None = None, attending: str = "Médecin traitant"
) -> Frame:
    """The frame of a JDV_J07 type, titled by its label. Raises ValueError for another code."""
    kind = known(document_type(type_code), type_code)
    return Frame(kind, kind.display, templates or (TEMPLATE_UNSTRUCTURED,), service, attending=attending)


@lru_cache(maxsize=64)
def _frame_values(frame: Frame) -> dict[str, str]:
    """Kept: the same kinds come all day."""
    service = frame.service
    return {
        "templates": join(_template_id(*name.split(" ")) for name in frame.templates),
        "type": frame.type.code,
        "type_label": frame.type.display,
        "type_system": frame.type.system,
        "title": frame.title,
        "service": _service(service) if service else EMPTY,
    }


def _service(code: Code) -> Markup:
    name = SYSTEM_NAMES.get(code.system, "HL7:ActCode")  # the acts a volet fixes are of LOINC or of HL7
    return _SERVICE.fill(code=code.code, label=code.display, system=code.system, name=name)


def _template_id(root: str, extension: str = "") -> Markup:
    return _TEMPLATE_ID_EXTENDED.fill(root=root, extension=extension) if extension else _TEMPLATE_ID.fill(root=root)


def document(request: BuildRequest, frame: Frame, body: Markup) -> Markup:
    """The whole document around `body`, the content of the last `component`."""
    context = request.context
    values: dict[str, str] = {
        "unique_id": request.unique_id,
        "now": ts(request.now),
        "set_id": _instance(request.set_id),
        "version": str(request.version),
        "recipients": join(recipient_of(recipient) for recipient in (*context.recipients, *frame.recipients)),
        "participants": attending_doctor(context.attending, frame.attending) if context.attending else EMPTY,
        "entered": entered_by(context.entered_by, ts(request.now)) if context.entered_by else EMPTY,
        "related": _related(request),
        "body": body,
    }
    values |= _frame_values(frame)
    add_patient(values, context.patient)
    values |= author_values(context.professional)
    values |= facility_values(context.facility)
    if frame.setting is not None:
        add_code(values, "setting", frame.setting)
    _add_encounter(values, request)
    return _DOCUMENT.fill(**values)


def _add_encounter(values: dict[str, str], request: BuildRequest) -> None:
    encounter = request.context.encounter
    low = ts(request.local(encounter.start))
    values["period"] = (
        _LOW_HIGH.fill(low=low, high=ts(request.local(encounter.end))) if encounter.end else _LOW.fill(low=low)
    )
    add_code(values, "kind", known(encounter_kind(encounter.kind), encounter.kind))


def _instance(identifier: str) -> Markup:
    """The attributes of an II written as in XDS, `root` or `root^extension`: other software's documents may have both."""
    root, mark, extension = identifier.partition("^")
    return _ROOT_EXTENSION.fill(root=root, extension=extension) if mark else _ROOT.fill(root=root)


def _related(request: BuildRequest) -> Markup:
    parent = request.replaces
    if parent is None:
        return EMPTY
    return _RELATED.fill(id=_instance(parent.unique_id), version=str(parent.version))
