"""What an answer must be to count: ours, of a known status; and in whose words a broken line is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import pytest

from dmp_desktop.dmp import names
from dmp_desktop.dmp.client import DmpClient
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.transport import answer_lost
from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import DmpError
from tests.helpers.clock import START, FakeClock, SeededEntropy
from tests.unit.dmp.test_vihf import CALLER, SOFTWARE

SUCCESS = names.STATUS_SUCCESS
FOUND = f'<q:AdhocQueryResponse xmlns:q="{names.QUERY}" status="{{status}}"/>'
GIVEN = '<s:setAuthorizationResponse xmlns:s="urn:si-dmp-habilitations"><s:output><s:status>DMPOk</s:status></s:output></s:setAuthorizationResponse>'


class Reply:
    def __init__(self, body: bytes, *, status: int = 200, cut: bool = False) -> None:
        self.status, self._body, self._cut = status, body, cut
        self.headers: Mapping[str, str] = {"Content-Type": "application/soap+xml"}

    def read(self) -> bytes:
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        yield self._body
        if self._cut:
            raise answer_lost()


class Server:
    """A Transport that answers `body`, related to what was asked or to something else; by `action`, where it tells one."""

    def __init__(
        self, body: str, *, relates_to: str | None = "asked", action: str = "", status: int = 200, cut: bool = False
    ) -> None:
        self._body, self._relates_to, self._action, self._status, self._cut = body, relates_to, action, status, cut
        self.lost = False

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        if self.lost:
            raise answer_lost()
        asked = re.search(rb"MessageID>([^<]*)<", body)
        assert asked is not None
        related = asked[1].decode() if self._relates_to == "asked" else self._relates_to
        head = f'<a:RelatesTo xmlns:a="{names.WSA}">{related}</a:RelatesTo>' if related else ""
        if self._action:
            head = f'<a:Action xmlns:a="{names.WSA}">{self._action}</a:Action>{head}'
        envelope = (
            f'<e:Envelope xmlns:e="{names.SOAP}"><e:Header>{head}</e:Header><e:Body>{self._body}</e:Body></e:Envelope>'
        )
        return Reply(envelope.encode(), status=self._status, cut=self._cut)

    def close(self) -> None:
        return None


Talk = Callable[[Server], DmpClient]


@pytest.fixture
def talk(identity: Pkcs12Identity, clock: FakeClock, entropy: SeededEntropy) -> Talk:
    return lambda server: DmpClient(server, identity, CALLER, SOFTWARE, clock, entropy, sender_oid="1.2.250.1.999")


def find(client: DmpClient, ins: InsIdentity) -> None:
    list(client.find(ins, FindCriteria()))


def references(client: DmpClient, ins: InsIdentity) -> None:
    client.find_references(ins, ["1.2.3"])


def associations(client: DmpClient, ins: InsIdentity) -> None:
    client.find_associations(ins, ["urn:uuid:0"])


def authorise(client: DmpClient, ins: InsIdentity) -> None:
    client.authorise(ins)


def show(client: DmpClient, ins: InsIdentity) -> None:
    client.set_visibility(ins, DOCUMENT, frozenset())


def retrieve(client: DmpClient, ins: InsIdentity) -> None:
    list(client.retrieve_many(ins, [DOCUMENT]))


CODE = Code("x", "1.2", "X")
DOCUMENT = DocumentEntry("1.2.3", "X", CODE, CODE, CODE, START, repository_id="1.2")
CALLS = [(find, FOUND), (references, FOUND), (associations, FOUND), (authorise, GIVEN)]


@pytest.mark.parametrize(("call", "body"), CALLS)
def test_the_answer_to_another_request_is_not_ours(
    call: Callable[[DmpClient, InsIdentity], None], body: str, talk: Talk, ins: InsIdentity
) -> None:
    """What passes for the proof of a deposit is the answer to that deposit."""
    told = body.format(status=SUCCESS)
    call(talk(Server(told)), ins)
    call(talk(Server(told, relates_to=None)), ins)
    with pytest.raises(DmpError) as caught:
        call(talk(Server(told, relates_to="urn:uuid:00000000-0000-4000-8000-000000000000")), ins)
    assert (caught.value.code, caught.value.ambiguous) == ("ReponseIllisible", True)


ITI18, TD03 = (f"{action}Response" for action in (names.ACTION_ITI18, names.ACTION_TD03))


@pytest.mark.parametrize(
    ("call", "body", "action"),
    [(find, FOUND, ITI18), (references, FOUND, ITI18), (associations, FOUND, ITI18), (authorise, GIVEN, TD03)],
)
def test_the_answer_to_another_kind_of_request_is_not_ours(
    call: Callable[[DmpClient, InsIdentity], None], body: str, action: str, talk: Talk, ins: InsIdentity
) -> None:
    told = body.format(status=SUCCESS)
    call(talk(Server(told, action=f" {action}\n")), ins)
    for other in (f"{names.ACTION_ITI41}Response", f"{action}Autre", f"{names.WSA}/soap/fault"):
        with pytest.raises(DmpError) as caught:
            call(talk(Server(told, action=other)), ins)
        assert (caught.value.code, caught.value.detail) == ("ReponseIllisible", "answer to another kind of request")


@pytest.mark.parametrize("call", [find, references, authorise, retrieve])
def test_a_fault_speaks_whatever_its_action(
    call: Callable[[DmpClient, InsIdentity], None], talk: Talk, ins: InsIdentity
) -> None:
    fault = "<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>e:DMPClosed</e:Value></e:Subcode></e:Code></e:Fault>"
    for action in (f"{names.WSA}/soap/fault", "urn:autre"):
        with pytest.raises(DmpError) as caught:
            call(talk(Server(fault, action=action)), ins)
        assert caught.value.code == "DMPClosed"


def test_what_is_told_of_one_patient_is_short(talk: Talk, ins: InsIdentity) -> None:
    error = '<acknowledgementDetail><code code="DMPClosed"/><text>{}</text></acknowledgementDetail>'
    refusal = f'<PRPA_IN201308UV02 xmlns="{names.HL7}"><acknowledgement typeCode="AE">{error}</acknowledgement></PRPA_IN201308UV02>'
    for words, code in ((1000, "DMPClosed"), (1024 * 1024, "ReponseIllisible")):
        client = talk(Server(refusal.format("x" * words)))
        for ask in (client.status, client.administrative):
            with pytest.raises(DmpError) as caught:
                ask(ins)
            assert caught.value.code == code


@pytest.mark.parametrize("call", [find, references, associations, show])
def test_a_refusal_is_not_read_for_ever(
    call: Callable[[DmpClient, InsIdentity], None], talk: Talk, ins: InsIdentity
) -> None:
    """As long as any other answer that is no list."""
    error = f'<r:RegistryError xmlns:r="{names.RS}" errorCode="XDSRegistryBusy" codeContext="{"x" * 999}"/>'
    for many, code in ((1, "XDSRegistryBusy"), (900, "XDSRegistryBusy"), (1100, "ReponseIllisible")):
        told = f'<q:AdhocQueryResponse xmlns:q="{names.QUERY}" status="x:Failure">{error * many}</q:AdhocQueryResponse>'
        with pytest.raises(DmpError) as caught:
            call(talk(Server(told)), ins)
        assert caught.value.code == code


@pytest.mark.parametrize("status", ["urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Bof", ""])
@pytest.mark.parametrize("call", [find, references, associations])
def test_a_status_that_is_not_known_is_no_success(
    call: Callable[[DmpClient, InsIdentity], None], status: str, talk: Talk, ins: InsIdentity
) -> None:
    call(talk(Server(FOUND.format(status=names.STATUS_PARTIAL))), ins)
    with pytest.raises(DmpError) as caught:
        call(talk(Server(FOUND.format(status=status))), ins)
    assert caught.value.code == "ReponseIllisible"


@pytest.mark.parametrize("lost", [False, True], ids=["in the answer", "before it"])
def test_a_line_cut_while_reading_says_nothing_of_a_deposit(lost: bool, talk: Talk, ins: InsIdentity) -> None:
    server = Server(FOUND.format(status=SUCCESS), cut=not lost)
    server.lost = lost
    with pytest.raises(DmpError) as read:
        find(talk(server), ins)
    assert (read.value.code, read.value.retryable, read.value.ambiguous) == ("ReponsePerdue", True, True)
    assert "recommencez" in read.value.remedy_fr
    assert "envoi" not in read.value.told_fr
    with pytest.raises(DmpError) as changed:
        authorise(talk(server), ins)
    assert "envoi" in changed.value.remedy_fr


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("call", [find, authorise])
def test_a_status_without_a_message_of_the_dmp_is_told_as_a_status(
    call: Callable[[DmpClient, InsIdentity], None], status: int, talk: Talk, ins: InsIdentity
) -> None:
    with pytest.raises(DmpError) as caught:
        call(talk(Server("", status=status)), ins)
    assert (caught.value.code, caught.value.retryable) == (f"HTTP{status}", status == 500)


def test_the_dmp_s_own_reason_is_shown_and_never_logged(talk: Talk, ins: InsIdentity) -> None:
    reason = "Service suspendu jusqu'au 24/11\n\x1b[31m pour maintenance, 2 79 03 51 215 189 89."
    fault = (
        '<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>e:DMPServiceSuspendu</e:Value></e:Subcode></e:Code>'
        f'<e:Reason><e:Text xml:lang="fr">{reason}</e:Text></e:Reason></e:Fault>'
    ).replace("\x1b", "")  # fmt: skip
    with pytest.raises(DmpError) as caught:
        find(talk(Server(fault, status=500)), ins)
    shown = "« Service suspendu jusqu'au 24/11 [31m pour maintenance, … »"
    assert caught.value.told_fr.startswith("Le DMP a refusé la demande (DMPServiceSuspendu).")
    assert shown in caught.value.told_fr
    assert "Service suspendu" not in str(caught.value)
