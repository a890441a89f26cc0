"""`dmp identity`: from a context file to a qualified INS, against the stand-in INSi; and the keys it is asked with."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.cli import main
from dmp_desktop.dmp.vihf import Software
from dmp_desktop.domain.identity import DocumentCheck, DocumentKind, Identity, StrictTraits
from dmp_desktop.domain.insi import Matricule, TraitQuery
from dmp_desktop.errors import CardError, ContextError, DmpDesktopError, DmpError
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.endpoint import Endpoint, InsiSpec
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.accounts import software_account
from dmp_desktop.services.insi_desk import insi_opener
from dmp_desktop.services.sign_in import Account, SignInDesk
from dmp_desktop.wiring import open_wiring
from tests.helpers.sandbox_client import patient_of
from tests.helpers.seeded import seeded

Run = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `dmp identity … --context -` for a patient; gives the exit status and the lines of JSON."""
    ready = sandbox.ready
    secretary = ready["identities"]["secretary"]
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"p12": secretary["password"], "storage": "une phrase de passe"}))
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DMP_DESKTOP_SERVER", ready["url"])
    monkeypatch.setenv("DMP_DESKTOP_CA", ready["ca"])
    monkeypatch.setenv("DMP_DESKTOP_IDENTITY", f"p12:{secretary['p12']}")
    monkeypatch.setenv("DMP_DESKTOP_SECRETS", str(secrets))

    def dmp(action: str, patient: dict[str, Any], *options: str) -> tuple[int, list[dict[str, Any]]]:
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"patient": patient})))
        capsys.readouterr()
        status = main(["identity", action, "--context", "-", "--json", *options])
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return dmp


def context(sandbox: Sandbox, **changes: str) -> dict[str, Any]:
    told = next(item["patient"] for item in sandbox.ready["patients"] if item["story"] == "ordinary")
    return {**told, "identity_status": "provisoire", **changes}


@pytest.mark.slow
def test_checked_then_qualified_from_a_shell(run: Run, sandbox: Sandbox) -> None:
    patient = context(sandbox)
    status, (told,) = run("check", patient)
    assert (status, told["outcome"], told["status"], told["divergences"]) == (0, "00", "provisoire", [])
    status, (told,) = run("check", patient, "--accept")
    assert (status, told["status"], told["ins"]) == (0, "recuperee", patient["ins"])
    status, (told,) = run("qualify", patient, "--document", "cni")
    assert (status, told["status"], told["ins"]) == (0, "qualifiee", patient["ins"])


@pytest.mark.slow
def test_a_divergence_is_one_line_and_nobody_is_an_exit_status(
    run: Run, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    status, (told,) = run("check", context(sandbox, birth_place_cog="75056"))
    assert (status, told["divergences"]) == (0, ["Lieu de naissance : 75056 ici, 51215 pour l'INSi"])
    status, (told,) = run("check", context(sandbox, birth_family="TEST-INCONNUE"))
    assert (status, told["outcome"]) == (1, "01")
    assert "ne trouve personne" in told["said"]
    assert main(["identity", "check", "--context", "/nulle/part.json"]) == 1
    assert "illisible" in capsys.readouterr().err
    assert main(["identity", "calls"]) == 0
    calls = [json.loads(line)["returned"] for line in capsys.readouterr().out.splitlines()]
    assert calls[0]["outcome"] == "00"  # not taken, no more than the others: given names are asked for one by one
    assert {call["outcome"] for call in calls[1:]} == {"01"}
    assert calls[0]["traits"]["birth_place_cog"] == "51215"
    assert calls[0]["active"]["ins"] == context(sandbox)["ins"]


@pytest.mark.slow
@pytest.mark.parametrize("known_here", [True, False])
def test_a_number_that_insi_no_longer_knows_goes_and_nothing_is_read_under_it(
    run: Run, sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str], known_here: bool
) -> None:
    """Rule 49, from a shell too, of who is qualified here, and of whom only the practice software calls qualified."""
    lost = context(sandbox, birth_family="TEST-INCONNUE", identity_status="provisoire" if known_here else "qualifiee")
    patient = patient_from_dict(lost)
    kept = Identity(
        StrictTraits.of(patient),
        DocumentCheck(DocumentKind.CNI, datetime(2026, 11, 22, tzinfo=UTC), "8100"),
        Matricule(patient.ins.value, patient.ins.oid),
    )
    if known_here:
        with open_wiring() as wiring:
            wiring.identities._store.put(kept, former=None, refuse=lambda _others: None)
    status, (told,) = run("check", lost)
    assert (status, told["status"], told["outcome"]) == (1, "provisoire", "01")
    assert "ins" not in told
    with open_wiring() as wiring:
        (reviewed,) = wiring.identities.to_review()
        assert reviewed.matricule is None
        with pytest.raises(ContextError, match=r"identity\.withdrawn"):
            wiring.properties._dmp(patient)
    where = tmp_path / "lost.json"
    where.write_text(json.dumps(lost), "utf-8")
    capsys.readouterr()
    for act in (["status"], ["list"]):
        assert main(["dossier", *act, "--ins", str(where)]) == 1
        assert "identity.withdrawn" in capsys.readouterr().err


@pytest.mark.slow
def test_what_insi_returned_is_for_who_signs_in(
    run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("check", context(sandbox))
    assert main(["identity", "calls"]) == 0
    assert context(sandbox)["ins"] in capsys.readouterr().out
    monkeypatch.delenv("DMP_DESKTOP_IDENTITY")
    assert main(["identity", "calls"]) != 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "DMP_DESKTOP_IDENTITY" in told.err


TRAITS = {
    "birth_family": "TEST-ADRTROIS",
    "first_given": "DOMINIQUE",
    "sex": "F",
    "birth_date": "1997-02-26",
    "birth_place_cog": "99999",
}


@pytest.mark.slow
def test_somebody_without_an_ins_by_their_traits(run: Run) -> None:
    status, (told,) = run("check", TRAITS, "--accept")
    assert (status, told["outcome"], told["status"], told["ins"]) == (0, "00", "recuperee", "297022A02077878")
    assert told["divergences"] == [], "99999 says that the place is not known here: it is no other place"
    status, (told,) = run("qualify", TRAITS | {"birth_place_cog": "2A020", "ins": None}, "--document", "passeport")
    assert (status, told["status"]) == (0, "qualifiee")
    for wrong, field in (
        ({"sex": "X"}, "patient.sex"),
        ({"birth_date": "1997-02-30"}, "patient.birth_date"),
        ({"first_given": ""}, "patient.first_given"),
        ({"birth_given": "ANNE DOMINIQUE"}, "patient.first_given"),
        ({"birth_place_cog": "2A02"}, "patient.birth_place_cog"),
        ({"birth_place_cog": None}, "patient.birth_place_cog"),
        ({"birth_place_cog": ""}, "patient.birth_place_cog"),
        ({"colour": "red"}, "patient.colour"),
    ):
        status, (told,) = run("check", TRAITS | wrong)
        assert (status, told["error"]) == (1, "context-field")
        assert f"« {field} »" in told["message"]
        assert "ADRTROIS" not in str(told)


@pytest.fixture
def account(sandbox: Sandbox) -> Account:
    told = sandbox.ready["identities"]["doctor"]
    return software_account(Path(told["p12"]), lambda: told["password"])


class Silent:
    """No DMP is asked here."""

    def close(self) -> None:
        return None


def desk(sandbox: Sandbox, account: Account, *, known: bool = True) -> SignInDesk:
    endpoint = Endpoint(sandbox.ready["url"], Path(sandbox.ready["ca"]), sandbox=known)
    opener = insi_opener(endpoint, Software("DMP Desktop", "0", "BAC-A-SABLE"), SystemClock(), SystemEntropy())
    return SignInDesk([account], lambda _: Silent(), lambda *_: None, opener)  # type: ignore[arg-type, return-value]


def test_insi_is_asked_with_the_keys_signed_in_and_dropped_with_them(sandbox: Sandbox, account: Account) -> None:
    patient = patient_of(sandbox, "chronic")
    query = TraitQuery(patient.birth_family, (patient.first_given,), patient.sex, patient.birth_date)
    counter = desk(sandbox, account)
    with pytest.raises(CardError):
        counter.insi()
    counter.sign_in(account)
    insi = counter.insi()
    assert counter.insi() is insi
    active = insi.by_traits(query).active
    assert active is not None
    assert active.value == patient.ins.value
    counter.change(account)
    assert counter.insi() is not insi
    last = counter.insi()
    counter.sign_out()
    for closed in (insi, last):
        with pytest.raises(DmpDesktopError):
            closed.by_traits(query)
    with pytest.raises(CardError):
        counter.insi()


def test_outside_the_sandbox_no_address_is_known(sandbox: Sandbox, account: Account) -> None:
    counter = desk(sandbox, account, known=False)
    counter.sign_in(account)
    with pytest.raises(DmpError) as caught:
        counter.insi()
    assert caught.value.code == "InsiAbsent"
    counter.sign_out()


def test_insi_has_its_own_address_and_number(sandbox: Sandbox, account: Account) -> None:
    patient = patient_of(sandbox, "chronic")
    query = TraitQuery(patient.birth_family, (patient.first_given,), patient.sex, patient.birth_date)
    url, ca = sandbox.ready["url"], Path(sandbox.ready["ca"])
    root = url.split("/si-dmp-server")[0]
    for number, code in (("BAC-A-SABLE", ""), ("1234567890", "DESIR_550"), ("", "InsiSansNumero")):
        endpoint = Endpoint("https://lps2.dmp.gouv.fr/x", Path("/nowhere"), insi=InsiSpec(root, ca, number))
        opener = insi_opener(endpoint, Software("DMP Desktop", "0", "BAC-A-SABLE"), SystemClock(), SystemEntropy())
        counter = SignInDesk([account], lambda _: Silent(), lambda *_: None, opener)  # type: ignore[arg-type, return-value]
        counter.sign_in(account)
        if not code:
            assert counter.insi().by_traits(query).active is not None
        else:
            with pytest.raises(DmpError) as caught:
                counter.insi().by_traits(query)
            assert caught.value.code == code
        counter.sign_out()
