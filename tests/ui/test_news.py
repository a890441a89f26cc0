"""Nouveautés: what changed inside, what was seen, what is counted; a click opens the document where it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmp_desktop.services.habits import Habits
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.models.digest import place_of
from dmp_desktop.ui.views.news.rows import wrapped
from tests.ui import fakes


@pytest.fixture
def news(bench, qtbot):
    bench.open(qtbot)
    view = bench.window.page.news
    qtbot.waitUntil(lambda: len(view.model.lines) == 3)
    return view


def test_all_is_marked_as_seen_and_stays_so(bench, qtbot, news):
    news.mark.click()
    qtbot.waitUntil(lambda: news.model.lines == ())
    assert news.headline.text() == "Rien de nouveau : 3 documents depuis le 12/03/2026, tout est vu."
    assert bench.window.page.tabs.buttons[0].text() == "Nouveautés"
    assert not news.mark.isVisible()
    seen = {bench.dossier.documents[n].unique_id for n in (0, 2, 4)}
    qtbot.waitUntil(lambda: set(bench.habits.kept.seen) == seen)
    bench.window.session.close_patient()
    qtbot.waitUntil(lambda: bench.window.record.patient is None)
    bench.open(qtbot)
    qtbot.waitUntil(lambda: news.headline.text().endswith("tout est vu."))


def test_types_counted_apart_are_the_doctors_choice(bench, qtbot, news):
    assert news.counts.text() == "Biologie 1 · Lettre de liaison 1 · Prescription 1"
    news._offer_types()
    actions = {action.text(): action for action in news._menu.actions()}
    for label, action in actions.items():
        if label != "Biologie":
            action.setChecked(False)
    qtbot.waitUntil(lambda: news.counts.text() == "Biologie 1 · Autre document 2")
    qtbot.waitUntil(lambda: bench.habits.kept.counted == ("Biologie",))


def test_a_choice_made_before_the_former_ones_are_read_is_not_lost_nor_are_they(bench, qtbot):
    bench.habits.kept = Habits(pins=("1.2.3",), folded=("48767-8",))
    habits = bench.window.page.habits
    habits.load()
    habits.change(pins=("4.5.6",))
    qtbot.waitUntil(lambda: bench.habits.kept == Habits(pins=("4.5.6",), folded=("48767-8",)))
    assert habits.current == bench.habits.kept


@pytest.mark.parametrize(
    ("text", "icon", "words"),
    [
        ("Potassium 5,9 mmol/L ▲ (3,5–5,1), avant 4,8", "lab", "Potassium"),
        ("« FEVG 55 %, poursuite du traitement »", "letter", "FEVG 55 %, poursuite du traitement"),
        ("+ apixaban 5 mg (1-0-1) ; + bisoprolol", "pill", "apixaban 5 mg"),
        ("Nouveau diagnostic : Diabète de type 2 ; Asthme", "report", "Diabète de type 2"),
        ("Allergie : Pénicilline", "warning", "Pénicilline"),
    ],
)
def test_a_line_leads_to_the_words_it_tells(bench, text, icon, words):
    line = replace(fakes.FakeDigest().digest(fakes.LEA, fakes.entries(5)).lines[0], text=text, icon=icon)
    assert place_of(line).text == words


def test_a_title_alone_opens_the_document_at_its_top(bench):
    line = fakes.FakeDigest().digest(fakes.LEA, fakes.entries(5)).lines[0]
    assert place_of(replace(line, text=line.entry.title)).text == ""


def test_a_click_opens_the_document_at_the_words(bench, qtbot, news):
    news.model.show((replace(news.model.lines[0], text="Potassium 5,9 mmol/L ▲ (3,5–5,1)"),))
    news.list.clicked.emit(news.model.index(0))
    pane = bench.window.page.documents.pane
    qtbot.waitUntil(lambda: pane.finder.at == 0)
    assert pane.finder.line.text() == "Potassium"


def test_what_changed_is_wrapped_in_the_docked_panel_and_elided_only_after_four_lines(qtbot, news):
    long = "Potassium 6,4 mmol/L ▲ (3,5–5,1) · Créatinine 214 µmol/L ▲ (49–104) · Sodium 133 mmol/L ▼ (136–145)"
    font = news.list.font()
    lines = wrapped(long, font, 300)
    assert " ".join(lines) == long
    assert 1 < len(lines) <= 4
    assert wrapped(long, font, 3000) == [long]
    assert wrapped("", font, 300) == [""]
    cut = wrapped(" ".join([long] * 5), font, 300)
    assert len(cut) == 4
    assert " ".join(cut) == " ".join([long] * 5)
    heights = [news.list.visualRect(news.model.index(row, 0)).height() for row in range(3)]
    news.model.show((replace(news.model.lines[0], text=long), *news.model.lines[1:]))
    qtbot.waitUntil(lambda: news.list.visualRect(news.model.index(0, 0)).height() > heights[0])


def test_no_row_is_lower_than_its_words_once_a_scroll_bar_took_some_room(bench, qtbot, news):
    """Widths from where a scroll bar comes to where it goes."""
    line = replace(news.model.lines[0], text="Potassium 6,4 mmol/L ▲ (3,5–5,1) · Créatinine 214 µmol/L ▲ (49–104)")
    news.model.show((line,) * 12)
    index = news.model.index(0, 0)
    for width in range(420, 520, 10):
        bench.window.resize(width, 700)
        qtbot.waitUntil(lambda: news.list.verticalScrollBar().isVisible())
        qtbot.waitUntil(lambda: news.list.visualRect(index).height() == news.list.sizeHintForIndex(index).height())


def first_part(bench, qtbot, *patients):
    """The record is open, the documents that are new are not read yet."""
    bench.digest.gate.clear()
    bench.open(qtbot, *patients)
    news = bench.window.page.news
    qtbot.waitUntil(lambda: len(news.model.lines) == 3)
    return news


def test_the_titles_are_shown_while_the_documents_are_read(bench, qtbot):
    news = first_part(bench, qtbot)
    assert [line.text for line in news.model.lines] == [line.entry.title for line in news.model.lines]
    assert (news.reading.isVisible(), news.reading.text()) == (True, "Lecture en cours…")
    assert news.headline.text() == "Depuis le 12/03/2026 : 3 documents d'autres soignants"
    assert not news.mark.isVisible()  # what is inside was not shown: it may not be marked as seen
    bench.digest.gate.set()
    qtbot.waitUntil(lambda: news.model.lines[0].severity == "critical")
    assert (news.reading.isVisible(), news.mark.isVisible()) == (False, True)


def test_nothing_is_said_to_be_new_no_more_before_all_is_read(bench, qtbot):
    bench.digest.gate.clear()
    bench.habits.kept = Habits(seen=tuple(bench.dossier.documents[n].unique_id for n in (0, 2, 4)))
    news, told = bench.window.page.news, []
    bench.window.record.digest_ready.connect(lambda digest: told.append(digest.complete))
    bench.open(qtbot)
    qtbot.waitUntil(lambda: told == [False])
    assert (news.headline.text(), news.model.loading) == ("Lecture du dossier…", True)
    bench.digest.gate.set()
    qtbot.waitUntil(lambda: True in told)
    assert news.headline.text().endswith("tout est vu.")
    assert not news.model.loading


def test_a_part_is_never_shown_in_the_record_of_another_patient(bench, qtbot, qapp):
    """The part is on its way, in the queue of the window, when the patient changes."""
    bench.open(qtbot)
    news, record = bench.window.page.news, bench.window.record
    qtbot.waitUntil(lambda: bool(news.model.lines) and not bench.window.tasks.general.busy)
    late, told = [], []
    digest = bench.digest.digest

    def keep(patient, documents, seen, types, on_part):
        late.append((patient, on_part))
        return digest(patient, documents, seen, types)

    bench.digest.digest = keep
    record.refresh()
    qtbot.waitUntil(lambda: bool(late) and not bench.window.tasks.general.busy)
    of_lea = replace(digest(fakes.LEA, bench.dossier.documents), complete=False)
    record.digest_ready.connect(told.append)
    late[0][1](of_lea)
    record.show(fakes.PAUL)
    qtbot.waitUntil(lambda: late[-1][0] is fakes.PAUL and not bench.window.tasks.general.busy)
    late[0][1](of_lea)
    qapp.processEvents()
    assert told
    assert of_lea not in told
    record.show(None)
    late[-1][1](of_lea)
    qapp.processEvents()
    assert of_lea not in told
    assert (news.model.lines, news.headline.text()) == ((), fr.NO_PATIENT_HINT)


def test_a_part_that_waits_when_the_patient_leaves_shows_nothing(bench, qtbot):
    news = first_part(bench, qtbot)
    bench.window.record.show(None)
    bench.digest.gate.set()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert news.model.lines == ()
    assert not news.reading.isVisible()


def test_a_part_never_takes_back_what_was_shown_whole(bench, qtbot, news):
    whole = news.model.lines
    bench.digest.gate.clear()
    bench.window.record.refresh()
    arrived = []
    bench.window.record.digest_ready.connect(arrived.append)
    qtbot.waitUntil(lambda: bool(arrived))
    assert not arrived[0].complete
    assert (news.model.lines, news.reading.isVisible()) == (whole, False)
    bench.digest.gate.set()
    qtbot.waitUntil(lambda: len(arrived) == 2)
