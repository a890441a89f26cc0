"""`dmp cda …`: build a document, judge it, show it, say what it holds."""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import sys
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from dmp_desktop import notes
from dmp_desktop.cda.build import BuildRequest, Parent, plan_of
from dmp_desktop.cda.build import build as build_document
from dmp_desktop.cda.check import Severity, check
from dmp_desktop.cda.read import damage_notices, data_from_cda, entry_from_cda, identifiers_from_cda, text_from_cda
from dmp_desktop.cda.render import Palette, render
from dmp_desktop.commands.note import read_note
from dmp_desktop.domain.documents import BuiltDocument, DocumentFormat, DocumentKind
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.printed import EVERY_TRAIT
from dmp_desktop.errors import CdaError, ContextError, StorageError
from dmp_desktop.exchange import load_context
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.paths import find_paths
from dmp_desktop.services.accounts import PRACTICE_FILE, configured_practice
from dmp_desktop.services.documents import FOOTER, checked
from dmp_desktop.services.files import read_attachment


def register(families: Any) -> None:
    """Add this family's parsers."""
    actions = families.add_parser("cda", help="documents CDA").add_subparsers(required=True, metavar="ACTION")
    _register_build(actions.add_parser("build", help="créer un document à partir d'une note"))
    checking = actions.add_parser("check", help="appliquer nos règles strictes")
    checking.add_argument("files", nargs="+", type=Path, metavar="FICHIER", help="document CDA")
    checking.add_argument("--json", action="store_true", help="un objet JSON par fichier et par ligne")
    checking.set_defaults(run=check_files)
    for name, run, text in (
        ("html", show_html, "HTML sûr, en un seul fichier"),
        ("text", show_text, "texte"),
        ("data", show_data, "données codées en JSON"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("file", type=Path, metavar="FICHIER", help="document CDA")
        if name == "html":
            action.add_argument(
                "-o", dest="output", type=Path, metavar="FICHIER.html", help="où l'écrire (sinon, à l'écran)"
            )
        action.set_defaults(run=run)


def _register_build(building: argparse.ArgumentParser) -> None:
    building.add_argument(
        "--note", metavar="NOTE", help="fichier de la note, ou - ; facultatif avec --attach, ou quand extra dit tout"
    )
    building.add_argument(
        "--context",
        required=True,
        type=Path,
        metavar="CONTEXTE.json",
        help="patient, professionnel, lieu, consultation",
    )
    building.add_argument(
        "--kind", required=True, choices=[kind.value for kind in DocumentKind], help="sorte de document"
    )
    building.add_argument(
        "--format", choices=[item.value for item in DocumentFormat], help="structured où il existe, sinon pdf"
    )
    building.add_argument("--accept", choices=("none", "safe", "all"), default="safe", help="propositions à coder")
    building.add_argument(
        "--attach", type=Path, metavar="FICHIER", help="PDF, JPEG, TIFF, RTF ou texte UTF-8 à joindre"
    )
    building.add_argument("--replaces", type=Path, metavar="ANCIEN.xml", help="version précédente, du même patient")
    building.add_argument("--clock", type=moment, metavar="DATE", help="date du document (ISO 8601), avec son fuseau")
    building.add_argument("-o", dest="output", type=Path, metavar="FICHIER.xml", help="où l'écrire (sinon, à l'écran)")
    building.set_defaults(run=build)


def moment(text: str) -> datetime:
    """A value of --clock. Raises ArgumentTypeError without its zone."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("une date ISO 8601 est attendue : 2026-11-20T10:05:00+01:00.") from None
    if told.tzinfo is None:
        raise argparse.ArgumentTypeError("un fuseau horaire est attendu : 2026-11-20T10:05:00+01:00.")
    return told


def build(arguments: argparse.Namespace) -> int:
    """Write the document; warnings go to stderr. Raises CdaError or ContextError when it cannot be made."""
    context_bytes = _read(arguments.context)
    note = read_note(arguments.note) if arguments.note else ""
    attachment = read_attachment(arguments.attach) if arguments.attach else None
    kind = DocumentKind(arguments.kind)
    format = DocumentFormat(arguments.format or plan_of(kind).formats[0])
    replaced = _read(arguments.replaces) if arguments.replaces else None
    context = load_context(context_bytes)
    practice = configured_practice(find_paths(os.environ, Path.home()).home / PRACTICE_FILE)
    now = arguments.clock or SystemClock().now().astimezone().replace(microsecond=0)
    age = context.patient.age(context.encounter.start.date())
    request = BuildRequest(
        context=context,
        note=note,
        unique_id=_unique_id(
            arguments,
            context_bytes,
            note.encode("utf-8", "surrogatepass"),
            attachment.content + attachment.name.encode() if attachment else b"",
            replaced or b"",
        ),
        now=now,
        proposals=_accepted(notes.propose(note, age=age), arguments.accept),
        format=format,
        replaces=_parent(replaced, context.patient) if replaced is not None else None,
        attachment=attachment,
        footer=FOOTER,
        kind=kind,
        printed=practice.identity.printed if practice else EVERY_TRAIT,
    )
    try:
        built = checked(build_document(request))
    except CdaError as error:
        if error.path:
            print(f"Champ « {error.path} » :", file=sys.stderr)
        raise
    _deliver(built, arguments.output)
    return 0


def _unique_id(arguments: argparse.Namespace, *parts: bytes) -> str:
    """A new OID (ITU-T X.667); with --clock, the one of these very inputs, so that the same command gives the same bytes."""
    if arguments.clock is None:
        return f"2.25.{SystemEntropy().uuid().int}"
    digest = hashlib.sha256(
        repr((arguments.clock.isoformat(), arguments.kind, arguments.format, arguments.accept)).encode()
    )
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, digest.hexdigest()).int}"


def _accepted(proposals: tuple[Proposal, ...], choice: str) -> tuple[Proposal, ...]:
    if choice == "safe":
        return proposals
    return tuple(proposal.ticked(choice == "all") for proposal in proposals)


def _parent(cda: bytes, patient: Patient) -> Parent:
    """What the new version needs of the old one. Raises ContextError when that one is another patient's."""
    identifiers, entry = identifiers_from_cda(cda), entry_from_cda(cda)
    owner = entry.patient
    if owner is None or (owner.value, owner.oid) != (patient.ins.value, patient.ins.oid):
        raise ContextError(
            "replaces",
            "Le document à remplacer (--replaces) n'est pas de ce patient.",
            "Choisissez une version précédente de ce même dossier.",
            field="replaces",
        )
    return Parent(identifiers.unique_id, identifiers.set_id, identifiers.version, entry.type_code.code)


def _deliver(built: BuiltDocument, output: Path | None) -> None:
    for warning in built.warnings:
        print(f"Attention : {warning}", file=sys.stderr)
    if output is None:
        sys.stdout.buffer.write(built.cda)
        sys.stdout.buffer.flush()
    else:
        _write(built.cda, output)


def _write(content: bytes, output: Path) -> None:
    try:
        output.write_bytes(content)
    except OSError:
        raise StorageError(
            "write-failed",
            "Le fichier de sortie ne peut pas être écrit.",
            "Vérifiez son dossier, la place libre et le droit d'y écrire.",
        ) from None


def check_files(arguments: argparse.Namespace) -> int:
    """Exit status 1 as soon as one document is refused."""
    refused = False
    for path in arguments.files:
        findings = check(_read(path))
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        refused = refused or bool(errors)
        if arguments.json:
            lines = [
                {"code": item.code, "severity": item.severity.value, "message": item.message_fr, "path": item.path}
                for item in findings
            ]
            print(json.dumps({"file": str(path), "ok": not errors, "findings": lines}, ensure_ascii=False))
            continue
        print(f"{path} : {'refusé' if errors else 'accepté'}")
        for finding in findings:
            word = "refus" if finding.severity is Severity.ERROR else "attention"
            print(f"  {word} [{finding.code}] {finding.message_fr} ({finding.path})")
    return 1 if refused else 0


def show_html(arguments: argparse.Namespace) -> int:
    """One file: images become `data:` URLs."""
    rendered = render(_read(arguments.file), palette=Palette())
    html = rendered.html
    for name, (mime, content) in rendered.media.items():
        url = f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"
        html = html.replace(f'src="cda-media:{name}"', f'src="{url}"')
    for notice in rendered.notices:
        print(f"Attention : {notice}", file=sys.stderr)
    if arguments.output is None:
        _print_utf8(html)
    else:
        _write(html.encode(), arguments.output)
    return 0


def show_text(arguments: argparse.Namespace) -> int:
    content = _read(arguments.file)
    for notice in damage_notices(content):
        print(f"Attention : {notice}", file=sys.stderr)
    _print_utf8(text_from_cda(content))
    return 0


def show_data(arguments: argparse.Namespace) -> int:
    data = data_from_cda(_read(arguments.file))
    for notice in data["notices"]:
        print(f"Attention : {notice}", file=sys.stderr)
    _print_utf8(json.dumps(data, ensure_ascii=False) + "\n")
    return 0


def _print_utf8(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def _read(path: Path) -> bytes:
    """Raises ContextError."""
    try:
        return path.read_bytes()
    except OSError as error:
        if path.is_dir():
            raise ContextError(
                "file", f"« {path.name or path} » est un dossier.", "Donnez le nom d'un fichier."
            ) from error
        raise ContextError("file", f"Le fichier {path.name} ne peut pas être lu.", "Vérifiez son nom.") from error
