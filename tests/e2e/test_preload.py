"""The next patients' records over HTTPS: there before the doctor asks, at a price that is counted on the wire."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dmp_desktop.domain.people import Patient
from dmp_desktop.exchange.context import patient_to_dict
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.arrivals_watch import NEXT_PATIENTS
from dmp_desktop.services.preload import LIST_ENTRY_BYTES, Limits
from dmp_desktop.wiring import Wiring, open_wiring
from tests.helpers.counted_line import CountedLine
from tests.helpers.sandbox_client import patient_of
from tests.helpers.seeded import seeded

ENVELOPE = 8_000
"""Bytes of a request and of the wrapping of its answer, besides the document: 7 kB measured, most of it the signed assertion."""
SECONDS = 60


@dataclass
class Post:
    """A workstation, its line, and the patients of the stand-in."""

    wiring: Wiring
    line: CountedLine
    sandbox: Sandbox

    def coming(self, *patients: Patient) -> None:
        listed = {"patients": [patient_to_dict(one) for one in patients]}
        (self.wiring.paths.home / NEXT_PATIENTS).write_text(json.dumps(listed), "utf-8")


@pytest.fixture
def open_post(tmp_path: Path) -> Iterator[Callable[..., Post]]:
    with ExitStack() as opened:
        sandbox = opened.enter_context(Sandbox(seeded(tmp_path / "sandbox")))
        url, doctor = urlsplit(sandbox.ready["url"]), sandbox.ready["identities"]["doctor"]
        line = CountedLine(url.port or 443)
        opened.callback(line.close)
        secrets = tmp_path / "secrets.json"
        secrets.write_text(json.dumps({"p12": doctor["password"], "storage": "phrase"}))

        def post(**settings: int) -> Post:
            home = tmp_path / "home"
            home.mkdir()
            (home / "settings.json").write_text(json.dumps({"preload_kilobytes_per_second": 10_000, **settings}))
            environment = {
                "DMP_DESKTOP_HOME": str(home),
                "DMP_DESKTOP_SERVER": url._replace(netloc=f"localhost:{line.port}").geturl(),
                "DMP_DESKTOP_CA": sandbox.ready["ca"],
                "DMP_DESKTOP_IDENTITY": f"p12:{doctor['p12']}",
                "DMP_DESKTOP_SECRETS": str(secrets),
            }
            wiring = opened.enter_context(open_wiring(environment))
            wiring.sign_in_software()
            return Post(wiring, line, sandbox)

        yield post


def until(holds: Callable[[], bool]) -> None:
    """Asked again each tenth of a second: nothing tells when a thread of the program's own has nothing left to do."""
    again = threading.Event()
    for _ in range(SECONDS * 10):
        if holds():
            return
        again.wait(0.1)
    raise AssertionError("it never came")


@pytest.mark.slow
def test_the_next_patient_is_there_before_the_card(open_post: Callable[..., Post]) -> None:
    post = open_post()
    dossier, patient = post.wiring.dossier, patient_of(post.sandbox, "ordinary")
    post.coming(patient_of(post.sandbox, "forbidden"), patient)
    post.wiring.rounds.start()
    until(lambda: bool(dossier.kept(patient)) and post.wiring.preload.idle)
    recent = [entry for entry in dossier.entries(patient, older=False) if entry.size]
    ready = dossier.kept(patient)
    latest = sorted(recent, key=lambda entry: entry.creation_time, reverse=True)[: Limits().documents]
    assert ready == {entry.unique_id for entry in latest}
    before = post.line.total
    for entry in latest:
        dossier.content(patient, entry)
    assert post.line.total == before
    assert dossier.kept(patient_of(post.sandbox, "forbidden")) == frozenset()


@pytest.mark.slow
def test_the_budget_holds_on_the_wire(open_post: Callable[..., Post]) -> None:
    """What is spent beyond the documents is the list, and an envelope for each question."""
    post = open_post(preload_megabytes=1)
    dossier, patient = post.wiring.dossier, patient_of(post.sandbox, "chronic")
    before = post.line.total
    post.wiring.preload.plan([patient])
    until(lambda: bool(dossier.kept(patient)) and post.wiring.preload.idle)
    spent = post.line.total - before
    ready = [entry for entry in dossier.preload(patient) if entry.unique_id in dossier.kept(patient)]
    documents = sum(len(dossier.content(patient, entry)) for entry in ready)
    listed = len(dossier.preload(patient))
    print(f"{len(ready)} documents of {documents} bytes, a list of {listed}: {spent} bytes on the wire")
    assert documents <= 1_000_000
    assert spent <= documents + listed * LIST_ENTRY_BYTES + (len(ready) + 2) * ENVELOPE


@pytest.mark.slow
def test_without_a_budget_nothing_is_asked(open_post: Callable[..., Post]) -> None:
    post = open_post(preload_megabytes=0)
    before = post.line.total
    post.wiring.preload.plan([patient_of(post.sandbox, "ordinary")])
    assert post.wiring.preload.idle
    post.wiring.preload.stop()
    assert post.line.total == before
