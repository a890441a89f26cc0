"""Invented reports in two versions: what changes from one to the next is chosen here."""

from __future__ import annotations

import copy
import re
from datetime import datetime, timedelta
from functools import cache

from dmp_desktop import notes
from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.domain.documents import BuiltDocument, DocumentFormat, Parent
from dmp_desktop.exchange import context_from_dict
from tests.helpers.documents import FULL, NOTE, NOW

FIRST, SECOND, THIRD = "2.25.101", "2.25.102", "2.25.103"
ACT = "2026-11-20T10:05:00+01:00"
TWO_DAYS = timedelta(days=2)
_BODY = re.compile(rb"<nonXMLBody>.*</nonXMLBody>", re.DOTALL)


@cache  # a page takes its time
def version(
    unique_id: str = FIRST,
    note: str = NOTE,
    *,
    made: datetime = NOW,
    act: str = ACT,
    replaces: str = "",
    form: DocumentFormat = DocumentFormat.STRUCTURED,
    ticked: bool = True,
    phone: str = "tel:0102030405",
) -> BuiltDocument:
    """A report on tests.helpers.documents' patient; `replaces`: the uniqueId of its former version."""
    context = copy.deepcopy(FULL)
    context["encounter"] = {"start": act, "end": None, "kind": "AMB"}
    context["professional"]["phone"] = phone
    parent = Parent(replaces, FIRST, 1, "11488-4") if replaces else None
    proposals = tuple(item.ticked(ticked) for item in notes.propose(note))
    return build(
        BuildRequest(context_from_dict(context), note, unique_id, made, proposals, format=form, replaces=parent)
    )


def emptied(document: BuiltDocument) -> bytes:
    """A document without sections whose text is two blanks and an end of line: the strict rules take it."""
    return _BODY.sub(
        b'<nonXMLBody><text mediaType="text/plain" representation="B64">ICAK</text></nonXMLBody>', document.cda
    )
