"""XDS metadata in: objects read one by one while the answer arrives (reference §5, ITI TF-3 §4.2).

An answer of 2,000 entries repeats the same 7 kB 2,000 times. The first entry goes through the XML parser, which tells what the
prefix means; those that follow it at once, written plainly, are read beside it (plain_entries.py); all the rest it gets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from dmp_desktop.dmp import catalogue, entry_fields, names, soap
from dmp_desktop.dmp.channel import SHORT_ANSWER
from dmp_desktop.dmp.entry_fields import Fields, Known
from dmp_desktop.dmp.plain_entries import NotPlainError, PlainEntries
from dmp_desktop.dmp.soap import ANYTHING, Asked
from dmp_desktop.domain.documents import Association, DocumentEntry, SubmissionSummary

RegistryObject = DocumentEntry | SubmissionSummary | Association

_RIM = f"{{{names.RIM}}}"
_ENTRY = f"{_RIM}ExtrinsicObject"
_PACKAGE = f"{_RIM}RegistryPackage"
_ASSOCIATION = f"{_RIM}Association"
_ERROR = f"{{{names.RS}}}RegistryError"
_RESPONSES = (f"{{{names.QUERY}}}AdhocQueryResponse", f"{{{names.RS}}}RegistryResponse")
_FAULT = f"{{{names.SOAP}}}Fault"
_HEADERS = (soap.ACTION, soap.RELATES_TO)
_WANTED = (_ENTRY, _PACKAGE, _ASSOCIATION, _FAULT, *_HEADERS, *_RESPONSES)
_ENTRY_END = re.compile(rb"</(?:[\w.-]+:)?ExtrinsicObject>")
_SPACES = re.compile(rb"[ \t\r\n]*")
_AUTHORS = (names.ENTRY_AUTHOR, names.SET_AUTHOR)
_SLICE = 64 * 1024  # bytes given to the parser at a time


def objects(untrusted_chunks: Iterable[bytes], asked: Asked = ANYTHING) -> Iterator[RegistryObject]:
    """Each entry, submission set and association of an answer as soon as its last byte is in.

    `asked` is what the answer is held to. Raises DmpError on a fault, on the registry's refusal, and on an answer that is cut
    short, is not XML or is another request's.
    """
    reader = _Reader(asked)
    total = 0
    try:
        for chunk in untrusted_chunks:
            total += len(chunk)
            if total > soap.MAX_ANSWER:
                raise soap.unreadable("too long")
            yield from reader.feed(chunk)
        yield from reader.finish()
    except etree.XMLSyntaxError:
        raise soap.unreadable("not XML") from None


class _Reader:
    """The parser, and beside it the reader of plain entries while one may come next (`_plain`)."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._action = asked.answer  # as an answer that tells none is read
        self._parser = etree.XMLPullParser(
            ("end",), tag=_WANTED, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
        )
        self._plain: PlainEntries | None = None
        self._known: dict[str | None, PlainEntries] = {}
        self._values = Known()
        self._pending = b""
        self._looked = 0  # no end tag begins before this place of `_pending`
        self._complete = False
        self._since = 0  # bytes given to the parser since the last object: a refusal is one, whatever its length

    def feed(self, untrusted_chunk: bytes) -> Iterator[RegistryObject]:
        self._pending += untrusted_chunk
        at = 0
        while at < len(self._pending):
            if self._plain is not None:
                end = self._plain_end(self._plain, at)
                if end is None:
                    break
                if end > at:
                    try:
                        start = _skip(self._pending, at)
                        yield entry_fields.entry(self._plain.read(self._pending[start:end]), self._values)
                        at = end
                        continue
                    except NotPlainError:
                        pass
                self._plain = None
            at, told = self._parse(at)
            yield from told
        self._pending = self._pending[at:]

    def finish(self) -> Iterator[RegistryObject]:
        yield from self._events(self._pending)
        self._parser.close()
        if not self._complete:
            raise soap.unreadable("no registry response")

    def _plain_end(self, plain: PlainEntries, at: int) -> int | None:
        """Where the entry that begins at `at` ends; `at` when none begins there, None when more bytes must come to tell."""
        start = _skip(self._pending, at)
        if not self._pending.startswith(plain.open, start):
            return None if plain.open.startswith(self._pending[start:]) else at
        found = self._pending.find(plain.close, max(start, at + self._looked))
        if found < 0:
            self._looked = max(0, len(self._pending) - at - len(plain.close))
            return None
        self._looked = 0
        return found + len(plain.close)

    def _parse(self, at: int) -> tuple[int, list[RegistryObject]]:
        """Give the parser what comes up to the end of an entry: what follows may be plain ones."""
        end_tag = _ENTRY_END.search(self._pending, at)
        end = end_tag.end() if end_tag else len(self._pending)
        return end, list(self._events(self._pending[at:end]))

    def _events(self, untrusted_bytes: bytes) -> Iterator[RegistryObject]:
        for at in range(0, len(untrusted_bytes), _SLICE):
            untrusted = untrusted_bytes[at : at + _SLICE]
            self._since += len(untrusted)
            if self._since > SHORT_ANSWER:
                raise soap.unreadable("too long")
            self._parser.feed(untrusted)
            yield from self._told()

    def _told(self) -> Iterator[RegistryObject]:
        """What is complete by now."""
        for _event, element in self._parser.read_events():
            if not isinstance(element, etree._Element) or element.getroottree().docinfo.internalDTD is not None:
                raise soap.unreadable("DOCTYPE")
            if element.tag == _FAULT:
                raise soap.fault(element)
            self._plain = None
            if element.tag not in _HEADERS:
                soap.check_action(self._action, self._asked)
            if element.tag == soap.RELATES_TO:
                soap.check_relates(element, self._asked.message_id)
            elif element.tag == soap.ACTION:
                self._action = element.text or ""
            elif element.tag in _RESPONSES:
                self._complete = True
                raise_refusal(element)
            elif element.tag == _ENTRY:
                yield entry_fields.entry(_fields(element), self._values)
                self._plain = self._plain_after(element)
            elif element.tag == _PACKAGE:
                yield entry_fields.submission(_fields(element))
            else:
                yield _association(element)
            self._since = 0
            element.clear()

    def _plain_after(self, element: etree._Element) -> PlainEntries | None:
        """Siblings of an entry live under the same declarations: its prefix means the same for them."""
        if len(element) == 0 or (element.getroottree().docinfo.encoding or "UTF-8").upper() not in (
            "UTF-8",
            "US-ASCII",
        ):
            return None
        if element.prefix not in self._known:
            self._known[element.prefix] = PlainEntries(element.prefix)
        return self._known[element.prefix]


def _skip(untrusted_bytes: bytes, at: int) -> int:
    spaces = _SPACES.match(untrusted_bytes, at)
    return spaces.end() if spaces else at


def raise_refusal(response: etree._Element) -> None:
    """Raise the DmpError of the first RegistryError when the response is not a success; warnings are no refusal. A status
    that is not known is no success."""
    if response.get("status") == names.STATUS_SUCCESS:
        return
    for error in response.iter(_ERROR):
        if not error.get("severity", "").endswith(":Warning"):
            raise catalogue.error(error.get("errorCode", "XDSRegistryError"), error.get("codeContext", ""))
    if response.get("status", "").endswith(":Failure"):
        raise catalogue.error("XDSRegistryError", "")
    if response.get("status") != names.STATUS_PARTIAL:
        raise soap.unreadable("unknown status")


def entries(untrusted_chunks: Iterable[bytes], asked: Asked = ANYTHING) -> Iterator[DocumentEntry]:
    """Document entries in the order of the answer."""
    return (found for found in objects(untrusted_chunks, asked) if isinstance(found, DocumentEntry))


def submissions(untrusted_chunks: Iterable[bytes], asked: Asked = ANYTHING) -> Iterator[SubmissionSummary]:
    """Submission sets in the order of the answer."""
    return (found for found in objects(untrusted_chunks, asked) if isinstance(found, SubmissionSummary))


def references(answer: etree._Element) -> list[str]:
    """Identifiers of an answer of ObjectRefs. Raises DmpError when the registry refused."""
    raise_refusal(answer)
    return [found.get("id", "") for found in answer.iter(f"{_RIM}ObjectRef")]


def entry(element: etree._Element) -> DocumentEntry:
    """One ExtrinsicObject as a domain entry. Missing optional values are empty, never invented."""
    return entry_fields.entry(_fields(element), Known())


def _fields(element: etree._Element) -> Fields:
    fields = Fields(
        id=element.get("id", ""),
        lid=element.get("lid", ""),
        status=element.get("status", ""),
        mime_type=element.get("mimeType", ""),
        title=_localized(element.find(f"{_RIM}Name")),
        comments=_localized(element.find(f"{_RIM}Description")),
        version=version(element),
        slots=_slots(element),
    )
    for item in element.iterchildren(f"{_RIM}Classification"):
        scheme, slots = item.get("classificationScheme", ""), _slots(item)
        if scheme in _AUTHORS:
            fields.authors.setdefault(scheme, []).append(entry_fields.author(slots))
        if representation := item.get("nodeRepresentation"):
            code = entry_fields.code(representation, slots, _localized(item.find(f"{_RIM}Name")))
            fields.codes.setdefault(scheme, []).append(code)
    for item in element.iterchildren(f"{_RIM}ExternalIdentifier"):
        fields.identifiers[item.get("identificationScheme", "")] = item.get("value", "")
    return fields


def _association(element: etree._Element) -> Association:
    kind, source, target = (element.get(name, "") for name in ("associationType", "sourceObject", "targetObject"))
    return Association(kind, source, target)


def _slots(element: etree._Element) -> dict[str, list[str]]:
    return {
        slot.get("name", ""): [value.text or "" for value in slot.iter(f"{_RIM}Value")]
        for slot in element.iterchildren(f"{_RIM}Slot")
        if slot.find(f"{_RIM}ValueList/{_RIM}Value") is not None
    }


def version(element: etree._Element) -> str:
    """The number of this version of the metadata, as the registry counts."""
    info = element.find(f"{_RIM}VersionInfo")
    return info.get("versionName", "1") if info is not None else "1"


def _localized(element: etree._Element | None) -> str:
    found = element.find(f"{_RIM}LocalizedString") if element is not None else None
    return found.get("value", "") if found is not None else ""
