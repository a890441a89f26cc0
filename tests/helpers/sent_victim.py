"""The real program, in which a note is kept and sent, killed (SIGKILL) by itself: FILE.json tells `environment`, `patient`
(as in a context file), `step`: `marked` before the outbox has the document, `kept` once it has it, `sent` once the DMP has it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dmp_desktop.domain.documents import BuiltDocument
from dmp_desktop.domain.drafts import KeptDraft
from dmp_desktop.domain.people import Patient
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.wiring import Wiring, open_wiring

TEXT = "Toux sèche depuis trois jours."
DRAFT_ID = "b" * 32


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def send(wiring: Wiring, patient: Patient, step: str) -> None:
    wiring.sign_in_software()
    by = wiring.desk.signed_in()
    assert by is not None
    pen = wiring.drafts.ask_pen(by.professional.national_id)
    assert pen is not None
    began = datetime.now(UTC)
    wiring.drafts.keep(pen, KeptDraft(DRAFT_ID, patient, by.professional, began, TEXT))
    built: BuiltDocument = wiring.compose.build(DocumentOrder(patient, by.professional, began, TEXT), by.facility)
    wiring.drafts.leaves(DRAFT_ID, built.unique_id)
    if step == "marked":
        die()
    wiring.outbox.enqueue(patient, built)
    if step == "sent":
        wiring.outbox.deliver_due()
    die()


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[1]).read_text())
    delay = timedelta(0) if told["step"] == "sent" else timedelta(seconds=30)
    with open_wiring(told["environment"], undo_delay=delay) as opened:
        send(opened, patient_from_dict(told["patient"]), told["step"])
