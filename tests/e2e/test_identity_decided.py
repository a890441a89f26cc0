"""What a practice decides about identities, in the real window and from a shell: who sees an INS, who asks INSi, what is traced."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from dmp_desktop.cli import main
from dmp_desktop.domain.documents import DocumentFormat
from dmp_desktop.domain.ins_access import Why
from dmp_desktop.platform.paths import training_station
from dmp_desktop.services.accounts import PRACTICE_FILE
from dmp_desktop.services.identity_rights import NO_INS, NO_INSI
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.views.documents.exporting import Exporter
from dmp_desktop.ui.views.identity.view import IdentityView
from tests.e2e.test_identity import Run, context, run, sandbox  # noqa: F401 - fixtures
from tests.helpers.clock import START
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow

FACILITY = {"id": "410002422979001", "name": "Cabinet", "sector": "SA07", "practice_setting": "AMBULATOIRE"}
SOMEBODY_ELSE = "10009999999"


def decide(home: Path, **decided: Any) -> None:
    """What who is responsible for the practice's data writes there."""
    home.mkdir(mode=0o700, exist_ok=True)
    (home / PRACTICE_FILE).write_text(json.dumps({"facility": FACILITY, "identity": decided}), "utf-8")


@contextmanager
def cabinet(qapp: QApplication, folder: Path, **decided: Any) -> Iterator[RealWindow]:
    decide(training_station(folder).home, **decided)
    with real_window(qapp, folder) as real:
        real.sign_in()
        yield real


def texts(real: RealWindow) -> str:
    """All words of the window."""
    parts = [*real.window.findChildren(QLabel), *real.window.findChildren(QAbstractButton)]
    return "\n".join(part.text() for part in parts).replace("\N{NO-BREAK SPACE}", "").replace(" ", "")


def page_text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return str(document[0].get_textpage().get_text_range())
    finally:
        document.close()


def page(real: RealWindow, entry: str) -> IdentityView:
    """By the menu."""
    (line,) = [one for one in real.window.banner.acts.menu().actions() if one.text() == entry]
    line.trigger()
    view = real.window.body.currentWidget()
    assert isinstance(view, IdentityView)
    return view


def test_who_may_not_see_an_ins_opens_no_record_and_no_identity(qapp: QApplication, tmp_path: Path) -> None:
    """INS/va1.50."""
    with cabinet(qapp, tmp_path, ins_allowed=[SOMEBODY_ELSE]) as real:
        number = next(one["patient"]["ins"] for one in real.stage.ready["patients"] if one["story"] == "ordinary")
        real.stage.insert(1, real.stage.patient_card("ordinary"))
        real.until(lambda: NO_INS in real.window.session.state.notice)
        assert real.window.session.state.patient is None
        assert real.window.banner.ins.isHidden()
        view = page(real, fr.ASK_ALL)
        view.search.number.setText(number)
        view.search.find_number.click()
        real.until(lambda: NO_INS in view.trouble.text())
        view.search.number.clear()
        assert number not in texts(real)
        assert NO_INS in (real.desktop._services.records.records_refusal() or "")
        assert real.desktop._wiring.accesses.accesses() == []


def test_who_may_not_ask_insi_sees_why_and_who_sees_an_ins_is_traced(qapp: QApplication, tmp_path: Path) -> None:
    """INS/va1.32, .39; and the pages of a note print what the practice wants (INS/va1.10)."""
    licence = {"code": "permis", "label": "Permis de conduire", "trust": "autre"}
    documents = [{"code": "cni", "trust": "haut"}, licence]
    with cabinet(qapp, tmp_path, insi_allowed=[SOMEBODY_ELSE], documents=documents, printed=[]) as real:
        real.open("ordinary")
        patient = real.window.session.state.patient
        assert patient is not None
        accesses, me = real.desktop._wiring.accesses, real.desktop._wiring.desk.national_id()
        assert [(one.why, one.by) for one in accesses.accesses(patient.ins.value)] == [(Why.DISPLAY, me)]
        view = page(real, fr.ASK)
        real.until(view.person.isVisible)
        assert (view.person.ask_traits.isEnabled(), view.person.ask_traits.toolTip()) == (False, NO_INSI)
        weak = fr.WEAK_DOCUMENT.format("Permis de conduire")
        assert [one.text() for one in view.person.documents.widgets] == ["Carte d'identité", weak]
        assert [one.why for one in accesses.accesses(patient.ins.value)] == [Why.DISPLAY, Why.DISPLAY]
        account = real.desktop._wiring.desk.current()
        assert account is not None
        used = replace(patient, used_family="TEST-USAGE")
        order = DocumentOrder(used, account.professional, START, "Renouvellement.", format=DocumentFormat.PDF)
        built = real.desktop._wiring.compose.build(order, account.facility).cda
        page_shown = page_text(base64.b64decode(built.partition(b'representation="B64">')[2].partition(b"<")[0]))
        assert f"Matricule INS : {patient.ins.value}" in page_shown
        assert "TEST-USAGE" not in page_shown
        exporter: Exporter = real.page.documents.exporter
        exporter.ask_folder = lambda: str(tmp_path)
        exporter.export(patient, real.page.documents.model.entries[:1])
        real.until(lambda: not exporter.running)
        assert next(one.why for one in accesses.accesses(patient.ins.value)) is Why.PRINT


def test_the_accesses_are_listed_in_a_shell(
    run: Run,  # noqa: F811
    sandbox: Any,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """INS/va1.39: who, when, why; the patient as a pseudonym."""
    patient = context(sandbox)
    assert run("check", patient, "--accept")[0] == 0
    assert run("qualify", patient, "--document", "cni")[0] == 0
    assert main(["identity", "accesses"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["why"] for line in lines] == ["display", "display", "query"]
    assert len({(line["by"], line["patient"]) for line in lines}) == 1
    assert patient["ins"] not in json.dumps(lines)
    secretary = sandbox.ready["identities"]["secretary"]
    assert lines[0]["by"] == json.loads((Path(secretary["p12"]) / "holder.json").read_text())["national_id"]
    decide(tmp_path / "home", insi_allowed=[SOMEBODY_ELSE])
    status, (refused,) = run("check", patient)
    assert (status, refused["error"]) == (1, "identity.insi_not_allowed")
    decide(tmp_path / "home", ins_allowed=[SOMEBODY_ELSE])
    status, (refused,) = run("qualify", patient, "--document", "cni")
    assert (status, refused["error"]) == (1, "identity.ins_not_allowed")
    for action in ("accesses", "calls"):
        assert main(["identity", action]) == 1
        told = capsys.readouterr()
        assert (told.out, NO_INS in told.err) == ("", True)
