"""The form of an invented document: who writes, under what title, with which sentences."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.sandbox.records.kinds import KindOfDocument

REASON, FINDINGS, CONCLUSION = "42349-1", "30954-2", "55112-7"


@dataclass(frozen=True, slots=True)
class Script:
    """One kind of event: who writes (keys of authors.WRITERS), under what title, with what text.

    `texts` are variants; a variant is (section code, heading, paragraphs…) tuples.
    """

    kind: KindOfDocument
    writers: tuple[str, ...]
    title: str
    texts: tuple[tuple[tuple[str, ...], ...], ...] = ()
