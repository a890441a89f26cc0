"""Raw INSi messages for the tests of the sandbox, written by hand from the reference: nothing here comes from our client."""

from __future__ import annotations

import uuid
from dataclasses import replace

from tests.helpers.dmp_wire import SOAP, WSSE, Answer, Caller

_PATIENT = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
SERVICE = "urn:ServiceIdentiteCertifiee:1.0.0:"
BY_TRAITS, BY_VITALE = f"{SERVICE}rechercherInsAvecTraitsIdentite", f"{SERVICE}rechercherInsAvecCarteVitale"
_STAMP = "<Id>{id}</Id><Temps>2026-11-22T10:00:00.000Z</Temps><Emetteur>810002422979</Emetteur>"
BAM = '<ContexteBAM xmlns="urn:siram:bam:ctxbam" Version="01_02">' + _STAMP + "<COUVERTURE/></ContexteBAM>"
LPS = (
    '<ContexteLPS xmlns="urn:siram:lps:ctxlps" Version="01_00" Nature="CTXLPS">'
    + _STAMP
    + '<LPS><IDAM R="4">BAC-A-SABLE</IDAM><Version>1</Version><Instance>x</Instance><Nom>Essai</Nom></LPS></ContexteLPS>'
)


def traits_body(family: str, given: str, sex: str, birth_date: str, place: str = "") -> str:
    """RECSANSVITALE; `given` names parted by `|`."""
    names = "".join(f"<Prenom>{name}</Prenom>" for name in given.split("|"))
    where = f"<LieuNaissance>{place}</LieuNaissance>" if place else ""
    return (
        f'<RECSANSVITALE xmlns="http://www.cnamts.fr/INSiRecSans"><NomNaissance>{family}</NomNaissance>{names}'
        f"<Sexe>{sex}</Sexe><DateNaissance>{birth_date}</DateNaissance>{where}</RECSANSVITALE>"
    )


def vitale_body(birth_date: str, rank: str = "1", *, opener: str = "", own: str = "", family: str = "") -> str:
    """RECVITALE; numbers with their key."""

    def number(name: str, value: str) -> str:
        parts = f"<NumIdentifiant>{value[:13]}</NumIdentifiant><Cle>{value[13:]}</Cle>"
        return f"<{name}>{parts}</{name}>" if value else ""

    who = f"<NomNaissance>{family}</NomNaissance>" if family else ""
    return (
        f'<RECVITALE xmlns="http://www.cnamts.fr/INSiRecVit">{number("MatriculeIndividu", own)}'
        f"{number('MatriculeOD', opener)}{who}<DateNaissance>{birth_date}</DateNaissance>"
        f"<RangNaissance>{rank}</RangNaissance></RECVITALE>"
    )


def message(body: str, security: str, *, bam: str = BAM, lps: str = LPS) -> bytes:
    contexts = (bam + lps).replace("{id}", str(uuid.uuid4()))
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{contexts}{security}</s:Header><s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


def ask(
    caller: Caller, body: str, action: str = BY_TRAITS, *, signed: bool = True, bam: str = BAM, lps: str = LPS
) -> Answer:
    """One question, with the assertion of the card unless told not to."""
    assertion = replace(caller.vihf(""), omitted=(_PATIENT,)).signed(caller.sign)
    security = f'<w:Security xmlns:w="{WSSE}">{assertion}</w:Security>' if signed else ""
    content = message(body, security, bam=bam, lps=lps)
    return caller.post("/lps", content, f'application/soap+xml; charset=UTF-8; action="{action}"')
