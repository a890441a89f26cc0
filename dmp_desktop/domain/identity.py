"""A local identity and its status, as a small state machine (RNIV; rules of the guide d'implémentation de l'INS, INS/va1.* ids).

The status is never stored: it follows from what is known. Two facts make it, INSi's answer and a trusted document that was seen.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Patient, Sex

_LETTERS = str.maketrans(
    {
        "Œ": "OE", "Æ": "AE", "ẞ": "SS", "Ł": "L", "Ø": "O", "Đ": "D", "Ð": "D", "Ɖ": "D", "Þ": "TH", "Ħ": "H", "Ŧ": "T",
        "Ŋ": "N",
    }
)  # fmt: skip
"""Latin letters that Unicode does not decompose, as they are written in a civil status of A to Z."""

OLDEST_YEARS = 130
"""Nobody is older [R]: a birth before that is a mistake in typing."""


class DocumentKind(StrEnum):
    """Documents of high trust (RNIV 1, [R] for the list). Neither a driving licence nor a carte Vitale is one."""

    CNI = "cni"
    PASSPORT = "passeport"
    RESIDENCE_PERMIT = "titre-sejour"
    ELECTRONIC = "identite-electronique"
    FAMILY_BOOK = "livret-famille"
    BIRTH_CERTIFICATE = "acte-naissance"


FOR_MINORS = frozenset({DocumentKind.FAMILY_BOOK, DocumentKind.BIRTH_CERTIFICATE})
"""Only for a child without a document of their own, with a parent's document beside it."""


class Doubt(StrEnum):
    """What somebody says of an identity: it is then provisional and INSi is not asked (rule 25)."""

    DOUBTFUL = "douteuse"
    FICTITIOUS = "fictive"


@dataclass(frozen=True, slots=True)
class DocumentCheck:
    """A document seen: which kind, when, by whom (national identifier). The document itself is never kept, nor its number.

    `kind` is a DocumentKind, or the code of one of the practice's own, named by `label`; `trusted` as the practice held it then.
    """

    kind: str
    at: datetime
    by: str
    label: str = ""
    trusted: bool = True


UNKNOWN_PLACE = "99999"
"""What the RNIV has written for a place of birth that is not known (rule 5); empty in `StrictTraits`."""


@dataclass(frozen=True, slots=True, repr=False)
class StrictTraits:
    """The strict traits of the RNIV; `birth_given` is the list of given names, `first_given` the beginning of it."""

    birth_family: str
    first_given: str
    birth_given: str
    sex: Sex
    birth_date: date
    birth_place_cog: str = ""

    @classmethod
    def of(cls, patient: Patient) -> StrictTraits:
        return cls(
            patient.birth_family,
            patient.first_given,
            patient.birth_given,
            patient.sex,
            patient.birth_date,
            "" if patient.birth_place_cog == UNKNOWN_PLACE else patient.birth_place_cog,
        )

    @property
    def given(self) -> tuple[str, ...]:
        """The first given name, then each other one."""
        others = self.birth_given.split()[len(self.first_given.split()) :]
        return (self.first_given, *others) if begins(self.birth_given, self.first_given) else (self.first_given,)

    @property
    def name(self) -> str:
        """By which people are looked for here, however it is written. Several may share it: it tells nobody by itself."""
        return "|".join((folded(self.birth_family), folded(self.first_given), self.sex, self.birth_date.isoformat()))

    def exactly(self, other: StrictTraits) -> bool:
        """Whether both say all the same, writing aside."""
        return (
            self.name == other.name
            and folded(self.birth_given) == folded(other.birth_given)
            and self.birth_place_cog == other.birth_place_cog
        )

    def same_as(self, other: StrictTraits) -> bool:
        """Whether both say the same: writing aside, and given names or a place that one of them only adds."""
        places = {self.birth_place_cog, other.birth_place_cog} - {""}
        return (
            folded(self.birth_family) == folded(other.birth_family)
            and (begins(self.birth_given, other.birth_given) or begins(other.birth_given, self.birth_given))
            and self.sex is other.sex
            and self.birth_date == other.birth_date
            and len(places) < 2
        )

    def __repr__(self) -> str:
        """Never shows an identity: representations end up in logs."""
        return "StrictTraits()"


@dataclass(frozen=True, slots=True, repr=False)
class Ended:
    """A number that is theirs no more here: since when, and the traits it was theirs with."""

    value: str
    at: datetime
    traits: StrictTraits


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """What is known of a person here. `matricule` is INSi's, for these very traits; `history` are all their former ones.

    `person` is the opaque id they are kept under, empty while they are not: two people may have the same traits.
    `own` are the values of the former numbers that INSi, with the present one, told to be theirs: every other one was taken away.
    `ended` tells when each number ended to be theirs here, twice where they had it twice. `lent`: the number is told by the
    practice software only, and not kept yet.
    `refused_at` is when INSi no longer knew them under these traits: they are on the work list until somebody clears it up.
    Raises ValueError when a doubt stands beside a number or a document.
    """

    traits: StrictTraits
    check: DocumentCheck | None = None
    matricule: Matricule | None = None
    history: tuple[Matricule, ...] = ()
    doubt: Doubt | None = None
    refused_at: datetime | None = None
    own: frozenset[str] = frozenset()
    ended: tuple[Ended, ...] = ()
    person: str = field(default="", compare=False)
    lent: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if self.doubt and (self.check or self.matricule):
            raise ValueError("a doubtful identity has neither number nor document")

    @property
    def status(self) -> InsStatus:
        """Rule 20 (INS/va1.40, .43, .45, .54)."""
        if self.matricule:
            return InsStatus.QUALIFIEE if self.validated else InsStatus.RECUPEREE
        return InsStatus.VALIDEE if self.validated else InsStatus.PROVISOIRE

    @property
    def validated(self) -> bool:
        """A document of high trust was seen with these traits: another one is noted, and validates nothing (rule 19)."""
        return self.check is not None and self.check.trusted

    @property
    def ins(self) -> InsIdentity | None:
        """The INS with its status; None when there is none, or no longer."""
        return InsIdentity(self.matricule.value, self.matricule.oid, self.status) if self.matricule else None

    @property
    def numbers(self) -> frozenset[str]:
        """All they ever had."""
        return frozenset(one.value for one in (self.matricule, *self.history) if one)

    def other_number(self, matricule: Matricule) -> Matricule | None:
        """The number they have, or had last, where this is another one."""
        last = self.matricule or next(reversed(self.history), None)
        return last if last and last.value != matricule.value else None

    @property
    def locked(self) -> bool:
        """Strict traits that came from INSi are not changed by whoever types (rule 26, INS/va1.18)."""
        return self.matricule is not None

    def seen(self, check: DocumentCheck) -> Identity:
        """A document was shown and agrees; one that validates is not replaced by one that does not.

        Raises ValueError for a doubtful identity, a child's document for an adult.
        """
        if self.doubt:
            raise ValueError("an identity in doubt is cleared first")
        if check.kind in FOR_MINORS and is_adult(self.traits.birth_date, check.at.date()):
            raise ValueError("this document identifies minors only")
        return self if self.validated and not check.trusted else replace(self, check=check)

    def found(self, traits: StrictTraits, matricule: Matricule, history: tuple[Matricule, ...]) -> Identity:
        """INSi's answer becomes the identity (rule 6, INS/va1.52). The document is to be seen again when it told something
        else, and whenever the number is another one.

        Raises ValueError for a doubtful identity: INSi was not to be asked (rule 25, INS/va1.20).
        """
        if self.doubt:
            raise ValueError("INSi is not asked for an identity in doubt")
        former = (*self.history, *((self.matricule,) if self.matricule else ()), *history)
        kept = {old.value: old for old in former if old.value != matricule.value}
        check = self.check if self.traits.same_as(traits) and not self.other_number(matricule) else None
        own = frozenset(old.value for old in history) - {matricule.value}
        return Identity(traits, check, matricule, tuple(kept.values()), own=own, ended=self.ended, person=self.person)

    def corrected(self, traits: StrictTraits) -> Identity:
        """Strict traits changed by hand: the number goes and the status falls by one (rule 27, INS/va1.60).

        Récupérée becomes provisoire, qualifiée becomes validée; a document that validated other traits validates nothing more.
        """
        if traits == self.traits:
            return self
        check = self.check if self.matricule else None
        return replace(self._without_number(), traits=traits, check=check, refused_at=None)

    def refused(self, at: datetime) -> Identity:
        """INSi no longer knows this identity: provisional, without a number, on the work list (rule 49, INS/va1.08)."""
        return replace(self._without_number(), check=None, refused_at=at)

    def doubted(self, doubt: Doubt) -> Identity:
        """Rule 25 (INS/va1.44)."""
        return replace(self._without_number(), check=None, doubt=doubt)

    def cleared(self) -> Identity:
        """The doubt is gone: provisional, everything is to be done again."""
        return replace(self, doubt=None)

    def _without_number(self) -> Identity:
        if self.matricule is None:
            return self
        former = tuple(old for old in self.history if old.value != self.matricule.value)
        return replace(self, matricule=None, history=(*former, self.matricule), own=frozenset())

    def since(self, former: Identity, at: datetime) -> Identity:
        """What `former` has become at `at`: a number it has no more ended then."""
        lost = former.matricule
        if lost is None or (self.matricule and self.matricule.value == lost.value):
            return self
        return replace(self, ended=(*self.ended, Ended(lost.value, at, former.traits)))

    def had(self, number: str, traits: StrictTraits) -> bool:
        """Whether a number they had was theirs with these traits, or would be now."""
        return self.traits.same_as(traits) or any(
            old.value == number and old.traits.same_as(traits) for old in self.ended
        )

    def lending(self, matricule: Matricule) -> Identity:
        """With the number that the practice software gives of them, where nothing was ever learned of one here."""
        return self if self.numbers or self.doubt else replace(self, matricule=matricule, lent=True)

    @property
    def read(self) -> Identity:
        """As it is kept: without what is only lent."""
        return replace(self, matricule=None, lent=False) if self.lent else self

    def __repr__(self) -> str:
        return f"Identity({self.status.value})"


def folded(name: str) -> str:
    """A name without what is only writing: case, accents, ligatures, hyphens, apostrophes, spaces. Letters of other alphabets
    stay, and a name is never folded to nothing."""
    capitals = unicodedata.normalize("NFD", name.upper().translate(_LETTERS))
    bare = "".join(char for char in capitals if not unicodedata.combining(char))
    words = "".join(char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in bare)
    return " ".join(words.split()) or name.strip()


def begins(whole: str, part: str) -> bool:
    """Whether the words of a list of given names begin with these words."""
    words, first = folded(whole).split(), folded(part).split()
    return words[: len(first)] == first


def is_adult(born: date, day: date) -> bool:
    """From the eighteenth birthday on."""
    return (day.year - born.year, day.month, day.day) >= (18, born.month, born.day)


def is_possible(born: date, day: date) -> bool:
    """Whether somebody alive on `day` may be born then."""
    return born <= day and (born.year + OLDEST_YEARS, born.month, born.day) >= (day.year, day.month, day.day)
