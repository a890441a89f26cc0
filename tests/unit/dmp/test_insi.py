"""Messages of INSi: what goes out, in the form of the reference §7, and answers of every oddity."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dmp_desktop.dmp import insi_answer, insi_errors, insi_messages
from dmp_desktop.dmp.insi import InsiClient
from dmp_desktop.dmp.insi_messages import Emitter
from dmp_desktop.dmp.transport import answer_lost, unreachable
from dmp_desktop.domain.insi import InsiAnswer, InsiOutcome, TraitQuery, VitaleQuery
from dmp_desktop.domain.people import Sex
from dmp_desktop.errors import DmpDesktopError, DmpError
from tests.helpers.clock import FakeClock, SeededEntropy

EMITTER = Emitter("810002422979", "DMP Desktop & Cie", "0.1", "BAC-A-SABLE", "poste-1")
QUERY = TraitQuery("Test-d’Œuvré", ("Éloïse", "Marie-Ange"), Sex.FEMALE, date(1997, 2, 26), "2A020")
RESULT = "http://www.cnamts.fr/INSiResultat"
TRAITS = (
    "<TIQ><NomNaissance>TEST-ADRTROIS</NomNaissance><Prenom>DOMINIQUE</Prenom><ListePrenom>DOMINIQUE ANNE</ListePrenom>"
    "<Sexe>F</Sexe><DateNaissance>1997-02-26</DateNaissance><LieuNaissance>2A020</LieuNaissance></TIQ>"
)
SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"


def number(
    name: str, value: str = "297022A020778", key: str = "78", oid: str = "1.2.250.1.213.1.4.10", more: str = ""
) -> str:
    return f"<{name}><IdIndividu><NumIdentifiant>{value}</NumIdentifiant><Cle>{key}</Cle></IdIndividu><OID>{oid}</OID>{more}</{name}>"


def envelope(content: str, header: str = "") -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{header}</s:Header><s:Body>{content}</s:Body></s:Envelope>'.encode()


def answer(individual: str, code: str = "00") -> bytes:
    told = f"<CR><CodeCR>{code}</CodeCR><LibelleCR>OK</LibelleCR></CR>"
    who = f"<INDIVIDU>{individual}</INDIVIDU>" if individual else ""
    return envelope(f'<RESULTAT xmlns="{RESULT}">{told}{who}</RESULTAT>')


def fault(detail: str = "", subcode: str = "soap:siram_100") -> bytes:
    return envelope(
        f"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="fr">Non</s:Text></s:Reason>{detail}</s:Fault>'
    )


class Line:
    """A Transport with answers ready, in order: an error is raised, bytes are answered."""

    def __init__(self, *answers: tuple[int, bytes] | DmpDesktopError) -> None:
        self.answers = list(answers)
        self.posts: list[tuple[str, bytes, Mapping[str, str]]] = []

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        self.posts.append((path, body, headers))
        ready = self.answers.pop(0)
        if isinstance(ready, DmpDesktopError):
            raise ready
        return Reply(*ready)

    def close(self) -> None:
        return None


class Reply:
    headers: Mapping[str, str] = {}

    def __init__(self, status: int, content: bytes) -> None:
        self.status = status
        self._content = content

    def read(self) -> bytes:
        return self._content

    def chunks(self) -> Iterator[bytes]:
        yield self._content


def client(*answers: tuple[int, bytes] | DmpDesktopError) -> tuple[InsiClient, Line]:
    line = Line(*answers)
    return InsiClient(line, EMITTER, FakeClock(), SeededEntropy()), line


# What goes out


def test_the_envelope_has_both_contexts() -> None:
    now = datetime(2026, 11, 22, 9, 30, 1, 250_000, tzinfo=UTC)
    content = insi_messages.envelope("urn:a", "<b/>", EMITTER, b'<saml Id="1"/>', uuid.UUID(int=7), now)
    root = etree.fromstring(content)
    bam, lps = root.find("*/{urn:siram:bam:ctxbam}ContexteBAM"), root.find("*/{urn:siram:lps:ctxlps}ContexteLPS")
    assert dict(bam.attrib) == {"Version": "01_02"}
    assert dict(lps.attrib) == {"Version": "01_00", "Nature": "CTXLPS"}
    names = ["Id", "Temps", "Emetteur"]
    assert [etree.QName(child).localname for child in bam] == [*names, "COUVERTURE"]
    assert [etree.QName(child).localname for child in lps] == [*names, "LPS"]
    software = lps.find("{*}LPS")
    assert [(etree.QName(c).localname, c.text, dict(c.attrib)) for c in software] == [
        ("IDAM", "BAC-A-SABLE", {"R": "4"}),
        ("Version", "0.1", {}),
        ("Instance", "poste-1", {}),
        ("Nom", "DMP Desktop & Cie", {}),
    ]
    assert bam.findtext("{*}Temps") == "2026-11-22T09:30:01.250Z"
    assert b'<saml Id="1"/>' in content  # untouched: it is signed


def test_no_assertion_no_security_header() -> None:
    content = insi_messages.envelope("urn:a", "<b/>", EMITTER, b"", uuid.UUID(int=7), datetime.now(UTC))
    assert b"Security" not in content


def test_traits_in_the_order_and_the_form_of_the_reference() -> None:
    body = etree.fromstring(insi_messages.by_traits(QUERY))
    assert body.tag == "{http://www.cnamts.fr/INSiRecSans}RECSANSVITALE"
    assert [(etree.QName(child).localname, child.text) for child in body] == [
        ("NomNaissance", "TEST-D'OEUVRE"),
        ("Prenom", "ELOISE"),
        ("Prenom", "MARIE-ANGE"),
        ("Sexe", "F"),
        ("DateNaissance", "1997-02-26"),
        ("LieuNaissance", "2A020"),
    ]


def test_vitale_in_the_order_of_the_reference() -> None:
    query = VitaleQuery("19500000", 2, opener_nir="297022A02077878", own_nir="275126322074974", birth_family="Test-é")
    body = etree.fromstring(insi_messages.by_vitale(query))
    assert body.tag == "{http://www.cnamts.fr/INSiRecVit}RECVITALE"
    assert [(etree.QName(child).localname, "".join(child.itertext())) for child in body] == [
        ("MatriculeIndividu", "275126322074974"),
        ("MatriculeOD", "297022A02077878"),
        ("NomNaissance", "TEST-E"),
        ("DateNaissance", "19500000"),
        ("RangNaissance", "2"),
    ]


@pytest.mark.parametrize(
    "query",
    [
        TraitQuery("", ("A",), Sex.MALE, date(2000, 1, 1)),
        TraitQuery("TEST-A", (" ",), Sex.MALE, date(2000, 1, 1)),
        TraitQuery("TEST-A", ("A",), Sex.UNKNOWN, date(2000, 1, 1)),
        VitaleQuery("19500000", 1),
        VitaleQuery("1950-01-01", 1, "297022A02077878"),
        VitaleQuery("19500000", 0, "297022A02077878"),
        VitaleQuery("19500000", 1, "297022A02077879"),
    ],
)
def test_a_question_that_means_nobody_does_not_leave(query: TraitQuery | VitaleQuery) -> None:
    asked, line = client()
    with pytest.raises(ValueError, match=r"INSi|rank|NIR"):
        asked.by_traits(query) if isinstance(query, TraitQuery) else asked.by_vitale(query)
    assert line.posts == []


# What comes back


def test_an_identity() -> None:
    more = "<DateDeb>2019-10-01</DateDeb>"
    former = number(
        "INSHISTO", "8990663113008", "28", more="<DateDeb>20010602</DateDeb><DateFin>2004-03-31+02:00</DateFin>"
    )
    told = insi_answer.read(answer(number("INSACTIF", more=more) + former + TRAITS))
    assert told.outcome is InsiOutcome.FOUND
    assert told.active is not None
    assert told.traits is not None
    assert (told.active.value, told.active.since, told.active.until) == ("297022A02077878", date(2019, 10, 1), None)
    assert [(old.value, old.since, old.until) for old in told.history] == [
        ("899066311300828", date(2001, 6, 2), date(2004, 3, 31))
    ]
    assert told.traits.given == ("DOMINIQUE", "ANNE")
    assert (told.traits.sex, told.traits.birth_date, told.traits.birth_place_cog) == (Sex.FEMALE, "1997-02-26", "2A020")


@pytest.mark.parametrize("code", ["01", "02"])
def test_nobody_or_several(code: str) -> None:
    told = insi_answer.read(answer("", code))
    assert (told.outcome.value, told.active, told.traits) == (code, None, None)


@pytest.mark.parametrize("name", ["NomNaissance", "Prenom", "ListePrenom", "Sexe", "DateNaissance", "LieuNaissance"])
@pytest.mark.parametrize("empty", [True, False])
def test_a_missing_trait_is_not_told(name: str, empty: bool) -> None:
    start, end = TRAITS.index(f"<{name}>"), TRAITS.index(f"</{name}>") + len(name) + 3
    told = insi_answer.read(answer(number("INSACTIF") + TRAITS[:start] + f"<{name}/>" * empty + TRAITS[end:]))
    assert told.traits is not None
    values = {
        "NomNaissance": told.traits.birth_family,
        "Prenom": told.traits.first_given,
        "ListePrenom": " ".join(told.traits.given),
        "Sexe": told.traits.sex.value.replace("UN", ""),
        "DateNaissance": told.traits.birth_date,
        "LieuNaissance": told.traits.birth_place_cog,
    }
    assert values.pop(name) == ""
    assert all(values.values())


def test_no_traits_at_all_and_unknown_parts_of_a_date() -> None:
    assert insi_answer.read(answer(number("INSACTIF"))).traits is None
    lunar = insi_answer.read(answer(number("INSACTIF") + TRAITS.replace("1997-02-26", "1950-00-00"))).traits
    assert lunar is not None
    assert lunar.birth_date == "1950-00-00"


def test_a_former_number_that_is_unsound_is_left_out() -> None:
    told = insi_answer.read(answer(number("INSACTIF") + number("INSHISTO", key="79") + TRAITS))
    assert told.history == ()


UNSOUND = {
    "wrong key": number("INSACTIF", key="79"),
    "no key": number("INSACTIF", key=""),
    "no authority": number("INSACTIF", oid=""),
    "an authority of something else": number("INSACTIF", oid="1.2.250.1.71.4.2.1"),
    "Corsica without its letter": number("INSACTIF", "2970220020778"),
    "no number": "<INSACTIF/>",
    "nothing active": number("INSHISTO"),
    "two active": number("INSACTIF") * 2,
}


@pytest.mark.parametrize("individual", UNSOUND.values(), ids=UNSOUND)
def test_nobody_is_identified_by_what_is_unsound(individual: str) -> None:
    with pytest.raises(DmpError) as caught:
        insi_answer.read(answer(individual + TRAITS))
    assert caught.value.code == "ReponseInsiIllisible"


@pytest.mark.parametrize(
    "content",
    [b"", b"<a/>", answer("", "03"), answer("", ""), answer(""), envelope("<x/>"), envelope(""),
     b'<!DOCTYPE a [<!ENTITY b "c">]>' + answer("", "01"), b" " * (insi_answer.MAX_ANSWER + 1)],
)  # fmt: skip
def test_what_is_no_answer(content: bytes) -> None:
    with pytest.raises(DmpError) as caught:
        insi_answer.read(content)
    assert caught.value.code == "ReponseInsiIllisible"


SIRAM = '<s:Detail><e:Erreur xmlns:e="urn:siram" code="{}" severite="fatal">Refus</e:Erreur></s:Detail>'


@pytest.mark.parametrize(
    ("content", "code", "retryable"),
    [
        (fault(SIRAM.format("desir_550")), "DESIR_550", False),
        (fault(SIRAM.format("DESIR_560")), "DESIR_560", False),
        (fault(SIRAM.format("desir_999")), "desir_999", False),
        (fault("<s:Detail><Erreur><code>desir_550</code></Erreur></s:Detail>"), "DESIR_550", False),
        (fault(), "SIRAM_100", True),
        (fault(SIRAM.format("")), "SIRAM_100", True),
        (fault(subcode="autre"), "autre", False),
    ],
)
def test_faults(content: bytes, code: str, retryable: bool) -> None:
    asked, _ = client((500, content))
    with pytest.raises(DmpError) as caught:
        asked.by_traits(QUERY)
    assert (caught.value.code, caught.value.retryable) == (code, retryable)
    assert "INSi" in caught.value.message_fr
    assert caught.value.remedy_fr


@pytest.mark.parametrize(
    ("status", "retryable"), [(502, True), (503, True), (500, True), (404, False), (403, False), (204, False)]
)
def test_what_stands_before_the_teleservice(status: int, retryable: bool) -> None:
    asked, _ = client((status, b"<html>non</html>"))
    with pytest.raises(DmpError) as caught:
        asked.by_traits(QUERY)
    assert (caught.value.code, caught.value.retryable) == (f"HTTP{status}", retryable)
    assert "INSi" in caught.value.message_fr


def test_a_question_is_asked_once_more_when_its_answer_is_lost() -> None:
    asked, line = client(answer_lost(), (200, answer("", "01")))
    assert asked.by_traits(QUERY).outcome is InsiOutcome.NONE
    assert [path for path, *_ in line.posts] == ["/lps", "/lps"]
    assert line.posts[0][2]["Content-Type"].endswith(f'action="{insi_messages.ACTION_TRAITS}"')


def test_the_transport_s_errors_are_told_of_insi() -> None:
    for error in (unreachable(), answer_lost()):
        asked, _ = client(error, error)
        with pytest.raises(DmpError) as caught:
            asked.by_traits(QUERY)
        assert (caught.value.code, caught.value.retryable) == (error.code, error.retryable)
        assert "INSi" in caught.value.message_fr


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: answer(text.replace("<", "")) + text.encode()))
def test_any_bytes_are_an_answer_or_an_error(content: bytes) -> None:
    try:
        assert isinstance(insi_answer.read(content), InsiAnswer)
    except DmpError as error:
        assert error.message_fr  # noqa: PT017


@given(st.integers(0, 2000), st.integers(0, 255))
def test_a_changed_answer_never_gives_another_number(position: int, byte: int) -> None:
    """A byte changed anywhere: the number of the answer, none, or one whose own key is right."""
    content = bytearray(answer(number("INSACTIF") + TRAITS))
    content[position % len(content)] = byte
    try:
        told = insi_answer.read(bytes(content))
    except DmpError:
        return
    assert told.active is None or told.active.value == "297022A02077878"


def test_no_trait_in_representations_nor_errors() -> None:
    told = insi_answer.read(answer(number("INSACTIF") + number("INSHISTO") + TRAITS))
    shown = repr((told, told.active, told.traits, told.history, QUERY, insi_errors.unreadable("key")))
    for word in ("ADRTROIS", "DOMINIQUE", "297022", "1997", "Éloïse", "Œuvré"):
        assert word not in shown


def test_the_answer_to_another_question_identifies_nobody() -> None:
    found = answer(number("INSACTIF")).decode()

    def related(to: str) -> bytes:
        return found.replace(
            "<s:Header></s:Header>", f'<s:Header><RelatesTo xmlns="{WSA}">{to}</RelatesTo></s:Header>'
        ).encode()

    asked = f"urn:uuid:{SeededEntropy().uuid()}"
    client_, line = client((200, related(asked)), (200, related("urn:uuid:00000000-0000-4000-8000-000000000000")))
    assert client_.by_traits(QUERY).outcome is InsiOutcome.FOUND
    sent = etree.fromstring(line.posts[0][1])
    assert sent.findtext(f"*/{{{WSA}}}MessageID") == asked
    assert sent.findtext("*/{urn:siram:bam:ctxbam}ContexteBAM/{*}Id") in asked
    with pytest.raises(DmpError) as caught:
        client_.by_traits(QUERY)
    assert (caught.value.code, caught.value.detail) == ("ReponseInsiIllisible", "answer to another request")
