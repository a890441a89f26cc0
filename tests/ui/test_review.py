"""A synthesis is reviewed section by section: what is not ticked is not sent, what is not known is not denied."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.read import data_from_cda, text_from_cda
from dmp_desktop.domain.clinical import ItemKind
from dmp_desktop.domain.documents import Code, DocumentKind
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.errors import DmpError
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.models.facts import NO_KNOWN_ALLERGY, FactsModel, Review, Section, arrange, detail, head, opposed
from dmp_desktop.ui.stalls import LIMIT_MS
from tests.helpers.documents import NOW, UNIQUE_ID, full_context
from tests.ui import fakes
from tests.ui.timing import worst_stall

ABSENT, PRESENT = ProposalStatus.ABSENT, ProposalStatus.PRESENT
PENICILLIN, NO_ALLERGY = fakes.FACTS[4], fakes.FACTS[5]


@pytest.fixture
def reviewing(bench, qtbot):
    """A synthesis under way for Léa, her record read."""
    bench.compose.facts = fakes.FACTS
    bench.open(qtbot)
    bench.window.conductor.write(DocumentKind.VSM)
    bench.window.activateWindow()
    bench.form = bench.window.composer.form.form
    qtbot.waitUntil(lambda: bench.form.review.facts is not None)
    return bench


def all_seen(form) -> None:
    for section in Section:
        form.go(section)


def sent_items(bench, qtbot) -> list[str]:
    bench.window.conductor.send()
    qtbot.waitUntil(lambda: bool(bench.outbox.held))
    return [item.label for item in bench.compose.orders[0].items]


def test_facts_are_in_their_sections(reviewing):
    review = reviewing.form.review
    assert {section: [item.label for item in review.of(section)] for section in Section} == {
        Section.PROBLEMS: ["Diabète de type 2", "Hypertension artérielle"],
        Section.HISTORY: ["Appendicite"],
        Section.PROCEDURES: ["Coloscopie"],
        Section.ALLERGIES: ["Pénicilline", "Aucune allergie connue"],
        Section.TREATMENTS: ["Metformine 1000 mg"],
        Section.VACCINATIONS: ["Repevax"],
        Section.RISKS: ["Cancer du côlon"],
    }
    assert len(fr.SECTIONS) == len(Section)


def test_each_fact_says_since_when_and_who_says_it(reviewing):
    model = reviewing.form.model
    assert model.index(0).data() == "Diabète de type 2\ndepuis le 02/05/2014 · VSM du 12/03/2025, Dr PETIT"
    assert model.index(1).data().splitlines()[1].startswith("date non renseignée · ")
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole).count("\n") == 0
    assert head(fakes.FACTS[6]) == "Metformine 1000 mg · 1000 mg 1-0-1"
    assert head(fakes.FACTS[7]) == "Repevax · lot A123 · rang 4"
    assert head(fakes.FACTS[8]) == "Cancer du côlon (famille)"
    assert detail(replace(PENICILLIN, source="")).endswith("source non renseignée")


def test_nothing_is_ticked_by_itself_and_only_what_is_ticked_leaves(reviewing, qtbot):
    form = reviewing.form
    assert form.review.ticked == set()
    assert not reviewing.window.acts.send.isEnabled()
    form.list.setFocus()
    qtbot.keyClick(form.list, Qt.Key.Key_Space)
    assert form.box.currentText() == "Problèmes : 1 sur 2 ✓"
    all_seen(form)
    assert sent_items(reviewing, qtbot) == ["Diabète de type 2"]


def test_a_whole_review_by_the_keyboard(reviewing, qtbot):
    form = reviewing.form
    form.list.setFocus()
    for _section in Section:
        if form.list.isVisible():
            qtbot.keyClick(form.list, Qt.Key.Key_Space)
        focused = reviewing.window.focusWidget()
        qtbot.keyClick(focused, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert form.section is Section.PROBLEMS
    assert form.seen.text() == "Sections relues : 7 sur 7"
    expected = ["Diabète de type 2", "Appendicite", "Coloscopie", "Metformine 1000 mg", "Repevax", "Cancer du côlon"]
    assert sent_items(reviewing, qtbot) == expected


def test_a_section_not_yet_seen_stops_the_sending(reviewing, qtbot):
    form = reviewing.form
    form.model.tick_all()
    form.go(Section.HISTORY)
    reviewing.window.conductor.send()
    qtbot.waitUntil(reviewing.window.notices.isVisible)
    assert form.state.text() == fr.TO_REVIEW
    assert form.section is Section.PROCEDURES
    assert reviewing.compose.orders == []


def test_contradictions_stand_side_by_side(reviewing):
    form = reviewing.form
    form.go(Section.ALLERGIES)
    assert form.opposed.isVisible()
    assert form.model.items == []
    boxes = {item.label: box for item, box in form.opposed.boxes.items()}
    left, right = boxes["Pénicilline"], boxes["Aucune allergie connue"]
    grid = form.opposed._grid
    assert [grid.getItemPosition(grid.indexOf(box.parentWidget()))[:2] for box in (left, right)] == [(1, 0), (1, 1)]
    left.click()
    assert (left.isChecked(), right.isChecked()) == (True, False)
    right.click()
    assert (left.isChecked(), right.isChecked()) == (False, True)
    assert form.review.ticked == {NO_ALLERGY}


def test_no_known_allergy_only_by_an_explicit_tick(reviewing, qtbot):
    reviewing.compose.facts = (fakes.FACTS[0],)
    form = reviewing.form
    form.again_asked.emit()
    qtbot.waitUntil(lambda: form.review.facts is not None)
    form.model.tick_all()
    form.go(Section.ALLERGIES)
    assert form.empty.text() == "Non renseigné"
    assert not form.no_allergy.isChecked()
    form.no_allergy.click()
    assert form.empty.text() == ""
    all_seen(form)
    reviewing.window.conductor.send()
    qtbot.waitUntil(lambda: bool(reviewing.outbox.held))
    items = reviewing.compose.orders[0].items
    assert [(item.label, item.status) for item in items] == [
        ("Diabète de type 2", PRESENT),
        ("Aucune allergie connue", ABSENT),
    ]


def test_an_allergy_and_none_known_are_never_both_ticked():
    review = Review(arrange((PENICILLIN,)))
    review.tick(NO_KNOWN_ALLERGY, True)
    review.tick(PENICILLIN, True)
    assert review.ticked == {PENICILLIN}
    review.tick(NO_KNOWN_ALLERGY, True)
    assert review.ticked == {NO_KNOWN_ALLERGY}


def test_an_empty_section_is_not_told_never_none(reviewing, qtbot):
    reviewing.compose.facts = ()
    form = reviewing.form
    form.again_asked.emit()
    qtbot.waitUntil(lambda: form.review.facts is not None)
    for section in Section:
        form.go(section)
        assert form.empty.text() == "Non renseigné"
        assert "aucun" not in form.box.currentText().lower()
    assert not form.all.isVisible()


def test_all_of_a_section_at_once_and_what_stays_unticked_is_said(reviewing, qtbot):
    form = reviewing.form
    assert form.empty.text() == fr.NOTHING_TICKED
    qtbot.keyClick(reviewing.window, Qt.Key.Key_T, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: len(form.review.ticked) == 2)
    assert form.empty.text() == ""


def test_the_record_is_read_with_progress_and_can_be_left(bench, qtbot):
    bench.compose.slow.clear()
    bench.open(qtbot)
    bench.window.conductor.write(DocumentKind.IPS)
    form = bench.window.composer.form.form
    assert form.progress.isVisible()
    assert form.state.text() == fr.READING
    qtbot.waitUntil(lambda: bench.compose.summaries == 1)
    form.act.click()
    assert not form.progress.isVisible()
    assert form.state.text() == fr.STOPPED
    assert form.empty.text() == "Non lu : la lecture du dossier a été arrêtée."
    bench.compose.facts = fakes.FACTS
    bench.compose.slow.set()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert form.review.of(Section.PROBLEMS) == ()
    assert bench.compose.given_up == 1
    form.act.click()
    qtbot.waitUntil(lambda: len(form.review.of(Section.PROBLEMS)) == 2)


def test_a_record_that_cannot_be_read_is_said_so(bench, qtbot):
    bench.compose.read_error = DmpError("x", "Le DMP ne répond pas.")
    bench.open(qtbot)
    bench.window.conductor.write(DocumentKind.VSM)
    form = bench.window.composer.form.form
    qtbot.waitUntil(lambda: form.act.text() == fr.READ_AGAIN)
    assert form.state.text() == "Le dossier n'a pas pu être lu. Le DMP ne répond pas."
    bench.compose.read_error = None
    bench.compose.facts = fakes.FACTS
    form.act.click()
    qtbot.waitUntil(lambda: form.review.facts is not None)
    assert form.state.text() == ""
    assert not form.without.isVisible()


def test_no_section_of_what_was_not_read_is_said_to_hold_nothing(bench, qtbot):
    bench.compose.read_error = DmpError("x", "Le DMP ne répond pas.")
    bench.open(qtbot)
    bench.window.conductor.write(DocumentKind.VSM)
    form = bench.window.composer.form.form
    qtbot.waitUntil(lambda: form.without.isVisible())
    assert form.empty.text() == "Non lu : le DMP ne répond pas."
    assert [form.box.itemText(row) for row in range(7)] == [f"{name} : non lu" for name in fr.SECTIONS]
    bench.window.composer.editor.setPlainText("Toux.")
    qtbot.waitUntil(lambda: bench.window.composer.can_send)
    bench.window.conductor.send()
    qtbot.waitUntil(lambda: form.state.text() == fr.UNREAD_TO_SEND)
    assert form.act.hasFocus()
    form.without.click()
    all_seen(form)
    assert form.empty.text() == "Non lu : le DMP ne répond pas."
    assert form.seen.text() == "Sections vues sans le dossier : 7 sur 7"
    assert sent_items(bench, qtbot) == []


def test_what_only_some_documents_do_not_say_is_said_of_those_that_were_read(bench, qtbot):
    bench.compose.unread = 2
    bench.open(qtbot)
    bench.window.conductor.write(DocumentKind.VSM)
    form = bench.window.composer.form.form
    qtbot.waitUntil(lambda: form.review.facts is not None)
    assert form.empty.text() == fr.NOT_TOLD_IN_READ


def test_facts_that_come_late_stay_with_their_patient(bench, qtbot):
    bench.compose.facts = fakes.FACTS
    bench.compose.slow.clear()
    bench.open(qtbot)
    bench.window.conductor.write(DocumentKind.VSM)
    lea = bench.window.composer.draft
    bench.session.vitale = (fakes.PAUL,)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(bench.window.picker.isVisible)
    bench.window.picker.buttons[0].click()
    qtbot.waitUntil(lambda: bench.window.record.patient is fakes.PAUL)
    bench.window.conductor.write(DocumentKind.VSM)
    paul = bench.window.composer.draft
    assert paul.patient is fakes.PAUL
    assert paul.review is not lea.review
    bench.compose.slow.set()
    qtbot.waitUntil(lambda: paul.review.facts is not None)
    assert lea.review.facts is None


def test_the_two_syntheses_share_one_review(reviewing):
    reviewing.form.model.tick_all()
    box = reviewing.window.composer.options.kind
    row = box.findText("Synthèse internationale (IPS)")
    box.setCurrentIndex(row)
    box.activated.emit(row)
    draft = reviewing.window.composer.draft
    assert draft.kind is DocumentKind.IPS
    assert [item.label for item in draft.note().items] == ["Diabète de type 2", "Hypertension artérielle"]


def test_ticks_are_of_the_synthesis_only(reviewing):
    reviewing.form.model.tick_all()
    draft = reviewing.window.composer.draft
    draft.kind = DocumentKind.CONSULTATION
    assert draft.note().items == ()


CIM = "2.16.840.1.113883.6.3"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("Pénicilline", PRESENT), ("Aucune allergie connue", ABSENT), True),
        (("Pénicilline", ABSENT), ("Aucune allergie connue", ABSENT), False),
        (("Pénicilline", PRESENT), ("pénicilline", ABSENT), True),
        (("Pénicilline", PRESENT), ("Aspirine", ABSENT), False),
        (("Pénicilline", PRESENT), ("Aspirine", PRESENT), False),
    ],
)
def test_what_cannot_both_be_true(one, other, expected):
    facts = [fakes.fact(ItemKind.ALLERGY, label, status) for label, status in (one, other)]
    assert opposed(*facts) is expected
    assert opposed(*reversed(facts)) is expected
    review = Review(arrange(facts))
    assert bool(review.contradicted(Section.ALLERGIES)[0]) is expected


def test_one_code_under_two_names_is_one_thing():
    code = Code("I10", CIM)
    facts = [
        fakes.fact(ItemKind.PROBLEM, "HTA", PRESENT, code=code),
        fakes.fact(ItemKind.PROBLEM, "Hypertension", ABSENT, code=code),
        fakes.fact(ItemKind.PROBLEM, "HTA", ProposalStatus.FAMILY, code=code),
    ]
    said, denied = Review(arrange(facts)).contradicted(Section.PROBLEMS)
    assert ([item.label for item in said], [item.label for item in denied]) == (["HTA"], ["Hypertension"])


def test_what_has_no_section_is_neither_shown_nor_sent():
    review = Review(arrange((fakes.fact(ItemKind.VITAL, "Poids"),)))
    assert all(review.of(section) == () for section in Section)


def test_a_fact_that_is_no_longer_in_the_record_is_not_sent():
    review = Review(arrange(fakes.FACTS))
    review.tick(fakes.FACTS[0], True)
    review.facts = arrange(fakes.FACTS[1:])
    assert review.items() == ()


def test_model_keeps_qt_rules(qtmodeltester, qapp):
    model = FactsModel()
    model.show(Review(arrange(fakes.FACTS)), list(fakes.FACTS))
    qtmodeltester.check(model)


@pytest.mark.alone
def test_five_hundred_facts_never_stop_the_window(reviewing, qtbot, qapp):
    reviewing.compose.facts = tuple(
        replace(one, label=f"{one.label} {number}") for number in range(60) for one in fakes.FACTS
    )
    form = reviewing.form

    def review() -> None:
        form.again_asked.emit()
        qtbot.waitUntil(lambda: form.review.facts is not None)
        for section in Section:
            if section is not Section.ALLERGIES:
                form.go(section)
                qapp.processEvents()
                form.model.tick_all()
                qapp.processEvents()

    assert worst_stall(review) <= LIMIT_MS


@pytest.mark.parametrize("kind", [DocumentKind.VSM, DocumentKind.IPS])
def test_no_known_allergy_ticked_is_what_the_document_says(kind):
    """From the tick to the coded entry and to the words."""
    review = Review(facts=arrange(()))
    review.tick(NO_KNOWN_ALLERGY, True)
    context = full_context()
    request = BuildRequest(context, "Patient vu ce jour.", UNIQUE_ID, NOW, kind=kind, items=review.items())
    built = build(request)
    assert built.warnings == ()
    stated = [(one["code"], one["status"]) for one in data_from_cda(built.cda)["allergies"]]
    assert stated == [("no-known-allergies", "absent")]
    assert fr.NO_ALLERGY in text_from_cda(built.cda)


def test_documents_that_were_not_read_are_told(bench, qtbot):
    bench.compose.facts, bench.compose.unread = fakes.FACTS, 3
    bench.open(qtbot)
    bench.window.conductor.write(DocumentKind.VSM)
    form = bench.window.composer.form.form
    qtbot.waitUntil(lambda: form.review.facts is not None)
    assert form.state.text() == fr.UNREAD.format(3)
