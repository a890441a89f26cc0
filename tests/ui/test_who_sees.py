"""What the composer offers as visibility: nothing the DMP does not allow of this patient, and each deposit says who sees it."""

from __future__ import annotations

import pytest

from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import ContextError
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.visibility import VisibilityRules
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.views.compose.sending import send
from tests.helpers.access_world import CABINET
from tests.ui import fakes
from tests.ui.access import FakeAccess
from tests.ui.record import FakeReading

PARENTS = Visibility.INVISIBLE_REPRESENTANTS_LEGAUX
BY = SignedIn(fakes.DOCTOR, CABINET, Role.DOCTOR, fakes.DOCTOR.national_id)


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
def access() -> FakeAccess:
    return FakeAccess()


@pytest.fixture
def session() -> fakes.FakeSession:
    session = fakes.FakeSession()
    session.vitale = (fakes.BABY,)
    return session


@pytest.fixture
def window(qtbot, settings, session, secret, access):
    services = Services(
        session,
        fakes.FakeDossier(),
        fakes.FakeCompose(),
        fakes.FakeOutbox(),
        fakes.FakeDigest(),
        fakes.FakeSearch(),
        fakes.FakeHabits(),
        FakeReading(),
        settings,
        may_show=secret,
        access=access,
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
    assert offered(window.composer.options) == [fr.VISIBILITY_CHOICE[PARENTS]]


def open_record(window, qtbot) -> None:
    window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: window.stack.currentIndex() == 1)
    window.card_event(fakes.vitale())
    qtbot.waitUntil(lambda: window.record.status is not None and not window.tasks.general.busy)


def connect(window, qtbot, access) -> None:
    access.begin(fakes.BABY, AccessMode.NORMAL, secret=True)
    qtbot.waitUntil(lambda: window.access.opened is not None)


def end(window, qtbot, access) -> None:
    access.end()
    qtbot.waitUntil(lambda: window.access.opened is None and not window.tasks.general.busy)


def test_a_note_that_was_on_screen_when_a_secret_connection_began_is_hidden_for_good(window, qtbot, access):
    """Begun before it, sent after it: what the doctor typed between is nobody else's."""
    open_record(window, qtbot)
    options = write(window, qtbot, fakes.BABY)
    window.body.setCurrentWidget(window.composer)
    connect(window, qtbot, access)
    assert options.statement.text().endswith("Représentants légaux : caché")
    window.composer.editor.setPlainText("TEST")
    end(window, qtbot, access)
    assert window.composer.draft.note().visibility is PARENTS
    assert offered(options) == [fr.VISIBILITY_CHOICE[PARENTS]]


@pytest.mark.parametrize("way", ["shown again", "a letter"])
def test_a_note_left_before_a_secret_connection_is_hidden_once_it_is_taken_up_in_it(window, qtbot, access, way):
    open_record(window, qtbot)
    options = write(window, qtbot, fakes.BABY)
    connect(window, qtbot, access)
    draft = window.composer.draft
    assert not draft.secret, "nothing of it is of the connection yet"
    if way == "shown again":
        window.conductor.show_draft(draft)
    else:
        window.composer.editor.insertPlainText("T")
    assert options.statement.text().endswith("Représentants légaux : caché")
    end(window, qtbot, access)
    assert (draft.secret, draft.visibility) == (True, PARENTS)


def test_the_note_of_another_patient_is_not_hidden_with_it(window, qtbot, access):
    open_record(window, qtbot)
    connect(window, qtbot, access)
    write(window, qtbot, fakes.LEA)
    window.composer.editor.insertPlainText("T")
    assert not window.composer.draft.secret


def test_what_was_chosen_before_a_secret_connection_does_not_leave_after_it(window, qtbot, access):
    """Masked from carers, the parents would see it: neither sent so, nor shown to carers by itself."""
    open_record(window, qtbot)
    options = write(window, qtbot, fakes.BABY)
    options.visibility.setCurrentIndex(1)
    options.visibility.activated.emit(1)
    window.conductor.show_draft(window.composer.draft)
    connect(window, qtbot, access)
    window.composer.editor.setPlainText("TEST")
    end(window, qtbot, access)
    draft = window.composer.draft
    assert draft.visibility is Visibility.MASQUE_PS
    with pytest.raises(ContextError, match="connexion secrète"):
        send(draft.note(), BY, fakes.FakeCompose(), fakes.FakeOutbox())


def test_what_the_doctor_chose_is_not_changed(window, qtbot, secret):
    open_record(window, qtbot)
    options = write(window, qtbot, fakes.BABY)
    options.visibility.setCurrentIndex(1)
    options.visibility.activated.emit(1)
    secret.on = True
    window.composer.show_draft(window.composer.draft)
    qtbot.waitUntil(lambda: not window.tasks.general.busy)
    assert window.composer.draft.visibility is Visibility.MASQUE_PS
    assert offered(options) == [fr.VISIBILITY_CHOICE[one] for one in (Visibility.MASQUE_PS, PARENTS)]
