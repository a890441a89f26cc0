"""A visit over FHIR in the real window: from the cards to a note that XDS finds; and what the draft lacks, said in French."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QAction

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.ui import strings_access_fr, strings_records_fr
from tests.e2e.test_access_window import break_glass, ended, page_of, present
from tests.e2e.test_chronic_record import BIOLOGY_REPORT
from tests.helpers.real_window import RealWindow, real_window
from tests.helpers.sandbox_client import Connection

pytestmark = pytest.mark.slow

ABSENT = "n'existe pas encore dans le DMP au format FHIR"


@pytest.fixture(scope="module")
def real(qapp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealWindow]:
    with real_window(qapp, tmp_path_factory.mktemp("fhir"), protocol="fhir") as world:
        world.desktop._wiring.outbox._undo_delay = timedelta(0)
        world.sign_in()
        yield world


def line(real: RealWindow, words: str) -> QAction:
    return next(one for one in real.window.banner.acts.menu().actions() if one.text() == words)


def test_from_the_cards_to_a_note_that_xds_finds(real: RealWindow) -> None:
    real.open("ordinary")
    window, view, outbox = real.window, real.page.documents, real.desktop._wiring.outbox
    assert len(view.model.entries) > 50
    listed = next(one for one in view.model.entries if one.type_code.code == BIOLOGY_REPORT)
    view.open(listed)
    real.until(lambda: view.pane.ready is not None and view.pane.browser.toPlainText())
    assert view.pane.ready.opened.entry == listed
    window.conductor.write()
    window.composer.editor.setPlainText("Motif : toux. Repos.")
    real.until(lambda: window.composer.can_send)
    window.conductor.send()
    real.until(lambda: outbox.items() and outbox.items()[0].state is OutboxState.SENT)
    (item,) = outbox.items()
    with Connection(SimpleNamespace(ready=real.stage.ready)) as xds:  # type: ignore[arg-type]
        (found,) = xds.client.find_by_unique_id(item.patient.ins, [item.unique_id])
        assert b"toux" in xds.client.retrieve(item.patient.ins, found)


def test_what_the_draft_lacks_is_said_and_greyed_out(real: RealWindow) -> None:
    line(real, strings_records_fr.RECORDS).trigger()
    page = real.window.body.currentWidget()
    assert ABSENT in page.told.text()
    assert not page.filter.isEnabled()
    line(real, strings_records_fr.PROFESSIONALS).trigger()
    assert ABSENT in real.window.body.currentWidget().told.text()


def test_an_opposition_that_fhir_does_not_tell_is_never_taken_for_none(real: RealWindow) -> None:
    present(real, "opposed")
    told = page_of(real).told
    real.until(lambda: told.text() and told.text() != strings_access_fr.TOLD_ASKED)
    assert "Opposition à l'accès en urgence (bris de glace) : le DMP ne le dit pas" in told.text()
    assert " : non" not in told.text()
    break_glass(real)
    real.until(lambda: "le patient s'y est opposé" in real.window.notices.what.text)
    real.until(lambda: not real.window.tasks.general.busy)
    assert not real.window.framed.framed, "the red frame never stood"
    assert not real.page.documents.model.entries
    assert not real.window.banner.emergency.isEnabled()


def test_an_emergency_where_nothing_bars_it(real: RealWindow) -> None:
    present(real, "expired")
    break_glass(real)
    real.until(lambda: real.page.documents.model.entries and not real.page.documents.model.loading)
    assert real.window.framed.framed
    real.window.access.bar.end.click()
    real.until(lambda: ended(real))
