"""The professional's certificates in Windows' own store (CurrentUser\\MY), whose keys Windows keeps, on a card or elsewhere.

The CPS middleware copies the card's certificates there; its provider is a CAPI one (card.md §3.4), others are CNG. Windows itself
asks the PIN. `StoreCalls` are the Windows functions.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from dmp_desktop.dmp.external_key import refused
from dmp_desktop.dmp.identity import one_key_for_both, removed, same_key
from dmp_desktop.dmp.windows_failures import told
from dmp_desktop.dmp.windows_store_calls import (
    NCRYPT_KEY_SPEC,
    CertificateInStore,
    KeyHandle,
    StoreCalls,
    WindowsCallError,
)
from dmp_desktop.domain.certificates import NO_CERTIFICATE
from dmp_desktop.domain.digest_info import digest_info, split_digest_info
from dmp_desktop.errors import CardError

_ALGORITHM_IDS = {"sha1": 0x8004, "sha256": 0x800C}  # wincrypt.h CALG_…
_HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
_INTERMEDIATES = 4
"""More than any chain of the IGC-Santé: stops two authorities that would have signed each other."""
_Readable = tuple[CertificateInStore, x509.Certificate]


class StoreSigner:
    """A Signer whose key Windows keeps. One signature at a time; unusable once closed.

    What Windows gives is verified with the certificate before it leaves: a card changed under a provider signs for another.
    """

    def __init__(self, calls: StoreCalls, certificate: CertificateInStore, chain_der: tuple[bytes, ...]) -> None:
        self.certificate_der = certificate.der
        self.chain_der = chain_der
        self._calls = calls
        self._turn = threading.Lock()
        self._lock = threading.Lock()  # of what follows; never held while Windows signs
        self._signing = self._closed = False
        self._public = _rsa(certificate.der)
        try:
            key = calls.acquire_key(certificate)
        except WindowsCallError as failure:
            raise told(failure.status) from None
        self._key: KeyHandle | None = key
        self._cng = key.spec == NCRYPT_KEY_SPEC
        self._can_pss = False
        if self._cng:
            try:  # what a smart card's provider cannot do shows only when it signs: TLS 1.2 is sure
                self._can_pss = calls.ncrypt_is_software(key)
            except WindowsCallError:
                self._can_pss = False

    def sign_digest_info(self, digest_info: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5. Windows adds the DigestInfo itself, so it gets the digest alone. Raises CardError."""
        hash_name, digest = split_digest_info(digest_info)
        if self._cng:
            signature = self._sign(lambda key: self._calls.ncrypt_sign_hash(key, hash_name.upper(), digest, None))
        else:
            signature = self._sign(
                lambda key: self._calls.crypt_sign_hash(key, _ALGORITHM_IDS[hash_name], digest, 0)[::-1]
            )
        return self._verified(signature, digest_info)

    def sign_sha256(self, message: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256. Raises CardError."""
        return self._sign_message(message, "sha256")

    def sign_sha1(self, message: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-1. Raises CardError."""
        return self._sign_message(message, "sha1")

    @property
    def can_pss(self) -> bool:
        return self._can_pss

    def sign_pss(self, digest: bytes, hash_name: str) -> bytes:
        """RSASSA-PSS as the port says. Raises CardError; a CAPI provider knows no PSS."""
        if not self._cng:
            raise told(0)
        signature = self._sign(lambda key: self._calls.ncrypt_sign_hash(key, hash_name.upper(), digest, len(digest)))
        algorithm = _HASHES[hash_name]
        scheme = padding.PSS(padding.MGF1(algorithm), salt_length=len(digest))
        try:
            self._public.verify(signature, digest, scheme, Prehashed(algorithm))
        except (InvalidSignature, ValueError):
            raise refused() from None
        return signature

    def close(self) -> None:
        """Never waits: the handle is given back at once, or by the signature under way when it ends."""
        with self._lock:
            self._closed = True
            self._give_back()

    def _sign_message(self, message: bytes, hash_name: str) -> bytes:
        """A CAPI provider hashes the message itself: a CPS's may refuse a digest made elsewhere (`Sign_Hash`, card.md §3.4)."""
        if self._cng:
            return self.sign_digest_info(digest_info(message, hash_name))
        signature = self._sign(
            lambda key: self._calls.crypt_sign_message(key, _ALGORITHM_IDS[hash_name], message)[::-1]
        )
        return self._verified(signature, digest_info(message, hash_name))

    def _verified(self, signature: bytes, digest_info: bytes) -> bytes:
        """The signature, which holds this DigestInfo. Raises CardError card.sign_refused."""
        try:
            said = self._public.recover_data_from_signature(signature, padding.PKCS1v15(), None)
        except (InvalidSignature, ValueError):
            raise refused() from None
        if said != digest_info:
            raise refused()
        return signature

    def _sign(self, ask: Callable[[KeyHandle], bytes]) -> bytes:
        with self._turn:
            with self._lock:
                key = self._key
                if self._closed or key is None:
                    raise removed()
                self._signing = True
            try:
                return ask(key)
            except WindowsCallError as failure:
                raise told(failure.status) from None
            finally:
                with self._lock:
                    self._signing = False
                    self._give_back()

    def _give_back(self) -> None:
        """Once closed, and no signature under way."""
        if self._signing or not self._closed:
            return
        key, self._key = self._key, None
        if key is None or not key.ours:
            return
        if self._cng:
            self._calls.ncrypt_free(key)
        else:
            self._calls.release_provider(key)


class WindowsStoreIdentity:
    """The two keys of one professional. `holder` is PS_IdNat, the common name of both certificates.

    Raises CardError card.no_signature_key when the store lacks one of them, or what Windows says of their keys; DmpError when
    both have one key.
    """

    def __init__(self, calls: StoreCalls, holder: str, now: datetime) -> None:
        own: list[CertificateInStore] = []
        authorities: list[CertificateInStore] = []
        try:
            own = calls.certificates("MY")
            authorities = calls.certificates("CA")
            readable, issuers = _readable(own), [certificate for _, certificate in _readable(authorities)]
            chosen = [_choose(readable, holder, now, signs=signs) for signs in (False, True)]
            if same_key(chosen[0][0].der, chosen[1][0].der):
                raise one_key_for_both()
            self.authentication = StoreSigner(calls, chosen[0][0], _chain(chosen[0][1], issuers))
            try:
                self.signature = StoreSigner(calls, chosen[1][0], _chain(chosen[1][1], issuers))
            except CardError:
                self.authentication.close()
                raise
        except WindowsCallError as failure:
            raise told(failure.status) from None
        finally:
            for certificate in (*own, *authorities):
                calls.free_certificate(certificate)

    def close(self) -> None:
        """Give both keys back to Windows."""
        self.authentication.close()
        self.signature.close()


def _readable(certificates: Sequence[CertificateInStore]) -> list[_Readable]:
    """Each with what it says. Anything may lie in a store: what does not parse, even in part, is none of ours."""
    found = []
    for each in certificates:
        with contextlib.suppress(*NO_CERTIFICATE):
            certificate = x509.load_der_x509_certificate(each.der)
            _ = certificate.subject, certificate.issuer, certificate.extensions, certificate.public_key()
            found.append((each, certificate))
    return found


def _choose(certificates: Sequence[_Readable], holder: str, now: datetime, *, signs: bool) -> _Readable:
    """The newest in force: non-repudiation for signing, digital signature without it for TLS (RFC 5280 §4.2.1.3)."""
    found = []
    for candidate, certificate in certificates:
        names = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        in_force = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc
        if holder in names and in_force and _is_for(certificate, signs=signs):
            found.append((candidate, certificate))
    if not found:
        raise CardError(
            "card.no_signature_key" if signs else "card.no_authentication_key",
            "Windows n'a pas les deux certificats de la carte CPS.",
            "Retirez la carte CPS, remettez-la, puis attendez quelques secondes.",
        )
    return max(found, key=lambda pair: pair[1].not_valid_before_utc)


def _rsa(der: bytes) -> rsa.RSAPublicKey:
    public = x509.load_der_x509_certificate(der).public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise TypeError("chosen without looking at its key")
    return public


def _is_for(certificate: x509.Certificate, *, signs: bool) -> bool:
    if not isinstance(certificate.public_key(), rsa.RSAPublicKey):
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.content_commitment if signs else usage.digital_signature and not usage.content_commitment


def _chain(certificate: x509.Certificate, authorities: Sequence[x509.Certificate]) -> tuple[bytes, ...]:
    """Intermediates of `authorities`, nearest first, by name; never a root."""
    by_subject = {each.subject: each for each in authorities}
    chain: list[bytes] = []
    for _ in range(_INTERMEDIATES):
        issuer = by_subject.get(certificate.issuer)
        if issuer is None or issuer.subject == issuer.issuer:
            break
        chain.append(issuer.public_bytes(Encoding.DER))
        certificate = issuer
    return tuple(chain)
