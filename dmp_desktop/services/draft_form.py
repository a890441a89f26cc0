"""A draft as bytes and back. By names of fields: a later version reads what this one kept, whatever was added in between."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from hashlib import sha256
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from dmp_desktop.domain.drafts import KeptDraft, KeptForm

_FILES = "files"
"""Beside the fields of the draft: the kinds whose forms have a file, with the name of that file."""


def pack(draft: KeptDraft) -> tuple[bytes, dict[str, bytes]]:
    """The draft without the files joined to it, and these by name: they are kept once, not each time a word is typed."""
    files, names = {}, {}
    forms = []
    for form in draft.forms:
        if form.attachment:
            name = sha256(form.attachment.content).hexdigest()
            files[name], names[form.kind.value] = form.attachment.content, name
            form = replace(form, attachment=replace(form.attachment, content=b""))
        forms.append(form)
    told = {**_plain(replace(draft, forms=tuple(forms))), _FILES: names}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), files


def unpack(packed: bytes, file: Callable[[str], bytes]) -> KeptDraft:
    """`file` gives a joined file by its name. Raises ValueError, TypeError, KeyError or AttributeError for what a version made
    that this one does not know."""
    told = json.loads(packed)
    names = told.pop(_FILES)
    draft: KeptDraft = _reader(KeptDraft)(told)
    return replace(draft, forms=tuple(_joined(form, names, file) for form in draft.forms))


def _joined(form: KeptForm, names: dict[str, str], file: Callable[[str], bytes]) -> KeptForm:
    if form.attachment is None:
        return form
    return replace(form, attachment=replace(form.attachment, content=file(names[form.kind.value])))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return None  # the content of a file, which is kept beside
    return value.isoformat() if isinstance(value, date) else value


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    """What makes a value of a field again, by the field's type."""
    if get_origin(hint) is UnionType:
        kinds = [kind for kind in get_args(hint) if kind is not NoneType]
        made = _reader(kinds[0]) if len(kinds) == 1 else _as_told  # float | str: JSON tells them apart
        return lambda told: None if told is None else made(told)
    if get_origin(hint) is tuple:
        one = _reader(get_args(hint)[0])
        if get_args(hint)[-1] is not Ellipsis and any(_reader(kind) is not one for kind in get_args(hint)):
            raise TypeError("a tuple of several types")
        return lambda told: tuple([one(value) for value in told])
    if isinstance(hint, type) and is_dataclass(hint):
        return _object_reader(hint)
    if hint is datetime or hint is date:
        return hint.fromisoformat
    if hint is bytes:
        return lambda _told: b""
    return hint if isinstance(hint, type) and issubclass(hint, StrEnum) else _as_told


def _object_reader(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = {one.name: _reader(hints[one.name]) for one in fields(kind)}
    needed = [one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING]

    def made(told: dict[str, Any]) -> Any:
        if missing := [name for name in needed if name not in told]:
            raise KeyError(*missing)
        return kind(**{name: read(told[name]) for name, read in readers.items() if name in told})

    return made


def _as_told(told: Any) -> Any:
    return told
