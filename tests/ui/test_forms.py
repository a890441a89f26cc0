"""One form a kind, in place: what is typed is kept, what is refused is shown in its field, nothing changes patient."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from dmp_desktop import notes
from dmp_desktop.cda.build import plan_of
from dmp_desktop.domain.documents import Attachment, DocumentFormat, DocumentKind
from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus
from dmp_desktop.domain.people import Context, Encounter
from dmp_desktop.errors import CdaError, ContextError
from dmp_desktop.platform.clock import SystemEntropy
from dmp_desktop.services import documents
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.terminology import document_types, rapid_tests, vaccine_choices
from dmp_desktop.ui import strings_forms_fr as forms_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.stalls import LIMIT_MS
from dmp_desktop.ui.views.compose.drafts import Draft, Drafts
from dmp_desktop.ui.views.compose.forms.base import Choices, Filled
from dmp_desktop.ui.views.compose.forms.fields import DayField, NumberField
from dmp_desktop.ui.views.compose.kinds import FORMLESS
from tests.helpers.files import PDF
from tests.ui import fakes
from tests.ui.timing import worst_stall

VACCINE = {
    "label": "Repevax",
    "atc": "J07CA02",
    "lot": "A1",
    "date": "2026-11-20",
    "site": "deltoïde gauche",
    "rank": 3,
}
TYPED = {
    DocumentKind.VACCINATION: {"vaccines": [VACCINE]},
    DocumentKind.ADMISSION_LETTER: {"reason": "Douleur thoracique", "destination": "Hôpital TEST"},
    DocumentKind.CHILD_MEASURES: {"weight_kg": 12.5, "height_cm": 86, "head_cm": 48.5},
    DocumentKind.RAPID_TEST: {
        "test": {"label": "Streptocoque A, test rapide", "code": "78012-2"},
        "result": "négatif",
    },
    DocumentKind.LETTER: {"recipient": "Dr PETIT, cardiologue"},
    DocumentKind.CERTIFICATE: {"purpose": "Pratique du judo"},
    DocumentKind.PRESCRIPTION: {"type": "PRESC-BIO"},
    DocumentKind.SCAN: {"type": "18748-4"},
}


@pytest.fixture
def writing(bench, qtbot):
    """`write(kind)` opens a document of that kind for Léa, its lists there."""
    bench.open(qtbot)
    bench.window.activateWindow()

    def write(kind: DocumentKind):
        bench.window.conductor.write(kind)
        qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
        return bench.window.composer.form.form

    bench.write = write
    return bench


def type_in(form, extra) -> None:
    """By the form itself, as if typed."""
    form.fill(Filled(extra))
    form.changed.emit()


def test_all_kinds_are_offered_the_most_frequent_first(writing, qtbot):
    menu = [act.text() for act in writing.window.acts.kinds.menu().actions()]
    box = writing.window.composer.options.kind
    assert menu == [box.itemText(row) for row in range(box.count())] == list(fr.KIND.values())
    assert set(fr.KIND) == set(DocumentKind)
    assert menu[0] == "Compte rendu de consultation"


def test_a_kind_that_cannot_be_made_is_not_offered(qapp):
    from dmp_desktop.ui.views.compose.options import DocumentOptions

    compose = fakes.FakeCompose()
    compose.made = {DocumentKind.CONSULTATION, DocumentKind.LETTER}
    assert DocumentOptions(compose).kinds == [DocumentKind.CONSULTATION, DocumentKind.LETTER]


def test_the_menu_opens_a_document_of_its_own(writing, qtbot):
    writing.window.acts.write.click()
    writing.window.composer.editor.setPlainText("Vu ce jour.")
    writing.window.acts.kinds.menu().actions()[2].trigger()
    draft = writing.window.composer.draft
    assert (draft.kind, draft.text, draft.format) == (DocumentKind.LETTER, "", DocumentFormat.PDF)
    assert [one.kind for one in writing.window.drafts.of(fakes.DOCTOR)] == [
        DocumentKind.CONSULTATION,
        DocumentKind.LETTER,
    ]


@pytest.mark.parametrize("kind", [kind for kind in DocumentKind if kind not in FORMLESS])
def test_each_kind_shows_its_form(writing, kind):
    form = writing.write(kind)
    assert form.isVisible()
    assert writing.window.composer.whose.text().startswith(fr.KIND[kind])


@pytest.mark.parametrize("kind", TYPED)
def test_what_is_typed_goes_into_the_order(writing, qtbot, kind):
    form = writing.write(kind)
    type_in(form, TYPED[kind])
    writing.window.composer.editor.setPlainText("Texte de la note.")
    writing.window.conductor.send()
    qtbot.waitUntil(lambda: bool(writing.outbox.held))
    (order,) = writing.compose.orders
    assert (order.kind, dict(order.extra), order.patient) == (kind, TYPED[kind], fakes.LEA)
    assert order.text == ("" if kind is DocumentKind.SCAN else "Texte de la note.")


@pytest.mark.parametrize("kind", TYPED)
def test_what_a_form_holds_is_what_the_document_needs(writing, qtbot, kind, pdf):
    """The real rules take it: the names of the fields are the same on both sides."""
    build = documents.builder(writing.clock, SystemEntropy())
    form = writing.write(kind)
    form.offer(Choices(document_types(), vaccine_choices(), rapid_tests()))
    form.fill(Filled(TYPED[kind] | ({"test": {"label": rapid_tests()[0].display}} if "test" in TYPED[kind] else {})))
    form.changed.emit()
    draft = writing.window.composer.draft
    draft.text = "" if kind is DocumentKind.SCAN else "Texte de la note."
    attachment = Attachment("application/pdf", pdf.read_bytes()) if kind is DocumentKind.SCAN else None
    order = DocumentOrder(
        draft.patient, draft.author, draft.started_at, draft.text, (), kind, documents_format(kind),
        draft.form().extra, (), attachment,
    )  # fmt: skip
    built = build(
        order, Context(order.patient, order.author, fakes.CABINET, Encounter(fakes.NOW), extra=dict(order.extra))
    )
    assert built.kind is kind


def documents_format(kind: DocumentKind) -> DocumentFormat:
    return plan_of(kind).formats[0]


@pytest.mark.parametrize("kind", TYPED)
def test_nothing_is_lost_when_the_kind_changes(writing, kind):
    form = writing.write(kind)
    type_in(form, TYPED[kind])
    box = writing.window.composer.options.kind
    there = box.currentIndex()
    writing.window.composer.editor.setPlainText("Texte.")
    for row in (0, there):
        box.setCurrentIndex(row)
        box.activated.emit(row)
    assert form.isVisible()
    assert dict(form.filled().extra) == TYPED[kind]
    assert writing.window.composer.editor.toPlainText() == "Texte."


def test_a_form_stays_with_its_patient(writing, qtbot):
    form = writing.write(DocumentKind.CERTIFICATE)
    type_in(form, TYPED[DocumentKind.CERTIFICATE])
    writing.session.vitale = (fakes.PAUL,)
    writing.window.card_event(fakes.vitale())
    qtbot.waitUntil(writing.window.picker.isVisible)
    writing.window.picker.buttons[0].click()
    qtbot.waitUntil(lambda: writing.window.record.patient is fakes.PAUL)
    assert writing.write(DocumentKind.CERTIFICATE) is form
    assert form.fields["purpose"].value() is None
    by_patient = {draft.patient.first_given: draft for draft in writing.window.drafts.of(fakes.DOCTOR)}
    assert dict(by_patient["Léa"].form().extra) == TYPED[DocumentKind.CERTIFICATE]
    assert by_patient["Paul"].form().empty


def test_nothing_of_a_form_stays_behind_the_masked_screen(writing, qtbot):
    form = writing.write(DocumentKind.CERTIFICATE)
    type_in(form, TYPED[DocumentKind.CERTIFICATE])
    writing.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: writing.window.stack.currentIndex() == 0)
    assert form.fields["purpose"].value() is None
    assert [one.form().extra for one in writing.window.drafts.of(fakes.DOCTOR)] == [TYPED[DocumentKind.CERTIFICATE]]


REFUSALS = [
    (DocumentKind.VACCINATION, "extra.vaccines[0].lot", lambda form: form.rows[0].fields["lot"]),
    (DocumentKind.VACCINATION, "extra.vaccines[0].atc", lambda form: form.rows[0].vaccine),
    (DocumentKind.VACCINATION, "extra.vaccines", lambda form: form.rows[0].vaccine),
    (DocumentKind.VACCINATION, "extra.vaccines[1].date", lambda form: form.rows[1].fields["date"]),
    (DocumentKind.CHILD_MEASURES, "extra.weight_kg", lambda form: form.fields["weight_kg"]),
    (DocumentKind.RAPID_TEST, "extra.test.code", lambda form: form.fields["test"]),
    (DocumentKind.LETTER, "extra.recipient", lambda form: form.fields["recipient"]),
    (DocumentKind.PRESCRIPTION, "extra.type", lambda form: form.fields["type"]),
]


@pytest.mark.parametrize(("kind", "path", "field"), REFUSALS)
def test_a_refusal_goes_to_its_field(writing, qtbot, kind, path, field):
    form = writing.write(kind)
    type_in(form, TYPED[kind])
    writing.window.composer.editor.setPlainText("Texte.")
    message = f"Champ « {path} » : valeur attendue, champ absent ou vide."
    writing.compose.error = ContextError("context-field", message, "Corrigez ce champ.", field=path)
    writing.window.conductor.send()
    qtbot.waitUntil(writing.window.notices.isVisible)
    shown = field(form)
    assert shown.refusal.isVisible()
    assert shown.refusal.text().endswith(" : valeur attendue, champ absent ou vide.")
    assert shown.input.hasFocus()
    assert writing.window.notices.what.text == forms_fr.REFUSED
    assert (writing.outbox.held, writing.window.composer.draft.text) == ([], "Texte.")


def test_a_refusal_goes_away_when_its_field_is_corrected(writing, qtbot):
    form = writing.write(DocumentKind.LETTER)
    form.refuse("recipient", "attendu")
    field = form.fields["recipient"]
    assert field.input.accessibleDescription() == "Destinataire : attendu"
    qtbot.keyClicks(field.line, "Dr")
    assert not field.refusal.isVisible()


def test_what_is_not_of_the_form_is_told_in_full(writing, qtbot):
    writing.write(DocumentKind.LETTER)
    writing.window.composer.editor.setPlainText("Texte.")
    writing.compose.error = CdaError("cda-build", "L'identité n'est pas qualifiée.", path="patient.identity_status")
    writing.window.conductor.send()
    qtbot.waitUntil(writing.window.notices.isVisible)
    assert writing.window.notices.what.text == "L'identité n'est pas qualifiée."


def test_a_vaccination_by_keyboard(writing, qtbot):
    form = writing.write(DocumentKind.VACCINATION)
    row = form.rows[0]
    assert row.vaccine.input.hasFocus()
    assert row.fields["date"].value() == "2026-11-20"
    line = row.vaccine.box.lineEdit()
    qtbot.keyClicks(line, "hepatite")
    qtbot.keyClick(row.vaccine.box.completer().popup(), Qt.Key.Key_Down)
    qtbot.keyClick(row.vaccine.box.completer().popup(), Qt.Key.Key_Return)
    assert line.text() == "Hépatite B, antigène purifié"
    qtbot.keyClick(line, Qt.Key.Key_Tab)
    qtbot.keyClicks(row.fields["lot"].line, "X42")
    assert writing.window.composer.draft.form().extra == {
        "vaccines": [{"label": "Hépatite B, antigène purifié", "lot": "X42", "date": "2026-11-20", "atc": "J07BC01"}]
    }


def test_the_tab_key_goes_through_the_form_in_order_then_to_the_note(writing, qtbot):
    form = writing.write(DocumentKind.VACCINATION)
    row = form.rows[0]
    expected = [row.vaccine.box, row.remove, *(row.fields[name].input for name in ("lot", "date", "site", "rank"))]
    expected += [form.add, writing.window.composer.editor]
    row.vaccine.setFocus()
    for widget in expected:
        focused = writing.window.focusWidget()
        assert focused is widget or focused.parent() is widget, widget.accessibleName()
        QTest.keyClick(focused, Qt.Key.Key_Tab)


def test_several_vaccines_each_with_its_row(writing, qtbot):
    form = writing.write(DocumentKind.VACCINATION)
    type_in(form, TYPED[DocumentKind.VACCINATION])
    form.add.click()
    assert form.rows[1].vaccine.input.hasFocus()
    form.rows[1].vaccine.set_value("Vaccin inconnu")
    form.changed.emit()
    assert [one.get("atc") for one in form.filled().extra["vaccines"]] == ["J07CA02", None]
    form.rows[0].remove.click()
    assert [one["label"] for one in form.filled().extra["vaccines"]] == ["Vaccin inconnu"]
    form.rows[0].remove.click()
    assert form.filled().empty
    assert len(form.rows) == 1


def test_another_name_typed_over_a_vaccine_loses_its_code(writing):
    form = writing.write(DocumentKind.VACCINATION)
    type_in(form, {"vaccines": [{"label": "Marque d'avant", "atc": "J07CA02"}]})
    assert form.rows[0].filled()["atc"] == "J07CA02"
    form.rows[0].vaccine.set_value("Autre chose")
    assert "atc" not in form.rows[0].filled()


def test_a_vaccination_ticked_in_the_note_comes_as_a_row(writing, qtbot):
    words = "Rappel Repevax fait"
    done = Proposal(
        ProposalKind.VACCINATION, "Repevax", 7, 14, "Repevax", ProposalStatus.DONE, code="J07CA02", accepted=False
    )
    writing.compose.recognise = lambda text: (done,) if words in text else ()
    form = writing.write(DocumentKind.VACCINATION)
    composer = writing.window.composer
    composer.editor.setPlainText(words)
    qtbot.waitUntil(lambda: bool(composer.proposals.model.proposals))
    assert form.filled().empty
    composer.proposals.model.tick(0, True)
    assert form.filled().extra["vaccines"] == [{"label": "Repevax", "atc": "J07CA02"}]
    assert form.rows[0].doubt.text() == forms_fr.DAY_TO_SAY
    composer.proposals.model.tick(0, False)
    composer.proposals.model.tick(0, True)
    assert len(form.rows) == 1


TO_SAY, TO_CHECK = forms_fr.DAY_TO_SAY, forms_fr.DAY_TO_CHECK


@pytest.mark.parametrize(
    ("words", "vaccine", "doubt"),
    [
        ("REVAXIS fait ce jour lot A12 deltoïde g", ("2026-11-20", "A12", "deltoïde g"), ""),
        ("REVAXIS fait le 12/03/24 lot A1", ("2024-03-12", "A1", None), ""),
        ("REVAXIS fait le 12/03/2019", ("2019-03-12", None, None), ""),
        ("REVAXIS fait le 3 mars 2024", ("2024-03-03", None, None), ""),
        ("REVAXIS fait hier", ("2026-11-19", None, None), ""),
        ("REVAXIS fait il y a 3 jours", ("2026-11-17", None, None), ""),
        ("REVAXIS lot A12 cuisse droite", ("2026-11-20", "A12", "cuisse droite"), TO_CHECK),
        ("REVAXIS fait", (None, None, None), TO_SAY),
        ("Vaccin grippe fait il y a 3 mois en pharmacie", (None, None, None), TO_SAY),
        ("Vaccin grippe fait la semaine dernière lot A1", (None, "A1", None), TO_SAY),
        ("Vaccination grippe faite en octobre, lot A1", (None, "A1", None), TO_SAY),
        ("Vaccin grippe fait en octobre 2025", (None, None, None), TO_SAY),
        ("Prevenar fait lundi", (None, None, None), TO_SAY),
        ("Hier, vaccin grippe fait, lot A1", (None, "A1", None), TO_SAY),
        ("REVAXIS fait le 12/03", (None, None, None), TO_SAY),
    ],
)
def test_a_vaccination_of_the_note_keeps_its_day_lot_and_site(writing, words, vaccine, doubt):
    """No day is made up: what is not plainly one is left to be said, a lot without a word of time is to be checked."""
    form = writing.write(DocumentKind.VACCINATION)
    form.take(tuple(one.ticked(True) for one in notes.propose(words)))
    (filled,) = form.filled().extra["vaccines"]
    assert tuple(filled.get(name) for name in ("date", "lot", "site")) == vaccine
    row = form.rows[0]
    assert (row.doubt.text(), row.doubt.isVisible()) == (doubt, bool(doubt))
    assert row.fields["date"].input.accessibleDescription() == doubt


def test_a_vaccine_without_a_day_stays_without_when_the_form_is_shown_again(writing):
    form = writing.write(DocumentKind.VACCINATION)
    done = tuple(one.ticked(True) for one in notes.propose("REVAXIS fait en octobre"))
    form.take(done)
    form.fill(form.filled())
    assert "date" not in form.filled().extra["vaccines"][0]
    form.take(done)
    assert form.rows[0].doubt.text() == TO_SAY


def test_a_day_the_doctor_typed_is_in_no_doubt(writing, qtbot):
    form = writing.write(DocumentKind.VACCINATION)
    done = tuple(one.ticked(True) for one in notes.propose("REVAXIS fait en octobre"))
    form.take(done)
    field = form.rows[0].fields["date"]
    qtbot.keyClicks(field.line, "20/11/26")
    form.take(done)
    assert field.value() == "2026-11-20"
    assert not form.rows[0].doubt.isVisible()


def test_the_day_of_a_new_row_is_doubted_when_the_note_says_another(writing):
    form = writing.write(DocumentKind.VACCINATION)
    form.fill(Filled({"vaccines": [{"label": "REVAXIS", "date": "2026-11-20"}]}))
    form.take(tuple(one.ticked(True) for one in notes.propose("REVAXIS fait en octobre")))
    assert form.rows[0].doubt.text() == forms_fr.DAY_OTHERWISE


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("20/11/2026", "2026-11-20"),
        ("1/2/26", "2026-02-01"),
        ("201126", "2026-11-20"),
        ("20112026", "2026-11-20"),
        ("31/02/2026", "31/02/2026"),
        ("hier", "hier"),
        ("", None),
    ],
)
def test_days_as_they_are_typed(qtbot, typed, value):
    field = DayField("Date")
    qtbot.addWidget(field)
    field.line.setText(typed)
    assert field.value() == value
    field.set_value(value)
    assert field.value() == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12,5", 12.5),
        ("86", 86),
        ("12.50", 12.5),
        ("x", "x"),
        ("", None),
        ("inf", "inf"),
        ("nan", "nan"),
        ("1e999", "1e999"),
    ],
)
def test_numbers_as_they_are_typed(qtbot, typed, value):
    field = NumberField("Poids")
    qtbot.addWidget(field)
    field.line.setText(typed)
    assert field.value() == value
    assert type(field.value()) is type(value)


@pytest.fixture
def pdf(tmp_path):
    file = tmp_path / "lettre.pdf"
    file.write_bytes(PDF.ljust(1500, b"\n"))
    return file


def drop(field, path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, modifiers = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    field.dropEvent(QDropEvent(QPointF(QPoint(5, 5)), Qt.DropAction.CopyAction, mime, buttons, modifiers))


def test_a_dropped_file_is_named_and_sent(writing, qtbot, pdf):
    form = writing.write(DocumentKind.SCAN)
    assert not writing.window.acts.send.isEnabled()
    drop(form.file, pdf)
    qtbot.waitUntil(lambda: form.file.value() is not None)
    assert form.file.says.text() == "lettre.pdf · PDF · 2 ko"
    form.type.set_value("CR d'imagerie médicale")
    form.changed.emit()
    writing.window.acts.send.click()
    qtbot.waitUntil(lambda: bool(writing.outbox.held))
    (order,) = writing.compose.orders
    assert (order.attachment.name, order.extra, order.text) == ("lettre.pdf", {"type": "18748-4"}, "")


def test_a_file_that_cannot_be_joined_is_said_so_there(writing, qtbot, tmp_path, pdf):
    form = writing.write(DocumentKind.SCAN)
    drop(form.file, pdf)
    qtbot.waitUntil(lambda: form.file.value() is not None)
    form.file.ask(tmp_path / "photo.bmp")
    qtbot.waitUntil(form.file.refusal.isVisible)
    assert form.file.refusal.text() == "Fichier : Ce fichier n'est ni un PDF ni une image. Choisissez un PDF."
    assert form.file.value().name == "lettre.pdf"
    form.file.remove.click()
    assert form.file.says.text() == forms_fr.FILE_NONE


def test_a_file_read_late_goes_to_the_draft_that_asked(writing, qtbot, pdf, monkeypatch):
    import threading

    gate = threading.Event()
    read = writing.compose.read_attachment
    monkeypatch.setattr(writing.compose, "read_attachment", lambda path: gate.wait(120) and read(path))
    form = writing.write(DocumentKind.SCAN)
    scan = writing.window.composer.draft
    form.file.ask(pdf)
    writing.window.conductor.write(DocumentKind.PRESCRIPTION)
    gate.set()
    qtbot.waitUntil(lambda: scan.form().attachment is not None)
    assert writing.window.composer.draft.form().attachment is None
    assert writing.window.composer.form.form.file.value() is None


def test_the_note_that_does_not_leave_is_said_and_kept(writing):
    writing.window.acts.write.click()
    composer = writing.window.composer
    composer.editor.setPlainText("Texte gardé.")
    row = list(fr.KIND).index(DocumentKind.SCAN)
    composer.options.kind.setCurrentIndex(row)
    composer.options.kind.activated.emit(row)
    assert composer.note.apart.isVisible()
    assert not composer.proposals.isVisible()
    assert not writing.window.acts.send.isEnabled()
    assert composer.draft.text == "Texte gardé."


def test_prescriptions_are_medicines_unless_said_otherwise(writing, qtbot):
    form = writing.write(DocumentKind.PRESCRIPTION)
    assert form.type.box.count() == 5
    assert form.type.value() == "Prescription de produits de santé"
    assert writing.window.composer.draft.empty
    writing.window.composer.editor.setPlainText("Paracétamol 1 g x 3")
    writing.window.conductor.send()
    qtbot.waitUntil(lambda: bool(writing.compose.orders))
    assert writing.compose.orders[0].extra == {"type": "57833-6"}


def test_the_form_of_document_follows_the_kind_until_it_is_chosen(writing):
    writing.write(DocumentKind.RAPID_TEST)
    options, draft = writing.window.composer.options, writing.window.composer.draft
    assert (draft.format, options.format.isEnabled()) == (DocumentFormat.STRUCTURED, True)
    options.format.setCurrentIndex(1)
    options.format.activated.emit(1)
    options.show_draft(draft)
    assert draft.format is DocumentFormat.PDF
    writing.write(DocumentKind.LETTER)
    assert writing.window.composer.draft.format is DocumentFormat.PDF
    assert not options.format.isEnabled()


def test_a_form_with_something_in_it_is_a_note_that_counts(qapp):
    drafts = Drafts(fakes.FixedClock())
    draft = drafts.open_for(fakes.LEA, fakes.DOCTOR, DocumentKind.CERTIFICATE)
    assert drafts.unsent == 0
    draft.filled[DocumentKind.CERTIFICATE] = Filled({"purpose": "Judo"})
    draft.kind = DocumentKind.CONSULTATION
    drafts.drop_empty()
    assert drafts.unsent == 1


def test_what_was_typed_never_shows_in_a_representation():
    draft = Draft(fakes.LEA, fakes.DOCTOR, fakes.NOW, kind=DocumentKind.CERTIFICATE)
    draft.filled[DocumentKind.CERTIFICATE] = Filled({"purpose": "Judo"})
    assert "Judo" not in f"{draft.note()!r} {draft.filled!r}"


def test_the_form_can_be_folded(writing):
    form = writing.write(DocumentKind.VACCINATION)
    panel = writing.window.composer.form
    panel.fold.click()
    assert not form.isVisible()
    form.refuse("vaccines[0].lot", "attendu")
    assert panel.refuse(ContextError("x", "attendu", field="extra.vaccines[0].lot"))
    assert form.isVisible()


@pytest.mark.parametrize("kind", [kind for kind in DocumentKind if kind not in FORMLESS])
def test_forms_fit_the_docked_panel_and_leave_the_note_its_lines(writing, qtbot, kind):
    writing.write(kind)
    composer = writing.window.composer
    writing.window.resize(420, 900)
    qtbot.waitUntil(lambda: writing.window.width() == 420)
    assert composer.form.area.form.width() <= composer.form.area.viewport().width()
    if kind is not DocumentKind.SCAN:
        assert composer.editor.height() >= 4 * composer.fontMetrics().height()


@pytest.mark.parametrize("scheme", theme.SCHEMES)
def test_the_words_of_a_refusal_can_be_read(scheme):
    colours = theme.SCHEMES[scheme].shades()
    for text, behind in (("danger", "panel"), ("warning", "warning_tint"), ("muted", "warning_tint")):
        assert theme.contrast(colours[text], colours[behind]) >= theme.MINIMUM_CONTRAST


@pytest.mark.alone
def test_forms_never_stop_the_window(writing, qtbot, qapp):
    box = writing.window.composer.options.kind
    writing.compose.facts = fakes.FACTS * 40
    writing.window.acts.write.click()

    def through_all() -> None:
        for row in (*range(box.count()), 0):
            box.setCurrentIndex(row)
            box.activated.emit(row)
            qtbot.waitUntil(lambda: not writing.window.tasks.general.busy)
            qapp.processEvents()

    assert worst_stall(through_all) <= LIMIT_MS
