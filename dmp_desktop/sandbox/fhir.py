"""The FHIR facade (PDSm4DMP-EEDS draft over PDSm 3.1.1 and MHD 4.2): the same record, rights and checks as the SOAP side.

The draft does not say who the asker is told by: `Authorization: Bearer <base64url of the signed VIHF>` is ours, as is whatever
docs/adr/0016 marks so. Nothing of a request is ever logged.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from cryptography import x509
from lxml import etree

from dmp_desktop.domain.ports import Clock
from dmp_desktop.sandbox import (
    assertion,
    fhir_names,
    fhir_patient,
    fhir_schema,
    fhir_search,
    fhir_submit,
    fhir_update,
    mtom,
    names,
    retrieve,
    soap,
    vihf,
)
from dmp_desktop.sandbox.faults import Faults, RegistryRefusal, SoapFault
from dmp_desktop.sandbox.fhir_errors import PHRASES, Refused, malformed, outcome
from dmp_desktop.sandbox.fhir_names import BASE, JSON_PATCH_TYPE, JSON_TYPE, Json
from dmp_desktop.sandbox.fhir_read import Shelf
from dmp_desktop.sandbox.fhir_search import Asked
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.psc_state import Sessions
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Transaction
from dmp_desktop.sandbox.store import Store
from dmp_desktop.sandbox.tolerances import Tolerances

log = logging.getLogger(__name__)

_JSON = frozenset({JSON_TYPE, "application/json"})
_FORM = "application/x-www-form-urlencoded"
_TYPES = frozenset({"Patient", "Consent", "DocumentReference", "List", "Binary", "Bundle", "metadata"})
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: str
    content_type: str
    body: bytes
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request, its asker known."""

    request: Request
    environ: Mapping[str, Any]
    media: str
    body: bytes
    url: str
    identifier: str = ""

    @property
    def asked(self) -> Asked:
        """The criteria, of the address or of a form."""
        query = (
            self.body.decode("utf-8", "replace") if self.media == _FORM else str(self.environ.get("QUERY_STRING", ""))
        )
        return Asked(parse_qsl(query, keep_blank_values=True), self.url)

    def resource(self, *kinds: str) -> Json:
        if self.media not in _JSON:
            raise Refused(415, "DMPInvalidMessage", f"Type de contenu attendu : {JSON_TYPE}")
        return fhir_schema.parse(self.body, *kinds)


def serves(path: str) -> bool:
    """True for the addresses of the facade."""
    return path == BASE or path.startswith(f"{BASE}/")


@dataclass(slots=True)
class Facade:
    """All interactions of docs/adr/0016."""

    store: Store
    authority: x509.Certificate
    clock: Clock
    tolerances: Tolerances
    faults: Faults
    psc: Sessions
    _routes: Mapping[tuple[str, str], Callable[[Call], Answer]] = field(init=False)

    def __post_init__(self) -> None:
        self._routes = {
            ("GET", "Patient"): lambda call: _found(fhir_patient.search(call.request, call.asked)),
            ("POST", "Patient/_search"): _search(fhir_patient.search),
            ("GET", "Consent"): lambda call: _found(fhir_patient.consents(call.request, call.asked)),
            ("POST", "Consent/_search"): _search(fhir_patient.consents),
            ("POST", "Consent"): _consent,
            ("GET", "DocumentReference"): lambda call: _found(fhir_search.documents(call.request, call.asked)),
            ("POST", "DocumentReference/_search"): _search(fhir_search.documents),
            ("GET", "DocumentReference/*"): lambda call: _found(fhir_search.document(call.request, call.identifier)),
            ("POST", "DocumentReference"): _publish,
            ("PATCH", "DocumentReference"): _patch,
            ("PATCH", "DocumentReference/*"): _patch,
            ("GET", "List"): lambda call: _found(fhir_search.lists(call.request, call.asked)),
            ("POST", "List/_search"): _search(fhir_search.lists),
            ("GET", "List/*"): lambda call: _found(fhir_search.submission(call.request, call.identifier)),
            ("GET", "Binary/*"): _binary,
            ("POST", ""): lambda call: _found(fhir_submit.provide(call.request, call.resource("Bundle"))),
        }

    def reply(self, environ: Mapping[str, Any], message: mtom.Incoming) -> Answer:
        """The answer, an OperationOutcome where it is refused."""
        try:
            body = message.plain()
            return self._route(environ, body)
        except (Refused, SoapFault, RegistryRefusal) as error:
            message.drain()
            status, content = outcome(error)
            log.info("refused %s", content["issue"][0]["details"]["coding"][0]["code"])
            headers: Headers = (("WWW-Authenticate", "Bearer"),) if status == 401 else ()
            return Answer(f"{status} {PHRASES[status]}", JSON_TYPE, _dump(content), headers)

    def _route(self, environ: Mapping[str, Any], body: bytes) -> Answer:
        path = str(environ["PATH_INFO"]).removeprefix(BASE).strip("/")
        method = str(environ["REQUEST_METHOD"])
        if (method, path) == ("GET", "metadata"):
            return _found(_CAPABILITIES)
        kind, _, identifier = path.partition("/")
        pattern = path if identifier in {"", "_search"} else f"{kind}/*"
        route = self._routes.get((method, pattern))
        if route is None and not any(known == pattern for _, known in self._routes):
            text = "Aucun document FHIR n'est conservé" if kind == "Bundle" else "Adresse inconnue"
            raise Refused(404, "XDSDocumentUniqueIdError" if kind in _TYPES else "DMPInvalidMessage", text)
        if route is None:
            raise Refused(405, "DMPInvalidMessage", "Cette interaction n'existe pas")
        media, _ = mtom.parameters(str(environ.get("CONTENT_TYPE", "")))
        url = f"https://{environ.get('HTTP_HOST', 'localhost')}{BASE}/{kind}"
        return route(Call(self._request(environ), environ, media, body, url, identifier))

    def _request(self, environ: Mapping[str, Any]) -> Request:
        """Who asks, proved as on the SOAP side. Raises SoapFault."""
        now = self.clock.now()
        signed = assertion.verify(_bearer(environ), self.authority, now, self.tolerances)
        peer = x509.load_pem_x509_certificate(str(environ["SSL_CLIENT_CERT"]).encode())
        request = Request(
            store=self.store,
            vihf=vihf.read(signed, peer, now, self.tolerances, self.psc),
            signer=signed.certificate,
            authority=self.authority,
            body=etree.Element("fhir"),
            parts={},
            now=now,
            tolerances=self.tolerances,
            faults=self.faults,
        )
        request.refuse_secret_of_an_adult()
        return request


def _bearer(environ: Mapping[str, Any]) -> etree._Element:
    """The VIHF of the Authorization header, in the security header its verification looks for. The signed bytes are left as
    they are: exclusive canonicalisation does not see what surrounds them (reference §3.2)."""
    scheme, _, token = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    try:
        content = base64.b64decode(
            token.strip().rstrip("=") + "=" * (-len(token.strip().rstrip("=")) % 4), b"-_", validate=True
        )
    except (binascii.Error, ValueError) as error:
        raise assertion.refuse("L'en-tête Authorization n'est pas du base64url") from error
    if scheme.lower() != "bearer" or not content:
        raise assertion.refuse("L'en-tête Authorization: Bearer doit porter le VIHF")
    wrapped = b'<h:Header xmlns:h="%s"><w:Security xmlns:w="%s">%s</w:Security></h:Header>'
    try:
        header = soap.parse_xml(wrapped % (names.SOAP12.encode(), names.WSSE.encode(), content))
    except SoapFault as error:
        raise assertion.refuse("Le VIHF n'est pas un document XML bien formé") from error
    if header.tag != q(names.SOAP12, "Header"):
        raise assertion.refuse("L'en-tête Authorization doit porter le VIHF et rien d'autre")
    return header


def _dump(found: Json) -> bytes:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _found(found: Json, status: str = "200 OK", headers: Headers = ()) -> Answer:
    version = found.get("meta", {}).get("versionId")
    etag: Headers = (("ETag", f'W/"{version}"'),) if version else ()
    return Answer(status, f"{JSON_TYPE}; charset=UTF-8", _dump(found), (*headers, *etag))


def _search(run: Callable[[Request, Asked], Json]) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        if call.media != _FORM:
            raise Refused(415, "DMPInvalidMessage", f"Type de contenu attendu : {_FORM}")
        return _found(run(call.request, call.asked))

    return answer


def _consent(call: Call) -> Answer:
    return _found(fhir_patient.consent(call.request, call.resource("Consent")), "201 Created")


def _publish(call: Call) -> Answer:
    identifier = fhir_submit.publish(call.request, call.resource("DocumentReference"))
    found = Shelf.of(call.request).written(f"urn:uuid:{identifier}")
    return _found(found, "201 Created", (("Location", f"{call.url}/{identifier}"),))


def _patch(call: Call) -> Answer:
    if call.media not in _JSON | {JSON_PATCH_TYPE}:
        raise Refused(415, "DMPInvalidMessage", f"Type de contenu attendu : {JSON_TYPE} ou {JSON_PATCH_TYPE}")
    if call.identifier:
        current = fhir_update.by_id(call.request, call.identifier)
    else:
        if [name for name, _ in call.asked.pairs] != ["identifier"]:
            raise malformed("Un PATCH conditionnel désigne un document par identifier, et rien d'autre")
        current = fhir_update.find(call.request, call.asked.mandatory("identifier"))
    if_match = str(call.environ.get("HTTP_IF_MATCH", ""))
    return _found(fhir_update.apply(call.request, current, call.media, call.body, if_match))


def _binary(call: Call) -> Answer:
    """ITI-68: the bytes, or a Binary where FHIR is asked for."""
    request = call.request
    request.allow(Transaction.RETRIEVE)
    request.readable_dossier()
    entry = Shelf.of(request).by_id(call.identifier)
    problem, mime, content = retrieve.fetch(request, names.REPOSITORY_OID, entry.unique_id)
    if problem:
        raise RegistryRefusal(problem)
    etag = (("ETag", f'"{entry.slot("hash")}"'),)
    accepted = {mtom.parameters(item)[0] for item in str(call.environ.get("HTTP_ACCEPT", "*/*")).split(",")}
    if accepted & _JSON and mime not in accepted:
        found = {
            "resourceType": "Binary",
            "id": call.identifier,
            "contentType": mime,
            "data": base64.b64encode(content).decode(),
        }
        return Answer("200 OK", JSON_TYPE, _dump(found), etag)
    if not accepted & {mime, "*/*", f"{mime.partition('/')[0]}/*"} and not (
        mime == "text/xml" and "application/xml" in accepted
    ):
        raise Refused(406, "DMPInvalidMessage", "Le document n'existe pas sous ce type")
    return Answer("200 OK", mime, content, etag)


_CAPABILITIES: Json = {
    "resourceType": "CapabilityStatement",
    "status": "draft",
    "date": "2026-11-22",
    "kind": "instance",
    "fhirVersion": "4.0.1",
    "format": [JSON_TYPE],
    "patchFormat": [JSON_TYPE, JSON_PATCH_TYPE],
    "rest": [
        {
            "mode": "server",
            "interaction": [{"code": "transaction"}],
            "resource": [
                {"type": kind, "interaction": [{"code": code} for code in codes]}
                for kind, codes in {
                    "Patient": ("search-type",),
                    "Consent": ("search-type", "create"),
                    "DocumentReference": ("search-type", "read", "create", "patch"),
                    "List": ("search-type", "read"),
                    "Binary": ("read",),
                }.items()
            ],
        }
    ],
    "implementation": {"description": f"Bac à sable, {fhir_names.BASE}"},
}
