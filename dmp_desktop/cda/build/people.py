"""Who is in a document: the patient, the doctor and his practice, those he writes to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from dmp_desktop.cda.build.coded import timestamp
from dmp_desktop.cda.build.template import EMPTY, Markup, Template, join
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.ins import NATURES, InsStatus
from dmp_desktop.domain.people import Address, Facility, Patient, Professional
from dmp_desktop.domain.printed import EVERY_TRAIT, PrintedTrait
from dmp_desktop.terminology import facility_type, practice_setting, specialty

_ADDRESS = Template(
    '<addr use="H"><streetAddressLine>{first}</streetAddressLine><streetAddressLine>{second}</streetAddressLine></addr>'
)
_ADDRESS_LINE = Template('<addr use="H"><streetAddressLine>{line}</streetAddressLine></addr>')
_TELECOM = Template('<telecom value="{value}"/>')
_USED_FAMILY = Template('<family qualifier="CL">{family}</family>')
_USED_GIVEN = Template('<given qualifier="CL">{given}</given>')
_CITY = Template("<city>{city}</city>")
_PERSON = Template("<name><family>{family}</family><given>{given}</given>{!prefix}{!suffix}</name>")
_PREFIX = Template("<prefix>{prefix}</prefix>")
_SUFFIX = Template("<suffix>{suffix}</suffix>")
_ORGANISATION = Template('<id root="1.2.250.1.71.4.2.2" extension="{id}"/><name>{name}</name>')
_RECIPIENT = Template("""
<informationRecipient><intendedRecipient><id root="1.2.250.1.71.4.2.1" extension="{id}"/>{!telecom}
<informationRecipient>{!name}</informationRecipient></intendedRecipient></informationRecipient>
""")
_ATTENDING = Template("""
<participant typeCode="INF">
<functionCode code="PCP" displayName="{function}" codeSystem="2.16.840.1.113883.5.88"/>
<time nullFlavor="NA"/>
<associatedEntity classCode="PROV">
<id root="1.2.250.1.71.4.2.1" extension="{id}"/>
<code code="{specialty}" displayName="{specialty_label}" codeSystem="{specialty_system}"/>
{!telecom}
<associatedPerson>{!name}</associatedPerson>
</associatedEntity>
</participant>
""")
_ENTERED = Template("""
<dataEnterer><time value="{time}"/><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="{id}"/>
<assignedPerson>{!name}</assignedPerson></assignedEntity></dataEnterer>
""")
# Inside assignedAuthor or assignedEntity, filled by `author_values` and `facility_values`.
AUTHOR = """
<id root="1.2.250.1.71.4.2.1" extension="{author_id}"/>
<code code="{specialty}" displayName="{specialty_label}" codeSystem="{specialty_system}"/>
{!author_telecom}
<assignedPerson>{!author_name}</assignedPerson>
<representedOrganization>{!organisation}</representedOrganization>
"""
_SEXES = {"F": "Féminin", "M": "Masculin", "UN": "Inconnu"}


def known(code: Code | None, value: str) -> Code:
    """A code of the context, which the validator has already looked up."""
    if code is None:
        raise ValueError(f"unknown code {value!r}")
    return code


def add_patient(values: dict[str, str], patient: Patient) -> None:
    """What the header's template needs to name the patient: `ins`, `birth_family` …"""
    contacts = [_address(patient.address)] if patient.address else []
    contacts += [_TELECOM.fill(value=_uri(patient.phone))] if patient.phone else []
    contacts += [_TELECOM.fill(value=f"mailto:{patient.email}")] if patient.email else []
    used = [_USED_FAMILY.fill(family=patient.used_family)] if patient.used_family else []
    used += [_USED_GIVEN.fill(given=patient.used_given)] if patient.used_given else []
    values.update(
        ins=patient.ins.value,
        ins_oid=patient.ins.oid,
        birth_family=patient.birth_family,
        birth_given=patient.birth_given,
        first_given=patient.first_given,
        sex=patient.sex.value,
        sex_label=_SEXES[patient.sex],
        birth_date=timestamp(patient.birth_date, ""),
        birth_place_cog=patient.birth_place_cog,
        birth_place=_CITY.fill(city=patient.birth_place) if patient.birth_place else EMPTY,
        patient_contact=join(contacts),
        used_names=join(used),
    )


def _address(address: Address) -> Markup:
    lines = [line for line in (address.line, f"{address.postal_code} {address.city}".strip()) if line]
    if len(lines) == 2:
        return _ADDRESS.fill(first=lines[0], second=lines[1])
    return _ADDRESS_LINE.fill(line=lines[0]) if lines else EMPTY


@lru_cache(maxsize=16)
def author_values(author: Professional) -> dict[str, str]:
    """What a template needs to name the doctor: `author_id`, `author_name` … Kept: the same doctor writes all day."""
    values: dict[str, str] = {"author_id": author.national_id, "author_name": _person(author)}
    values["author_telecom"] = _phone(author)
    add_code(values, "specialty", known(specialty(author.specialty), author.specialty))
    return values


@lru_cache(maxsize=16)
def facility_values(facility: Facility) -> dict[str, str]:
    """What a template needs to name the place: `organisation` … Kept: the doctor works in the same one."""
    values: dict[str, str] = {"organisation": _ORGANISATION.fill(id=facility.id, name=facility.name)}
    add_code(values, "sector", known(facility_type(facility.sector), facility.sector))
    add_code(values, "setting", known(practice_setting(facility.practice_setting), facility.practice_setting))
    return values


def add_code(values: dict[str, str], name: str, code: Code) -> None:
    """What a template needs of a code: `name`, `name_label`, `name_system`."""
    values[name] = code.code
    values[f"{name}_label"] = code.display
    values[f"{name}_system"] = code.system


def _person(person: Professional) -> Markup:
    return _PERSON.fill(
        family=person.family,
        given=person.given,
        prefix=_PREFIX.fill(prefix=person.prefix) if person.prefix else EMPTY,
        suffix=_SUFFIX.fill(suffix=person.suffix) if person.suffix else EMPTY,
    )


def _phone(person: Professional) -> Markup:
    return _TELECOM.fill(value=_uri(person.phone)) if person.phone else EMPTY


def _uri(phone: str) -> str:
    """RFC 3966 allows `-`, `.`, `(`, `)` as visual separators, no blank."""
    return phone.replace(" ", "")


def recipient_of(person: Professional) -> Markup:
    return _RECIPIENT.fill(id=person.national_id, telecom=_phone(person), name=_person(person))


def entered_by(person: Professional, time: str) -> Markup:
    """Who wrote it under the author's responsibility (dataEnterer of the CI-SIS minimal structure); `time` as HL7 writes it."""
    return _ENTERED.fill(time=time, id=person.national_id, name=_person(person))


def attending_doctor(person: Professional, function: str) -> Markup:
    values: dict[str, str] = {
        "id": person.national_id,
        "function": function,
        "telecom": _phone(person),
        "name": _person(person),
    }
    add_code(values, "specialty", known(specialty(person.specialty), person.specialty))
    return _ATTENDING.fill(**values)


def patient_lines(patient: Patient, printed: Collection[PrintedTrait] = EVERY_TRAIT) -> Iterable[str]:
    """The identity as printed, each trait named (rule 32 of the INS guide, INS/va1.15): birth names first, then used names.

    `printed`: what the practice wants besides the traits that are always there (INS/va1.10).
    """
    yield f"Nom de naissance : {patient.birth_family}"
    yield f"Premier prénom de naissance : {patient.first_given}"
    if PrintedTrait.GIVEN in printed and patient.birth_given != patient.first_given:
        yield f"Prénoms de naissance : {patient.birth_given}"
    if PrintedTrait.USED_FAMILY in printed and patient.used_family:
        yield f"Nom utilisé : {patient.used_family}"
    if PrintedTrait.USED_GIVEN in printed and patient.used_given:
        yield f"Prénom utilisé : {patient.used_given}"
    named = PrintedTrait.PLACE in printed and patient.birth_place
    place = f"{patient.birth_place} ({patient.birth_place_cog})" if named else patient.birth_place_cog
    yield f"Date de naissance : {patient.birth_date:%d/%m/%Y} · Sexe : {_SEXES[patient.sex].lower()}"
    if place:
        yield f"Lieu de naissance (code INSEE) : {place}"
    if patient.ins.status is InsStatus.QUALIFIEE:
        yield f"Matricule INS : {patient.ins.value} ({NATURES[patient.ins.oid]})"
