from __future__ import annotations

import pytest
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.cps import PlainCpsReader
from dmp_desktop.card.fake import FakePcsc
from dmp_desktop.card.pkcs15 import MAX_CERTIFICATES
from dmp_desktop.domain.cards import CardType, PublicCps
from dmp_desktop.errors import CardError
from dmp_desktop.sandbox.virtual_cards import ATR_CPS4
from tests.helpers.cps_certificates import SUBJECT, certificate

AUTHENTICATION, SIGNATURE = certificate(serial=1, signs=False), certificate(serial=2, signs=True)
ODF = "A4 06 3004 0402 7002"


def entry(file_id: str, key_id: str = "02", label: str = "41") -> str:
    """SEQUENCE { { label }, { iD }, [1] { { { path } } } }"""
    return f"30 17 3003 0C01{label} 3003 0401{key_id} A10B 3009 3007 0402{file_id} 020100"


class Files:
    """A card under T=0 whose files are asked by identifier alone, as some cards want."""

    atr = ATR_CPS4

    def __init__(self, files: dict[str, str | bytes]) -> None:
        self._files = {
            bytes.fromhex(name): bytes.fromhex(one) if isinstance(one, str) else one for name, one in files.items()
        }
        self._selected = b""
        self.commands = 0

    def reset(self) -> None:
        self._selected = b""

    def process(self, apdu: bytes) -> bytes:
        self.commands += 1
        _, ins, p1, p2 = apdu[:4]
        if ins == 0xA4 and p1 == 0x04:
            return b"\x90\x00"
        if ins == 0xA4:
            if p1 != 0x02 or apdu[5:] not in self._files:
                return b"\x6a\x82"
            self._selected = self._files[apdu[5:]]
            return b"\x90\x00"
        data = self._selected[(p1 << 8 | p2) :][:256]
        return data + b"\x90\x00" if data else b"\x6b\x00"


def read(card: Files) -> PublicCps:
    pcsc = FakePcsc()
    pcsc.plug("A")
    pcsc.insert("A", card)
    return PlainCpsReader(CardAccess(pcsc)).read_public("A")


def test_files_asked_by_identifier_and_padded() -> None:
    directory = entry("8001") + entry("8002") + "00" * 40
    bearer = read(
        Files({"5031": ODF, "7002": directory, "8001": SIGNATURE + bytes(100), "8002": AUTHENTICATION + b"\xff" * 9})
    )
    assert bearer.authentication_certificate_der == AUTHENTICATION
    assert bearer.signature_certificate_der == SIGNATURE


def test_a_card_without_a_signature_certificate() -> None:
    """As in front of a contactless reader."""
    bearer = read(Files({"5031": ODF, "7002": entry("8002"), "8002": AUTHENTICATION}))
    assert bearer.signature_certificate_der == b""


def test_a_certificate_that_is_listed_but_absent_is_passed_over() -> None:
    assert read(Files({"5031": ODF, "7002": entry("8009") + entry("8002"), "8002": AUTHENTICATION})).given == "CLAIRE"


@pytest.mark.parametrize("cut", [1, 3, 200, -1])
def test_a_certificate_that_is_cut_short_does_not_hide_the_others(cut: int) -> None:
    directory = entry("8001", "01") + entry("8002")
    bearer = read(Files({"5031": ODF, "7002": directory, "8001": SIGNATURE[:cut], "8002": AUTHENTICATION}))
    assert (bearer.given, bearer.signature_certificate_der) == ("CLAIRE", b"")


@pytest.mark.parametrize("cut", [1, 2, 10, 24])
def test_an_entry_that_is_cut_short_does_not_hide_those_before(cut: int) -> None:
    directory = bytes.fromhex(entry("8002")) + bytes.fromhex(entry("8001", "01"))[:cut]
    files = {"5031": ODF, "7002": directory, "8001": SIGNATURE, "8002": AUTHENTICATION}
    bearer = read(Files(files))
    assert (bearer.given, bearer.signature_certificate_der) == ("CLAIRE", b"")


@pytest.mark.parametrize(
    "odd",
    [
        "3003 0C0141",  # a label alone
        "30 0A 3003 0C0141 3003 040102",  # without a path
        "3017 3003 0C0141 3003 040102 A10B 3009 3007 0403 8009 020100",  # a path longer than what holds it
        "0C0141",
    ],
)
def test_an_entry_that_is_malformed_does_not_hide_the_others(odd: str) -> None:
    files = {"5031": ODF, "7002": odd + entry("8001", "01") + entry("8002"), "8001": SIGNATURE, "8002": AUTHENTICATION}
    bearer = read(Files(files))
    assert (bearer.given, bearer.signature_certificate_der) == ("CLAIRE", SIGNATURE)


def test_a_directory_that_is_named_wrongly_does_not_hide_the_others() -> None:
    bearer = read(Files({"5031": "A4 05 3003 0401 70" + ODF, "7002": entry("8002"), "8002": AUTHENTICATION}))
    assert bearer.given == "CLAIRE"


def test_a_directory_cannot_make_us_read_for_ever() -> None:
    card = Files({"5031": ODF, "7002": entry("8002") * 200, "8002": AUTHENTICATION})
    read(card)
    assert card.commands < 12 * (MAX_CERTIFICATES + 2)


def test_the_certificate_of_an_encryption_key_is_none_of_both() -> None:
    encryption = certificate(serial=3, encrypts=True)
    directory = entry("8003", "03") + entry("8001", "01") + entry("8002")
    bearer = read(
        Files({"5031": ODF, "7002": directory, "8001": SIGNATURE, "8002": AUTHENTICATION, "8003": encryption})
    )
    assert bearer.authentication_certificate_der == AUTHENTICATION
    assert bearer.signature_certificate_der == SIGNATURE
    with pytest.raises(CardError, match=r"card\.cps_data"):
        read(Files({"5031": ODF, "7002": entry("8003"), "8003": encryption}))


X400 = bytes.fromhex("3004 A302 3000")
"""GeneralNames with an x400Address (RFC 5280 §4.2.1.6)."""


def test_extensions_that_cannot_be_read_are_done_without() -> None:
    """Then the CKA_ID tells the use of the key."""
    odd = certificate(serial=4, signs=False, names=X400)
    assert read(Files({"5031": ODF, "7002": entry("8002"), "8002": odd})).authentication_certificate_der == odd
    signs = Files(
        {"5031": ODF, "7002": entry("8001", "01") + entry("8002"), "8001": odd, "8002": AUTHENTICATION},
    )
    assert read(signs).signature_certificate_der == odd


def test_one_that_cannot_be_read_does_not_hide_the_others() -> None:
    version = AUTHENTICATION.replace(bytes.fromhex("A003020102"), bytes.fromhex("A003020107"))  # there is no version 8
    for odd in (version, b"\x30\x03abc"):
        files = {"5031": ODF, "7002": entry("8009", "02") + entry("8002"), "8009": odd, "8002": AUTHENTICATION}
        assert read(Files(files)).authentication_certificate_der == AUTHENTICATION


def kind(**how: object) -> CardType:
    return read(Files({"5031": ODF, "7002": entry("8002"), "8002": certificate(**how)})).card_type  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (b"\x04\x0200", CardType.CPS),
        (b"\x0c\x0201", CardType.CPF),
        (b"02", CardType.CPE),
        (b"\x13\x0203", CardType.CPA),
        (b"\x0c\x0299", CardType.UNKNOWN),
        (b"", CardType.UNKNOWN),
    ],
)
def test_the_type_of_the_card_by_its_extension(told: bytes, expected: CardType) -> None:
    """It is believed before any word."""
    assert kind(card_type=told, issuer="TEST AC CPE") is expected


@pytest.mark.parametrize(
    ("unit", "issuer", "expected"),
    [
        ("", "TEST AC FORT PERSONNES", CardType.UNKNOWN),
        ("", "GIP-CPS TEST", CardType.UNKNOWN),
        ("", "CPSO CPE2", CardType.UNKNOWN),
        ("", "TEST AC CPE", CardType.CPE),
        ("CDE", "TEST AC", CardType.CPE),
        ("CDA", "TEST AC", CardType.CPA),
        ("CPF", "TEST AC CPS", CardType.CPF),
        ("CPS CPE", "TEST AC", CardType.UNKNOWN),
    ],
)
def test_the_type_of_the_card_by_words(unit: str, issuer: str, expected: CardType) -> None:
    subject = {**SUBJECT, NameOID.ORGANIZATIONAL_UNIT_NAME: unit} if unit else SUBJECT
    assert kind(subject=subject, issuer=issuer) is expected


@pytest.mark.parametrize(
    ("issuer", "test"), [("TEST AC", True), ("AC-TESTS", True), ("ATTESTATION", False), ("AC IGC-SANTE FORT", False)]
)
def test_a_test_card_is_told_by_its_issuer(issuer: str, test: bool) -> None:
    files: dict[str, str | bytes] = {"5031": ODF, "7002": entry("8002"), "8002": certificate(issuer=issuer)}
    assert read(Files(files)).is_test is test


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"5031": ODF},
        {"5031": ODF, "7002": entry("8002")},
        {"5031": ODF, "7002": "3003 0C0141", "8002": AUTHENTICATION},
        {"5031": ODF, "7002": "30 0A 3003 0C0141 3003 040102", "8002": AUTHENTICATION},
        {"5031": "A4 02 0400", "7002": entry("8002"), "8002": AUTHENTICATION},
        {"5031": "A4 05 3003 0401 70", "7002": entry("8002"), "8002": AUTHENTICATION},
        {"5031": ODF, "7002": entry("8002"), "8002": AUTHENTICATION[:-1]},
        {"5031": ODF, "7002": entry("8001"), "8001": SIGNATURE},
    ],
)
def test_what_is_not_a_cps_s_data_is_refused(files: dict[str, str | bytes]) -> None:
    with pytest.raises(CardError) as caught:
        read(Files(files))
    assert caught.value.code == "card.cps_data"


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
def test_any_files_are_refused(odf: bytes, directory: bytes, der: bytes) -> None:
    with pytest.raises(CardError):
        read(Files({"5031": odf, "7002": directory, "8002": der}))


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@settings(max_examples=300)
@given(st.data())
def test_flipped_bytes_are_read_or_refused(data: st.DataObject) -> None:
    files = {"5031": bytes.fromhex(ODF), "7002": bytes.fromhex(entry("8002")), "8002": AUTHENTICATION}
    name = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[name]) - 1))
    flipped = files[name][at] ^ data.draw(st.integers(1, 255))
    files[name] = files[name][:at] + bytes([flipped]) + files[name][at + 1 :]
    try:
        bearer = read(Files(dict(files)))
    except CardError:
        return
    assert bearer.national_id
