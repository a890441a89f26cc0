"""What a document is built from. Time and identifiers are passed in: the same request gives the same bytes."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dmp_desktop.cda.build.text import is_blank
from dmp_desktop.cda.media import PDF
from dmp_desktop.domain.clinical import ClinicalItem
from dmp_desktop.domain.documents import Attachment, DocumentFormat, DocumentKind, Parent
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Context
from dmp_desktop.domain.printed import EVERY_TRAIT, PrintedTrait
from dmp_desktop.errors import CdaError

OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
MAX_OID = 128  # characters; IHE allows 64 for a DICOM UID, 128 for an XDS uniqueId


@dataclass(frozen=True, slots=True, repr=False)
class BuildRequest:
    """A document to make.

    `note` goes in verbatim. Of `proposals` only the accepted ones are coded; `items` are facts reviewed by the doctor that come
    from elsewhere than the note (the record, a form). `unique_id` is an OID without extension (`2.25.` + a UUID in decimal);
    `now` is aware. `set_id` and `version` follow from `replaces` when there is one: same set, next version. `attachment` is a
    file to join; `footer` is printed at the foot of each page; `printed`: which further traits its head names.
    """

    context: Context
    note: str
    unique_id: str
    now: datetime
    proposals: tuple[Proposal, ...] = ()
    format: DocumentFormat = DocumentFormat.STRUCTURED
    replaces: Parent | None = None
    attachment: Attachment | None = None
    footer: str = ""
    kind: DocumentKind = DocumentKind.CONSULTATION
    items: tuple[ClinicalItem, ...] = ()
    printed: frozenset[PrintedTrait] = EVERY_TRAIT

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


def validate(request: BuildRequest, formats: tuple[DocumentFormat, ...], *, note_optional: bool) -> None:
    """Raise CdaError, with the field's path, for what cannot become a document. `formats`: the forms this kind has."""
    if request.now.tzinfo is None:
        raise ValueError("now must be aware")
    if request.format not in formats:
        _refuse("format", "Ce type de document n'a pas de forme structurée.", "Choisissez le format PDF.")
    if not OID.fullmatch(request.unique_id) or len(request.unique_id) > MAX_OID:
        _refuse("unique_id", "L'identifiant du document n'est pas un OID.", "Relancez la création du document.")
    if request.replaces:
        _validate_parent(request.replaces, request.unique_id)
    if request.context.patient.ins.status is not InsStatus.QUALIFIEE:
        _refuse(
            "patient.identity_status",
            "L'identité de ce patient n'est pas qualifiée : son INS ne peut pas figurer dans un document.",
            "Qualifiez l'identité (INS vérifiée et pièce d'identité contrôlée), puis recommencez.",
        )
    _validate_content(request, note_optional=note_optional)
    _validate_numbers("items", [item.value for item in request.items])
    values = [proposal.value for proposal in request.proposals if proposal.accepted]
    _validate_numbers("proposals", [part for value in values for part in _parts(value)])


def _parts(value: Any) -> Collection[Any]:
    """A blood pressure has two."""
    return value.values() if isinstance(value, dict) else (value,)


def _validate_numbers(path: str, values: Iterable[Any]) -> None:
    """Neither infinity, nor "not a number", nor more than a float holds: XML schema has no decimal for them."""
    if not all(abs(value) <= sys.float_info.max for value in values if isinstance(value, int | float)):
        _refuse(
            path, "Une des valeurs retenues n'est pas un nombre qui puisse être écrit.", "Corrigez-la ou retirez-la."
        )


def _validate_parent(parent: Parent, unique_id: str) -> None:
    """The older document may come from other software: its identifiers may be UUIDs, and have an extension."""
    for name, value in (("unique_id", parent.unique_id), ("set_id", parent.set_id)):
        root = value.partition("^")[0]
        if not (OID.fullmatch(root) or UUID.fullmatch(root)) or len(root) > MAX_OID:
            _refuse(
                name,
                "L'identifiant du document à remplacer n'est ni un OID ni un UUID.",
                "Choisissez un autre document.",
            )
    if parent.unique_id == unique_id:
        _refuse("unique_id", "Une nouvelle version ne peut pas garder l'identifiant de la précédente.", "")


def _validate_content(request: BuildRequest, *, note_optional: bool) -> None:
    file = request.attachment
    if file is not None and file.mime == PDF and not file.content.startswith(b"%PDF-"):
        _refuse("attach", "Le fichier joint n'est pas un PDF.", "Joignez un fichier PDF.")
    empty = is_blank(request.note)
    if empty and file is None and not note_optional:
        _refuse("note", "La note est vide.", "Écrivez la note ou joignez un PDF.")
    if request.format is DocumentFormat.PDF and file is not None and not empty:
        _refuse(
            "attach",
            "Un document PDF ne contient qu'un seul PDF : la note ou la pièce jointe.",
            "Choisissez le format structuré pour garder la note et la pièce jointe.",
        )
    if request.format is DocumentFormat.STRUCTURED and empty and not note_optional:
        _refuse("note", "Un document structuré demande une note.", "Écrivez la note ou choisissez le format PDF.")


def validate_type(request: BuildRequest, type_code: str) -> None:
    """Raise CdaError when the document to replace is of another kind: a new version says the same thing anew."""
    parent = request.replaces
    if parent is not None and parent.type_code and parent.type_code != type_code:
        _refuse(
            "replaces",
            "Le document à remplacer est d'un autre type que celui-ci.",
            "Choisissez une version précédente du même type, ou envoyez un document nouveau.",
        )


_FILES = (DocumentKind.PRESCRIPTION, DocumentKind.SCAN, DocumentKind.LETTER, DocumentKind.CERTIFICATE)


def validate_file(request: BuildRequest, *, has_lines: bool, structured: bool) -> None:
    """Raise CdaError when a file would take the place of a page that says more than the file: it would vanish unseen.

    Prescriptions and scans are their file; letters and certificates may be, which `assemble` tells.
    """
    is_its_file = request.kind in _FILES
    if request.format is DocumentFormat.STRUCTURED or request.attachment is None or is_its_file or not has_lines:
        return
    _refuse(
        "attach",
        "Un document qui n'est qu'un fichier ne peut pas dire ce que vous avez saisi ou retenu en plus.",
        "Choisissez le format structuré, ou retirez le fichier."
        if structured
        else "Retirez le fichier et écrivez la note, ou envoyez le fichier comme document numérisé.",
    )


def _refuse(path: str, message: str, remedy: str) -> None:
    raise CdaError("cda-build", message, remedy, path=path)
