"""The persons the stand-in INSi knows: those of the DMP's stories, and those whose civil status makes an answer odd.

Names and numbers of the INSi test set are those of the reference (§7), family names prefixed with TEST-; what it does not tell
of them (days of birth, numbers of some) is invented. Every matricule is under the test OID.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from dmp_desktop.domain.ins import OID_INS_TEST, nir_key
from dmp_desktop.sandbox.patients import STORIES


@dataclass(frozen=True, slots=True)
class Person:
    """`given` in the order of civil status; `birth_date` is YYYY-MM-DD, 00 where it is not known.

    `opener` is the matricule of who opens the rights, empty: the person's own. `birth_rank` is 2 for the second twin. `history`
    are former matricules with first and last day. `hides` are elements of TIQ that the answer leaves empty.
    """

    matricule: str
    family: str
    given: tuple[str, ...]
    sex: str
    birth_date: str
    place: str
    opener: str = ""
    birth_rank: int = 1
    history: tuple[tuple[str, str, str], ...] = ()
    hides: frozenset[str] = frozenset()
    oid: str = OID_INS_TEST

    @property
    def key(self) -> str:
        return nir_key(self.matricule)


def _told(matricule: str, family: str, given: str, birth_date: str, place: str = "", **more: object) -> Person:
    sex = "M" if matricule[0] in "17" else "F"
    return Person(matricule, f"TEST-{family}", tuple(given.split()), sex, birth_date, place or matricule[5:10], **more)  # type: ignore[arg-type]


_PARENT = "1810663113042"
_OLD = (("8990663113008", "2001-06-02", "2004-03-31"), ("1990663113077", "2004-04-01", "2019-09-30"))

ODD = (
    # Numbers of the reference, keys 78, 74 and 23.
    _told("297022A020778", "ADRTROIS", "DOMINIQUE", "1997-02-26"),
    _told("2751263220749", "ADRUN", "ZOE", "1975-12-31"),
    _told("180032B020401", "CORSE", "ANTHONY", "1980-03-02"),
    # Names of the reference, numbers invented.
    _told("1980299341043", "ADRTROIS", "TOUSSAINT", "1998-02-14", "99341"),
    _told("1740499127051", "NESSI", "MICHELANGELO", "1974-04-09", "99127"),
    _told("2920799403062", "TCHITCHI", "OLA CATARINA BELLA", "1992-07-19", "99403"),
    _told("1660930189014", "HOUILLES", "PIERRE", "1966-09-05"),
    _told("1830475114025", "ECETINSI", "PIERRE-ALAIN", "1983-04-27"),
    _told("1790538185036", "HERMAN", "GATIEN", "1979-05-21"),
    # Homonyms: parted by the second given name, by the place of birth, by nothing.
    _told("1700169381011", "HOMONYME", "PIERRE PAUL", "1970-01-20"),
    _told("1700175056012", "HOMONYME", "PIERRE JACQUES", "1970-01-20"),
    _told("2600233063013", "SOSIE", "ANNE LUCIE", "1960-02-11"),
    _told("2600231555014", "SOSIE", "ANNE LUCIE", "1960-02-11"),
    _told("1550359350015", "DOUBLE", "JEAN", "1955-03-12"),
    _told("1550359350116", "DOUBLE", "JEAN", "1955-03-12"),
    # Known to civil status by another order of the given names than the one in use.
    _told("2880421231017", "INVERSE", "CLAUDE MARIE", "1988-04-13"),
    _told("1990663113085", "HISTORIQUE", "TOM", "1999-06-02", history=_OLD),
    # A waiting number (NIA) begins with 7 or 8.
    _told("8010999352018", "ATTENTE", "AMINA", "2001-09-08", "99352"),
    # Rights opened by a parent; twins share everything but the rank.
    _told(_PARENT, "OUVRANT", "HUGO", "1981-06-07"),
    _told("2150763113019", "OUVRANT", "ROSE", "2015-07-14", opener=_PARENT),
    _told("1180863113020", "OUVRANT", "ELIO", "2018-08-15", opener=_PARENT),
    _told("1180863113121", "OUVRANT", "LINO", "2018-08-15", opener=_PARENT, birth_rank=2),
    # Answers that no software may keep (RNIV: unknown day of birth, empty mandatory trait), and a poor one it may.
    _told("1500099350022", "LUNAIRE", "ALI", "1950-00-00", "99350"),
    _told("2770533063023", "SANSPRENOM", "INES", "1977-05-05", hides=frozenset({"Prenom", "ListePrenom"})),
    _told("1760633063024", "SANSLIEU", "MARC", "1976-06-06", hides=frozenset({"LieuNaissance", "ListePrenom"})),
)

PEOPLE: tuple[Person, ...] = (
    *(
        Person(
            story.patient.ins.value[:13],
            story.patient.birth_family,
            tuple(story.patient.birth_given.split()),
            story.patient.sex.value,
            story.patient.birth_date.isoformat(),
            story.patient.birth_place_cog,
            oid=story.patient.ins.oid,
        )
        for story in STORIES
    ),
    *ODD,
)


def by_traits(family: str, given: Sequence[str], sex: str, birth_date: str, place: str) -> list[Person]:
    """Who has these traits. [R] The given names asked must be the first ones of civil status, all of each of them."""
    return [
        person
        for person in PEOPLE
        if folded(person.family) == folded(family)
        and folded(" ".join(given)) in _beginnings(person.given)
        and person.sex == sex
        and _may_be(person.birth_date, birth_date)
        and (not place or person.place == place.upper())
    ]


def by_vitale(own: str, opener: str, family: str, birth_date: str, rank: int) -> list[Person]:
    """Whom a card means: by their own number or by that of who opens their rights, then by birth. `birth_date` is YYYYMMDD."""
    return [
        person
        for person in PEOPLE
        if (not own or person.matricule == own)
        and (not opener or opener in {person.opener, "" if person.opener else person.matricule})
        and person.birth_date.replace("-", "") == birth_date
        and person.birth_rank == rank
        and (not family or folded(person.family) == folded(family))
    ]


def folded(name: str) -> str:
    """Capitals without accents; hyphens and apostrophes are spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFD", name.upper()) if not unicodedata.combining(c))
    return " ".join(re.split(r"[\s'’-]+", bare)).strip()


def _beginnings(given: tuple[str, ...]) -> set[str]:
    return {folded(" ".join(given[:count])) for count in range(1, len(given) + 1)}


def _may_be(known: str, asked: str) -> bool:
    """A part of a date that is not known is any."""
    return all(
        part.strip("0") == "" or part == other for part, other in zip(known.split("-"), asked.split("-"), strict=True)
    )
