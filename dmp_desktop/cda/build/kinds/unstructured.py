"""Kinds that exist only as CDA N1: a PDF made from the note, or a file as it is.

A prescription is the doctor's paper in the record: it never claims to be an "ordonnance numérique", which is another service.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dmp_desktop.cda.build.header import Frame, frame_of_type
from dmp_desktop.cda.build.plan import DocumentPlan
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.domain.documents import Code, DocumentKind
from dmp_desktop.domain.fields import Fields, refuse
from dmp_desktop.domain.people import Professional
from dmp_desktop.domain.professionals import read_professional
from dmp_desktop.terminology import document_type, specialty

_LETTER = "96349-6"  # JDV_J07: lettre d'adressage
_CERTIFICATE = "89601-9"  # JDV_J07: certificat médical

# Of JDV_J07, what a general practitioner prescribes or asks for; the pharmacist's renewal (75468-9) is not his.
PRESCRIPTION_TYPES: Final = frozenset(
    {
        "57833-6",
        "57832-8",
        "57828-6",
        "55115-0",
        "75496-0",
        "PRESC-AAT",
        "PRESC-BIO",
        "PRESC-INF",
        "PRESC-KINE",
        "PRESC-ORTHOPHO",
        "PRESC-ORTHOPTIE",
        "PRESC-PEDI",
    }
)


def _extra(request: BuildRequest) -> Fields:
    return Fields(request.context.extra, "extra")


# Letter


def _recipient(request: BuildRequest) -> Professional | str:
    """To whom: words, or a professional of the directory, who then is a recipient of the document too."""
    named = request.context.extra.get("recipient")
    if isinstance(named, dict):
        person = read_professional(named, "extra.recipient", specialty)
        if not person.rpps:
            refuse("extra.recipient.rpps", "numéro RPPS de 11 chiffres attendu")
        return person
    return _extra(request).text("recipient", "destinataire de la lettre (texte, ou professionnel avec son RPPS)")


def _letter(request: BuildRequest) -> Frame:
    frame, to = frame_of_type(_LETTER), _recipient(request)
    known = {person.rpps for person in request.context.recipients}
    if isinstance(to, Professional) and to.rpps not in known:
        return replace(frame, recipients=(to,))
    return frame


def _letter_lines(request: BuildRequest) -> tuple[str, ...]:
    to = _recipient(request)
    if isinstance(to, str):
        return (f"Destinataire : {to}",)
    known = specialty(to.specialty)
    return (f"Destinataire : {to.display_name}" + (f", {known.display}" if known else ""),)


LETTER = DocumentPlan(DocumentKind.LETTER, _letter, require=_recipient, extra=("recipient",), page_lines=_letter_lines)


# Certificate


def _purpose(request: BuildRequest) -> str:
    return _extra(request).text("purpose", "objet du certificat")


def _certificate(request: BuildRequest) -> Frame:
    del request
    return frame_of_type(_CERTIFICATE)


CERTIFICATE = DocumentPlan(
    DocumentKind.CERTIFICATE,
    _certificate,
    require=_purpose,
    extra=("purpose",),
    page_lines=lambda request: (f"Objet : {_purpose(request)}",),
)


# Prescription, scan


def _prescribed(code: str) -> Code | None:
    return document_type(code) if code in PRESCRIPTION_TYPES else None


def _prescription(request: BuildRequest) -> Frame:
    expected = "type de prescription (" + ", ".join(sorted(PRESCRIPTION_TYPES)) + ")"
    return frame_of_type(_extra(request).code("type", _prescribed, expected))


def _scan(request: BuildRequest) -> Frame:
    return frame_of_type(_extra(request).code("type", document_type, "type de document (JDV_J07)"))


PRESCRIPTION = DocumentPlan(DocumentKind.PRESCRIPTION, _prescription, require=_prescription, extra=("type",))
SCAN = DocumentPlan(DocumentKind.SCAN, _scan, require=_scan, extra=("type",))
