"""The whole main job, played on the real window without a screen: cards, record, note, one click, proof, cards out."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from dmp_desktop.app import Desktop
from dmp_desktop.cda.check import Severity, check
from dmp_desktop.demo.report import Report, Step, StepFailedError, must
from dmp_desktop.demo.stage import CPS, Stage
from dmp_desktop.dmp.metadata import SIGNATURE_CLASS
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.outbox import OutboxItem, OutboxState
from dmp_desktop.domain.ports import DmpRepository, FindCriteria
from dmp_desktop.services.session import Phase
from dmp_desktop.ui.stalls import LIMIT_MS, StallMeter
from dmp_desktop.wiring import Wiring

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds a step may take before it fails; the figures tell what it takes."""

NOTE = """Motif : renouvellement, fatigue depuis 3 semaines.
TA 14/8, FC 72, poids 82 kg, SpO2 98 %.
HTA équilibrée. Pas de fièvre, pas de douleur thoracique.
ATCD : appendicectomie 1998.
Rx : ramipril 5 mg 1/j pendant 3 mois.
Revoir dans 3 mois avec « bilan » & créatinine < 2 semaines avant.
"""

TABS = ("nouveautes", "synthese", "documents", "biologie", "traitements", "a-envoyer")


class Play:
    """One performance: every method is a part of the job, and writes its steps into the report."""

    def __init__(self, desktop: Desktop, wiring: Wiring, stage: Stage, report: Report, out: Path) -> None:
        self._desktop, self._wiring, self._stage, self._report, self._out = desktop, wiring, stage, report, out
        self._window = desktop.window
        self._stalls = StallMeter(self._window)
        self._worst = 0.0
        self._ours: list[float] = []

    def perform(self) -> None:
        """Raises StepFailedError at the first step that fails."""
        with self._report.step("window ready"):
            self._until(lambda: self._desktop.settled, "the window did not settle")
        self._stalls.start()
        self._cards_in()
        self._read()
        self._write_and_send()
        self._cards_out()
        with self._report.step("window never waited") as step:
            self._note_stalls()
            step.detail = f"worst stall {self._worst:.0f} ms, limit {LIMIT_MS:.0f} ms"
            if self._worst > LIMIT_MS and not self._ours:
                step.detail += ", the machine's: this program was not running meanwhile"
            must(not self._ours, "the window stood still")

    def _cards_in(self) -> None:
        session = self._window.session
        with self._report.step("CPS in"):
            self._stage.insert(0, CPS)
            self._until(lambda: session.state.cps_present, "the card was not seen")
        with self._report.step("signed in"):
            self._until(lambda: session.state.phase is Phase.READY, "sign-in")
        inserted = time.perf_counter()
        with self._report.step("Vitale in"):
            self._stage.insert(1, self._stage.patient_card("ordinary"))
            self._until(lambda: session.state.vitale_present, "the card was not seen")
        with self._report.step("identity"):
            self._until(lambda: session.state.patient is not None, "the patient was not found")
        with self._report.step("DMP state") as step:
            self._until(lambda: self._window.record.status is not None, "no answer of TD0.2")
            status = self._window.record.status
            step.detail = status.authorization.value if status and status.authorization else ""
        with self._report.step("list") as step:
            model = self._window.page.documents.model
            self._until(lambda: model.entries, "no row")
            first = time.perf_counter() - inserted
            self._until(lambda: not model.loading and len(model.entries) >= 60, "the list is not complete")
            whole = time.perf_counter() - inserted
            step.detail = f"{len(model.entries)} documents; from the card to first rows {first * 1000:.0f} ms, "
            step.detail += f"to the whole list {whole * 1000:.0f} ms"
        self._pictures()

    def _read(self) -> None:
        entries = self._window.page.documents.model.entries
        with self._report.step("open a structured document") as step:
            self._open(next(entry for entry in entries if entry.format_code.code == "urn:ihe:lab:xd-lab:2008"), step)
        self._picture("document-structure")
        with self._report.step("open a PDF") as step:
            self._open(
                next(entry for entry in entries if entry.format_code.code == "urn:ihe:iti:xds-sd:pdf:2008"), step
            )
            must(self._window.page.documents.pane.pdf, "no PDF view")
        self._picture("document-pdf")
        self._window.page.documents.close_document()

    def _write_and_send(self) -> None:
        composer, page = self._window.composer, self._window.page
        with self._report.step("note typed"):
            self._window.conductor.write()
            for line in NOTE.splitlines(keepends=True):
                composer.editor.insertPlainText(line)
                self._desktop.wait(lambda: False, 0.01)
            must(composer.draft and composer.draft.text == NOTE, "the note is not the one typed")
        with self._report.step("proposals") as step:
            proposals = composer.proposals.model
            self._until(lambda: len(proposals.proposals) >= 5, "no proposal")
            step.detail = f"{len(proposals.proposals)}, {sum(one.accepted for one in proposals.proposals)} pre-ticked"
        with self._report.step("accept"):
            row = next(
                i for i, one in enumerate(proposals.proposals) if one.kind == "problem" and one.status == "present"
            )
            proposals.tick(row, True)
            must(proposals.proposals[row].accepted, "not accepted")
        self._picture("rediger")
        with self._report.step("build") as step:
            composer.preview_button.setChecked(True)
            self._until(lambda: composer.preview.ready is not None, "no preview")
            built = composer.preview.ready.opened.raw if composer.preview.ready else b""
            step.detail = f"{len(built)} bytes"
        self._picture("apercu")
        with self._report.step("official-shape check"):
            refusals = [finding.code for finding in check(built) if finding.severity is Severity.ERROR]
            must(not refusals, " ".join(refusals))
        with self._report.step("queued"):
            self._window.conductor.send()
            self._until(lambda: self._wiring.outbox.items(), "nothing in the outbox")
        self._window.page.go(TABS.index("a-envoyer"))
        self._picture("a-envoyer-attente")
        with self._report.step("sent") as step:
            self._until(lambda: self._item().state is OutboxState.SENT, "not sent")
            step.detail = f"{self._item().attempts} try, undo delay included"
        self._until(
            lambda: any(item.state is OutboxState.SENT for item in self._window.outbox.items), "screen not told"
        )
        self._picture(TABS[page.stack.currentIndex()])
        self._prove()

    def _prove(self) -> None:
        """What was sent is in the DMP: its lot is signed, it is found, it comes back byte for byte."""
        item = self._item()
        sent = self._wiring.outbox.document(item.id)
        (self._out / f"{item.kind}.xml").write_bytes(sent)
        patient, dmp = item.patient.ins, self._dmp()
        with self._report.step("signed"):
            signatures = self._aside(lambda: _signatures(dmp, patient))
            must(
                any(f"urn:oid:{item.unique_id}".encode() in signature for signature in signatures),
                "no signed lot names it",
            )
        with self._report.step("found again by TD3.1"):
            (found,) = self._aside(lambda: dmp.find_by_unique_id(patient, [item.unique_id]))
            self._window.record.refresh()
            model = self._window.page.documents.model
            self._until(lambda: item.unique_id in {entry.unique_id for entry in model.entries}, "not in the list")
        with self._report.step("retrieved byte-identical") as step:
            must(self._aside(lambda: dmp.retrieve(patient, found)) == sent, "other bytes came back")
            step.detail = f"{len(sent)} bytes"

    def _cards_out(self) -> None:
        session = self._window.session
        with self._report.step("Vitale out (record stays)"):
            patient = session.state.patient
            self._stage.remove(1)
            self._until(lambda: not session.state.vitale_present, "the removal was not seen")
            must(session.state.phase is Phase.OPEN and session.state.patient == patient, "the record closed")
        with self._report.step("CPS out (screen masked, outbox kept)"):
            self._stage.remove(0)
            self._until(lambda: self._window.stack.currentWidget() is self._window.masked, "the screen is not masked")
            self._until(lambda: session.state.phase is Phase.MASKED, "the session goes on")
            self._until(lambda: self._wiring.desk.current() is None, "someone is still signed in")
            must(self._wiring.outbox.items(), "the outbox is empty")
        self._picture("masque")

    def _open(self, entry: DocumentEntry, step: Step) -> None:
        pane = self._window.page.documents.pane
        self._window.page.open_document(entry)
        self._until(lambda: pane.ready is not None and pane.ready.opened.entry == entry, "the document did not open")
        step.detail = f"{entry.size} bytes"

    def _item(self) -> OutboxItem:
        return self._wiring.outbox.items()[0]

    def _dmp(self) -> DmpRepository:
        repository = self._wiring.desk.repository()
        if repository is None:
            raise StepFailedError("nobody is signed in")
        return repository

    def _aside(self, call: Callable[[], T]) -> T:
        """What the demonstration itself asks of the DMP, off the GUI thread as everything that waits."""
        with ThreadPoolExecutor(1) as thread:
            future = thread.submit(call)
            self._until(future.done, "no answer")
            return future.result()

    def _until(self, condition: Callable[[], object], why: str) -> None:
        must(self._desktop.wait(condition, PATIENCE), why)

    def _pictures(self) -> None:
        """Each tab with the open record, then back to the first."""
        for index, name in enumerate(TABS):
            self._window.page.go(index)
            self._picture(name)
        self._window.page.go(0)
        self._desktop.wait(lambda: False, 0.05)  # nobody reaches for a document before the tab is painted

    def _note_stalls(self) -> None:
        self._worst = max(self._worst, self._stalls.stop())
        self._ours += self._stalls.ours()

    def _picture(self, name: str) -> None:
        """Painting into a file is not the window's work: the stall meter does not count it."""
        self._note_stalls()
        self._desktop.wait(lambda: False, 0.05)
        self._desktop.picture(self._out / f"{name}.png")
        self._stalls.start()


def _signatures(dmp: DmpRepository, patient: InsIdentity) -> list[bytes]:
    """The signature documents of all lots."""
    lots = [entry for entry in dmp.find(patient, FindCriteria()) if entry.class_code == SIGNATURE_CLASS]
    return [dmp.retrieve(patient, entry) for entry in lots]
