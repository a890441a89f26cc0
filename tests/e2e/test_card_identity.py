"""The command line with a card: the same outcome as with the software certificate, and not a signature more than needed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pkcs11 import Mechanism

from dmp_desktop.card.pkcs11.session import Login
from dmp_desktop.cli import main
from dmp_desktop.domain.access import AuthenticationMode
from dmp_desktop.errors import CardError, DmpError
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services import documents
from dmp_desktop.services.card_modules import CardModule
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.services.session_state import PlacesAsked
from dmp_desktop.wiring import open_wiring
from tests.helpers.card_station import Workstation, doctor_of
from tests.helpers.cps_token import PIN, SOFTHSM, Holder, activity, softhsm_token
from tests.helpers.sandbox_context import context_of
from tests.helpers.seeded import seeded

pytestmark = pytest.mark.skipif(not SOFTHSM.exists(), reason="SoftHSM2 absent : libsofthsm2.so (paquet softhsm2)")

# Which key signs what, and how: whole messages by the signature key (reference card.md §3.4), PSS for TLS since SoftHSM2 has it.
TLS, VIHF, LOT = "CPS_PRIV_AUT RSA_PKCS_PSS", "CPS_PRIV_SIG SHA256_RSA_PKCS", "CPS_PRIV_SIG SHA1_RSA_PKCS"
OWN = "CPS_PRIV_AUT RSA_PKCS"  # what opens the holder's own key


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def holder(sandbox: Sandbox) -> Holder:
    return doctor_of(sandbox)


@pytest.fixture(scope="module")
def place(sandbox: Sandbox) -> bytes:
    """Where they practise, as a card tells it."""
    facility = sandbox.ready["identities"]["doctor"]["facility"]
    return activity(facility["name"], facility["id"], facility["sector"])


@pytest.fixture(scope="module")
def token(holder: Holder, place: bytes) -> str:
    return softhsm_token("bac-a-sable", who=holder, data={"CPS_ACTIVITY_01_PS": (place, True)})


@pytest.fixture
def signatures(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each key of a card signs by each mechanism, counted on the way to it."""
    counted: Counter[str] = Counter()
    sign = Login.sign

    def counting(self: Login, key: Any, data: bytes, mechanism: Mechanism, parameters: object = None) -> bytes:
        counted[f"{key.label} {mechanism.name}"] += 1
        return sign(self, key, data, mechanism, parameters)

    monkeypatch.setattr(Login, "sign", counting)
    return counted


Run = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def dmp(station: Workstation, *arguments: object) -> tuple[int, list[dict[str, Any]]]:
        for name, value in station.environment.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        status = main([*map(str, arguments), "--json"])
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return dmp


@pytest.fixture
def by_file(sandbox: Sandbox, tmp_path: Path) -> Workstation:
    return Workstation(sandbox, tmp_path / "fichier", f"p12:{sandbox.ready['identities']['doctor']['p12']}")


@pytest.fixture
def by_card(sandbox: Sandbox, tmp_path: Path, token: str) -> Workstation:
    return Workstation(sandbox, tmp_path / "carte", f"pkcs11:{SOFTHSM}?token={token}")


def written(sandbox: Sandbox, folder: Path) -> tuple[Path, str]:
    """A new document for the ordinary patient, and its uniqueId."""
    context = context_of(sandbox.ready)
    order = DocumentOrder(context.patient, context.professional, context.encounter.start, "Renouvellement.")
    built = documents.builder(SystemClock(), SystemEntropy())(order, context)
    file = folder / f"{built.unique_id}.xml"
    file.write_bytes(built.cda)
    return file, built.unique_id


def ordinary(sandbox: Sandbox) -> dict[str, Any]:
    return next(item for item in sandbox.ready["patients"] if item["story"] == "ordinary")


@pytest.mark.slow
def test_a_card_lists_and_sends_as_the_software_certificate_does(
    sandbox: Sandbox, run: Run, by_file: Workstation, by_card: Workstation, tmp_path: Path, signatures: Counter[str]
) -> None:
    ins = ordinary(sandbox)["ins"]
    expected = run(by_file, "dossier", "list", "--ins", ins)
    assert expected[0] == 0
    assert not signatures
    assert run(by_card, "dossier", "list", "--ins", ins) == expected
    assert signatures == {TLS: 1, VIHF: 1, OWN: 2}, "one for TLS, one for the VIHF of this patient; the own key, made"

    told = []
    for station in (by_file, by_card):
        signatures.clear()
        file, unique_id = written(sandbox, tmp_path)
        status, lines = run(station, "send", file)
        assert {line["unique_id"] for line in lines} == {unique_id}
        told.append((status, [line["state"] for line in lines]))
    assert told[0] == told[1] == (0, ["queued", "sending", "sent"])
    assert signatures == {TLS: 1, VIHF: 1, LOT: 1, OWN: 1}


def test_the_card_says_who_and_where_as_the_file_does(by_file: Workstation, by_card: Workstation) -> None:
    found = []
    for station in (by_file, by_card):
        with open_wiring(station.environment) as wiring:
            wiring.sign_in_software()
            account = wiring.desk.current()
            assert account is not None
            found.append(
                (account.national_id, account.mode, account.role, account.facility.id, account.facility.sector)
            )
            assert wiring.desk.repository_of(account.national_id) is not None
    assert found[0] == found[1]
    assert found[0][1] is AuthenticationMode.DIRECTE


def test_a_wrong_pin_is_one_try(sandbox: Sandbox, tmp_path: Path, token: str) -> None:
    station = Workstation(sandbox, tmp_path / "faux", f"pkcs11:{SOFTHSM}?token={token}", pin="9999")
    with open_wiring(station.environment) as wiring:
        with pytest.raises(CardError) as refused:
            wiring.sign_in_software()
        assert refused.value.code == "card.pin_wrong"
        assert wiring.desk.current() is None


def test_the_pin_is_asked_where_no_file_gives_it(by_card: Workstation, sandbox: Sandbox) -> None:
    asked = []
    secrets = Path(by_card.environment["DMP_DESKTOP_SECRETS"])
    secrets.write_text(json.dumps({"storage": "une phrase de passe"}))

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return PIN

    with open_wiring(by_card.environment, ask=ask) as wiring:
        wiring.sign_in_software()
        assert wiring.desk.current() is not None
    family = sandbox.ready["identities"]["doctor"]["professional"]["family"]
    assert len(asked) == 1
    assert family in asked[0]


def test_a_token_that_is_not_there_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    for number, (identity, code) in enumerate(
        ((f"pkcs11:{SOFTHSM}?token=absent", "card.token_unknown"), ("pkcs11:/nulle/part.so", "card.module_missing"))
    ):
        station = Workstation(sandbox, tmp_path / str(number), identity)
        with open_wiring(station.environment) as wiring, pytest.raises(CardError) as refused:
            wiring.sign_in_software()
        assert refused.value.code == code


def test_several_places_are_to_be_chosen_once_in_the_window(
    sandbox: Sandbox, tmp_path: Path, holder: Holder, place: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []
    end = Login.end
    monkeypatch.setattr(Login, "end", lambda self: (ended.append(self), end(self)))
    elsewhere = activity("MSP TEST", "410002422979777", "SA52")
    label = softhsm_token(
        "deux-lieux", who=holder, data={"CPS_ACTIVITY_01_PS": (place, True), "CPS_ACTIVITY_02_PS": (elsewhere, True)}
    )
    station = Workstation(sandbox, tmp_path / "deux", f"pkcs11:{SOFTHSM}?token={label}")
    with open_wiring(station.environment) as wiring:
        with pytest.raises(DmpError) as refused:
            wiring.sign_in_software()
        assert refused.value.code == "LieuAChoisir"
        assert len(ended) == 1, "the card is left as it was found"
        desk, card = wiring.card_desk(), CardModule(SOFTHSM, label).only_card()
        assert isinstance(desk.enter(card, PIN), PlacesAsked)
        desk.practise(1)
        desk.sign_out()
        wiring.sign_in_software()
        account = wiring.desk.current()
        assert account is not None
        assert account.facility.id == sandbox.ready["identities"]["doctor"]["facility"]["id"]
