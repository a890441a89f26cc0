"""What a practice decides about identities, in the « identity » object of its file (cabinet.json): the documents it looks at,
what its pages print, who may ask INSi and who may see an INS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dmp_desktop.domain.fields import Fields, refuse
from dmp_desktop.domain.id_documents import PROGRAM_DOCUMENTS, IdDocument
from dmp_desktop.domain.identity import DocumentKind, folded
from dmp_desktop.domain.printed import EVERY_TRAIT, PrintedTrait

TRUST = {"haut": True, "autre": False}
_CODE = r"[a-z][a-z0-9-]{1,39}"
_NEVER_TRUSTED = ("PERMIS", "VITALE", "MUTUELLE")
"""[R] Whatever a practice says, a driving licence and what health insurers give prove nobody's identity (RNIV 1)."""
_MOST = 40


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """`insi_allowed` and `ins_allowed`: who may ask INSi, and see an INS, as `person_key`; None: whoever their role lets."""

    documents: tuple[IdDocument, ...] = PROGRAM_DOCUMENTS
    printed: frozenset[PrintedTrait] = EVERY_TRAIT
    insi_allowed: frozenset[str] | None = None
    ins_allowed: frozenset[str] | None = None


def identity_settings(untrusted: Any) -> IdentitySettings:
    """`{"documents": [{"code", "trust", "label"}], "printed": […], "insi_allowed": […], "ins_allowed": […]}`; what is not told
    is as the program has it. Raises ContextError with the field at fault."""
    if untrusted is None:
        return IdentitySettings()
    fields = Fields(untrusted, "identity")
    documents, printed = fields.raw("documents"), fields.raw("printed")
    settings = IdentitySettings(
        PROGRAM_DOCUMENTS if documents is None else _documents(documents, fields.at("documents")),
        EVERY_TRAIT if printed is None else _printed(printed, fields.at("printed")),
        *(_people(fields.raw(name), fields.at(name)) for name in ("insi_allowed", "ins_allowed")),
    )
    fields.close()
    return settings


def person_key(named: str) -> str:
    """Somebody as a list of the practice names them: PS_IdNat (an RPPS number stands for it), else family and given name."""
    named = named.strip()
    if len(named) == 11 and named.isdecimal():
        return f"8{named}"
    return named if any(char.isdigit() for char in named) else folded(named)


def _documents(untrusted: Any, path: str) -> tuple[IdDocument, ...]:
    documents = tuple(_document(Fields(one, f"{path}[{rank}]")) for rank, one in _listed(untrusted, path))
    if not documents:
        refuse(path, "au moins un justificatif est attendu")
    codes = [one.code for one in documents]
    for rank, code in enumerate(codes):
        if code in codes[:rank]:
            refuse(f"{path}[{rank}].code", "ce justificatif est déjà dans la liste")
    return documents


def _document(fields: Fields) -> IdDocument:
    code = fields.text("code", "code en minuscules, chiffres et tirets", _CODE)
    trusted = TRUST[fields.choice("trust", TRUST)]
    own = code not in set(DocumentKind)
    label = fields.text("label", "nom du justificatif") if own else ""
    fields.close()
    if trusted and any(word in folded(f"{code} {label}") for word in _NEVER_TRUSTED):
        refuse(
            fields.at("trust"),
            "« autre » est attendu : un permis de conduire, une carte Vitale ou de mutuelle ne sont jamais de haut niveau de "
            "confiance (RNIV)",
        )
    return IdDocument(code, trusted, label)


def _printed(untrusted: Any, path: str) -> frozenset[PrintedTrait]:
    known = ", ".join(PrintedTrait)
    found = set()
    for rank, one in _listed(untrusted, path):
        if one not in list(PrintedTrait):
            refuse(f"{path}[{rank}]", f"une de ces valeurs est attendue : {known}")
        found.add(PrintedTrait(one))
    return frozenset(found)


def _people(untrusted: Any, path: str) -> frozenset[str] | None:
    if untrusted is None:
        return None
    found = set()
    for rank, one in _listed(untrusted, path):
        if not isinstance(one, str) or not person_key(one):
            refuse(f"{path}[{rank}]", "un numéro RPPS ou PS_IdNat, ou le nom et le prénom de la carte, est attendu")
        found.add(person_key(one))
    return frozenset(found)


def _listed(untrusted: Any, path: str) -> Iterable[tuple[int, Any]]:
    if not isinstance(untrusted, list) or len(untrusted) > _MOST:
        refuse(path, f"une liste de {_MOST} éléments au plus est attendue")
    return enumerate(untrusted)
