"""The edges of the world. Each Protocol has a real and a fake implementation that pass the same contract tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.cards import Beneficiary, CardEvent, CpsActivity, PinState, PublicCps, VitaleIdentity
from dmp_desktop.domain.documents import Association, Availability, Code, DocumentEntry, Submission, SubmissionSummary
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...


class Entropy(Protocol):
    """The only source of identifiers: the DMP's uniqueIds and message ids come from here."""

    def uuid(self) -> UUID: ...


class Signer(Protocol):
    """A private key that stays where it is (card, store, memory) with its certificate. No method ever returns key bytes."""

    @property
    def certificate_der(self) -> bytes: ...

    @property
    def chain_der(self) -> tuple[bytes, ...]:
        """Intermediate certificates, nearest first; may be empty."""
        ...

    def sign_digest_info(self, digest_info: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 signature of a DER DigestInfo (PKCS#11 CKM_RSA_PKCS): what TLS asks.

        Raises CardError when the key is out of reach.
        """
        ...

    def sign_sha256(self, message: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 signature with SHA-256 of a whole message (CKM_SHA256_RSA_PKCS): what documents ask.

        The signature key of a CPS may refuse a digest that was made elsewhere. Raises CardError when the key is out of reach.
        """
        ...

    def sign_sha1(self, message: bytes) -> bytes:
        """As `sign_sha256`, with SHA-1 (CKM_SHA1_RSA_PKCS): the signature of lots in every published sample."""
        ...

    @property
    def can_pss(self) -> bool:
        """Whether `sign_pss` works: CKM_RSA_PKCS_PSS in the card's mechanism list (a CPS4, not a CPS3), or a key in memory."""
        ...

    def sign_pss(self, digest: bytes, hash_name: str) -> bytes:
        """RSASSA-PSS signature of a digest, salt as long as the digest, MGF1 over the same hash (RFC 8446 §4.2.3).

        `hash_name` is sha256, sha384 or sha512. Raises CardError when the key is out of reach or knows no PSS.
        """
        ...


class ClientIdentity(Protocol):
    """Who speaks to the DMP: two keys that are never the same (authentication: TLS only; signature: VIHF and XAdES only)."""

    @property
    def authentication(self) -> Signer: ...

    @property
    def signature(self) -> Signer: ...

    def close(self) -> None:
        """Forget everything: keys become unusable. Called when the card leaves."""
        ...


class TransportReply(Protocol):
    """An HTTP answer whose body is read once, by chunks."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def read(self) -> bytes: ...

    def chunks(self) -> Iterator[bytes]: ...


class Transport(Protocol):
    """One mutual-TLS conversation with the DMP, kept alive and resumed."""

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
        """POST `body` to `path` under the base URL.

        Raises DmpError(retryable=True) when nothing was sent, DmpError(retryable=True, ambiguous=True) when the answer was lost.
        """
        ...

    def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
        """As `post`, by another method of HTTP. `path` holds no INS: addresses are what servers and networks write down."""
        ...

    def close(self) -> None:
        """Drop connections and TLS sessions."""
        ...


class KeyStore(Protocol):
    """Secrets kept by the operating system for this user."""

    def get(self, name: str) -> str | None: ...

    def set(self, name: str, secret: str) -> None: ...

    def delete(self, name: str) -> None: ...


class Liveness(Protocol):
    """Tells which of the processes that share a database are gone (killed, crashed, switched off)."""

    @property
    def owner(self) -> str:
        """The name of this process, never used twice."""
        ...

    def is_dead(self, owner: str) -> bool:
        """True when `owner` is surely gone; False when alive or unknown."""
        ...


class CardWatcher(Protocol):
    """Tells what happens at the readers, from its own thread, until stopped."""

    def start(self, emit: Callable[[CardEvent], None]) -> None: ...

    def stop(self) -> None: ...


class VitaleReader(Protocol):
    """Reads the identities on a carte Vitale."""

    def read(self, reader: str) -> VitaleIdentity:
        """Raises CardError when the card is gone, busy, mute or not a carte Vitale."""
        ...


class ProfessionalCard(Protocol):
    """Reads what a professional's card tells without a PIN."""

    def read_public(self, reader: str) -> PublicCps:
        """Raises CardError when the card is gone, busy, mute or not a CPS."""
        ...


class CardSession(ClientIdentity, Protocol):
    """A professional's card whose PIN was accepted. `close` logs out of the card, never resets it."""

    @property
    def activities(self) -> tuple[CpsActivity, ...]:
        """What the card tells of the holder's places of practice; empty when it tells nothing we can read."""
        ...


class CardOpener(Protocol):
    """Opens a professional's card with its PIN (PKCS#11)."""

    def open(self, card: PublicCps, pin: str) -> CardSession:
        """One login, never tried again, on the token that holds `card`'s authentication certificate. The PIN is not kept.

        Raises CardError: card.pin_format (nothing was sent), card.pin_wrong, card.pin_last_try, card.pin_locked,
        card.pin_expired, card.no_signature_key, card.other_card, card.removed, card.busy, card.module_missing,
        card.module_bits, card.module_broken.
        """
        ...

    def pin_state(self, card: PublicCps) -> PinState:
        """What is known without a try. Raises the CardErrors of `open` that are not about the PIN."""
        ...


class PatientDirectory(Protocol):
    """Patients the practice knows, with their qualified INS."""

    def match(self, beneficiary: Beneficiary) -> Patient | None:
        """The one patient with this NIR and birth date, or None. Never a guess on names."""
        ...


@dataclass(frozen=True, slots=True)
class FindCriteria:
    """Criteria of TD3.1 FindDocuments, all of them at once; within one, any of its values.

    Empty means no restriction. Times are aware, `…_from` included and `…_to` not; a document that does not tell a time passes.
    `service_from` and `service_to` bound the beginning of the act, `service_stop_…` its end. `authors` are parts, as written and
    in their case, of an author's identifier or name (`DUPONT`, `DUPONT^Camille`, `810002422979`).
    """

    statuses: tuple[Availability, ...] = (Availability.APPROVED,)
    type_codes: tuple[Code, ...] = ()
    class_codes: tuple[Code, ...] = ()
    format_codes: tuple[Code, ...] = ()
    facility_codes: tuple[Code, ...] = ()
    practice_codes: tuple[Code, ...] = ()
    event_codes: tuple[Code, ...] = ()
    confidentiality_codes: tuple[Code, ...] = ()
    authors: tuple[str, ...] = ()
    created_from: datetime | None = None
    created_to: datetime | None = None
    service_from: datetime | None = None
    service_to: datetime | None = None
    service_stop_from: datetime | None = None
    service_stop_to: datetime | None = None


class DmpRepository(Protocol):
    """The patient's shared record, whatever the wire (XDS.b today, FHIR PDSm one day). Every method may raise DmpError."""

    def status(self, patient: InsIdentity) -> DossierStatus:
        """TD0.2: does the record exist, may I open it."""
        ...

    def authorise(self, patient: InsIdentity, *, attending: bool = False) -> None:
        """TD0.3 AJOUT: declare the patient's consent to my access."""
        ...

    def withdraw(self, patient: InsIdentity) -> None:
        """TD0.3 SUPPRESSION."""
        ...

    def find(self, patient: InsIdentity, criteria: FindCriteria) -> Iterator[DocumentEntry]:
        """TD3.1 FindDocuments, entries as they arrive (the first ones before the last byte)."""
        ...

    def find_by_unique_id(self, patient: InsIdentity, unique_ids: Sequence[str]) -> list[DocumentEntry]:
        """TD3.1b GetDocuments."""
        ...

    def find_submissions(self, patient: InsIdentity, since: datetime) -> list[SubmissionSummary]:
        """TD3.1 FindSubmissionSets since a moment."""
        ...

    def find_associations(self, patient: InsIdentity, uuids: Sequence[str]) -> list[Association]:
        """TD3.1 GetAssociations: links that touch the objects of these entryUUIDs, sets included."""
        ...

    def find_by_entry_uuid(
        self, patient: InsIdentity, uuids: Sequence[str]
    ) -> tuple[list[DocumentEntry], list[Association]]:
        """TD3.1 GetDocumentsAndAssociations: documents of any status, and the links that touch them."""
        ...

    def retrieve(self, patient: InsIdentity, entry: DocumentEntry) -> bytes:
        """TD3.2: the bytes as deposited, hash and size verified when the entry tells them."""
        ...

    def submit(self, submission: Submission) -> None:
        """TD2.1: deposit one lot. Returns when the DMP has acknowledged it."""
        ...
