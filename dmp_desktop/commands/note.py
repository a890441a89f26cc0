"""`dmp note …`: what a consultation note holds that could be coded."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from dmp_desktop import notes
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.errors import ContextError
from dmp_desktop.services import note_file

_OLDEST = 130  # years


def register(families: Any) -> None:
    """Add this family's parsers."""
    actions = families.add_parser("note", help="notes de consultation").add_subparsers(required=True, metavar="ACTION")
    proposing = actions.add_parser("propose", help="propositions trouvées dans une note")
    proposing.add_argument(
        "note", metavar="NOTE", help="note en texte (UTF-8), RTF, Word ou PDF, ou - pour l'entrée standard"
    )
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
    """A note as written, line ends kept: text, RTF, Word or PDF. What is doubtful about it goes to stderr.

    Raises ContextError when it cannot be read.
    """
    try:
        untrusted = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise ContextError("note-file", "Le fichier de la note ne peut pas être lu.", "Vérifiez son nom.") from error
    note = note_file.read_note(untrusted)
    for doubt in note.doubts:
        print(f"Attention : {doubt}.", file=sys.stderr)
    return note.text


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
