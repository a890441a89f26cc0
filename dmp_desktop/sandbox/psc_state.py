"""What the stand-in Pro Santé Connect keeps: who may sign in, for which software, and the sessions that are open.

The DMP's side of the sandbox asks `Sessions` whether the person a VIHF names in mode INDIRECTE_RENFORCEE really signed in.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dmp_desktop.domain.people import Facility
from dmp_desktop.domain.ports import Clock
from dmp_desktop.sandbox.directory import CABINET, DOCTOR, PEOPLE
from dmp_desktop.sandbox.faults import OrderedFaults

ACCESS_LIFE = timedelta(minutes=2)
REFRESH_LIFE = timedelta(minutes=30)
SESSION_LIFE = timedelta(hours=4)
"""Access token 2 min, refresh token 30 min, session 4 h (ANS, IG "sécurisation de la couche transport", error cases)."""
CIBA_LIFE = timedelta(seconds=120)
CODE_LIFE = timedelta(seconds=60)  # RFC 6749 §4.1.2: ten minutes at most

CLIENT_ID = "dmp-desktop-bac-a-sable"
CLIENT_SECRET = "secret-bac-a-sable"  # noqa: S105  # throw-away, of a loopback server
CLIENT_STRUCTURE = CABINET.id
"""The one software registered; by certificate, it is known by the structure (OU) of its certificate."""

HOSPITAL = Facility(id="1100000017", name="Centre hospitalier des Tilleuls", sector="SA01")


@dataclass(frozen=True, slots=True)
class PscUser:
    """Someone with an e-CPS (invented). `places` are the structures of the one exercise told."""

    national_id: str
    family: str
    given: str
    profession: str
    skill: str
    places: tuple[Facility, ...]
    regulation: bool = False

    def user_info(self, sub: str) -> dict[str, Any]:
        """The claims of scope_all (names as in the reference §8)."""
        activities = [
            {
                "codeModeExercice": "L" if place.sector == "SA07" else "S",
                "codeSecteurDactivite": place.sector,
                "codeGenreActivite": "GENR01",
                "raisonSocialeSite": place.name,
                "ancienIdentifiantDeLaStructure": place.id,
                "telephone": "",
            }
            for place in self.places
        ]
        exercise = {
            "codeProfession": self.profession,
            "codeCategorieProfessionnelle": "C",
            "codeCiviliteDexercice": "DR",
            "nomDexercice": self.family,
            "prenomDexercice": self.given,
            "codeTypeSavoirFaire": "S",
            "codeSavoirFaire": self.skill,
            "activities": activities,
        }
        return {
            "sub": sub,
            "SubjectNameID": self.national_id,
            "preferred_username": self.national_id,
            "family_name": self.family,
            "given_name": self.given,
            "SubjectRole": [f"{self.profession}^1.2.250.1.213.1.1.5.5"],
            "Secteur_Activite": f"{self.places[0].sector}^1.2.250.1.71.4.2.4" if self.places else "",
            "Acces_Regulation_Medicale": "VRAI" if self.regulation else "FAUX",
            "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
            "otherIds": [{"identifiant": self.national_id, "origine": "RPPS", "qualite": 1}],
            "SubjectRefPro": {"codeCivilite": "MME", "exercices": [exercise]},
        }


USERS = {
    user.national_id: user
    for user in (
        PscUser(
            DOCTOR.national_id,
            DOCTOR.family,
            DOCTOR.given,
            "10",
            "SM26",
            (HOSPITAL, CABINET),
            regulation=PEOPLE[DOCTOR.national_id].regulates,
        ),
        PscUser("810009999993", "LEROY", "Alix", "10", "SM54", (HOSPITAL,)),
    )
}
"""The doctor of the practice, who also works at a hospital, and someone who does not work in the practice."""
OTHER_USER = "810009999993"


@dataclass(slots=True)
class PscFaults(OrderedFaults):
    """One each count: what the person does, what the provider does, what an attacker would do."""

    deny: int = 0
    expire: int = 0
    slow_down: int = 0
    unavailable: int = 0
    wrong_nonce: int = 0
    wrong_signature: int = 0
    wrong_audience: int = 0
    wrong_issuer: int = 0
    wrong_acr: int = 0
    expired_token: int = 0
    other_user: int = 0
    other_subject: int = 0
    refuse_refresh: int = 0

    def order(self, name: str, count: int) -> None:
        """Raises KeyError on an unknown name."""
        if name not in self.__slots__:  # of this class alone: the lock is the base's
            raise KeyError(name)
        setattr(self, name, count)


@dataclass(slots=True)
class Session:
    """One sign-in. Tokens are opaque; the refresh token changes at each use."""

    user: PscUser
    sub: str
    authenticated: datetime
    access: str = ""
    access_until: datetime = datetime.min
    refresh: str = ""
    refresh_until: datetime = datetime.min


@dataclass(frozen=True, slots=True)
class Code:
    """What an authorization code stands for."""

    user: PscUser
    redirect_uri: str
    nonce: str
    challenge: str
    until: datetime


@dataclass(slots=True)
class PhoneRequest:
    """A CIBA request that the phone shows. `decision` is None until the person answers."""

    user: PscUser
    binding: str
    until: datetime
    interval: float
    decision: bool | None = None
    last_poll: datetime | None = None


class Sessions:
    """Thread-safe memory of the provider; nothing is written."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.codes: dict[str, Code] = {}
        self.phone: dict[str, PhoneRequest] = {}
        self._sessions: list[Session] = []
        self.lock = threading.RLock()

    def open(self, user: PscUser) -> Session:
        session = Session(user, secrets.token_hex(16), self.clock.now())
        with self.lock:
            self._sessions.append(session)
            return self.renew(session)

    def renew(self, session: Session) -> Session:
        """New tokens, the former ones are worth nothing any more."""
        now = self.clock.now()
        end = session.authenticated + SESSION_LIFE
        session.access, session.refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        session.access_until, session.refresh_until = min(now + ACCESS_LIFE, end), min(now + REFRESH_LIFE, end)
        return session

    def by_access(self, token: str) -> Session | None:
        return self._find(lambda session: session.access == token and session.access_until > self.clock.now())

    def by_refresh(self, token: str) -> Session | None:
        return self._find(lambda session: session.refresh == token and session.refresh_until > self.clock.now())

    def of_person(self, national_id: str) -> list[Session]:
        """Live sessions of a person: a VIHF in mode AIR needs one [R]."""
        with self.lock:
            now = self.clock.now()
            return [s for s in self._sessions if s.user.national_id == national_id and s.refresh_until > now]

    def close(self, token: str) -> None:
        """End the session of a token, access or refresh; nothing when there is none (RFC 7009 §2.2)."""
        with self.lock:
            self._sessions = [s for s in self._sessions if token not in (s.access, s.refresh)]

    def _find(self, wanted: Callable[[Session], bool]) -> Session | None:
        with self.lock:
            return next((session for session in self._sessions if wanted(session)), None)
