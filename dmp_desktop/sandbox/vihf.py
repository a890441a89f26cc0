"""What a VIHF says (reference §3), read from the verified assertion and checked rule by rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import NameOID
from lxml import etree

from dmp_desktop.domain.access import AccessMode, AuthenticationMode
from dmp_desktop.domain.ins import INS_OIDS, InsIdentity, is_ins
from dmp_desktop.sandbox import names, vihf_times
from dmp_desktop.sandbox.assertion import SignedAssertion, refuse
from dmp_desktop.sandbox.directory import PEOPLE, STRUCTURES
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.psc_state import Sessions
from dmp_desktop.sandbox.tolerances import Tolerances

ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role"
RESOURCE_ID = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
PURPOSE_OF_USE = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"
SUBJECT_ID = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"

PROFESSION_SYSTEM = "1.2.250.1.71.1.2.7"
SPECIALTY_SYSTEM = "1.2.250.1.71.4.2.5"
STUDENT_SYSTEM = "1.2.250.1.71.1.2.8"
NON_PROFESSIONAL_SYSTEM = "1.2.250.1.213.1.1.4.6"
PURPOSE_SYSTEM = "1.2.250.1.213.1.1.4.248"
SECTOR_SYSTEM = "1.2.250.1.71.4.2.4"
SPECIALTY_NEEDED = frozenset({"10", "21"})
"""Professions whose speciality is mandatory: doctors and pharmacists (TRE_G15)."""
VERSIONS = frozenset({"3.0", "4.0"})
"""3.0 in every example; the table of the 2026 IG says 4.0."""

SECRET = ("INVISIBLE_REPRESENTANTS_LEGAUX", names.RESTRICTION_OID)
NORMAL = ("N", names.CONFIDENTIALITY_OID)

_AUTHN = "urn:oasis:names:tc:SAML:2.0:ac:classes:"
_INDIRECT_CLASSES = frozenset({"Password", "TLSClient", "unspecified", "PasswordProtectedTransport"})
AIR_DECLARATIONS = frozenset({"APP_BROWSER_AUTH"})
"""AuthnContextDecl in mode AIR: how the professional was authenticated first (reference §3; other values are not known)."""
_CX = re.compile(r"([^\^&]*)\^\^\^&([0-9.]+)&ISO\^NH(\^\^\d{8})?")


@dataclass(frozen=True, slots=True)
class Vihf:
    """Who asks, for whom, how. `patient` is None where no patient is in question. `secret` is a minor's secret connection."""

    national_id: str
    structure_id: str
    sector: str
    mode: AuthenticationMode
    access: AccessMode
    role: str
    specialty: str
    patient: InsIdentity | None
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A verified assertion opened for its checks."""

    element: etree._Element
    certificate: x509.Certificate
    peer: x509.Certificate
    now: datetime
    tolerances: Tolerances
    attributes: dict[str, list[etree._Element]]
    psc: Sessions

    def text(self, name: str) -> str:
        """The single value of an attribute; refused when it is missing, empty or repeated."""
        values = self.attributes.get(name, [])
        content = (values[0].text or "").strip() if len(values) == 1 else ""
        if not content:
            raise refuse(f"L'attribut {name} du VIHF est absent, vide ou répété")
        return content

    def coded(self, name: str, tag: str) -> list[etree._Element]:
        """HL7 coded values (`Role`, `PurposeOfUse`) of an attribute."""
        return [child for value in self.attributes.get(name, []) for child in value if child.tag == q(names.HL7, tag)]

    @property
    def mode(self) -> AuthenticationMode:
        name = "Authentification_Mode"
        if name not in self.attributes and self.tolerances.authentification_mode:
            name = "Authentification_mode"
        try:
            return AuthenticationMode(self.text(name))
        except ValueError as error:
            raise refuse("Mode d'authentification inconnu") from error

    @property
    def name_id(self) -> str:
        return self.element.findtext(f"{q(names.SAML, 'Subject')}/{q(names.SAML, 'NameID')}", "").strip()


def read(
    signed: SignedAssertion,
    peer: x509.Certificate,
    now: datetime,
    tolerances: Tolerances,
    psc: Sessions,
    *,
    patient_needed: bool = True,
) -> Vihf:
    """Check everything the DMP checks and give what the VIHF says. `peer` is the certificate of the TLS client, `psc` knows
    who signed in by Pro Santé Connect.

    Raises SoapFault at the first rule broken.
    """
    reading = Reading(signed.element, signed.certificate, peer, now, tolerances, _attributes(signed.element), psc)
    for check in CHECKS:
        check(reading)
    patient = None
    if patient_needed or RESOURCE_ID in reading.attributes:
        patient = patient_of(reading.text(RESOURCE_ID), tolerances)
        if patient is None:
            raise refuse("L'identifiant du patient (resource-id) n'est pas de la forme INS^^^&OID&ISO^NH")
    roles = reading.coded(ROLE, "Role")
    specialty = next((role.get("code", "") for role in roles if role.get("codeSystem") == SPECIALTY_SYSTEM), "")
    return Vihf(
        national_id=reading.name_id,
        structure_id=reading.text("Identifiant_Structure"),
        sector=reading.text("Secteur_Activite").partition("^")[0],
        mode=reading.mode,
        access=AccessMode(reading.coded(PURPOSE_OF_USE, "PurposeOfUse")[0].get("code", "")),
        role=roles[0].get("code", ""),
        specialty=specialty,
        patient=patient,
        secret=_is_secret(reading),
    )


def _is_secret(reading: Reading) -> bool:
    """Secret connection (JDV_J64): the parents must not see it. Its code and its form, text or coded value, are [R]."""
    told = set()
    for value in reading.attributes.get(CONFIDENTIALITY, []):
        coded = [(child.get("code", ""), child.get("codeSystem", "")) for child in value]
        code, _, system = (value.text or "").strip().partition("^")
        told |= set(coded or [(code, system)])
    if told - {SECRET, NORMAL}:
        raise refuse("La confidentialité du VIHF (confidentiality-code) est inconnue")
    return SECRET in told


def patient_of(cx: str, tolerances: Tolerances) -> InsIdentity | None:
    """A patient identifier of type CX, or None when its form, its authority or its key is wrong."""
    match = _CX.fullmatch(cx)
    if not match or (match[3] and not tolerances.cx_suffix):
        return None
    return InsIdentity(match[1], match[2]) if match[2] in INS_OIDS and is_ins(match[1]) else None


def _attributes(element: etree._Element) -> dict[str, list[etree._Element]]:
    found: dict[str, list[etree._Element]] = {}
    for attribute in element.iter(q(names.SAML, "Attribute")):
        found.setdefault(attribute.get("Name", ""), []).extend(attribute.findall(q(names.SAML, "AttributeValue")))
    return found


def check_version(reading: Reading) -> None:
    """SAML 2.0, VIHF 3.0 or 4.0."""
    if reading.element.get("Version") != "2.0" or reading.text("VIHF_Version") not in VERSIONS:
        raise refuse("Version du VIHF non supportée")


def check_times(reading: Reading) -> None:
    """IssueInstant, AuthnInstant and Conditions."""
    vihf_times.check(reading.element, reading.now, reading.tolerances)


def check_mandatory(reading: Reading) -> None:
    """Attributes required in every mode."""
    for name in ("LPS_Nom", "LPS_Version", "LPS_ID_HOMOLOGATION_DMP", "Identifiant_Structure"):
        reading.text(name)
    if reading.text("Ressource_URN") != "urn:dmp":
        raise refuse("Ressource_URN doit être urn:dmp")
    if reading.mode is not AuthenticationMode.DIRECTE:
        reading.text(SUBJECT_ID)


def check_context(reading: Reading) -> None:
    """AuthnStatement: the class of a card in direct mode, of a login otherwise."""
    statement = reading.element.find(q(names.SAML, "AuthnStatement"))
    if statement is None:
        raise refuse("AuthnStatement est absent")
    declared = statement.findtext(f".//{q(names.SAML, 'AuthnContextClassRef')}", "").strip()
    kind = declared.removeprefix(_AUTHN) if declared.startswith(_AUTHN) else ""
    if reading.mode is AuthenticationMode.DIRECTE and kind != "SmartcardPKI":
        raise refuse("AuthnContextClassRef doit être SmartcardPKI en authentification directe")
    if reading.mode is not AuthenticationMode.DIRECTE and kind not in _INDIRECT_CLASSES:
        raise refuse("AuthnContextClassRef inconnu en authentification indirecte")
    declaration = statement.findtext(f".//{q(names.SAML, 'AuthnContextDecl')}")
    if reading.mode is AuthenticationMode.INDIRECTE_RENFORCEE:
        if (declaration or "").strip() not in AIR_DECLARATIONS:
            raise refuse("AuthnContextDecl est absent ou inconnu en authentification indirecte renforcée")
    elif declaration is not None:
        raise refuse("AuthnContextDecl n'a de sens qu'en authentification indirecte renforcée")


def check_psc(reading: Reading) -> None:
    """AIR: the person named signed in by Pro Santé Connect, at the AuthnInstant told, and the session is still open.

    [R] The reference does not say how, or whether, the DMP asks Pro Santé Connect: the stand-in is strict, so that a client that
    goes on without its session is caught.
    """
    if reading.mode is not AuthenticationMode.INDIRECTE_RENFORCEE:
        return
    sessions = reading.psc.of_person(reading.name_id)
    if not sessions:
        raise refuse("Aucune session Pro Santé Connect n'est ouverte pour ce PS")
    if reading.text(SUBJECT_ID).casefold() not in {f"{s.user.family} {s.user.given}".casefold() for s in sessions}:
        raise refuse("Le nom du VIHF n'est pas celui de la session Pro Santé Connect")
    instant = vihf_times.authn_instant(reading.element)
    if not any(abs(instant - session.authenticated) < timedelta(seconds=2) for session in sessions):
        raise refuse("AuthnInstant n'est pas le moment de l'authentification par Pro Santé Connect")


def check_role(reading: Reading) -> None:
    """A profession first, then for doctors and pharmacists a speciality (the sentence is the DMP's)."""
    roles = reading.coded(ROLE, "Role")
    if not roles or roles[0].get("codeSystem") not in {PROFESSION_SYSTEM, STUDENT_SYSTEM, NON_PROFESSIONAL_SYSTEM}:
        raise refuse("Le rôle du VIHF est absent ou n'est pas une profession connue")
    if not all(_is_ce(role) for role in roles):
        raise refuse("Un rôle du VIHF n'est pas de type CE")
    specialties = [role for role in roles[1:] if role.get("codeSystem") == SPECIALTY_SYSTEM and role.get("code")]
    profession = roles[0].get("codeSystem") == PROFESSION_SYSTEM
    if profession and roles[0].get("code") in SPECIALTY_NEEDED and not specialties:
        raise refuse("Aucune spécialité dans le vihf. Spécialité obligatoire pour les Médecins et les Pharmaciens")


def _is_ce(coded: etree._Element) -> bool:
    return coded.get(q(names.XSI, "type"), "").rpartition(":")[2] == "CE"


def check_purpose(reading: Reading) -> None:
    """purposeofuse: one code of TRE_R248."""
    purposes = reading.coded(PURPOSE_OF_USE, "PurposeOfUse")
    known = {mode.value for mode in AccessMode}
    if len(purposes) != 1 or purposes[0].get("code") not in known or purposes[0].get("codeSystem") != PURPOSE_SYSTEM:
        raise refuse("Le mode d'accès (purposeofuse) est absent ou inconnu")
    if not _is_ce(purposes[0]):
        raise refuse("Le mode d'accès (purposeofuse) n'est pas de type CE")


def check_person(reading: Reading) -> None:
    """The subject is known, works in the structure named, in its sector, and has the role it claims."""
    person = PEOPLE.get(reading.name_id)
    if person is None:
        raise refuse("PS introuvable ou inactif")
    structure = STRUCTURES.get(reading.text("Identifiant_Structure"))
    sector, _, system = reading.text("Secteur_Activite").partition("^")
    if structure is None:
        raise refuse("Structure introuvable ou Inactive")
    if structure not in person.places:
        raise refuse("PS et Structure non liés")
    if system != SECTOR_SYSTEM or sector != structure.sector:
        raise refuse("Le secteur d'activité n'est pas celui de la structure")
    codes = [role.get("code", "") for role in reading.coded(ROLE, "Role")]
    if codes[0] != person.role or (person.specialty and person.specialty not in codes):
        raise refuse("Le rôle du VIHF n'est pas celui du PS")


def check_signer(reading: Reading) -> None:
    """The card's holder signs in direct mode, the structure otherwise; TLS uses the same card or structure."""
    if reading.mode is AuthenticationMode.DIRECTE:
        attribute, expected = NameOID.COMMON_NAME, reading.name_id
    else:
        attribute, expected = NameOID.ORGANIZATIONAL_UNIT_NAME, reading.text("Identifiant_Structure")
    if _subject(reading.certificate, attribute) != expected:
        raise refuse("Le signataire du VIHF n'est pas la personne ou la structure qu'il annonce")
    if _subject(reading.peer, attribute) != expected:
        raise refuse("Le certificat de la connexion TLS et celui du VIHF ne sont pas de la même personne ou structure")


def _subject(certificate: x509.Certificate, attribute: x509.ObjectIdentifier) -> str:
    values = certificate.subject.get_attributes_for_oid(attribute)
    return str(values[0].value) if values else ""


CHECKS: tuple[Callable[[Reading], None], ...] = (
    check_version,
    check_times,
    check_mandatory,
    check_context,
    check_psc,
    check_role,
    check_purpose,
    check_person,
    check_signer,
)
