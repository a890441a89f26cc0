"""The Windows functions of `StoreCalls` over real keys, with Windows' own ways: bytes reversed, OID rules, handles, codes.

A handle used after it was freed, freed twice or with the wrong function ends the test: Windows would crash or worse.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding

from dmp_desktop.dmp.windows_store_calls import NCRYPT_KEY_SPEC, CertificateInStore, KeyHandle, WindowsCallError

AT_KEYEXCHANGE, AT_SIGNATURE = 1, 2
NTE_BAD_ALGID, NTE_BAD_HASH, NTE_NO_KEY, NTE_BAD_KEYSET = 0x80090008, 0x80090002, 0x8009000D, 0x80090016
NTE_NOT_SUPPORTED = 0x80090029
NOHASHOID = 1
CALG = {0x8004: hashes.SHA1(), 0x800C: hashes.SHA256()}
NAMES = {"SHA1": hashes.SHA1(), "SHA256": hashes.SHA256(), "SHA384": hashes.SHA384(), "SHA512": hashes.SHA512()}


@dataclass
class Installed:
    """One certificate and how its key is kept. `failure`: the code any use of the key gives; `acquire`: acquiring it."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey | None
    cng: bool = False
    software: bool = True
    spec: int = AT_KEYEXCHANGE
    failure: int = 0
    acquire: int = 0
    shared: bool = False


@dataclass
class FakeWindows:
    """`open` counts handles that were not given back. `odd` lies in every store beside the certificates (DER, or claims to be).

    With `answered`, a key used sets `asking` and waits for it, as when the PIN is asked.
    """

    my: list[Installed] = field(default_factory=list)
    ca: list[x509.Certificate] = field(default_factory=list)
    contexts: dict[int, Installed | None] = field(default_factory=dict)
    keys: dict[int, Installed] = field(default_factory=dict)
    signatures: list[str] = field(default_factory=list)
    odd: list[bytes] = field(default_factory=list)
    asking: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event | None = None

    def __post_init__(self) -> None:
        self._numbers = itertools.count(0x1000, 8)

    @property
    def open(self) -> int:
        return len(self.contexts) + len(self.keys)

    def certificates(self, store: str) -> list[CertificateInStore]:
        held: list[tuple[x509.Certificate, Installed | None]] = [(each.certificate, each) for each in self.my]
        if store == "CA":
            held = [(certificate, None) for certificate in self.ca]
        found = []
        for certificate, installed in held:
            number = next(self._numbers)
            self.contexts[number] = installed
            found.append(CertificateInStore(number, certificate.public_bytes(Encoding.DER)))
        for der in self.odd:
            found.append(CertificateInStore(next(self._numbers), der))
            self.contexts[found[-1].context] = None
        return found

    def free_certificate(self, certificate: CertificateInStore) -> None:
        del self.contexts[certificate.context]

    def acquire_key(self, certificate: CertificateInStore) -> KeyHandle:
        installed = self.contexts[certificate.context]
        if installed is None or installed.acquire:
            raise WindowsCallError(installed.acquire if installed else 0x8009200B)
        number = next(self._numbers)
        if not installed.shared:
            self.keys[number] = installed
        else:
            self._cached = {number: installed}
        return KeyHandle(number, NCRYPT_KEY_SPEC if installed.cng else installed.spec, not installed.shared)

    def crypt_sign_hash(self, key: KeyHandle, algorithm: int, digest: bytes, flags: int) -> bytes:
        installed = self._capi(key, algorithm)
        if len(digest) != CALG[algorithm].digest_size:  # a DigestInfo would be read past its end, or refused
            raise WindowsCallError(NTE_BAD_HASH)
        self.signatures.append("CAPI")
        if flags & NOHASHOID:
            modulus = installed.certificate.public_key().public_numbers().n
            block = b"\0\1" + b"\xff" * (256 - 3 - len(digest)) + b"\0" + digest
            private = installed.key.private_numbers()
            return pow(int.from_bytes(block), private.d, modulus).to_bytes(256, "little")
        return installed.key.sign(digest, padding.PKCS1v15(), Prehashed(CALG[algorithm]))[::-1]

    def crypt_sign_message(self, key: KeyHandle, algorithm: int, message: bytes) -> bytes:
        installed = self._capi(key, algorithm)
        self.signatures.append("CAPI-WHOLE")
        return installed.key.sign(message, padding.PKCS1v15(), CALG[algorithm])[::-1]

    def release_provider(self, key: KeyHandle) -> None:
        assert key.spec != NCRYPT_KEY_SPEC
        del self.keys[key.handle]

    def ncrypt_sign_hash(self, key: KeyHandle, algorithm: str, digest: bytes, salt: int | None) -> bytes:
        installed = self._key(key, cng=True)
        hashed = NAMES[algorithm]
        if salt is None:
            scheme: padding.AsymmetricPadding = padding.PKCS1v15()
        elif installed.software:
            scheme = padding.PSS(mgf=padding.MGF1(hashed), salt_length=salt)
        else:
            raise WindowsCallError(NTE_NOT_SUPPORTED)
        self.signatures.append("CNG-PKCS1" if salt is None else "CNG-PSS")
        return installed.key.sign(digest, scheme, Prehashed(hashed))

    def ncrypt_is_software(self, key: KeyHandle) -> bool:
        return self._key(key, cng=True).software

    def ncrypt_free(self, key: KeyHandle) -> None:
        assert key.spec == NCRYPT_KEY_SPEC
        del self.keys[key.handle]

    def _capi(self, key: KeyHandle, algorithm: int) -> Installed:
        installed = self._key(key, cng=False)
        if key.spec != installed.spec:
            raise WindowsCallError(NTE_NO_KEY)
        if algorithm not in CALG:
            raise WindowsCallError(NTE_BAD_ALGID)
        return installed

    def _key(self, key: KeyHandle, *, cng: bool) -> Installed:
        installed = self.keys.get(key.handle) or self._cached[key.handle]
        assert installed.cng is cng, "a CAPI handle given to CNG, or the reverse"
        if self.answered is not None:
            self.asking.set()
            assert self.answered.wait(120)
            assert key.handle in self.keys, "a handle given back while Windows uses it"
        if installed.failure:
            raise WindowsCallError(installed.failure)
        return installed
