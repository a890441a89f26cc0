"""HL7 v2 on the wire (v2.5 chapter 2): framing, batches, encodings, delimiters, escapes; messages as segments of fields.

Own code: on 3 MB of separators `hl7` 0.4.5 took 34 s and 1.3 GB, `hl7apy` 1.3.5 knows no PRT and took 42 s for 20,000 segments
(ADR 32). Here a field is split when it is asked for, and never in more parts than a standard field has.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dmp_desktop.errors import ContextError

MAX_BYTES = 64_000_000
"""Of a file: a document of 40 MB in base 64 (as `cda.xml`)."""
MAX_SEGMENTS = 100_000
"""Of a file; a laboratory's day has some thousands."""
_MAX_PARTS = 100
"""Fields of a segment, repetitions and components of a field: the last one holds the rest."""

_SEGMENT = re.compile(rb"[A-Z][A-Z0-9]{2}[^A-Za-z0-9\s]")
_MSH = re.compile(rb"(?:\A|\A\xef\xbb\xbf|[\r\n\x0b])[ \t]*MSH[^A-Za-z0-9\s]")
_ENVELOPE = (b"FHS", b"BHS", b"FTS", b"BTS")
_BEGINS_ANEW = re.compile(rb"(?:MSH|FHS|BHS)([^\w\s])[^\w\s]{2,5}\1")
"""A message or batch by other signs than those of the one before it: all of them are told."""
ASTRAY = "Des lignes de ce fichier sont hors de tout message, après la fin d'un lot : elles ne sont pas lues."
_CODED = re.compile(r"|PI|AI|GI|1R|2R|GR|RE|DR|[-+.\d]{8,}|[^\s^]*\^[^\n]*")
"""After the text of an NTE: a code (table 0364), a moment, or what has components."""
_LOOK = 4096
_CHARSETS = {"8859/1": "cp1252", "8859/15": "iso8859-15", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "ASCII": "utf-8"}
"""HL7 table 0211; what says ISO 8859-1 in French files is written by Windows."""
_FORMATTING = {".br": "\n", ".sp": "\n", ".fi": "", ".nf": "", ".in": "", ".ti": "", ".sk": " ", ".ce": "\n"}


@dataclass(frozen=True, slots=True)
class Delimiters:
    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    sub: str = "&"


@dataclass(frozen=True, slots=True, repr=False)
class Segment:
    """`name` such as `OBX`; `fields` from its own name on: `fields[3]` is OBX-3, and MSH-3 of an MSH."""

    name: str
    fields: tuple[str, ...]
    marks: Delimiters

    @property
    def line(self) -> str:
        """As it came."""
        return self.marks.field.join((self.name, *self.fields[2:]) if self.name == "MSH" else self.fields)

    def raw(self, number: int) -> str:
        return self.fields[number].strip(" \r\t") if number < len(self.fields) else ""

    def repetitions(self, number: int) -> list[str]:
        raw = self.raw(number)
        return raw.split(self.marks.repetition, _MAX_PARTS) if raw else []

    def text(self, number: int, component: int = 1) -> str:
        """Component of the first repetition of a field, both from 1, without escapes; empty where there is none."""
        found = self.repetitions(number)
        return self.component(found[0], component) if found else ""

    def component(self, repetition: str, number: int) -> str:
        parts = repetition.split(self.marks.component, _MAX_PARTS)
        return self.plain(parts[number - 1]) if number <= len(parts) else ""

    def sub(self, repetition: str, component: int, number: int) -> str:
        """Sub-component, from 1."""
        parts = repetition.split(self.marks.component, _MAX_PARTS)
        subs = parts[component - 1].split(self.marks.sub, _MAX_PARTS) if component <= len(parts) else []
        return self.plain(subs[number - 1]) if number <= len(subs) else ""

    def whole(self, number: int) -> str:
        """A field that is one text: what looks like its separators is part of it."""
        return self.plain(self.raw(number))

    def comment(self, number: int) -> str:
        """A field of free text, and what follows it: a « | » that nobody escaped is of the text. What follows is left out where
        it can only be what the standard has there (NTE-4 and on: a code, who, when)."""
        after = [one.strip(" \r\t") for one in self.fields[number + 1 :]]
        whole = self.raw(number) if all(map(_CODED.fullmatch, after)) else self.marks.field.join(self.fields[number:])
        whole = whole.rstrip(f"{self.marks.field} \r\t")
        return "\n".join(self.plain(one) for one in whole.split(self.marks.repetition, _MAX_PARTS)) if whole else ""

    def plain(self, value: str) -> str:
        """Without escapes (v2.5 §2.7); those nobody knows stay as they are. `\"\"` (told to be empty) is empty."""
        value = value.strip().replace("\r", "\n")
        if value == '""':
            return ""
        return unescaped(value, self.marks) if self.marks.escape in value else value

    def __repr__(self) -> str:
        """Never shows a value: representations end up in logs."""
        return f"Segment({self.name})"


@dataclass(slots=True, repr=False)
class Message:
    """Segments of one message, MSH first, and French notices on how it was written."""

    segments: list[Segment]
    notices: list[str] = field(default_factory=list)


def is_hl7v2(untrusted: bytes) -> bool:
    """Whether a file begins as a message or a batch, after the marks of encodings and of MLLP."""
    start = _utf8(untrusted[:_LOOK]).lstrip(b"\xef\xbb\xbf\x0b\r\n\t ")
    return bool(_SEGMENT.match(start)) and start[:3] in (b"MSH", b"FHS", b"BHS")


def read_messages(untrusted: bytes) -> list[Message]:
    """Every message of a file. Raises ContextError for what is none, or too large."""
    if len(untrusted) > MAX_BYTES:
        raise ContextError("hl7-big", "Ce fichier HL7 dépasse 64 Mo.", "Demandez à son expéditeur de le découper.")
    content = _utf8(untrusted)
    first = _MSH.search(content)
    if first is None:
        raise ContextError(
            "hl7-none",
            "Ce fichier HL7 ne contient aucun message.",
            "Demandez à son expéditeur de l'envoyer de nouveau.",
        )
    before = [line.strip(b"\xef\xbb\xbf\x0b\x1c\t ") for line in re.split(rb"[\r\n]", content[: first.start()])]
    messages, announced, astray = [], None, False
    for lines in _grouped(content):
        if not lines[0]:
            astray = True
        elif lines[0][:3] == b"BTS":
            announced = (announced or 0) + _announced(lines[0])
        else:
            messages.append(_message(lines))
    if announced is not None and announced >= 0 and announced != len(messages):
        told = f"Le lot annonce {announced} message(s), {len(messages)} s'y trouve(nt) : il peut en manquer."
        for message in messages:
            message.notices.append(told)
    if astray:
        for message in messages:
            message.notices.append(ASTRAY)
    if any(line and not line.startswith(_ENVELOPE) for line in before):
        messages[0].notices.append(
            "Le début de ce fichier, avant le premier message, n'est pas du HL7 : il n'est pas lu."
        )
    return messages


def _utf8(untrusted: bytes) -> bytes:
    """A file in UTF-16 as UTF-8 with its mark; any other as it is."""
    if untrusted.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return codecs.BOM_UTF8 + untrusted.decode("utf-16", "replace").encode("utf-8", "replace")
    return untrusted


def _grouped(content: bytes) -> Iterator[list[bytes]]:
    """Lines of a message, MSH first; a BTS alone; a line of no message, after an empty one. A line that begins no segment goes
    on with the one before it."""
    marked = content.startswith(codecs.BOM_UTF8)
    current: list[list[bytes]] = []  # the pieces of each segment, joined once
    mark = around = b""  # the separator of this message, and that of its batch
    for line in _lines(content):
        begins = _begins(line, mark, around) if current else _SEGMENT.match(line) is not None
        if begins and line[:3] in (b"MSH", *_ENVELOPE):
            if current:
                yield _joined(current, marked=marked)
            current = []
            if line[:3] == b"MSH":
                mark = line[3:4]
            elif line[:3] in (b"FHS", b"BHS"):
                around = line[3:4]
            if line[:3] == b"BTS":
                yield [line]
            elif line[:3] == b"MSH":
                current = [[line]]
        elif current and begins:
            current.append([line])
        elif current and line:
            current[-1].append(line)
        elif line and mark:
            yield [b"", line]  # after the end of a batch
    if current:
        yield _joined(current, marked=marked)


def _lines(content: bytes) -> Iterator[bytes]:
    """Without what MLLP and marks of encodings put around them. Raises ContextError."""
    lines = content.replace(b"\r\n", b"\r").replace(b"\n", b"\r").split(b"\r", MAX_SEGMENTS)
    if len(lines) > MAX_SEGMENTS:
        raise ContextError(
            "hl7-long", f"Ce fichier HL7 a plus de {MAX_SEGMENTS} lignes.", "Demandez à son expéditeur de le découper."
        )
    for line in lines:
        yield line.strip(b"\x0b\x1c \t").removeprefix(codecs.BOM_UTF8).lstrip(b"\x0b \t")


def _begins(line: bytes, mark: bytes, around: bytes) -> bool:
    """Whether a line within a message begins a segment: by its name and the message's own separator. « TSH: 3 » is a line of a
    text, « AB1+ » one of a document in base 64. Only another message or the end of a batch has other signs."""
    if _SEGMENT.match(line) is None:
        return False
    if line[:3] not in (b"MSH", *_ENVELOPE):
        return line[3:4] == mark
    return line[3:4] in (mark, around) or _BEGINS_ANEW.match(line) is not None


def _joined(pieces: list[list[bytes]], *, marked: bool) -> list[bytes]:
    lines = [b"\r".join(one) for one in pieces]
    return [codecs.BOM_UTF8 + lines[0], *lines[1:]] if marked else lines


def _announced(line: bytes) -> int:
    """BTS-1: how many messages; -1 where it does not tell."""
    told = line[4:].split(line[3:4])[0].strip()
    return int(told) if told.isdigit() and len(told) < 7 else -1_000_000


def _message(lines: list[bytes]) -> Message:
    marked = lines[0].startswith(codecs.BOM_UTF8)
    head = lines[0].removeprefix(codecs.BOM_UTF8)
    fields = head.split(head[3:4], _MAX_PARTS)
    told = fields[17].decode("latin-1") if len(fields) > 17 else ""
    text, notices = _decoded(b"\n".join([head, *lines[1:]]), told, marked=marked)
    found = text.split("\n")
    marks = _delimiters(found[0])
    segments = [_segment(line, marks) for line in found]
    return Message(segments, notices)


def _decoded(content: bytes, told: str, *, marked: bool) -> tuple[str, list[str]]:
    """By MSH-18, unless the bytes say otherwise."""
    name = re.split(r"[~^\\]", told.strip().upper())[0].strip()
    charset = "utf-8" if marked else _CHARSETS.get(name, "")
    notices = []
    text = _as_utf8(content)
    if text is not None:
        if charset not in ("", "utf-8") and not text.isascii():
            notices.append("Le message annonce un autre jeu de caractères que le sien (UTF-8) : vérifiez les accents.")
        return text, notices
    if charset in ("", "utf-8"):
        notices.append("Le jeu de caractères de ce message est supposé (Windows) : vérifiez les accents.")
        charset = "cp1252"
    text = content.decode(charset, "replace")
    if "\ufffd" in text:
        notices.append("Des caractères de ce message sont illisibles.")
    return text, notices


def _as_utf8(content: bytes) -> str | None:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _delimiters(head: str) -> Delimiters:
    """Raises ContextError where they cannot be told apart."""
    mark = head[3:4]
    told = head[4:].split(mark, 1)[0][:4]
    usual = Delimiters()
    chosen = (mark, *(told[at : at + 1] or getattr(usual, name) for at, name in enumerate(_ENCODING)))
    if len(set(chosen)) != len(chosen) or any(one.isalnum() or one.isspace() for one in chosen):
        raise ContextError(
            "hl7-delimiters",
            "Les séparateurs de ce message HL7 ne se distinguent pas : il ne peut pas être lu.",
            "Demandez à son expéditeur de l'envoyer de nouveau.",
        )
    return Delimiters(*chosen)


_ENCODING = ("component", "repetition", "escape", "sub")


def _segment(line: str, marks: Delimiters) -> Segment:
    fields = line.split(marks.field, _MAX_PARTS)
    if fields[0] == "MSH":
        fields.insert(1, marks.field)  # MSH-1 is the separator itself
    return Segment(fields[0][:3], tuple(fields), marks)


def unescaped(value: str, marks: Delimiters) -> str:
    """See `Segment.plain`. One pass: what an escape gives is not read again."""
    mark = re.escape(marks.escape)
    known = {"F": marks.field, "S": marks.component, "T": marks.sub, "R": marks.repetition, "E": marks.escape}

    def one(found: re.Match[str]) -> str:
        told = found[1]
        if told in known:
            return known[told]
        if told in ("H", "N"):
            return ""
        if told[:3].lower() in _FORMATTING:
            return _FORMATTING[told[:3].lower()]
        if told[:1] == "X" and len(told) % 2 and re.fullmatch(r"[0-9A-Fa-f]+", told[1:]):
            return bytes.fromhex(told[1:]).decode("cp1252", "replace").replace("\r\n", "\n").replace("\r", "\n")
        return found[0]

    return re.sub(rf"{mark}([^{mark}\n]{{1,400}}){mark}", one, value)


def from_base64(value: str) -> bytes | None:
    """With line ends and without its last signs, as some write it; None for what is none."""
    packed = re.sub(r"\s+", "", value).rstrip("=")
    if len(packed) % 4 == 1:
        return None
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
