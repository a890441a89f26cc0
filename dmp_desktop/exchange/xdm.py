"""IHE_XDM.ZIP in: what comes by MSSanté or on a CD (ITI TF-2 §3.32; CI-SIS, « Volet échange de documents de santé »).

One message a submission set and patient. A document whose bytes are not those METADATA.XML announces refuses the whole archive.
What only the documents themselves tell (the traits in a CDA, what it replaces) is read by `services.received_xdm`.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import filterfalse
from urllib.parse import unquote

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import INS_OIDS, InsIdentity, is_ins
from dmp_desktop.domain.people import Sex
from dmp_desktop.domain.received import Received, ReceivedDocument, ReceivedFormat, ReceivedPatient, Routing
from dmp_desktop.exchange.xdm_archive import Archive, refusal
from dmp_desktop.exchange.xdm_metadata import Entry, Metadata, moment, plain
from dmp_desktop.exchange.xdm_metadata import read as read_metadata

_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_METADATA = re.compile(r"(?:.*/)?IHE_XDM/[^/]+/METADATA\.XML")
_BESIDE = re.compile(r"(?:.*/)?(?:README\.TXT|INDEX\.HTML?|AUTORUN\.INF|IHE_XDM/[^/]+/[^/]+\.XSL)")
"""What a medium holds for people and browsers."""
_TRAITS = ("PID-5|", "PID-7|", "PID-8|")
_SHA1 = re.compile(r"[0-9a-f]{40}")

NO_HASH = "L'empreinte d'un document n'est pas indiquée : rien ne prouve qu'il est arrivé tel qu'il est parti."
NO_SIZE = "La taille d'un document n'est pas indiquée."
SIGNED = "L'envoi contient une signature électronique : elle n'est pas vérifiée."
UNANNOUNCED = "{} fichier(s) de l'archive ne sont annoncés par aucun METADATA.XML : non repris."
BARE_SUBSET = "{} dossier(s) de l'archive n'ont pas de METADATA.XML : leurs fichiers ne sont pas repris."
NO_SET = "L'envoi ne dit ni qui l'a fait, ni quand."
SEVERAL_SETS = "METADATA.XML décrit plusieurs envois : expéditeur et date sont ceux du premier."
SEVERAL_PATIENTS = "Cette archive concerne plusieurs patients : un message par patient."
BAD_INS = "L'INS de l'envoi n'est pas valable (clé ou autorité) : il n'est pas repris."
SHARED_INS = "Cet envoi donne le même INS à deux identités différentes : il n'est pas repris."
PARTIAL_BIRTH = "La date de naissance de l'envoi est incomplète ou impossible : elle n'est pas reprise."
REPLACES_UNKNOWN = (
    "Un document de l'envoi en remplace un autre, désigné par une référence que seul l'expéditeur connaît."
)


@dataclass(frozen=True, slots=True)
class _Subset:
    folder: str
    metadata: Metadata


def looks_like(untrusted: bytes) -> bool:
    """Whether a file is an archive; `read` says what is wrong with one that is no XDM."""
    return untrusted.startswith(_MAGIC)


def read(untrusted: bytes) -> tuple[Received, ...]:
    """The messages of an archive. Raises ContextError with the reason of a refusal."""
    archive = Archive(untrusted)
    found = [path for path in archive.paths if _METADATA.fullmatch(path)]
    if not found:
        raise refusal(
            "metadata-missing",
            "Cette archive n'est pas un envoi XDM : METADATA.XML n'y est pas.",
            "Ouvrez-la avec l'explorateur de fichiers, puis reprenez ses documents un par un.",
        )
    subsets = [_Subset(posixpath.dirname(path), read_metadata(archive.read(path))) for path in found]
    taken = {*found}
    messages: list[Received] = []
    for subset in subsets:
        messages += _messages(archive, subset, taken)
    beside = _left(archive, subsets, taken)
    apart = len(messages) > len(subsets) or len({message.patient for message in messages}) > 1
    several = (SEVERAL_PATIENTS,) if apart else ()
    return tuple(replace(message, warnings=message.warnings + several + beside) for message in messages)


def _left(archive: Archive, subsets: list[_Subset], taken: set[str]) -> tuple[str, ...]:
    """What is in the archive and in no message."""
    left = [path for path in archive.paths if path not in taken and not _BESIDE.fullmatch(path)]
    known = tuple(f"{subset.folder}/" for subset in subsets)
    bare = {posixpath.dirname(path) for path in left if "/IHE_XDM/" in f"/{path}" and not path.startswith(known)}
    loose = [path for path in left if posixpath.dirname(path) not in bare]
    told = [UNANNOUNCED.format(len(loose))] if loose else []
    return (*told, *([BARE_SUBSET.format(len(bare))] if bare else []))


def _messages(archive: Archive, subset: _Subset, taken: set[str]) -> list[Received]:
    metadata = subset.metadata
    for entry in metadata.entries:
        path = _path(archive, subset.folder, entry)
        if path in taken:
            raise refusal("document-twice", "Le même fichier est annoncé comme deux documents différents.")
        taken.add(path)
    warnings = [] if metadata.sets == 1 else [SEVERAL_SETS if metadata.sets else NO_SET]
    groups = _by_patient(metadata.entries)
    numbers = Counter(_number(entries[0]) for entries in groups)
    messages = [_message(archive, subset, entries, list(warnings)) for entries in groups]
    return [
        _contested(one) if numbers[_number(entries[0])] > 1 and one.patient.ins else one
        for one, entries in zip(messages, groups, strict=True)
    ]


def _contested(message: Received) -> Received:
    return replace(message, patient=replace(message.patient, ins=None), warnings=(*message.warnings, SHARED_INS))


def _by_patient(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Those of one number and one identity together: who shares a number, or has none, under other names is somebody else. An
    entry that tells no names goes with its number's, where these are of one; a signature, with what it may sign."""
    groups: dict[tuple[str, tuple[str, ...]], list[Entry]] = {}
    documents = [entry for entry in entries if not entry.is_signature]
    for entry in filter(_identity, documents):
        groups.setdefault((_number(entry), _identity(entry)), []).append(entry)
    for entry in filterfalse(_identity, documents):
        same = [key for key in groups if key[0] == _number(entry) and key[1]] if _number(entry) else []
        groups.setdefault(same[0] if len(same) == 1 else (_number(entry), ()), []).append(entry)
    for entry in entries:
        if entry.is_signature:
            near = [key for key in groups if key[0] == _number(entry)] or list(groups)
            groups.setdefault(near[0] if near else ("", ()), []).append(entry)
    rank = {id(entry): place for place, entry in enumerate(entries)}
    ordered = [sorted(group, key=lambda one: rank[id(one)]) for group in groups.values()]
    return sorted(ordered, key=lambda group: rank[id(group[0])])


def _number(entry: Entry) -> str:
    return entry.patient_id or entry.source_patient_id


def _identity(entry: Entry) -> tuple[str, ...]:
    """Names, day of birth and sex, as they are written."""
    told = (line.strip().upper() for line in entry.patient_info)
    return tuple(sorted(one for one in told if one.startswith(_TRAITS) and one.partition("|")[2].strip("^~ ")))


def _message(archive: Archive, subset: _Subset, entries: list[Entry], warnings: list[str]) -> Received:
    metadata = subset.metadata
    documents = [_document(archive.read(_path(archive, subset.folder, entry)), entry, warnings) for entry in entries]
    shown = [(entry, one) for entry, one in zip(entries, documents, strict=True) if not entry.is_signature]
    if len(shown) < len(entries):
        warnings.append(SIGNED)
    hidden = {code for entry, _ in shown for code in entry.confidentiality}
    act = next((entry.act_day for entry, _ in shown if entry.act_day), None)
    return Received(
        format=ReceivedFormat.XDM,
        patient=_patient([entry for entry, _ in shown] or entries, warnings),
        documents=tuple(document for _, document in shown),
        title=metadata.title or (shown[0][1].title if len(shown) == 1 else ""),
        sent_at=metadata.sent_at,
        act_date=act,
        sender=metadata.sender,
        recipient=metadata.recipient,
        routing=Routing(visibility=frozenset(one for one in Visibility if one.code in hidden)),
        replaces=_replaces(metadata, entries, warnings),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _path(archive: Archive, folder: str, entry: Entry) -> str:
    """Where a document is. Raises ContextError when it is not in its subset."""
    for uri in dict.fromkeys((entry.uri, unquote(entry.uri))):
        name = uri.replace("\\", "/").upper()
        if not name or name.startswith("/") or ":" in name or ".." in name.split("/"):
            continue
        path = f"{folder}/{name}"
        if path in archive:
            return path
    raise refusal("absent", "Un document annoncé par METADATA.XML n'est pas dans l'archive.")


def _document(content: bytes, entry: Entry, warnings: list[str]) -> ReceivedDocument:
    """Raises ContextError when the bytes are not those that were announced."""
    if not entry.size:
        warnings.append(NO_SIZE)
    elif not (entry.size.isascii() and entry.size.isdigit() and int(entry.size[:20]) == len(content)):
        raise refusal("document-size", "Un document n'a pas la taille annoncée : l'envoi a été coupé ou modifié.")
    if not entry.hash:
        warnings.append(NO_HASH)
    elif not _SHA1.fullmatch(entry.hash) or entry.hash != hashlib.sha1(content, usedforsecurity=False).hexdigest():
        raise refusal("document-hash", "L'empreinte d'un document n'est pas celle annoncée : l'envoi a été modifié.")
    return ReceivedDocument(
        content=content,
        mime=entry.mime or "application/octet-stream",
        title=entry.title,
        name=posixpath.basename(entry.uri.replace("\\", "/")),
        created=entry.created,
        unique_id=entry.unique_id,
        type_code=entry.type_code,
    )


def _replaces(metadata: Metadata, entries: list[Entry], warnings: list[str]) -> str:
    """The uniqueId of what is replaced, where the archive tells it; else a warning: an entryUUID says nothing outside."""
    unique_ids = {entry.id: entry.unique_id for entry in metadata.entries}
    for entry in entries:
        target = metadata.replaced.get(entry.id, "")
        if known := unique_ids.get(target) or (plain(target[8:]) if target.startswith("urn:oid:") else ""):
            return known
        if target:
            warnings.append(REPLACES_UNKNOWN)
    return ""


def _patient(entries: list[Entry], warnings: list[str]) -> ReceivedPatient:
    """As the first entry that names one."""
    told = next((entry for entry in entries if entry.patient_info), entries[0])
    names: dict[str, tuple[str, str]] = {}
    fields: dict[str, str] = {}
    for line in told.patient_info:
        field, _, value = line.partition("|")
        if field == "PID-5":
            parts = [*value.partition("~")[0].split("^"), *[""] * 7]
            names.setdefault(parts[6] or "L", (plain(parts[0]), plain(parts[1])))
        else:
            fields.setdefault(field, value.strip())
    birth, used = names.get("L", ("", "")), names.get("D", ("", ""))
    number = told.source_patient_id.split("^")[0]
    return ReceivedPatient(
        family=birth[0] or used[0],
        given=birth[1] or used[1],
        birth_family=birth[0],
        used_family=used[0],
        birth_date=_birth(fields.get("PID-7", ""), warnings),
        sex={"M": Sex.MALE, "F": Sex.FEMALE, "U": Sex.UNKNOWN}.get(fields.get("PID-8", "")),
        ins=_ins(told.patient_id, warnings),
        file_number="" if told.source_patient_id.endswith("^NH") else plain(number),
    )


def _ins(cx: str, warnings: list[str]) -> InsIdentity | None:
    """The INS of a CX `INS^^^&OID&ISO^NH`; None for another number."""
    parts = [*cx.split("^"), *[""] * 5]
    authority = [*parts[3].split("&"), "", ""][1]
    if authority not in INS_OIDS:
        if parts[4] == "NH":
            warnings.append(BAD_INS)
        return None
    if not is_ins(parts[0]):
        warnings.append(BAD_INS)
        return None
    return InsIdentity(parts[0], authority)


def _birth(value: str, warnings: list[str]) -> date | None:
    born = moment(value[:8])
    if value and born is None:
        warnings.append(PARTIAL_BIRTH)
    return born.date() if born else None
