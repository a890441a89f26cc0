"""Who does not see the documents of each kind, by the doctor's habit: proposed, said, and never more than a proposal."""

from __future__ import annotations

import pytest

from dmp_desktop.domain.documents import DocumentKind, Visibility
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.roles import Task, refusal
from dmp_desktop.services.habits import Habits
from dmp_desktop.ui import strings_forms_fr as forms_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_settings_fr as settings_fr
from dmp_desktop.ui.views.compose.kept import draft_of, kept_draft
from dmp_desktop.ui.views.settings.usual import UsualVisibilitySection

MASKED, PATIENT, PARENTS = (
    Visibility.MASQUE_PS,
    Visibility.INVISIBLE_PATIENT,
    Visibility.INVISIBLE_REPRESENTANTS_LEGAUX,
)
LETTERS, NOTES = DocumentKind.LETTER, DocumentKind.CONSULTATION


@pytest.fixture
def writing(bench, qtbot):
    """A note for Léa, of a doctor whose letters and notes are masked."""
    bench.habits.kept = Habits(shown=("letter:masque_ps", "consultation:masque_ps"))
    bench.open(qtbot)
    bench.window.conductor.write()
    qtbot.waitUntil(lambda: bench.window.composer.draft.visibility is MASKED)
    return bench


def options(bench):
    return bench.window.composer.options


def choose(bench, visibility) -> None:
    box = options(bench).visibility
    box.choose(visibility)
    box.activated.emit(box.currentIndex())


def choose_kind(bench, kind) -> None:
    box = options(bench).kind
    box.choose(kind)
    box.activated.emit(box.currentIndex())


def test_it_is_proposed_said_and_sent(writing, qtbot):
    assert options(writing).visibility.chosen is MASKED
    assert options(writing).usual.text() == forms_fr.USUAL
    assert options(writing).usual.isVisible()
    assert options(writing).statement.text() == "Soignants : caché · Patient : visible"
    writing.window.composer.editor.setPlainText("Gorge rouge.")
    writing.window.conductor.send()
    qtbot.waitUntil(lambda: bool(writing.outbox.held))
    assert writing.outbox.held[0].visibility == {MASKED}


def test_the_doctor_s_own_choice_wins_for_good(writing):
    choose(writing, None)
    assert options(writing).usual.text() == ""
    choose_kind(writing, LETTERS)
    assert writing.window.composer.draft.visibility is None
    choose_kind(writing, NOTES)
    assert writing.window.composer.draft.visibility is None


def test_another_kind_has_its_own(writing):
    choose_kind(writing, DocumentKind.CERTIFICATE)
    assert (writing.window.composer.draft.visibility, options(writing).usual.isVisible()) == (None, False)
    choose_kind(writing, LETTERS)
    assert writing.window.composer.draft.visibility is MASKED


def test_a_sensitive_subject_asks_all_the_same(writing, qtbot):
    writing.compose.topics = {"IVG": "IVG"}
    writing.window.composer.editor.setPlainText("IVG en 2015.")
    writing.window.conductor.send()
    qtbot.waitUntil(writing.window.composer.sensitive.isVisible)
    assert writing.outbox.held == []


@pytest.mark.parametrize(("usual", "why"), [(PARENTS, "an adult has none"), (PATIENT, "the DMP does not allow it")])
def test_what_is_not_possible_for_this_patient_is_not_proposed_and_said(bench, qtbot, usual, why):
    bench.habits.kept = Habits(shown=(f"consultation:{usual.value}",))
    bench.open(qtbot)
    bench.window.conductor.write()
    draft = bench.window.composer.draft
    if usual is PATIENT:
        qtbot.waitUntil(lambda: draft.visibility is PATIENT)
        draft.refused = frozenset((PATIENT,))
        options(bench).show_draft(draft)
    told = forms_fr.USUAL_BARRED.format(fr.VISIBILITY_CHOICE[usual])
    qtbot.waitUntil(lambda: options(bench).usual.text() == told)
    assert draft.visibility is None, why


def test_what_hides_a_note_for_another_reason_stays(writing):
    draft = writing.window.composer.draft
    draft.visibility = PATIENT  # as a former version was
    options(writing).show_draft(draft)
    assert draft.visibility is PATIENT
    again = draft_of(kept_draft(draft, with_facts=True))
    options(writing).show_draft(again)
    assert again.visibility is PATIENT


def test_a_note_that_comes_back_from_the_disk_is_not_shown_to_more_people(writing):
    again = draft_of(kept_draft(writing.window.composer.draft, with_facts=True))
    writing.window.page.habits.change(shown=())
    options(writing).show_draft(again)
    assert again.visibility is MASKED


def test_always_so_is_one_click_and_is_offered_where_it_changes_something(bench, qtbot):
    bench.open(qtbot)
    bench.window.conductor.write()
    always = options(bench).always
    assert not always.isVisible()
    choose(bench, MASKED)
    assert always.isVisible()
    always.click()
    assert not always.isVisible()
    assert options(bench).usual.text() == forms_fr.USUAL
    qtbot.waitUntil(lambda: bench.habits.kept.visibilities == {NOTES: MASKED})
    choose(bench, None)
    always.click()
    qtbot.waitUntil(lambda: bench.habits.kept.shown == ())


def settings_of(bench, qtbot) -> UsualVisibilitySection:
    bench.window.page.documents.keeping.settings.trigger()
    page = bench.window.body.currentWidget()
    qtbot.waitUntil(page.form.isEnabled)
    return page.usual


def test_it_is_set_in_the_settings_and_followed_by_the_note_under_way(bench, qtbot):
    bench.open(qtbot)
    bench.window.conductor.write()
    draft = bench.window.composer.draft
    section = settings_of(bench, qtbot)
    assert section.chosen.text() == settings_fr.USUAL_NONE
    for kind, visibility in ((LETTERS, PATIENT), (NOTES, MASKED)):
        section.kind.choose(kind)
        section.kind.activated.emit(0)
        section.visibility.choose(visibility)
        section.visibility.activated.emit(0)
    assert section.chosen.text().splitlines() == [
        "Compte rendu de consultation : Masqué aux professionnels",
        "Lettre d'adressage : Invisible au patient",
    ]
    assert draft.visibility is MASKED
    qtbot.waitUntil(lambda: bench.habits.kept.visibilities == {LETTERS: PATIENT, NOTES: MASKED})


def test_who_writes_no_documents_has_none(bench, qtbot):
    bench.open(qtbot)
    why = refusal(Role.SECRETARY, Task.WRITE_NOTES)
    for told in (why, ""):
        section = UsualVisibilitySection(bench.window.page.habits, [NOTES], lambda told=told: told, bench.window)
        section.fill()
        assert section.isHidden() is bool(told)


def test_what_a_later_version_knows_is_left_alone() -> None:
    habits = Habits(shown=("hologram:masque_ps", "letter:invisible_moon", "letter:masque_ps"))
    assert habits.visibilities == {LETTERS: MASKED}
    assert Habits(shown=habits.with_visibility(LETTERS, None)).shown == ("hologram:masque_ps",)
