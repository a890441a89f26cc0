"""What a server that refuses says: OperationOutcome, in the words of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from dmp_desktop.dmp import catalogue
from dmp_desktop.dmp.fhir import names, tree
from dmp_desktop.dmp.fhir.tree import Node
from dmp_desktop.errors import DmpError

_GRAVE = ("fatal", "error")
# What a status means when no code of the DMP comes with it.
# Not 409: it is said of the same bytes and of others, and only the former are sent.
_BY_STATUS = {412: "XDSMetadataVersionError"}


def error(status: int, untrusted: bytes) -> DmpError:
    """The French error of an answer that is no success: the DMP's own code where it tells one, else its HTTP status."""
    try:
        told = next(_issues(tree.parse(untrusted)), None)
    except DmpError:  # whoever answered, the status is all there is
        told = None
    if told is not None and told[0]:
        return catalogue.error(*told)
    detail = told[1] if told else ""
    known = _BY_STATUS.get(status)
    return catalogue.error(known, detail) if known else catalogue.http_error(status).with_detail(detail)


def refuse(resource: Node) -> None:
    """Raises DmpError when a resource within an answer is a grave OperationOutcome; warnings are no refusal."""
    for code, text in _issues(resource):
        raise catalogue.error(code or "XDSRegistryError", text)


def codes(untrusted: bytes) -> list[str]:
    """The DMP's codes of an OperationOutcome, for a trace."""
    try:
        return [code for code, _text in _issues(tree.parse(untrusted)) if code]
    except DmpError:
        return []


def _issues(resource: Node) -> Iterator[tuple[str, str]]:
    """Code of the DMP, empty when it tells none, and sentence of each grave issue."""
    if tree.text(resource, "resourceType") != "OperationOutcome":
        return
    for issue in tree.children(resource, "issue"):
        if tree.text(issue, "severity") in _GRAVE:
            details = tree.child(issue, "details")
            named = (
                tree.text(coding, "code")
                for coding in tree.children(details, "coding")
                if tree.text(coding, "system") == names.DMP_ERROR
            )
            yield next(named, ""), tree.text(details, "text")
