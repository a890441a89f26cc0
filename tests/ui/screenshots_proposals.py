"""Draws a note on its way from an intern to her doctor and back, in the real window: `python -m tests.ui.screenshots_proposals [FOLDER]`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.people import Role
from dmp_desktop.ui import record_page, theme
from tests.e2e.test_proposals_window import NOTE, doctor_was_there, open_first, propose, states, validate_list, write
from tests.helpers.locum_card import comes, leaves, with_card_of
from tests.ui.screenshots_real import shoot


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    with tempfile.TemporaryDirectory() as data, with_card_of(app, Path(data), Role.TRAINEE) as real:
        window = real.window
        comes(real)
        real.stage.insert(1, real.stage.patient_card("ordinary"))
        real.until(lambda: window.session.state.patient)
        window.conductor.write()
        window.composer.editor.setPlainText(NOTE)
        real.until(lambda: window.acts.barred.text())
        shoot(real, app, folder / "proposal-1-nobody")
        leaves(real)
        doctor_was_there(real)
        comes(real)
        draft = write(real, NOTE)
        shoot(real, app, folder / "proposal-2-to-propose")
        propose(real)
        shoot(real, app, folder / "proposal-3-proposed")
        window.conductor.show_draft(draft)
        shoot(real, app, folder / "proposal-4-waiting")
        leaves(real)
        real.sign_in()
        real.pause(1)
        shoot(real, app, folder / "proposal-5-reminder")
        validate_list(real)
        shoot(real, app, folder / "proposal-6-list")
        open_first(real)
        real.pause(1)
        shoot(real, app, folder / "proposal-7-review")
        review = window.proposals._review if window.proposals else None
        assert review is not None
        review.ask.click()
        review.reason.setText("La tension est à reprendre au repos.")
        shoot(real, app, folder / "proposal-8-give-back")
        review.give.click()
        real.until(lambda: "returned" in states(real))
        shoot(real, app, folder / "proposal-9-given-back")
        leaves(real)
        comes(real)
        real.until(lambda: any("Rendue par" in one.word for one in window.drafts.all))
        window.page.go(record_page.OUTBOX)
        shoot(real, app, folder / "proposal-10-returned-list")
        window.conductor.show_draft(next(one for one in window.drafts.all if one.text == NOTE))
        shoot(real, app, folder / "proposal-11-returned")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.gettempdir()))
