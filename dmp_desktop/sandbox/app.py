"""The WSGI application: from an HTTP request to a transaction, and back to a SOAP answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from cryptography import x509

from dmp_desktop.domain.ports import Clock
from dmp_desktop.sandbox import (
    assertion,
    authorisation,
    ended,
    existence,
    fhir,
    habilitations,
    insi,
    mtom,
    names,
    patient_list,
    person_search,
    retrieve,
    search,
    soap,
    submit,
    update,
    vihf,
)
from dmp_desktop.sandbox.faults import ConnectionDropped, Faults, RegistryRefusal, SoapFault
from dmp_desktop.sandbox.mtom import Message
from dmp_desktop.sandbox.psc_state import Sessions
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.store import Store
from dmp_desktop.sandbox.tolerances import Tolerances

MAX_BODY = 120 * 1024 * 1024
"""Largest request read, in bytes: the DMP's own limit is unknown, a lot of 50 MB must pass."""

log = logging.getLogger(__name__)
logging.getLogger("signxml").setLevel(logging.WARNING)  # at DEBUG it writes what it verifies: an INS among the rest

StartResponse = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: HTTP status, media type, body."""

    status: str
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """One transaction of an endpoint: what it answers with. `refusal` writes a Failure where the schema is the query's.

    `patient` tells whether the VIHF must name one; `ended` that only a sandbox with `Tolerances.ended_transactions` knows it.
    """

    answer_action: str
    handle: Callable[[Request], bytes | Message]
    refusal: Callable[[RegistryRefusal], bytes] = field(
        default=lambda refusal: soap.registry_response(names.FAILURE, refusal.problems)
    )
    patient: bool = True
    ended: bool = False


ROUTES: dict[tuple[str, str], Route] = {
    ("/patients", names.ACTION_EXISTENCE): Route(existence.ANSWER_ACTION, existence.answer),
    ("/habilitations", names.ACTION_SET_AUTHORIZATION): Route(
        names.ACTION_SET_AUTHORIZATION + "Response", authorisation.answer
    ),
    ("/habilitations", names.ACTION_LIST_AUTHORIZATIONS): Route(
        names.ACTION_LIST_AUTHORIZATIONS + "Response", habilitations.answer
    ),
    ("/patients", names.ACTION_PATIENT_LIST): Route(
        names.ACTION_PATIENT_LIST + "Response", patient_list.answer, patient=False
    ),
    ("/patients", names.ACTION_PERSON_SEARCH): Route(person_search.ANSWER_ACTION, person_search.answer, patient=False),
    ("/patients", names.ACTION_CREATE): Route("urn:hl7-org:v3:PRPA_IN201312UV02", ended.create, ended=True),
    ("/patients", names.ACTION_REVISE): Route(names.ACTION_REVISE_ANSWER, ended.revise, ended=True),
    ("/patients", ended.ACTION_ACCOUNT): Route(ended.ACTION_ACCOUNT + "Response", ended.open_account, ended=True),
    ("/registry", names.ACTION_QUERY): Route(names.ACTION_QUERY + "Response", search.answer, search.refusal),
    ("/registry", names.ACTION_UPDATE): Route(update.ANSWER_ACTION, update.answer),
    ("/repository", names.ACTION_PROVIDE): Route(names.ACTION_PROVIDE + "Response", submit.answer),
    ("/repository", names.ACTION_RETRIEVE): Route(
        names.ACTION_RETRIEVE + "Response", retrieve.answer, retrieve.refusal
    ),
}
BODIES = {
    names.q(names.HL7, "PRPA_IN201307UV02"): names.ACTION_EXISTENCE,
    names.q(names.HABILITATIONS, "setAuthorization"): names.ACTION_SET_AUTHORIZATION,
    names.q(names.HABILITATIONS, "listAuthorizationByPatient"): names.ACTION_LIST_AUTHORIZATIONS,
    names.q(names.PATIENTS, "patientList"): names.ACTION_PATIENT_LIST,
    names.q(names.HL7, person_search.INTERACTION): names.ACTION_PERSON_SEARCH,
    names.q(names.HL7, ended.CREATE): names.ACTION_CREATE,
    names.q(names.HL7, ended.REVISE): names.ACTION_REVISE,
    names.q(names.PATIENTS, ended.ACCOUNT): ended.ACTION_ACCOUNT,
    names.q(names.QUERY, "AdhocQueryRequest"): names.ACTION_QUERY,
    names.q(names.LCM, "SubmitObjectsRequest"): names.ACTION_UPDATE,
    names.q(names.XDSB, "ProvideAndRegisterDocumentSetRequest"): names.ACTION_PROVIDE,
    names.q(names.XDSB, "RetrieveDocumentSetRequest"): names.ACTION_RETRIEVE,
}
PATHS = frozenset(path for path, _ in ROUTES)


@dataclass(slots=True)
class Application:
    """The server's side of the wire. Request bodies are never logged."""

    store: Store
    authority: x509.Certificate
    clock: Clock
    tolerances: Tolerances
    faults: Faults
    psc: Sessions
    insi: insi.Teleservice
    fhir: fhir.Facade = field(init=False)

    def __post_init__(self) -> None:
        self.fhir = fhir.Facade(self.store, self.authority, self.clock, self.tolerances, self.faults, self.psc)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """WSGI entry point."""
        started = time.perf_counter()
        if self.faults.delay_seconds:
            time.sleep(self.faults.delay_seconds)
        try:
            reply = self._reply(environ)
            dropped = self.faults.take("drop_answer")
        except ConnectionDropped:
            dropped = True
        if dropped:
            environ["sandbox.drop"]()
            return ()
        log.info("%s %s %d ms", environ["PATH_INFO"], reply.status, (time.perf_counter() - started) * 1000)
        date = format_datetime(
            self.clock.now().astimezone(UTC), usegmt=True
        )  # RFC 9110 §6.6.1: who has a clock tells it
        headers = [("Date", date), ("Content-Type", reply.content_type), ("Content-Length", str(len(reply.body)))]
        headers += reply.headers
        start_response(reply.status, headers)
        return (reply.body,)

    def _reply(self, environ: dict[str, Any]) -> Reply:
        path = str(environ["PATH_INFO"]).removeprefix(names.BASE_PATH)
        message = mtom.Incoming(environ, MAX_BODY)
        if self.faults.take("unavailable"):
            message.drain()
            return Reply("503 Service Unavailable", "text/plain; charset=UTF-8", b"Service indisponible")
        if fhir.serves(str(environ["PATH_INFO"])):
            answer = self.fhir.reply(environ, message)
            return Reply(answer.status, answer.content_type, answer.body, answer.headers)
        if path == insi.PATH:
            return Reply(*self.insi.reply(environ, message))
        if path not in PATHS:
            message.drain()
            return Reply("404 Not Found", "text/plain; charset=UTF-8", b"Service inconnu")
        if environ["REQUEST_METHOD"] != "POST":
            message.drain()
            return Reply("405 Method Not Allowed", "text/plain; charset=UTF-8", b"POST")
        relates_to = ""
        try:
            untrusted, parts = message.read()
            envelope = soap.parse_envelope(untrusted, self.tolerances)
            relates_to = envelope.message_id
            route = self._route(path, envelope, message.action)
            return self._answer(route, environ, envelope, parts)
        except SoapFault as error:
            log.info("fault %s", error.code)
            body = soap.fault(error, relates_to)
            return Reply("500 Internal Server Error", soap_type(names.ACTION_FAULT), body)

    def _route(self, path: str, envelope: soap.Envelope, http_action: str) -> Route:
        """The transaction by its Action, which must agree with the HTTP header and with the body."""
        expected = BODIES.get(envelope.body.tag, "")
        action = envelope.action or (expected if self.tolerances.missing_addressing else "")
        route = ROUTES.get((path, action))
        hidden = route is not None and route.ended and not self.tolerances.ended_transactions
        if route is None or hidden or (http_action and http_action != action) or (expected and expected != action):
            raise SoapFault("wsa:ActionNotSupported", "The action cannot be processed at the receiver", names.WSA)
        return route

    def _answer(self, route: Route, environ: dict[str, Any], envelope: soap.Envelope, parts: dict[str, bytes]) -> Reply:
        now = self.clock.now()
        signed = assertion.verify(envelope.header, self.authority, now, self.tolerances)
        peer = x509.load_pem_x509_certificate(str(environ["SSL_CLIENT_CERT"]).encode())
        asker = vihf.read(signed, peer, now, self.tolerances, self.psc, patient_needed=route.patient)
        request = Request(
            store=self.store,
            vihf=asker,
            signer=signed.certificate,
            authority=self.authority,
            body=envelope.body,
            parts=parts,
            now=now,
            tolerances=self.tolerances,
            faults=self.faults,
        )
        request.refuse_secret_of_an_adult()
        try:
            content = route.handle(request)
        except RegistryRefusal as refusal:
            log.info("refused %s", ",".join(problem.code for problem in refusal.problems))
            content = route.refusal(refusal)
        if isinstance(content, Message):
            root = soap.answer(route.answer_action, envelope.message_id, content.root)
            return Reply("200 OK", *mtom.write(root, content.parts, route.answer_action))
        body = soap.answer(route.answer_action, envelope.message_id, content)
        return Reply("200 OK", soap_type(route.answer_action), body)


def soap_type(action: str) -> str:
    """Media type of a plain SOAP 1.2 message (RFC 3902)."""
    return f'application/soap+xml; charset=UTF-8; action="{action}"'
