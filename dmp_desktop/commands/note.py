"""`dmp note …`: what a consultation note holds that could be coded."""

from __future__ import annotations

import argparse
import codecs
import json
import re
import sys
from pathlib import Path
from typing import Any

from dmp_desktop import notes
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.errors import ContextError

_OLDEST = 130  # years
# Two or three bytes that make one character in UTF-8: a file of them is a damaged UTF-8, not Windows-1252.
_UTF8_PAIR = re.compile(rb"[\xc2-\xc5][\x80-\xbf]|\xe2[\x80-\x8b][\x80-\xbf]")
# What French letters of DOS or of an old Mac become when read as Windows-1252.
_UNLIKELY = re.compile("[\u201a\u0192\u201e\u2020\u2021\u02c6\u2030\u0160\u2039\u017d\u0161\u203a\u017e\u0178]")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def register(families: Any) -> None:
    """Add this family's parsers."""
    actions = families.add_parser("note", help="notes de consultation").add_subparsers(required=True, metavar="ACTION")
    proposing = actions.add_parser("propose", help="propositions trouvées dans une note")
    proposing.add_argument("note", metavar="NOTE", help="fichier texte en UTF-8, ou - pour l'entrée standard")
    proposing.add_argument(
        "--age",
        type=int,
        choices=range(_OLDEST + 1),
        metavar="ANS",
        help="âge du patient : ce qui est plausible en dépend",
    )
    proposing.add_argument("--json", action="store_true", help="un objet JSON par ligne")
    proposing.set_defaults(run=propose)


def propose(arguments: argparse.Namespace) -> int:
    """Print the proposals in the order of the note."""
    for proposal in notes.propose(read_note(arguments.note), age=arguments.age):
        print(json.dumps(proposal_to_dict(proposal), ensure_ascii=False) if arguments.json else _line(proposal))
    return 0


def read_note(source: str) -> str:
    """A note as written, line ends kept: UTF-8, UTF-16 with its mark, or Windows-1252 (told on stderr).

    Raises ContextError when it cannot be read, or when its accents would be wrong: nobody would see it in the document.
    """
    try:
        untrusted_content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise ContextError("note-file", "Le fichier de la note ne peut pas être lu.", "Vérifiez son nom.") from error
    text, legacy = _decoded(untrusted_content)
    if text is None or _NOT_TEXT.search(text):
        raise ContextError(
            "note-encoding",
            "Les accents de la note ne peuvent pas être lus : le codage de ses caractères n'est pas reconnu.",
            "Enregistrez la note en UTF-8, puis recommencez.",
        )
    if legacy:
        print(f"Attention : note lue en {legacy}, et non en UTF-8 ; vérifiez ses accents.", file=sys.stderr)
    return text


def _decoded(untrusted_content: bytes) -> tuple[str | None, str]:
    """(text, legacy encoding or empty); None when no encoding reads it surely."""
    if untrusted_content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(untrusted_content, "utf-16"), "UTF-16"
    text = _strictly(untrusted_content, "utf-8-sig")
    if text is not None:
        return text, ""
    text = _strictly(untrusted_content, "cp1252")
    plausible = text is not None and not _UTF8_PAIR.search(untrusted_content) and not _UNLIKELY.search(text)
    return text if plausible else None, "Windows-1252"


def _strictly(untrusted_content: bytes, encoding: str) -> str | None:
    try:
        return untrusted_content.decode(encoding)
    except UnicodeDecodeError:
        return None


def proposal_to_dict(proposal: Proposal) -> dict[str, Any]:
    """The form of `note propose --json` (design/cli.md)."""
    names = ("label", "value", "unit", "code", "system", "start", "end", "text", "accepted")
    return {
        "kind": proposal.kind.value,
        "status": proposal.status.value,
        "confidence": proposal.confidence.value,
        **{name: getattr(proposal, name) for name in names},
        "warnings": list(proposal.warnings),
    }


def _line(proposal: Proposal) -> str:
    tick = "x" if proposal.accepted else " "
    value = "" if proposal.value is None else f" = {proposal.value} {proposal.unit or ''}".rstrip()
    code = f" [{proposal.code}]" if proposal.code else ""
    warnings = f"  ({' ; '.join(proposal.warnings)})" if proposal.warnings else ""
    return f"[{tick}] {proposal.kind.value:<11} {proposal.status.value:<9} {proposal.label}{value}{code}{warnings}"
