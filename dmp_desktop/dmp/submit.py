"""TD2.1: deposit one lot (ITI-41, MTOM; reference §2.1, §5, §6)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from lxml import etree

from dmp_desktop.dmp import metadata, names, xades
from dmp_desktop.dmp.registry_reader import raise_refusal
from dmp_desktop.dmp.signing import Algorithm
from dmp_desktop.dmp.soap import unreadable
from dmp_desktop.dmp.vihf import Caller
from dmp_desktop.domain.documents import Author, DocumentEntry, Submission
from dmp_desktop.domain.ports import Signer


def imputed(submission: Submission, caller: Caller) -> Submission:
    """The lot as its sender answers for it: a secretary's is the structure's, whoever wrote its documents (reference §4)."""
    if not caller.is_employee:
        return submission
    told = caller.author
    return replace(submission, author=Author(institution=told.institution, institution_id=told.institution_id))


def signed(submission: Submission, signer: Signer, now: datetime, algorithm: Algorithm) -> tuple[DocumentEntry, bytes]:
    """The signature of a lot: entry and bytes. One signature of the signer. Raises CardError without the key."""
    documents = [(entry.unique_id, content) for entry, content in submission.documents]
    signature = xades.sign_lot(signer, submission.unique_id, documents, now, algorithm)
    unique = uuid.uuid5(uuid.NAMESPACE_OID, submission.unique_id)
    return metadata.signature_entry(submission, signature, now, unique), signature


def request(
    submission: Submission, signer: Signer, now: datetime, algorithm: Algorithm
) -> tuple[str, list[tuple[str, str, bytes]]]:
    """The body and its parts (content id, media type, bytes). One signature of the signer. Raises CardError without the key."""
    documents = [(entry.unique_id, content) for entry, content in submission.documents]
    signature = xades.sign_lot(signer, submission.unique_id, documents, now, algorithm)
    submission_uuid = uuid.uuid5(uuid.NAMESPACE_OID, submission.unique_id)
    lot = metadata.lot(submission, signature, now, submission_uuid)
    contents = [content for _, content in submission.documents] + [signature]
    parts = [
        (f"{name}@dmp-desktop", "text/xml", content) for name, content in zip(lot.document_ids, contents, strict=True)
    ]
    includes = "".join(
        f'<xds:Document id="{name}"><xop:Include xmlns:xop="{names.XOP}" href="cid:{name}@dmp-desktop"/></xds:Document>'
        for name in lot.document_ids
    )
    body = (
        f'<xds:ProvideAndRegisterDocumentSetRequest xmlns:xds="{names.XDSB}">{lot.xml}{includes}'
        "</xds:ProvideAndRegisterDocumentSetRequest>"
    )
    return body, parts


def read(root: etree._Element) -> None:
    """Raises DmpError unless the registry acknowledged the whole lot."""
    if root.tag != f"{{{names.RS}}}RegistryResponse":
        raise unreadable("no RegistryResponse")
    raise_refusal(root)
    if root.get("status") != names.STATUS_SUCCESS:
        raise unreadable("unknown status")
