"""INSi's traits against those of here: only what it told is compared, and each difference is one quiet line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dmp_desktop.domain.identity import StrictTraits, begins, folded
from dmp_desktop.domain.insi import InsiTraits
from dmp_desktop.domain.people import Sex

_SEX_FR = {Sex.FEMALE: "féminin", Sex.MALE: "masculin", Sex.UNKNOWN: "inconnu"}


@dataclass(frozen=True, slots=True, repr=False)
class Divergence:
    """One trait that differs beyond writing."""

    trait: str
    here: str
    insi: str

    @property
    def line(self) -> str:
        """As shown."""
        return f"{self.trait} : {self.here or 'non renseigné'} ici, {self.insi} pour l'INSi"

    def __repr__(self) -> str:
        """Never shows an identity: representations end up in logs."""
        return "Divergence()"


def compare(here: StrictTraits, told: InsiTraits) -> tuple[Divergence, ...]:
    """What differs; a trait INSi did not tell is not compared, a place or given names that it only adds do not differ."""
    found = []
    if told.birth_family and folded(told.birth_family) != folded(here.birth_family):
        found.append(Divergence("Nom de naissance", here.birth_family, told.birth_family))
    found += _given(here, told)
    if told.sex is not Sex.UNKNOWN and told.sex is not here.sex:
        found.append(Divergence("Sexe", _SEX_FR[here.sex], _SEX_FR[told.sex]))
    if told.birth_date and told.birth_date != here.birth_date.isoformat():
        found.append(Divergence("Date de naissance", f"{here.birth_date:%d/%m/%Y}", _said(told.birth_date)))
    if told.birth_place_cog and here.birth_place_cog and told.birth_place_cog != here.birth_place_cog:
        found.append(Divergence("Lieu de naissance", here.birth_place_cog, told.birth_place_cog))
    return tuple(found)


def first_given_agrees(first_given: str, told: InsiTraits) -> bool:
    """The first given name begins the list; without a list, it is the first one told (rule 6, INS/va1.51). True when none is."""
    if told.given:
        return begins(" ".join(told.given), first_given)
    return not told.first_given or folded(told.first_given) == folded(first_given)


def unusable(told: InsiTraits | None) -> str:
    """Why these traits may not be taken, in French (rules 11 and 12, INS/va1.28, .31); empty when they may."""
    if told is None:
        return "L'INSi ne donne pas les traits de cette identité."
    year, _, rest = told.birth_date.partition("-")
    if year.strip("0") and "00" in rest.split("-"):
        return "L'INSi ne connaît pas le jour ou le mois de naissance : cette INS ne peut pas être utilisée."
    missing = [
        name
        for name, is_there in (
            ("le nom", bool(told.birth_family)),
            ("le prénom", bool(told.given or told.first_given)),
            ("le sexe", told.sex is not Sex.UNKNOWN),
            ("la date de naissance", _day(told.birth_date) is not None),
        )
        if not is_there
    ]
    return f"L'INSi ne donne pas {' ni '.join(missing)} : cette INS ne peut pas être utilisée." if missing else ""


def adopted(here: StrictTraits | None, told: InsiTraits) -> StrictTraits:
    """The traits as INSi tells them; what it does not tell, and a first given name that agrees, stay those of here.

    Raises ValueError when they are not to be used (`unusable`).
    """
    day = _day(told.birth_date)
    if unusable(told) or day is None:
        raise ValueError("unusable traits")
    first = told.first_given or told.given[0]
    if here is not None and first_given_agrees(here.first_given, told):
        first = here.first_given
    given = " ".join(told.given)
    if not given:
        given = here.birth_given if here is not None and begins(here.birth_given, first) else first
    place = told.birth_place_cog or (here.birth_place_cog if here else "")
    return StrictTraits(told.birth_family, first, given, told.sex, day, place)


def _given(here: StrictTraits, told: InsiTraits) -> list[Divergence]:
    whole = " ".join(told.given) or told.first_given
    if not first_given_agrees(here.first_given, told):
        return [Divergence("Premier prénom", here.first_given, whole)]
    if told.given and not begins(whole, here.birth_given):
        return [Divergence("Prénoms de naissance", here.birth_given, whole)]
    return []


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _said(birth_date: str) -> str:
    return "/".join(reversed(birth_date.split("-")))
