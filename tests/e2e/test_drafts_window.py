"""Drafts in the real window, over the stand-in server and its cards: they outlive the card, the window and the program."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QTest

from dmp_desktop.platform.paths import training_station
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import draft_keeper
from dmp_desktop.ui import strings_drafts_fr as fr
from dmp_desktop.wiring import open_wiring
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow

NOTE = "Dyspnee d'effort depuis trois semaines. TA 13/8. HTA traitee par ramipril 5 mg. Crepitants des bases"


def write(real: RealWindow, text: str) -> None:
    real.window.conductor.write()
    real.window.composer.editor.clear()
    QTest.keyClicks(real.window.composer.editor, text)


def kept(environment: dict[str, str]) -> list[tuple[str, str]]:
    """What another process finds when the same doctor signs in: INS and words of each draft."""
    with open_wiring(environment) as wiring:
        return [(draft.patient.ins.value, draft.text) for draft, _revision in wiring.drafts.mine().drafts]


def test_a_card_pulled_in_the_middle_of_a_word_takes_no_letter_with_it(qapp, tmp_path, monkeypatch) -> None:
    """Nothing but the pulling keeps it: no pause of the keyboard comes first."""
    monkeypatch.setattr(draft_keeper, "AFTER_KEY_MS", 600_000)
    with real_window(qapp, tmp_path) as real:
        real.sign_in()
        real.open("ordinary")
        write(real, NOTE)
        draft = real.window.composer.draft
        real.stage.remove(0)
        real.until(lambda: real.window.session.state.phase is Phase.MASKED)
        real.until(lambda: real.window.keeper.safe(draft))
        assert real.window.keeper.pen_of(draft) is None, "the key went with the card"
        assert real.desktop._wiring.drafts.mine().drafts == ()
        real.window.drafts._drafts.clear()  # as in a program started anew
        real.window.keeper._kept.clear()
        real.sign_in()
        real.until(lambda: [one.text for one in real.window.drafts.all] == [NOTE])


def test_closing_asks_nothing_and_the_next_program_has_it_all(qapp, tmp_path: Path) -> None:
    with real_window(qapp, tmp_path) as real:
        real.sign_in()
        real.open("ordinary")
        write(real, NOTE)
        composer = real.window.composer
        real.until(lambda: composer.draft.proposals_hold and composer.draft.proposals)
        composer.proposals.model.tick(0, True)
        ticked = [one.label for one in composer.draft.proposals if one.accepted]
        patient = real.window.session.state.patient
        real.until(lambda: composer.kept.text().startswith(fr.KEPT_AT[:10]))
        draft = composer.draft
        real.window.close()
        real.until(lambda: not real.window.isVisible())
        assert real.window.keeper.safe(draft)
        files = list(training_station(tmp_path).home.rglob("*"))
        assert [file for file in files if file.suffix == ".db"]
        for file in files:
            if file.is_file():
                content = file.read_bytes()
                for word in ("Dyspn", "ramipril", "Crepitants", patient.birth_family, patient.ins.value):
                    assert word.encode() not in content, file.name
        found = real.desktop._wiring.drafts.mine().drafts
        ((back, _revision),) = found
        assert (back.text, back.patient.ins) == (NOTE, patient.ins)
        assert [one.label for one in back.proposals if one.accepted] == ticked


def test_a_sent_note_leaves_nothing_behind(qapp, tmp_path) -> None:
    with real_window(qapp, tmp_path) as real:
        real.sign_in()
        real.open("ordinary")
        write(real, NOTE)
        real.window.composer.draft.visibility_chosen = True
        service = real.desktop._wiring.drafts
        real.until(lambda: len(service.mine().drafts) == 1)
        draft = real.window.composer.draft

        def sent() -> bool:
            if not real.window.composer.sending and real.window.composer.draft is draft:
                real.window.conductor.send()  # held once: what the document does not say is read first
            return draft not in real.window.drafts.all

        real.until(sent)
        assert len(real.desktop._wiring.outbox.items()) == 1
        real.until(lambda: service.mine().drafts == ())
