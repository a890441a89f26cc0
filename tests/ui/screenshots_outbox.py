"""Draws every state of À envoyer, and the usual visibility, docked and wide, light and dark:
`python -m tests.ui.screenshots_outbox [FOLDER]`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import ContextError
from dmp_desktop.services.habits import Habits
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.services.outbox_barriers import UNQUALIFIED
from dmp_desktop.services.outbox_chain import _WHY
from dmp_desktop.ui import record_page, theme
from tests.ui import fakes
from tests.ui.screenshots import NOTE, Stage

TITLE = "Compte rendu de consultation du 20/11/2026"
PARKED: dict[str, Any] = {"next_attempt_at": None}
OVER: dict[str, Any] = {
    "waiting_for": WaitingFor.NOTHING,
    "sent_at": fakes.NOW,
    "proof": "urn:uuid:7c1d2f1e-5b0b-4f7e-9f56-3f2f1c1b2a3d",
    "answer": "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success",
}
REFUSED: dict[str, Any] = {"state": OutboxState.REFUSED, "waiting_for": WaitingFor.NOTHING}
GROUPS: dict[str, list[dict[str, Any]]] = {
    "outbox-waiting": [
        {"waiting_for": WaitingFor.UNDO},
        {
            "waiting_for": WaitingFor.NETWORK,
            "message": "Le DMP ne répond pas.",
            "remedy": "L'envoi reprendra de lui-même.",
        },
        {
            "waiting_for": WaitingFor.NETWORK,
            "code": "outbox-clock",
            "message": "L'horloge de cet ordinateur avance sur celle du DMP, qui a refusé l'envoi.",
            "remedy": "Mettez l'ordinateur à l'heure : l'envoi repartira seul.",
        },
        {"waiting_for": WaitingFor.CARD},
        {"waiting_for": WaitingFor.NOTHING},
    ],
    "outbox-waiting-for-somebody": [
        {"waiting_for": WaitingFor.INS, **PARKED, "message": UNQUALIFIED.message, "remedy": UNQUALIFIED.remedy},
        {
            "waiting_for": WaitingFor.OPPOSITION,
            **PARKED,
            "code": "feeding-opposed",
            "message": "Ce patient s'oppose à l'alimentation de son DMP.",
            "remedy": "S'il change d'avis, notez-le dans son dossier : le document partira.",
        },
        {
            "waiting_for": WaitingFor.RIGHT,
            **PARKED,
            "message": "Vos droits ne suffisent pas pour ce dossier.",
            "remedy": "Déclarez l'accord du patient, puis réessayez.",
        },
        {"waiting_for": WaitingFor.HOLD, **PARKED},
        {"state": OutboxState.SENDING, "waiting_for": WaitingFor.NOTHING},
    ],
    "outbox-refused": [
        {
            **REFUSED,
            "code": "DMPInvalidData",
            "message": "Le DMP a refusé le document. Le DMP précise : « le code de section est inconnu ».",
            "remedy": "Corrigez la note, puis envoyez-la à nouveau.",
        },
        *(
            {**REFUSED, "code": why.code, "message": why.message, "remedy": why.remedy}
            for why in _WHY.values()
        ),
        {
            **REFUSED,
            "in_doubt": True,
            "code": "outbox-internal",
            "message": "Une erreur de DMP Desktop a empêché l'envoi.",
            "remedy": "Réessayez ; si cela se répète, transmettez le rapport de diagnostic au support.",
        },
    ],
    "outbox-over": [
        {"state": OutboxState.SENT, **OVER},
        {"state": OutboxState.REPLACED, **OVER},
        {"state": OutboxState.DELETED, **OVER},
        {"state": OutboxState.CANCELLED, "waiting_for": WaitingFor.NOTHING},
    ],
}  # fmt: skip


def states(folder: Path) -> None:
    for name, changes in GROUPS.items():
        stage = Stage(folder)
        stage.window.page.outbox.can_check = True
        stage.window.page.outbox.notes = lambda stage=stage: frozenset(item.unique_id for item in stage.outbox.held)
        stage.open()
        built = stage.compose.build(DocumentOrder(fakes.LEA, fakes.DOCTOR, fakes.NOW, NOTE), fakes.CABINET)
        for number, change in enumerate(reversed(changes), 1):
            item: OutboxItem = stage.outbox.send(fakes.LEA, replace(built, title=TITLE), ())
            stage.outbox.move(item.id, unique_id=f"2.25.{number}0293847561029384756", **change)
        stage.window.page.go(record_page.OUTBOX)
        stage.settle(600)
        stage.shoot(name)
        stage.close()


def drafts(folder: Path) -> None:
    for name, role in (("outbox-draft", Role.DOCTOR), ("outbox-to-validate", Role.TRAINEE)):
        stage = Stage(folder)
        stage.session.role = role
        stage.open()
        stage.window.conductor.write()
        stage.window.composer.editor.setPlainText(NOTE)
        stage.window.page.go(record_page.OUTBOX)
        stage.settle(400)
        stage.shoot(name)
        stage.close()


def told(folder: Path) -> None:
    """The notice bar: a note withdrawn, one whose former version is gone."""
    stage = Stage(folder)
    stage.open()
    stage.window.conductor.write()
    stage.window.composer.editor.setPlainText(NOTE)
    stage.window.conductor.send()
    stage.until(lambda: bool(stage.outbox.held))
    stage.settle(400)
    stage.shoot("outbox-sent-undo")
    stage.close()
    stage = Stage(folder)
    stage.open()
    why = _WHY[OutboxState.DELETED]
    stage.outbox.refusal = ContextError(why.code, why.message, why.remedy)
    stage.window.conductor.replace(replace(fakes.entries(2)[1]))
    stage.settle(400)
    stage.window.composer.editor.setPlainText(NOTE)
    stage.window.conductor.send()
    stage.settle(400)
    stage.shoot("outbox-former-gone")
    stage.close()


def usual(folder: Path) -> None:
    stage = Stage(folder)
    stage.habits.kept = Habits(shown=("consultation:masque_ps", "certificate:invisible_patient"))
    stage.open()
    stage.window.conductor.write()
    stage.window.composer.editor.setPlainText(NOTE)
    stage.settle(400)
    stage.shoot("usual-proposed")
    box = stage.window.composer.options.visibility
    box.choose(Visibility.INVISIBLE_PATIENT)
    box.activated.emit(box.currentIndex())
    stage.settle(200)
    stage.shoot("usual-always")
    stage.window.page.documents.keeping.settings.trigger()
    stage.settle(600)
    stage.shoot("usual-settings")
    stage.close()


def draw(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for scene in (states, drafts, told, usual):
        scene(folder)


if __name__ == "__main__":
    application = QApplication([])
    theme.apply(application, theme.LIGHT)
    draw(Path(sys.argv[1] if len(sys.argv) > 1 else "/tmp/screenshots"))
