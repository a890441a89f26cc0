"""The pages of identities on the real stand-in, docked and wide, light and dark:
`python -m tests.ui.screenshots_identity FOLDER [--dark] [--wide]`."""

from __future__ import annotations

import threading
from pathlib import Path

from dmp_desktop.domain.consent import Subject
from dmp_desktop.domain.ins import nir_key
from dmp_desktop.domain.insi import InsiAnswer, TraitQuery
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox.virtual_cards import VitaleCard
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.views.identity.view import IdentityView
from tests.helpers.identities import ScriptedInsi
from tests.helpers.morning import secretary_comes
from tests.helpers.real_window import RealWindow
from tests.ui.real_scenes import play, shoot

PARENT = "1810663113042"


def _doctor(real: RealWindow, folder: Path) -> None:
    nir = PARENT + nir_key(PARENT)
    real.stage.cards["parent"] = VitaleCard([("TEST-OUVRANT", "UGO", "19810607", nir)])
    real.sign_in()
    real.stage.insert(1, "parent")
    real.until(lambda: real.window.notices.button.text() == fr.CHECK_IDENTITY)
    shoot(real, folder, "1-unknown-card")
    real.window.notices.button.click()
    view = real.window.body.currentWidget()
    assert isinstance(view, IdentityView)
    real.until(lambda: view.answer.take.isVisible())
    shoot(real, folder, "2-answer")
    real.stage.remove(1)
    real.open("ordinary")
    acts = real.window.banner.acts.menu()
    assert acts is not None
    next(line for line in acts.actions() if line.text() == fr.ASK).trigger()
    view = real.window.body.currentWidget()
    assert isinstance(view, IdentityView)
    real.until(view.person.isVisible)
    shoot(real, folder, "3-patient")
    _late(real, folder, view)
    view.person.correct.click()
    shoot(real, folder, "4-correct")
    view.person.form.family.setText("TEST-AUTRE")
    view.person.save.click()
    real.until(lambda: real.window.session.state.patient is None and real.window.notices.isVisible())
    shoot(real, folder, "5-closed")
    real.window.session.sign_out()
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)
    real.stage.remove(1)


def _late(real: RealWindow, folder: Path, view: IdentityView) -> None:
    """INSi fails once the page was left."""
    identities, answer = real.desktop._wiring.identities, threading.Event()
    insi = identities._insi

    def fail(_query: TraitQuery) -> InsiAnswer:
        answer.wait(120)
        raise DmpError("Http503", "L'INSi ne répond pas.", retryable=True)

    identities._insi = lambda: ScriptedInsi(fail)
    view.person.ask_traits.click()
    view.back.click()
    answer.set()
    real.until(real.window.notices.isVisible)
    shoot(real, folder, "3-late")
    identities._insi = insi
    real.window.notices.button.click()
    real.until(view.person.isVisible)
    shoot(real, folder, "3-late-seen")


def _secretary(real: RealWindow, folder: Path) -> None:
    secretary_comes(real)
    desk = real.window.desk
    real.until(lambda: desk.findChild(IdentityView) is not None)
    view = desk.findChild(IdentityView)
    assert view is not None
    desk.front(view)
    shoot(real, folder, "6-desk")
    view.search.new.click()
    shoot(real, folder, "7-desk-new")
    form = view.search.form
    for field, typed in (
        (form.family, "test-moreau"),
        (form.first, "gérard"),
        (form.born, "23051949"),
        (form.place, "75056"),
    ):
        field.setText(typed)
    form.sex.setCurrentIndex(1)
    view.search.create_person.click()
    real.until(view.person.isVisible)
    view.person.ask_traits.click()
    real.until(view.answer.take.isVisible)
    shoot(real, folder, "8-desk-answer")
    view.answer.documents.widgets[0].click()
    real.until(view.desk.ask_dmp.isVisible)
    view.desk.ask_dmp.click()
    real.until(view.desk.dmp.text)
    shoot(real, folder, "9-desk-qualified")
    real.until(view.desk.opinions.isVisible)
    view.desk.opinions.opinions[Subject.FEEDING].oppose.click()
    real.until(lambda: not view.desk.opinions.opinions[Subject.FEEDING].oppose.isVisible())
    view._area.ensureWidgetVisible(view.desk.opinions)
    shoot(real, folder, "10-desk-opinions")


if __name__ == "__main__":
    play(__doc__, _doctor, _secretary)
