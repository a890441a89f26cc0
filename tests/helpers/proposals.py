"""An intern, her doctor and others over real stores, with keys that sign as cards do; one process a `Post`."""

from __future__ import annotations

import functools
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Professional, Role
from dmp_desktop.domain.tray import TrayDoctor
from dmp_desktop.services.doctor_keys import DoctorKeys
from dmp_desktop.services.proposals import ProposalService
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.vault import Vault
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.proposals import ProposalStore
from dmp_desktop.storage.recovery import recovery_public
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.tray import TrayStore
from dmp_desktop.storage.wrapped_keys import WrappedKeyStore
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import KEY, open_store
from tests.helpers.signers import pair
from tests.helpers.tray_desk import DOCTOR, OTHER, PLACE, SECRETARY

INTERN = SignedIn(
    Professional("", "TEST-INTERNE", "Jeanne", "G15_10/SM26", other_id="810005555555"),
    PLACE,
    Role.TRAINEE,
    "810005555555",
)
ADMINISTRATOR = SignedIn(
    Professional("", "TEST-TECHNIQUE", "Jean", "", other_id="technique/TEST-TECHNIQUE Jean"),
    PLACE,
    Role.ADMINISTRATOR,
    "technique/TEST-TECHNIQUE Jean",
)
REPLACEMENT = replace(OTHER, role=Role.REPLACEMENT)
PRACTICE = bytes(range(1, 33))
SECRET = bytes(range(2, 34))


class CardKey:
    """The authentication key of a card: the same bytes for the same message (RSASSA-PKCS1-v1_5)."""

    def __init__(self, name: str, folder: Path | None = None) -> None:
        file = folder / f"{name}.p12" if folder else None
        if file and file.exists():
            key, certificate, _others = pkcs12.load_key_and_certificates(file.read_bytes(), None)
        else:
            key, certificate = pair(name)
            if file:
                file.parent.mkdir(exist_ok=True)
                whole = pkcs12.serialize_key_and_certificates(b"card", key, certificate, None, NoEncryption())
                file.with_suffix(".part").write_bytes(whole)
                file.with_suffix(".part").replace(file)
        assert isinstance(key, rsa.RSAPrivateKey)
        assert certificate is not None
        self._key = key
        self.certificate_der = certificate.public_bytes(Encoding.DER)
        self.chain_der: tuple[bytes, ...] = ()
        self.can_pss = True

    def sign_digest_info(self, digest_info: bytes) -> bytes:
        return self._key.sign(digest_info, padding.PKCS1v15(), hashes.SHA256())

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


@functools.cache
def card_of(who: str, card: str = "", folder: Path | None = None) -> CardKey:
    """The same for the whole process; with a folder, for those that come after it too."""
    return CardKey(f"TEST-CARTE-{who}{card}", folder)


@dataclass
class Post:
    """One workstation. `who` is signed in; `come` and `go` open and close their own key as a sign-in does."""

    place: Path
    practice: bytes = PRACTICE
    cards: Path | None = None
    clock: FakeClock = field(default_factory=FakeClock)
    acts: list[tuple[Act, str, str]] = field(default_factory=list)
    who: SignedIn | None = None

    def __post_init__(self) -> None:
        self._open = ExitStack()
        self.database = self._open.enter_context(Database.open(self.place / "a.db", KEY))
        self.outbox_file, self.outbox = open_store(self.place / "outbox.db")
        self._open.callback(self.outbox_file.close)
        self.preferences = PreferenceStore(self.database, Seal(KEY, "preference"))
        self.tray = TrayStore(self.database, Seal(KEY, "tray"))
        self.store = ProposalStore(self.database, Seal(KEY, "proposals"))
        kept = WrappedKeyStore(self.database, Seal(KEY, "vault"), self.clock)
        self.vault = Vault(kept, lambda: recovery_public(SECRET))
        self.keys = DoctorKeys(
            self.preferences,
            self.vault,
            lambda: self.who,
            lambda: self.practice,
            lambda: self.acts.append((Act.DOCTOR_KEY, "", "")),
        )
        self.service = ProposalService(
            self.store,
            self.keys,
            self.vault,
            self.preferences,
            self.clock,
            lambda: self.who,
            self.tray.doctors,
            self.outbox.items,
            self._note,
        )

    def come(self, who: SignedIn, card: str | None = "") -> None:
        """`card` None: without one (Pro Santé Connect)."""
        self.vault.close()
        self.who = who
        if who.role not in (Role.SECRETARY, Role.ADMINISTRATOR):
            key = card_of(who.national_id, card, self.cards) if card is not None else None
            self.vault.open(who.national_id, key)  # type: ignore[arg-type]
        if who.role is Role.DOCTOR:
            self.tray.meet(TrayDoctor(who.national_id, who.professional.display_name))
        self.service.meet()

    def go(self) -> None:
        self.vault.close()
        self.who = None

    def close(self) -> None:
        self._open.close()

    def _note(self, act: Act, patient: InsIdentity | None, document: str, actor: str | None) -> None:
        self.acts.append((act, patient.value if patient else "", actor or ""))


__all__ = ["ADMINISTRATOR", "DOCTOR", "INTERN", "OTHER", "REPLACEMENT", "SECRETARY", "Post"]
