"""A mail saved into the folder of what is received: its archive, its HPRIM or its CDA as such, all the rest kept beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dmp_desktop.cda.media import PDF, TEXT, media_type
from dmp_desktop.domain.received import Received, ReceivedDocument, ReceivedFormat, ReceivedPatient
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.mail_file import Joined, read_mail

UNREAD = "Une pièce jointe d'un type qui n'est pas lu ici ({}) est gardée avec le message."
BESIDE = "Des pièces jointes à ce message sont montrées avec lui : vérifiez qu'elles sont du même patient."
_LONGEST_TYPE = 60


def received_mail(untrusted: bytes, read: Callable[[bytes], tuple[Received, ...]]) -> tuple[Received, ...]:
    """Its messages: those of what is joined to it that `read` reads, which have its words and its PDFs where they are one alone;
    else these are a message of their own, of nobody. Raises ContextError, and what `read` raises of what it knows and refuses."""
    mail = read_mail(untrusted)
    found, kept = list[Received](), list[ReceivedDocument]()
    warnings = list(mail.doubts)
    for one in mail.joined:
        inside = () if media_type(one.content) == PDF else _read(one, read)
        found += inside
        if not inside:
            seen = media_type(one.content)
            known = seen is not None and seen != TEXT
            kept.append(ReceivedDocument(one.content, seen if seen and known else one.mime))
            warnings += [] if known else [UNREAD.format(one.mime[:_LONGEST_TYPE])]
    own, texts = list[Received](), list[str]()
    for told in mail.words:
        inside = _read(
            Joined("text/plain", told.encode()), read
        )  # HPRIM, as laboratories write it in the message itself
        if inside and all(message.patient.birth_date for message in inside):
            own += inside
        else:  # a person's words, whatever they look like
            texts.append(told)
    found = [*own, *found]
    words = "\n".join(filter(None, (f"Objet : {mail.subject}" if mail.subject else "", *texts)))
    if len(found) == 1:
        return (_together(found[0], words, kept, mail.sender, warnings),)
    envelope = Received(
        ReceivedFormat.MAIL,
        ReceivedPatient(),
        tuple(kept),
        text=words,
        title="Message de messagerie",
        sent_at=mail.sent_at,
        sender=mail.sender,
        warnings=tuple(dict.fromkeys(warnings)),
    )
    return (envelope, *found)


def _together(
    message: Received, words: str, kept: list[ReceivedDocument], sender: str, warnings: list[str]
) -> Received:
    more = [*warnings, *([BESIDE] if kept else [])]
    return replace(
        message,
        documents=(*message.documents, *kept),
        text="\n\n".join(filter(None, (words, message.text))),
        sender=message.sender or sender,
        warnings=tuple(dict.fromkeys((*message.warnings, *more))),
    )


def _read(joined: Joined, read: Callable[[bytes], tuple[Received, ...]]) -> tuple[Received, ...]:
    """Nothing where no reader knows it. A mail in a mail is kept as it is: whoever wrote it is somebody else."""
    if joined.mime == "message/rfc822":
        return ()
    try:
        return read(joined.content)
    except ContextError as error:
        if error.code != "exchange-format":
            raise
        return ()
