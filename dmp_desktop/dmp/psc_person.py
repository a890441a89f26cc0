"""Who signed in, from the claims of UserInfo (names of the claims: reference §8). What is not told stays unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from dmp_desktop.dmp.psc_errors import psc_error
from dmp_desktop.domain.cards import CpsActivity
from dmp_desktop.domain.people import Facility, Professional, Role

_RPPS = re.compile(r"8(\d{11})")
# Who has no RPPS number, by the first character of theirs (TRE_G08: reference card.md §3.4): a person of a structure, with the
# structure's number before the bar, and a student.
_WITHOUT_RPPS = ((re.compile(r"[3456][^/]+/.+"), "psc.employee"), (re.compile(r"9\d+"), "psc.student"))
_SPECIALTY_NEEDED = frozenset({"10", "21"})  # doctors and pharmacists (reference §3)
_DOCTOR = "10"  # TRE_G15
_STUDENT = "E"  # codeCategorieProfessionnelle, TRE_R09
_REGULATES = "VRAI"  # [R]: public examples show "FAUX", the only value seen; anything else entitles to nothing
_MODES = {"L": "00", "S": "01"}  # codeModeExercice -> TRE_G17: libéral, salarié


@dataclass(frozen=True, slots=True)
class PscPlace:
    """A place of practice. `identifiers` are all the Struct_IdNat the claims tell of it (SIRET and FINESS included).

    `problem` is the code of the error that using it would be, or empty: another exercise may be whole.
    """

    activity: CpsActivity
    professional: Professional
    role: Role
    identifiers: frozenset[str]
    problem: str = ""

    def facility_as(self, structure: str) -> Facility:
        """The place under one of its identifiers: the certificate's, which the DMP compares with the VIHF's."""
        return replace(self.activity.facility, id=structure)


@dataclass(frozen=True, slots=True)
class PscPerson:
    """A person and the places where they practise, in the order told. `regulation`: of a centre 15."""

    national_id: str
    places: tuple[PscPlace, ...]
    regulation: bool = False

    def at(self, structure: str) -> PscPlace:
        """The place that is this structure, under the identifier asked for: the one of the certificate.

        Raises DmpError psc.not_in_structure, psc.no_identity, psc.no_specialty or psc.student.
        """
        there = [place for place in self.places if structure in place.identifiers]
        for place in there:
            if not place.problem:
                return place
        raise psc_error(there[0].problem if there else "psc.not_in_structure")


def national_id_of(claims: Mapping[str, Any]) -> str:
    """PS_IdNat (`8` and the RPPS). Raises DmpError psc.no_identity, psc.employee or psc.student.

    What UserInfo tells of who has no RPPS number, and a student's rights in mode AIR, are not known (reference §8): nobody of
    them is given a role, each is told what to do instead.
    """
    found = _text(claims, "SubjectNameID")
    if not _RPPS.fullmatch(found):
        raise psc_error(next((code for kind, code in _WITHOUT_RPPS if kind.fullmatch(found)), "psc.no_identity"))
    return found


def person_of(claims: Mapping[str, Any]) -> PscPerson:
    """Read the claims. Raises DmpError as `national_id_of`."""
    national_id = national_id_of(claims)
    places: list[PscPlace] = []
    exercises = _objects(_object(claims.get("SubjectRefPro")).get("exercices"))
    for exercise in exercises:
        for activity in _objects(exercise.get("activities")):
            professional = _professional(claims, exercise, activity)
            facility = Facility(
                id=_text(activity, "ancienIdentifiantDeLaStructure"),
                name=_text(activity, "raisonSocialeSite") or _text(activity, "enseigneCommercialeSite"),
                sector=_text(activity, "codeSecteurDactivite"),
            )
            mode = _MODES.get(_text(activity, "codeModeExercice"), "")
            told = CpsActivity(len(places) + 1, facility, professional.specialty, mode)
            places.append(PscPlace(told, professional, _role(exercise), _identifiers(activity), _problem(exercise)))
    if not places or not _text(claims, "family_name"):
        raise psc_error("psc.no_identity")
    usable = tuple(place for place in places if place.identifiers and place.activity.facility.sector)
    return PscPerson(national_id, usable, _text(claims, "Acces_Regulation_Medicale") == _REGULATES)


def structure_of(certificate_der: bytes) -> str:
    """Struct_IdNat of a structure's certificate: its OU (reference §3). Raises DmpError("psc.certificate")."""
    subject = x509.load_der_x509_certificate(certificate_der).subject
    units = [str(unit.value) for unit in subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]
    if len(units) != 1:
        raise psc_error("psc.certificate")
    return units[0]


def _professional(claims: Mapping[str, Any], exercise: Mapping[str, Any], activity: Mapping[str, Any]) -> Professional:
    profession, skill = _text(exercise, "codeProfession"), _text(exercise, "codeSavoirFaire")
    phone = re.sub(r"[ .]", "", _text(activity, "telephone"))
    return Professional(
        rpps=national_id_of(claims)[1:],
        family=_text(exercise, "nomDexercice") or _text(claims, "family_name"),
        given=_text(exercise, "prenomDexercice") or _text(claims, "given_name"),
        specialty=f"G15_{profession}/{skill}" if skill else f"G15_{profession}",
        prefix=_text(_object(claims.get("SubjectRefPro")), "codeCivilite") or None,
        suffix=_text(exercise, "codeCiviliteDexercice") or None,
        phone=f"tel:{phone}" if re.fullmatch(r"\+?\d{6,15}", phone) else None,
    )


def _problem(exercise: Mapping[str, Any]) -> str:
    profession = _text(exercise, "codeProfession")
    if not profession:
        return "psc.no_identity"
    if (
        _text(exercise, "codeCategorieProfessionnelle") == _STUDENT
    ):  # roles of G16, whose rights in mode AIR are not known
        return "psc.student"
    return "psc.no_specialty" if profession in _SPECIALTY_NEEDED and not _text(exercise, "codeSavoirFaire") else ""


def _role(exercise: Mapping[str, Any]) -> Role:
    return Role.DOCTOR if _text(exercise, "codeProfession") == _DOCTOR else Role.OTHER_PROFESSIONAL


def _identifiers(activity: Mapping[str, Any]) -> frozenset[str]:
    """Struct_IdNat: as told, and from the numbers beside it (first character: 1 FINESS, 2 SIREN, 3 SIRET)."""
    found = {_text(activity, "ancienIdentifiantDeLaStructure")}
    for kind, name in (("1", "numeroFinessSite"), ("2", "numeroSirenSite"), ("3", "numeroSiretSite")):
        number = _text(activity, name)
        found.add(kind + number if number else "")
    return frozenset(found - {""})


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    return value.strip() if isinstance(value, str) else ""
