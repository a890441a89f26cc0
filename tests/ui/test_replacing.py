"""A new version of one's own document: from its note, of its kind, and never the same again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dmp_desktop.dmp.metadata import VISIBILITY_CODES
from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.documents import Author, Availability, Code, DocumentFormat, DocumentKind, Parent, Visibility
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.services.draft_form import pack, unpack
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui import strings_fr as words_fr
from dmp_desktop.ui.strings_properties_fr import statement
from dmp_desktop.ui.views.compose.drafts import Draft, Drafts
from dmp_desktop.ui.views.compose.headings import replaced_words
from dmp_desktop.ui.views.compose.kept import draft_of, kept_draft
from dmp_desktop.ui.views.compose.kinds import format_of, kind_of
from dmp_desktop.ui.views.compose.options import choice_words, visibilities
from dmp_desktop.ui.views.compose.replacing import not_replaced
from tests.ui import fakes

FORMER = "Gorge rouge : angine."
MINE = Author("DUPONT", "Camille", fakes.DOCTOR.national_id, "1.2.250.1.71.4.2.1")
STRUCTURED = Code("urn:ihe:pcc:xds-ms:2007", "1.3.6.1.4.1.19376.1.2.3")
OWN = replace(fakes.entries(2)[1], authors=(MINE,), format_code=STRUCTURED, version=2)


@pytest.fixture
def own(bench, qtbot):
    """One document of the doctor's own, open on screen."""
    bench.compose.former_note = FORMER
    bench.dossier.documents = [OWN, *fakes.entries(5)]
    bench.dossier.documents[2] = replace(bench.dossier.documents[2], unique_id="1.2.250.1.999.77")
    bench.open(qtbot)
    bench.window.page.open_document(OWN)
    return bench


@pytest.fixture
def replacing(own, qtbot):
    own.window.page.documents.replace.click()
    composer = own.window.composer
    qtbot.waitUntil(lambda: composer.draft.replaces.parent is not None)
    return own


def barred(view):
    """Whether the button can be pressed, and what it says: it stands there for every document."""
    assert view.replace.isVisible()
    return view.replace.isEnabled(), view.replace.toolTip()


def test_only_ones_own_active_document_can_be_replaced_and_the_others_say_why(own):
    view = own.window.page.documents
    assert barred(view) == (True, fr.REPLACE_TIP)
    view.open(own.dossier.documents[1])
    assert barred(view) == (False, fr.NOT_REPLACED_OTHER)
    view.open(OWN)
    assert barred(view) == (True, fr.REPLACE_TIP)
    assert not not_replaced(OWN, fakes.DOCTOR)
    assert not_replaced(replace(OWN, status=Availability.DEPRECATED), fakes.DOCTOR) == fr.NOT_REPLACED_FORMER
    for status in (Availability.ARCHIVED, Availability.DELETED, Availability.UNKNOWN):
        assert not_replaced(replace(OWN, status=status), fakes.DOCTOR) == fr.NOT_REPLACED_INACTIVE
    unnamed = replace(OWN, authors=(replace(MINE, person_id=""),))
    others = (OWN, replace(fakes.DOCTOR, rpps="10000000001")), (unnamed, replace(fakes.DOCTOR, rpps="")), (OWN, None)
    assert {not_replaced(*one) for one in others} == {fr.NOT_REPLACED_OTHER}


def test_nothing_is_replaced_in_an_emergency(own, qtbot):
    view = own.window.page.documents
    own.dossier.answer = replace(own.dossier.answer, mode=AccessMode.BRIS_DE_GLACE)
    own.window.record.reopen()
    qtbot.waitUntil(lambda: own.window.record.status is not None and not own.window.tasks.general.busy)
    own.window.page.open_document(OWN)
    assert barred(view) == (False, fr.NOT_REPLACED_EMERGENCY)
    own.window.page.documents.open(own.dossier.documents[1])
    own.dossier.answer = replace(own.dossier.answer, mode=AccessMode.NORMAL)
    own.window.record.reopen()
    qtbot.waitUntil(lambda: own.window.record.status is not None and not own.window.tasks.general.busy)
    own.window.page.open_document(OWN)
    assert barred(view) == (True, fr.REPLACE_TIP)


def began(hidden, *, born: date) -> Draft:
    """The new version of a document that is hidden from some, by a patient of that birth date; today is fakes.NOW."""
    patient = replace(fakes.LEA, birth_date=born)
    hidden_own = replace(OWN, confidentiality=tuple(VISIBILITY_CODES[one] for one in hidden))
    return Drafts(fakes.FixedClock()).open_replacement(patient, fakes.DOCTOR, hidden_own)


@pytest.mark.parametrize(
    ("hidden", "proposed", "of_an_adult"),
    [
        ([], None, None),
        ([Visibility.MASQUE_PS], Visibility.MASQUE_PS, Visibility.MASQUE_PS),
        ([Visibility.INVISIBLE_REPRESENTANTS_LEGAUX], Visibility.INVISIBLE_REPRESENTANTS_LEGAUX, None),
        (
            [Visibility.MASQUE_PS, Visibility.INVISIBLE_REPRESENTANTS_LEGAUX],
            Visibility.INVISIBLE_REPRESENTANTS_LEGAUX,
            Visibility.MASQUE_PS,
        ),
    ],
)
def test_what_is_hidden_shows_itself_by_no_new_version(hidden, proposed, of_an_adult):
    """A minor's secret first: legal representatives would read it at once."""
    child, adult = began(hidden, born=date(2011, 1, 24)), began(hidden, born=date(1985, 3, 12))
    assert (child.visibility, adult.visibility) == (proposed, of_an_adult)
    assert not child.visibility_chosen, "a sensitive text is asked about all the same"
    told = replaced_words(child)
    for one in hidden:
        assert words_fr.VISIBILITY[one] in told
    assert ("qui verra" in told) is bool(hidden)


SEVERAL = [
    frozenset((Visibility.MASQUE_PS, Visibility.INVISIBLE_REPRESENTANTS_LEGAUX)),
    frozenset((Visibility.MASQUE_PS, Visibility.INVISIBLE_PATIENT)),
    frozenset(Visibility),
]


@pytest.mark.parametrize("hidden", SEVERAL)
def test_a_document_hidden_from_several_is_replaced_by_one_that_is_hidden_from_all_of_them(hidden):
    child = began(sorted(hidden), born=date(2011, 1, 24))
    assert child.note().restrictions == hidden
    again = draft_of(unpack(pack(kept_draft(child, with_facts=True))[0], lambda _name: b""))
    assert again.note().restrictions == hidden, "also after a night on the disk"
    offered = {one: (choice_words(child, one), child.hidden_by(one)) for one in visibilities(child)}
    assert offered[None] == ("Visible de tous", frozenset())
    words, seen_by_nobody = offered[child.visibility]
    assert seen_by_nobody == hidden
    assert all(words_fr.VISIBILITY[one] in words[0].lower() + words[1:] for one in hidden)
    assert not [one for one in offered if one is not None and one is not child.visibility and one in hidden]
    child.replaces = None  # sent as a document of its own
    assert child.note().restrictions == hidden
    child.visibility, child.visibility_chosen = None, True  # the doctor says so
    assert child.note().restrictions == frozenset()
    told = statement(hidden, minor=True)
    assert told.count("caché") == len(hidden)


def test_of_an_adult_the_legal_representatives_are_nobody(replacing):
    adult = began([Visibility.MASQUE_PS, Visibility.INVISIBLE_REPRESENTANTS_LEGAUX], born=date(1985, 3, 12))
    assert adult.note().restrictions == {Visibility.MASQUE_PS}


def test_a_new_version_leaves_hidden_from_all(own, qtbot):
    hidden = SEVERAL[1]
    entry = replace(OWN, confidentiality=tuple(VISIBILITY_CODES[one] for one in hidden))
    window = own.window
    draft = window.drafts.open_replacement(fakes.LEA, fakes.DOCTOR, entry)
    window.conductor.show_draft(draft)
    qtbot.waitUntil(lambda: draft.replaces.parent is not None)
    assert window.composer.options.visibility.currentText().startswith(
        "Masqué aux professionnels et invisible au patient"
    )
    assert window.composer.options.statement.text() == "Soignants : caché · Patient : caché"
    window.composer.editor.setPlainText("TEST toux, corrigée.")
    window.conductor.send()
    qtbot.waitUntil(lambda: len(own.outbox.held) == 1)
    assert own.outbox.held[0].visibility == hidden


def test_a_draft_with_the_former_note_its_kind_and_its_form(replacing, qtbot):
    composer = replacing.window.composer
    draft = composer.draft
    assert (draft.kind, draft.format, draft.text) == (
        DocumentKind.CONSULTATION,
        DocumentFormat.STRUCTURED,
        FORMER,
    )
    assert composer.editor.toPlainText() == FORMER
    assert (
        composer.replaced.text()
        == "Remplace « CR ou fiche de consultation ou de visite n° 2 » du 17/11/2026 (version 2)."
    )
    assert not composer.options.kind.isEnabled()
    assert draft.started_at == OWN.creation_time
    qtbot.waitUntil(lambda: len(composer.proposals.model.proposals) == 1)


def test_the_same_again_is_refused_before_it_is_built(replacing, qtbot):
    replacing.window.conductor.send()
    qtbot.waitUntil(replacing.window.notices.isVisible)
    assert replacing.window.notices.what.text == f"{fr.SAME_DOCUMENT} {fr.SAME_DOCUMENT_REMEDY}"
    assert (replacing.compose.orders, replacing.outbox.held) == ([], [])
    assert not replacing.window.composer.editor.isReadOnly()


def test_a_corrected_note_leaves_as_a_new_version(replacing, qtbot):
    replacing.window.composer.editor.setPlainText(FORMER + " Test rapide négatif.")
    replacing.window.conductor.send()
    qtbot.waitUntil(lambda: bool(replacing.outbox.held))
    (order,) = replacing.compose.orders
    assert order.replaces == Parent(OWN.unique_id, f"{OWN.unique_id}.1", 2)
    assert (order.patient, order.kind) == (fakes.LEA, DocumentKind.CONSULTATION)


def test_what_the_dmp_does_not_have_is_replaced_by_a_document_of_its_own(replacing, qtbot):
    words = "Le document qu'il remplace a été supprimé du DMP.", "Envoyez celui-ci comme nouveau document."
    replacing.outbox.refusal = ContextError("outbox-replaced-deleted", *words)
    window = replacing.window
    window.composer.editor.setPlainText(FORMER + " Test rapide négatif.")
    window.conductor.send()
    qtbot.waitUntil(window.notices.isVisible)
    assert window.notices.what.text == " ".join(words)
    assert window.notices.button.text() == "Envoyer sans remplacer"
    replacing.outbox.refusal = None
    window.notices.button.click()
    qtbot.waitUntil(lambda: bool(replacing.outbox.held))
    assert [order.replaces is None for order in replacing.compose.orders] == [False, True]
    assert replacing.compose.orders[1].text == FORMER + " Test rapide négatif."


@pytest.mark.parametrize(("code", "alone"), [("outbox-replaced-deleted", True), ("outbox-replaced-refused", False)])
def test_a_new_version_that_lost_its_former_one_comes_back_as_a_document_of_its_own(replacing, qtbot, code, alone):
    window = replacing.window
    window.composer.editor.setPlainText("Corrigé.")
    window.conductor.send()
    qtbot.waitUntil(lambda: bool(replacing.outbox.held) and not window.drafts.all)
    refused = {"state": OutboxState.REFUSED, "waiting_for": WaitingFor.NOTHING, "code": code}
    replacing.outbox.move(1, **refused, message="Le document qu'il remplace…", remedy="…")
    window.page.go(5)
    qtbot.waitUntil(lambda: 1 in window.page.outbox.cards)
    card = window.page.outbox.cards[1]
    qtbot.waitUntil(lambda: card.state.text == "Refusé" and card.button.isVisible())
    assert not card.again.isVisible(), "trying it again helps nothing"
    card.button.click()
    qtbot.waitUntil(lambda: bool(window.drafts.of(fakes.DOCTOR)))
    [draft] = window.drafts.of(fakes.DOCTOR)
    assert (draft.text, draft.replaces is None) == ("Corrigé.", alone)
    assert ("comme nouveau document" in window.notices.what.text) is alone


def test_a_new_version_that_was_withdrawn_is_taken_up_where_it_is_told_to_be_back(replacing, qtbot):
    window = replacing.window
    window.composer.editor.setPlainText("Corrigé.")
    window.conductor.send()
    qtbot.waitUntil(lambda: window.notices.button.text() == words_fr.UNDO)
    window.notices.button.click()
    qtbot.waitUntil(lambda: window.notices.what.text == words_fr.NOTE_BACK)
    assert window.notices.button.text() == words_fr.RESUME
    window.notices.button.click()
    assert window.body.currentWidget() is window.composer
    assert (window.composer.editor.toPlainText(), window.composer.draft.replaces.entry) == ("Corrigé.", OWN)


def test_another_tick_is_a_change(replacing, qtbot):
    composer = replacing.window.composer
    qtbot.waitUntil(lambda: len(composer.proposals.model.proposals) == 1)
    composer.proposals.model.tick(0, True)
    replacing.window.conductor.send()
    qtbot.waitUntil(lambda: bool(replacing.outbox.held))


def test_nothing_is_written_or_sent_while_the_former_one_is_read(own, qtbot):
    own.compose.slow.clear()
    own.window.page.documents.replace.click()
    composer = own.window.composer
    assert composer.replaced.text().endswith(fr.REPLACE_READING)
    assert composer.editor.isReadOnly()
    assert not own.window.acts.send.isEnabled()
    assert composer.discard.isEnabled()
    own.compose.slow.set()
    qtbot.waitUntil(lambda: not composer.editor.isReadOnly())


def test_a_former_one_that_cannot_be_read_can_be_asked_again(own, qtbot):
    own.compose.read_error = DmpError("x", "Le DMP ne répond pas.")
    own.window.page.documents.replace.click()
    notices = own.window.notices
    qtbot.waitUntil(notices.isVisible)
    own.compose.read_error = None
    notices.button.click()
    qtbot.waitUntil(lambda: own.window.composer.editor.toPlainText() == FORMER)


def test_writing_is_another_note_than_the_new_version(replacing):
    replacing.window.composer.editor.setPlainText("Corrigé.")
    replacing.window.acts.write.click()
    composer = replacing.window.composer
    assert composer.draft.replaces is None
    assert composer.draft.text == ""
    assert not composer.replaced.isVisible()
    assert [draft.text for draft in replacing.window.drafts.of(fakes.DOCTOR)] == ["Corrigé.", ""]


def test_asking_again_comes_back_to_the_new_version_under_way(replacing):
    composer = replacing.window.composer
    composer.editor.setPlainText("Corrigé.")
    composer.back.click()
    replacing.window.page.documents.replace.click()
    assert composer.editor.toPlainText() == "Corrigé."
    assert len(replacing.window.drafts.of(fakes.DOCTOR)) == 1


def test_a_new_version_nobody_changed_is_forgotten(replacing):
    window = replacing.window
    window.composer.back.click()
    assert window.drafts.unsent == 0
    window.acts.write.click()
    assert [draft.replaces for draft in window.drafts.of(fakes.DOCTOR)] == [None]


def test_a_new_version_stays_with_its_patient(replacing, qtbot):
    replacing.session.vitale = (fakes.PAUL,)
    replacing.window.card_event(fakes.vitale())
    qtbot.waitUntil(replacing.window.picker.isVisible)
    replacing.window.picker.buttons[0].click()
    qtbot.waitUntil(lambda: replacing.window.record.patient is fakes.PAUL)
    assert replacing.window.composer.draft.patient is fakes.LEA
    assert replacing.window.acts.target.property("role") == "danger"


@pytest.mark.parametrize(
    ("type_code", "format_code", "kind", "form"),
    [
        ("11488-4", "urn:ihe:pcc:xds-ms:2007", DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED),
        ("11488-4", "urn:ihe:iti:xds-sd:pdf:2008", DocumentKind.CONSULTATION, DocumentFormat.PDF),
        ("SYNTH", "urn:asip:ci-sis:vsm:2012", DocumentKind.VSM, DocumentFormat.STRUCTURED),
        ("PRESC-BIO", "urn:ihe:iti:xds-sd:pdf:2008", DocumentKind.PRESCRIPTION, DocumentFormat.PDF),
        ("57833-6", "urn:ihe:iti-fr:xds-sd:jpeg:2010", DocumentKind.SCAN, DocumentFormat.PDF),
        ("18748-4", "urn:ihe:iti:xds-sd:pdf:2008", DocumentKind.SCAN, DocumentFormat.PDF),
    ],
)
def test_the_kind_is_read_from_the_document(type_code, format_code, kind, form):
    entry = replace(OWN, type_code=Code(type_code, "x"), format_code=Code(format_code, "x"))
    assert (kind_of(entry), format_of(entry)) == (kind, form)


def test_the_type_of_a_prescription_is_kept(bench, qtbot):
    entry = replace(
        OWN, type_code=Code("PRESC-BIO", "x", "Biologie"), format_code=Code("urn:ihe:iti:xds-sd:pdf:2008", "x")
    )
    bench.dossier.documents = [entry]
    bench.compose.former_note = "Ionogramme"
    bench.open(qtbot)
    bench.window.conductor.replace(entry)
    composer = bench.window.composer
    qtbot.waitUntil(lambda: composer.editor.toPlainText() == "Ionogramme")
    qtbot.waitUntil(lambda: composer.form.form.type.value() == "Prescription d'actes de biologie médicale")
    assert composer.draft.note().filled.extra == {"type": "PRESC-BIO"}
    assert composer.draft.empty
