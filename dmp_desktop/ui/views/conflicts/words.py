"""What each side says, in words. Nothing clinical is in it."""

from __future__ import annotations

from collections.abc import Sequence

from dmp_desktop.domain.arrivals import Expected
from dmp_desktop.domain.identity import Identity
from dmp_desktop.services.clinic_conflicts import Conflict, Version
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_conflicts_fr as fr
from dmp_desktop.ui import strings_desk_fr as desk_fr
from dmp_desktop.ui import strings_fr as common_fr
from dmp_desktop.ui import strings_identity_fr as identity_fr


def whose(conflict: Conflict) -> str:
    """Of whom the question is."""
    if conflict.whose is not None:
        return _expected(conflict.whose)
    first = conflict.versions[0].value
    return _traits(first) if isinstance(first, Identity) else ""


def what(version: Version) -> str:
    """One value, with all that may differ."""
    if isinstance(version.value, Expected):
        return _expected(version.value)
    return _identity(version.value) if version.value is not None else fr.NOBODY


def said(version: Version, me: str) -> str:
    who = fr.BY_AGENDA if not version.by else fr.BY_ME if version.by == me else fr.BY_OTHER
    return fr.SAID.format(when=formats.day_and_time(version.at), by=who)


def _identity(identity: Identity) -> str:
    status = common_fr.INS_STATUS[identity.status][0].lower()
    number = fr.INS.format(formats.ins(identity.ins)) if identity.ins else fr.NO_INS
    check = identity.check
    label = identity_fr.DOCUMENT.get(check.kind, check.label) if check else ""  # type: ignore[call-overload]
    document = fr.SEEN.format(label.lower()) if check else fr.NOT_SEEN
    doubt = fr.DOUBT[identity.doubt] if identity.doubt else ""
    refused = fr.REFUSED if identity.refused_at else ""
    return _joined((_traits(identity), status, number, document, doubt, refused))


def _traits(identity: Identity) -> str:
    told = identity.traits
    born = common_fr.BORN[told.sex].format(formats.day(told.birth_date))
    place = fr.PLACE.format(told.birth_place_cog) if told.birth_place_cog else ""
    return _joined((f"{told.birth_family} {told.birth_given}".strip(), born, place), ", ")


def _expected(told: Expected) -> str:
    name = f"{told.family} {told.given}".strip()
    born = common_fr.BORN[told.sex].format(formats.day(told.birth_date)) if told.birth_date else desk_fr.NO_BIRTH
    time = fr.EXPECTED_AT.format(time=f"{told.at.astimezone():%H:%M}") if told.at else fr.NO_TIME
    doctor = told.doctor or told.rpps
    return _joined((f"{name}, {born}", time, fr.WITH.format(doctor=doctor) if doctor else ""))


def _joined(parts: Sequence[str], mark: str = " · ") -> str:
    return mark.join(part for part in parts if part)
