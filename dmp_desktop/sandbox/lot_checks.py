"""What a lot must be (ITI-41): its objects, their links, their documents, its signature."""

from __future__ import annotations

from collections.abc import Iterator

from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.sandbox import names, syntax
from dmp_desktop.sandbox.checks import METADATA, METADATA_ERROR, Rule, Subject


def members_declared(subject: Subject) -> Iterator[str]:
    """Each entry belongs to the set by one HasMember that says Original."""
    sets = {found.id for found in subject.lot.sets}
    members = [link for link in subject.lot.associations if link.type == names.HAS_MEMBER and link.source in sets]
    for entry in subject.lot.entries:
        if sum(link.target == entry.id for link in members) != 1:
            yield "un document n'est pas rattaché au lot par un HasMember unique"
    inside = {found.id for found in (*subject.lot.entries, *subject.lot.folders)}
    for link in members:
        told = link.slots.get("SubmissionSetStatus")
        if link.target in inside and told != ("Original",):
            yield "HasMember sans SubmissionSetStatus=Original"
        if link.target not in inside and (told != ("Reference",) or not syntax.is_uuid(link.target)):
            yield "un document absent du lot n'y est rattaché que par référence (Reference, entryUUID)"


def nothing_updated(subject: Subject) -> Iterator[str]:
    """Versions of metadata and statuses are for TD3.3 (ITI-57)."""
    if any("PreviousVersion" in link.slots for link in subject.lot.associations):
        yield "PreviousVersion n'a de sens que dans une mise à jour"
    if any(entry.status not in {"", Availability.APPROVED.value} for entry in subject.lot.entries):
        yield "un document déposé est toujours Approved"


def associations_valid(subject: Subject) -> Iterator[str]:
    inside = {found.id for found in subject.objects}
    for link in subject.lot.associations:
        if link.type not in names.RELATIONSHIPS:
            yield "type d'association inconnu"
        if link.source not in inside:
            yield "la source d'une association n'est pas dans le message"


def replacements_valid(subject: Subject) -> Iterator[str]:
    replaced = [link for link in subject.lot.associations if link.type in names.REPLACING]
    for link in replaced:
        if not syntax.is_uuid(link.target):
            yield "un remplacement vise un entryUUID (urn:uuid:…)"
    if len({link.source for link in replaced}) != len(replaced) or len({link.target for link in replaced}) != len(
        replaced
    ):
        yield "un document remplace plusieurs documents, ou est remplacé plusieurs fois"


def imputed_to_structure(subject: Subject) -> Iterator[str]:
    """What a secretary or the structure's certificate feeds is the structure's: an author of the set and of each document
    writes for it (reference §4; that this is read in authorInstitution is [R])."""
    for found in (*subject.lot.sets, *subject.clinical):
        places = [value.split("^")[9:10] for value in found.author_values("authorInstitution")]
        if subject.structure and [subject.structure] not in places:
            yield f"{found.kind.value} n'a pas pour auteur la structure du VIHF"


def secret_from_parents(subject: Subject) -> Iterator[str]:
    """In a minor's secret connection a document is hidden from the legal representatives, and from nobody else (EX_2.1-1050)."""
    restricted = {Visibility.INVISIBLE_REPRESENTANTS_LEGAUX.code}
    others = {visibility.code for visibility in Visibility} - restricted
    for entry in subject.clinical:
        if subject.secret and (not restricted <= entry.confidentiality or others & entry.confidentiality):
            yield "en connexion secrète, un document est invisible aux représentants légaux et d'eux seuls"


def entries_have_documents(subject: Subject) -> Iterator[str]:
    for entry in subject.lot.entries:
        if entry.id not in subject.lot.documents:
            yield "un document annoncé n'est pas joint"


def documents_have_entries(subject: Subject) -> Iterator[str]:
    if set(subject.lot.documents) - {entry.id for entry in subject.lot.entries}:
        yield "un document joint n'est pas décrit"


def signature_present(subject: Subject) -> Iterator[str]:
    """One signature entry, of the set (reference §6)."""
    signatures = [entry.id for entry in subject.lot.entries if entry.is_signature]
    sets = {found.id for found in subject.lot.sets}
    links = [link for link in subject.lot.associations if link.type == names.SIGNS]
    if len(signatures) != 1 or [link.source for link in links] != signatures or links[0].target not in sets:
        yield "le lot doit porter une signature, liée au SubmissionSet par une association signs"
    if not subject.clinical:
        yield "le lot ne contient aucun document"


RULES: dict[Rule, str] = {
    **METADATA,
    members_declared: METADATA_ERROR,
    nothing_updated: METADATA_ERROR,
    associations_valid: METADATA_ERROR,
    replacements_valid: METADATA_ERROR,
    imputed_to_structure: METADATA_ERROR,
    secret_from_parents: METADATA_ERROR,
    entries_have_documents: "XDSMissingDocument",
    documents_have_entries: "XDSMissingDocumentMetadata",
    signature_present: METADATA_ERROR,
}
