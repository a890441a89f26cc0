"""The scripted patients (all invented, INS in the test OID) as one table of data: a new story is a new line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from dmp_desktop.domain.access import Authorization
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus, nir_key
from dmp_desktop.domain.people import Address, Patient, Sex
from dmp_desktop.sandbox.directory import COLLEAGUE_ID, NURSE_ID, OCCUPATIONAL_ID


class History(StrEnum):
    """Which timeline of documents a patient has (timeline.py)."""

    NONE = "none"
    ORDINARY = "ordinary"
    CHRONIC = "chronic"
    CHILD = "child"
    ELSEWHERE = "elsewhere"
    ADOLESCENT = "adolescent"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Story:
    """A patient and the state of the record on the first day.

    `approved` is the number of Approved documents the doctor of the sandbox sees. `authorization` and `attending` are the
    doctor's; the structure has none at first. `others` are those of other professionals: identifier, state, attending.
    `representatives` are code of PersonalRelationshipRoleType, family name, given name.
    """

    name: str
    patient: Patient
    history: History = History.NONE
    approved: int = 0
    exists: bool = True
    closed: bool = False
    authorization: Authorization = Authorization.NON_EXISTE
    attending: bool = False
    opposes_break_glass: bool = False
    opposes_emergency: bool = False
    attached_to_mes: bool = True
    internet_account: bool = False
    representatives: tuple[tuple[str, str, str], ...] = ()
    others: tuple[tuple[str, Authorization, bool], ...] = ()

    def is_minor(self, day: date) -> bool:
        """True before the eighteenth birthday."""
        born = self.patient.birth_date
        return (day.year - born.year, day.month, day.day) < (18, born.month, born.day)


def _patient(
    matricule: str, family: str, givens: str, day: date, place: str, address: Address, phone: str = "tel:0325000000"
) -> Patient:
    return Patient(
        ins=InsIdentity(matricule + nir_key(matricule), OID_INS_TEST, InsStatus.QUALIFIEE),
        birth_family=family,
        birth_given=givens,
        first_given=givens.partition(" ")[0],
        sex=Sex.MALE if matricule[0] == "1" else Sex.FEMALE,
        birth_date=day,
        birth_place_cog=matricule[5:10],
        birth_place=place,
        address=address,
        phone=phone,
    )


_DOLANCOURT = Address("1 rue Haute", "10200", "Dolancourt")
_TROYES = Address("14 rue de la Cité", "10000", "Troyes")
_BAR = Address("6 rue d'Aube", "10200", "Bar-sur-Aube")

STORIES = (
    Story(
        "ordinary",
        _patient("2790351215189", "TEST-PATIENTE", "MARIE CLAUDE", date(1979, 3, 12), "Dompremy", _DOLANCOURT),
        History.ORDINARY,
        approved=60,
        authorization=Authorization.VALIDE,
        internet_account=True,
        others=(
            (NURSE_ID, Authorization.VALIDE, False),
            (COLLEAGUE_ID, Authorization.VALIDE, True),
            (OCCUPATIONAL_ID, Authorization.INTERDIT, False),
        ),
    ),
    Story(
        "chronic",
        _patient("1490521231905", "TEST-MOREAU", "GÉRARD LOUIS", date(1949, 5, 23), "Dijon", _BAR),
        History.CHRONIC,
        approved=400,
        authorization=Authorization.VALIDE,
        attending=True,
    ),
    Story(
        "child",
        _patient("1210410387912", "TEST-LEFEBVRE", "NOÉ", date(2021, 4, 17), "Troyes", _TROYES),
        History.CHILD,
        approved=32,
        authorization=Authorization.VALIDE,
        attending=True,
        representatives=(("MTH", "TEST-MARCHAND", "CHLOÉ"), ("FTH", "TEST-LEFEBVRE", "HUGO")),
    ),
    Story("empty", _patient("2901169123926", "TEST-GIRARD", "LÉA JEANNE", date(1990, 11, 2), "Lyon", _TROYES)),
    Story(
        "none",
        _patient("1850244109917", "TEST-KERVADEC", "YANN", date(1985, 2, 9), "Nantes", _BAR),
        exists=False,
    ),
    Story(
        "closed",
        _patient("2610933063934", "TEST-CASTAING", "HÉLÈNE", date(1961, 9, 30), "Bordeaux", _TROYES),
        closed=True,
        attached_to_mes=False,
    ),
    Story(
        "forbidden",
        _patient("1720659350941", "TEST-VANDAMME", "OLIVIER PAUL", date(1972, 6, 14), "Lille", _BAR),
        authorization=Authorization.INTERDIT,
    ),
    Story(
        "opposed",
        _patient("288122A004953", "TEST-COLONNA", "LETIZIA", date(1988, 12, 21), "Ajaccio", _DOLANCOURT),
        opposes_break_glass=True,
        opposes_emergency=True,
    ),
    Story(
        "elsewhere",
        _patient("1680752121045", "TEST-RENAUD", "FABRICE", date(1968, 7, 19), "Chaumont", _BAR),
        History.ELSEWHERE,
        approved=7,
        authorization=Authorization.VALIDE,
        others=((COLLEAGUE_ID, Authorization.VALIDE, True),),
    ),
    Story(
        "adolescent",
        _patient("2110151454217", "TEST-DELMAS", "INÈS", date(2011, 1, 24), "Reims", _TROYES),
        History.ADOLESCENT,
        approved=6,
        authorization=Authorization.VALIDE,
        attending=True,
        representatives=(("MTH", "TEST-DELMAS", "SONIA"), ("FTH", "TEST-DELMAS", "MARC")),
    ),
    Story(
        "expired",
        _patient("2670489387112", "TEST-PICARD", "NICOLE", date(1967, 4, 8), "Sens", _DOLANCOURT),
        History.EXPIRED,
        approved=3,
        authorization=Authorization.EXPIRE,
    ),
)


def story_named(name: str) -> Story:
    return next(story for story in STORIES if story.name == name)


def patient_json(patient: Patient) -> dict[str, Any]:
    """The `patient` object of a context file (design/cli.md)."""
    address = patient.address
    return {
        "ins": patient.ins.value,
        "ins_oid": patient.ins.oid,
        "identity_status": patient.ins.status.value,
        "birth_family": patient.birth_family,
        "birth_given": patient.birth_given,
        "first_given": patient.first_given,
        "used_family": patient.used_family,
        "used_given": patient.used_given,
        "sex": patient.sex.value,
        "birth_date": patient.birth_date.isoformat(),
        "birth_place_cog": patient.birth_place_cog,
        "birth_place": patient.birth_place,
        "address": {"line": address.line, "postal_code": address.postal_code, "city": address.city}
        if address
        else None,
        "phone": patient.phone,
        "email": patient.email,
    }
