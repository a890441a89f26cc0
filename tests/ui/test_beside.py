"""What goes with the open document: sent with it, other versions and formats; read and opened without a mouse."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from dmp_desktop.domain.documents import Association, Code
from dmp_desktop.sandbox.names import HAS_MEMBER
from dmp_desktop.services.record import RecordList
from dmp_desktop.ui.views.documents.beside import MOST
from tests.ui import fakes


@pytest.fixture
def sent(bench):
    """Three documents of one sending, the others alone."""
    rows = [replace(one, entry_uuid=f"urn:uuid:{n}") for n, one in enumerate(fakes.entries(20))]
    bench.dossier.documents = rows
    bench.dossier.associations = [Association(HAS_MEMBER, "urn:uuid:set", f"urn:uuid:{n}") for n in (2, 5, 9)]
    bench.dossier.associations += [Association(HAS_MEMBER, "urn:uuid:alone", "urn:uuid:1")]
    return rows


def names(bench) -> list[str]:
    beside = bench.window.page.documents.beside
    return [one.accessibleName() for one in (*beside.sent.widgets, *beside.also.widgets) if one.accessibleName()]


def opened(bench, qtbot, entry) -> None:
    bench.window.page.open_document(entry)
    view = bench.window.page.documents
    qtbot.waitUntil(lambda: view.pane.ready is not None and view.pane.ready.opened.entry is entry)
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)


def test_what_was_sent_with_it_is_told_and_opened_by_keyboard(bench, qtbot, sent):
    bench.open(qtbot)
    opened(bench, qtbot, sent[2])
    beside = bench.window.page.documents.beside
    assert beside.sent.widgets[0].text() == "Envoyé avec :"
    assert names(bench) == [
        "Envoyé avec ce document : Autre document du patient n° 6, Autre document du patient, 05/11/2026, Luc GARCIA",
        "Envoyé avec ce document : CR d'imagerie médicale, 24/10/2026, Luc GARCIA",
    ]
    button = beside.sent.widgets[1]
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bench.window.page.documents.entry is sent[5])
    assert bench.window.page.documents.list.current_id == sent[5].unique_id


def test_a_document_sent_alone_takes_no_room(bench, qtbot, sent):
    bench.open(qtbot)
    opened(bench, qtbot, sent[2])
    opened(bench, qtbot, sent[1])
    beside = bench.window.page.documents.beside
    assert (names(bench), beside.isVisible()) == ([], False)


def test_nothing_of_it_stays_when_the_record_closes(bench, qtbot, sent):
    bench.open(qtbot)
    opened(bench, qtbot, sent[2])
    bench.window.session.close_patient()
    qtbot.waitUntil(lambda: bench.window.record.patient is None)
    assert names(bench) == []


def test_a_large_sending_is_counted(bench, qtbot, sent):
    bench.dossier.associations = [Association(HAS_MEMBER, "urn:uuid:set", one.entry_uuid) for one in sent]
    bench.open(qtbot)
    opened(bench, qtbot, sent[0])
    assert len(names(bench)) == MOST
    assert bench.window.page.documents.beside.sent.widgets[-1].text() == f"et {len(sent) - 1 - MOST} autres"


def test_formats_and_versions_of_the_row_are_told_from_each_of_them(bench, qtbot):
    base = fakes.entries(2)
    start = fakes.NOW
    flat = replace(base[0], entry_uuid="urn:uuid:flat", service_start=start)
    coded = replace(
        flat,
        unique_id=f"{flat.unique_id}.1",
        entry_uuid="urn:uuid:coded",
        format_code=Code("urn:asipSante:modelesHorsProfils:2011", "1.3.6.1.4.1.19376.1.2.3"),
    )
    bench.dossier.documents = [flat, coded, base[1]]
    bench.open(qtbot)
    opened(bench, qtbot, coded)
    assert [one.text() for one in bench.window.page.documents.beside.also.widgets] == [
        "Aussi :",
        "Même document, autre format, 20/11/2026",
    ]
    opened(bench, qtbot, flat)
    assert names(bench)[0].startswith("Même document, autre format : ")
    bench.window.page.documents.beside.also.widgets[1].click()
    assert bench.window.page.documents.entry is coded


def test_offline_the_dmp_is_not_asked_what_was_sent_together(bench, qtbot, sent):
    bench.dossier.documents = RecordList(sent, offline_since=fakes.NOW)
    bench.open(qtbot)
    opened(bench, qtbot, sent[2])
    assert names(bench) == []
