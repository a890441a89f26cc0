"""A message of MSSanté from a record on the stand-in DMP, in the real window: of whom it is, what it holds, that it is traced."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.acts import Act
from dmp_desktop.services.received_files import read_received
from dmp_desktop.ui.widgets.document_tools import DocumentAct
from tests.helpers.real_window import real_window

TO = "dr.test@medecin.mssante.fr"


@pytest.mark.slow
def test_documents_of_the_record_leave_in_a_message(qapp: QApplication, tmp_path: Path) -> None:
    with real_window(qapp, tmp_path) as real:
        real.sign_in()
        real.open("ordinary")
        patient = real.window.record.patient
        assert patient is not None
        account = real.desktop._wiring.desk.current()
        assert account is not None
        documents = real.page.documents
        exporter, made, told = documents.exporter, tmp_path / "message.eml", []
        exporter.ask_address = lambda _typed: TO
        exporter.ask_file = lambda _name, _kinds: str(made)
        exporter.done.connect(told.append)
        exporter.failed.connect(told.append)
        real.page.open_document(documents.model.entries[0])
        real.until(lambda: documents.pane.ready is not None and documents.pane.bar.acts[DocumentAct.MAIL].isVisible())
        wanted = [documents.model.entries[0]]
        for _ in range(2):
            count = len(told)
            if len(wanted) == 1:
                documents.pane.bar.acts[DocumentAct.MAIL].trigger()
            else:
                exporter.export(patient, wanted, DocumentAct.MAIL)
            real.until(lambda count=count: len(told) > count)
            assert made.exists(), told
            message = email.message_from_bytes(made.read_bytes(), policy=email.policy.default)
            archive, *pdfs = message.iter_attachments()
            (read,) = read_received(archive.get_content())
            assert read.patient.ins is not None
            assert (read.patient.ins.value, read.warnings) == (patient.ins.value, ())
            assert [one.unique_id for one in read.documents] == [entry.unique_id for entry in wanted]
            assert len(pdfs) == len(wanted)
            assert read.sender.endswith(account.facility.name)
            assert account.professional.family in read.sender
            made.unlink()
            wanted = documents.model.entries[:3]
        given = []
        exporter.opener.open_file = lambda path: not given.append(path)
        documents.pane.bar.mail.click()
        real.until(lambda: given)
        assert given[0].parent == real.desktop._wiring.paths.messages
        assert given[0].exists()
        kept = real.desktop._wiring.acts_kept
        real.until(lambda: [one.action for one in kept.records()].count(Act.EXPORT) == 3)
        real.stage.remove(0)
        real.until(lambda: not given[0].exists())  # who leaves takes it along
