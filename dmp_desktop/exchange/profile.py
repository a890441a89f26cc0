"""How the practice software wants what goes out to it: a folder, formats, names. One profile a software (ADR 38).

A name says nothing of the patient: a template may hold the day, the hour and the type of the document, and a digest of its
uniqueId. There is no field for a name, an INS or a number of the patient: file names are seen, listed, logged and copied.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Final

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.fields import Fields, refuse
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.hprim_write import ENCODINGS, LINE_ENDS

SUFFIXES: Final = {"pdf": ".pdf", "cda": ".xml", "xdm": ".zip", "hprim": ".hpr", "json": ".json"}
"""Formats, in the order in which they are written: the JSON names the others and comes last."""
TEMPLATE: Final = "{date}_{type}_{id}"
PLACEHOLDERS: Final = ("date", "heure", "type", "id")
MOST: Final = 10
_LONGEST: Final = 80
_NAMED = re.compile(r"\{([^{}]*)\}")
_ALLOWED = re.compile(r"[A-Za-z0-9À-ÖØ-öø-ÿ _.()-]*")
_NAME: Final = r"[^\x00-\x1f/\\]{1,60}"


@dataclass(frozen=True, slots=True)
class Profile:
    """`folders`: of a format that does not go to `folder`; absolute paths. `formats` are of SUFFIXES. `since` (aware): documents
    sent from then on are written by themselves; None: only on demand. `encoding` and `line_ends` are of HPRIM."""

    name: str
    folder: str
    formats: tuple[str, ...] = ("pdf", "json")
    template: str = TEMPLATE
    encoding: str = ENCODINGS[0]
    line_ends: str = "crlf"
    since: datetime | None = None
    folders: Mapping[str, str] = field(default_factory=dict)

    def folder_of(self, kind: str) -> Path:
        return Path(self.folders.get(kind, self.folder))

    @property
    def used_folders(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(self.folder_of(kind)) for kind in self.formats))


def profile_from_dict(untrusted: Any, path: str = "") -> Profile:
    """The form of `profile_to_dict`. Raises ContextError with the field at fault."""
    fields = Fields(untrusted, path)
    formats, folders = fields.raw("formats"), fields.raw("folders") or {}
    if not isinstance(formats, list) or not formats or any(one not in SUFFIXES for one in formats):
        refuse(fields.at("formats"), "une liste de formats est attendue parmi : " + ", ".join(SUFFIXES))
    if not isinstance(folders, dict) or any(key not in SUFFIXES or not _is_path(one) for key, one in folders.items()):
        refuse(fields.at("folders"), "un dossier par format est attendu")
    folder, since = fields.raw("folder"), fields.moment("since")
    if not _is_path(folder):
        refuse(fields.at("folder"), "le chemin complet d'un dossier est attendu")
    made = Profile(
        name=fields.text("name", "nom du logiciel métier", _NAME),
        folder=folder,
        formats=tuple(kind for kind in SUFFIXES if kind in formats),
        template=checked_template(fields.text("template", "modèle de nom de fichier"), fields.at("template")),
        encoding=fields.choice("encoding", ENCODINGS),
        line_ends=fields.choice("line_ends", LINE_ENDS),
        since=since,
        folders=dict(folders),
    )
    fields.close()
    return made


def profile_to_dict(profile: Profile) -> dict[str, Any]:
    """The form that `profile_from_dict` reads."""
    names = ("name", "folder", "template", "encoding", "line_ends")
    return {
        **{name: getattr(profile, name) for name in names},
        "formats": list(profile.formats),
        "folders": dict(profile.folders),
        "since": profile.since.isoformat() if profile.since else None,
    }


def checked_template(typed: str, path: str = "template") -> str:
    """A template of names, without its suffix. Raises ContextError: what it may not hold is named, never quoted."""
    template = typed.strip()
    unknown = [name for name in _NAMED.findall(template) if name not in PLACEHOLDERS]
    if unknown:
        raise ContextError(
            "profile-placeholder",
            "Le modèle de nom contient un champ qui n'existe pas : un nom de fichier ne porte ni le nom, ni l'INS du patient.",
            "Champs possibles : " + ", ".join(f"{{{name}}}" for name in PLACEHOLDERS) + ".",
            field=path,
        )
    fixed = _NAMED.sub("", template)
    if (
        not template
        or len(template) > _LONGEST
        or not _ALLOWED.fullmatch(fixed)
        or template[0] in ". "
        or fixed == template
    ):
        refuse(path, "lettres, chiffres, espaces, « _ », « - », « . » et au moins un champ, 80 caractères au plus")
    return template


def stem(template: str, entry: DocumentEntry, zone: tzinfo | None) -> str:
    """The name of the files of a document, without suffix; hours are those of `zone`. The same document has always the same."""
    at = (entry.service_start or entry.creation_time).astimezone(zone)
    told = {
        "date": f"{at.year:04}{at.month:02}{at.day:02}",
        "heure": f"{at:%H%M}",
        "type": re.sub(r"[^A-Za-z0-9-]", "", entry.type_code.code)[:20] or "document",
        "id": short_id(entry.unique_id),
    }
    return _NAMED.sub(lambda one: told[one[1]], template)


def example(template: str) -> str:
    """A name as a template makes it, of a document that is none."""
    told = {"date": "20261120", "heure": "1005", "type": "11488-4", "id": short_id("2.25.1")}
    return _NAMED.sub(lambda one: told.get(one[1], one[0]), template)


def short_id(unique_id: str) -> str:
    """16 hex digits of its SHA-256: some software derives a uniqueId from the patient's number."""
    return hashlib.sha256(unique_id.encode()).hexdigest()[:16]


def _is_path(told: object) -> bool:
    return isinstance(told, str) and bool(told) and "\0" not in told and Path(told).is_absolute()
