"""From a consultation note to a document that is ready to leave. Nothing here sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dmp_desktop.domain.clinical import ClinicalItem
from dmp_desktop.domain.documents import Attachment, BuiltDocument, DocumentFormat, DocumentKind, Parent
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Context, Encounter, Facility, Patient, Professional
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import CardError, ContextError
from dmp_desktop.services.dossier import OpenedDocument

Propose = Callable[[str, Patient, datetime], tuple[Proposal, ...]]
Build = Callable[["DocumentOrder", Context], BuiltDocument]
Preview = Callable[[BuiltDocument, Mapping[str, str]], OpenedDocument]


@dataclass(frozen=True, slots=True, repr=False)
class DocumentOrder:
    """What the doctor wants made, as it was when he asked: nothing typed, ticked or chosen later is in it.

    `started_at` (aware) is when the consultation began. `extra` holds what the kind needs besides the note (design/cli.md);
    `items` are reviewed facts of the record; `replaces` the document of which this is a new version.
    """

    patient: Patient
    author: Professional
    started_at: datetime
    text: str
    proposals: tuple[Proposal, ...] = ()
    kind: DocumentKind = DocumentKind.CONSULTATION
    format: DocumentFormat = DocumentFormat.STRUCTURED
    extra: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[ClinicalItem, ...] = ()
    attachment: Attachment | None = None
    replaces: Parent | None = None

    def __repr__(self) -> str:
        """Never shows a note: representations end up in logs."""
        return f"DocumentOrder({self.kind.value})"


class ComposeService:
    """Proposals and documents in the name of who wrote the note, while signed in (`author`: who is, None when nobody)."""

    def __init__(
        self,
        author: Callable[[], tuple[Professional, Facility] | None],
        clock: Clock,
        propose: Propose,
        build: Build,
        preview: Preview,
    ) -> None:
        self._author = author
        self._clock = clock
        self._propose = propose
        self._build = build
        self._preview = preview

    def propose(self, patient: Patient, text: str) -> tuple[Proposal, ...]:
        """What the note holds that could be coded, in the order of the text."""
        return self._propose(text, patient, self._clock.now())

    def build(
        self,
        order: DocumentOrder,
    ) -> BuiltDocument:
        """The checked document of the order's patient, whoever's record is on screen.

        Raises CdaError when our own rules refuse it, CardError when nobody is signed in, ContextError when it is not the
        order's author, or when `extra` lacks what the kind needs.
        """
        signed_in = self._author()
        if signed_in is None:
            raise CardError(
                "CarteAbsente",
                "Votre carte CPS n'est pas dans le lecteur.",
                "Insérez-la pour envoyer ; la note est gardée.",
            )
        professional, facility = signed_in
        if professional.rpps != order.author.rpps:
            raise ContextError(
                "AuteurChange",
                "Cette note a été écrite par un autre professionnel que celui dont la carte est dans le lecteur.",
                "Réinsérez la carte de son auteur pour l'envoyer ; la note est gardée.",
                field="professional.rpps",
            )
        context = Context(order.patient, order.author, facility, Encounter(order.started_at), extra=dict(order.extra))
        return self._build(order, context)

    def preview(self, built: BuiltDocument, palette: Mapping[str, str]) -> OpenedDocument:
        """The document as its reader will see it."""
        return self._preview(built, palette)
