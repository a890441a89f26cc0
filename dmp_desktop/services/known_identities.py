"""Who is known on this workstation: found by traits or by number, and the numbers nothing is read nor leaves under any more."""

from __future__ import annotations

from datetime import date

from dmp_desktop.domain.identity import Identity, StrictTraits, folded
from dmp_desktop.domain.ins import InsIdentity, InsStatus, is_ins
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.errors import ContextError
from dmp_desktop.services.identity_rules import replaced, several, withdrawn
from dmp_desktop.services.identity_stores import Identities


class KnownIdentities:
    """Reads the store, changes nothing. Methods raise StorageError."""

    def __init__(self, store: Identities) -> None:
        self._store = store

    def homonyms(self, traits: StrictTraits) -> list[Identity]:
        """Everybody kept with the same birth name, first given name, sex and day: which of them is meant is to be asked."""
        return [one for one in self._store.born_on(traits.birth_date) if one.traits.name == traits.name]

    def known(self, traits: StrictTraits, number: str = "") -> Identity:
        """Who has this number, or had it with the same traits; else who is kept with all these very traits, and no other number;
        else a new one, provisional (rule 20, INS/va1.45): who only had it by mistake is somebody else. Raises ContextError when
        several people are."""
        if number:
            former = [one for one in self._store.formerly(number) if one.had(number, traits)]
            people = self._store.with_matricule(number) or former
            if len(people) == 1:
                return people[0]
        exact = [one for one in self.homonyms(traits) if one.traits.exactly(traits)]
        meant = [one for one in exact if not number or number in one.numbers or not one.numbers]
        if len(meant) > 1:
            raise several()
        return meant[0] if meant else Identity(traits)

    def of(self, person: str) -> Identity | None:
        """The identity kept under an id of here, as it is now."""
        return self._store.of(person)

    def given(self, traits: StrictTraits, matricule: Matricule) -> Identity:
        """As `known`, of a patient whom the practice software gives with this number: it is lent to who has no other one here,
        unless it is, or was, somebody's."""
        known = self.known(traits, matricule.value)
        return known if self._store.known_as(matricule.value) else known.lending(matricule)

    def now(self, identity: Identity) -> Identity:
        """The same one as it is now."""
        kept = self._store.of(identity.person) if identity.person else None
        number = identity.matricule if identity.lent else None
        if number is None:
            return kept or identity
        if kept is None or not kept.numbers:
            return self.given(identity.traits, number)
        return kept

    def formerly(self, value: str) -> list[Identity]:
        """Who had this matricule and has it no more."""
        return self._store.formerly(value)

    def withdrawn(self, value: str) -> bool:
        """Whether this number was taken away from somebody here, and INSi gave it to nobody since."""
        return bool(self._store.formerly(value)) and not self._store.with_matricule(value)

    def renumbered(self, value: str) -> Identity | None:
        """Who is qualified under the number that INSi gave them in place of this one."""
        if self._store.with_matricule(value):
            return None
        people = [one for one in self._store.formerly(value) if value in one.own and one.status is InsStatus.QUALIFIEE]
        return people[0] if len(people) == 1 else None

    def may_read(self, ins: InsIdentity) -> None:
        """Nor is a record read under such a number. Raises ContextError."""
        self._stop(ins, "son DMP n'est pas consulté", "n'est pas consulté sous l'ancienne")

    def may_leave(self, ins: InsIdentity) -> None:
        """Nothing goes to the DMP under a number that was taken away here (rules 27, 28, 49). Raises ContextError."""
        self._stop(ins, "rien ne part vers son DMP", "rien ne part sous l'ancienne")

    def _stop(self, ins: InsIdentity, lost: str, changed: str) -> None:
        if self.withdrawn(ins.value):
            raise replaced(changed) if self.renumbered(ins.value) else withdrawn(lost)

    def born_on(self, day: date, beginning: str = "") -> list[Identity]:
        """Everybody known who was born that day, by the beginning of a family or first given name (rule 17, INS/va1.02, .25)."""
        start = _letters(beginning)
        people = self._store.born_on(day)
        return [one for one in people if any(_letters(name).startswith(start) for name in _names(one.traits))]

    def with_matricule(self, typed: str) -> list[Identity]:
        """Who has this matricule: its 15 characters, once its key is right (rule 17, INS/va1.41)."""
        return self._store.with_matricule(_whole(typed))

    def ever_with(self, typed: str) -> list[Identity]:
        """As `with_matricule`, then who had it and has it no more."""
        value = _whole(typed)
        return [*self._store.with_matricule(value), *self._store.formerly(value)]

    def to_review(self) -> list[Identity]:
        """The work list: identities that INSi no longer knows."""
        return self._store.to_review()


def _whole(typed: str) -> str:
    """A matricule as it was typed. Raises ContextError when it is none."""
    value = "".join(typed.split()).upper()
    if not is_ins(value):
        raise ContextError(
            "identity.key",
            "Ce matricule n'a pas 15 caractères, ou sa clé est fausse.",
            "Vérifiez la saisie.",
            field="ins",
        )
    return value


def _names(traits: StrictTraits) -> tuple[str, str]:
    return traits.birth_family, traits.first_given


def _letters(name: str) -> str:
    """Without apostrophes and hyphens at all: L'ÉTÉ is found by LETE."""
    return folded(name).replace(" ", "")
