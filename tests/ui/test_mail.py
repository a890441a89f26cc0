"""A message of MSSanté prepared from the document that is open: the menu, the address, the file, what is refused."""

from __future__ import annotations

import email
import email.policy
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.dmp.metadata import VISIBILITY_CODES
from dmp_desktop.domain.documents import Author, BuiltDocument, DocumentFormat, DocumentKind, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.exchange import context_from_dict, xdm
from dmp_desktop.services.mail_desk import MailBox, MailDesk
from dmp_desktop.services.mail_folder import MailFolder
from dmp_desktop.services.opened import OpenedDocument
from dmp_desktop.services.secure_mail import UNKNOWN_DOMAIN
from dmp_desktop.terminology.oids import PS_IDNAT
from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.documents.addressing import AddressDialog
from dmp_desktop.ui.views.documents.exporting import Exporter
from dmp_desktop.ui.widgets.document_pane import DocumentPane
from dmp_desktop.ui.widgets.document_tools import DocumentAct
from dmp_desktop.ui.widgets.ready_html import prepare
from tests.helpers.clock import FakeClock, SeededEntropy
from tests.helpers.documents import FULL, NOTE, NOW, OTHER_ID, UNIQUE_ID
from tests.ui import fakes

TO = "dr.test@medecin.mssante.fr"
SENDER = Author("TEST-EXPEDITEUR", "Claude", "801234567897", PS_IDNAT, "Cabinet du Pont")


SENT_BYTES: dict[int, bytes] = {}
COPIES: list[InsIdentity] = []


@pytest.fixture(scope="module")
def cda() -> bytes:
    context = context_from_dict(FULL)
    return build(
        BuildRequest(context=context, note=NOTE, unique_id=UNIQUE_ID, now=NOW, format=DocumentFormat.STRUCTURED)
    ).cda


@pytest.fixture
def habits(qtbot):
    pool = TaskRunner(1)
    keeper = HabitsKeeper(fakes.FakeHabits(), pool)
    yield keeper
    assert pool.close()


@pytest.fixture
def pane(qtbot, habits) -> DocumentPane:
    pane = DocumentPane(habits=habits)
    qtbot.addWidget(pane)
    pane.resize(420, 700)
    pane.show()
    return pane


@pytest.fixture
def exporter(qtbot, pane, tmp_path):
    pool = TaskRunner(1)
    clock = FakeClock(datetime(2026, 11, 20, 10, tzinfo=UTC))
    folder = MailFolder(tmp_path / "messages", clock, SeededEntropy())
    box = MailBox(folder, lambda item: SENT_BYTES[item.id], COPIES.append)
    desk = MailDesk("2.25.1", clock, SeededEntropy(), lambda: SENDER, box)
    exporter = Exporter(pane, fakes.FakeDossier(), pool, pane, desk)
    exporter.offered, exporter.told = [], []

    def address(typed: str) -> str:
        exporter.offered.append(typed)
        return TO

    exporter.ask_address = address
    exporter.ask_file = lambda name, _kinds: str(tmp_path / name)
    exporter.done.connect(exporter.told.append)
    exporter.failed.connect(exporter.told.append)
    yield exporter
    assert pool.close()


def show(pane: DocumentPane, cda: bytes, *hidden: Visibility) -> None:
    entry = entry_from_cda(cda)
    codes = (*entry.confidentiality, *(VISIBILITY_CODES[one] for one in hidden))
    told = OpenedDocument(replace(entry, confidentiality=codes), "<p>x</p>", raw=cda)
    pane.show_document(prepare(told))


def test_the_open_document_becomes_a_message(qtbot, pane, exporter, cda, tmp_path: Path):
    copies = []
    exporter.copied.connect(lambda: copies.append(True))
    show(pane, cda)
    act = pane.bar.acts[DocumentAct.MAIL]
    assert (act.text(), act.isVisible(), act.isEnabled()) == (fr.PREPARE_MAIL, True, True)
    act.trigger()
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert exporter.told == [fr.MAIL_READY]
    (file,) = tmp_path.iterdir()
    assert file.suffix == ".eml"
    assert "TEST" not in file.name.upper()
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert (message["X-Unsent"], message["To"]) == ("1", TO)
    archive, pdf = message.iter_attachments()
    assert (archive.get_content_type(), pdf.get_content_type()) == ("application/zip", "application/pdf")
    (read,) = xdm.read(archive.get_content())
    assert read.sender == "Claude TEST-EXPEDITEUR, Cabinet du Pont"
    assert copies == [True]


def opened(exporter: Exporter, *, client: bool = True) -> list[bytes]:
    """What the mail client is given to open, as it is at that moment."""
    given: list[bytes] = []

    def open_file(path: Path) -> bool:
        given.append(path.read_bytes())
        return client

    assert exporter.opener is not None
    exporter.opener.open_file = open_file
    return given


def test_one_click_opens_a_message_that_waits_for_its_address(qtbot, pane, exporter, cda, tmp_path: Path):
    given = opened(exporter)
    show(pane, cda)
    assert (pane.bar.mail.isVisible(), pane.bar.mail.accessibleName()) == (True, fr.MAIL_NOW)
    pane.bar.mail.click()
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert (exporter.told, exporter.offered) == ([fr.MAIL_OPENED], [])
    (file,) = (tmp_path / "messages").iterdir()
    assert given == [file.read_bytes()]
    message = email.message_from_bytes(given[0], policy=email.policy.default)
    assert (message["X-Unsent"], message["To"]) == ("1", None)
    archive, pdf = message.iter_attachments()
    assert (archive.get_content_type(), pdf.get_content_type()) == ("application/zip", "application/pdf")
    (read,) = xdm.read(archive.get_content())
    assert [one.content for one in read.documents] == [cda]


def test_without_a_mail_client_nothing_is_left(qtbot, pane, exporter, cda, tmp_path: Path):
    opened(exporter, client=False)
    show(pane, cda)
    pane.bar.mail.click()
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert exporter.told[0].code == "mail-client"
    qtbot.waitUntil(lambda: not list((tmp_path / "messages").iterdir()))


def test_who_leaves_meanwhile_has_no_message_opened(qtbot, exporter, cda, tmp_path: Path):
    given, fetched = opened(exporter), threading.Event()

    def content(_patient: object, _entry: object) -> bytes:
        fetched.wait(20)
        return cda

    exporter._dossier.content = content
    exporter.export(fakes.LEA, [entry_from_cda(cda)], DocumentAct.MAIL_NOW)
    exporter.stop()
    fetched.set()
    qtbot.waitUntil(lambda: (tmp_path / "messages").exists() and not list((tmp_path / "messages").iterdir()))
    assert (given, exporter.told) == ([], [])


def test_what_the_record_hides_from_professionals_is_opened_in_none(qtbot, pane, exporter, cda):
    given = opened(exporter)
    show(pane, cda, Visibility.MASQUE_PS)
    pane.bar.mail.click()
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert (exporter.told[0].code, given) == ("mail-hidden", [])


def test_a_document_of_the_outbox_becomes_a_message(qtbot, exporter, cda):
    given, outbox = opened(exporter), fakes.FakeOutbox()
    item = outbox.send(
        fakes.LEA, BuiltDocument(UNIQUE_ID, cda, DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED, ""), ()
    )
    SENT_BYTES[item.id] = cda
    exporter.opener.item(item)
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert exporter.told == [fr.MAIL_OPENED]
    assert len(given) == 1
    assert COPIES[-1:] == [fakes.LEA.ins], "told of whom a copy was made, whatever record is open"
    exporter.opener.item(replace(item, visibility=frozenset({Visibility.MASQUE_PS})))
    qtbot.waitUntil(lambda: len(exporter.told) == 2)
    assert (exporter.told[1].code, len(given)) == ("mail-hidden", 1)


def test_what_is_doubtful_is_said_with_the_rest(qtbot, pane, exporter, cda):
    exporter.ask_address = lambda _typed: "dr.test@hopital.example"
    show(pane, cda)
    pane.bar.acts[DocumentAct.MAIL].trigger()
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert exporter.told == [f"{fr.MAIL_READY} {UNKNOWN_DOMAIN}"]


def test_what_is_hidden_from_professionals_goes_to_none(qtbot, pane, exporter, cda, tmp_path: Path):
    show(pane, cda, Visibility.MASQUE_PS)
    pane.bar.acts[DocumentAct.MAIL].trigger()
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert exporter.told[0].code == "mail-hidden"
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_was_refused_is_there_again(qtbot, pane, exporter, cda, tmp_path: Path):
    typed = ["dr.test", TO]

    def address(before: str) -> str:
        exporter.offered.append(before)
        return typed[len(exporter.offered) - 1]

    exporter.ask_address = address
    show(pane, cda)
    for count in (1, 2):
        pane.bar.acts[DocumentAct.MAIL].trigger()
        qtbot.waitUntil(lambda count=count: len(exporter.told) == count)
    assert exporter.offered == ["", "dr.test"]
    assert exporter.told[0].code == "mail-address"
    assert len(list(tmp_path.iterdir())) == 1


def test_nothing_is_offered_without_a_document_or_a_desk(qtbot, pane, exporter, cda, habits):
    pane.show_document(prepare(OpenedDocument(entry_from_cda(cda), "<p>x</p>")))
    assert not pane.bar.acts[DocumentAct.MAIL].isEnabled()
    assert not pane.bar.mail.isEnabled()
    alone = DocumentPane(habits=habits)
    qtbot.addWidget(alone)
    show(alone, cda)
    assert not alone.bar.acts[DocumentAct.MAIL].isVisible()


def test_an_address_is_asked_and_the_question_ends_with_the_session(qtbot, pane, exporter):
    def answer(text: str) -> None:
        (dialog,) = (
            one for one in QApplication.topLevelWidgets() if isinstance(one, AddressDialog) and one.isVisible()
        )
        assert not dialog.confirm.isEnabled()
        dialog.line.setText(text)
        assert dialog.confirm.isEnabled()
        dialog.confirm.click()

    def end() -> None:
        asking.end_questions()

    QTimer.singleShot(0, pane, lambda: answer(f" {TO} "))
    assert exporter._ask_address("") == TO
    QTimer.singleShot(0, pane, end)
    assert exporter._ask_address(TO) == ""


def test_documents_chosen_in_the_list_make_one_message(qtbot, exporter, cda, tmp_path: Path):
    other = cda.replace(UNIQUE_ID.encode(), OTHER_ID.encode())
    contents = {UNIQUE_ID: cda, OTHER_ID: other}
    entries = [entry_from_cda(one) for one in contents.values()]
    exporter._dossier.content = lambda _patient, entry: contents[entry.unique_id]
    exporter.export(fakes.LEA, entries, DocumentAct.MAIL)
    assert exporter.running
    exporter.export(fakes.LEA, entries, DocumentAct.MAIL)  # one at a time
    qtbot.waitUntil(lambda: bool(exporter.told))
    assert not exporter.running
    assert exporter.told == [fr.MAIL_READY]
    (file,) = tmp_path.iterdir()
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    archive, *pdfs = message.iter_attachments()
    (read,) = xdm.read(archive.get_content())
    assert [one.content for one in read.documents] == [cda, other]
    assert len(pdfs) == 2
    exporter.export(fakes.LEA, [entries[0]] * 2, DocumentAct.MAIL)
    qtbot.waitUntil(lambda: len(exporter.told) == 2)
    assert exporter.told[1].code == "xdm-twice"
    assert not exporter.running


def test_a_record_left_meanwhile_leaves_no_message(qtbot, exporter, cda, tmp_path: Path):
    fetched = threading.Event()

    def content(_patient: object, _entry: object) -> bytes:
        fetched.wait(120)
        return cda

    exporter._dossier.content = content
    exporter.export(fakes.LEA, [entry_from_cda(cda)], DocumentAct.MAIL)
    exporter.stop()
    fetched.set()
    qtbot.waitUntil(lambda: not exporter.running)
    assert (exporter.told, list(tmp_path.iterdir())) == ([], [])
