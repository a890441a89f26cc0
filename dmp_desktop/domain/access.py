"""How a professional may open a patient's record, and what the DMP says of it (TD0.2, TD0.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Sex


class AccessMode(StrEnum):
    """VIHF purposeofuse, TRE_R248 1.2.250.1.213.1.1.4.248."""

    NORMAL = "normal"
    BRIS_DE_GLACE = "bris_de_glace"
    CENTRE_15 = "centre_15"


class AuthenticationMode(StrEnum):
    """VIHF Authentification_Mode: card, structure certificate, Pro Santé Connect."""

    DIRECTE = "DIRECTE"
    INDIRECTE = "INDIRECTE"
    INDIRECTE_RENFORCEE = "INDIRECTE_RENFORCEE"


class Authorization(StrEnum):
    """State of the professional's access authorisation, 1.2.250.1.213.4.1.2.6.2."""

    VALIDE = "VALIDE"
    NON_EXISTE = "NON_EXISTE"
    INTERDIT = "INTERDIT"
    EXPIRE = "EXPIRE"


@dataclass(frozen=True, slots=True)
class DossierStatus:
    """Answer of TD0.2. `authorization` is None when the record does not exist or the server says nothing.

    `mode` is how it was asked: after breaking the glass and at centre 15 a record is read without an authorisation.
    """

    exists: bool
    closed: bool = False
    authorization: Authorization | None = None
    attending: bool = False
    oppositions: dict[str, bool] = field(default_factory=dict)
    mode: AccessMode = AccessMode.NORMAL

    @property
    def readable(self) -> bool:
        entitled = self.authorization is Authorization.VALIDE or self.mode is not AccessMode.NORMAL
        return self.exists and not self.closed and entitled


class AuthorisationFilter(StrEnum):
    """TD1.6 `mode`: whose authorisations are listed."""

    ACTIVE = "ACTIVE"
    FORBIDDEN = "INTERDITE"
    ALL = "TOUTE"


class DossierDate(StrEnum):
    """TD0.4 `dateType`, as the DMP spells it."""

    LAST_AUTHORISATION = "LASTAUTORIZATION"
    LAST_DOCUMENT = "LASTDOC"


@dataclass(frozen=True, slots=True, repr=False)
class KnownDossier:
    """One line of TD0.4: a record I may open. Names are those of the DMP; times are UTC and aware, None when not told.

    `others`: the other INS the line tells; a NIR goes before a waiting number (NIA).

    `last_document` is the last document added by anybody (lastAddDate), `last_update` also counts changes of its state.
    """

    patient: InsIdentity
    family: str
    given: str
    birth_family: str = ""
    birth_date: date | None = None
    attending: bool = False
    message: str = ""
    last_access: datetime | None = None
    last_update: datetime | None = None
    last_document: datetime | None = None
    others: tuple[InsIdentity, ...] = ()

    def __repr__(self) -> str:
        """Never shows an identity: representations end up in logs."""
        return "KnownDossier()"


@dataclass(frozen=True, slots=True)
class AuthorisedProfessional:
    """One line of TD1.6: a person or structure that may open this record, or that the patient has blocked.

    `specialty` as XDS writes it (`G15_10/SM26`), empty when not told; `right` is the DMP's specificRight word, empty when none.
    """

    national_id: str
    id_oid: str
    family: str
    given: str
    specialty: str = ""
    since: datetime | None = None
    last_action: datetime | None = None
    blocked: bool = False
    right: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Representative:
    """A legal representative of a minor, as the record's administrative data tell (TD1.3a personalRelationship)."""

    link: Code
    family: str = ""
    given: str = ""

    def __repr__(self) -> str:
        return "Representative()"


@dataclass(frozen=True, slots=True)
class Administrative:
    """TD1.3a: what concerns access, never identity traits. None: the DMP did not tell."""

    opposes_break_glass: bool | None = None
    opposes_emergency: bool | None = None
    attached_to_mes: bool | None = None
    internet_account: bool | None = None
    representatives: tuple[Representative, ...] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class PersonQuery:
    """Traits of TD0.5, for regulation doctors only. Empty parts are not asked."""

    family: str
    given: str = ""
    birth_date: date | None = None
    sex: Sex | None = None
    city: str = ""
    postal_code: str = ""

    def __repr__(self) -> str:
        return "PersonQuery()"


@dataclass(frozen=True, slots=True, repr=False)
class FoundPerson:
    """One answer of TD0.5. `match` is a percentage; names are those of the DMP."""

    patient: InsIdentity
    family: str
    given: str
    birth_date: date | None
    sex: Sex
    match: int
    opposes_emergency: bool = False
    city: str = ""

    def __repr__(self) -> str:
        return "FoundPerson()"
