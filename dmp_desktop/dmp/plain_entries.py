"""Entries written plainly, read without building a tree: what a registry repeats 2,000 times is matched, not parsed.

Plainly: one prefix, attributes in double quotes, only spaces between elements, no comment, CDATA or declaration, and nothing that
an XML parser would have to normalise. What is written otherwise is refused here, and left to the parser.
"""

from __future__ import annotations

import re

from dmp_desktop.dmp import entry_fields, names
from dmp_desktop.dmp.entry_fields import Fields
from dmp_desktop.domain.documents import Author, Code

_AUTHOR_SCHEMES = frozenset((names.ENTRY_AUTHOR, names.SET_AUTHOR))
_REFERENCE = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7}|x[0-9A-Fa-f]{1,6}));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
# Neither what XML forbids, nor what its attributes normalise (§3.3.3), nor line ends to translate (§2.11).
_VALUE = r'[^"<\x00-\x1f]*+'
_TEXT = r"[^<\x00-\x08\x0b-\x1f]*+"
_SPACE = r"[ \t\r\n]*+"


class NotPlainError(Exception):
    """This is not written plainly."""


class PlainEntries:
    """Reads the ExtrinsicObjects of one answer, whose elements all have `prefix` (None: the default namespace)."""

    def __init__(self, prefix: str | None) -> None:
        name = f"{prefix}:" if prefix else ""
        tag = re.escape(name)
        self.open = f"<{name}ExtrinsicObject".encode()
        self.close = f"</{name}ExtrinsicObject>".encode()
        value = f"<{tag}Value>({_TEXT})</{tag}Value>{_SPACE}"
        string = f"<{tag}LocalizedString{_attributes('value')}/>{_SPACE}"
        slot = (
            f"Slot{_attributes('name')}>{_SPACE}<{tag}ValueList>{_SPACE}"
            f"{value}((?:{value.replace('(', '(?:', 1)})*+)</{tag}ValueList>{_SPACE}</{tag}Slot>"
        )
        text = f"(Name|Description)>{_SPACE}(?:{string})?+</{tag}(?:Name|Description)>"
        coded = _attributes("classificationScheme", "nodeRepresentation")
        classification = f"Classification{coded}>{_inside(f'{tag}Classification')}"
        identifier = (
            f"ExternalIdentifier{_attributes('identificationScheme', 'value')}>{_inside(f'{tag}ExternalIdentifier')}"
        )
        version = f"VersionInfo{_attributes('versionName')}/>"
        self._parts = re.compile(f"(<{tag}(?:{slot}|{text}){_SPACE})")
        self._children = re.compile(f"(<{tag}(?:{slot}|{classification}|{identifier}|{text}|{version}){_SPACE})")
        self._start = re.compile(f"<{tag}ExtrinsicObject{_attributes('id', 'lid', 'status', 'mimeType')}>{_SPACE}")
        # The same codes and authors come with most documents: each is read once, and kept once.
        self._codes: dict[tuple[str, str], Code] = {}
        self._authors: dict[str, Author] = {}
        self._unescaped: dict[str, str] = {}
        self._idle: set[str] = set()

    def read(self, untrusted_entry: bytes) -> Fields:
        """What an ExtrinsicObject says, from the first byte of its start tag to the last of its end tag. Raises NotPlainError."""
        try:
            text = untrusted_entry.decode()
        except UnicodeDecodeError:
            raise NotPlainError from None
        start = self._start.match(text)
        if start is None or "xmlns" in text:
            raise NotPlainError
        own_id, lid, status, mime_type = map(self._plain, start.groups(""))
        fields = Fields(own_id, lid, status, mime_type)
        at = start.end()
        texts: dict[str, str] = {}
        for (
            token, slot, value, more, scheme, node, body, identifier_scheme, identifier, inside, kind, string, version,
        ) in self._children.findall(text, at):  # fmt: skip
            at += len(token)
            if slot:
                fields.slots[slot] = self._values(value, more)
            elif scheme:
                self._classified(fields, scheme, self._plain(node), body)
            elif identifier_scheme:
                self._ignore(inside)
                fields.identifiers[identifier_scheme] = self._plain(identifier)
            elif kind:
                texts.setdefault(kind, self._plain(string))
            elif version:
                fields.version = version
            else:
                raise NotPlainError
        if len(text) - at != len(self.close):
            raise NotPlainError  # something stands between the tokens
        fields.title, fields.comments = texts.get("Name", ""), texts.get("Description", "")
        return fields

    def _classified(self, fields: Fields, scheme: str, representation: str, body: str) -> None:
        if scheme in _AUTHOR_SCHEMES:
            author = self._authors.get(body)
            if author is None:
                author = self._authors[body] = entry_fields.author(self._body(body)[0])
            fields.authors.setdefault(scheme, []).append(author)
        if representation:
            code = self._codes.get((representation, body))
            if code is None:
                slots, label = self._body(body)
                code = self._codes[representation, body] = entry_fields.code(representation, slots, label)
            fields.codes.setdefault(scheme, []).append(code)
        else:
            self._ignore(body)

    def _body(self, body: str) -> tuple[dict[str, list[str]], str]:
        """Slots and name of a classification."""
        slots: dict[str, list[str]] = {}
        texts: dict[str, str] = {}
        length = len(body) - len(body.lstrip(" \t\r\n"))
        for token, slot, value, more, kind, string in self._parts.findall(body, length):
            length += len(token)
            if slot:
                slots[slot] = self._values(value, more)
            else:
                texts.setdefault(kind, self._plain(string))
        if length != len(body):
            raise NotPlainError
        return slots, texts.get("Name", "")

    def _ignore(self, body: str) -> None:
        """What says nothing to us must still be plain."""
        if body not in self._idle:
            self._body(body)
            self._idle.add(body)

    def _values(self, value: str, more: str) -> list[str]:
        if not more:
            return [self._plain(value)]
        return [self._plain(value), *(self._plain(other) for other in _MORE.findall(more))]

    def _plain(self, written: str) -> str:
        """Characters for references (XML §4.1, §4.6)."""
        if "&" not in written:
            return written
        plain = self._unescaped.get(written)
        if plain is None:
            if written.count("&") != len(_REFERENCE.findall(written)):
                raise NotPlainError
            plain = self._unescaped[written] = _REFERENCE.sub(_character, written)
        return plain


_MORE = re.compile(r">([^<]*)</")


def _attributes(*wanted: str) -> str:
    """Attributes in any order; the values of those wanted are the groups."""
    known = "".join(f'{name}="({_VALUE})"|' for name in wanted)
    return f'(?:[ \t\r\n]++(?:{known}[A-Za-z:._-]++="{_VALUE}"))*+{_SPACE}'


def _inside(tag: str) -> str:
    """All up to the end tag."""
    return f"([^<]*+(?:<(?!/{tag}>)[^<]*+)*+)</{tag}>"


def _character(reference: re.Match[str]) -> str:
    if reference[1]:
        return _NAMED[reference[1]]
    number = reference[2]
    point = int(number[1:], 16) if number[0] == "x" else int(number)
    if point in (9, 10, 13) or 0x20 <= point < 0xD800 or 0xE000 <= point < 0xFFFE or 0x10000 <= point < 0x110000:
        return chr(point)
    raise NotPlainError
