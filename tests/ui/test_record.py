"""The record: its state first, its list as it arrives, honest words when there is none."""

from __future__ import annotations

import re

import pytest

from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.errors import DmpError
from dmp_desktop.services.record import RecordList
from dmp_desktop.ui import strings_fr as fr
from tests.ui import fakes

DOWN = DmpError("dmp-injoignable", "Le DMP ne répond pas.", "Réessayez.", retryable=True)


def vitale_in(bench, qtbot) -> None:
    bench.sign_in(qtbot)
    bench.window.card_event(fakes.vitale())


@pytest.mark.parametrize(
    ("status", "words", "explained", "declarable"),
    [
        (DossierStatus(exists=False), "Pas de DMP", fr.UNREAD_NONE, False),
        (DossierStatus(exists=True, closed=True), "DMP fermé", fr.UNREAD_CLOSED, False),
        (
            DossierStatus(exists=True, authorization=Authorization.NON_EXISTE),
            "DMP : accès à déclarer",
            fr.UNREAD[Authorization.NON_EXISTE],
            True,
        ),
        (
            DossierStatus(exists=True, authorization=Authorization.EXPIRE),
            "DMP : accès expiré",
            fr.UNREAD[Authorization.EXPIRE],
            True,
        ),
        (
            DossierStatus(exists=True, authorization=Authorization.INTERDIT),
            "DMP : accès refusé par le patient",
            fr.UNREAD[Authorization.INTERDIT],
            False,
        ),
        (DossierStatus(exists=True), "DMP : état inconnu", fr.UNREAD[None], False),
    ],
)
def test_each_state_has_its_words_and_no_list_is_asked(bench, qtbot, status, words, explained, declarable):
    bench.dossier.answer = status
    vitale_in(bench, qtbot)
    qtbot.waitUntil(lambda: bench.window.banner.dmp.text == words)
    assert bench.dossier.calls == ["status"]
    assert bench.window.banner.authorise.isVisible() is declarable
    assert bench.window.page.news.headline.text() == explained
    assert bench.window.page.documents.list.empty.text() == explained


def test_one_button_declares_the_consent_and_opens(bench, qtbot):
    bench.dossier.answer = DossierStatus(exists=True, authorization=Authorization.NON_EXISTE)
    vitale_in(bench, qtbot)
    qtbot.waitUntil(bench.window.banner.authorise.isVisible)
    bench.window.banner.authorise.click()
    qtbot.waitUntil(lambda: len(bench.window.page.documents.model.entries) == 60)
    assert bench.dossier.calls == ["status", "authorise", "entries"]
    assert not bench.window.banner.authorise.isVisible()


def test_rows_show_while_the_rest_arrives(bench, qtbot):
    bench.dossier.gate.clear()
    vitale_in(bench, qtbot)
    model = bench.window.page.documents.model
    qtbot.waitUntil(lambda: len(model.entries) == 20)
    assert model.loading
    assert model.rowCount() == 20
    bench.dossier.gate.set()
    qtbot.waitUntil(lambda: not model.loading)
    assert model.rowCount() == 60


def test_failure_is_a_notice_with_one_remedy(bench, qtbot):
    bench.dossier.errors.append(DOWN)
    vitale_in(bench, qtbot)
    notices = bench.window.notices
    qtbot.waitUntil(notices.isVisible)
    assert notices.what.text == "Le DMP ne répond pas. Réessayez."
    assert notices.code.text() == "code dmp-injoignable"
    assert bench.window.banner.dmp.text == "DMP : état inconnu"
    assert "✗" in bench.window.strip.server.text()
    assert bench.window.page.documents.list.empty.text() == fr.UNREAD_FAILED
    notices.button.click()
    qtbot.waitUntil(lambda: len(bench.window.page.documents.model.entries) == 60)
    assert not notices.isVisible()
    assert "✓" in bench.window.strip.server.text()


def test_without_the_dmp_the_kept_list_is_shown_as_such_and_asked_anew(bench, qtbot):
    rows = fakes.entries(250)
    bench.dossier.kept = RecordList(rows, offline_since=fakes.NOW, at_hand=frozenset((rows[0].unique_id,)))
    bench.dossier.errors.append(DOWN)
    vitale_in(bench, qtbot)
    documents, notices = bench.window.page.documents, bench.window.notices
    qtbot.waitUntil(lambda: len(documents.model.entries) == 250 and not documents.model.loading)
    assert bench.dossier.calls == ["status", "kept_list"]
    assert documents.offline.text().startswith("Hors ligne : liste du 20/11/2026 à ")
    assert notices.safe.text().startswith("Hors ligne : liste du 20/11/2026 à ")
    assert bench.window.banner.dmp.text.startswith("DMP hors ligne, liste du 20/11/2026 à ")
    assert "✗" in bench.window.strip.server.text()
    news = bench.window.page.news
    qtbot.waitUntil(lambda: bool(news.model.lines))
    notices.clear()
    told = re.compile(r"Hors ligne : d'après la liste du 20/11/2026 à \d\d:\d\d, 1 document lu sur 250\.")
    made = (news, *bench.window.page.readings)
    assert len(made) == 4
    for view in made:
        assert told.fullmatch(view.offline.text())
        assert view.offline.isVisibleTo(view)
    bench.window.record.refresh()
    qtbot.waitUntil(lambda: len(documents.model.entries) == 60)
    qtbot.waitUntil(lambda: not documents.offline.isVisible() and not documents.offline.text())
    assert bench.window.record.offline_since is None
    assert not any(view.offline.isVisibleTo(view) or view.offline.text() for view in made)


def test_a_refusal_is_no_reason_to_show_what_was_kept(bench, qtbot):
    bench.dossier.kept = RecordList(fakes.entries(3), offline_since=fakes.NOW)
    bench.dossier.errors.append(DmpError("DMPAccessDenied", "Vos droits ne suffisent pas."))
    vitale_in(bench, qtbot)
    qtbot.waitUntil(bench.window.notices.isVisible)
    assert bench.dossier.calls == ["status"]
    assert bench.window.page.documents.model.entries == []


def test_a_kept_list_that_comes_late_is_of_nobody_else(bench, qtbot):
    bench.dossier.kept = RecordList(fakes.entries(3), offline_since=fakes.NOW)
    bench.dossier.errors.append(DOWN)
    bench.sign_in(qtbot)
    bench.window.record.show(fakes.LEA)
    bench.window.record.show(None)
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert bench.window.page.documents.model.entries == []
    assert bench.window.record.offline_since is None


def test_what_may_be_read_no_longer_leaves_the_screen(bench, qtbot):
    bench.open(qtbot)
    qtbot.waitUntil(lambda: bool(bench.window.page.news.model.lines))
    bench.window.page.open_document(bench.dossier.documents[0])
    qtbot.waitUntil(lambda: bench.window.page.documents.pane.ready is not None)
    bench.dossier.answer = DossierStatus(exists=True, authorization=Authorization.INTERDIT)
    bench.window.record.refresh()
    qtbot.waitUntil(lambda: bench.window.banner.dmp.text == "DMP : accès refusé par le patient")
    page = bench.window.page
    assert (page.documents.model.entries, page.news.model.lines, page.documents.pane.ready) == ([], (), None)
    assert page.news.headline.text() == fr.UNREAD[Authorization.INTERDIT]
    assert bench.window.banner.name.text() == fakes.LEA.display_name


def paul_instead(bench, qtbot) -> None:
    bench.session.vitale = (fakes.PAUL,)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(bench.window.picker.isVisible)
    bench.window.picker.buttons[0].click()
    qtbot.waitUntil(lambda: bench.window.record.patient is fakes.PAUL)
    qtbot.waitUntil(lambda: len(bench.window.page.documents.model.entries) == 60)


def test_a_consent_that_failed_for_one_patient_is_never_tried_for_the_next(bench, qtbot):
    bench.dossier.answer = DossierStatus(exists=True, authorization=Authorization.NON_EXISTE)
    vitale_in(bench, qtbot)
    qtbot.waitUntil(bench.window.banner.authorise.isVisible)
    bench.dossier.errors.append(DOWN)
    bench.window.banner.authorise.click()
    qtbot.waitUntil(bench.window.notices.isVisible)
    retry = bench.window.notices.notice.act
    bench.dossier.answer = DossierStatus(exists=True, authorization=Authorization.VALIDE)
    paul_instead(bench, qtbot)
    assert not bench.window.notices.isVisible()
    calls = list(bench.dossier.calls)
    retry()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert bench.dossier.calls == calls


def test_a_document_that_failed_is_never_opened_in_the_next_record(bench, qtbot):
    bench.open(qtbot)
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    bench.dossier.errors.append(DOWN)
    bench.window.page.open_document(bench.dossier.documents[0])
    qtbot.waitUntil(bench.window.notices.isVisible)
    retry = bench.window.notices.notice.act
    paul_instead(bench, qtbot)
    assert not bench.window.notices.isVisible()
    retry()
    assert bench.window.page.documents.entry is None
    assert bench.dossier.calls.count("open") == 1


def test_asking_again_takes_the_failure_back(bench, qtbot):
    bench.dossier.errors.append(DOWN)
    vitale_in(bench, qtbot)
    qtbot.waitUntil(bench.window.notices.isVisible)
    retry = bench.window.notices.notice.act
    bench.window.record.refresh()
    assert not bench.window.notices.isVisible()
    qtbot.waitUntil(lambda: len(bench.window.page.documents.model.entries) == 60)
    calls = list(bench.dossier.calls)
    retry()
    assert bench.dossier.calls == calls


def test_what_comes_late_for_another_patient_is_dropped(bench, qtbot):
    bench.dossier.gate.clear()
    vitale_in(bench, qtbot)
    model = bench.window.page.documents.model
    qtbot.waitUntil(lambda: len(model.entries) == 20)
    bench.window.session.close_patient()
    qtbot.waitUntil(lambda: bench.window.record.patient is None)
    bench.dossier.gate.set()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert model.entries == []
    assert bench.window.page.news.model.lines == ()


def test_news_say_what_changed_and_open_it(bench, qtbot):
    bench.open(qtbot)
    news = bench.window.page.news
    qtbot.waitUntil(lambda: bool(news.model.lines))
    assert news.headline.text() == "Depuis le 12/03/2026 : 3 documents d'autres soignants"
    assert bench.window.page.tabs.buttons[0].text() == "Nouveautés 3"
    news.list.clicked.emit(news.model.index(0))
    qtbot.waitUntil(lambda: bench.window.page.documents.pane.ready is not None)
    assert bench.window.page.documents.entry == bench.dossier.documents[0]


def test_an_empty_record_is_said_so(bench, qtbot):
    bench.dossier.documents = []
    vitale_in(bench, qtbot)
    qtbot.waitUntil(lambda: bench.window.page.documents.list.empty.text() == fr.EMPTY_LIST)
    qtbot.waitUntil(lambda: bench.window.page.news.headline.text() == "Rien de nouveau depuis le 12/03/2026.")
