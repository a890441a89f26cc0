"""« Mes dossiers », the professionals of a record and the Web DMP, in the real window on the stand-in server."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QAction, QDesktopServices

from dmp_desktop.ui import strings_records_fr as fr
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def real(qapp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealWindow]:
    with real_window(qapp, tmp_path_factory.mktemp("dossiers")) as world:
        world.sign_in()
        yield world


class Browser(QObject):
    """Takes what Qt would give the default browser, and asks for it as one does: with no certificate."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.opened.append(url.toString())

    def page(self, authority: Path) -> str:
        parts = urlsplit(self.opened[-1])
        trust = ssl.create_default_context(cafile=str(authority))
        connection = http.client.HTTPSConnection(parts.netloc, context=trust, timeout=20)
        try:
            connection.request("GET", parts.path)
            answer = connection.getresponse()
            assert answer.status == 200
            return answer.read().decode()
        finally:
            connection.close()


@pytest.fixture
def browser() -> Iterator[Browser]:
    taken = Browser()
    QDesktopServices.setUrlHandler("https", taken, "take")
    yield taken
    QDesktopServices.unsetUrlHandler("https")


def line(real: RealWindow, words: str) -> QAction:
    return next(one for one in real.window.banner.acts.menu().actions() if one.text() == words)


def person(real: RealWindow, story: str) -> dict[str, str]:
    return next(item["patient"] for item in real.stage.ready["patients"] if item["story"] == story)


def test_a_record_is_found_opened_and_told_of(real: RealWindow, browser: Browser) -> None:
    window = real.window
    line(real, fr.RECORDS).trigger()
    page = window.body.currentWidget()
    page.period.choose(365)
    page.period.activated.emit(2)
    real.until(lambda: page.model.rows)
    dates = [row.of.last_document for row in page.model.rows]
    assert dates == sorted(dates, reverse=True)
    ordinary = person(real, "ordinary")
    page.filter.setText(ordinary["birth_family"])
    (row,) = page.model.rows
    assert row.of.attending is (row.card.mark == "médecin traitant")
    page.list.asked.emit(page.model.index(0, 0))
    real.until(lambda: real.page.documents.model.entries and not real.page.documents.model.loading)
    patient = window.record.patient
    assert patient is not None
    assert patient.ins.value == ordinary["ins"]
    assert window.body.currentWidget() is window.page
    assert page.model.total == 0

    line(real, fr.PROFESSIONALS).trigger()
    people = window.body.currentWidget()
    real.until(lambda: people.model.rows)
    doctor = next(one for one in people.model.rows if one.of.family == "DUPONT")
    assert doctor.cells[1].startswith("Médecin")

    line(real, fr.WEB_PATIENT).trigger()
    authority = Path(real.stage.ready["ca"])
    text = browser.page(authority)
    assert "<h1>Dossier du patient</h1>" in text
    assert ordinary["ins"] in text
    line(real, fr.WEB_DASHBOARD).trigger()
    assert "sans patient" in browser.page(authority)
    assert ordinary["ins"] not in browser.opened[-1]

    window.conductor.close_patient()
    real.until(lambda: window.record.patient is None)
    assert people.model.total == 0
    line(real, fr.RECORDS).trigger()
    page.order.choose(fr.BY_ACCESS)
    page.order.activated.emit(1)
    real.until(lambda: not page.model.loading and page.model.rows)
    assert page.model.rows[0].of.patient.value == ordinary["ins"]

    logs = list(Path(real.stage.environment["DMP_DESKTOP_HOME"]).rglob("*.log"))
    assert logs
    assert all(ordinary["ins"].encode() not in file.read_bytes() for file in logs)
