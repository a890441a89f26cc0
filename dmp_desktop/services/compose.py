"""From a consultation note to a document that is ready to leave. Nothing here sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from dmp_desktop.domain.documents import BuiltDocument, DocumentFormat, DocumentKind
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Context, Encounter, Facility, Patient, Professional
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import CardError, ContextError
from dmp_desktop.services.dossier import OpenedDocument

Propose = Callable[[str, Patient, datetime], tuple[Proposal, ...]]
Build = Callable[[Context, str, Sequence[Proposal], DocumentKind, DocumentFormat], BuiltDocument]
Preview = Callable[[BuiltDocument, Mapping[str, str]], OpenedDocument]


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
        patient: Patient,
        text: str,
        proposals: Sequence[Proposal],
        kind: DocumentKind,
        format: DocumentFormat,
        *,
        author: Professional,
        started_at: datetime,
    ) -> BuiltDocument:
        """The checked document of `patient`, whoever's record is on screen, of the consultation begun at `started_at` (aware).

        Raises CdaError when our own rules refuse it, CardError when nobody is signed in, ContextError when it is not `author`.
        """
        signed_in = self._author()
        if signed_in is None:
            raise CardError(
                "CarteAbsente",
                "Votre carte CPS n'est pas dans le lecteur.",
                "Insérez-la pour envoyer ; la note est gardée.",
            )
        professional, facility = signed_in
        if professional.rpps != author.rpps:
            raise ContextError(
                "AuteurChange",
                "Cette note a été écrite par un autre professionnel que celui dont la carte est dans le lecteur.",
                "Réinsérez la carte de son auteur pour l'envoyer ; la note est gardée.",
                field="professional.rpps",
            )
        context = Context(patient, author, facility, Encounter(started_at))
        return self._build(context, text, [item for item in proposals if item.accepted], kind, format)

    def preview(self, built: BuiltDocument, palette: Mapping[str, str]) -> OpenedDocument:
        """The document as its reader will see it."""
        return self._preview(built, palette)
