"""Several documents of one patient, each with its own visibility, in one submission set: as the stand-in server holds them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmp_desktop.domain.documents import BuiltDocument, DocumentFormat, DocumentKind, Visibility
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.people import Patient
from dmp_desktop.exchange.context import Context
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services import documents
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.wiring import open_wiring
from tests.helpers.sandbox_context import context_of
from tests.helpers.seeded import seeded

SEEN = (None, Visibility.MASQUE_PS, Visibility.INVISIBLE_PATIENT)


def three_notes(context: Context) -> list[tuple[Patient, BuiltDocument, tuple[Visibility, ...]]]:
    build = documents.builder(SystemClock(), SystemEntropy())
    papers: list[tuple[Patient, BuiltDocument, tuple[Visibility, ...]]] = []
    for number, seen in enumerate(SEEN):
        order = DocumentOrder(
            context.patient,
            context.professional,
            context.encounter.start,
            f"TEST note {number}.",
            kind=DocumentKind.CONSULTATION,
            format=DocumentFormat.STRUCTURED,
        )
        papers.append((context.patient, build(order, context), (seen,) if seen else ()))
    return papers


@pytest.mark.slow
def test_a_lot_of_three_visibilities_is_taken_whole_by_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(seeded(tmp_path / "sandbox")) as sandbox:
        ready = sandbox.ready
        doctor = ready["identities"]["doctor"]
        (tmp_path / "secrets.json").write_text(
            json.dumps({"p12": doctor["password"], "storage": "une phrase de passe"})
        )
        for name, value in {
            "HOME": tmp_path / "home",
            "SERVER": ready["url"],
            "CA": ready["ca"],
            "IDENTITY": f"p12:{doctor['p12']}",
            "SECRETS": tmp_path / "secrets.json",
        }.items():
            monkeypatch.setenv(f"DMP_DESKTOP_{name}", str(value))
        context = context_of(ready)
        papers = three_notes(context)
        with open_wiring() as wiring:
            wiring.sign_in_software()
            who = wiring.desk.signed_in()
            assert who is not None
            items = wiring.outbox.send_together(papers, who)
            wiring.outbox.cancel_lot(items[0].id)  # within the 30 seconds: all of it comes back
            assert {item.state for item in wiring.outbox.items()} == {OutboxState.CANCELLED}
            items = wiring.outbox.send_together(papers, who)
            assert len({item.submission_id for item in items}) == 1
        with open_wiring() as wiring:
            wiring.sign_in_software()
            for item in wiring.outbox.items():
                wiring.outbox.hold(item.id)
            wiring.outbox.retry(wiring.outbox.items()[0].id)  # not before the 30 seconds were over, but for this
            wiring.outbox.deliver_due()
            sent = wiring.outbox.items()
            assert [(item.state, item.message) for item in sent] == [(OutboxState.SENT, "")] * 3
            assert len({item.proof for item in sent}) == 1
            wanted = tuple(built.unique_id for _patient, built, _seen in papers)
            found = {
                one.unique_id: one.visibility
                for one in wiring.desk.repository().find_by_unique_id(context.patient.ins, wanted)
            }
            assert found == {built.unique_id: frozenset(seen) for _patient, built, seen in papers}
