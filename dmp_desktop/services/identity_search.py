"""In which order INSi is asked by traits (reference §7): none is put twice, and a person is only told when there is one."""

from __future__ import annotations

from collections.abc import Callable

from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.identity import StrictTraits
from dmp_desktop.domain.insi import InsiAnswer, InsiOutcome, TraitQuery

MAX_GIVEN = 6
"""Given names tried: thirteen questions at most."""

Ask = Callable[[TraitQuery], InsiAnswer]


def search(ask: Ask, traits: StrictTraits) -> InsiAnswer:
    """The first given name; nobody (01): each other one, then all; several (02): more given names, then the place of birth.

    Several stay several when what is added finds nobody: the answer then says that homonyms are left. Raises what `ask` raises.
    """
    return _Search(ask, traits).answer()


class _Search:
    def __init__(self, ask: Ask, traits: StrictTraits) -> None:
        self._ask = ask
        self._traits = traits
        self._given = traits.given[:MAX_GIVEN]
        self._answers: dict[tuple[tuple[str, ...], str], InsiAnswer] = {}

    def answer(self) -> InsiAnswer:
        names: tuple[str, ...] = ()
        answer = InsiAnswer(InsiOutcome.NONE)
        for names in (*((name,) for name in self._given), self._given):
            answer = self._asked(names)
            if answer.outcome is not InsiOutcome.NONE:
                break
        return self._narrowed(names, answer) if answer.outcome is InsiOutcome.SEVERAL else answer

    def _narrowed(self, names: tuple[str, ...], several: InsiAnswer) -> InsiAnswer:
        """One among several: by more given names as long as they leave somebody, then by the place."""
        others = [name for name in self._given if name not in names]
        for name in others:
            answer = self._asked((*names, name))
            if answer.outcome is InsiOutcome.FOUND:
                return answer
            if answer.outcome is InsiOutcome.NONE:
                break
            names, several = (*names, name), answer
        place = self._traits.birth_place_cog
        answer = self._asked(names, place) if place else several
        return answer if answer.outcome is InsiOutcome.FOUND else several

    def _asked(self, names: tuple[str, ...], place: str = "") -> InsiAnswer:
        if (names, place) not in self._answers:
            traits = self._traits
            query = TraitQuery(traits.birth_family, names, traits.sex, traits.birth_date, place)
            self._answers[names, place] = self._ask(query)
        return self._answers[names, place]


def birth_rank(card: VitaleIdentity, person: Beneficiary) -> int:
    """RangNaissance: 1, and 2 for the second twin. [R] Twins follow each other on the card, whose own ranks are places on it."""
    return 1 + sum(other.birth_date == person.birth_date and other.rank < person.rank for other in card.beneficiaries)
