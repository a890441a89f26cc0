"""The tab Traitements: origins side by side, marks in words, a time line within reach of the keyboard, the note in its column."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QStyle

from dmp_desktop.domain.clinical import Origin
from dmp_desktop.domain.notes import Proposal, ProposalKind
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui.models.treatments import FIRST_ORIGIN, LABEL, ORIGINS
from tests.helpers.facts import entry, treatment
from tests.ui.record import rich

TREATMENTS = 4


def show(bench, qtbot, told=None):
    bench.reading.put(rich() if told is None else told)
    bench.dossier.documents = list(bench.reading.entries)
    bench.open(qtbot)
    bench.window.page.go(TREATMENTS)
    view = bench.window.page.treatments
    qtbot.waitUntil(lambda: view.reader.complete)
    return view


def row(view, label: str):
    return next(one for one in view.model.rows if one.label == label)


def test_one_row_a_substance_one_column_an_origin(bench, qtbot):
    view = show(bench, qtbot)
    cells = dict(zip(ORIGINS, row(view, "Metformine").cells, strict=True))
    assert {origin.value: bool(cell) for origin, cell in cells.items()} == {
        "prescribed": True, "dispensed": True, "reimbursed": True, "listed": True, "note": False,
    }  # fmt: skip
    assert row(view, "Ramipril").cells[0] == "du 03/02/2026 au 02/08/2026 · 1 le matin"


def test_marks_are_icon_and_word(bench, qtbot):
    view = show(bench, qtbot)
    assert row(view, "Ramipril").mark_words == "Non délivré, Arrêté"
    assert row(view, "Bisoprolol").marks == (("Non délivré", "warning", "warning"),)
    assert "En double" in row(view, "Paracétamol").spoken


def test_what_the_note_says_has_its_column_and_follows_it(bench, qtbot):
    view = show(bench, qtbot)
    note = (Proposal(ProposalKind.TREATMENT, "Ramipril 5 mg", 0, 8, "ramipril"),)
    view.notes = lambda _patient: note
    view.note_changed()
    qtbot.waitUntil(lambda: view.reader.complete and bool(row(view, "Ramipril").cells[ORIGINS.index("note")]))


def test_a_click_in_a_column_opens_its_document(bench, qtbot):
    view = show(bench, qtbot)
    number = view.model.row_of("metformine")
    view.list.asked.emit(view.model.index(number, FIRST_ORIGIN + 1))
    assert bench.window.page.documents.entry.title == "Délivrance"


def test_where_several_documents_tell_it_it_asks_which(bench, qtbot):
    view = show(bench, qtbot)
    view.list.asked.emit(view.model.index(view.model.row_of("metformine"), LABEL))
    menu = next(one for one in view.findChildren(type(bench.window.acts.kinds.menu())) if one.isVisible())
    texts = [act.text() for act in menu.actions()]
    assert len(texts) == 4
    assert bench.window.page.documents.entry is None
    menu.actions()[0].trigger()
    assert bench.window.page.documents.entry is not None
    menu.close()


def test_the_time_line_by_keyboard(bench, qtbot):
    view = show(bench, qtbot)
    line = view.timeline
    line.setFocus()
    line.look_at(0)
    qtbot.keyClick(line, Qt.Key.Key_Down)
    bar = line.bars[line.current]
    assert bar.words.startswith("Atorvastatine 40 mg : prescrit depuis 03/02/2026, fin inconnue")
    described = QAccessible.queryAccessibleInterface(line).text(QAccessible.Text.Description)
    assert bar.words in described
    assert bar.words in view.words.text()
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert bench.window.page.documents.entry.title == "Ordonnance"


def test_bars_stand_where_their_days_are_and_a_click_opens(bench, qtbot):
    view = show(bench, qtbot)
    line = view.timeline
    known = next(bar for bar in line.bars if bar.words.startswith("Ramipril"))
    assert (known.start, known.end, known.open_end) == (date(2026, 2, 3), date(2026, 8, 2), False)
    place = line.place(known)
    assert place.left() < place.right() < line._x(date(2026, 11, 20))
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    assert bench.window.page.documents.entry is known.entry


def test_cards_in_the_docked_panel(bench, qtbot):
    view = show(bench, qtbot)
    bench.window.resize(420, 900)
    qtbot.waitUntil(lambda: view.list.currentWidget() is view.list.cards)
    spoken = QAccessible.queryAccessibleInterface(view.list.cards).child(0).text(QAccessible.Text.Name)
    assert spoken == "Acide acétylsalicylique, en cours, En synthèse : 27/10/2026 · 1 le midi"


def test_nothing_exploitable_is_not_known_not_none(bench, qtbot):
    view = show(bench, qtbot, [(entry("2026-01-01", "Visite", "11488-4"), ())])
    assert view.message.text() == fr.TREATMENTS_EMPTY
    assert view.message.text().startswith("Non renseigné")


def test_every_cell_of_a_wide_table_is_whole_in_two_lines(bench, qtbot):
    told = "1 comprimé le matin, Voie orale"
    days = {"start": date(2026, 11, 2), "end": date(2027, 1, 31)}
    facts = [
        (entry(f"2026-{month:02}-02", "Ordonnance"), (treatment("BISOPROLOL 2,5 mg", origin, told, **days),))
        for month in range(2, 11)
        for origin in (Origin.PRESCRIBED, Origin.DISPENSED)
    ]
    view = show(bench, qtbot, facts)
    bench.window.resize(1400, 900)
    table = view.list.table
    qtbot.waitUntil(lambda: view.list.currentWidget() is table)
    model, metrics = view.model, table.fontMetrics()
    assert [cell for row in model.rows for cell in row.cells if "et 8 autres" in cell]
    room = 2 * (table.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin) + 1)
    for row in range(model.rowCount()):
        for column in range(2, model.columnCount()):
            line = QRect(0, 0, table.columnWidth(column) - room, 1000)
            taken = metrics.boundingRect(line, Qt.TextFlag.TextWordWrap, model.index(row, column).data())
            assert taken.height() <= table.rowHeight(row), model.index(row, column).data()
    assert sum(map(table.columnWidth, range(model.columnCount()))) == table.viewport().width()


def test_a_reimbursement_is_told_by_the_insurer_a_delivery_by_its_prescriber(bench, qtbot):
    paid = entry("2026-11-16", "Données de remboursement", author="Assurance Maladie")
    line = treatment("METFORMINE 1000 mg", Origin.REIMBURSED, start=date(2026, 11, 2))
    line = replace(line, product=replace(line.product, prescriber="Camille DUPONT"))
    given = replace(line, product=replace(line.product, origin=Origin.DISPENSED))
    view = show(bench, qtbot, [(paid, (line, given))])
    tips = [view.model.index(0, column).data(Qt.ItemDataRole.ToolTipRole) for column in (4, 3)]
    assert "Camille DUPONT" not in tips[0]
    assert "Camille DUPONT" in tips[1]
