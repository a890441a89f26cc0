"""What INSi answered for a person, as it may be taken, and what taking it changes."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.identity import Identity, StrictTraits
from dmp_desktop.domain.insi import InsiAnswer, InsiTraits
from dmp_desktop.services.identity_traits import Divergence, compare

CARD_GIVEN = "Prénom de la carte"


@dataclass(frozen=True, slots=True, repr=False)
class Proposal:
    """What INSi answered for a person. `traits` are what the identity becomes if somebody accepts; None: nothing may be taken.

    `identity` is the one known here, None when a card means nobody; `said` is why nothing may be taken, in French; `divergences`
    are what accepting changes here; `person` is who on a carte Vitale it was asked for.
    """

    identity: Identity | None
    answer: InsiAnswer
    traits: StrictTraits | None
    divergences: tuple[Divergence, ...] = ()
    said: str = ""
    person: Beneficiary | None = None

    @property
    def as_on_card(self) -> bool:
        """Whether INSi tells whom the card names."""
        return not any(one.trait == CARD_GIVEN for one in self.divergences)

    @property
    def renames(self) -> bool:
        """Whether a card only led to somebody known here, by their number, whom INSi names otherwise: is it them?"""
        identity, told = self.identity, self.traits
        known = identity is not None and identity.person and told is not None and not identity.traits.same_as(told)
        return self.person is not None and bool(known)

    @property
    def nothing_new(self) -> bool:
        """INSi says what is known here already; only the card may say otherwise."""
        kept, active = self.identity.matricule if self.identity else None, self.answer.active
        same = kept is not None and active is not None and kept.value == active.value
        return same and all(one.trait == CARD_GIVEN for one in self.divergences)

    @property
    def keeps_document(self) -> bool:
        """Whether the document seen here still validates what would be taken."""
        identity, active = self.identity, self.answer.active
        if identity is None or self.traits is None or active is None or identity.doubt:
            return False
        return identity.found(self.traits, active, self.answer.history).validated

    def __repr__(self) -> str:
        """Never shows an identity: representations end up in logs."""
        return f"Proposal({self.answer.outcome.value})"


def differences(identity: Identity, answer: InsiAnswer, told: InsiTraits) -> tuple[Divergence, ...]:
    """Traits, and a number that is another one: always told."""
    other = identity.other_number(answer.active) if answer.active else None
    number = (Divergence("Matricule INS", other.value, answer.active.value),) if other and answer.active else ()
    return number + compare(identity.traits, told)


def told_numbers(proposal: Proposal) -> frozenset[str]:
    """The number of INSi's answer and those it had before."""
    answer = proposal.answer
    return frozenset(matricule.value for matricule in (answer.active, *answer.history) if matricule)
