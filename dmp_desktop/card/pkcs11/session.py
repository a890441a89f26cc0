"""A card whose PIN was accepted: two keys that stay on it, each for its own use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import pkcs11
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from pkcs11 import MGF, Attribute, Mechanism, MechanismFlag, ObjectClass, SignMixin

from dmp_desktop.card.failures import card_failure
from dmp_desktop.card.pkcs11.faults import NOT_THIS_WAY
from dmp_desktop.card.pkcs11.module import Module
from dmp_desktop.card.pkcs11.objects import activities, certificates
from dmp_desktop.card.pkcs11.presence import failure
from dmp_desktop.domain.cards import CpsActivity, PublicCps
from dmp_desktop.domain.certificates import NO_CERTIFICATE
from dmp_desktop.domain.digest_info import digest_info
from dmp_desktop.errors import CardError

# Reference card.md §3.4.
AUTHENTICATION_LABEL: Final = "CPS_PRIV_AUT"
SIGNATURE_LABEL: Final = "CPS_PRIV_SIG"
# The longest a card may take to be left, in seconds: whoever closes is often waiting to show another screen.
LEAVING: Final = 2.0

# By hash name, as `domain.digest_info`.
_WHOLE: Final = {"sha1": Mechanism.SHA1_RSA_PKCS, "sha256": Mechanism.SHA256_RSA_PKCS}
_HASHES: Final[dict[str, tuple[hashes.HashAlgorithm, Mechanism, MGF]]] = {
    "sha256": (hashes.SHA256(), Mechanism.SHA256, MGF.SHA256),
    "sha384": (hashes.SHA384(), Mechanism.SHA384, MGF.SHA384),
    "sha512": (hashes.SHA512(), Mechanism.SHA512, MGF.SHA512),
}


class WayRefusedError(Exception):
    """The key does not sign by this mechanism. Nothing was signed."""


class Login:
    """One accepted PIN on one slot. Once `over`, for good: nothing of it works, even if the same card comes back."""

    def __init__(self, module: Module, session: pkcs11.Session) -> None:
        self.module = module
        self.session = session
        self.slot: int = session.token.slot.slot_id
        self._over = threading.Event()
        self._ended = False
        module.ends[self.slot] = self.end

    @property
    def over(self) -> bool:
        return self._over.is_set()

    def end(self) -> None:
        """On the module's thread: log out, whatever state the card is in. Once only: its handle may be another login's later."""
        self._over.set()
        if self._ended:
            return
        self._ended = True
        if self.module.ends.get(self.slot) == self.end:
            del self.module.ends[self.slot]
        self.module.native.logout(self.session)
        with suppress(pkcs11.PKCS11Error):
            self.session.close()

    def close(self) -> None:
        """From any thread."""
        if not self.over:
            self._over.set()
            wait([self.module.post(lambda _module: self.end())], LEAVING)  # later, when the card does not answer

    def sign(self, key: SignMixin, data: bytes, mechanism: Mechanism, parameters: object = None) -> bytes:
        """Raises WayRefusedError, or CardError: card.removed, card.sign_refused, card.busy."""
        if self.over:
            raise card_failure("removed")
        return self.module.call(lambda _module: self.sign_here(key, data, mechanism, parameters))

    def sign_here(self, key: SignMixin, data: bytes, mechanism: Mechanism, parameters: object = None) -> bytes:
        """As `sign`, on the module's thread."""
        if self.over:
            raise card_failure("removed")
        try:
            return bytes(key.sign(data, mechanism=mechanism, mechanism_param=parameters))
        except pkcs11.PKCS11Error as error:
            refused = failure(self.module, self.slot, error, "sign_refused", self._over)
            if refused.code == "card.removed":
                self.end()
                raise refused from None
            if isinstance(error, NOT_THIS_WAY):
                raise WayRefusedError from None
            raise refused from None


class TokenSigner:
    """Signer on a card. What the card gives is verified with the certificate before it leaves."""

    def __init__(
        self, login: Login, key: SignMixin, certificate_der: bytes, mechanisms: Collection[Mechanism | int]
    ) -> None:
        self._login = login
        self._key = key
        self._public = _rsa(certificate_der)
        self._can_pss = False
        self._whole = {name for name, mechanism in _WHOLE.items() if mechanism in mechanisms}
        self._certificate_der = certificate_der

    @property
    def certificate_der(self) -> bytes:
        return self._certificate_der

    @property
    def chain_der(self) -> tuple[bytes, ...]:
        """A CPS holds no certificate of its authorities: the server has them."""
        return ()

    @property
    def can_pss(self) -> bool:
        return self._can_pss

    def try_pss(self) -> None:
        """Find out by one signature whether the key knows PSS, on the module's thread: a mechanism is listed for the whole card.

        TLS 1.3 is promised with it, and has nothing else (RFC 8446 §4.2.3). Once it did, it is believed until it fails to.
        Raises CardError card.removed.
        """
        try:
            if self._certificate_der not in self._login.module.signs_pss:
                self._pss(bytes(hashes.SHA256.digest_size), "sha256", self._login.sign_here)
        except WayRefusedError:
            return
        except CardError as error:
            if error.code == "card.removed":
                raise
            return
        self._login.module.signs_pss.add(self._certificate_der)
        self._can_pss = True

    def sign_digest_info(self, digest_info: bytes) -> bytes:
        """CKM_RSA_PKCS: the card adds the padding. Raises CardError card.removed, card.sign_refused, card.busy."""
        return self._verified(self._sign(digest_info, Mechanism.RSA_PKCS), digest_info)

    def sign_sha256(self, message: bytes) -> bytes:
        """CKM_SHA256_RSA_PKCS, or CKM_RSA_PKCS for a key that refuses it. Raises CardError as `sign_digest_info`."""
        return self._sign_message(message, "sha256")

    def sign_sha1(self, message: bytes) -> bytes:
        """As `sign_sha256`, CKM_SHA1_RSA_PKCS first."""
        return self._sign_message(message, "sha1")

    def sign_pss(self, digest: bytes, hash_name: str) -> bytes:
        """CKM_RSA_PKCS_PSS. Raises CardError as `sign_digest_info`, and card.sign_refused of a key not known to sign so."""
        if not self._can_pss or hash_name not in _HASHES:
            raise card_failure("sign_refused")
        try:
            return self._pss(digest, hash_name, self._login.sign)
        except (WayRefusedError, CardError) as error:
            self._login.module.signs_pss.discard(self._certificate_der)  # to be found out at the next PIN
            if isinstance(error, WayRefusedError):
                raise card_failure("sign_refused") from None
            raise

    def _pss(self, digest: bytes, hash_name: str, sign: Callable[..., bytes]) -> bytes:
        algorithm, mechanism, mgf = _HASHES[hash_name]
        salt = algorithm.digest_size
        signature = sign(self._key, digest, Mechanism.RSA_PKCS_PSS, (mechanism, mgf, salt))
        try:
            self._public.verify(
                signature, digest, padding.PSS(padding.MGF1(algorithm), salt_length=salt), Prehashed(algorithm)
            )
        except (InvalidSignature, ValueError):
            raise card_failure("sign_refused") from None
        return signature

    def _sign_message(self, message: bytes, hash_name: str) -> bytes:
        """The card makes the digest; a key that refused to, and signed one made here, is asked for that from then on."""
        info = digest_info(message, hash_name)
        if hash_name in self._whole:
            with suppress(WayRefusedError):
                return self._verified(self._login.sign(self._key, message, _WHOLE[hash_name]), info)
        signature = self.sign_digest_info(info)
        self._whole.discard(hash_name)
        return signature

    def _sign(self, data: bytes, mechanism: Mechanism) -> bytes:
        """By this mechanism or not at all. Raises CardError."""
        try:
            return self._login.sign(self._key, data, mechanism)
        except WayRefusedError:
            raise card_failure("sign_refused") from None

    def _verified(self, signature: bytes, digest_info: bytes) -> bytes:
        """The signature, which holds this DigestInfo. Raises CardError card.sign_refused."""
        try:
            said = self._public.recover_data_from_signature(signature, padding.PKCS1v15(), None)
        except (InvalidSignature, ValueError):
            raise card_failure("sign_refused") from None
        if said != digest_info:
            raise card_failure("sign_refused")
        return signature


@dataclass(frozen=True, slots=True)
class Pkcs11CardSession:
    """CardSession: TLS has one key, documents the other, and neither can be had in place of the other."""

    authentication: TokenSigner
    signature: TokenSigner
    activities: tuple[CpsActivity, ...]
    login: Login

    def close(self) -> None:
        """Log out. The card is not reset: other programs go on with theirs."""
        self.login.close()


def read_session(login: Login, card: PublicCps) -> Pkcs11CardSession:
    """Find both keys and the activities, on the module's thread.

    Raises CardError: card.no_signature_key, card.sign_refused when a key is not its certificate's; PKCS11Error.
    """
    session = login.session
    held = certificates(session)
    # A private key that may not sign (key agreement, old objects) is none of ours.
    found = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
    keys = [(bytes(one[Attribute.ID]), str(one[Attribute.LABEL]), one) for one in found if isinstance(one, SignMixin)]
    mechanisms = session.token.slot.get_mechanisms()

    def signer(wanted: bytes, other_label: str) -> TokenSigner:
        numbers = {entry.key_id for entry in held if entry.untrusted_der == wanted}
        named = [key for number, label, key in keys if number in numbers and label != other_label]
        for key in named:  # a card may have several of one number
            if _belongs(key, wanted):
                return TokenSigner(login, key, wanted, mechanisms)
        raise card_failure("sign_refused" if named else "no_signature_key")

    authentication = signer(card.authentication_certificate_der, SIGNATURE_LABEL)
    if card.signature_certificate_der in (b"", card.authentication_certificate_der):
        raise card_failure("no_signature_key")
    signature = signer(card.signature_certificate_der, AUTHENTICATION_LABEL)
    if _rsa(authentication.certificate_der).public_numbers() == _rsa(signature.certificate_der).public_numbers():
        raise card_failure("no_signature_key")
    if _signs(session.token.slot, Mechanism.RSA_PKCS_PSS, mechanisms):
        authentication.try_pss()
    return Pkcs11CardSession(authentication, signature, activities(session), login)


def _signs(slot: pkcs11.Slot, mechanism: Mechanism, listed: Collection[Mechanism | int]) -> bool:
    """Whether the card has a key that signs by it (PKCS#11 v2.20 §9.5, CKF_SIGN): it may verify alone."""
    return mechanism in listed and bool(slot.get_mechanism_info(mechanism).flags & MechanismFlag.SIGN)


def _belongs(key: SignMixin, certificate_der: bytes) -> bool:
    """The key's public part is the certificate's. Where the card does not tell it, each signature is verified all the same."""
    try:
        modulus = int.from_bytes(key[Attribute.MODULUS], "big")
    except (pkcs11.AttributeTypeInvalid, pkcs11.AttributeSensitive):
        return True
    return modulus in (0, _rsa(certificate_der).public_numbers().n)


def _rsa(certificate_der: bytes) -> RSAPublicKey:
    try:
        key = x509.load_der_x509_certificate(certificate_der).public_key()
    except NO_CERTIFICATE:
        raise card_failure("no_signature_key") from None
    if not isinstance(key, RSAPublicKey):
        raise card_failure("no_signature_key")
    return key
