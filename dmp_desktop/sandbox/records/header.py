"""The CDA header of an invented document: the minimal structuration of the CI-SIS (reference cda.md §4)."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from dmp_desktop.domain.people import Patient
from dmp_desktop.sandbox.names import PROFESSIONAL_OID, STRUCTURE_OID
from dmp_desktop.sandbox.records.authors import Writer
from dmp_desktop.sandbox.records.plan import Plan, ts

TEMPLATES = ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1")
_GENDERS = {"F": "Féminin", "M": "Masculin", "UN": "Inconnu"}


def write(
    plan: Plan, templates: Sequence[str], body: str, *, title: str = "", more: dict[str, str] | None = None
) -> bytes:
    """A whole document. `templates` are `root` or `root^extension`; `more` fills the places `authenticators`,
    `participants`, `performed` (in serviceEvent, before effectiveTime), `performer` (in performer) and `responsible`."""
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
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:lab="urn:oid:1.3.6.1.4.1.19376.1.3.2">'
        '<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>'
        f"{''.join(_template(template) for template in (*TEMPLATES, *templates))}"
        f'<id root="{plan.unique_id}"/>{code("code", kind.type_code, kind.system, kind.system_name, kind.label)}'
        f'<title>{escape(title or plan.title)}</title><effectiveTime value="{when}"/>'
        '<confidentialityCode code="N" displayName="Normal" codeSystem="2.16.840.1.113883.5.25"/>'
        f'<languageCode code="fr-FR"/><setId root="{plan.set_id}"/><versionNumber value="{plan.version}"/>'
        f"{_record_target(plan.patient)}{_author(plan.writer, when)}{_custodian(plan.writer)}"
        f'<legalAuthenticator><time value="{when}"/><signatureCode code="S"/>{assigned_entity(plan.writer)}'
        f"</legalAuthenticator>{places.get('authenticators', '')}{places.get('participants', '')}"
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
    where = postal(f"{address.line}|{address.postal_code} {address.city}", ' use="H"') if address else ""
    phone = f'<telecom value="{patient.phone}" use="H"/>' if patient.phone else ""
    return (
        f'<recordTarget><patientRole><id root="{patient.ins.oid}" extension="{patient.ins.value}"/>{where}{phone}'
        f'<patient><name><family qualifier="BR">{escape(patient.birth_family)}</family>'
        f'<given>{escape(patient.birth_given)}</given><given qualifier="BR">{escape(patient.first_given)}</given></name>'
        f'<administrativeGenderCode code="{patient.sex.value}" displayName="{_GENDERS[patient.sex.value]}" '
        f'codeSystem="2.16.840.1.113883.5.1"/><birthTime value="{patient.birth_date:%Y%m%d}"/><birthplace><place><addr>'
        f"<county>{patient.birth_place_cog}</county>{place}</addr></place></birthplace></patient></patientRole></recordTarget>"
    )


def postal(text: str, attributes: str = "") -> str:
    """`addr` of plain lines, separated by `|`."""
    lines = "".join(f"<streetAddressLine>{escape(line)}</streetAddressLine>" for line in text.split("|"))
    return f"<addr{attributes}>{lines}</addr>"


def _where(writer: Writer) -> str:
    return postal(f"{writer.address}|{writer.city}") + f'<telecom value="{writer.phone}" use="WP"/>'


def _name(writer: Writer) -> str:
    return (
        f"<name><family>{escape(writer.family)}</family><given>{escape(writer.given)}</given>"
        f"<prefix>{writer.prefix}</prefix><suffix>DR</suffix></name>"
    )


def _speciality(writer: Writer) -> str:
    return code("code", writer.specialty, "1.2.250.1.213.1.1.4.5", "", writer.specialty_label)


def organization(writer: Writer, tag: str = "representedOrganization", more: str = "") -> str:
    """The structure a writer works for. `more` follows the address."""
    return (
        f'<{tag}><id root="{STRUCTURE_OID}" extension="{writer.structure_id}"/><name>{escape(writer.structure)}</name>'
        f'<telecom value="{writer.phone}" use="WP"/>{postal(f"{writer.address}|{writer.city}")}{more}</{tag}>'
    )


def _setting(writer: Writer) -> str:
    return code("standardIndustryClassCode", writer.setting, "1.2.250.1.213.1.1.4.9", "", writer.setting_label)


def assigned_entity(writer: Writer) -> str:
    """`assignedEntity` with everything the French profiles may ask for."""
    return (
        f'<assignedEntity><id root="{PROFESSIONAL_OID}" extension="{writer.national_id}"/>{_speciality(writer)}'
        f"{_where(writer)}<assignedPerson>{_name(writer)}</assignedPerson>{organization(writer, more=_setting(writer))}"
        "</assignedEntity>"
    )


def _author(writer: Writer, when: str) -> str:
    return (
        f'<author><time value="{when}"/><assignedAuthor><id root="{PROFESSIONAL_OID}" extension="{writer.national_id}"/>'
        f"{_speciality(writer)}{_where(writer)}<assignedPerson>{_name(writer)}</assignedPerson>{organization(writer)}"
        "</assignedAuthor></author>"
    )


def _custodian(writer: Writer) -> str:
    held = organization(writer, "representedCustodianOrganization")
    return f"<custodian><assignedCustodian>{held}</assignedCustodian></custodian>"


def _documentation(plan: Plan, places: dict[str, str]) -> str:
    low, high = ts(plan.service_start), ts(plan.created)
    return (
        f'<documentationOf><serviceEvent>{places.get("performed", "")}<effectiveTime><low value="{low}"/>'
        f'<high value="{high}"/></effectiveTime><performer typeCode="PRF">{places.get("performer", "")}'
        f"{assigned_entity(plan.writer)}</performer></serviceEvent></documentationOf>"
    )


def _encounter(plan: Plan, places: dict[str, str]) -> str:
    sector = code("code", plan.writer.sector, "1.2.250.1.71.4.2.4", "", plan.writer.sector_label)
    return (
        '<componentOf><encompassingEncounter><effectiveTime><low value="'
        f'{ts(plan.service_start)}"/></effectiveTime>{places.get("responsible", "")}<location><healthCareFacility>{sector}'
        "</healthCareFacility></location></encompassingEncounter></componentOf>"
    )
