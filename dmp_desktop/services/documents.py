"""Documents between the wire, the disk and the screen: the functions `wiring` hands to the other services."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from dmp_desktop import notes
from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.check import Severity, check
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.cda.read.pdftext import Trial, try_to_show
from dmp_desktop.cda.render import Palette, SectionHtml
from dmp_desktop.cda.render import render as render_cda
from dmp_desktop.domain.documents import Attachment, BuiltDocument, DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Context, Patient
from dmp_desktop.domain.ports import Clock, Entropy
from dmp_desktop.domain.printed import EVERY_TRAIT, PrintedTrait
from dmp_desktop.errors import CdaError
from dmp_desktop.services.opened import OpenedDocument, SectionPart
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.storage.cache import CacheStore

FOOTER = "Document destiné au patient et à ses soignants. Données protégées par le secret médical et le RGPD."
_SAVE_IT = "Enregistrez-le (menu ⋯) et ouvrez-le dans votre lecteur de PDF."
PDF_WITHHELD = f"Le PDF « {{}} » n'est pas montré : lui ou un autre de ce document bloquerait la fenêtre. {_SAVE_IT}"
"""Also of those that come after it: each one tried may take ten seconds."""
PDF_UNTRIED = (
    "Le PDF « {} » n'est pas montré : le programme qui vérifie les PDF ne démarre pas sur ce poste (bloqué par un antivirus, ou "
    f"installation incomplète). {_SAVE_IT}"
)
"""What was not tried may freeze the window."""


def warm_up() -> None:
    """Load what the first note and the first document need, before the doctor asks for them."""
    notes.propose("TA 12/8, HTA")
    importlib.import_module("dmp_desktop.cda.build.pdf")  # fpdf2 and fontTools: left out of the start for their 100 ms


def builder(
    clock: Clock, entropy: Entropy, printed: frozenset[PrintedTrait] = EVERY_TRAIT
) -> Callable[[DocumentOrder, Context], BuiltDocument]:
    """A function that builds a document and lets our strict rules refuse it; `printed` as in BuildRequest."""

    def build_order(order: DocumentOrder, context: Context) -> BuiltDocument:
        request = BuildRequest(
            context=context,
            note=order.text,
            unique_id=order.unique_id or f"2.25.{entropy.uuid().int}",
            now=clock.now().astimezone().replace(microsecond=0),
            proposals=order.proposals,
            format=order.format,
            replaces=order.replaces,
            attachment=order.attachment,
            footer=FOOTER,
            kind=order.kind,
            items=order.items,
            printed=printed,
        )
        return checked(build(request))

    return build_order


def checked(built: BuiltDocument) -> BuiltDocument:
    """The document with the warnings of our strict rules. Raises CdaError on the first thing they refuse."""
    findings = check(built.cda)
    for finding in findings:
        if finding.severity is Severity.ERROR:
            raise CdaError(finding.code, finding.message_fr, "Corrigez ce champ, puis recommencez.", path=finding.path)
    return replace(built, warnings=built.warnings + tuple(finding.message_fr for finding in findings))


def render(entry: DocumentEntry, content: bytes, patient: Patient | None, palette: Mapping[str, str]) -> OpenedDocument:
    """A document's bytes as safe HTML and attachments, in the screen's colours. On a worker thread: PDFs are tried first.

    Takes 2 ms for a PDF of a page, 160 for a page scanned in fine grain, at most 10 s for one that hangs (measured).
    """
    colours = Palette.of(palette)
    rendered = render_cda(content, palette=colours, expected_patient=patient)
    original = render_cda(content, palette=colours, original=True) if rendered.has_cards else rendered
    files = tuple(Attachment(mime, data, name) for mime, data, name in rendered.pdfs)
    shown, said = _tried(files)
    withheld = files[len(shown) :]
    return OpenedDocument(
        entry=entry,
        html="" if rendered.pdf_only and shown else rendered.html,
        media={name: Attachment(mime, data, name) for name, (mime, data) in rendered.media.items()},
        pdfs=shown,
        withheld=withheld,
        notices=(
            *dict.fromkeys(said.format(file.name) for file in withheld),
            *(notice for notice in rendered.notices if notice not in rendered.mismatches),
        ),
        raw=content,
        original_html=original.html if rendered.has_cards else "",
        style=rendered.style,
        summary=rendered.summary,
        sections=tuple(map(_part, rendered.sections, original.sections)),
        details=rendered.details,
        mismatches=rendered.mismatches,
    )


def _tried(files: tuple[Attachment, ...]) -> tuple[tuple[Attachment, ...], str]:
    """The first PDFs that may be shown, and what is said of each one left: where one fails, those after it are not tried."""
    for number, file in enumerate(files):
        trial = try_to_show(file.content)
        if trial is not Trial.PASSED:
            return files[:number], PDF_WITHHELD if trial is Trial.FAILED else PDF_UNTRIED
    return files, ""


def _part(shown: SectionHtml, original: SectionHtml) -> SectionPart:
    html = original.html if original.html != shown.html else ""
    return SectionPart(shown.code, shown.title, shown.anchor, shown.depth, shown.html, html)


def preview(built: BuiltDocument, palette: Mapping[str, str]) -> OpenedDocument:
    """A document not yet sent, as its reader will see it."""
    return render(entry_from_cda(built.cda), built.cda, None, palette)


class PatientCache:
    """The encrypted cache, by patient."""

    def __init__(self, store: CacheStore) -> None:
        self._store = store

    def get(self, patient: Patient, unique_id: str) -> bytes | None:
        return self._store.get(patient.ins.value, unique_id)

    def put(self, patient: Patient, unique_id: str, content: bytes) -> None:
        self._store.put(patient.ins.value, unique_id, content)

    def get_list(self, patient: Patient, owner: str) -> bytes | None:
        return self._store.get_list(patient.ins.value, owner)

    def put_list(self, patient: Patient, owner: str, content: bytes) -> None:
        self._store.put_list(patient.ins.value, owner, content)

    def ids(self, patient: Patient) -> frozenset[str]:
        return self._store.ids(patient.ins.value)

    def forget(self, unique_ids: Collection[str]) -> None:
        self._store.forget(unique_ids)

    def forget_list(self, patient: Patient, owner: str) -> None:
        self._store.forget_list(patient.ins.value, owner)

    def forget_patient(self, patient: InsIdentity) -> None:
        self._store.forget_patient(patient.value)

    def clear(self) -> None:
        self._store.clear()

    def purge(self) -> int:
        return self._store.purge()
