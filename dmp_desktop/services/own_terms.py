"""The doctor's own abbreviations: learned from what she confirmed, kept on this workstation, hers alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol

from dmp_desktop.domain.notes import OwnTerm, Proposal, ProposalKind
from dmp_desktop.errors import CardError, ContextError

MAX_TERMS = 2000
MAX_LENGTH = 60  # characters of an abbreviation
_NAME = "own_terms"


class Preferences(Protocol):
    """Values by owner and name (storage.preferences)."""

    def get(self, owner: str, name: str) -> Any: ...

    def put(self, owner: str, name: str, value: Any) -> None: ...


class OwnTerms:
    """Terms of who is signed in. `owner` gives her national identifier, None when nobody is."""

    def __init__(self, preferences: Preferences, owner: Callable[[], str | None]) -> None:
        self._preferences = preferences
        self._owner = owner
        self._read: tuple[str, tuple[OwnTerm, ...]] | None = None

    def terms(self) -> tuple[OwnTerm, ...]:
        """In the order they were learned; empty when nobody is signed in. Raises StorageError."""
        owner = self._owner()
        return self.of(owner) if owner else ()

    def of(self, owner: str) -> tuple[OwnTerm, ...]:
        """Those of this professional (PS_IdNat), there or not: a note on its way is read with its author's words."""
        read = self._read
        if read is None or read[0] != owner:
            stored = self._preferences.get(owner, _NAME) or []
            read = owner, tuple(OwnTerm(**(term | {"kind": ProposalKind(term["kind"])})) for term in stored)
            self._read = read
        return read[1]

    def changed_elsewhere(self) -> None:
        """Another workstation wrote them: they are read again when next asked for."""
        self._read = None

    def learn(self, term: str, proposal: Proposal) -> None:
        """From now on `term` means what `proposal` says; the last meaning given counts.

        Raises ContextError for a term that cannot be one, CardError when nobody is signed in, StorageError.
        """
        words = " ".join(term.split())
        if not 2 <= len(words) <= MAX_LENGTH or not any(char.isalpha() for char in words):
            raise ContextError(
                "AbreviationInvalide",
                "Une abréviation a entre 2 et 60 caractères, dont une lettre.",
                "Sélectionnez seulement l'abréviation dans la note.",
                field="term",
            )
        owner = self._owner()
        if owner is None:
            raise CardError(
                "CarteAbsente", "Votre carte CPS n'est pas dans le lecteur.", "Insérez-la puis recommencez."
            )
        learned = OwnTerm(words, proposal.kind, proposal.code, proposal.system, proposal.label)
        others = [known for known in self.terms() if known.term.casefold() != words.casefold()]
        terms = (*others, learned)[-MAX_TERMS:]
        self._preferences.put(owner, _NAME, [asdict(known) for known in terms])
        self._read = owner, terms
