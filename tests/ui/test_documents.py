"""The list of documents: Qt's own model rules, order, filters, selection, speed with 2,000 rows."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics
from PySide6.QtPrintSupport import QPrinter

from dmp_desktop.domain.documents import Association, Attachment, Availability, Code, DocumentEntry
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox.names import HAS_MEMBER
from dmp_desktop.services.habits import Habits
from dmp_desktop.services.opened import OpenedDocument
from dmp_desktop.services.record import RecordList
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.arrivals import Arrivals
from dmp_desktop.ui.models.document_texts import type_adds
from dmp_desktop.ui.models.documents import Column, DocumentsModel, Filter, card_of, state_label
from dmp_desktop.ui.models.row_card import CARD_ROLE
from dmp_desktop.ui.stalls import LIMIT_MS
from dmp_desktop.ui.views.documents.columns import GIVING, LEAST, shared, wanted_widths
from dmp_desktop.ui.views.documents.filters import Filters
from dmp_desktop.ui.widgets.document_tools import DocumentAct
from tests.ui import fakes
from tests.ui.timing import worst_stall


@pytest.fixture
def model(qapp):
    model = DocumentsModel()
    model.complete(fakes.entries(60))
    return model


def column(model: DocumentsModel, which: Column) -> list[str]:
    return [model.index(row, which).data() for row in range(model.rowCount())]


def test_model_keeps_qt_rules(qtmodeltester, qapp):
    model = DocumentsModel()
    qtmodeltester.check(model)
    model.start()
    qtmodeltester.check(model)
    model.add(fakes.entries(20))
    model.complete(fakes.entries(60))
    model.sort(Column.AUTHOR)
    model.set_filter(Filter("biologiques"))
    qtmodeltester.check(model)


def test_newest_first_and_sorted_on_demand(model):
    dates = [entry.creation_time for entry in model.shown]
    assert dates == sorted(dates, reverse=True)
    model.sort(Column.AUTHOR, Qt.SortOrder.AscendingOrder)
    authors = column(model, Column.AUTHOR)
    assert authors == sorted(authors)
    same = [entry.creation_time for entry in model.shown if entry.authors[0].family == "PETIT"]
    assert same == sorted(same, reverse=True)


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        (Filter("BIOLOGIQUES"), lambda e: "biologiques" in e.title),
        (Filter("hôpital liaison"), lambda e: e.type_code.code == "34133-9"),
        (Filter("hopital LIAISON"), lambda e: e.type_code.code == "34133-9"),
        (Filter(author="Anne PETIT"), lambda e: e.authors[0].family == "PETIT"),
        (Filter(type_label="CR d'imagerie médicale"), lambda e: e.type_code.code == "18748-4"),
        (Filter("rien de tel"), lambda _e: False),
    ],
)
def test_filters_ignore_case_and_accents(model, wanted, holds):
    model.set_filter(wanted)
    assert model.shown == [entry for entry in model.entries if holds(entry)]


def test_states_are_told_in_words(model):
    by_number = {entry.unique_id.rsplit(".", 1)[1]: entry for entry in model.entries}
    assert state_label(by_number["0"]) == "actif"
    assert state_label(by_number["7"]) == "actif, invisible au patient"
    assert state_label(by_number["11"]) == "archivé, ajouté par le patient"
    assert state_label(by_number["9"]) == "actif, version 2"
    assert (card_of(by_number["0"]).mark, card_of(by_number["7"]).tone) == ("", "warning")


@pytest.mark.parametrize(
    ("title", "kind", "adds"),
    [
        ("Compte rendu d'examens biologiques", "CR d'examens biologiques", False),
        ("DISPENSATION DE MÉDICAMENTS", "Dispensation médicamenteuse", False),
        ("Consultation de néphrologie", "CR ou fiche de consultation ou de visite", True),
        ("Résultats", "CR d'IRM", True),
        ("", "CR d'imagerie médicale", False),
    ],
)
def test_the_type_is_told_where_it_says_more_than_the_title(title, kind, adds):
    entry = replace(fakes.entries(1)[0], title=title, type_code=Code("x", "1.2", kind))
    assert type_adds(entry) is adds
    assert card_of(entry).detail == ("Anne PETIT · " + kind if adds else "Anne PETIT")


def test_the_whole_row_is_under_the_pointer_in_the_docked_panel(model):
    assert model.index(7, 0).data(Qt.ItemDataRole.ToolTipRole) == (
        "30/10/2026, CR ou fiche de consultation ou de visite, CR ou fiche de consultation ou de visite n° 8, Hugo LEROY, "
        "actif, invisible au patient".replace("'", "&#x27;")
    )


def test_tooltips_are_never_rich_text(qapp):
    model = DocumentsModel()
    model.complete([replace(fakes.entries(1)[0], title='<img src="file:///etc/passwd">')])
    index = model.index(0, Column.TITLE)
    assert index.data(Qt.ItemDataRole.ToolTipRole).startswith("&lt;img")
    assert index.data() == '<img src="file:///etc/passwd">'


def test_skeleton_rows_while_nothing_has_arrived(qapp):
    model = DocumentsModel()
    model.start()
    assert model.rowCount() > 0
    assert model.index(0, 0).data() is None
    assert model.flags(model.index(0, 0)) == Qt.ItemFlag.NoItemFlags
    model.complete([])
    assert model.rowCount() == 0


def test_rows_already_there_are_not_doubled(model):
    model.add(fakes.entries(61))
    assert len(model.entries) == 61


def test_words_filter_the_list(bench, qtbot):
    bench.open(qtbot)
    bench.window.page.go(2)
    filters = bench.window.page.documents.filters
    qtbot.keyClicks(filters.words, "imagerie")
    assert filters.count.text() == "10 sur 60 documents"
    filters.clear_button.click()
    assert filters.words.text() == ""
    assert filters.count.text() == "60 documents"


def choose(box, text: str) -> None:
    box.setCurrentText(text)
    assert box.currentText() == text
    box.activated.emit(box.currentIndex())


def test_criteria_combine_and_each_is_a_chip_to_remove(bench, qtbot):
    bench.open(qtbot)
    bench.window.page.go(2)
    filters, model = bench.window.page.documents.filters, bench.window.page.documents.model
    choose(filters.visibility_box, "invisible au patient")
    hidden = {entry.unique_id for entry in model.entries if entry.visibility}
    assert {entry.unique_id for entry in model.shown} == hidden
    choose(filters.period_box, "3 derniers mois")
    recent = bench.clock.now() - timedelta(days=92)
    assert model.shown
    assert model.shown == [entry for entry in model.entries if entry.visibility and entry.creation_time >= recent]
    assert [chip.accessibleName() for chip in filters.chips.widgets] == [
        "Retirer le filtre : 3 derniers mois",
        "Retirer le filtre : invisible au patient",
    ]
    filters.chips.widgets[0].click()
    assert {entry.unique_id for entry in model.shown} == hidden
    filters.chips.widgets[0].click()
    assert len(model.shown) == 60
    assert not filters.chips.isVisible()


@pytest.mark.parametrize(
    ("box", "value", "holds"),
    [
        ("class_box", "31", lambda e: e.class_code.code == "31"),
        ("state_box", "archivé", lambda e: e.status is Availability.ARCHIVED),
        ("author_box", "Luc GARCIA", lambda e: e.authors[0].family == "GARCIA"),
        ("practice_box", "Ambulatoire", lambda e: e.practice_setting is not None),
        ("facility_box", "Cabinet individuel", lambda e: e.facility_type is not None),
        ("event_box", "Hémogramme TEST", lambda e: bool(e.events)),
        ("format_box", "PDF en attente TEST", lambda e: e.format_code.display == "PDF en attente TEST"),
        ("act_box", "Acte : 3 derniers mois", lambda e: e.service_start is None or e.service_start == fakes.NOW),
    ],
)
def test_each_criterion_asks_its_own_field(bench, qtbot, box, value, holds):
    coded = {
        3: {"practice_setting": Code("AMBULATOIRE", "1.2", "Ambulatoire")},
        4: {"facility_type": Code("SA08", "1.2", "Cabinet individuel")},
        5: {"events": (Code("58410-2", "2.16", "Hémogramme TEST"),)},
        6: {"format_code": Code("urn:test", "1.2", "PDF en attente TEST")},
        7: {"service_start": fakes.NOW - timedelta(days=200)},
        8: {"service_start": fakes.NOW},
    }
    for place, fields in coded.items():
        bench.dossier.documents[place] = replace(bench.dossier.documents[place], **fields)
    bench.open(qtbot)
    model = bench.window.page.documents.model
    choose(getattr(bench.window.page.documents.filters, box), value)
    passing = [entry for entry in model.entries if holds(entry)]
    assert 0 < len(passing) < len(model.entries)
    assert model.shown == passing


def versions() -> list[DocumentEntry]:
    """Three versions of one document, its duplicate, and another."""
    base = fakes.entries(2)
    last = replace(base[0], logical_id="urn:uuid:1", version=3, entry_uuid="urn:uuid:v3", hash_sha1="a" * 40)
    older = [
        replace(last, unique_id=f"{last.unique_id}.{n}", version=n, entry_uuid=f"urn:uuid:v{n}", hash_sha1=str(n) * 40)
        for n in (2, 1)
    ]
    copy = replace(last, unique_id=f"{last.unique_id}.9", logical_id="urn:uuid:9", entry_uuid="urn:uuid:9", version=1)
    return [last, *older, copy, base[1]]


def test_versions_and_duplicates_are_folded_with_their_count_and_reason(qapp, qtmodeltester):
    model = DocumentsModel()
    model.complete(versions())
    assert model.rowCount() == 2
    head = model.index(0, Column.TITLE)
    assert head.data().startswith("▸ ")
    assert model.index(0, Column.STATE).data() == "actif, version 3, + 2 versions, + 1 doublon"
    model.set_unfolded(0, True)
    assert model.rowCount() == 5
    assert model.index(0, Column.TITLE).data().startswith("▾ ")
    assert [model.index(row, Column.TITLE).data().strip().split(" : ")[0] for row in (1, 2, 3)] == [
        "Version précédente",
        "Version précédente",
        "Doublon",
    ]
    qtmodeltester.check(model)
    model.set_unfolded(0, False)
    assert model.rowCount() == 2


def test_a_former_version_is_found_and_shown_under_the_last_one(qapp):
    model = DocumentsModel()
    model.complete(versions())
    row = model.unfold_to(versions()[2].unique_id)
    assert model.lines[row].entry == versions()[2]
    assert model.lines[row].reason


def test_arrow_keys_unfold_in_place(bench, qtbot):
    bench.dossier.documents = versions()
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    view.list.view.setFocus()
    view.list.view.setCurrentIndex(view.model.index(0, 0))
    assert view.selection.unfold.text() == viewer_fr.UNFOLD
    qtbot.keyClick(view.list.view, Qt.Key.Key_Right)
    assert view.model.rowCount() == 5
    qtbot.keyClick(view.list.view, Qt.Key.Key_Left)
    assert view.model.rowCount() == 2


def test_what_came_with_a_document_is_told(qapp):
    entries = [replace(entry, entry_uuid=f"urn:uuid:{n}") for n, entry in enumerate(fakes.entries(3))]
    model = DocumentsModel()
    model.complete(entries, [Association(HAS_MEMBER, "urn:uuid:set", f"urn:uuid:{n}") for n in (0, 1)])
    assert "avec 1 autre du même envoi" in model.index(0, Column.STATE).data()
    assert "envoi" not in model.index(2, Column.STATE).data()


def test_a_pin_puts_a_document_first_and_is_kept(bench, qtbot):
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    far = bench.dossier.documents[40]
    view.list.mark(far.unique_id)
    view.selection.pin.click()
    assert view.model.shown[0] == far
    assert view.selection.pin.text() == viewer_fr.UNPIN
    qtbot.waitUntil(lambda: bench.habits.kept.pins == (far.unique_id,))
    view.selection.pin.click()
    assert view.model.shown[0] == bench.dossier.documents[0]
    qtbot.waitUntil(lambda: bench.habits.kept.pins == ())


def test_pins_of_before_are_there_when_a_record_opens(bench, qtbot):
    far = bench.dossier.documents[40]
    bench.habits.kept = Habits(pins=(far.unique_id,))
    bench.open(qtbot)
    qtbot.waitUntil(lambda: bench.window.page.documents.model.shown[0] == far)


def test_several_documents_go_into_a_folder_under_names_without_a_patient(bench, qtbot, tmp_path):
    bench.dossier.documents = [replace(entry, title="TEST-MARTIN Léa") for entry in fakes.entries(8)]
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    view.exporter.ask_folder = lambda: str(tmp_path)
    view.list.view.selectAll()
    assert view.selection.export.text() == "Exporter (8)…"
    told: list[str] = []
    view.done.connect(told.append)
    view.selection.acts[DocumentAct.SAVE_ORIGINAL].trigger()
    qtbot.waitUntil(lambda: bool(told))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 8
    assert "2026-11-20_CR-d-examens-biologiques.xml" in names
    assert not any("MARTIN" in name or "Lea" in name for name in names)
    written = {path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {f"<ClinicalDocument>{e.unique_id}</ClinicalDocument>".encode() for e in bench.dossier.documents}


def chosen_rows(bench, qtbot, count):
    bench.dossier.documents = fakes.entries(count)
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    view.list.view.selectAll()
    told: list[str] = []
    view.done.connect(told.append)
    return view, told


def test_several_documents_become_pdfs(bench, qtbot, tmp_path):
    view, told = chosen_rows(bench, qtbot, 3)
    view.exporter.ask_folder = lambda: str(tmp_path)
    plain, scan = fakes.plain_document, Attachment("application/pdf", b"%PDF-1.4 invented")
    scanned = bench.dossier.documents[1].unique_id
    bench.dossier.html = lambda entry, palette: (
        OpenedDocument(entry, "", pdfs=(scan,)) if entry.unique_id == scanned else plain(entry, palette)
    )
    view.selection.acts[DocumentAct.EXPORT_PDF].trigger()
    qtbot.waitUntil(lambda: bool(told))
    assert told == [viewer_fr.SAVED_MANY.format(3)]
    files = sorted(tmp_path.iterdir())
    assert len(files) == 3
    assert all(path.suffix == ".pdf" for path in files)
    read = [path.read_bytes() for path in files]
    assert scan.content in read
    ((page, *_),) = [pypdfium2.PdfDocument(content) for content in read if content != scan.content][:1]
    assert "Potassium" in page.get_textpage().get_text_range()


def test_one_of_several_that_cannot_be_read_is_counted(bench, qtbot, tmp_path):
    view, told = chosen_rows(bench, qtbot, 3)
    view.exporter.ask_folder = lambda: str(tmp_path)
    bench.dossier.errors.append(DmpError("XDSRepositoryError", "L'entrepôt du DMP a signalé une erreur."))
    view.selection.acts[DocumentAct.EXPORT_PDF].trigger()
    qtbot.waitUntil(lambda: bool(told))
    assert told == [viewer_fr.SAVED_SOME.format(saved=2, failed=1)]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_refuses_is_told_once(bench, qtbot, tmp_path):
    view, told = chosen_rows(bench, qtbot, 3)
    view.exporter.ask_folder = lambda: str(tmp_path / "absent")
    view.selection.acts[DocumentAct.SAVE_ORIGINAL].trigger()
    qtbot.waitUntil(bench.window.notices.isVisible)
    assert bench.window.notices.code.text() == "code fichier-non-ecrit"
    assert told == []
    assert not view.exporting.isVisible()
    assert view.selection.export.isEnabled()


def test_several_documents_are_printed(bench, qtbot, tmp_path):
    view, told = chosen_rows(bench, qtbot, 2)
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "paper.pdf"))
    view.exporter.ask_printer = lambda: printer
    view.selection.acts[DocumentAct.PRINT].trigger()
    qtbot.waitUntil(lambda: told == [viewer_fr.PRINTED_MANY.format(saved=2)])
    page = pypdfium2.PdfDocument((tmp_path / "paper.pdf").read_bytes())[0]
    assert "Potassium" in page.get_textpage().get_text_range()


def test_a_long_export_tells_how_far_it_is_and_stops(bench, qtbot, tmp_path):
    view, told = chosen_rows(bench, qtbot, 12)
    view.exporter.ask_folder = lambda: str(tmp_path)
    reached, go_on = threading.Event(), threading.Event()

    def slow(entry, palette):
        if len(list(tmp_path.iterdir())) == 2:
            reached.set()
            go_on.wait(120)
        return fakes.plain_document(entry, palette)

    bench.dossier.html = slow
    bar = view.exporting
    view.selection.acts[DocumentAct.EXPORT_PDF].trigger()
    try:
        qtbot.waitUntil(lambda: reached.is_set() and bar.words.text() == "Enregistrement : 3 sur 12…")
        assert bar.isVisible()
        assert not view.selection.export.isEnabled()
        bar.stop.click()
        assert bar.words.text() == viewer_fr.EXPORT_STOPPING
    finally:
        go_on.set()
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["Export arrêté : 3 sur 12 enregistrés."]
    assert len(list(tmp_path.iterdir())) == 3
    assert not bar.isVisible()
    assert view.selection.export.isEnabled()


def test_without_a_folder_nothing_is_read(bench, qtbot):
    view, _told = chosen_rows(bench, qtbot, 2)
    view.exporter.ask_folder = lambda: ""
    view.exporter.ask_printer = lambda: None
    calls = list(bench.dossier.calls)
    for act in view.selection.acts.values():
        act.trigger()
    assert bench.dossier.calls == calls


def test_a_list_told_by_the_cache_says_so(bench, qtbot):
    rows = fakes.entries(3)
    bench.dossier.documents = RecordList(rows, offline_since=fakes.NOW, at_hand=frozenset((rows[1].unique_id,)))
    bench.open(qtbot)
    view = bench.window.page.documents
    local = fakes.NOW.astimezone()
    told = f"Hors ligne : liste du 20/11/2026 à {local:%H:%M}. 1 sur 3 documents lisibles sur ce poste."
    qtbot.waitUntil(lambda: view.offline.text() == told)
    states = column(view.model, Column.STATE)
    assert [viewer_fr.NOT_HERE in words for words in states] == [True, False, True]
    spoken = [view.model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]
    assert [viewer_fr.NOT_HERE in words for words in spoken] == [True, False, True]
    assert "✗" in bench.window.strip.server.text()


def test_choices_of_the_filters_are_kept_while_rows_arrive(bench, qtbot):
    bench.dossier.gate.clear()
    bench.sign_in(qtbot)
    bench.window.card_event(fakes.vitale())
    model, filters = bench.window.page.documents.model, bench.window.page.documents.filters
    qtbot.waitUntil(lambda: len(model.entries) == 20)
    filters.type_box.setCurrentText("CR d'imagerie médicale")
    filters.type_box.activated.emit(filters.type_box.currentIndex())
    bench.dossier.gate.set()
    qtbot.waitUntil(lambda: not model.loading)
    assert filters.type_box.currentText() == "CR d'imagerie médicale"
    assert filters.count.text() == "10 sur 60 documents"


def test_docked_shows_rows_of_two_lines_wide_shows_the_table(bench, qtbot):
    bench.open(qtbot)
    view = bench.window.page.documents
    bench.window.page.go(2)
    bench.window.resize(420, 900)
    qtbot.waitUntil(lambda: view.list.currentWidget() is view.list.cards)
    bench.window.resize(1400, 900)
    qtbot.waitUntil(lambda: view.list.currentWidget() is view.list.table)
    view.open(bench.dossier.documents[3])
    assert view.splitter.orientation() is Qt.Orientation.Horizontal
    bench.window.resize(420, 900)
    qtbot.waitUntil(lambda: view.splitter.orientation() is Qt.Orientation.Vertical)


def cut(table) -> set[str]:
    """Words of the rows before the eyes that do not fit in their cell."""
    model, found = table.model(), set()
    strong = QFont(table.font())
    strong.setBold(True)
    for row in range(table.rowAt(1), table.rowAt(table.viewport().height() - 2)):
        for column in Column:
            index = model.index(row, column)
            mark = column is Column.STATE and index.data(CARD_ROLE).mark_icon
            metrics = QFontMetrics(strong if mark else table.font())
            room = metrics.height() * (2 if mark else 1)
            if metrics.horizontalAdvance(index.data()) + room // 2 > table.visualRect(index).width():
                found.add(index.data())
    return found


def test_a_wide_table_cuts_no_word(bench, qtbot):
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    bench.window.resize(1400, 900)
    qtbot.waitUntil(lambda: view.list.currentWidget() is view.list.table)
    table = view.list.table
    assert any("invisible au patient" in model_state for model_state in column(view.model, Column.STATE)[:20])
    assert cut(table) == set()
    assert not table.horizontalScrollBar().isVisible()
    view.filters.words.setText("n° 8")
    assert cut(table) == set()


def test_where_there_is_not_room_for_all_they_give_in_their_order():
    character = 7
    wanted = {Column.DATE: 80, **{column: character * LEAST[column] + 50 for column in GIVING}}
    whole = sum(wanted.values()) + character * LEAST[Column.TITLE]
    assert shared(wanted, whole, character) == wanted
    for gone, cut_ones in ((50, GIVING[:1]), (60, GIVING[:2]), (100, GIVING[:2]), (110, GIVING)):
        tight = shared(wanted, whole - gone, character)
        assert sum(tight.values()) == sum(wanted.values()) - gone
        assert {column for column in wanted if tight[column] != wanted[column]} == set(cut_ones)
    assert shared(wanted, 0, character) == {
        Column.DATE: 80,
        **{column: character * LEAST[column] for column in GIVING},
    }
    narrow = {**wanted, Column.STATE: 40}
    assert shared(narrow, 0, character)[Column.STATE] == 40


def test_the_least_of_the_state_holds_what_is_not_seen_by_the_patient(qapp):
    model = DocumentsModel()
    model.complete([fakes.entries(8)[7]])
    needed = wanted_widths(model, qapp.font())[Column.STATE]
    assert needed <= LEAST[Column.STATE] * QFontMetrics(qapp.font()).averageCharWidth()


def test_the_table_marks_what_not_everyone_sees(bench, qtbot):
    """The icon before the words: their state is never told by colour alone."""
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    bench.window.resize(1400, 900)
    qtbot.waitUntil(lambda: view.list.currentWidget() is view.list.table)
    table, warning = view.list.table, QColor(theme.current().warning).rgb()
    view.list.mark("")

    def left_of_words(row: int) -> set[int]:
        rect = table.visualRect(view.model.index(row, Column.STATE))
        square = table.viewport().grab(rect.adjusted(0, 0, rect.height() - rect.width(), 0)).toImage()
        return {square.pixel(x, y) for x in range(square.width()) for y in range(square.height())}

    states = column(view.model, Column.STATE)
    hidden = next(row for row, state in enumerate(states) if "invisible" in state)
    assert warning in left_of_words(hidden)
    assert warning not in left_of_words(states.index("actif"))


def test_a_record_that_was_not_read_has_no_number_of_documents(bench, qtbot):
    """Unknown is not none."""
    bench.sign_in(qtbot)
    bench.dossier.errors += [DmpError("dmp-injoignable", "Le DMP ne répond pas.", retryable=True)]
    bench.window.card_event(fakes.vitale())
    bench.window.page.go(2)
    view = bench.window.page.documents
    qtbot.waitUntil(lambda: view.list.empty.text() == fr.UNREAD_FAILED)
    assert view.filters.count.text() == ""


def test_an_empty_record_is_said_once(bench, qtbot):
    bench.dossier.documents = []
    bench.sign_in(qtbot)
    bench.window.card_event(fakes.vitale())
    view = bench.window.page.documents
    qtbot.waitUntil(lambda: view.list.empty.text() == fr.EMPTY_LIST)
    assert (view.filters.count.text(), view.model.whole) == ("", True)


def test_a_list_cut_short_says_so(qtbot, qapp):
    model = DocumentsModel()
    filters = Filters(model, fakes.FixedClock())
    qtbot.addWidget(filters)
    model.start()
    model.add(fakes.entries(20))
    model.stop()
    assert filters.count.text() == "20 documents reçus : liste incomplète"
    model.complete(fakes.entries(20))
    assert filters.count.text() == "20 documents"


def test_the_open_document_stays_selected_when_the_order_changes(bench, qtbot):
    bench.open(qtbot)
    view = bench.window.page.documents
    view.list.chosen.emit(bench.dossier.documents[5])
    bench.window.page.documents.model.sort(Column.TITLE)
    selected = view.list.cards.selectionModel().currentIndex()
    assert view.model.entry(selected) == bench.dossier.documents[5]


def test_enter_opens_and_escape_goes_back(bench, qtbot):
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    view.list.view.setFocus()
    qtbot.keyClick(view.list.view, Qt.Key.Key_Down)
    qtbot.keyClick(view.list.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.pane.ready is not None)
    bench.window.activateWindow()
    qtbot.keyClick(view.pane.browser, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: view.entry is None)
    assert not view.pane.isVisible()


@pytest.mark.alone
@pytest.mark.parametrize("width", [420, 1400])
def test_two_thousand_rows_never_stop_the_window(bench, qtbot, qapp, width):
    bench.dossier.documents = fakes.entries(2000)
    page = bench.window.page
    bench.window.resize(width, 900)
    bench.sign_in(qtbot)
    page.go(2)

    def session() -> None:
        bench.window.session.close_patient()
        qtbot.waitUntil(lambda: bench.window.record.patient is None)
        bench.open(qtbot)
        for words in ("l", "lettre", "lettre 1", ""):
            page.documents.filters.words.setText(words)
            qapp.processEvents()
        for sort in Column:
            page.documents.model.sort(sort)
            qapp.processEvents()

    assert worst_stall(session) <= LIMIT_MS
    assert len(page.documents.model.shown) == 2000


def test_a_row_far_down_comes_before_the_eyes(bench, qtbot):
    """Rows are laid out in slices: the one to show may have no place yet."""
    bench.dossier.documents = fakes.entries(2000)
    bench.open(qtbot)
    bench.window.page.go(2)
    cards = bench.window.page.documents.list.cards
    bench.window.page.documents.list.mark(bench.dossier.documents[1990].unique_id)
    qtbot.waitUntil(lambda: cards.viewport().rect().contains(cards.visualRect(cards.currentIndex())))
    assert cards.currentIndex().row() == 1990


@pytest.fixture
def arriving(qapp):
    """What is told of a list: its slices, then the whole."""
    arrivals = Arrivals()
    arrivals.told = []
    arrivals.rows.connect(lambda rows: arrivals.told.append(len(rows)))
    arrivals.complete.connect(lambda whole: arrivals.told.append(("whole", len(whole))))
    return arrivals


def test_a_list_that_arrives_at_once_is_told_in_slices(arriving, qtbot):
    rows = fakes.entries(500)
    arriving.add(rows)
    arriving.finish(rows)
    assert arriving.told == [200, 200]
    qtbot.waitUntil(lambda: arriving.told[-1] == ("whole", 500))
    assert arriving.told == [200, 200, ("whole", 500)]


@pytest.mark.parametrize(("whole", "told"), [(True, [200, 200, ("whole", 500)]), (False, [200])])
def test_a_failure_drops_only_what_never_became_a_list(arriving, qtbot, whole, told):
    rows = fakes.entries(500)
    arriving.add(rows)
    if whole:
        arriving.finish(rows)
    arriving.give_up()
    qtbot.waitUntil(lambda: not arriving._pause.isActive())
    assert arriving.told == told


def test_a_short_panel_shows_the_document_in_place_of_the_list(bench, qtbot):
    bench.open(qtbot)
    bench.window.page.go(2)
    view = bench.window.page.documents
    bench.window.resize(420, 600)
    view.open(bench.dossier.documents[0])
    qtbot.waitUntil(lambda: view.pane.isVisible() and not view.list.isVisible())
    view.back.click()
    assert view.list.isVisible()
    view.open(bench.dossier.documents[0])
    bench.window.resize(420, 1200)
    qtbot.waitUntil(lambda: view.pane.isVisible() and view.list.isVisible())
