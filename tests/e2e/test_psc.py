"""Pro Santé Connect from end to end: a real sandbox process, the command line, a browser and a phone played over HTTPS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.cli import main
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.services import documents
from dmp_desktop.services.orders import DocumentOrder
from tests.helpers.psc_desk import DOCTOR_ID, OTHER_ID, Person
from tests.helpers.sandbox_context import context_of

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The ready file of a sandbox that runs in its own process."""
    folder = tmp_path_factory.mktemp("psc-sandbox")
    file = folder / "ready.json"
    command = [
        sys.executable,
        "-m",
        "dmp_desktop",
        "sandbox",
        "--data",
        str(folder / "data"),
        "--ready-file",
        str(file),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "Bac à sable prêt" in process.stderr.readline()
        yield json.loads(file.read_text("utf-8"))
        process.terminate()


@pytest.fixture
def environment(ready: dict[str, Any], tmp_path: Path) -> dict[str, str]:
    """A workstation that has the structure's certificate and no card."""
    (tmp_path / "psc.json").write_text(json.dumps(ready["psc"]))
    password = ready["identities"]["structure"]["password"]
    (tmp_path / "secrets.json").write_text(json.dumps({"p12": password, "storage": "une phrase de passe"}))
    return {
        "DMP_DESKTOP_HOME": str(tmp_path / "home"),
        "DMP_DESKTOP_SERVER": ready["url"],
        "DMP_DESKTOP_CA": ready["ca"],
        "DMP_DESKTOP_PSC": str(tmp_path / "psc.json"),
        "DMP_DESKTOP_SECRETS": str(tmp_path / "secrets.json"),
        "DMP_DESKTOP_IDENTITY": f"psc:{DOCTOR_ID[1:]}",
    }


@pytest.fixture
def run(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `dmp …`; returns the exit status, the lines of JSON and what was told to the person."""

    def dmp(*arguments: object, **changes: str) -> tuple[int, list[dict[str, Any]], str]:
        for name, value in (environment | changes).items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        status = main([*map(str, arguments), "--json"])
        told = capsys.readouterr()
        return status, [json.loads(line) for line in told.out.splitlines()], told.err

    return dmp


@pytest.fixture
def phone(ready: dict[str, Any]) -> Iterator[Person]:
    """Someone who confirms whatever their phone shows, until the end of the test."""
    person, stopped = Person(ready), threading.Event()

    def watch() -> None:
        while not stopped.wait(0.05):
            person.answer_all()

    watching = threading.Thread(target=watch)
    watching.start()
    yield person
    stopped.set()
    watching.join()


def ins(ready: dict[str, Any], story: str) -> str:
    return next(row["ins"] for row in ready["patients"] if row["story"] == story)


def written(ready: dict[str, Any], folder: Path) -> tuple[Path, str]:
    """A document of the doctor for the ordinary patient; its file and its uniqueId."""
    context = context_of(ready, identity="structure")
    order = DocumentOrder(context.patient, context.professional, context.encounter.start, "Renouvellement.")
    built = documents.builder(SystemClock(), SystemEntropy())(order, context)
    file = folder / "document.xml"
    file.write_bytes(built.cda)
    return file, built.unique_id


def test_a_record_is_read_and_a_document_deposited_by_phone(
    ready: dict[str, Any], run: Run, phone: Person, tmp_path: Path
) -> None:
    patient = ins(ready, "ordinary")
    status, [found], told = run("dossier", "status", "--ins", patient)
    assert (status, found["exists"], found["authorization"]) == (0, True, "VALIDE")
    assert "Confirmez dans l'application e-CPS si elle affiche le numéro" in told
    file, unique_id = written(ready, tmp_path)
    status, lines, _ = run("send", file, "--wait", 20)
    assert (status, lines[-1]["state"]) == (0, "sent")
    status, listed, _ = run("dossier", "list", "--ins", patient)
    assert status == 0
    assert unique_id in {row["unique_id"] for row in listed}
    status, _, _ = run("dossier", "get", "--ins", patient, unique_id, "-o", tmp_path / "back.xml")
    assert status == 0
    assert (tmp_path / "back.xml").read_bytes() == file.read_bytes()


def test_by_the_browser_of_the_system(ready: dict[str, Any], environment: dict[str, str]) -> None:
    """Three processes: the program opens what BROWSER names, as it would open Firefox."""
    player = (
        "import json, os, sys; sys.path.insert(0, os.environ['ROOT']); from tests.helpers.psc_desk import Person; "
        "Person({'psc': json.load(open(os.environ['DMP_DESKTOP_PSC']))}).visit(sys.argv[1])"
    )
    root = Path(__file__).resolve().parents[2]
    script = Path(environment["DMP_DESKTOP_HOME"]).with_name("browser.py")
    script.write_text(player)
    changes = {
        "BROWSER": f"{sys.executable} {script} %s",
        "ROOT": str(root),
        "DMP_DESKTOP_IDENTITY": "psc:navigateur",
    }
    command = [sys.executable, "-m", "dmp_desktop", "dossier", "list", "--ins", ins(ready, "ordinary"), "--json"]
    done = subprocess.run(
        command,
        env=os.environ | environment | changes,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Connectez-vous dans le navigateur" in done.stderr
    assert len(done.stdout.splitlines()) >= 60


FAULTS = {
    "deny": "La connexion a été refusée dans Pro Santé Connect. Recommencez",
    "expire": "La demande de connexion a expiré. Recommencez",
    "wrong_signature": "n'est pas pour ce poste : elle est refusée. Recommencez",
    "other_user": "Une autre personne que celle demandée s'est connectée",
    "unavailable": "Pro Santé Connect est injoignable. Vérifiez la connexion",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_failure_says_what_to_do(ready: dict[str, Any], run: Run, phone: Person, fault: str) -> None:
    phone.order(**{fault: 1})
    status, lines, told = run("dossier", "status", "--ins", ins(ready, "ordinary"))
    assert status == (3 if fault == "unavailable" else 1)
    assert FAULTS[fault] in told
    assert lines[0]["error"].startswith("psc.")


def test_someone_of_another_place_is_refused(ready: dict[str, Any], run: Run, phone: Person) -> None:
    status, _, told = run("dossier", "status", "--ins", ins(ready, "ordinary"), DMP_DESKTOP_IDENTITY=f"psc:{OTHER_ID}")
    assert status != 0
    assert "vous n'exercez pas dans la structure dont ce poste a le certificat" in told
