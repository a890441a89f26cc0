"""How somebody is found on a page of identities: by their card, by what is typed, among those to review, or as somebody new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtWidgets import QWidget

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.identity import Identity, StrictTraits
from dmp_desktop.domain.people import Professional
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.identity_ports import IdentityPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.identity.acting import ActingPage
from dmp_desktop.ui.views.identity.search import SearchPanel


class FindingPage(ActingPage):
    """A page gives what shows who was found, and what asks INSi about who is on the card."""

    def __init__(
        self,
        port: IdentityPort,
        pool: TaskRunner,
        vitale_in: Callable[[], bool],
        who: Callable[[], Professional | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(fr.TITLE, pool, who, parent)
        self._port, self._vitale_in = port, vitale_in
        self._identity: Identity | None = None  # who is shown
        self._created: StrictTraits | None = None  # of somebody new, as they were typed last
        self.search = search = SearchPanel()
        search.card_chosen.connect(self.ask_vitale)
        search.chosen.connect(self._show_chosen)
        search.born_asked.connect(lambda day, start: self._find(lambda: port.born_on(day, start)))
        search.number_asked.connect(lambda typed: self._find(lambda: port.with_matricule(typed)))
        search.scanned.connect(lambda text: self.question(lambda: port.scanned(text), self._show_found))
        search.created.connect(self._create)
        self.other.clicked.connect(self._start_again)

    @property
    def shown(self) -> Identity | None:
        """Who is on the page."""
        return self._identity

    def begin_with(self, traits: StrictTraits) -> None:
        """Somebody told by these traits: those who share them side by side, or somebody new."""
        self._create(traits)

    def show_identity(self, identity: Identity) -> None:
        raise NotImplementedError

    def ask_vitale(self, person: Beneficiary) -> None:
        raise NotImplementedError

    def look_at_card(self) -> None:
        """Another carte Vitale is in, or none."""
        if self._identity is None:
            self.search.show_card(self._card())

    def start_with(self, person: Beneficiary | None) -> None:
        """Somebody was presented who is nobody's here: by the card INSi is asked at once, which takes nothing; a code or
        the appli carte Vitale only fills in."""
        self.show_for(None)
        if person is not None and person in self._card():
            self.ask_vitale(person)
        elif person is not None:
            self.question(lambda: self._port.presented(person), partial(self._show_presented, person))

    def _show_presented(self, person: Beneficiary, told: Identity | None) -> None:
        if told is None:
            self.search.prefill(person)
        else:
            self.show_identity(told)
            self.said.setText(fr.FROM_CODE)

    def _show_chosen(self, identity: Identity) -> None:
        self._begin()
        self._show_found(identity)

    def _show_found(self, identity: Identity) -> None:
        self.show_identity(identity)
        self.lead_keyboard()

    def _start_again(self) -> None:
        self.show_for(None)
        self.setFocus()

    def _create(self, traits: StrictTraits) -> None:
        self._created = traits
        self.question(lambda: self._port.homonyms(traits), partial(self._meant, traits))

    def _meant(self, traits: StrictTraits, people: Sequence[Identity]) -> None:
        """One of those who have the same name, sex and day, or somebody new: who is there tells."""
        if not people:
            self._show_found(Identity(traits))
        elif len(people) == 1 and people[0].traits.exactly(traits):
            self._show_found(people[0])
        else:
            self.search.show_homonyms(people, traits)

    def _ask_review(self) -> None:
        self.ask(self._port.to_review, self.search.show_review)

    def _find(self, call: Callable[[], list[Identity]]) -> None:
        self.question(call, self.search.show_found)

    def _card(self) -> tuple[Beneficiary, ...]:
        return self._port.card() if self._vitale_in() else ()
