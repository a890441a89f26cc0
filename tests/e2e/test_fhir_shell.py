"""The switch of protocol from the shell: `dmp dossier list` and `dmp send` over FHIR, what they leave read over XDS."""

from __future__ import annotations

from typing import Any

import pytest

from dmp_desktop.cli import main
from dmp_desktop.sandbox import Sandbox
from tests.e2e.test_send import Run, Write, run, sandbox, write
from tests.helpers.sandbox_client import Connection, patient_of

__all__ = ["run", "sandbox", "write"]


def listed(run: Run, sandbox: Sandbox) -> list[dict[str, Any]]:
    status, lines = run("dossier", "list", "--ins", patient_of(sandbox, "ordinary").ins.value)
    assert status == 0
    return lines


@pytest.mark.slow
def test_listed_and_sent_over_fhir(run: Run, write: Write, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {line["unique_id"] for line in listed(run, sandbox)}
    monkeypatch.setenv("DMP_DESKTOP_PROTOCOL", "fhir")
    assert {line["unique_id"] for line in listed(run, sandbox)} == before
    document, unique_id = write()
    status, _lines = run("send", document)
    assert status == 0
    assert unique_id in {line["unique_id"] for line in listed(run, sandbox)}
    with Connection(sandbox) as other:
        assert other.client.find_by_unique_id(patient_of(sandbox, "ordinary").ins, [unique_id])


def test_a_language_that_does_not_exist_is_said(
    run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DMP_DESKTOP_PROTOCOL", "smtp")
    assert main(["dossier", "list", "--ins", patient_of(sandbox, "ordinary").ins.value]) != 0
    assert "DMP_DESKTOP_PROTOCOL" in capsys.readouterr().err
