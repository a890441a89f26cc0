"""What is typed about somebody and not kept yet: it comes back with them, until it is kept, dropped, or their author gone."""

from __future__ import annotations

from collections.abc import Hashable

from dmp_desktop.domain.identity import Identity, StrictTraits
from dmp_desktop.ui.views.identity.traits import TraitsForm, Typed

_NEW = ""
"""Whose traits are typed that are nobody's here."""


class Unsaved:
    """`new`: the form of somebody new; `correction`: that of the person shown."""

    def __init__(self, new: TraitsForm, correction: TraitsForm) -> None:
        self._new, self._correction = new, correction
        self._typed: dict[Hashable, Typed] = {}

    @property
    def visible(self) -> bool:
        """Somebody is typing."""
        return any(form.isVisible() and form.typed for form in (self._new, self._correction))

    @property
    def new(self) -> Typed | None:
        return self._typed.get(_NEW)

    def of(self, identity: Identity) -> Typed | None:
        return self._typed.get(_whose(identity))

    def keep(self, shown: Identity | None) -> None:
        """Before the forms are emptied."""
        if (new := self._new.typed) is not None:
            self._typed[_NEW] = new
        if shown is not None and (correction := self._correction.typed) is not None:
            self._typed[_whose(shown)] = correction
        elif shown is not None:
            self._typed.pop(_whose(shown), None)  # given up

    def drop(
        self, identity: Identity, shown: Identity | None, *, corrected: bool, created: StrictTraits | None
    ) -> None:
        """An act on `identity` was done, a correction or another one: by that who was new, with the traits `created`, is no
        more."""
        if corrected:
            self._typed.pop(_whose(identity), None)
        if corrected and shown == identity:
            self._correction.show_traits(None)
        if not identity.person and identity.traits == created:
            self._typed.pop(_NEW, None)
            self._new.show_traits(None)

    def forget(self) -> None:
        self._typed.clear()


def same(one: Identity | None, other: Identity) -> bool:
    """Whether they are one person on this page."""
    return one is not None and _whose(one) == _whose(other)


def _whose(identity: Identity) -> Hashable:
    return identity.person or identity.traits
