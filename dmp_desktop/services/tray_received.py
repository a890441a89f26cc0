"""What others sent, made ready for the tray: each message of a file apart, with a PDF that shows all of it (ADR 32).

Nothing here names the patient to the front desk but by what the message's header says: the PDF is for who reads records.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dmp_desktop.cda.build.pdf import Page, make_pdf
from dmp_desktop.cda.build.pdf_scan import scan_pdf
from dmp_desktop.cda.media import JPEG, PDF, TEXT, TIFF, media_type
from dmp_desktop.cda.read import Media, embedded_media, unstructured_body
from dmp_desktop.cda.read.scanned import Fault, ScannedPage, read_pages
from dmp_desktop.cda.xml import parse
from dmp_desktop.domain.received import Received, ReceivedDocument, ReceivedFormat, result_line
from dmp_desktop.domain.tray import Origin
from dmp_desktop.errors import CdaError, ContextError, DmpDesktopError
from dmp_desktop.services.files import MAX_BYTES
from dmp_desktop.services.received_files import read_received
from dmp_desktop.services.received_form import message_to_dict, wishes
from dmp_desktop.services.tray_reading import Examined, digest_of, examine
from dmp_desktop.terminology import document_type

MAX_MESSAGES = 200
"""Of one file: a laboratory's day holds some dozens."""
MAX_SHOWN = 100_000
"""Characters of one message drawn, some thirty pages; all of them are kept."""
MAX_LINES = 2_000
"""Likewise: some forty pages."""
_DRAWN = (PDF, JPEG, TIFF)
_WORDS = (TEXT, "text/rtf", "")
"""Bodies of a CDA whose words are in the message's text (`cda.read.text_from_cda`)."""
_XML = ("text/xml", "application/xml", "application/hl7-v3+xml")
_UNTOLD = "type non indiqué"
_PAGE = re.compile(rb"/Type /Page\b")
_MORE = "\n\n[La suite de ce texte est trop longue pour être montrée ici : elle est gardée avec le message.]"
_NOTHING = "Ce message ne contient ni document, ni résultat, ni texte."
_NAMES = {
    ReceivedFormat.HPRIM: "HPRIM",
    ReceivedFormat.HPRIM_SANTE: "HPRIM Santé",
    ReceivedFormat.HL7V2: "HL7",
    ReceivedFormat.XDM: "MSSanté (XDM)",
    ReceivedFormat.CDA: "CDA",
    ReceivedFormat.PDF: "PDF",
    ReceivedFormat.STRUCTURED: "de DMP Desktop (JSON)",
    ReceivedFormat.MAIL: "de messagerie",
}


def examine_received(untrusted: bytes, now: datetime) -> tuple[Examined, ...]:
    """A minute at most for each message. Raises ContextError."""
    messages = _read(untrusted)
    if len(messages) > MAX_MESSAGES:
        raise ContextError(
            "received-many",
            f"Ce fichier contient plus de {MAX_MESSAGES} messages.",
            "Demandez à son expéditeur de l'envoyer en plusieurs fichiers.",
        )
    if not any(map(_holds_something, messages)):
        raise ContextError(
            "received-nothing",
            "Ce fichier ne contient ni document, ni résultat, ni texte.",
            "Demandez-le de nouveau à son expéditeur.",
        )
    digest = digest_of(untrusted)
    return tuple(_examined(one, untrusted, rank, len(messages), digest, now) for rank, one in enumerate(messages))


def _read(untrusted: bytes) -> tuple[Received, ...]:
    try:
        return read_received(untrusted)
    except ContextError:
        raise
    except DmpDesktopError as error:
        raise ContextError(error.code, error.message_fr, error.remedy_fr) from error


def _examined(message: Received, untrusted: bytes, rank: int, total: int, digest: str, now: datetime) -> Examined:
    own = digest if rank == 0 else digest_of(f"{digest}/{rank}".encode())
    if message.format is ReceivedFormat.PDF:
        paper = examine(untrusted, now)
        return Examined(own, paper.pages, paper.codes, paper.pdf, paper.text, _origin(message))
    drawn = _drawn(message, own, now)
    return Examined(
        own,
        drawn.pages,
        (),
        drawn.pdf,
        "",
        _origin(message, (*wishes(message), *drawn.warnings)),
        None if total == 1 else packed(message),
        _type(message),
        _day(message, now),
    )


def _holds_something(message: Received) -> bool:
    return bool(message.documents or message.results or message.text.strip())


def _origin(message: Received, more: Sequence[str] = ()) -> Origin:
    return Origin(
        message.format,
        message.sender,
        message.sent_at,
        message.patient,
        len(message.documents),
        len(message.results),
        message.routing.to_dmp,
        bool(message.replaces),
        tuple(dict.fromkeys((*message.warnings, *more))),
    )


def _type(message: Received) -> str:
    codes = [one.type_code for one in message.documents if document_type(one.type_code) is not None]
    return codes[0] if codes else ""


def _day(message: Received, now: datetime) -> date | None:
    day, born = message.act_date, message.patient.birth_date
    today = now.astimezone().date()
    return day if day is not None and (born or date.min) <= day <= today else None


@dataclass(frozen=True, slots=True, repr=False)
class _Drawn:
    pdf: bytes
    pages: int
    warnings: tuple[str, ...] = ()


def _drawn(message: Received, identifier: str, now: datetime) -> _Drawn:
    """One PDF of all there is to see: its words, then its documents in their order, page by page."""
    warnings: list[str] = []
    pictures: list[ScannedPage] = []
    for content, mime in (one for document in message.documents for one in _files(document, warnings)):
        if mime not in _DRAWN:
            warnings.append(
                f"Une pièce de ce message ne s'affiche pas ici ({mime or _UNTOLD}) : elle est gardée telle quelle."
            )
            continue
        found = read_pages(content)
        if found is Fault.NO_HELPER:
            raise _no_helper()
        if isinstance(found, Fault):
            warnings.append(
                "Une pièce de ce message ne s'affiche pas : elle est abîmée, protégée, ou a plus de 100 pages."
            )
            continue
        pictures += found
    words = message.text.strip() or "\n".join(result_line(one, day=message.act_date) for one in message.results)
    if not _holds_something(message):  # beside others of its file, which it keeps from nobody
        warnings.append(_NOTHING)
    if pictures and message.format is ReceivedFormat.CDA and _is_one_file(message.documents[0]):
        words = ""  # they are on those pages
    if not pictures:
        pdf, more = make_pdf(_page(message, words, identifier, now))
        return _Drawn(pdf, max(1, len(_PAGE.findall(pdf))), (*warnings, *more))
    if words or wishes(message):
        pdf, more = make_pdf(_page(message, words, identifier, now))
        pictures = [*_pages_of_words(pdf), *pictures]
        warnings += more
    pdf = scan_pdf(pictures, identifier, now)
    if len(pdf) > MAX_BYTES:
        raise ContextError(
            "received-heavy",
            "Les documents de ce message dépassent 20 Mo une fois mis en pages.",
            "Demandez à son expéditeur de l'envoyer en plusieurs fois.",
        )
    return _Drawn(pdf, len(pictures), tuple(warnings))


def _is_one_file(document: ReceivedDocument) -> bool:
    return unstructured_body(parse(document.content)) is not None


def _files(document: ReceivedDocument, warnings: list[str]) -> list[tuple[bytes, str]]:
    """What of a document is shown page by page: files in a CDA, whose words are in the message's text. What of it cannot be
    whole is warned of here, what cannot be drawn by who draws."""
    if document.mime not in _XML:
        return [(document.content, document.mime)]
    try:
        cda = parse(document.content)
    except CdaError:
        return [(document.content, document.mime)]
    body = unstructured_body(cda)
    held = embedded_media(cda) if body is None else [body]
    warnings += [f"Une pièce de ce message n'est pas entière : {one.problem}." for one in held if one.problem]
    found = [(one.content, _kind(one)) for one in held if one.content]
    return [(content, kind) for content, kind in found if body is None or kind not in _WORDS]


def _kind(media: Media) -> str:
    """By its first bytes where they are of what is drawn, else as it is declared."""
    seen = media_type(media.content)
    return seen if seen in _DRAWN else media.mime


def _shown(words: str) -> str:
    cut = "\n".join(words[:MAX_SHOWN].split("\n")[:MAX_LINES])
    return cut if cut == words else cut + _MORE


def _page(message: Received, words: str, identifier: str, now: datetime) -> Page:
    patient = message.patient
    names = " ".join(filter(None, (patient.birth_family or patient.family, patient.given)))
    used = f"Nom utilisé : {patient.used_family}" if patient.used_family else ""
    born = f"Naissance : {patient.birth_date:%d/%m/%Y}" if patient.birth_date else ""
    facts = [f"Destinataire : {message.recipient}"] if message.recipient else []
    facts += [f"Date de l'acte : {message.act_date:%d/%m/%Y}"] if message.act_date else []
    facts += [f"À savoir : {one}" for one in (*wishes(message), *message.warnings)]
    sent = f"Envoyé le {message.sent_at.astimezone():%d/%m/%Y}" if message.sent_at else ""
    return Page(
        title=message.title or "Message reçu",
        letterhead=(message.sender or "Expéditeur inconnu",),
        patient=tuple(filter(None, (names or "Patient non nommé", used, born))),
        body=_shown(words),
        identifier=identifier,
        created=now,
        date=sent,
        facts=tuple(facts),
        footer=f"Message {_NAMES[message.format]} mis en pages par DMP Desktop, tel qu'il a été reçu.",
    )


def _pages_of_words(pdf: bytes) -> tuple[ScannedPage, ...]:
    """Raises ContextError: a message is not shown without its words."""
    found = read_pages(pdf)
    if found is Fault.NO_HELPER:
        raise _no_helper()
    if isinstance(found, Fault):
        raise ContextError(
            "received-words",
            "Le texte de ce message n'a pas pu être mis en pages.",
            "Relancez DMP Desktop ; si cela revient, demandez ce message sur papier à son expéditeur.",
        )
    return found


def _no_helper() -> ContextError:
    return ContextError(
        "scan-helper",
        "Le programme qui lit les documents ne démarre pas sur ce poste.",
        "Vérifiez que l'antivirus ne le bloque pas, puis relancez DMP Desktop.",
    )


def packed(message: Received) -> bytes:
    """One message of several of a file, whole, without the others: they may be of other people."""
    told = message_to_dict(message) | {"source": message.source}
    for kept, one in zip(told["documents"], message.documents, strict=True):
        kept["content"] = base64.b64encode(one.content).decode()
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass")
