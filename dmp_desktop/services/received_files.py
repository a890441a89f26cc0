"""What a file of others holds, whatever its format: HPRIM, HL7 v2, XDM (`exchange`), CDA and PDF (`cda`), by its content.

Beside `exchange` and not in it: neither of the two reads the other's formats.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dmp_desktop.cda.media import PDF, is_pdf_begun_late, media_type
from dmp_desktop.cda.read import data_from_cda, text_from_cda
from dmp_desktop.cda.read.header import entry_from_document
from dmp_desktop.cda.read.pdftext import pdf_text
from dmp_desktop.cda.read.values import interval
from dmp_desktop.cda.xml import Element, child, parse
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.received import (
    Received,
    ReceivedDocument,
    ReceivedFormat,
    ReceivedPatient,
    Routing,
)
from dmp_desktop.exchange.mail_file import is_mail
from dmp_desktop.exchange.read import read_file
from dmp_desktop.services.received_coded import patient_told, result_told
from dmp_desktop.services.received_mail import received_mail
from dmp_desktop.services.received_structured import is_structured, received_structured
from dmp_desktop.services.received_xdm import XML, completed, is_cda, restrictions

_DAY_DIGITS = 8


def read_received(untrusted: bytes) -> tuple[Received, ...]:
    """Each message of a file, at least one. Raises ContextError, or another DmpDesktopError, with why it is refused."""
    if media_type(untrusted) == PDF or is_pdf_begun_late(untrusted):
        return (_pdf(untrusted),)
    if is_cda(untrusted):
        return (received_cda(untrusted),)
    if is_structured(untrusted):
        return (received_structured(untrusted),)
    if is_mail(untrusted):
        return received_mail(untrusted, _of_a_reader)
    return _of_a_reader(untrusted)


def _of_a_reader(untrusted: bytes) -> tuple[Received, ...]:
    if is_cda(untrusted):
        return (received_cda(untrusted),)
    return tuple(map(_with_words, read_file(untrusted, "CDA", "PDF", "message de messagerie")))


def received_cda(untrusted: bytes) -> Received:
    """What `cda data` reads of it, in the common form; its bytes stay as they are. Raises CdaError."""
    tree = parse(untrusted)
    entry, data = entry_from_document(tree, untrusted), data_from_cda(untrusted)
    warnings = list(data["notices"])
    author = entry.authors[0] if entry.authors else None
    sender = ", ".join(dict.fromkeys(filter(None, (author.display_name, author.institution)))) if author else ""
    made = entry.creation_time if entry.creation_time.year > 1970 else None
    document = ReceivedDocument(
        untrusted, XML, entry.title, created=made, unique_id=entry.unique_id, type_code=entry.type_code.code
    )
    return Received(
        ReceivedFormat.CDA,
        patient_told(data["patient"], warnings),
        (document,),
        tuple(map(result_told, data["results"])),
        text_from_cda(untrusted),
        title=entry.title,
        sent_at=made,
        act_date=_act_day(tree, entry),
        sender=sender,
        routing=Routing(visibility=restrictions(entry)),
        replaces=entry.replaces,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _act_day(tree: Element, entry: DocumentEntry) -> date | None:
    """As written where no hour is: a day is the same one wherever it is read."""
    if entry.service_start is None:
        return None
    low, _high = interval(child(tree, "documentationOf", "serviceEvent", "effectiveTime"))
    if len(low) == _DAY_DIGITS:
        return date(int(low[:4]), int(low[4:6]), int(low[6:]))
    return entry.service_start.astimezone().date()


def _with_words(message: Received) -> Received:
    """With what its documents tell, after its own words: those of an XDM are its documents'."""
    told = completed(message)
    if message.format is ReceivedFormat.XDM:
        return told
    both = message.text and told.text != message.text
    return replace(told, text=f"{message.text}\n\n{told.text}") if both else told


def _pdf(untrusted: bytes) -> Received:
    """Nothing in it says whose it is in a way a program could rely on."""
    document = ReceivedDocument(untrusted, PDF)
    return Received(ReceivedFormat.PDF, ReceivedPatient(), (document,), text=pdf_text(untrusted))
