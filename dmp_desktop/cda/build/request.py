"""What a document is built from. Time and identifiers are passed in: the same request gives the same bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from dmp_desktop.domain.documents import DocumentFormat
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Context
from dmp_desktop.errors import CdaError

OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
MAX_OID = 128  # characters; IHE allows 64 for a DICOM UID, 128 for an XDS uniqueId


@dataclass(frozen=True, slots=True)
class Parent:
    """The document a new version replaces."""

    unique_id: str
    set_id: str
    version: int


@dataclass(frozen=True, slots=True, repr=False)
class BuildRequest:
    """A consultation to document.

    `note` goes in verbatim. Of `proposals` only the accepted ones are coded. `unique_id` is an OID without extension
    (`2.25.` + a UUID in decimal); `now` is aware. `set_id` and `version` follow from `replaces` when there is one: same set, next
    version. `pdf` is a PDF to attach; `footer` is printed at the foot of each page.
    """

    context: Context
    note: str
    unique_id: str
    now: datetime
    proposals: tuple[Proposal, ...] = ()
    format: DocumentFormat = DocumentFormat.STRUCTURED
    replaces: Parent | None = None
    pdf: bytes | None = None
    pdf_name: str = ""
    footer: str = ""

    def __repr__(self) -> str:
        """Never shows a note: representations end up in logs."""
        return f"BuildRequest({self.unique_id})"

    def local(self, moment: datetime) -> datetime:
        """`moment` as the doctor's clock shows it: its own zone, or that of `now` when it only comes in UTC."""
        return moment if moment.utcoffset() else moment.astimezone(self.now.tzinfo)

    @property
    def set_id(self) -> str:
        return self.replaces.set_id if self.replaces else self.unique_id

    @property
    def version(self) -> int:
        return self.replaces.version + 1 if self.replaces else 1


def validate(request: BuildRequest) -> None:
    """Raise CdaError, with the field's path, for what cannot become a document."""
    if request.now.tzinfo is None:
        raise ValueError("now must be aware")
    for name, value in (("unique_id", request.unique_id), ("set_id", request.set_id)):
        if not OID.fullmatch(value) or len(value) > MAX_OID:
            _refuse(name, "L'identifiant du document n'est pas un OID.", "Relancez la création du document.")
    if request.replaces and request.replaces.unique_id == request.unique_id:
        _refuse("unique_id", "Une nouvelle version ne peut pas garder l'identifiant de la précédente.", "")
    if request.context.patient.ins.status is not InsStatus.QUALIFIEE:
        _refuse(
            "patient.identity_status",
            "L'identité de ce patient n'est pas qualifiée : son INS ne peut pas figurer dans un document.",
            "Qualifiez l'identité (INS vérifiée et pièce d'identité contrôlée), puis recommencez.",
        )
    if request.pdf is not None and not request.pdf.startswith(b"%PDF-"):
        _refuse("attach", "Le fichier joint n'est pas un PDF.", "Joignez un fichier PDF.")
    empty = not request.note.strip()
    if empty and request.pdf is None:
        _refuse("note", "La note est vide.", "Écrivez la note ou joignez un PDF.")
    if request.format is DocumentFormat.PDF and request.pdf is not None and not empty:
        _refuse(
            "attach",
            "Un document PDF ne contient qu'un seul PDF : la note ou la pièce jointe.",
            "Choisissez le format structuré pour garder la note et la pièce jointe.",
        )
    if request.format is DocumentFormat.STRUCTURED and empty:
        _refuse("note", "Un document structuré demande une note.", "Écrivez la note ou choisissez le format PDF.")


def _refuse(path: str, message: str, remedy: str) -> None:
    raise CdaError("cda-build", message, remedy, path=path)
