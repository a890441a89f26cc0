"""Kinds that exist only as CDA N1: a PDF made from the note, or a file as it is."""

from __future__ import annotations

from dmp_desktop.cda.build.header import Frame, frame_of_type
from dmp_desktop.cda.build.plan import DocumentPlan
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.domain.documents import DocumentKind
from dmp_desktop.domain.fields import Fields
from dmp_desktop.terminology import document_type

_LETTER = "96349-6"  # JDV_J07: lettre d'adressage
_CERTIFICATE = "89601-9"  # JDV_J07: certificat médical


def _type_of(request: BuildRequest) -> str:
    """`extra.type`, required. Raises ContextError."""
    return Fields(request.context.extra, "extra").code("type", document_type, "type de document (JDV_J07)")


LETTER = DocumentPlan(DocumentKind.LETTER, lambda request: frame_of_type(_LETTER))
CERTIFICATE = DocumentPlan(DocumentKind.CERTIFICATE, lambda request: frame_of_type(_CERTIFICATE))


def _typed(request: BuildRequest) -> Frame:
    return frame_of_type(_type_of(request))


PRESCRIPTION = DocumentPlan(DocumentKind.PRESCRIPTION, _typed)
SCAN = DocumentPlan(DocumentKind.SCAN, _typed)
