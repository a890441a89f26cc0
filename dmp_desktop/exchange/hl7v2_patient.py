"""The patient of an HL7 v2 message (PID, v2.5 §3.4.2; IHE PAM France for INS and names)."""

from __future__ import annotations

from dmp_desktop.domain.ins import INS_OIDS, InsIdentity, is_ins, nir_key
from dmp_desktop.domain.people import Address, Sex
from dmp_desktop.domain.received import ReceivedPatient
from dmp_desktop.exchange.hl7v2_segments import Segment
from dmp_desktop.exchange.hl7v2_times import day

_NIR_TYPES = ("NH", "NIR", "SS", "SNS", "NNFRA")
_BIRTH, _USED = ("L", "M", "B"), ("D", "U")
_BIRTHPLACE = ("BDL", "BR", "N")
_SEX = {"M": Sex.MALE, "F": Sex.FEMALE}


def read_patient(pid: Segment | None) -> tuple[ReceivedPatient, list[str]]:
    """And French notices on what could not be taken, without any of it."""
    if pid is None:
        return ReceivedPatient(), ["Ce message ne dit pas de quel patient il est."]
    notices: list[str] = []
    ins = _ins(pid, notices)
    birth_family, used_family, family, given = _names(pid)
    born = pid.text(7)
    birth_date = day(born)
    if born and birth_date is None:
        notices.append("La date de naissance de ce message n'est pas complète : elle n'est pas lue.")
    if not (family or birth_family or ins):
        notices.append("Ce message ne dit pas de quel patient il est.")
    sex = pid.text(8).upper()
    return ReceivedPatient(
        family=family,
        given=given,
        birth_family=birth_family,
        used_family=used_family,
        birth_date=birth_date,
        sex=_SEX.get(sex, Sex.UNKNOWN) if sex else None,
        ins=ins,
        nir=_nir(pid, notices),
        file_number=_file_number(pid),
        address=_address(pid),
    ), notices


def _ins(pid: Segment, notices: list[str]) -> InsIdentity | None:
    """Only under an OID of the INS, with its key. Two of them name nobody."""
    found: dict[tuple[str, str], InsIdentity] = {}
    for one in pid.repetitions(3):
        oid = _authority(pid, one)
        if oid not in INS_OIDS:
            continue
        value = (pid.component(one, 1)).replace(" ", "").upper()
        if len(value) == 13:
            value += pid.component(one, 2)
        if is_ins(value):
            found[value, oid] = InsIdentity(value, oid)
        else:
            notices.append("L'INS de ce message est mal formée : elle n'est pas lue.")
    if len(found) > 1:
        notices.append("Ce message donne plusieurs INS : aucune n'est prise.")
        return None
    return next(iter(found.values()), None)


def _nir(pid: Segment, notices: list[str]) -> str:
    """Of PID-3 by its type, else PID-19; 13 characters, or 15 whose key is right."""
    told = [
        pid.component(one, 1)
        for one in pid.repetitions(3)
        if pid.component(one, 5).upper() in _NIR_TYPES and _authority(pid, one) not in INS_OIDS
    ]
    for value in (*told, pid.text(19)):
        number = value.replace(" ", "").upper()
        if not number:
            continue
        if is_ins(number) or (len(number) == 13 and _has_key(number)):
            return number
        notices.append("Le numéro de sécurité sociale de ce message est mal formé : il n'est pas lu.")
    return ""


def _has_key(number: str) -> bool:
    try:
        return bool(nir_key(number))
    except ValueError:
        return False


def _file_number(pid: Segment) -> str:
    for one in pid.repetitions(3):
        if pid.component(one, 5).upper() in ("PI", "MR", "PT") and _authority(pid, one) not in INS_OIDS:
            return pid.component(one, 1)
    first = next(iter(pid.repetitions(3)), "")
    known = pid.component(first, 5).upper() in _NIR_TYPES or _authority(pid, first) in INS_OIDS
    return "" if known else pid.component(first, 1)


def _authority(pid: Segment, repetition: str) -> str:
    """The OID of CX.4, which some write in the place of its name."""
    return next((oid for n in (2, 1) if (oid := pid.sub(repetition, 4, n)) in INS_OIDS), "")


def _names(pid: Segment) -> tuple[str, str, str, str]:
    """Birth and used family names where they are told apart, the one to show, and the given name."""
    birth = used = family = given = ""
    for one in pid.repetitions(5):
        name, first, kind = pid.sub(one, 1, 1), pid.component(one, 2), pid.component(one, 7).upper()
        if kind in _BIRTH:
            birth, given = birth or name, first or given
        elif kind in _USED:
            used = used or name
        family, given = family or name, given or first
    return birth, used, family, given


def _address(pid: Segment) -> Address | None:
    for one in pid.repetitions(11):
        if pid.component(one, 7).upper() in _BIRTHPLACE:
            continue
        line = " ".join(filter(None, (pid.sub(one, 1, 1), pid.component(one, 2))))
        found = Address(line, pid.component(one, 5), pid.component(one, 3))
        if found != Address():
            return found
    return None
