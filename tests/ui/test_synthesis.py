"""The tab Synthèse: every line with its source, contradictions side by side, folds remembered, nothing claimed that nobody said."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester

from dmp_desktop.domain.clinical import ItemKind, Origin
from dmp_desktop.errors import DmpError
from dmp_desktop.services.synthesis import Section
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui.models.synthesis import Kind, SynthesisModel
from dmp_desktop.ui.stalls import LIMIT_MS
from tests.helpers.facts import entry, treatment
from tests.ui import fakes
from tests.ui.record import fact, large, rich
from tests.ui.timing import worst_stall

SYNTHESIS = 1


def show(bench, qtbot, told=None, *, whole: bool = True):
    bench.reading.put(rich() if told is None else told)
    bench.dossier.documents = list(bench.reading.entries)
    bench.open(qtbot)
    bench.window.page.go(SYNTHESIS)
    view = bench.window.page.synthesis
    if whole:
        qtbot.waitUntil(lambda: view.reader.complete)
    return view


def row(view, title: str, kind: Kind = Kind.FACT) -> int:
    return next(n for n, one in enumerate(view.model.rows) if one.kind is kind and one.title.startswith(title))


def test_every_line_has_its_source_and_day(bench, qtbot):
    view = show(bench, qtbot)
    told = [one.told for one in view.model.rows if one.kind in (Kind.FACT, Kind.SOURCE)]
    assert len(told) > 12
    for one in told:
        assert one.entry.title in one.source
        assert f"{one.entry.creation_time:%d/%m/%Y}" in one.source
    assert view.bar.words.text() == "17 documents structurés lus · 1 autre à lire dans Documents"


def test_all_sections_stand_there_and_an_empty_one_says_unknown_never_none(bench, qtbot):
    view = show(bench, qtbot, [(entry("2026-01-01", "Visite"), (fact(ItemKind.PROBLEM, "Asthme"),))])
    heads = {one.section: one.mark for one in view.model.rows if one.kind is Kind.SECTION}
    assert list(heads) == list(Section)
    assert heads[Section.ALLERGIES] == fr.UNKNOWN == "Non renseigné"
    assert heads[Section.PROBLEMS] == "1"
    assert not any("ucun" in one.spoken for one in view.model.rows)


def test_duplicates_are_one_line_that_unfolds_into_its_documents(bench, qtbot):
    view = show(bench, qtbot)
    number = row(view, "Hypertension")
    assert view.model.rows[number].mark == "2 documents"
    view.list.toggle(number)
    below = view.model.rows[number + 1 : number + 3]
    assert [one.kind for one in below] == [Kind.SOURCE, Kind.SOURCE]
    assert {one.entry.title for one in below} == {"CR de consultation", "Synthèse médicale"}
    view.list.toggle(number)
    assert view.model.rows[number + 1].kind is not Kind.SOURCE


def test_other_words_for_the_same_thing_are_shown(bench, qtbot):
    view = show(bench, qtbot)
    assert "aussi « Diabète de type 2 »" in view.model.rows[row(view, "Diabète")].told.detail


def test_contradictions_stand_side_by_side_with_both_sources(bench, qtbot):
    view = show(bench, qtbot)
    allergy, problem = (one for one in view.model.rows if one.kind is Kind.SIDES)
    (none,), (penicillin,) = allergy.sides
    assert (none.title, none.entry.title) == ("Aucune allergie connue", "Synthèse médicale")
    assert (penicillin.title, penicillin.entry.title) == ("Pénicilline", "Lettre de liaison à la sortie")
    (now,), (then,) = problem.sides
    assert (now.detail, then.detail) == ("en cours · 2018", "antécédent · 2018")
    assert "mais" in allergy.spoken


def test_a_click_opens_the_source_each_side_its_own(bench, qtbot):
    view = show(bench, qtbot)
    number = row(view, fr.CONTRADICTION, Kind.SIDES)
    rect = view.list.visualRect(view.model.index(number, 0))
    for x, title in (
        (rect.width() // 4, "Synthèse médicale"),
        (rect.width() * 3 // 4, "Lettre de liaison à la sortie"),
    ):
        bench.window.page.go(SYNTHESIS)
        qtbot.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, rect.center().y()))
        qtbot.waitUntil(lambda title=title: bench.window.page.documents.entry.title == title)
        assert bench.window.page.tabs.current == 2


def test_all_by_keyboard(bench, qtbot):
    view = show(bench, qtbot)
    bench.window.activateWindow()
    view.list.setFocus()
    view.list.setCurrentIndex(view.model.index(row(view, "Hypertension"), 0))
    before = view.model.rowCount()
    qtbot.keyClick(view.list, Qt.Key.Key_Right)
    assert view.model.rowCount() == before + 2
    qtbot.keyClick(view.list, Qt.Key.Key_Right)
    assert view.list.row(view.list.currentIndex()).kind is Kind.SOURCE
    qtbot.keyClick(view.list, Qt.Key.Key_Left)
    qtbot.keyClick(view.list, Qt.Key.Key_Left)
    assert view.model.rowCount() == before
    qtbot.keyClick(view.list, Qt.Key.Key_Left)
    head = view.list.row(view.list.currentIndex())
    assert (head.kind, head.section) == (Kind.SECTION, Section.PROBLEMS)
    qtbot.keyClick(view.list, Qt.Key.Key_Space)
    assert Section.PROBLEMS in view.model.folded
    view.list.setCurrentIndex(view.model.index(row(view, "Appendicite"), 0))
    qtbot.keyClick(view.list, Qt.Key.Key_Return)
    assert bench.window.page.documents.entry.title == "Synthèse médicale"


def test_folded_sections_are_kept_for_the_doctor_and_others_habits_untouched(bench, qtbot):
    from dmp_desktop.services.habits import Habits

    bench.habits.kept = Habits(folded=("8716-3", "synthesis/vitals"), pins=("1.2",))
    view = show(bench, qtbot)
    qtbot.waitUntil(lambda: view.model.folded == {"vitals", "ended_treatments"})
    view.list.toggle(row(view, fr.SECTION[Section.PROBLEMS], Kind.SECTION))
    qtbot.waitUntil(lambda: set(bench.habits.kept.folded) == {"8716-3", "synthesis/vitals", "synthesis/problems"})
    assert bench.habits.kept.pins == ("1.2",)
    view.fold_all.click()
    assert view.fold_all.text() == fr.UNFOLD_ALL
    assert all(one.kind is Kind.SECTION for one in view.model.rows)


def test_treatments_that_are_over_are_folded_and_counted_apart_until_they_are_opened(bench, qtbot):
    told = [
        treatment("LEVOTHYROX 100 microgrammes", dosage="1 comprimé"),
        treatment("LEVOTHYROX 25 microgrammes", dosage="1 comprimé"),
        treatment("AMOXICILLINE 1 g", Origin.PRESCRIBED, start=date(2020, 1, 1), end=date(2020, 1, 7)),
    ]
    view = show(bench, qtbot, [(entry("2026-01-01", "Visite"), tuple(told))])
    heads = {one.section: one for one in view.model.rows if one.kind is Kind.SECTION}
    assert heads[Section.TREATMENTS].mark == "2"
    assert (heads[Section.ENDED].mark, heads[Section.ENDED].opened) == ("1", False)
    detail = view.model.rows[row(view, "LEVOTHYROX 25")].told.detail
    assert detail == "1 comprimé · même substance que LEVOTHYROX 100 microgrammes"
    view.list.toggle(row(view, fr.SECTION[Section.ENDED], Kind.SECTION))
    assert row(view, "AMOXICILLINE")
    qtbot.waitUntil(lambda: bench.habits.kept.folded == ("synthesis/ended_treatments",))


def test_copies_keep_their_sources(bench, qtbot):
    view = show(bench, qtbot)
    clipboard = QGuiApplication.clipboard()
    view.list.setCurrentIndex(view.model.index(row(view, "Appendicite"), 0))
    qtbot.keyClick(view.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    chosen = clipboard.text()
    assert "Appendicite" in chosen
    assert "[Synthèse médicale, Anne PETIT, 12/03/2025]" in chosen
    assert "Hypertension" not in chosen
    view.list.setCurrentIndex(view.model.index(row(view, "Hypertension"), 0))
    view.copy_section()
    section = clipboard.text()
    assert "Hypertension" in section
    assert "Appendicite" not in section
    view.copy_all()
    assert {"Appendicite", "Hypertension", "Repevax"} <= {
        word for line in clipboard.text().split("\n") for word in line.split()
    }
    lines = [line for line in clipboard.text().splitlines() if line[:2] in ("- ", "! ")]
    assert lines
    assert all(line.endswith("]") for line in lines)


def test_being_read_it_says_how_far_and_can_be_stopped_and_resumed(bench, qtbot):
    bench.reading.gate.clear()
    view = show(bench, qtbot, whole=False)
    assert view.stack.currentWidget() is view.waiting
    assert view.bar.progress.isVisible()
    assert view.bar.button.accessibleName() == fr.STOP_NAME
    qtbot.waitUntil(bench.reading.asked.is_set)
    view.bar.button.click()
    bench.reading.gate.set()
    qtbot.waitUntil(lambda: not view.reader.busy)
    assert view.bar.words.text() == "Lecture arrêtée, page incomplète : 1 sur 17 documents structurés"
    assert view.bar.words.property("role") == "warning"
    view.bar.button.click()
    qtbot.waitUntil(lambda: view.reader.complete)
    assert not view.bar.button.isVisible()
    assert len(bench.reading.fetched) == 17


def test_first_lines_come_before_the_last_document(bench, qtbot):
    pages = []
    view = bench.window.page.synthesis
    view.reader.changed.connect(lambda reading: pages.append(reading.reach.read))
    show(bench, qtbot, large(100, 100))
    assert pages == [12, 24, 48, 96, 100]


def test_nothing_is_read_between_a_page_and_its_paint(bench, qtbot):
    """A worker that computes takes the interpreter from the paint: 150 ms instead of 30 for a page."""
    at_page: list[int] = []
    at_paint: list[int] = []

    class Paints(QObject):
        def eventFilter(self, _watched, event):  # noqa: N802 — Qt's name
            if event.type() is QEvent.Type.UpdateRequest and len(at_paint) < len(at_page):
                at_paint.append(len(bench.reading.fetched))
            return False

    paints = Paints()
    bench.window.installEventFilter(paints)
    reader = bench.window.page.synthesis.reader
    reader.changed.connect(lambda _reading: at_page.append(len(bench.reading.fetched)))
    show(bench, qtbot, large(100, 100))
    assert at_page == [12, 24, 48, 96, 100]
    assert at_paint[:4] == at_page[:4]


def test_a_network_failure_says_so_here_and_goes_on_from_where_it_was(bench, qtbot):
    bench.reading.put(rich())
    bench.reading.errors.append(DmpError("dmp-injoignable", "Le DMP ne répond pas.", "Réessayez."))
    bench.dossier.documents = list(bench.reading.entries)
    bench.open(qtbot)
    bench.window.page.go(SYNTHESIS)
    view = bench.window.page.synthesis
    qtbot.waitUntil(lambda: "Le DMP ne répond pas." in view.bar.words.text())
    view.bar.button.click()
    qtbot.waitUntil(lambda: view.reader.complete)


def test_nothing_of_a_record_stays_and_nothing_late_comes_into_the_next(bench, qtbot):
    bench.reading.gate.clear()
    view = show(bench, qtbot, whole=False)
    bench.window.session.close_patient()
    qtbot.waitUntil(lambda: bench.window.record.patient is None)
    bench.reading.gate.set()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert view.model.rows == []
    assert not view.bar.isVisible()
    assert bench.reading.forgotten >= 1
    assert bench.reading._facts._kept == {}


def test_only_the_tab_looked_at_reads(bench, qtbot):
    bench.reading.put(rich())
    bench.dossier.documents = list(bench.reading.entries)
    bench.open(qtbot)
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert bench.reading.fetched == []
    bench.reading.gate.clear()
    page = bench.window.page
    page.go(SYNTHESIS)
    page.go(3)
    bench.reading.gate.set()
    qtbot.waitUntil(lambda: page.biology.reader.complete)
    assert not page.synthesis.reader.complete
    page.go(SYNTHESIS)
    qtbot.waitUntil(lambda: page.synthesis.reader.complete)


def test_rows_are_spoken(bench, qtbot):
    view = show(bench, qtbot)
    interface = QAccessible.queryAccessibleInterface(view.list)
    spoken = interface.child(row(view, "Appendicite")).text(QAccessible.Text.Name)
    assert spoken == "Appendicite, 06/1997, 12/03/2025 · Synthèse médicale · Anne PETIT"


def test_the_model_keeps_the_rules_of_models(bench, qtbot):
    view = show(bench, qtbot)
    model: QAbstractItemModel = SynthesisModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(view.model.page)
    model.toggle(0)
    model.fold(("problems",))
    model.clear()


@pytest.mark.alone
@pytest.mark.parametrize("tab", [1, 3, 4])
def test_the_window_never_waits_for_a_long_record(bench, qtbot, tab):
    """400 documents, 1,700 results: reading, growing pages, then walking in them."""
    bench.reading.put(large())
    bench.dossier.documents = list(bench.reading.entries)
    bench.open(qtbot)
    page = bench.window.page
    view = page.readings[(1, 3, 4).index(tab)]

    def scenario() -> None:
        bench.reading.forget()
        view.reader.clear()
        view.reader._listed(list(bench.reading.entries))
        page.go(tab)
        view.reader.want()
        qtbot.waitUntil(lambda: view.reader.complete, timeout=20000)
        bench.window.resize(420, 900)
        qtbot.wait(30)
        bench.window.resize(1400, 900)
        qtbot.wait(30)
        page.go(0)

    assert worst_stall(scenario) <= LIMIT_MS
    assert bench.window.record.patient == fakes.LEA
