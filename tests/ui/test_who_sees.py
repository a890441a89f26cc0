"""What the composer offers as visibility: nothing the DMP does not allow of this patient, and each deposit says who sees it."""

from __future__ import annotations

import pytest

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.services.visibility import VisibilityRules
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from tests.ui import fakes
from tests.ui.record import FakeReading

PARENTS = Visibility.INVISIBLE_REPRESENTANTS_LEGAUX


class Secret:
    """The rules of the services, in or out of a minor's secret connection."""

    def __init__(self) -> None:
        self.on = False

    def __call__(self, patient, restrictions) -> None:
        VisibilityRules().check(patient, restrictions, fakes.NOW.date(), secret=self.on)


@pytest.fixture
def secret() -> Secret:
    return Secret()


@pytest.fixture
def window(qtbot, settings, secret):
    services = Services(
        fakes.FakeSession(),
        fakes.FakeDossier(),
        fakes.FakeCompose(),
        fakes.FakeOutbox(),
        fakes.FakeDigest(),
        fakes.FakeSearch(),
        fakes.FakeHabits(),
        FakeReading(),
        settings,
        may_show=secret,
    )
    window = MainWindow(sandbox=True)
    window.furnish(services, fakes.FixedClock())
    window.complete()
    qtbot.addWidget(window)
    window.show()
    yield window
    assert window.tasks.close()


def write(window, qtbot, patient):
    draft = window.drafts.open_for(patient, fakes.DOCTOR, None)
    window.composer.show_draft(draft)
    qtbot.waitUntil(lambda: not window.tasks.general.busy)
    return window.composer.options


def offered(options) -> list[str]:
    return [options.visibility.itemText(row) for row in range(options.visibility.count())]


def test_an_adult_has_no_legal_representatives(window, qtbot):
    options = write(window, qtbot, fakes.LEA)
    assert offered(options) == [fr.VISIBILITY_CHOICE[one] for one in fr.VISIBILITY_CHOICE if one is not PARENTS]
    assert options.statement.text() == "Soignants : visible · Patient : visible"
    options.visibility.setCurrentIndex(2)
    options.visibility.activated.emit(2)
    assert options.statement.text() == "Soignants : visible · Patient : caché"


def test_a_minor_s_document_says_what_the_parents_see(window, qtbot):
    options = write(window, qtbot, fakes.BABY)
    assert len(offered(options)) == 4
    assert options.statement.text().endswith("Représentants légaux : visible")


def test_in_a_secret_connection_the_parents_alone_do_not_see(window, qtbot, secret):
    secret.on = True
    options = write(window, qtbot, fakes.BABY)
    assert offered(options) == [fr.VISIBILITY_CHOICE[PARENTS]]
    assert window.composer.draft.visibility is PARENTS
    assert options.statement.text() == "Soignants : visible · Patient : visible · Représentants légaux : caché"


def test_the_end_of_a_secret_connection_shows_nothing_to_the_parents(window, qtbot, secret):
    secret.on = True
    write(window, qtbot, fakes.BABY)
    draft = window.composer.draft
    secret.on = False
    window.composer.show_draft(draft)
    qtbot.waitUntil(lambda: not window.tasks.general.busy)
    assert draft.visibility is PARENTS
    assert len(offered(window.composer.options)) == 4


def test_what_the_doctor_chose_is_not_changed(window, qtbot, secret):
    options = write(window, qtbot, fakes.BABY)
    options.visibility.setCurrentIndex(1)
    options.visibility.activated.emit(1)
    secret.on = True
    window.composer.show_draft(window.composer.draft)
    qtbot.waitUntil(lambda: not window.tasks.general.busy)
    assert window.composer.draft.visibility is Visibility.MASQUE_PS
    assert offered(options) == [fr.VISIBILITY_CHOICE[one] for one in (Visibility.MASQUE_PS, PARENTS)]
