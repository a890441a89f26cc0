"""What the two syntheses (VSM, IPS) share."""

from __future__ import annotations

from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.domain.fields import refuse


def require_content(request: BuildRequest) -> None:
    """A synthesis comes from the record, from a note or from both: refuse one of nothing, with ContextError."""
    if not request.items and not request.note.strip() and request.attachment is None:
        refuse("note", "une synthèse demande des éléments du dossier ou une note")
