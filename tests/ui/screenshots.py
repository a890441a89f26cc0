"""Draws each view with invented patients, docked and wide, light and dark: `python -m tests.ui.screenshots [FOLDER]`."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QElapsedTimer, QEvent
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from dmp_desktop.card import FakePcsc, open_fake
from dmp_desktop.card.failures import card_failure
from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.documents import Author, DocumentKind
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.sandbox.virtual_cards import CpsCard, VitaleCard
from dmp_desktop.services.diagnostics.service import Diagnostics
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.services.professional import told
from dmp_desktop.services.session_state import SessionState
from dmp_desktop.ui import theme
from dmp_desktop.ui.assembly import offer_diagnostic
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.models.facts import Section
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.views.diagnostic.view import DiagnosticView
from dmp_desktop.ui.virtual_reader import VirtualCard, VirtualReader
from dmp_desktop.ui.widgets.psc_panel import PscPanel
from tests.helpers.cps_certificates import certificate
from tests.helpers.stations import station
from tests.ui import fakes
from tests.ui.record import FakeReading, rich
from tests.ui.sign_in import ASKED, LAST, LOCKED, NO_MODULE, PLACES, WRONG, FakeEntries, FakePsc, public

UNSETTLED_MS = 60_000
"""Longer than a picture takes: questions that may not be answered yet."""
SCHEMES = ("light", "dark")
SIZES = {"narrow": (420, 900), "wide": (1400, 900)}
NOTE = (
    "Motif : mal de gorge depuis 3 jours.\nTA 135/80, température 37,8.\nPas de fièvre hier.\n"
    "Gorge rouge : angine. Test de diagnostic rapide négatif.\nRepos, paracétamol si douleur. À revoir si besoin."
)


class Stage:
    """One window and its services."""

    def __init__(self, folder: Path, *, reader: bool = False, with_psc: bool = False) -> None:
        self.folder = folder
        self.session, self.dossier = fakes.FakeSession(), fakes.FakeDossier()
        self.compose, self.outbox = fakes.FakeCompose(), fakes.FakeOutbox()
        self.search, self.habits = fakes.FakeSearch(), fakes.FakeHabits()
        self.reading = FakeReading(rich())
        self.psc = FakePsc()
        self.psc.available = with_psc
        self.search.entries = self.dossier.documents
        services = Services(
            self.session, self.dossier, self.compose, self.outbox, fakes.FakeDigest(), self.search, self.habits,
            self.reading, SettingsFile(folder / "settings.json"), psc=self.psc, entries=FakeEntries(),
        )  # fmt: skip
        cards = (
            VirtualCard("cps", "CPS Dr Dupont", professional=True),
            VirtualCard("lea", "Vitale Léa"),
            VirtualCard("paul", "Vitale Paul"),
        )
        drawn = VirtualReader(cards, lambda _slot, _name: None, lambda _slot: None) if reader else None
        self.window = MainWindow(sandbox=True, reader=drawn)
        self.window.furnish(services, fakes.FixedClock())
        self.window.complete()
        if drawn:
            drawn.put("cps")
        self.window.show()

    def until(self, true: Callable[[], bool]) -> None:
        timer = QElapsedTimer()
        timer.start()
        while not true() and timer.elapsed() < 60_000:
            QApplication.processEvents()
        assert true()

    def settle(self, milliseconds: int = 250) -> None:
        timer = QElapsedTimer()
        timer.start()
        while timer.elapsed() < milliseconds:
            QApplication.processEvents()

    def open(self) -> None:
        self.window.card_event(fakes.cps())
        self.window.card_event(fakes.vitale())
        model = self.window.page.documents.model
        self.until(lambda: bool(model.entries) and not model.loading)
        self.settle()

    def shoot(self, name: str) -> None:
        for scheme in SCHEMES:
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            theme.apply(app, theme.SCHEMES[scheme])
            for size, (width, height) in SIZES.items():
                self.window.resize(width, height)
                self.settle(150)
                assert self.window.width() == width, f"{name}: minimum width {self.window.width()}"
                self.window.grab().save(str(self.folder / f"{name}-{size}-{scheme}.png"))
        theme.apply(app, theme.LIGHT)

    def close(self) -> None:
        """Gone for good: each palette styles every window that is still alive, which took most of the time."""
        self.window.close()
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def masked(stage: Stage) -> None:
    stage.shoot("1-masked")
    busy = card_failure("busy")
    held = SessionState(
        service_up=True, readers=("Lecteur A",), notice=told(busy), unread=busy.code, unreadable=(busy.code,)
    )
    stage.window.conductor.show_session(held)
    stage.shoot("1-masked-busy")


def ready(stage: Stage) -> None:
    stage.window.card_event(fakes.cps())
    stage.settle()
    stage.shoot("2-ready")


def news(stage: Stage) -> None:
    stage.open()
    stage.shoot("3-news")
    stage.window.strip.more.setChecked(True)
    stage.shoot("3-news-detail")


def documents(stage: Stage) -> None:
    stage.open()
    stage.window.page.go(2)
    stage.shoot("4-documents")
    stage.window.page.documents.open(stage.dossier.documents[7])
    stage.settle()
    stage.shoot("5-document")


def loading(stage: Stage) -> None:
    stage.dossier.gate.clear()
    stage.dossier.documents = fakes.entries(5)
    stage.window.card_event(fakes.cps())
    stage.window.card_event(fakes.vitale())
    stage.settle()
    stage.window.page.go(2)
    stage.window.page.documents.model.start()
    stage.shoot("6-loading")
    stage.dossier.gate.set()


def choosing(stage: Stage) -> None:
    stage.session.vitale = (fakes.LEA, fakes.BABY)
    stage.window.card_event(fakes.cps())
    stage.window.card_event(fakes.vitale())
    stage.window.picker.settling.ms = UNSETTLED_MS
    stage.settle()
    stage.shoot("7-choosing-settling")
    stage.window.picker.settling.ms = 0
    stage.window.picker.clear()
    stage.window.conductor.show_session(stage.window.session.state)
    stage.settle()
    stage.shoot("7-choosing")


def second_vitale(stage: Stage) -> None:
    """Another family's card beside the open record."""
    stage.open()
    stage.session.vitale = (fakes.PAUL,)
    stage.window.picker.settling.ms = 0
    stage.window.card_event(fakes.vitale())
    stage.until(stage.window.picker.isVisible)
    stage.shoot("7-choosing-other")


def consent(stage: Stage) -> None:
    stage.dossier.answer = DossierStatus(exists=True, authorization=Authorization.NON_EXISTE)
    stage.window.card_event(fakes.cps())
    stage.window.card_event(fakes.vitale())
    stage.settle()
    stage.shoot("8-consent")


def unreached(stage: Stage) -> None:
    error = DmpError("dmp-injoignable", "Le DMP ne répond pas.", "Réessayez dans quelques minutes.", retryable=True)
    stage.dossier.errors.append(error)
    stage.window.card_event(fakes.cps())
    stage.window.card_event(fakes.vitale())
    stage.settle()
    stage.shoot("9-error")


def compose(stage: Stage) -> None:
    stage.open()
    stage.window.conductor.write()
    stage.window.composer.editor.setPlainText(NOTE)
    stage.until(lambda: bool(stage.window.composer.proposals.model.proposals))
    stage.settle()
    stage.shoot("10-compose")
    stage.window.card_event(fakes.vitale(False))
    stage.session.vitale = (fakes.PAUL,)
    stage.window.card_event(fakes.vitale())
    stage.settle()
    stage.window.session.choose(stage.window.session.state.candidates[0])
    stage.settle()
    stage.shoot("11-other-record")


def outbox(stage: Stage) -> None:
    stage.open()
    built = stage.compose.build(DocumentOrder(fakes.LEA, fakes.DOCTOR, fakes.NOW, NOTE), fakes.CABINET)
    for patient in (fakes.LEA, fakes.PAUL, fakes.LEA, fakes.LEA, fakes.PAUL):
        stage.outbox.send(patient, replace(built, title="Compte rendu de consultation du 20/11/2026"), ())
    sent = {"state": OutboxState.SENT, "waiting_for": WaitingFor.NOTHING}
    stage.outbox.move(1, **sent, proof="urn:uuid:7c1d2f1e-5b0b-4f7e-9f56-3f2f1c1b2a3d")
    refusal = "Le DMP a refusé le document : l'identité du patient n'est pas qualifiée."
    stage.outbox.move(
        2, state=OutboxState.REFUSED, waiting_for=WaitingFor.NOTHING, code="DMPInvalidIdentity", message=refusal,
        remedy="Qualifiez l'identité, puis réessayez.",
    )  # fmt: skip
    stage.outbox.move(3, waiting_for=WaitingFor.NETWORK, message="Le réseau est coupé.")
    stage.outbox.move(4, state=OutboxState.SENDING, waiting_for=WaitingFor.NOTHING)
    stage.window.conductor.write()
    stage.window.composer.editor.setPlainText(NOTE)
    stage.window.page.go(5)
    stage.settle()
    stage.shoot("12-outbox")


def outbox_states(stage: Stage) -> None:
    """Every state and cause, few enough at a time to be seen."""
    stage.open()
    stage.window.page.outbox.can_check = True
    built = stage.compose.build(DocumentOrder(fakes.LEA, fakes.DOCTOR, fakes.NOW, NOTE), fakes.CABINET)
    parked = {"next_attempt_at": None}
    objects = "Le patient s'est opposé à l'alimentation de son DMP."
    ins = "L'INS de ce patient n'est pas qualifiée : le document attend qu'elle le soit."
    check = "Vérifiez l'identité avec une pièce et le téléservice INSi : il partira de lui-même."
    rights = "Vérifiez l'autorisation d'accès du patient, ou votre rôle."
    proof = {
        "waiting_for": WaitingFor.NOTHING,
        "sent_at": fakes.NOW,
        "proof": "urn:uuid:7c1d2f1e-5b0b-4f7e-9f56-3f2f1c1b2a3d",
    }
    pages: tuple[tuple[dict[str, object], ...], ...] = (
        (
            {"waiting_for": WaitingFor.INS, "message": ins, "remedy": check, **parked},
            {"waiting_for": WaitingFor.OPPOSITION, "message": objects, **parked},
            {"waiting_for": WaitingFor.RIGHT, "message": "Vos droits ne suffisent pas.", "remedy": rights, **parked},
            {"waiting_for": WaitingFor.HOLD, **parked},
        ),
        (
            {"waiting_for": WaitingFor.UNDO},
            {"waiting_for": WaitingFor.CARD, "message": "La carte a été retirée.", "remedy": "Insérez-la."},
            {"waiting_for": WaitingFor.NETWORK, "message": "Le réseau est coupé.", "in_doubt": True},
            {"waiting_for": WaitingFor.NOTHING},
        ),
        (
            {"state": OutboxState.SENT, "answer": "ResponseStatusType:Success", **proof},
            {"state": OutboxState.REPLACED, **proof},
            {"state": OutboxState.DELETED, **proof},
            {"state": OutboxState.CANCELLED, "waiting_for": WaitingFor.NOTHING},
        ),
    )
    for page, states in enumerate(pages, 1):
        stage.outbox.held.clear()
        for number, changes in enumerate(states, 1):
            stage.outbox.send(
                fakes.LEA if number % 2 else fakes.PAUL, replace(built, title="Compte rendu du 20/11/2026"), ()
            )
            stage.outbox.move(number, **changes)
        stage.window.page.go(5)
        stage.settle()
        stage.shoot(f"38-outbox-states-{page}")


def sent(stage: Stage) -> None:
    stage.open()
    stage.window.conductor.write()
    stage.window.composer.editor.setPlainText(NOTE)
    stage.settle(600)
    stage.window.conductor.send()
    stage.settle()
    stage.shoot("13-sent")


def read(stage: Stage) -> None:
    """The open record is the rich one of tests/ui/record.py."""
    stage.dossier.documents = stage.reading.entries
    stage.open()


def synthesis(stage: Stage) -> None:
    read(stage)
    stage.window.page.go(1)
    stage.until(lambda: stage.window.page.synthesis.reader.complete)
    view = stage.window.page.synthesis
    stage.shoot("14-synthesis")
    facts = [number for number, row in enumerate(view.model.rows) if row.folds and row.mark.endswith("documents")]
    view.list.toggle(facts[0])
    stage.shoot("14-synthesis-unfolded")


def biology(stage: Stage) -> None:
    read(stage)
    stage.window.page.go(3)
    view = stage.window.page.biology
    stage.until(lambda: view.reader.complete)
    stage.shoot("21-biology")
    for row in (0, 1):
        view.list.asked.emit(view.model.index(row, 0))
        stage.settle()
        view.detail.chart.setFocus()
        stage.shoot(f"21-biology-curve-{row}")


def treatments(stage: Stage) -> None:
    read(stage)
    stage.window.page.go(4)
    view = stage.window.page.treatments
    stage.until(lambda: view.reader.complete)
    stage.shoot("22-treatments")
    view.timeline.setFocus()
    view.timeline.look_at(2)
    stage.shoot("22-treatments-timeline")


def being_read(stage: Stage) -> None:
    stage.reading.gate.clear()
    read(stage)
    stage.window.page.go(1)
    stage.settle()
    stage.shoot("23-being-read")
    stage.reading.gate.set()


def forms(stage: Stage) -> None:
    """Each kind's form, the vaccination's with a refused field."""
    stage.open()
    stage.compose.facts = fakes.FACTS
    for kind in stage.window.composer.options.kinds[1:]:
        stage.window.conductor.write(kind)
        stage.settle()
        if kind is DocumentKind.VACCINATION:
            stage.window.composer.editor.setPlainText("Rappel dTPca fait ce jour, bien toléré.")
            row = stage.window.composer.form.form.rows[0]
            row.fill({"label": "Repevax", "date": "2026-11-20", "site": "deltoïde gauche"})
            row.changed.emit()
            message = "Champ « extra.vaccines[0].lot » : numéro de lot attendu, champ absent ou vide."
            stage.compose.error = ContextError("context-field", message, field="extra.vaccines[0].lot")
            stage.window.conductor.send()
            stage.settle()
            stage.compose.error = None
        stage.shoot(f"15-form-{kind.value}")
        stage.window.notices.clear()


def review(stage: Stage) -> None:
    """A synthesis: being read, then the sections with a contradiction and without anything."""
    stage.open()
    stage.compose.facts = fakes.FACTS
    stage.compose.slow.clear()
    stage.window.conductor.write(DocumentKind.VSM)
    stage.settle()
    stage.shoot("16-review-reading")
    stage.compose.slow.set()
    stage.settle()
    form = stage.window.composer.form.form
    form.model.tick_all()
    stage.shoot("16-review-problems")
    form.go(Section.ALLERGIES)
    stage.shoot("16-review-allergies")
    form.go(Section.VACCINATIONS)
    stage.shoot("16-review-vaccinations")


def sensitive(stage: Stage) -> None:
    stage.open()
    stage.compose.topics = {"pilule": "contraception"}
    stage.window.conductor.write()
    stage.window.composer.editor.setPlainText("Renouvellement pilule. TA 135/80.")
    stage.settle(600)
    stage.window.conductor.send()
    stage.settle()
    stage.shoot("17-sensitive")


def suggestions(stage: Stage) -> None:
    stage.open()
    stage.window.conductor.write()
    editor = stage.window.composer.editor
    editor.setPlainText("Motif : renouvellement.\nTraitement : met")
    stage.window.activateWindow()
    editor.setFocus()
    editor.moveCursor(QTextCursor.MoveOperation.End)
    stage.window.composer.note._word_typed("met")
    stage.settle(400)
    for scheme in SCHEMES:
        theme.apply(QApplication.instance(), theme.SCHEMES[scheme])
        stage.settle(100)
        editor.suggest("met", list(stage.compose.suggest("met")))
        stage.window.grab().save(str(stage.folder / f"18-suggestions-narrow-{scheme}.png"))
    theme.apply(QApplication.instance(), theme.LIGHT)


def replacing(stage: Stage) -> None:
    own = replace(
        stage.dossier.documents[1], authors=(Author("DUPONT", "Camille", fakes.DOCTOR.national_id),), version=2
    )
    stage.dossier.documents[1] = own
    stage.compose.former_note = NOTE
    stage.open()
    stage.window.page.open_document(own)
    stage.settle()
    stage.shoot("19-own-document")
    stage.window.page.documents.replace.click()
    stage.settle(700)
    stage.shoot("20-replacement")


def settings(stage: Stage) -> None:
    """One value refused."""
    stage.open()
    stage.window.page.go(2)
    stage.window.page.documents.keeping.settings.trigger()
    stage.settle()
    view = stage.window.body.currentWidget()
    line = view.numbers["cache_hours"].line
    line.setText("100")
    line.editingFinished.emit()
    stage.shoot("24-settings")


def pin(stage: Stage) -> None:
    """The PIN asked, refused, the last try, and where no try is left."""
    stage.session.pin, stage.session.card = ASKED, public(is_test=True, days=20)
    stage.window.activateWindow()
    stage.window.card_event(fakes.cps())
    stage.settle()
    stage.shoot("30-pin")
    panel = stage.window.pin
    panel.can_diagnose = True
    for name, asked in (("wrong", WRONG), ("last", LAST), ("locked", LOCKED), ("module", NO_MODULE)):
        stage.session._set(pin=asked)
        stage.window.conductor.show_session(stage.session.state())
        stage.shoot(f"30-pin-{name}")
    stage.session._set(pin=ASKED)
    stage.window.conductor.show_session(stage.session.state())
    panel.since_key = lambda: 0.0
    for name, asked in (("strange", ASKED), ("again", WRONG)):
        panel.show_asked(asked)
        if asked is ASKED:
            panel.field.strange.emit()
        stage.shoot(f"30-pin-{name}")
    panel.since_key = lambda: math.inf
    panel.show_asked(ASKED)
    stage.session.gate.clear()
    panel.field.setText("1234")
    panel.enter.click()
    stage.settle(400)
    stage.shoot("30-pin-working")
    stage.session.gate.set()


def places(stage: Stage) -> None:
    stage.session.pin, stage.session.places, stage.session.suggested = ASKED, PLACES, 3
    stage.window.activateWindow()
    stage.window.card_event(fakes.cps())
    stage.settle()
    stage.window.places.settling.ms = UNSETTLED_MS
    stage.window.session.give_pin("1234", 0)
    stage.settle()
    stage.shoot("31-places-settling")
    stage.window.places.settling.ms = 0
    stage.window.places.ask(PLACES[:2], 3)
    stage.window.places.ask(PLACES, 3)
    stage.settle()
    stage.shoot("31-places")


def locked(stage: Stage) -> None:
    stage.open()
    stage.window.activateWindow()
    stage.window.gate.lock()
    stage.settle()
    stage.shoot("32-locked")


def roles(stage: Stage) -> None:
    stage.session.role, stage.session.card = Role.TRAINEE, public(days=1)
    stage.open()
    stage.window.conductor.write()
    stage.window.composer.editor.setPlainText(NOTE)
    stage.settle(600)
    stage.shoot("33-trainee")
    stage.window.page.go(5)
    stage.shoot("33-trainee-drafts")
    stage.window.card_event(fakes.cps(False))
    stage.session.role, stage.session.who = (
        Role.SECRETARY,
        replace(fakes.DOCTOR, family="PETIT", given="Anne", suffix=None),
    )
    stage.window.card_event(fakes.cps())
    stage.settle()
    stage.shoot("34-secretary")


def psc(stage: Stage) -> None:
    panel = stage.window.masked.findChild(PscPanel)
    assert panel
    stage.shoot("35-psc")
    panel.open.click()
    stage.shoot("35-psc-choice")
    panel.number.setText("10002422979")
    panel.phone.click()
    stage.settle()
    stage.shoot("35-psc-phone")
    panel.cancel.click()
    stage.psc.cancelled = False
    stage.psc.gate.clear()
    panel.browser.click()
    stage.settle()
    stage.shoot("35-psc-browser")
    panel.cancel.click()


def scanning(stage: Stage) -> None:
    stage.window.activateWindow()
    stage.window.card_event(fakes.cps())
    stage.settle()
    stage.window.scan.wait()
    stage.shoot("36-scan")


def diagnostic(stage: Stage) -> None:
    """Two readers, one card upside down, a galss.ini, no server."""
    pcsc = FakePcsc()
    pcsc.start_service()
    for reader in ("Lecteur A", "Lecteur B"):
        pcsc.plug(reader)
    pcsc.insert("Lecteur A", CpsCard(certificate(serial=2, signs=False), certificate(serial=1, signs=True)))
    pcsc.insert("Lecteur B", VitaleCard([("TEST-PATIENTE", "MARIE", "19790312", "279035121518989")]), mute=True)
    galss = stage.folder / "root/Windows/galss.ini"
    galss.parent.mkdir(parents=True, exist_ok=True)
    galss.write_text("[CANAL1]\nCaracteristiques=9600,8\n")
    offer_diagnostic(stage.window, lambda: Diagnostics(station(stage.folder, open_fake(pcsc))))
    stage.window.strip.more.setChecked(True)
    stage.shoot("37-diagnostic-strip")
    stage.window.strip.more.setChecked(False)
    stage.window.strip.diagnostic.click()
    view = stage.window.findChild(DiagnosticView)
    stage.until(lambda: view.again.isEnabled() and bool(view.cards))
    view.copy.click()
    stage.shoot("37-diagnostic")


SCENES = (
    masked, ready, news, documents, loading, choosing, second_vitale, consent, unreached, compose, outbox, outbox_states, sent, synthesis, biology,
    treatments, being_read, forms, review, sensitive, suggestions, replacing, settings, pin, places, locked, roles, psc,
    scanning, diagnostic,
)  # fmt: skip


def main(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    for scene in SCENES:
        if not names or scene.__name__ in names:
            stage = Stage(folder, reader=scene in (news, compose), with_psc=scene is psc)
            scene(stage)
            stage.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/tmp/shots"), sys.argv[2:])
