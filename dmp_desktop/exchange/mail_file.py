"""A mail as the doctor saved it from their mail client (`.eml`, RFC 5322 and MIME): its words and what is joined to it, bounded.

The parser is the standard library's, on bytes. It keeps going whatever it meets: what it met is looked at here, and half a
message, or one that is encrypted, is refused whole. Headers are bounded before it reads them: it goes over long ones many times.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.errors import (
    CloseBoundaryNotFoundDefect,
    MessageDefect,
    MultipartInvariantViolationDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr, parsedate_to_datetime
from html import unescape
from typing import Final

from dmp_desktop.errors import ContextError

MAX_PARTS: Final = 100
MAX_LEVELS: Final = 10
"""Parts that hold others: the parser compares each line with the borders of all it is in."""
MAX_LINES: Final = 1_000_000
"""64 MB joined to a message are 900,000."""
_MAX_HEADER: Final = 4_000
_LOOK: Final = 65_536
_HEAD = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:")
_KNOWN = re.compile(
    rb"(?mi)^(from|to|subject|date|mime-version|message-id|content-type|received|x-unsent|return-path):"
)
_FOLDED = re.compile(rb"(?m)^[A-Za-z][A-Za-z0-9-]{1,60}:[^\n]*(?:\n[ \t][^\n]*)*")
_UNSEEN: Final = ("script", "style", "title")
_BLOCKS: Final = ("br", "p", "div", "tr", "li", "h1", "h2", "h3", "table", "ul", "ol")
_PATIENTS: Final = "patient.mssante.fr"
_ENCRYPTED: Final = ("application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted")
_SEALS: Final = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
_CUT: Final = (
    CloseBoundaryNotFoundDefect,
    MultipartInvariantViolationDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)

A_PATIENT = "un patient, par sa messagerie Mon espace santé"
SIGNED = "La signature de ce message n'est pas vérifiée ici."
LAID_OUT = "La mise en page de ce message est perdue : seul son texte est repris."
ACCENTS = "Des caractères de ce message n'ont pas pu être lus."


@dataclass(frozen=True, slots=True, repr=False)
class Joined:
    """A part that is not the message's own words; `mime` as it declares, in lower case."""

    mime: str
    content: bytes


@dataclass(frozen=True, slots=True, repr=False)
class MailFile:
    """`words` are its own, a part after the other. `sender` never holds a patient's address, which contains their INS. `doubts`
    are French sentences without personal data."""

    subject: str
    sender: str
    sent_at: datetime | None
    words: tuple[str, ...]
    joined: tuple[Joined, ...]
    doubts: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.words)


def is_mail(untrusted: bytes) -> bool:
    """Whether a file begins with the headers of a mail: two known ones at least before the first empty line."""
    start = _lines(untrusted[:_LOOK])
    if not _HEAD.match(start):
        return False
    return len({one.lower() for one in _KNOWN.findall(start.partition(b"\n\n")[0])}) >= 2


def read_mail(untrusted: bytes) -> MailFile:
    """Raises ContextError: cut, altered, encrypted, or too complicated to be the message of a person."""
    plain = _lines(untrusted)
    complicated = plain.lower().count(b"boundary=") > MAX_LEVELS or plain.count(b"\n") > MAX_LINES
    if complicated or any(one.end() - one.start() > _MAX_HEADER and _named(one[0]) for one in _FOLDED.finditer(plain)):
        raise _damaged()
    try:
        message = message_from_bytes(untrusted, policy=compat32)
        parts = [part for part, _rank in zip(message.walk(), range(MAX_PARTS + 1), strict=False)]
    except (RecursionError, ValueError, LookupError, IndexError) as error:
        raise _damaged() from error
    if len(parts) > MAX_PARTS or any(_is_cut(part.defects) for part in parts):
        raise _damaged()
    if any(part.get_content_type() in _ENCRYPTED for part in parts):
        raise ContextError(
            "mail-encrypted",
            "Ce message est chiffré : il ne peut pas être lu ici.",
            "Ouvrez-le dans votre messagerie, et enregistrez ses pièces jointes dans ce dossier.",
        )
    return _read(message, parts)


def _read(message: Message, parts: list[Message]) -> MailFile:
    words, joined, doubts = list[str](), list[Joined](), list[str]()
    inside: set[int] = set()  # of a message that is joined whole
    told_twice = _told_twice(parts)
    for part in parts:
        if id(part) in inside or part.get_content_maintype() == "multipart":
            continue
        mime = part.get_content_type()
        if mime == "message/rfc822":
            held = [one for one in (part.get_payload() if part.is_multipart() else []) if isinstance(one, Message)]
            inside |= {id(one) for child in held for one in child.walk()}
            joined += [Joined(mime, child.as_bytes()) for child in held]
            continue
        content = _content(part)
        if mime in _SEALS:
            doubts.append(SIGNED)
        elif mime == "text/plain" and _is_own(part):
            words.append(_decoded(content, part, doubts))
        elif mime == "text/html" and _is_own(part):
            if id(part) not in told_twice:
                words.append(_told(_decoded(content, part, doubts)))
                doubts.append(LAID_OUT)
        elif content:
            joined.append(Joined(mime, content))
    told = tuple(one.strip("\n") for one in words if one.strip())
    sender, sent_at = _sender(_header(message, "From")), _moment(_header(message, "Date"))
    return MailFile(_header(message, "Subject"), sender, sent_at, told, tuple(joined), tuple(dict.fromkeys(doubts)))


def _is_own(part: Message) -> bool:
    """Of the message's own words: what has the name of a file is joined to them, wherever a mail client shows it."""
    return part.get_content_disposition() != "attachment" and not part.get_filename()


def _told_twice(parts: list[Message]) -> set[int]:
    """The pages that are another form of words that are there: in one `multipart/alternative` with them."""
    found: set[int] = set()
    for part in parts:
        if part.get_content_type() == "multipart/alternative" and part.is_multipart():
            below = [one for one in part.walk() if not one.is_multipart() and _is_own(one)]
            if any(one.get_content_type() == "text/plain" and _content(one).strip() for one in below):
                found |= {id(one) for one in below if one.get_content_type() == "text/html"}
    return found


def _content(part: Message) -> bytes:
    """Its bytes, strictly: the library would give what it cannot decode back as it is."""
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        try:
            return base64.b64decode("".join(str(part.get_payload()).split()), validate=True)
        except ValueError as error:
            raise _damaged() from error
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded(content: bytes, part: Message, doubts: list[str]) -> str:
    charset = part.get_content_charset() or "utf-8"
    for name in (charset, "utf-8", "cp1252"):
        try:
            return content.decode(name).replace("\r\n", "\n").replace("\r", "\n")
        except (LookupError, UnicodeDecodeError):
            continue
    doubts.append(ACCENTS)
    return content.decode("cp1252", "replace")


def _header(message: Message, name: str) -> str:
    """Its words on one line; empty where there are none."""
    raw = str(message.get(name, ""))[:_MAX_HEADER]
    try:
        parts = decode_header(raw)
    except (ValueError, binascii.Error):
        return " ".join(raw.split())
    words = ""
    for part, charset in parts:
        try:
            words += part if isinstance(part, str) else part.decode(charset or "ascii")
        except (LookupError, UnicodeDecodeError):
            words += part.decode("cp1252", "replace") if isinstance(part, bytes) else part
    return " ".join("".join(char if char.isprintable() else " " for char in words).split())


def _sender(header: str) -> str:
    name, address = parseaddr(header)
    if address.lower().endswith(f"@{_PATIENTS}"):
        return A_PATIENT
    return f"{name} ({address})" if name and address else name or address


def _moment(header: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else None


def _told(page: str) -> str:
    """The words of a page, a line a block; neither comments, scripts nor styles. Each character is looked at once."""
    shown, *comments = page.split("<!--")
    shown += "".join(one.partition("-->")[2] for one in comments)
    first, *pieces = shown.split("<")
    words, hidden = [first], ""
    for piece in pieces:
        tag, closed, after = piece.partition(">")
        name = (tag.strip("/ \t\n").lower().split() or [""])[0]
        if hidden or not closed:
            hidden = "" if tag.lower().startswith(f"/{hidden}") else hidden
            words.append(after if closed and not hidden else "")
            continue
        hidden = name if name in _UNSEEN and not tag.startswith("/") else ""
        words.append(("\n" if name in _BLOCKS else "") + ("" if hidden else " ".join(after.split("\n"))))
    lines = [" ".join(line.split()) for line in unescape("".join(words)).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _lines(untrusted: bytes) -> bytes:
    return untrusted.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _named(header: bytes) -> bool:
    """One that is taken apart; the way a message went, and its signatures, may be long."""
    return header[:30].lower().startswith((b"content-", b"from:", b"subject:", b"date:"))


def _is_cut(defects: list[MessageDefect]) -> bool:
    return any(isinstance(one, _CUT) for one in defects)


def _damaged() -> ContextError:
    return ContextError(
        "mail-damaged",
        "Ce message est coupé ou abîmé : rien n'en est pris.",
        "Enregistrez-le de nouveau depuis votre messagerie.",
    )
