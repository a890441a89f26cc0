"""Wherever the window tells that the DMP refused, it tells the reason that the DMP gives; not once another patient may be shown."""

from __future__ import annotations

from typing import Any

from dmp_desktop.errors import DmpError
from dmp_desktop.ui.reading import Reader
from dmp_desktop.ui.widgets.masked import MaskedScreen
from dmp_desktop.ui.widgets.reading_bar import ReadingBar

QUOTA = "Quota journalier atteint"
REFUSED = DmpError("DMPQuota", "Le DMP a refusé la demande.", "Attendez.").with_reason(QUOTA)


def test_in_place_of_the_record(qtbot: Any) -> None:
    screen = MaskedScreen()
    qtbot.addWidget(screen)
    screen.show_failure(REFUSED, "Recommencez.", retry=True)
    assert QUOTA in screen.hint.text()
    assert screen.hint.text().endswith("Recommencez.")


def test_above_a_page_that_is_cut_short(bench: Any, qtbot: Any) -> None:
    reader: Reader[Any] = bench.window.page.synthesis.reader
    bar = ReadingBar(reader)
    qtbot.addWidget(bar)
    reader.failed.emit(REFUSED)
    assert QUOTA in bar.words.text()
    assert QUOTA in bench.window.page.synthesis.message.text()


def test_in_place_of_what_was_searched_and_of_a_document(bench: Any, qtbot: Any) -> None:
    bench.open(qtbot)
    page = bench.window.page
    page.search.results.show_failure(REFUSED)
    assert QUOTA in page.search.results.count.text()
    bench.dossier.errors.append(REFUSED)
    page.documents.open(page.documents.model.entries[0])
    qtbot.waitUntil(lambda: QUOTA in page.documents.pane.parts.message.text())


def test_of_an_act_asked_for_the_patient_on_screen_alone(bench: Any, qtbot: Any) -> None:
    bench.open(qtbot)
    who, patient = bench.window.session.state.professional, bench.window.record.patient
    acts = bench.window.conductor.act_news
    acts.failed(who, patient, "Masquer", REFUSED)
    assert QUOTA in bench.window.notices.what.text
    bench.window.notices.clear(bench.window.notices.notice.key)
    bench.window.record.show(None)
    acts.failed(who, patient, "Masquer", REFUSED)
    assert "Masquer" in bench.window.notices.what.text
    assert QUOTA not in bench.window.notices.what.text
