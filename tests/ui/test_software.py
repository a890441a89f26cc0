"""Réglages, « Documents vers le logiciel métier », and the document that is given to it from the viewer."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.documents import DocumentFormat
from dmp_desktop.exchange import context_from_dict
from dmp_desktop.exchange.profile import Profile
from dmp_desktop.platform.settings import Settings
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.giving_desk import GivingDesk
from dmp_desktop.services.opened import OpenedDocument
from dmp_desktop.services.outgoing_queue import OutgoingQueue
from dmp_desktop.services.profiles import ProfileDesk, ProfileFile
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.ui import strings_software_fr as fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.documents.exporting import Exporter
from dmp_desktop.ui.views.settings.view import SettingsView
from dmp_desktop.ui.widgets.document_pane import DocumentPane
from dmp_desktop.ui.widgets.document_tools import DocumentAct
from dmp_desktop.ui.widgets.ready_html import prepare
from tests.helpers.clock import FakeClock
from tests.helpers.documents import FULL, NOTE, NOW, UNIQUE_ID
from tests.ui import fakes


class Pages:
    """A journal in memory."""

    def __init__(self) -> None:
        self.records = []

    def append_all(self, records) -> None:
        self.records += records

    def pseudonym(self, value: str) -> str:
        return f"p{len(value)}"


@pytest.fixture
def desk(tmp_path):
    book = ActBook(Pages(), FakeClock(), lambda: "")
    home = tmp_path / "home"
    home.mkdir()
    clock = FakeClock(datetime(2026, 11, 20, 10, tzinfo=UTC))
    yield ProfileDesk(ProfileFile(home / "logiciel-metier.json"), Settings, home, book, lambda: None, clock)
    book.stop()


@pytest.fixture
def page(bench, qtbot, settings, desk) -> SettingsView:
    view = SettingsView(settings, bench.window.tasks.general, profiles=desk)
    qtbot.addWidget(view)
    view.resize(420, 900)
    view.show()
    view.show_for(None)
    qtbot.waitUntil(view.form.isEnabled)
    return view


def test_a_profile_is_made_changed_and_removed(page, qtbot, desk, tmp_path, monkeypatch):
    section, folder = page.software, tmp_path / "import"
    folder.mkdir()
    assert section.form is None, "made when it is asked for"
    assert section.listed.text() == fr.NONE
    section.open.click()
    form = section.form
    qtbot.waitUntil(form.isVisible)
    form.save.click()
    qtbot.waitUntil(lambda: "n'a pas de nom" in section.answer.text())
    form.name.setText("Mon logiciel")
    form.save.click()
    qtbot.waitUntil(lambda: "Aucun dossier n'est choisi" in section.answer.text())
    monkeypatch.setattr("dmp_desktop.ui.asking.folder", lambda *_asked: str(folder))
    form.choose.click()
    assert not form.encoding.isVisible()
    form.kinds["hprim"].click()
    assert form.encoding.isVisible()
    form.encoding.choose("cp850")
    form.template.setText("{nom}")
    form.save.click()
    qtbot.waitUntil(lambda: "ni l'INS du patient" in section.answer.text())
    form.template.setText("{date}_{id}")
    assert form.shown.text().endswith("20261120_" + form.shown.text()[-16:])
    form.automatic.click()
    form.save.click()
    qtbot.waitUntil(lambda: section.answer.text() == fr.SAVED)
    since = datetime(2026, 11, 20, 10, tzinfo=UTC)
    formats = ("pdf", "hprim", "json")
    assert desk.load() == (Profile("Mon logiciel", str(folder), formats, "{date}_{id}", encoding="cp850", since=since),)
    assert section.listed.text().endswith(fr.BY_ITSELF)
    form.kinds["cda"].click()
    form.save.click()
    qtbot.waitUntil(lambda: len(desk.load()[0].formats) == 4)
    assert desk.load()[0].since == since, "what was sent since it was first wanted"
    qtbot.waitUntil(lambda: form.which.chosen == "Mon logiciel")
    form.remove.click()
    qtbot.waitUntil(lambda: section.listed.text() == fr.NONE)
    assert desk.load() == ()


def test_who_may_not_change_them_is_told_why(page, qtbot, desk, monkeypatch):
    monkeypatch.setattr(desk, "refusal", lambda: "Réservé au médecin.")
    page.software.fill()
    assert not page.software.open.isEnabled()
    assert page.software.answer.text() == "Réservé au médecin."


@pytest.fixture(scope="module")
def cda() -> bytes:
    request = BuildRequest(
        context=context_from_dict(FULL), note=NOTE, unique_id=UNIQUE_ID, now=NOW, format=DocumentFormat.STRUCTURED
    )
    return build(request).cda


@pytest.fixture
def viewer(qtbot, tmp_path, cda):
    home = tmp_path / "home"
    home.mkdir()
    profiles = ProfileFile(home / "logiciel-metier.json")
    seal = Seal(b"k" * 32, "outgoing")
    queue = OutgoingQueue(home / "sortie", seal, profiles, Settings, home, "2.25.1", FakeClock())
    pool = TaskRunner(1)
    pane = DocumentPane(habits=HabitsKeeper(fakes.FakeHabits(), pool))
    qtbot.addWidget(pane)
    pane.show()
    exporter = Exporter(pane, fakes.FakeDossier(), pool, pane, giving=GivingDesk(profiles, queue))
    exporter.told = []
    exporter.done.connect(exporter.told.append)
    exporter.failed.connect(exporter.told.append)
    pane.show_document(prepare(OpenedDocument(entry_from_cda(cda), "<p>x</p>", raw=cda)))
    yield exporter, pane.bar.acts[DocumentAct.GIVE], profiles
    assert pool.close()


def test_the_open_document_goes_to_the_practice_software(viewer, qtbot, tmp_path, cda):
    exporter, act, profiles = viewer
    assert (act.text(), act.isVisible(), act.isEnabled()) == (viewer_fr.GIVE, True, True)
    act.trigger()
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert exporter.told.pop().code == "profile-none"
    folder = tmp_path / "import"
    profiles.save([Profile("Mon logiciel", str(folder), ("cda", "json"))])
    act.trigger()
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert "Gardé sur ce poste" in exporter.told.pop()
    folder.mkdir()
    act.trigger()
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert exporter.told == [viewer_fr.GIVEN]
    assert sorted(one.suffix for one in folder.iterdir()) == [".json", ".xml"]
    assert next(folder.glob("*.xml")).read_bytes() == cda
    assert json.loads(next(folder.glob("*.json")).read_bytes())["note"] == NOTE
