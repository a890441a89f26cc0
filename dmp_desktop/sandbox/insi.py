"""The stand-in INSi teleservice: who is asked for, by traits or by carte Vitale (reference §7). SOAP 1.2, its own path.

What the reference could not read is marked [R]; codes of refusal that begin with `bas_` are the stand-in's own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.x509.oid import NameOID
from lxml import etree

from dmp_desktop.domain.ins import nir_key
from dmp_desktop.domain.ports import Clock
from dmp_desktop.sandbox import assertion, insi_checks, insi_people, names, soap, vihf
from dmp_desktop.sandbox.faults import OrderedFaults, SoapFault
from dmp_desktop.sandbox.insi_people import Person
from dmp_desktop.sandbox.mtom import Incoming
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.psc_state import Sessions
from dmp_desktop.sandbox.tolerances import Tolerances

PATH = "/lps"
SERVICE = "urn:ServiceIdentiteCertifiee:1.0.0:"
BY_TRAITS, BY_VITALE = f"{SERVICE}rechercherInsAvecTraitsIdentite", f"{SERVICE}rechercherInsAvecCarteVitale"
BODIES = {
    q(insi_checks.TRAITS, "RECSANSVITALE"): BY_TRAITS,
    q(insi_checks.VITALE, "RECVITALE"): BY_VITALE,
}
RESULT = "http://www.cnamts.fr/INSiResultat"
SIRAM = "urn:siram"  # [R]: the reference writes the prefix only
AUTHORISATIONS = frozenset({"BAC-A-SABLE"})
SOFTWARE_NAMES = frozenset({"INSI-AUTO", "INSI-MANU"})
LABELS = {"00": "OK", "01": "Aucune identité trouvée", "02": "Plusieurs identités trouvées"}

log = logging.getLogger(__name__)


@dataclass(slots=True)
class InsiFaults(OrderedFaults):
    """Failures a test orders, consumed one by one. `wrong_key` answers a matricule with another key than its own."""

    desir_550: int = 0
    desir_560: int = 0
    siram_100: int = 0
    unavailable: int = 0
    wrong_key: int = 0


class Refusal(Exception):  # noqa: N818  # an answer
    """A fault of the teleservice: Subcode siram_100 and, in `siram:Erreur`, its own code; empty: the bare fault."""

    def __init__(
        self, code: str = "", reason: str = "Le service a rencontré une erreur", severity: str = "fatal"
    ) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.severity = severity


@dataclass(slots=True)
class Teleservice:
    """One endpoint beside those of the DMP. `asked` counts the questions understood, by operation."""

    authority: x509.Certificate
    clock: Clock
    tolerances: Tolerances
    psc: Sessions
    faults: InsiFaults = field(default_factory=InsiFaults)
    asked: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reply(self, environ: Mapping[str, Any], message: Incoming) -> tuple[str, str, bytes]:
        """HTTP status, media type and body. Nothing of the request is ever logged."""
        if environ["REQUEST_METHOD"] != "POST" or self.faults.take("unavailable"):
            message.drain()
            status = "503 Service Unavailable" if environ["REQUEST_METHOD"] == "POST" else "405 Method Not Allowed"
            return status, "text/plain; charset=UTF-8", b"INSi"
        try:
            untrusted, _ = message.read()
            action, message_id, body = self._understood(untrusted, message.action, str(environ["SSL_CLIENT_CERT"]))
            content = self._answer(action, body)
        except SoapFault as error:  # what reads XML and assertions speaks as the DMP does
            return _fault(Refusal("bas_message", error.reason))
        except insi_checks.Violation as violation:
            return _fault(Refusal(f"bas_{violation.what}", violation.reason))
        except Refusal as refusal:
            return _fault(refusal)
        return "200 OK", _media(f"{action}Response"), soap.answer(f"{action}Response", message_id, content)

    def _understood(self, untrusted: bytes, http_action: str, peer: str) -> tuple[str, str, etree._Element]:
        """Operation, MessageID where there is one, and body of a request that may be answered. Raises Refusal, Violation,
        SoapFault."""
        root = soap.parse_xml(untrusted)
        header, body = (root.find(q(names.SOAP12, name)) for name in ("Header", "Body"))
        if root.tag != q(names.SOAP12, "Envelope") or body is None or len(body) != 1:
            raise Refusal("bas_message", "Une enveloppe SOAP 1.2 à un élément est attendue")
        action = BODIES.get(body[0].tag, "")
        told = {http_action} if http_action else set()
        if header is not None and header.find(q(names.WSA, "Action")) is not None:
            told.add(header.findtext(q(names.WSA, "Action"), "").strip())
        if not action or told != {action}:
            raise Refusal("bas_operation", "L'opération n'est pas celle du corps")
        for code, reason in (
            ("desir_550", "Numéro d'autorisation inconnu"),
            ("DESIR_560", "Le certificat n'est pas un certificat INSI-AUTO ou INSI-MANU"),
            ("", "L'appel au service a échoué"),
        ):
            if self.faults.take(code.lower() or "siram_100"):
                raise Refusal(code, reason)
        if insi_checks.authorisation(header) not in AUTHORISATIONS:
            raise Refusal("desir_550", "Numéro d'autorisation inconnu")
        self.check_caller(header, x509.load_pem_x509_certificate(peer.encode()))
        message_id = "" if header is None else header.findtext(q(names.WSA, "MessageID"), "").strip()
        return action, message_id, body[0]

    def check_caller(self, header: etree._Element | None, peer: x509.Certificate) -> None:
        """A card signs an assertion; a software certificate has the name that INSi wants, and needs none.

        [R] The reference tells of the assertion only that it is SAML: the stand-in wants a VIHF, which names no patient.
        """
        if header is not None and header.find(q(names.WSSE, "Security")) is not None:
            now = self.clock.now()
            signed = assertion.verify(header, self.authority, now, self.tolerances)
            vihf.read(signed, peer, now, self.tolerances, self.psc, patient_needed=False)
            return
        subject = [str(part.value) for part in peer.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        if peer.subject.get_attributes_for_oid(NameOID.SURNAME):
            raise Refusal("bas_assertion", "Une carte signe une assertion SAML")
        if not SOFTWARE_NAMES.intersection(subject):
            raise Refusal("DESIR_560", "Le certificat n'est pas un certificat INSI-AUTO ou INSI-MANU")

    def _answer(self, action: str, body: etree._Element) -> bytes:
        if action == BY_TRAITS:
            asked = insi_checks.traits(body)
            found = insi_people.by_traits(asked.family, asked.given, asked.sex, asked.birth_date, asked.place)
        else:
            card = insi_checks.vitale(body)
            found = insi_people.by_vitale(card.own, card.opener, card.family, card.birth_date, card.rank)
        with self._lock:
            self.asked[action] = self.asked.get(action, 0) + 1
        code = ("01", "00", "02")[min(len(found), 2)]
        log.info("INSi %s %s", action.rpartition(":")[2], code)
        who = _individual(found[0], wrong_key=self.faults.take("wrong_key")) if code == "00" else ""
        return (
            f'<RESULTAT xmlns="{RESULT}"><CR><CodeCR>{code}</CodeCR><LibelleCR>{LABELS[code]}</LibelleCR></CR>{who}</RESULTAT>'
        ).encode()


def _individual(person: Person, *, wrong_key: bool) -> str:
    key = f"{int(person.key) % 97 + 1:02d}" if wrong_key else person.key
    since = person.history[-1][2] if person.history else ""
    former = "".join(
        f"<INSHISTO>{_matricule(number, nir_key(number), person.oid, begin, end)}</INSHISTO>"
        for number, begin, end in person.history
    )
    told = {
        "NomNaissance": person.family,
        "Prenom": person.given[0],
        "ListePrenom": " ".join(person.given),
        "Sexe": person.sex,
        "DateNaissance": person.birth_date,
        "LieuNaissance": person.place,
    }
    traits = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in told.items() if name not in person.hides)
    active = _matricule(person.matricule, key, person.oid, since, "")
    return f"<INDIVIDU><INSACTIF>{active}</INSACTIF>{former}<TIQ>{traits}</TIQ></INDIVIDU>"


def _matricule(number: str, key: str, oid: str, begin: str, end: str) -> str:
    dates = f"<DateDeb>{begin}</DateDeb>" * bool(begin) + f"<DateFin>{end}</DateFin>" * bool(end)
    return f"<IdIndividu><NumIdentifiant>{number}</NumIdentifiant><Cle>{key}</Cle></IdIndividu><OID>{oid}</OID>{dates}"


def _fault(refusal: Refusal) -> tuple[str, str, bytes]:
    log.info("INSi fault %s", refusal.code or "siram_100")
    reason = escape(refusal.reason)
    error = (
        f'<soap:Detail><siram:Erreur xmlns:siram="{SIRAM}" code="{refusal.code}" severite="{refusal.severity}">{reason}'
        "</siram:Erreur></soap:Detail>"
        if refusal.code
        else ""
    )
    body = (
        "<soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value><soap:Subcode><soap:Value>soap:siram_100</soap:Value>"
        f'</soap:Subcode></soap:Code><soap:Reason><soap:Text xml:lang="fr">{reason}</soap:Text></soap:Reason>{error}</soap:Fault>'
    )
    return "500 Internal Server Error", _media(names.ACTION_FAULT), soap.answer(names.ACTION_FAULT, "", body.encode())


def _media(action: str) -> str:
    return f'application/soap+xml; charset=UTF-8; action="{action}"'
