"""The stand-in INSi: what it demands, whom it finds, and how it refuses (reference §7)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmp_desktop.domain.ins import is_ins
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.insi import Refusal
from dmp_desktop.sandbox.insi_people import PEOPLE
from dmp_desktop.sandbox.mtom import Incoming
from dmp_desktop.sandbox.patients import STORIES
from tests.helpers.dmp_wire import Answer, Caller
from tests.helpers.insi_wire import BAM, BY_VITALE, LPS, ask, message, traits_body, vitale_body

DOMINIQUE = ("TEST-ADRTROIS", "DOMINIQUE", "F", "1997-02-26")
OPENER = "181066311304262"


@pytest.fixture
def orders_are_used(sandbox: Sandbox) -> Iterator[None]:
    yield
    assert not any(getattr(sandbox.insi.faults, name) for name in ("desir_550", "desir_560", "siram_100", "wrong_key"))


def code(answer: Answer) -> str:
    return str(answer.body.findtext("{*}CR/{*}CodeCR"))


def refused(answer: Answer) -> str:
    """The code of siram:Erreur, under the one Subcode of the teleservice."""
    assert answer.status == 500
    assert answer.fault[0] == "soap:siram_100"
    error = next(answer.body.iter("{urn:siram}Erreur"), None)
    return "" if error is None else str(error.get("code"))


def text(answer: Answer, path: str) -> str | None:
    return answer.body.findtext("/".join(f"{{http://www.cnamts.fr/INSiResultat}}{step}" for step in path.split("/")))


def test_one_identity(doctor: Caller) -> None:
    answer = ask(doctor, traits_body(*DOMINIQUE))
    assert (answer.status, code(answer)) == (200, "00")
    assert answer.body.tag == "{http://www.cnamts.fr/INSiResultat}RESULTAT"
    assert [child.tag.rpartition("}")[2] for child in answer.body.find("{*}INDIVIDU")] == ["INSACTIF", "TIQ"]
    assert text(answer, "INDIVIDU/INSACTIF/IdIndividu/NumIdentifiant") == "297022A020778"
    assert text(answer, "INDIVIDU/INSACTIF/IdIndividu/Cle") == "78"
    assert text(answer, "INDIVIDU/INSACTIF/OID") == "1.2.250.1.213.1.4.10"
    assert [child.tag.rpartition("}")[2] for child in answer.body.find("{*}INDIVIDU/{*}TIQ")] == [
        "NomNaissance", "Prenom", "ListePrenom", "Sexe", "DateNaissance", "LieuNaissance",
    ]  # fmt: skip


def test_the_answer_relates_to_the_question_that_has_a_name(doctor: Caller) -> None:
    """WS-Addressing 1.0 §3.4 [R]: the reference tells nothing of it for INSi."""
    asked = "urn:uuid:00000000-0000-4000-8000-000000000007"
    named = f'<a:MessageID xmlns:a="http://www.w3.org/2005/08/addressing">{asked}</a:MessageID>'
    for more, related in ((named, asked), ("", None)):
        answer = ask(doctor, traits_body(*DOMINIQUE), bam=BAM + more)
        assert (answer.status, answer.envelope.findtext(".//{*}RelatesTo")) == (200, related)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_patients_of_the_stories_are_known(doctor: Caller, story: object) -> None:
    patient = story.patient  # type: ignore[attr-defined]
    answer = ask(
        doctor,
        traits_body(patient.birth_family, patient.first_given, patient.sex, patient.birth_date.isoformat()),
    )
    assert code(answer) == "00"
    assert text(answer, "INDIVIDU/INSACTIF/IdIndividu/NumIdentifiant") == patient.ins.value[:13]


@pytest.mark.parametrize(
    ("traits", "expected"),
    [
        (("TEST-INCONNU", "JEAN", "M", "1980-01-01"), "01"),
        (("TEST-ADRTROIS", "DOMINIQUE", "M", "1997-02-26"), "01"),
        (("TEST-ADRTROIS", "DOMINIQUE", "F", "1997-02-27"), "01"),
        (("TEST-ADRTROIS", "DOMINIQUE", "F", "1997-02-26", "2A020"), "00"),
        (("TEST-ADRTROIS", "DOMINIQUE", "F", "1997-02-26", "75056"), "01"),
        (("test adrtrois", "Dominique", "F", "1997-02-26"), "00"),
        # by another order of the given names than the one in use
        (("TEST-INVERSE", "MARIE", "F", "1988-04-13"), "01"),
        (("TEST-INVERSE", "CLAUDE", "F", "1988-04-13"), "00"),
        (("TEST-INVERSE", "CLAUDE|MARIE", "F", "1988-04-13"), "00"),
        # a given name of two words is one name
        (("TEST-ECETINSI", "PIERRE", "M", "1983-04-27"), "01"),
        (("TEST-ECETINSI", "PIERRE|ALAIN", "M", "1983-04-27"), "00"),
        # homonyms
        (("TEST-HOMONYME", "PIERRE", "M", "1970-01-20"), "02"),
        (("TEST-HOMONYME", "PIERRE|PAUL", "M", "1970-01-20"), "00"),
        (("TEST-SOSIE", "ANNE|LUCIE", "F", "1960-02-11"), "02"),
        (("TEST-SOSIE", "ANNE|LUCIE", "F", "1960-02-11", "31555"), "00"),
        (("TEST-DOUBLE", "JEAN", "M", "1955-03-12", "59350"), "02"),
    ],
)
def test_outcomes(doctor: Caller, traits: tuple[str, ...], expected: str) -> None:
    answer = ask(doctor, traits_body(*traits))
    assert code(answer) == expected
    assert (answer.body.find("{*}INDIVIDU") is not None) == (expected == "00")


def test_history_and_waiting_numbers(doctor: Caller) -> None:
    answer = ask(doctor, traits_body("TEST-HISTORIQUE", "TOM", "M", "1999-06-02"))
    former = answer.body.findall("{*}INDIVIDU/{*}INSHISTO")
    assert [one.findtext("{*}IdIndividu/{*}NumIdentifiant")[0] for one in former] == ["8", "1"]
    assert all(one.findtext("{*}DateFin") for one in former)
    waiting = ask(doctor, traits_body("TEST-ATTENTE", "AMINA", "F", "2001-09-08"))
    assert str(text(waiting, "INDIVIDU/INSACTIF/IdIndividu/NumIdentifiant")).startswith("8")


@pytest.mark.parametrize(
    ("body", "given"),
    [
        (vitale_body("20150714", opener=OPENER), "ROSE"),
        (vitale_body("20180815", "1", opener=OPENER), "ELIO"),
        (vitale_body("20180815", "2", opener=OPENER), "LINO"),
        (vitale_body("19810607", opener=OPENER), "HUGO"),
        (vitale_body("20150714", own="215076311301984"), "ROSE"),
        (vitale_body("20150714", own="215076311301984", opener=OPENER, family="TEST-OUVRANT"), "ROSE"),
        (vitale_body("19500000", opener="150009935002219"), "ALI"),
        (vitale_body("20150715", opener=OPENER), None),
        (vitale_body("20180815", "3", opener=OPENER), None),
        (vitale_body("20150714", opener=OPENER, family="TEST-AUTRE"), None),
    ],
)
def test_by_vitale(doctor: Caller, body: str, given: str | None) -> None:
    assert text(ask(doctor, body, BY_VITALE), "INDIVIDU/TIQ/Prenom") == given


BODY = traits_body(*DOMINIQUE)
CARD = vitale_body("20150714", opener=OPENER)
VIOLATIONS = {
    "no ContexteBAM": ({"bam": ""}, "bas_contexte"),
    "no ContexteLPS": ({"lps": ""}, "bas_contexte"),
    "ContexteBAM twice": ({"bam": BAM * 2}, "bas_contexte"),
    "ContexteBAM of another version": ({"bam": BAM.replace("01_02", "01_01")}, "bas_contexte"),
    "ContexteLPS of another version": ({"lps": LPS.replace("01_00", "01_01")}, "bas_contexte"),
    "ContexteLPS of another nature": ({"lps": LPS.replace("CTXLPS", "CTX")}, "bas_contexte"),
    "no COUVERTURE": ({"bam": BAM.replace("<COUVERTURE/>", "")}, "bas_contexte"),
    "Id is no UUID": ({"bam": BAM.replace("{id}", "1")}, "bas_contexte"),
    "Temps without a zone": ({"lps": LPS.replace(".000Z", "")}, "bas_contexte"),
    "Temps of another zone": ({"lps": LPS.replace(".000Z", "+01:00")}, "bas_contexte"),
    "no Emetteur": ({"bam": BAM.replace("810002422979", "")}, "bas_contexte"),
    "IDAM without R": ({"lps": LPS.replace(' R="4"', "")}, "bas_contexte"),
    "no Instance": ({"lps": LPS.replace("<Instance>x</Instance>", "")}, "bas_contexte"),
    "an unknown software": ({"lps": LPS.replace("BAC-A-SABLE", "AUTRE")}, "desir_550"),
    "a card without assertion": ({"signed": False}, "bas_assertion"),
    "another operation": ({"action": BY_VITALE}, "bas_operation"),
    "no action": ({"action": ""}, "bas_operation"),
    "another namespace": ({"body": BODY.replace("INSiRecSans", "INSiRecVit")}, "bas_operation"),
    "no family name": ({"body": BODY.replace("<NomNaissance>TEST-ADRTROIS</NomNaissance>", "")}, "bas_corps"),
    "an empty family name": ({"body": BODY.replace("TEST-ADRTROIS", " ")}, "bas_corps"),
    "a digit in a name": ({"body": BODY.replace("TEST-ADRTROIS", "TEST3")}, "bas_corps"),
    "no given name": ({"body": BODY.replace("<Prenom>DOMINIQUE</Prenom>", "")}, "bas_corps"),
    "sex of another code": ({"body": BODY.replace("<Sexe>F", "<Sexe>2")}, "bas_corps"),
    "a day that is none": ({"body": BODY.replace("1997-02-26", "1997-02-30")}, "bas_corps"),
    "a date as on the card": ({"body": BODY.replace("1997-02-26", "19970226")}, "bas_corps"),
    "a place of 4 digits": ({"body": traits_body(*DOMINIQUE, "2A02")}, "bas_corps"),
    "an unknown element": ({"body": BODY.replace("</RECSAN", "<Adresse>1</Adresse></RECSAN")}, "bas_corps"),
    "disorder": ({"body": BODY.replace("<Sexe>F</Sexe>", "").replace("</RECSAN", "<Sexe>F</Sexe></RECSAN")}, "bas_corps"),
    "no number": ({"body": vitale_body("20150714"), "action": BY_VITALE}, "bas_corps"),
    "a wrong key": ({"body": CARD.replace("<Cle>62", "<Cle>63"), "action": BY_VITALE}, "bas_corps"),
    "a rank of 0": ({"body": vitale_body("20150714", "0", opener=OPENER), "action": BY_VITALE}, "bas_corps"),
    "a date with hyphens": ({"body": vitale_body("2015-07-14", opener=OPENER), "action": BY_VITALE}, "bas_corps"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_each_rule_refuses(doctor: Caller, change: dict[str, str], expected: str) -> None:
    assert refused(ask(doctor, **({"body": BODY} | change))) == expected  # type: ignore[arg-type]


def test_a_structure_s_certificate_is_no_insi_certificate(structure: Caller) -> None:
    assert refused(ask(structure, BODY, signed=False)) == "DESIR_560"


@pytest.mark.parametrize(("name", "right"), [("INSI-AUTO", True), ("INSI-MANU", True), ("INSI", False)])
def test_the_name_of_a_software_certificate(sandbox: Sandbox, name: str, right: bool) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    if right:
        sandbox.insi.check_caller(None, certificate)
        return
    with pytest.raises(Refusal) as caught:
        sandbox.insi.check_caller(None, certificate)
    assert caught.value.code == "DESIR_560"


@pytest.mark.usefixtures("orders_are_used")
@pytest.mark.parametrize(
    ("order", "expected"), [("desir_550", "desir_550"), ("desir_560", "DESIR_560"), ("siram_100", "")]
)
def test_faults_to_order(sandbox: Sandbox, secretary: Caller, order: str, expected: str) -> None:
    setattr(sandbox.insi.faults, order, 1)
    assert refused(ask(secretary, BODY)) == expected
    assert code(ask(secretary, BODY)) == "00"


def test_what_is_no_soap_is_refused(doctor: Caller) -> None:
    media = "application/soap+xml"
    for content in (b"", b"<a/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", BODY.encode()):
        assert refused(doctor.post("/lps", content, media)) == "bas_message"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300)
    | st.tuples(st.sampled_from([BODY, CARD]), st.integers(0, 3000), st.binary(min_size=1, max_size=8)).map(
        lambda parts: spliced(message(parts[0], ""), parts[1], parts[2])
    )
)
def test_any_bytes_are_refused_in_a_fault(sandbox: Sandbox, doctor: Caller, content: bytes) -> None:
    """No signature is in them: nothing is ever answered, and nothing breaks."""
    certificate = doctor.auth.certificate.public_bytes(serialization.Encoding.PEM).decode()
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/soap+xml",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": io.BytesIO(content),
        "SSL_CLIENT_CERT": certificate,
    }
    status, _, answer = sandbox.insi.reply(environ, Incoming(environ, 10_000))
    assert status.startswith("500")
    assert b"siram_100" in answer


def spliced(content: bytes, position: int, what: bytes) -> bytes:
    place = position % len(content)
    return content[:place] + what + content[place + len(what) :]


def test_every_person_has_a_sound_number() -> None:
    for person in PEOPLE:
        assert is_ins(person.matricule + person.key)
        assert person.family.startswith("TEST-")
        assert person.oid == "1.2.250.1.213.1.4.10"
