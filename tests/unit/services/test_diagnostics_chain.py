"""The path from a card's certificates to a known authority, each step of it broken in turn."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

from dmp_desktop.card import FakePcsc, open_fake
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.platform.endpoint import Endpoint
from dmp_desktop.sandbox.virtual_cards import CpsCard
from dmp_desktop.services.diagnostics.certificates import Finding, Flaw, Pair, authorities
from dmp_desktop.services.diagnostics.chain import Authorities, Break, Way, name_of
from dmp_desktop.services.diagnostics.model import Verdict
from tests.helpers import signers
from tests.helpers.odd_certificates import spoilt
from tests.helpers.stations import NOW, one, station

ROOT, ABOVE, BELOW, HOLDER = "AC RACINE TEST", "AC TEST FORT", "AC TEST FORT PERSONNES", "899700000001"
YEAR_2020, YEAR_2025, YEAR_2040 = (datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2025, 2040))


@dataclass(frozen=True)
class Made:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def issue(
    name: str,
    by: Made | None = None,
    *,
    ca: bool = True,
    depth: int | None = None,
    signs: bool = False,
    usage: bool = True,
    until: datetime = YEAR_2040,
    signed_by: Made | None = None,
) -> Made:
    """`signed_by` another key than that of `by`, whose name it bears: a forgery."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    others = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    told = x509.KeyUsage(
        digital_signature=not ca and not signs,
        content_commitment=signs,
        key_cert_sign=ca and usage,
        crl_sign=ca,
        **others,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(YEAR_2020)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=depth), critical=True)
        .add_extension(told, critical=True)
    )
    return Made(key, builder.sign((signed_by or by or Made(key, None)).key, hashes.SHA256()))


@cache
def root() -> Made:
    return issue(ROOT)


def way(leaf: Made, known: list[Made], given: list[Made]) -> Way:
    return Authorities([one.certificate for one in known], [one.certificate for one in given]).way_up(
        leaf.certificate, NOW
    )


def test_two_steps_to_a_known_root() -> None:
    above = issue(ABOVE, root())
    below = issue(BELOW, above)
    leaf = issue(HOLDER, below, ca=False)
    assert way(leaf, [root()], [below, above]) == Way(Break.NONE)
    assert way(leaf, [root(), above, below], []) == Way(Break.NONE)
    assert way(leaf, [above], [below]) == Way(Break.NONE)  # what the workstation knows need not be a root


def test_the_one_that_is_missing_is_named() -> None:
    above = issue(ABOVE, root())
    below = issue(BELOW, above)
    leaf = issue(HOLDER, below, ca=False)
    assert way(leaf, [root()], []) == Way(Break.MISSING, BELOW)
    assert way(leaf, [root()], [below]) == Way(Break.MISSING, ABOVE)
    assert way(leaf, [], [below, above]) == Way(Break.MISSING, ROOT)
    assert way(leaf, [], [below, above, root()]) == Way(Break.MISSING, ROOT)  # what came along proves nothing


def test_a_signature_that_is_wrong_at_each_step() -> None:
    stranger = issue("AC INCONNUE")
    below = issue(BELOW, root(), signed_by=stranger)
    assert way(issue(HOLDER, below, ca=False), [root()], [below]) == Way(Break.FORGED, BELOW)
    good = issue(BELOW, root())
    assert way(issue(HOLDER, good, ca=False, signed_by=stranger), [root()], [good]) == Way(Break.FORGED)


def test_an_authority_past_its_end() -> None:
    below = issue(BELOW, root(), until=YEAR_2025)
    leaf = issue(HOLDER, below, ca=False)
    assert way(leaf, [root()], [below]) == Way(Break.EXPIRED, BELOW)
    old = issue(ROOT, until=YEAR_2025)
    assert way(issue(HOLDER, issue(BELOW, old), ca=False), [old], []) == Way(Break.MISSING, BELOW)
    under_old = issue(BELOW, old)
    assert way(issue(HOLDER, under_old, ca=False), [old], [under_old]) == Way(Break.EXPIRED, ROOT)


def test_an_authority_that_was_renewed_is_found_beside_the_old_one() -> None:
    """Same name, another key: whichever signed is taken, in any order."""
    old, new = issue(BELOW, root(), until=YEAR_2025), issue(BELOW, root())
    for given in ([old, new], [new, old]):
        assert way(issue(HOLDER, new, ca=False), [root()], given) == Way(Break.NONE)
        assert way(issue(HOLDER, old, ca=False), [root()], given) == Way(Break.EXPIRED, BELOW)


@pytest.mark.parametrize("without", [{"ca": False}, {"usage": False}])
def test_an_issuer_without_the_right(without: dict[str, bool]) -> None:
    """As somebody's own card that signs another card."""
    below = issue(BELOW, root(), **without)
    assert way(issue(HOLDER, below, ca=False), [root()], [below]) == Way(Break.NOT_AUTHORITY, BELOW)


def test_an_issuer_deeper_than_it_may_be() -> None:
    shallow = issue("AC UN SEUL NIVEAU", depth=0)
    assert way(issue(HOLDER, shallow, ca=False), [shallow], []) == Way(Break.NONE)
    below = issue(BELOW, shallow)
    assert way(issue(HOLDER, below, ca=False), [shallow], [below]) == Way(Break.NOT_AUTHORITY, "AC UN SEUL NIVEAU")


def test_authorities_that_signed_each_other_end() -> None:
    one_name, other_name = issue(ABOVE), issue(BELOW)

    def crossed(subject: Made, by: Made) -> Made:
        builder = x509.CertificateBuilder(
            by.certificate.subject, subject.certificate.subject, subject.key.public_key(), x509.random_serial_number(),
            YEAR_2020, YEAR_2040, [x509.Extension(x509.BasicConstraints.oid, True, x509.BasicConstraints(True, None))],
        )  # fmt: skip
        return Made(subject.key, builder.sign(by.key, hashes.SHA256()))

    given = [crossed(one_name, other_name), crossed(other_name, one_name)]
    found = way(issue(HOLDER, other_name, ca=False), [root()], given)
    assert found.broken is Break.MISSING


def test_a_name_is_one_short_line() -> None:
    def named(words: str) -> str:
        return name_of(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)]))

    assert named("AC\nTEST" + "X" * 50) == "ACTEST" + "X" * 50
    assert name_of(x509.Name([])) == "sans nom"


def test_what_is_told_of_a_card(tmp_path: Path) -> None:
    """Through the check: the authorities known come from its file, those that help from the workstation's certificates."""
    below, late = issue(BELOW, root()), issue("AC TEST PASSEE", root(), until=YEAR_2025)
    pem = tmp_path / "ca.pem"
    pem.write_bytes(root().certificate.public_bytes(Encoding.PEM))
    for name, by, given, verdict, words, action in (
        ("two steps", below, [below], Verdict.OK, "autorité est connue", ""),
        ("missing", below, [], Verdict.UNVERIFIABLE, f"il manque « {BELOW} »", "réglages signés"),
        ("expired", late, [late], Verdict.PROBLEM, "« AC TEST PASSEE »", "date de l’ordinateur"),
    ):
        pair = [
            issue(HOLDER, by, ca=False, signs=signs).certificate.public_bytes(Encoding.DER) for signs in (False, True)
        ]
        pcsc = FakePcsc()
        pcsc.plug("Lecteur 0")
        pcsc.insert("Lecteur 0", CpsCard(*pair))
        where = station(
            tmp_path,
            open_fake(pcsc),
            endpoint=Endpoint(ca_file=pem),
            open_identity=lambda given=given: identity(tmp_path, given),
        )
        told = one(where, "cps.certificates")
        assert (name, told.verdict, words in told.cause, action in told.action) == (name, verdict, True, True), (
            told.cause
        )
        assert HOLDER not in told.cause


def identity(folder: Path, given: list[Made]) -> Pkcs12Identity:
    """A workstation's software certificate, with these authorities in its files."""
    others = [one_given.certificate for one_given in given]
    for file, name in (("auth", "TEST-AUTH"), ("sign", "TEST-SIGN")):
        key, certificate = signers.pair(name)
        sealed = BestAvailableEncryption(signers.PASSWORD.encode())
        (folder / f"{file}.p12").write_bytes(
            pkcs12.serialize_key_and_certificates(b"test", key, certificate, others, sealed)
        )
    return Pkcs12Identity(folder, signers.PASSWORD)


def test_a_certificate_that_signed_itself_names_nobody() -> None:
    itself = issue(HOLDER, ca=False)
    signature = issue(HOLDER, issue(BELOW, root()), ca=False, signs=True)
    ders = [made.certificate.public_bytes(Encoding.DER) for made in (itself, signature)]
    found = Pair(*ders).look(NOW, authorities(None, [b"0"]))
    assert found == Finding(Flaw.SELF_SIGNED, "authentification")


@pytest.mark.parametrize("damage", ["no certificate", "usage", "key", "version", "twice", "name"])
def test_an_odd_certificate_is_a_finding_wherever_it_lies(tmp_path: Path, damage: str) -> None:
    """On the card, among the authorities that came along, or in the file of those that are known."""
    key, certificate = signers.card_pair(signs=True, holder=HOLDER)
    odd = spoilt(certificate, key)[damage]
    below = issue(BELOW, root())
    good = [
        issue(HOLDER, below, ca=False, signs=signs).certificate.public_bytes(Encoding.DER) for signs in (False, True)
    ]
    pem = tmp_path / "ca.pem"
    pem.write_bytes(root().certificate.public_bytes(Encoding.PEM))
    given = below.certificate.public_bytes(Encoding.DER)
    assert Pair(*good).look(NOW, authorities(pem, [odd, given])) == Finding(Flaw.NONE)
    assert Pair(good[0], odd).look(NOW, authorities(pem, [given])).flaw is not Flaw.NONE
    pem.write_bytes(b"-----BEGIN CERTIFICATE-----\n" + b64encode(odd) + b"\n-----END CERTIFICATE-----\n")
    assert Pair(*good).look(NOW, authorities(pem, [given])) == Finding(Flaw.AUTHORITY_MISSING, "authentification", ROOT)
