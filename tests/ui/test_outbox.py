"""À envoyer: where each document is, why, and the one thing to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmp_desktop.domain.documents import BuiltDocument, DocumentFormat, DocumentKind
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.domain.people import Role
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.views.outbox.view import SHOWN_ITEMS
from tests.ui import fakes
from tests.ui.test_session import readable

OTHER = replace(fakes.DOCTOR, rpps="10002422987", family="LEROY", given="Ines")
BUILT = BuiltDocument("1.2.3", b"<x/>", DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED, "Consultation du 20/11")


@pytest.fixture
def queue(bench, qtbot):
    """Two documents of Léa, one of Paul, shown."""
    bench.open(qtbot)
    for patient in (fakes.LEA, fakes.PAUL, fakes.LEA):
        bench.outbox.send(patient, BUILT, None)
    bench.window.page.go(5)
    qtbot.waitUntil(lambda: len(bench.window.page.outbox.cards) == 3)
    return bench


@pytest.mark.parametrize(
    ("changes", "words", "button"),
    [
        ({"waiting_for": WaitingFor.UNDO}, "En attente : fin du délai d'annulation", "Annuler"),
        ({"waiting_for": WaitingFor.NETWORK}, "En attente : le retour du réseau", "Annuler"),
        ({"waiting_for": WaitingFor.CARD}, "En attente : votre carte professionnelle", "Annuler"),
        ({"waiting_for": WaitingFor.NOTHING}, "En attente : son tour", "Annuler"),
        ({"state": OutboxState.SENDING}, "En cours d'envoi", ""),
        ({"state": OutboxState.SENT, "proof": "urn:uuid:9"}, "Envoyé", ""),
        ({"state": OutboxState.REFUSED, "message": "Refusé.", "code": "XDSError"}, "Refusé", "Réessayer"),
        ({"state": OutboxState.CANCELLED}, "Annulé", ""),
    ],
)
def test_each_state_has_its_words_and_at_most_one_action(queue, qtbot, changes, words, button):
    queue.outbox.move(1, waiting_for=WaitingFor.NOTHING)
    queue.outbox.move(1, **changes)
    card = queue.window.page.outbox.cards[1]
    qtbot.waitUntil(lambda: card.state.text == words)
    assert card.button.isVisible() is bool(button)
    if button:
        assert card.button.text() == button
    if "proof" in changes:
        assert "Preuve de dépôt : urn:uuid:9" in card.detail.text()
    if "message" in changes:
        assert card.cause.text() == "Refusé."
        assert "code XDSError" in card.detail.text()


def test_what_an_identity_refused_offers_to_look_at_it_once_there_is_a_page_for_that(queue, qtbot):
    view, asked = queue.window.page.outbox, []
    view.check_asked.connect(asked.append)
    refused = {"state": OutboxState.REFUSED, "message": "Refusé.", "code": "identity.withdrawn"}
    queue.outbox.move(1, **refused)
    qtbot.waitUntil(lambda: view.cards[1].state.text == "Refusé")
    assert not view.cards[1].check.isVisible()
    view.can_check = True
    queue.outbox.send(fakes.LEA, BUILT, None)
    qtbot.waitUntil(lambda: len(view.cards) == 4)
    queue.outbox.move(4, **refused | {"code": "XDSError"})
    qtbot.waitUntil(lambda: view.cards[4].state.text == "Refusé")
    assert not view.cards[4].check.isVisible()
    queue.outbox.move(4, **refused)
    qtbot.waitUntil(lambda: view.cards[4].check.isVisible())
    view.cards[4].check.click()
    assert asked == [fakes.LEA]


def test_counts_stand_in_strip_and_tab(queue, qtbot):
    assert queue.window.strip.outbox.text() == "À envoyer 3"
    assert queue.window.page.tabs.buttons[5].text() == "À envoyer 3"
    for number in (1, 2, 3):
        queue.outbox.move(number, state=OutboxState.SENT)
    qtbot.waitUntil(lambda: not queue.window.strip.outbox.isVisible())
    assert queue.window.page.tabs.buttons[5].text() == "À envoyer"


def test_cards_change_in_place_refused_first(queue, qtbot):
    view = queue.window.page.outbox
    card = view.cards[1]
    queue.outbox.move(1, state=OutboxState.REFUSED, message="Le DMP a refusé le document.")
    qtbot.waitUntil(lambda: card.state.text == "Refusé")
    assert view.cards[1] is card
    assert view._queue.itemAt(0).widget() is card
    card.button.click()
    qtbot.waitUntil(lambda: card.state.text == "En attente : son tour")


def test_only_this_record(queue, qtbot):
    view = queue.window.page.outbox
    view.only.click()
    assert sorted(view.cards) == [1, 3]
    queue.window.session.close_patient()
    qtbot.waitUntil(lambda: sorted(view.cards) == [1, 2, 3])
    assert not view.only.isVisible()


def test_masking_empties_the_screen_not_the_outbox(queue, qtbot):
    queue.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: queue.window.stack.currentIndex() == 0)
    assert queue.window.page.outbox.cards == {}
    assert queue.window.strip.outbox.text() == "À envoyer 3"
    assert len(queue.outbox.held) == 3
    queue.outbox.move(2, state=OutboxState.SENT)
    queue.sign_in(qtbot)
    qtbot.waitUntil(lambda: len(queue.window.page.outbox.cards) == 3)


def test_many_documents_are_counted_not_drawn(queue, qtbot):
    for _ in range(100):
        queue.outbox.send(fakes.LEA, BUILT, None)
    view = queue.window.page.outbox
    qtbot.waitUntil(lambda: len(view.cards) == SHOWN_ITEMS)
    assert view.more.text() == fr.MORE_SENT.format(103 - SHOWN_ITEMS)


def test_of_a_colleague_s_documents_only_how_many_wait_is_told(queue, qtbot):
    """Nothing of them: neither patient, nor title, nor button, nor the end of a send."""
    window, view = queue.window, queue.window.page.outbox
    assert not view.others.isVisible()
    queue.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: window.session.state.professional is None)
    queue.session.who = OTHER
    queue.sign_in(qtbot)
    window.page.go(5)
    assert view.cards == {}
    assert "TEST-" not in readable(view)
    assert BUILT.title not in readable(view)
    assert view.others.text() == "3 documents d’un autre professionnel attendent sa carte."
    assert (window.strip.outbox.isVisible(), window.page.tabs.buttons[5].text()) == (False, "À envoyer")
    queue.outbox.move(1, state=OutboxState.SENT)
    queue.outbox.move(2, author_id="9/1")
    qtbot.waitUntil(lambda: view.others.text() == "2 documents d’autres professionnels attendent leur carte.")
    queue.outbox.author = OTHER
    queue.outbox.send(fakes.PAUL, BUILT, None)
    qtbot.waitUntil(lambda: list(view.cards) == [4])
    assert window.strip.outbox.text() == "À envoyer 1"


def test_a_structure_s_account_handles_all_that_it_may_send(queue, qtbot):
    queue.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: queue.window.session.state.professional is None)
    queue.session.who, queue.session.role = OTHER, Role.STRUCTURE
    queue.sign_in(qtbot)
    qtbot.waitUntil(lambda: len(queue.window.page.outbox.cards) == 3)
    assert not queue.window.page.outbox.others.isVisibleTo(queue.window.page.outbox)
    assert queue.window.strip.outbox.text() == "À envoyer 3"


@pytest.mark.parametrize("own", ["9/1", ""])
def test_a_document_of_who_has_no_identifier_is_nobody_s(queue, qtbot, own):
    """Two professionals without RPPS are two."""
    for number in (1, 2, 3):
        queue.outbox.move(number, author_id="")
    queue.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: queue.window.session.state.professional is None)
    queue.session.who = replace(OTHER, rpps="", other_id=own)
    queue.sign_in(qtbot)
    view = queue.window.page.outbox
    queue.window.page.go(5)
    qtbot.waitUntil(view.others.isVisible)
    assert view.cards == {}
