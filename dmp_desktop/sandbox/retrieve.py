"""TD3.2: the bytes of documents, as MTOM parts (ITI-43)."""

from __future__ import annotations

from xml.sax.saxutils import escape

from lxml import etree

from dmp_desktop.sandbox import names, soap
from dmp_desktop.sandbox.faults import RegistryProblem, RegistryRefusal, SoapFault
from dmp_desktop.sandbox.model import Kind
from dmp_desktop.sandbox.mtom import Message
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Transaction
from dmp_desktop.sandbox.visibility import is_visible


def answer(request: Request) -> Message:
    """`RetrieveDocumentSetResponse` with one part a document. Raises SoapFault or RegistryRefusal."""
    wanted = parse(request.body)
    request.allow(Transaction.RETRIEVE)
    request.readable_dossier()
    parts: dict[str, bytes] = {}
    rows: list[str] = []
    problems: list[RegistryProblem] = []
    for rank, (repository, unique_id) in enumerate(wanted):
        problem, mime, content = fetch(request, repository, unique_id)
        if problem:
            problems.append(problem)
            continue
        identifier = f"document{rank}@dmp"
        parts[identifier] = content
        rows.append(
            f"<xdsb:DocumentResponse><xdsb:RepositoryUniqueId>{names.REPOSITORY_OID}</xdsb:RepositoryUniqueId>"
            f"<xdsb:DocumentUniqueId>{escape(unique_id)}</xdsb:DocumentUniqueId><xdsb:mimeType>{escape(mime)}</xdsb:mimeType>"
            f'<xdsb:Document><xop:Include xmlns:xop="{names.XOP}" href="cid:{identifier}"/></xdsb:Document>'
            "</xdsb:DocumentResponse>"
        )
    if not rows:
        raise RegistryRefusal(*problems)
    status = names.PARTIAL if problems else names.SUCCESS
    return Message(_response(status, tuple(problems), "".join(rows)), parts)


def refusal(error: RegistryRefusal) -> bytes:
    """The same answer, with errors only."""
    return _response(names.FAILURE, error.problems, "")


def _response(status: str, problems: tuple[RegistryProblem, ...], rows: str) -> bytes:
    return (
        f'<xdsb:RetrieveDocumentSetResponse xmlns:xdsb="{names.XDSB}" xmlns:rs="{names.RS}">'.encode()
        + soap.registry_response(status, problems)
        + f"{rows}</xdsb:RetrieveDocumentSetResponse>".encode()
    )


def parse(body: etree._Element) -> list[tuple[str, str]]:
    """(repository, uniqueId) of each document asked for, each said once. Raises SoapFault (code [R])."""
    rows = body.findall(q(names.XDSB, "DocumentRequest"))
    if body.tag != q(names.XDSB, "RetrieveDocumentSetRequest") or not rows:
        raise SoapFault("DMPInvalidMessage", "La demande ne désigne aucun document")
    wanted = [(_one(row, "RepositoryUniqueId"), _one(row, "DocumentUniqueId")) for row in rows]
    if len(set(wanted)) != len(wanted):
        raise SoapFault("DMPInvalidMessage", "Un document est demandé deux fois")
    return wanted


def _one(row: etree._Element, name: str) -> str:
    found = [(child.text or "").strip() for child in row.findall(q(names.XDSB, name))]
    if len(found) != 1 or not found[0]:
        raise SoapFault("DMPInvalidMessage", f"Chaque document est désigné par un {name}")
    return found[0]


def fetch(request: Request, repository: str, unique_id: str) -> tuple[RegistryProblem | None, str, bytes]:
    """Sending an entryUUID instead of the uniqueId gives XDSDocumentUniqueIdError (reference §2.1)."""
    if repository != names.REPOSITORY_OID:
        return RegistryProblem("XDSUnknownRepositoryId", "Entrepôt inconnu", repository), "", b""
    known = request.store.object(unique_id)
    if (
        known is None
        or known[0].kind is not Kind.ENTRY
        or known[0].unique_id != unique_id
        or known[1] != request.patient.value
        or not is_visible(known[0], request, request.profile)
    ):
        return RegistryProblem("XDSDocumentUniqueIdError", "Document inconnu pour ce patient", unique_id), "", b""
    content = request.store.document(unique_id)
    if content is None:
        return RegistryProblem("XDSRepositoryError", "Document absent de l'entrepôt", unique_id), "", b""
    return None, known[0].mime_type, content
