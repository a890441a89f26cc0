"""À envoyer: where each document is, why, and the one thing to do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication

from dmp_desktop.domain.documents import BuiltDocument, DocumentFormat, DocumentKind, Visibility
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.domain.people import Role
from dmp_desktop.resources import resource_path
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_outbox_fr as outbox_fr
from dmp_desktop.ui.views.outbox.card import OutboxCard
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
        bench.outbox.send(patient, BUILT, ())
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
        ({"waiting_for": WaitingFor.INS}, "En attente : une identité (INS) qualifiée", "Annuler"),
        (
            {"waiting_for": WaitingFor.OPPOSITION},
            "En attente : l'accord du patient à l'alimentation de son DMP",
            "Annuler",
        ),
        ({"waiting_for": WaitingFor.RIGHT}, "En attente : un droit d'accès à ce dossier", "Annuler"),
        ({"waiting_for": WaitingFor.HOLD}, "En attente : votre feu vert (envoi retenu)", "Annuler"),
        ({"state": OutboxState.SENDING}, "En cours d'envoi", ""),
        ({"state": OutboxState.SENT, "proof": "urn:uuid:9"}, "Envoyé", ""),
        ({"state": OutboxState.REFUSED, "message": "Refusé.", "code": "XDSError"}, "Refusé", ""),
        ({"state": OutboxState.REPLACED, "proof": "urn:uuid:9"}, "Envoyé, puis remplacé", ""),
        ({"state": OutboxState.DELETED, "proof": "urn:uuid:9"}, "Envoyé, puis supprimé du DMP", ""),
        ({"state": OutboxState.CANCELLED}, "Annulé", ""),
    ],
)
def test_each_state_has_its_words_and_what_takes_it_back(queue, qtbot, changes, words, button):
    queue.outbox.move(1, waiting_for=WaitingFor.NOTHING)
    queue.outbox.move(1, **changes)
    card = queue.window.page.outbox.cards[1]
    qtbot.waitUntil(lambda: card.state.text == words)
    assert card.button.isVisible() is bool(button)
    if button:
        assert card.button.text() == button
    if "proof" in changes:
        assert "Inscription au DMP : urn:uuid:9" in card.detail.text()
        assert card.copy.isVisible()
    if "message" in changes:
        assert card.cause.text() == "Refusé."
        assert (card.again.isVisible(), card.again.text()) == (True, "Réessayer")
        assert "code XDSError" in card.detail.text()


@pytest.mark.parametrize(
    ("changes", "icon", "offered"),
    [
        ({"waiting_for": WaitingFor.UNDO}, "clock", ["Retenir", "Annuler"]),
        ({"waiting_for": WaitingFor.NETWORK}, "server", ["Retenir", "Annuler"]),
        ({"waiting_for": WaitingFor.NETWORK, "in_doubt": True}, "server", ["Retenir"]),
        ({"waiting_for": WaitingFor.NETWORK, "code": "outbox-clock"}, "clock", ["Retenir", "Annuler"]),
        ({"waiting_for": WaitingFor.CARD}, "card", ["Retenir", "Annuler"]),
        ({"waiting_for": WaitingFor.INS, "next_attempt_at": None}, "person", ["Vérifier l'identité", "Annuler"]),
        ({"waiting_for": WaitingFor.OPPOSITION, "next_attempt_at": None}, "forbidden", ["Annuler"]),
        ({"waiting_for": WaitingFor.RIGHT, "next_attempt_at": None}, "lock", ["Réessayer", "Annuler"]),
        ({"waiting_for": WaitingFor.HOLD, "next_attempt_at": None}, "pause", ["Envoyer", "Annuler"]),
        ({"state": OutboxState.SENDING, "waiting_for": WaitingFor.NOTHING}, "send", []),
        ({"state": OutboxState.SENT, "waiting_for": WaitingFor.NOTHING}, "check", ["Copier la preuve"]),
        ({"state": OutboxState.REPLACED, "waiting_for": WaitingFor.NOTHING}, "versions", ["Copier la preuve"]),
        ({"state": OutboxState.DELETED, "waiting_for": WaitingFor.NOTHING}, "trash", ["Copier la preuve"]),
        ({"state": OutboxState.CANCELLED, "waiting_for": WaitingFor.NOTHING}, "cross", []),
    ],
)
def test_each_state_has_its_own_mark_and_offers_only_what_helps(queue, qtbot, changes, icon, offered):
    item = replace(queue.outbox.held[0], next_attempt_at=fakes.NOW)
    card = OutboxCard(replace(item, **changes), can_check=True)
    qtbot.addWidget(card)
    card.show()
    buttons = [card.first.itemAt(place).widget() for place in range(1, card.first.count())]
    assert [button.text().replace("&", "") for button in buttons if button.isVisible()] == offered
    assert all(button.accessibleName().endswith(item.title) for button in buttons)
    words, _icon, role = fr.STATE[card.item.state]
    assert card.state.text.startswith(words)
    assert (card.state._name, card.state._role) == (icon, role)
    assert resource_path("icons", f"{icon}.svg").exists()


@pytest.mark.parametrize(
    ("count", "words"), [(1, "Un document de la boîte d'envoi ne s'ouvre plus"), (2, "2 documents ")]
)
def test_what_does_not_open_any_more_is_told_with_what_to_do(queue, qtbot, count, words):
    told = queue.window.page.outbox.unreadable
    assert told.isHidden()
    queue.outbox.damaged = count
    queue.outbox.move(1, waiting_for=WaitingFor.NOTHING)
    qtbot.waitUntil(lambda: told.isVisible() and told.text().startswith(words))
    assert told.text().endswith("appelez le support.")


def test_what_is_held_back_is_let_go_by_its_card(queue, qtbot):
    card = queue.window.page.outbox.cards[1]
    queue.outbox.move(1, waiting_for=WaitingFor.NOTHING)
    qtbot.waitUntil(lambda: card.hold.isVisible())
    card.hold.click()
    qtbot.waitUntil(lambda: card.state.text == "En attente : votre feu vert (envoi retenu)")
    assert card.cause.text()
    card.again.click()
    qtbot.waitUntil(lambda: card.state.text == "En attente : son tour")


def test_the_proof_is_copied_whole_and_names_nobody(queue, qtbot):
    sent = {"state": OutboxState.SENT, "waiting_for": WaitingFor.NOTHING, "sent_at": fakes.NOW}
    queue.outbox.move(
        1, **sent, proof="urn:uuid:9", answer="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
    )
    card = queue.window.page.outbox.cards[1]
    qtbot.waitUntil(lambda: card.copy.isVisible())
    card.copy.click()
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied == card.detail.text().splitlines()
    assert copied[:4] == [
        "Preuve d'envoi",
        "Document : 1.2.3",
        "Lot d'envoi : 1.2.3.1",
        "Inscription au DMP : urn:uuid:9",
    ]
    assert copied[-1] == "Réponse du DMP : Success"
    assert "TEST-" not in "".join(copied)


def test_what_an_identity_refused_offers_to_look_at_it_once_there_is_a_page_for_that(queue, qtbot):
    view, asked = queue.window.page.outbox, []
    view.check_asked.connect(asked.append)
    refused = {"state": OutboxState.REFUSED, "message": "Refusé.", "code": "identity.withdrawn"}
    queue.outbox.move(1, **refused)
    qtbot.waitUntil(lambda: view.cards[1].state.text == "Refusé")
    assert not view.cards[1].check.isVisible()
    view.can_check = True
    queue.outbox.send(fakes.LEA, BUILT, ())
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
    card.again.click()
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
        queue.outbox.send(fakes.LEA, BUILT, ())
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
    queue.outbox.send(fakes.PAUL, BUILT, ())
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


def test_what_leaves_together_says_so_and_one_refused_can_be_taken_out(queue, qtbot):
    """Léa's two documents are one lot, refused; Paul's is not of it."""
    for number in (1, 3):
        queue.outbox.move(number, submission_id="2.25.9", state=OutboxState.REFUSED, waiting_for=WaitingFor.NOTHING)
    cards = queue.window.page.outbox.cards
    qtbot.waitUntil(lambda: cards[1].button.text() == "Retirer")
    together = "Part avec 1 autre(s) document(s) de ce patient"
    assert [together in cards[number].detail.text() for number in (1, 2, 3)] == [True, False, True]
    cards[1].button.click()
    qtbot.waitUntil(lambda: cards[1].item.state is OutboxState.CANCELLED)
    qtbot.waitUntil(lambda: together not in cards[3].detail.text())
    assert not cards[3].button.isVisible()


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({"state": OutboxState.SENT}, True),
        ({"state": OutboxState.SENT, "visibility": frozenset({Visibility.MASQUE_PS})}, False),
        ({"state": OutboxState.DELETED}, False),
        ({"state": OutboxState.WAITING}, False),
    ],
)
def test_a_document_that_arrived_goes_by_mss_sante_in_one_click(queue, qtbot, changes, offered):
    item = replace(queue.outbox.items(None)[0], **changes)
    card = OutboxCard(item, can_mail=True)
    qtbot.addWidget(card)
    card.show()
    asked = []
    card.mail_asked.connect(asked.append)
    assert card.mail.isVisible() is offered
    if offered:
        card.mail.click()
    assert asked == [item] * offered
    assert card.mail.accessibleName() == outbox_fr.MAIL_NAME.format(item.title)
    alone = OutboxCard(item)
    qtbot.addWidget(alone)
    alone.show()
    assert not alone.mail.isVisible()
