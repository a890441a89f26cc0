"""HL7 v2: results (ORU) and documents (MDM), with the routing marks of the CI-SIS « transmission d'un document CDA-R2 en HL7v2 ».

ANS, IG-hl7v2-volet-transmission-document-cda-r2 (documents in OBX of type ED, `MetaDMPMSS`, PRT); HL7 v2.5 chapters 3, 7 and 9;
IHE PAM France (PID-3, PID-5). Lines of results and identities have modules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.received import Received, ReceivedDocument, ReceivedFormat, ReceivedResult, Routing
from dmp_desktop.exchange.hl7v2_patient import read_patient
from dmp_desktop.exchange.hl7v2_results import SEVERAL_DAYS, UNDATED, line_of, read_result
from dmp_desktop.exchange.hl7v2_segments import Message, Segment, from_base64, is_hl7v2, read_messages
from dmp_desktop.exchange.hl7v2_times import day, moment

__all__ = ["is_hl7v2", "read_hl7v2"]

_VISIBILITY = {
    "MASQUE_PS": Visibility.MASQUE_PS,
    "INVISIBLE_PATIENT": Visibility.INVISIBLE_PATIENT,
    "INVISIBLE_REP_LEGAUX": Visibility.INVISIBLE_REPRESENTANTS_LEGAUX,
}
_ROUTES = {
    "DESTDMP": "to_dmp",
    "DESTMSSANTEPS": "to_doctors",
    "DESTMSSANTEPAT": "to_patient",
    "CONNEXION_SECRETE": "secret",
    "MODIF_CONF_CODE": "changes_confidentiality",
}
_CAUTIOUS = (*_VISIBILITY, "CONNEXION_SECRETE")
"""Asked for unless it says no: what cannot be read must show to nobody."""
_RECEIPTS = ("ACK_RECEPTION", "ACK_LECTURE", "ACK_LECTURE_MSS")
_MAIL = {"CORPSMAIL_PS": "Message de l'expéditeur", "CORPSMAIL_PATIENT": "Message de l'expéditeur au patient"}
_STATUS = {
    "D": "L'expéditeur demande la suppression de ce qu'il avait envoyé auparavant.",
    "C": "L'expéditeur remplace ce qu'il avait envoyé auparavant.",
    "W": "L'expéditeur avait envoyé ce résultat à tort.",
    "X": "Un résultat n'a pas pu être obtenu.",
}
_NOT_FINAL = ("P", "R", "S", "I")
_TEXTS = ("TX", "FT")
_UNSHOWN = frozenset({
    "MSH", "PID", "PD1", "NK1", "PV1", "PV2", "EVN", "SFT", "UAC", "ORC", "SPM", "SAC", "TQ1", "TQ2", "FT1", "CTI", "ROL", "CON",
    "ARV", "IN1", "IN2", "IN3", "GT1", "BLG",
})  # fmt: skip
"""Segments of the administration, which say nothing to a doctor; those of others' own begin with Z."""
AS_THEY_CAME = (
    "Des lignes de ce message n'ont pas d'autre forme : elles sont reprises à la fin du texte, telles qu'écrites."
)
MAYBE_MASKED = "La consigne de confidentialité « {} » est illisible : elle est tenue pour demandée, par prudence."
_KINDS = ("ORU", "MDM")


def read_hl7v2(untrusted: bytes) -> tuple[Received, ...]:
    """One for each patient of each message, in their order. Raises ContextError for a file that holds no message."""
    return tuple(one for message in read_messages(untrusted) for one in _read(message))


@dataclass(slots=True, repr=False)
class _Text:
    """A text over several OBX of one code: joined once, when it is over."""

    first: ReceivedResult
    segment: Segment
    values: list[str]


@dataclass(slots=True, repr=False)
class _Found:
    """What is gathered of one patient."""

    warnings: dict[str, None] = field(default_factory=dict)
    documents: list[ReceivedDocument] = field(default_factory=list)
    results: list[ReceivedResult] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    visibility: set[Visibility] = field(default_factory=set)
    routes: dict[str, bool] = field(default_factory=dict)
    senders: dict[str, None] = field(default_factory=dict)
    recipients: dict[str, None] = field(default_factory=dict)
    titles: dict[str, None] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    text: _Text | None = None
    taken: date | None = None
    undated: bool = False
    act_date: date | None = None
    replaces: str = ""
    created: datetime | None = None
    unique_id: str = ""

    def warn(self, told: str) -> None:
        self.warnings[told] = None

    def add(self, result: ReceivedResult, segment: Segment) -> None:
        self.results.append(result)
        self.lines.append(line_of(result, segment, self.act_date))

    def end_text(self) -> None:
        """What comes now is not of the text that was going on."""
        if self.text is not None:
            self.add(replace(self.text.first, value="\n".join(self.text.values)), self.text.segment)
            self.text = None

    def end(self) -> None:
        self.end_text()
        if len({one.date for one in self.results if one.date is not None}) > 1:
            self.warn(SEVERAL_DAYS)
        if self.undated and any(one.date is not None for one in self.results):
            self.warn(UNDATED)
        if self.left:
            self.warn(AS_THEY_CAME)
            self.lines += ["", *self.left]


def _read(message: Message) -> Iterator[Received]:
    head, kind = message.segments[0], message.segments[0].text(9)
    for group in _by_patient(message.segments[1:]):
        found = _Found(warnings=dict.fromkeys(message.notices))
        if kind not in _KINDS:
            found.warn("Ce message HL7 n'est ni un résultat (ORU) ni un document (MDM).")
        pid = next((one for one in group if one.name == "PID"), None)
        patient, doubts = read_patient(pid)
        found.warnings.update(dict.fromkeys(doubts))
        for segment in group:
            _take(segment, found)
        found.end()
        sender = head.text(4) or head.text(3)
        yield Received(
            ReceivedFormat.HL7V2,
            patient,
            tuple(found.documents),
            tuple(found.results),
            "\n".join(found.lines).strip(),
            title=" ; ".join(found.titles),
            sent_at=moment(head.text(7)),
            act_date=found.act_date,
            sender=" ; ".join(found.senders) or sender,
            recipient=" ; ".join(found.recipients) or head.text(6) or head.text(5),
            routing=Routing(frozenset(found.visibility), **found.routes),
            replaces=found.replaces,
            source="\n".join(one.line for one in (head, *group)),
            warnings=tuple(found.warnings),
        )


def _by_patient(segments: list[Segment]) -> Iterator[list[Segment]]:
    """A group begins at each PID: an ORU may hold several people, whose results never meet."""
    group: list[Segment] = []
    for segment in segments:
        if segment.name == "PID" and any(one.name == "PID" for one in group):
            yield group
            group = []
        group.append(segment)
    yield group


def _take(segment: Segment, found: _Found) -> None:
    if segment.name == "OBX":
        _observation(segment, found)
        return
    found.end_text()
    if segment.name == "OBR":
        title = segment.text(4, 2) or segment.text(4)
        if title:
            found.titles[title] = None
            found.lines += ["", title]
        found.taken = day(segment.text(7))
        found.act_date = found.act_date or found.taken
    elif segment.name == "TXA":
        found.created = moment(segment.text(6)) or moment(segment.text(4))
        found.act_date = found.act_date or day(segment.text(4)) or day(segment.text(6))
        found.unique_id, found.replaces = segment.text(12), segment.text(13)
        _name(found.senders, segment, 9)
    elif segment.name == "NTE":
        if words := segment.comment(3):
            found.lines.append(words)
    elif segment.name == "PRT":
        _participant(segment, found)
    elif segment.name not in _UNSHOWN and not segment.name.startswith("Z"):
        found.left.append(_as_it_came(segment))


def _as_it_came(segment: Segment) -> str:
    return segment.line.replace("\r", "\n")


def _observation(segment: Segment, found: _Found) -> None:
    code, kind = segment.text(3), segment.text(2).upper()
    name = code.upper()
    if kind not in _TEXTS:
        found.end_text()
    if name in _MAIL:
        found.end_text()
        _mail(segment, _MAIL[name], found)
        return
    if name in _VISIBILITY or name in _ROUTES or name in _RECEIPTS or segment.text(3, 3) == "MetaDMPMSS":
        _mark(segment, name, found)
        return
    status = segment.text(11).upper()
    if status in _STATUS:
        found.warn(_STATUS[status])
    elif status in _NOT_FINAL:
        found.warn("Ce message est provisoire ou incomplet : son expéditeur en enverra un autre.")
    if _has_slipped(segment, status):
        found.left.append(_as_it_came(segment))
    if kind == "ED":
        _document(segment, found)
    elif kind == "RP":
        found.warn("Un document est désigné par un lien : il n'est pas dans ce message.")
    else:
        _result(segment, found)


def _has_slipped(segment: Segment, status: str) -> bool:
    """Whether a « | » that nobody escaped pushed words into fields that are not read: OBX-9 is a number, 10 letters, 11 one."""
    words = re.search(r"[^\W\d_]", segment.raw(9)) is not None
    return words or len(status) > 1 or any(len(one) > 3 for one in segment.repetitions(10))


def _result(segment: Segment, found: _Found) -> None:
    result = read_result(segment, found.taken)
    if result is None:
        return
    found.undated = found.undated or result.date is None
    if found.text is not None and _goes_on(found.text.first, result):
        found.text.values.append(result.value)
        return
    found.end_text()
    if segment.text(2).upper() in _TEXTS:
        found.text = _Text(result, segment, [result.value])
    else:
        found.add(result, segment)


def _goes_on(before: ReceivedResult, result: ReceivedResult) -> bool:
    """A text over several OBX of one code, of one status and day."""
    bare = not any(
        (before.unit, before.low, before.high, before.flag, result.unit, result.low, result.high, result.flag)
    )
    return bare and replace(before, value="") == replace(result, value="")


def _mark(segment: Segment, name: str, found: _Found) -> None:
    told = segment.text(5).upper()
    if name in _RECEIPTS:
        if told == "Y":
            found.warn("L'expéditeur demande un accusé de réception ou de lecture : DMP Desktop n'en envoie pas.")
        return
    if name not in _VISIBILITY and name not in _ROUTES:
        found.warn("Une consigne d'acheminement de ce message est inconnue : elle n'est pas suivie.")
    elif name in _CAUTIOUS:
        if told not in ("Y", "N"):
            found.warn(MAYBE_MASKED.format(name))
        if name in _ROUTES:
            found.routes[_ROUTES[name]] = told != "N"
        elif told != "N":
            found.visibility.add(_VISIBILITY[name])
    elif told not in ("Y", "N"):
        found.warn(f"La consigne d'acheminement « {name} » de ce message ne dit ni oui ni non : elle n'est pas suivie.")
    else:
        found.routes[_ROUTES[name]] = told == "Y"


def _mail(segment: Segment, heading: str, found: _Found) -> None:
    words = _words(_data(segment, found)) if segment.text(2).upper() == "ED" else _whole_value(segment)
    if words:
        found.lines += ["", f"{heading} :", words]


def _document(segment: Segment, found: _Found) -> None:
    content = _data(segment, found)
    if not content:
        return
    title = segment.text(3, 2) or segment.text(3, 5) or segment.text(3)
    mime = mime_of(content)
    declared = segment.text(5, 3).upper()
    if declared and not _agrees(declared, mime):
        found.warn("Un document n'est pas du type que le message annonce : il est gardé pour ce qu'il est.")
    if title:
        found.titles[title] = None
    found.documents.append(
        ReceivedDocument(
            content,
            mime,
            title,
            created=moment(segment.text(14)) or found.created,
            unique_id=found.unique_id if not found.documents else "",
            type_code=segment.text(3),
        )
    )


def _data(segment: Segment, found: _Found) -> bytes:
    """The bytes of an ED (v2.5 §2.A.24: source ^ type ^ subtype ^ encoding ^ data)."""
    encoding, value = segment.text(5, 4).upper(), segment.text(5, 5)
    if not value:
        found.warn("Un document de ce message est vide.")
        return b""
    if encoding == "A":  # a text, whatever signs nobody escaped in it
        return segment.plain(segment.raw(5).split(segment.marks.component, 4)[4]).encode()
    content: bytes | None = None
    if encoding in ("BASE64", ""):
        content = from_base64(value)
    elif encoding == "HEX":
        try:
            content = bytes.fromhex(value)
        except ValueError:
            content = None
    if not content:
        found.warn(
            "Un document de ce message est abîmé : il n'a pas pu être lu. Demandez-le de nouveau à son expéditeur."
        )
        return b""
    return content


def _participant(segment: Segment, found: _Found) -> None:
    """PRT-4 the part taken, PRT-5 who, PRT-8 which organisation, PRT-15 the address."""
    part = segment.text(4).upper()
    if part not in ("SB", "RCT"):
        return
    names: dict[str, None] = {}
    _name(names, segment, 5)
    if organisation := segment.text(8):
        names[organisation] = None
    address = segment.text(15, 4)
    if part == "SB":
        found.senders[", ".join(names)] = None
        found.senders.pop("", None)
        return
    if "@patient." in address.lower():  # its beginning is a matricule
        names, address = {"le patient": None}, ""
    told = ", ".join([*names, *([address] if address and not names else [])])
    if told:
        found.recipients[told] = None


def _name(names: dict[str, None], segment: Segment, number: int) -> None:
    """XCN: identifier ^ family ^ given."""
    for one in segment.repetitions(number):
        told = f"{segment.component(one, 3)} {segment.sub(one, 2, 1)}".strip()
        if told:
            names[told] = None


def _whole_value(segment: Segment) -> str:
    return "\n".join(segment.plain(one) for one in segment.repetitions(5))


def _words(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def mime_of(content: bytes) -> str:
    """What bytes are, by their beginning; a message's own word for it decides nothing."""
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:5]
    for mark, mime in _STARTS:
        if start.startswith(mark):
            return mime
    if content.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<")):
        return "text/xml"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "application/octet-stream" if b"\0" in content else "text/plain"


_STARTS = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"{\\rtf", "text/rtf"),
    (b"PK\x03\x04", "application/zip"),
    (b"<", "text/xml"),
)


def _agrees(declared: str, mime: str) -> bool:
    told = {"XML": "text/xml", "PDF": "application/pdf", "JPEG": "image/jpeg", "TIFF": "image/tiff", "RTF": "text/rtf"}
    return told.get(declared, mime) == mime
