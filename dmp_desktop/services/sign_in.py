"""The sign-in desk: from a card or a structure's certificate to a conversation with the DMP, and back to nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime

from dmp_desktop.dmp.insi import InsiClient
from dmp_desktop.dmp.vihf import Caller
from dmp_desktop.domain.access import AuthenticationMode
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.cards import PublicCps
from dmp_desktop.domain.dmp_ports import Dmp, InsiService, LargeRetrieval, RecordAdministration
from dmp_desktop.domain.documents import Author, Code
from dmp_desktop.domain.people import Facility, Professional, Role
from dmp_desktop.domain.ports import ClientIdentity, DmpRepository, Transport
from dmp_desktop.domain.roles import Task, may
from dmp_desktop.errors import CardError, DmpDesktopError, DmpError, StorageError
from dmp_desktop.services.administrative import AdministrativeOnly
from dmp_desktop.services.asker import asker
from dmp_desktop.services.professional import told
from dmp_desktop.services.readers import LEFT
from dmp_desktop.services.sending import DOUBT, may_deposit
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.structure_deposit import StructureDeposit
from dmp_desktop.services.vault import Vault
from dmp_desktop.terminology import oids
from dmp_desktop.terminology import specialty as specialty_code

PROFESSION_LABELS = {
    "10": "Médecin",
    "21": "Pharmacien",
    "40": "Chirurgien-dentiste",
    "50": "Sage-femme",
    "60": "Infirmier",
    "70": "Masseur-kinésithérapeute",
}


UNKEPT = "Rien de ce que vous lisez n'est gardé sur ce poste pour cette session :"
"""What comes of it when the person's own key cannot be opened, before why."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may sign in on this workstation. `national_id` is PS_IdNat, or structure/internal for an employee.

    `open_identity` asks for what it needs (card, PIN, password of the PKCS#12 files) and raises DmpDesktopError.
    `authenticated_at` is when Pro Santé Connect authenticated the person, whom the structure's keys then speak for (mode AIR).
    `doubt`: the card does not tell its type, the role is the least it may be. `regulation`: they regulate (centre 15), as Pro
    Santé Connect tells of the person, else as the workstation does. `prompts`: the system asks the PIN of their keys by itself,
    at the first signature.
    """

    national_id: str
    professional: Professional
    facility: Facility
    role: Role
    open_identity: Callable[[], ClientIdentity]
    authenticated_at: datetime | None = None
    doubt: bool = False
    regulation: bool = False
    prompts: bool = False

    @property
    def mode(self) -> AuthenticationMode:
        if self.authenticated_at is not None:
            return AuthenticationMode.INDIRECTE_RENFORCEE
        return AuthenticationMode.INDIRECTE if self.role is Role.STRUCTURE else AuthenticationMode.DIRECTE

    @property
    def reads_records(self) -> bool:
        """Whether they may see what is in a record."""
        return may(self.role, Task.READ_RECORDS)


@dataclass(frozen=True, slots=True)
class _Keys:
    """What somebody asks the DMP with."""

    identity: ClientIdentity
    transport: Transport
    client: Dmp


@dataclass(frozen=True, slots=True)
class _Open:
    """`keys` are None of who looks after the workstation: the DMP knows them not."""

    account: Account
    keys: _Keys | None
    notice: str = ""
    insi: InsiClient | None = None

    @property
    def signed_in(self) -> SignedIn:
        return replace(_signed_in(self.account), notice=self.notice)

    @property
    def client(self) -> Dmp | None:
        return self.keys.client if self.keys else None

    def close(self) -> None:
        if self.keys:
            self.keys.transport.close()  # first: no handshake asks a key that is being closed
        if self.insi:
            self.insi.close()
        if self.keys:
            self.keys.identity.close()


class SignInDesk:
    """At most one account is open at a time. Safe from every thread; an act that was asked by somebody else finds nobody
    signed in (`services.asker`).

    `connect` makes the transport of an identity, `converse` the client over it, `insi` the teleservice of an account's keys.
    `vault` holds the key of who is signed in, for what they read. `noted` is told who came, left or was refused (with the code,
    else the role), for the journal; it never waits.
    """

    def __init__(
        self,
        accounts: Sequence[Account],
        connect: Callable[[ClientIdentity], Transport],
        converse: Callable[[Transport, ClientIdentity, Caller], Dmp],
        insi: Callable[[ClientIdentity, Account], InsiClient] | None = None,
        vault: Vault | None = None,
        noted: Callable[[Act, str, str], None] = lambda _act, _who, _result: None,
    ) -> None:
        self._noted = noted
        self._accounts = {account.national_id: account for account in accounts}
        self._connect = connect
        self._converse = converse
        self._insi = insi
        self._vault = vault
        self._open: _Open | None = None
        self._lock = threading.Lock()

    def sign_in_with_card(self, card: PublicCps) -> SignedIn:
        """Open the account of the card's holder. Raises DmpError when this workstation has none."""
        account = self._accounts.get(card.national_id)
        if account is None:
            raise DmpError(
                "CarteSansCompte",
                "Cette carte n'est pas connue de ce poste.",
                "Utilisez la carte du professionnel de ce cabinet.",
            )
        return self.sign_in(account)

    def sign_in(self, account: Account) -> SignedIn:
        """Open an account; whoever was signed in is signed out first. One more signature of a card opens its holder's own key.

        An administrator is asked no key: they speak to no DMP, and nothing that was read of a record opens for them.
        """
        self.sign_out()
        try:
            now = _Open(account, None) if account.role is Role.ADMINISTRATOR else self._opened(account)
        except DmpDesktopError as error:
            self._noted(Act.SIGN_IN_REFUSED, account.national_id, error.code)
            raise
        with self._lock:
            self._open = now
        self._noted(Act.SIGN_IN, account.national_id, account.role)
        return now.signed_in

    def _opened(self, account: Account) -> _Open:
        with ExitStack() as opened:  # closed again in any case but success: a card stays open for nobody
            identity = account.open_identity()
            opened.callback(identity.close)
            transport = self._connect(identity)
            opened.callback(transport.close)
            client = self._converse(transport, identity, caller(account))
            notice = self._open_vault(account, identity)
            opened.pop_all()
        return _Open(account, _Keys(identity, transport, client), notice)

    def change(self, account: Account) -> SignedIn:
        """The same person with the same keys, practising elsewhere: the connection stays, the VIHF is made anew.

        Raises DmpError when somebody else, or nobody, is signed in.
        """
        with self._lock:
            opened = self._open
            if opened is None or opened.keys is None or opened.account.national_id != account.national_id:
                raise DmpError("SessionFermee", "Votre session est fermée.", "Remettez votre carte.")
            keys = opened.keys
            client = self._converse(keys.transport, keys.identity, caller(account))
            former = opened.insi
            self._open = now = replace(opened, account=account, keys=replace(keys, client=client), insi=None)
        if former:
            former.close()
        self._noted(Act.SIGN_IN, account.national_id, account.role)
        return now.signed_in

    def refused(self, national_id: str, code: str) -> None:
        """Somebody did not get as far as to sign in: their card refused its PIN, for instance."""
        self._noted(Act.SIGN_IN_REFUSED, national_id, code)

    def knows(self, national_id: str) -> bool:
        """Whether this workstation has a software account for them."""
        return national_id in self._accounts

    def sign_out(self) -> None:
        """Drop keys, connections and TLS sessions. Nothing happens when nobody is signed in."""
        self.let_go()()

    def let_go(self) -> Callable[[], None]:
        """Nobody is signed in any more. What it returns drops keys, connections and TLS sessions, and may wait for a card."""
        with self._lock:
            opened, self._open = self._open, None
            if self._vault:
                self._vault.close()
        if opened:
            self._noted(Act.SIGN_OUT, opened.account.national_id, opened.account.role)
        return opened.close if opened else lambda: None

    def current(self) -> Account | None:
        opened = self._theirs()
        return opened.account if opened else None

    def signed_in(self) -> SignedIn | None:
        opened = self._theirs()
        return opened.signed_in if opened else None

    def national_id(self) -> str | None:
        account = self.current()
        return account.national_id if account else None

    def actor(self) -> str | None:
        """National identifier of who asked for what runs now, though they may have left since; else of who is signed in."""
        return self.national_id() or asker() or None

    def repository(self) -> DmpRepository | None:
        """The DMP of whoever is signed in; of a secretary, without what is in the records."""
        opened = self._theirs()
        if opened is None or opened.client is None:
            return None
        return opened.client if opened.account.reads_records else AdministrativeOnly(opened.client)

    def administration(self) -> RecordAdministration | None:
        """Who may open what, for whoever is signed in."""
        opened = self._theirs()
        return opened.client if opened else None

    def retrieval(self) -> LargeRetrieval | None:
        """Documents of any size for whoever is signed in; none for a secretary, who reads nothing."""
        opened = self._theirs()
        return opened.client if opened and opened.account.reads_records else None

    def insi(self) -> InsiService:
        """INSi for whoever is signed in: a connection of its own, made at the first question and dropped with the others.

        Raises CardError when nobody is signed in, DmpError when this workstation knows no teleservice.
        """
        with self._lock:
            opened = self._theirs()
            if opened is None or opened.keys is None:
                raise CardError(
                    "CarteAbsente", "Votre carte n'est pas dans le lecteur.", "Insérez-la puis recommencez."
                )
            if self._insi is None:
                raise DmpError("InsiAbsent", "Aucun téléservice INSi n'est configuré sur ce poste.")
            insi = opened.insi or self._insi(opened.keys.identity, opened.account)
            self._open = replace(opened, insi=insi)
        return insi

    def repository_of(self, author_id: str) -> DmpRepository | None:
        """The DMP for depositing what `author_id` (PS_IdNat) sends: signed in personally, or by the structure's certificate.

        A secretary's takes deposits and shows nothing. None when nothing is for them to send (`may_send`).
        """
        opened = self._open
        if opened is None or not any(may(opened.account.role, one) for one in (Task.SEND_OWN, Task.SEND_FOR_PRACTICE)):
            return None
        if opened.client is None or (
            opened.account.role is not Role.STRUCTURE and opened.account.national_id != author_id
        ):
            return None
        return StructureDeposit(opened.client) if opened.account.role is Role.SECRETARY else opened.client

    def may_send(self) -> None:
        """Raises DmpError when whoever is signed in may not deposit any document, with who may."""
        if who := self.signed_in():
            may_deposit(who)

    def may_handle(self, author_id: str) -> None:
        """Raises DmpError when a document of `author_id` (PS_IdNat) is not for whoever is signed in to withdraw or to send again.

        Nobody signed in: the workstation's own command line, which may.
        """
        account, who = self.current(), self.actor()
        if who is None or (account and account.role is Role.STRUCTURE) or (author_id and who == author_id):
            return
        raise DmpError(
            "EnvoiDUnAutre",
            "Ce document est celui d'un autre professionnel.",
            "Lui seul peut annuler ou reprendre l'envoi, avec sa carte.",
        )

    def reads_records(self) -> bool:
        """Whether whoever is signed in may see what is in a record."""
        account = self.current()
        return account is not None and account.reads_records

    def _theirs(self) -> _Open | None:
        """What is open, for who asked: nothing of somebody who signed in since."""
        opened, who = self._open, asker()
        if opened and who and who not in (opened.account.national_id, opened.account.professional.national_id):
            return None
        return opened

    def _open_vault(self, account: Account, identity: ClientIdentity) -> str:
        """What to tell of it, in French; empty when the key is open, or none is due. Raises CardError when the card has left.

        The keys of Pro Santé Connect are the structure's: they open nobody's own.
        """
        if self._vault is None or not account.reads_records:
            return ""
        own = account.mode is not AuthenticationMode.INDIRECTE_RENFORCEE
        if own and account.prompts:
            self._vault.open_when_needed(account.national_id, identity.authentication)
            return ""
        try:
            self._vault.open(account.national_id, identity.authentication if own else None)
        except (CardError, StorageError) as error:
            if error.code in LEFT:
                raise
            log.warning("own key not opened: %s", error.code)
            return f"{UNKEPT} {told(error)}"
        return ""


def _signed_in(account: Account) -> SignedIn:
    doubt = " ".join(DOUBT) if account.doubt else ""
    return SignedIn(account.professional, account.facility, account.role, account.national_id, doubt)


def caller(account: Account) -> Caller:
    """How an account presents itself in the VIHF."""
    professional = account.professional
    return Caller(
        national_id=account.national_id,
        name=f"{professional.family} {professional.given}".strip(),
        structure_id=account.facility.id,
        sector=account.facility.sector,
        roles=roles(professional.specialty),
        mode=account.mode,
        authenticated_at=account.authenticated_at,
        author=_author(account),
    )


def _author(account: Account) -> Author:
    """The same person as XDS writes one."""
    professional, facility = account.professional, account.facility
    known = specialty_code(professional.specialty)
    return Author(
        family=professional.family,
        given=professional.given,
        person_id=account.national_id,
        person_root=oids.PS_IDNAT,
        institution=facility.name,
        institution_id=facility.id,
        specialty=Code(known.code, known.system, known.display) if known else None,
    )


def roles(specialty: str) -> tuple[Code, ...]:
    """`G15_10/SM26` -> profession 10 and savoir-faire SM26; another function (TRE_A00) alone. JDV_J65."""
    known = specialty_code(specialty)
    display = known.display if known else specialty
    if not specialty.startswith("G15_"):
        return (Code(specialty, oids.OTHER_FUNCTION, display),)
    profession, _, skill = specialty.removeprefix("G15_").partition("/")
    label = PROFESSION_LABELS.get(profession, profession)
    first = Code(profession, oids.PROFESSION, label)
    return (first, Code(skill, oids.SKILL, display.partition(" - ")[2] or skill)) if skill else (first,)
