"""Requests to INSi: both contexts of the header, the two questions (reference §7). What is marked [R] was read in no source."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime

from dmp_desktop.dmp.names import SOAP, WSA, WSSE
from dmp_desktop.dmp.xmltext import xml
from dmp_desktop.domain.ins import is_ins
from dmp_desktop.domain.insi import TraitQuery, VitaleQuery
from dmp_desktop.domain.people import Sex

_SERVICE = "urn:ServiceIdentiteCertifiee:1.0.0:"
ACTION_TRAITS = f"{_SERVICE}rechercherInsAvecTraitsIdentite"
ACTION_VITALE = f"{_SERVICE}rechercherInsAvecCarteVitale"
_TRAITS, _VITALE = "http://www.cnamts.fr/INSiRecSans", "http://www.cnamts.fr/INSiRecVit"
_BAM, _LPS = "urn:siram:bam:ctxbam", "urn:siram:lps:ctxlps"
_LIGATURES = str.maketrans({"Œ": "OE", "Æ": "AE", "’": "'", "\u2010": "-", "\u2011": "-"})


@dataclass(frozen=True, slots=True)
class Emitter:
    """Who asks: `sender` is PS_IdNat [R]; `approval` the software's INSi authorisation (IDAM), which is not that of the DMP.

    `instance` tells this installation from others [R].
    """

    sender: str
    name: str
    version: str
    approval: str
    instance: str


def envelope(action: str, body: str, emitter: Emitter, assertion: bytes, identifier: uuid.UUID, now: datetime) -> bytes:
    """The request's bytes. `assertion` is spliced in untouched, its signature holds; empty with a software certificate.

    The reference tells nothing of WS-Addressing here: Action and MessageID are what a reply needs (WS-Addressing 1.0 §3.2) [R].
    """
    moment = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
    stamp = f"<Id>{identifier}</Id><Temps>{moment}</Temps><Emetteur>{xml(emitter.sender)}</Emetteur>"
    software = (
        f'<LPS><IDAM R="4">{xml(emitter.approval)}</IDAM><Version>{xml(emitter.version)}</Version>'
        f"<Instance>{xml(emitter.instance)}</Instance><Nom>{xml(emitter.name)}</Nom></LPS>"
    )
    head = (
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Header xmlns:wsa="{WSA}"><wsa:Action>{xml(action)}</wsa:Action>'
        f"<wsa:MessageID>urn:uuid:{identifier}</wsa:MessageID>"
        f'<ContexteBAM xmlns="{_BAM}" Version="01_02">{stamp}<COUVERTURE/></ContexteBAM>'
        f'<ContexteLPS xmlns="{_LPS}" Version="01_00" Nature="CTXLPS">{stamp}{software}</ContexteLPS>'
    )
    security = b'<wsse:Security xmlns:wsse="' + WSSE.encode() + b'">' + assertion + b"</wsse:Security>"
    tail = f"</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    return head.encode() + (security if assertion else b"") + tail.encode()


def by_traits(query: TraitQuery) -> str:
    """RECSANSVITALE. Raises ValueError without a family name, a given name or a sex: INSi finds nobody then."""
    given = [written(name) for name in query.given if name.strip()]
    if not query.birth_family.strip() or not given or query.sex not in (Sex.FEMALE, Sex.MALE):
        raise ValueError("INSi needs a family name, a given name and a sex")
    place = f"<LieuNaissance>{xml(query.birth_place_cog)}</LieuNaissance>" if query.birth_place_cog else ""
    return (
        f'<RECSANSVITALE xmlns="{_TRAITS}"><NomNaissance>{xml(written(query.birth_family))}</NomNaissance>'
        + "".join(f"<Prenom>{xml(name)}</Prenom>" for name in given)
        + f"<Sexe>{query.sex}</Sexe><DateNaissance>{query.birth_date.isoformat()}</DateNaissance>{place}</RECSANSVITALE>"
    )


def by_vitale(query: VitaleQuery) -> str:
    """RECVITALE. Raises ValueError without a number whose key is right, a birth date of 8 digits or a rank from 1 to 9.

    Number and key are apart, as in the answer, and the date is that of the card, which may be no day of a calendar [R].
    """
    if not (query.opener_nir or query.own_nir) or not re.fullmatch("[0-9]{8}", query.birth_date):
        raise ValueError("INSi needs a number and a birth date")
    if not 1 <= query.rank <= 9:
        raise ValueError("a rank of birth is 1 to 9")
    family = f"<NomNaissance>{xml(written(query.birth_family))}</NomNaissance>" if query.birth_family.strip() else ""
    return (
        f'<RECVITALE xmlns="{_VITALE}">{_number("MatriculeIndividu", query.own_nir)}'
        f"{_number('MatriculeOD', query.opener_nir)}{family}<DateNaissance>{query.birth_date}</DateNaissance>"
        f"<RangNaissance>{query.rank}</RangNaissance></RECVITALE>"
    )


def written(name: str) -> str:
    """A name as the RNIV writes it: capitals without accents or ligatures, hyphens and apostrophes kept."""
    capitals = name.strip().upper().translate(_LIGATURES)
    bare = "".join(c for c in unicodedata.normalize("NFD", capitals) if not unicodedata.combining(c))
    return " ".join(bare.split())


def _number(name: str, nir: str) -> str:
    if not nir:
        return ""
    if not is_ins(nir):
        raise ValueError("a NIR has 13 characters and its key")
    return f"<{name}><NumIdentifiant>{nir[:13]}</NumIdentifiant><Cle>{nir[13:]}</Cle></{name}>"
