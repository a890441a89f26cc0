"""The CDA header of an invented document: the minimal structuration of the CI-SIS (reference cda.md §4)."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from dmp_desktop.domain.people import Patient
from dmp_desktop.sandbox.names import STRUCTURE_OID
from dmp_desktop.sandbox.records.authors import Writer
from dmp_desktop.sandbox.records.plan import Plan, ts

TEMPLATES = ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1")
PATIENT_HOST, PATIENT_HOST_NAME = "1.2.250.1.213.4.1", "Mon espace santé"
"""The custodian of what a patient writes (structuration minimale: host of the patient's space)."""
_GENDERS = {"F": "Féminin", "M": "Masculin", "UN": "Inconnu"}


def write(
    plan: Plan, templates: Sequence[str], body: str, *, title: str = "", more: dict[str, str] | None = None
) -> bytes:
    """A whole document. `templates` are `root` or `root^extension`; `more` fills the places `participants`, `order`
    (inFulfillmentOf), `performed` (in serviceEvent, before effectiveTime), `until` (end of the act, HL7 TS), `performer`
    (in performer) and `responsible`."""
    places = more or {}
    kind, when = plan.kind, ts(plan.created)
    parent = ""
    if plan.replaces:
        parent = (
            f'<relatedDocument typeCode="RPLC"><parentDocument><id root="{plan.replaces}"/><setId root="{plan.set_id}"/>'
            f'<versionNumber value="{plan.version - 1}"/></parentDocument></relatedDocument>'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:lab="urn:oid:1.3.6.1.4.1.19376.1.3.2" '
        'xmlns:pharm="urn:ihe:pharm:medication">'
        '<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>'
        f"{''.join(_template(template) for template in (*TEMPLATES, *templates))}"
        f'<id root="{plan.unique_id}"/>{code("code", kind.type_code, kind.system, kind.system_name, kind.label)}'
        f'<title>{escape(title or plan.title)}</title><effectiveTime value="{when}"/>'
        '<confidentialityCode code="N" displayName="Normal" codeSystem="2.16.840.1.113883.5.25"/>'
        f'<languageCode code="fr-FR"/><setId root="{plan.set_id}"/><versionNumber value="{plan.version}"/>'
        f"{_record_target(plan.patient)}{author(plan.writer, when)}{_custodian(plan.writer)}"
        f'<legalAuthenticator><time value="{when}"/><signatureCode code="S"/>{assigned_entity(plan.writer)}'
        f"</legalAuthenticator>{places.get('participants', '')}{places.get('order', '')}"
        f"{_documentation(plan, places)}{parent}{_encounter(plan, places)}<component>{body}</component></ClinicalDocument>\n"
    ).encode()


def code(tag: str, value: str, system: str, system_name: str, label: str) -> str:
    """A coded header or section element."""
    named = f" codeSystemName={quoteattr(system_name)}" if system_name else ""
    return f'<{tag} code={quoteattr(value)} displayName={quoteattr(label)} codeSystem="{system}"{named}/>'


def _template(template: str) -> str:
    root, _, extension = template.partition("^")
    more = f' extension="{extension}"' if extension else ""
    return f'<templateId root="{root}"{more}/>'


def _record_target(patient: Patient) -> str:
    address = patient.address
    place = f"<city>{escape(patient.birth_place)}</city>" if patient.birth_place else ""
    where = postal(address.line, f"{address.postal_code} {address.city}", ' use="H"') if address else ""
    phone = f'<telecom value="{patient.phone}" use="H"/>' if patient.phone else ""
    return (
        f'<recordTarget><patientRole><id root="{patient.ins.oid}" extension="{patient.ins.value}"/>{where}{phone}'
        f'<patient><name><family qualifier="BR">{escape(patient.birth_family)}</family>'
        f'<given>{escape(patient.birth_given)}</given><given qualifier="BR">{escape(patient.first_given)}</given></name>'
        f'<administrativeGenderCode code="{patient.sex.value}" displayName="{_GENDERS[patient.sex.value]}" '
        f'codeSystem="2.16.840.1.113883.5.1"/><birthTime value="{patient.birth_date:%Y%m%d}"/><birthplace><place><addr>'
        f"<county>{patient.birth_place_cog}</county>{place}</addr></place></birthplace></patient></patientRole></recordTarget>"
    )


def postal(line: str, town: str, attributes: str = "") -> str:
    """`addr` in parts, of `12 rue Haute` and `10200 Bar-sur-Aube`: the child's certificates refuse plain lines."""
    number, _, street = line.partition(" ")
    zip_code, _, city = town.partition(" ")
    return (
        f"<addr{attributes}><houseNumber>{escape(number)}</houseNumber><streetName>{escape(street)}</streetName>"
        f"<postalCode>{zip_code}</postalCode><city>{escape(city)}</city></addr>"
    )


def _where(writer: Writer) -> str:
    if not writer.phone:
        return ""
    return f'{postal(writer.address, writer.city)}<telecom value="{writer.phone}" use="WP"/>'


def _name(writer: Writer) -> str:
    prefix = f"<prefix>{writer.prefix}</prefix>" if writer.prefix else ""
    suffix = f"<suffix>{writer.suffix}</suffix>" if writer.suffix else ""
    family = f"<family>{escape(writer.family)}</family>"
    return f"<name>{family}<given>{escape(writer.given)}</given>{prefix}{suffix}</name>"


def _speciality(writer: Writer) -> str:
    return code("code", writer.specialty, writer.specialty_system, "", writer.specialty_label)


def organization(writer: Writer, tag: str = "representedOrganization", more: str = "") -> str:
    """The structure a writer works for. `more` follows the address."""
    if writer.is_patient:
        return f"<{tag}>{more}</{tag}>" if more else ""
    return (
        f'<{tag}><id root="{STRUCTURE_OID}" extension="{writer.structure_id}"/><name>{escape(writer.structure)}</name>'
        f"{_reached(writer)}{more}</{tag}>"
    )


def _reached(writer: Writer) -> str:
    if not writer.phone:
        return ""
    return f'<telecom value="{writer.phone}" use="WP"/>{postal(writer.address, writer.city)}'


def _setting(writer: Writer) -> str:
    return code("standardIndustryClassCode", writer.setting, writer.setting_system, "", writer.setting_label)


def assigned_entity(writer: Writer) -> str:
    """`assignedEntity` with everything the French profiles may ask for."""
    return (
        f'<assignedEntity><id root="{writer.root}" extension="{writer.national_id}"/>{_speciality(writer)}'
        f"{_where(writer)}<assignedPerson>{_name(writer)}</assignedPerson>{organization(writer, more=_setting(writer))}"
        "</assignedEntity>"
    )


def author(writer: Writer, when: str) -> str:
    """Who wrote, at an HL7 TS: a person, or the software of an organisation."""
    who = f"<assignedPerson>{_name(writer)}</assignedPerson>"
    if writer.device:
        who = (
            f"<assignedAuthoringDevice><manufacturerModelName>.</manufacturerModelName><softwareName>{writer.device}"
            "</softwareName></assignedAuthoringDevice>"
        )
    return (
        f'<author typeCode="AUT" contextControlCode="OP"><time value="{when}"/><assignedAuthor>'
        f'<id root="{writer.root}" extension="{writer.national_id}"/>'
        f"{_speciality(writer)}{_where(writer)}{who}{organization(writer)}</assignedAuthor></author>"
    )


def prescriber(writer: Writer, when: str, kind: str = "") -> str:
    """The participant who asked for the act, at an HL7 TS. `kind` is a templateId."""
    template = f'<templateId root="{kind}"/>' if kind else ""
    return (
        f'<participant typeCode="REF">{template}<time xsi:type="IVL_TS"><high value="{when}"/></time>'
        f'<associatedEntity classCode="PROV"><id root="{writer.root}" extension="{writer.national_id}"/>'
        f"{_speciality(writer)}{_where(writer)}<associatedPerson>{_name(writer)}</associatedPerson></associatedEntity>"
        "</participant>"
    )


def _custodian(writer: Writer) -> str:
    if writer.is_patient:
        held = f'<representedCustodianOrganization><id root="{PATIENT_HOST}"/><name>{PATIENT_HOST_NAME}</name>'
        held += "</representedCustodianOrganization>"
    else:
        held = organization(writer, "representedCustodianOrganization")
    return f"<custodian><assignedCustodian>{held}</assignedCustodian></custodian>"


def _documentation(plan: Plan, places: dict[str, str]) -> str:
    low, high = ts(plan.service_start), places.get("until") or ts(plan.created)
    return (
        f'<documentationOf><serviceEvent>{places.get("performed", "")}<effectiveTime><low value="{low}"/>'
        f'<high value="{high}"/></effectiveTime><performer typeCode="PRF">{places.get("performer", "")}'
        f"{assigned_entity(plan.writer)}</performer></serviceEvent></documentationOf>"
    )


def _encounter(plan: Plan, places: dict[str, str]) -> str:
    sector = code("code", plan.writer.sector, plan.writer.sector_system, "", plan.writer.sector_label)
    return (
        '<componentOf><encompassingEncounter><effectiveTime><low value="'
        f'{ts(plan.service_start)}"/></effectiveTime>{places.get("responsible", "")}<location><healthCareFacility>{sector}'
        "</healthCareFacility></location></encompassingEncounter></componentOf>"
    )
