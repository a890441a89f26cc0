"""The tab Biologie: one line an analyte, the abnormal first, conversions visible, what cannot be read listed to be read."""

from __future__ import annotations

import csv
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStyle

from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.trends import trends_of
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui.models.biology import Column, LabModel, rows_of
from dmp_desktop.ui.models.lab_words import flag_of, point_words
from tests.helpers.facts import entry, read, result
from tests.ui.record import rich

LAB = 3


def show(bench, qtbot, told=None):
    bench.reading.put(rich() if told is None else told)
    bench.dossier.documents = list(bench.reading.entries)
    bench.open(qtbot)
    bench.window.page.go(LAB)
    view = bench.window.page.biology
    qtbot.waitUntil(lambda: view.reader.complete)
    return view


def number(view, label: str) -> int:
    return next(n for n, row in enumerate(view.model.shown) if row.label == label)


def ask(view, label: str) -> None:
    view.list.asked.emit(view.model.index(number(view, label), 0))


def test_abnormal_first_then_the_others_then_what_is_to_be_read(bench, qtbot):
    view = show(bench, qtbot)
    labels = [row.label for row in view.model.shown]
    assert labels[:3] == ["Potassium", "Glycémie à jeun", "HbA1c"]
    assert labels[-1] == "Biologie numérisée"
    assert view.model.shown[-1].flag.word == "Non exploitable, à lire"


def test_a_line_says_value_flag_day_and_what_was_before(bench, qtbot):
    row = show(bench, qtbot).model.shown[0]
    assert (row.last, row.flag_words, row.day) == ("5,9 mmol/L", "▲▲ très élevé", "02/11/2026")
    assert (row.arrow, row.previous) == ("↗", "avant : 5,2 mmol/L le 03/08/2026")
    assert len(row.spark.points) == 9


def test_a_series_placed_by_its_name_is_marked_and_a_bound_is_no_value(bench, qtbot):
    view = show(bench, qtbot)
    assert view.model.shown[number(view, "Dosage maison")].note == fr.BY_LABEL
    assert view.model.shown[number(view, "CRP")].last == "< 1 mg/L"


def test_nothing_is_said_of_a_result_without_flag_or_limits(bench, qtbot):
    told = [(entry("2026-01-01"), (result("2823-3", 9.9, "mmol/L", "2026-01-01"),))]
    (row,) = show(bench, qtbot, told).model.shown
    assert (row.flag.word, row.flag.tone) == ("", "muted")


def test_a_flag_that_names_no_side_takes_that_of_the_limits(bench, qtbot):
    days = ("2026-01-01", "2026-01-02", "2026-01-03")
    told = [
        (entry(day), (result("2823-3", value, "mmol/L", day, low=3.5, high=5.1, flag=flag),))
        for day, value, flag in zip(days, (2.1, 4.0, 6.4), ("A", "A", "AA"), strict=True)
    ]
    (row,) = show(bench, qtbot, told).model.shown
    assert [flag_of(point).sign for point in row.series.points] == ["▼", "●", "▲▲"]
    assert row.flag_words == "▲▲ critique"


def test_filter_by_words_and_by_abnormal_keeps_what_nobody_read(bench, qtbot):
    view = show(bench, qtbot)
    view.filter.setText("glycemie")
    assert [row.label for row in view.model.shown] == ["Glycémie à jeun"]
    view.filter.setText("introuvable")
    assert view.none.text() == fr.LAB_NO_MATCH
    view.filter.clear()
    view.abnormal.setChecked(True)
    assert [row.label for row in view.model.shown] == ["Potassium", "Glycémie à jeun", "HbA1c", "Biologie numérisée"]


def test_every_converted_point_tells_how_and_the_unit_may_be_chosen(bench, qtbot):
    view = show(bench, qtbot)
    ask(view, "Glycémie à jeun")
    detail = view.detail
    marks = detail.chart.marks
    assert [mark.hollow for mark in marks] == [True, False, False] * 3
    assert "conversion : 0,92 g/L × 5,551 = 5,11 mmol/L" in marks[0].words
    assert [detail.units.itemText(n) for n in range(detail.units.count())] == ["mmol/L", "g/L"]
    detail.units.setCurrentIndex(1)
    detail.units.activated.emit(1)
    assert [mark.hollow for mark in detail.chart.marks] == [False, True, True] * 3
    assert detail.chart.marks[0].value == 0.92
    ask(view, "Potassium")
    assert not detail.units.isVisible()


def test_a_point_opens_its_report_from_the_curve_and_from_the_table(bench, qtbot):
    view = show(bench, qtbot)
    ask(view, "Potassium")
    qtbot.keyClick(view.detail.chart, Qt.Key.Key_Left)
    assert "03/08/2026" in view.detail.words.text()
    assert view.detail.results.view.currentIndex().row() == 1
    qtbot.keyClick(view.detail.chart, Qt.Key.Key_Return)
    opened = bench.window.page.documents.entry
    assert f"{opened.creation_time:%d/%m/%Y}" == "03/08/2026"
    bench.window.page.go(LAB)
    view.detail.results.asked.emit(view.detail.model.index(8, 0))
    assert f"{bench.window.page.documents.entry.creation_time:%d/%m/%Y}" == "04/11/2024"


def test_a_report_to_be_read_opens(bench, qtbot):
    view = show(bench, qtbot)
    ask(view, "Biologie numérisée")
    assert bench.window.page.documents.entry.title == "Biologie numérisée"


def test_csv_holds_values_units_conversions_and_no_formula(bench, qtbot, tmp_path):
    told = rich()
    told.append((entry("2026-11-03", "=cmd()"), (result("2823-3", 4.0, "mmol/L", "2026-11-03", label="Potassium"),)))
    view = show(bench, qtbot, told)
    ask(view, "Glycémie à jeun")
    view.detail.save(tmp_path / "g.csv")
    rows = list(csv.reader((tmp_path / "g.csv").read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert tuple(rows[0]) == fr.CSV_HEADER
    assert rows[1][2:7] == ["5,107", "mmol/L", "0.92", "g/L", "0,92 g/L × 5,551 = 5,11 mmol/L"]
    assert len(rows) == 10
    ask(view, "Potassium")
    view.detail.save(tmp_path / "k.csv")
    assert "'=cmd()" in (tmp_path / "k.csv").read_text("utf-8-sig")
    view.detail.save(tmp_path / "absent" / "k.csv")
    assert view.detail.said.text() == fr.EXPORT_FAILED


def test_cards_in_the_docked_panel_a_table_in_a_wide_window(bench, qtbot):
    view = show(bench, qtbot)
    bench.window.resize(420, 900)
    qtbot.waitUntil(lambda: view.list.currentWidget() is view.list.cards)
    ask(view, "Potassium")
    assert not view._left.isVisible()
    qtbot.keyClick(view.detail.chart, Qt.Key.Key_Escape)
    assert view._left.isVisible()
    bench.window.resize(1500, 900)
    qtbot.waitUntil(lambda: view.list.currentWidget() is view.list.table)
    assert view.model.headerData(Column.FLAG, Qt.Orientation.Horizontal) == "Interprétation"


def test_nothing_stays_of_a_closed_record(bench, qtbot):
    view = show(bench, qtbot)
    ask(view, "Potassium")
    bench.window.session.close_patient()
    qtbot.waitUntil(lambda: bench.window.record.patient is None)
    assert (view.model.rows, view.detail.series, view.detail.chart.marks, view.detail.title.text()) == (
        [],
        None,
        (),
        "",
    )


def test_what_was_chosen_in_the_cards_is_a_whole_row_of_the_table(bench, qtbot):
    view = show(bench, qtbot)
    bench.window.resize(420, 900)
    ask(view, "Potassium")
    results = view.detail.results
    qtbot.waitUntil(lambda: results.currentWidget() is results.cards)
    results.cards.setCurrentIndex(view.detail.model.index(0, 0))
    bench.window.resize(1900, 900)
    for one, columns in ((results, view.detail.model.columnCount()), (view.list, len(Column))):
        qtbot.waitUntil(lambda one=one: one.currentWidget() is one.table)
        one.table.setCurrentIndex(one.table.model().index(0, 0))
        bench.window.resize(420, 900)
        qtbot.waitUntil(lambda one=one: one.currentWidget() is one.cards)
        one.cards.setCurrentIndex(one.table.model().index(1, 0))
        bench.window.resize(1900, 900)
        qtbot.waitUntil(lambda one=one: one.currentWidget() is one.table)
        chosen = one.table.selectionModel().selectedIndexes()
        assert [(index.row(), index.column()) for index in chosen] == [(1, column) for column in range(columns)]


def test_dates_and_headings_of_the_results_are_whole_in_half_a_window(bench, qtbot):
    view = show(bench, qtbot)
    bench.window.resize(1400, 900)
    ask(view, "Potassium")
    table = view.detail.results.table
    qtbot.waitUntil(lambda: view.detail.results.currentWidget() is table)
    room = 2 * table.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin) + 2
    for row in range(view.detail.model.rowCount()):
        date_words = view.detail.model.index(row, 0).data()
        if "(" not in date_words:
            assert table.fontMetrics().horizontalAdvance(date_words) + room <= table.columnWidth(0)
    for column, heading in enumerate(fr.POINT_COLUMNS):
        assert table.fontMetrics().horizontalAdvance(heading) <= table.columnWidth(column), heading
    assert sum(map(table.columnWidth, range(len(fr.POINT_COLUMNS)))) == table.viewport().width()


def test_a_flag_of_the_laboratory_s_own_is_told_as_written_and_its_limits_judge():
    def flag(**told):
        told = result("2823-3", 6.5, "mmol/L", "2026-11-01", **({"low": 3.5, "high": 5.1} | told))
        return flag_of(trends_of([read(entry("2026-11-02"), told)]).series[0].last)

    assert (flag(flag="POS").word, flag(flag="POS").sign, flag(flag="POS").tone) == ("élevé (POS)", "▲", "warning")
    assert (flag(flag="POS", high=7.0).word, flag(flag="POS", high=7.0).tone) == ("POS", "muted")
    assert (flag(flag="hh").word, flag(flag="hh").tone) == ("très élevé", "danger")
    assert (flag(flag="N H").word, flag(flag="N").word) == ("élevé", "normal")


def test_what_was_not_found_and_what_is_dated_in_the_future_say_so():
    known = result("2823-3", 4.0, "mmol/L", "2026-11-01", label="Potassium")
    wrong = result("2823-3", 4.1, "mmol/L", "2099-11-01", label="Potassium")
    cancelled = replace(
        result("2951-2", 120, "mmol/L", "2026-11-01", label="Sodium", flag="LL"), status=ProposalStatus.CANCELLED
    )
    rows = rows_of(trends_of([read(entry("2026-11-02"), known, wrong, cancelled)]))
    assert [(row.label, row.last, row.flag.word, row.note) for row in rows] == [
        ("Potassium", "4 mmol/L", "", ""),
        ("Potassium", "4,1 mmol/L", "", "date future, à vérifier"),
        ("Sodium", "120 mmol/L", "annulé", "pas un résultat : annulé"),
    ]
    assert "date future" in point_words(rows[1].series.last, "mmol/L")
    assert rows[2].report is not None
    model = LabModel()
    model.show(rows)
    model.set_filter("", abnormal=True)
    assert model.shown == []
