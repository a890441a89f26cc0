"""A day in the real window with a clinic on PostgreSQL: the secretary's morning (arrivals, identity, tray), an intern's note proposed and
given back, the doctor's day, a report sent, papers validated, exports, a backup, another workstation that crashes while a PIN is entered; then nothing that was written,
started or entitled holds a patient, a secret or a word of the notes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.arrivals import Stage
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.tray import ScanState
from dmp_desktop.sandbox.pki import P12_PASSWORD
from dmp_desktop.services.accounts import software_account
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import strings_proposals_fr as proposals_fr
from dmp_desktop.ui.strings_journal_fr import ASK, ASK_FEEDING
from dmp_desktop.ui.strings_window_fr import WAITING_ROOM
from dmp_desktop.ui.views.dashboard.view import DashboardView
from dmp_desktop.ui.views.journal.view import JournalView
from dmp_desktop.ui.views.tray.view import TrayView
from dmp_desktop.wiring.clinic import DATABASE
from tests.helpers.left_traces import COMMAND, MEDIA, SERVER_LOG, TITLE, Traces, copied, secrets_of
from tests.helpers.locum_card import keys_of
from tests.helpers.morning import (
    AGENDA,
    desk_page,
    in_menu,
    press,
    qualify,
    secretary_comes,
    tray_at_desk,
    tray_in_menu,
)
from tests.helpers.postgres import PASSWORD, Cluster
from tests.helpers.real_window import RealWindow, real_window

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a cluster of our own and /proc: Linux only"),
]

NOTES = (
    "Motif : zézaiement postprandial. TA 14/8. HTA équilibrée.",
    "Motif : xérodermie pigmentaire. TA 13/8. HTA équilibrée.",
)
PROPOSED, REASON = "Motif : dacryoadénite subaiguë.", "Écarter un kératocône."
"""What an intern writes, and what her doctor answers."""
PAPER = "Conclusion : ostéopécilie bénigne."
PIN = "0917"
"""A number of the program's own is not written with a zero before it."""
WORDS = frozenset(
    [
        "zézaiement",
        "postprandial",
        "xérodermie",
        "pigmentaire",
        "ostéopécilie",
        "bénigne",
        "dacryoadénite",
        "subaiguë",
        "kératocône",
        "renouvellement",
        "fièvre",
        "TEST-MOREAU",
        "TEST-OUVRANT",
        "TEST-PASSAGE",
        "TEST-ERREUR",
        "Théodorine",
        "Wilhelmine",
    ]
)
DAY_LIST = AGENDA.replace("Rose", "Théodorine").replace("Zoé", "Wilhelmine")
AGENDA_FILE = "agenda.csv"
"""What the agenda program of the practice wrote is its own: the only file of the workstation that is not looked at."""

CRASHES = """
import faulthandler, json, sys
from datetime import UTC, datetime, timedelta
from dmp_desktop.domain.cards import PublicCps
from dmp_desktop.errors import CardError
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.start import leave_no_core_file
from dmp_desktop.wiring import open_wiring
from tests.helpers.card_opener import FakeOpener, Known

leave_no_core_file()
told = json.load(sys.stdin)
with open_wiring(told["environment"], ask=lambda _prompt: told["password"], undo_delay=timedelta(0)) as wiring:
    wiring.base.practice_keys.join(told["code"])
    wiring.clinic.step()
    wiring.sign_in_software()
    account, patient, note = wiring.accounts[0], patient_from_dict(told["patient"]), told["note"]
    who = SignedIn(account.professional, account.facility, account.role)
    wiring.dossier.entries(patient, lambda rows: None)
    proposals = tuple(one.ticked(True) for one in wiring.compose.propose(patient, note, who.professional))
    order = DocumentOrder(patient, who.professional, wiring.clock.now(), note, proposals)
    wiring.outbox.send(patient, wiring.compose.build(order, who.facility), (), who)
    wiring.desk.sign_out()
    wiring.clinic.step()
    card = PublicCps("DUPONT", "CAMILLE", "899700009999", "10", True, datetime(2030, 1, 1, tzinfo=UTC), b"", b"")
    opener = FakeOpener({card.national_id: Known(pin="9999")})
    desk = wiring.entry.card_desk_over(opener)
    try:
        desk.enter(card, told["pin"])
    except CardError as error:
        print(error.code, flush=True)
    opener.during = faulthandler._sigsegv
    desk.enter(card, told["pin"])
"""


def scanned(folder: Path, person: dict[str, Any]) -> None:
    """A paper with a text layer, which names its patient and says something."""
    page = FPDF()
    page.add_page()
    page.set_font("helvetica")
    year, month, day = person["birth_date"].split("-")
    for line in (f"{person['birth_family']} {person['birth_given']}", f"né le {day}/{month}/{year}", PAPER):
        page.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    page.output(str(folder / "scan 0001.pdf"))


def write(real: RealWindow, day: Traces, note: str) -> None:
    """From an open record to a document that waits."""
    before = len(real.window.outbox.items)
    real.window.conductor.write()
    real.window.composer.editor.setPlainText(note)
    real.window.composer.draft.visibility_chosen = True
    real.until(lambda: real.window.composer.can_send)
    draft = real.window.composer.draft

    def sent() -> bool:
        if not real.window.composer.sending and real.window.composer.draft is draft:
            real.window.conductor.send()  # held once: what the document does not say is read first
        return len(real.window.outbox.items) > before

    real.until(sent)
    day.look()
    real.desktop._wiring.outbox.flush()


def morning(real: RealWindow, day: Traces, folder: Path, chronic: dict[str, Any]) -> None:
    """At the desk: who comes, who they are, what they brought on paper."""
    wiring = real.desktop._wiring
    real.sign_in()  # the doctor, once: scans may be for them from now on
    real.until(wiring.tray.store.doctors)
    real.stage.remove(0)
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)
    secretary_comes(real)
    view = desk_page(real)
    real.until(view.empty_words.isVisible)
    (wiring.paths.home / AGENDA_FILE).write_text(DAY_LIST)
    real.until(lambda: len(view.list.model.rows) == 5)
    day.look()
    qualify(real, view, view.list.model.rows[0].of.arrival.arrival_id)
    day.look()
    press(view, Qt.Key.Key_A)
    real.until(lambda: view.list.line.arrival.stage is Stage.ARRIVED)
    scanned(folder / "scanner", chronic)
    real.until(lambda: wiring.tray.store.scans()[0])
    tray = tray_at_desk(real)
    real.until(lambda: tray.prepare.people.buttons)
    day.look()
    QTest.keyClicks(tray.prepare, "1")
    tray.prepare.type.choose("18748-4")
    tray.prepare.day.setText("05/01/2026")
    tray.prepare.doctor.setCurrentIndex(0)
    QTest.keyClick(tray.prepare.day, Qt.Key.Key_Return)
    real.until(lambda: wiring.tray.store.scans()[0][0].state is ScanState.TO_VALIDATE)
    real.window.session.sign_out()
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)


def intern(real: RealWindow, day: Traces, folder: Path) -> None:
    """A note proposed to the doctor, who was there before."""
    account = software_account(folder / "autre-carte", lambda: P12_PASSWORD)
    window = real.window
    window.session.sign_in_by(lambda: real.desktop._wiring.desk.sign_in(account), lambda: None)
    real.until(lambda: window.session.state.role is Role.TRAINEE)
    real.stage.insert(1, real.stage.patient_card("ordinary"))
    real.until(lambda: window.session.state.patient)
    window.conductor.write()
    window.composer.editor.setPlainText(PROPOSED)
    real.until(window.acts.send.isEnabled)
    window.acts.send.click()
    real.until(lambda: real.desktop._wiring.proposals._store.all()[0])
    day.look()
    window.session.sign_out()
    real.until(lambda: window.session.state.phase is Phase.MASKED)
    real.stage.remove(1)


def give_back(real: RealWindow, day: Traces) -> None:
    """By the doctor, with a reason."""
    window = real.window
    page = in_menu(real, proposals_fr.MENU)
    assert isinstance(page, TrayView)
    real.until(lambda: page.notes.lines)
    page.notes.lines[0].click()
    real.until(lambda: window.composer.draft is not None and window.composer.draft.text == PROPOSED)
    day.look()
    review = window.proposals._review if window.proposals else None
    assert review is not None
    review.ask.click()
    review.reason.setText(REASON)
    review.give.click()
    real.until(lambda: window.composer.draft is None)


def exports(real: RealWindow, day: Traces, folder: Path) -> None:
    """What leaves by files: numbers, journal, a record, a backup."""
    room = in_menu(real, WAITING_ROOM)
    real.until(lambda: room.list.model.rows)  # type: ignore[attr-defined]
    day.look()
    tray = tray_in_menu(real)
    real.until(tray.validate.yes.isEnabled)
    day.look()
    QTest.keyClicks(tray.validate, "v")
    real.until(lambda: real.desktop._wiring.tray.store.scans()[0][0].state is ScanState.VALIDATED)
    for words, kind, names in (
        (ASK_FEEDING, DashboardView, ["envois.csv"]),
        (ASK, JournalView, ["journal.csv", "journal.json"]),
    ):
        page = in_menu(real, words)
        assert isinstance(page, kind)
        real.until(page.export.isEnabled)
        real.until(lambda: not page.model.loading)  # noqa: B023 - asked at once
        for name in names:
            page.ask_file = lambda name=name: str(folder / "exports" / name)
            page.export.click()
            real.until((folder / "exports" / name).exists)
        day.look()
    real.window.pages.leave()
    exporter = real.page.documents.exporter
    exporter.ask_folder = lambda: str(folder / "dossier")
    exporter.export(real.window.record.patient, real.page.documents.model.entries[:2])
    real.until(lambda: not exporter.running and list((folder / "dossier").iterdir()))
    day.keep_names("exports/dossier", folder / "dossier")
    real.desktop._wiring.backups.make()
    real.desktop._wiring.backups.make(to=folder / "exports" / "a-moi.dmpsauvegarde")


def crash(real: RealWindow, folder: Path, clinic: str, code: str, person: dict[str, str]) -> bytes:
    """Another workstation dies while its card is given a PIN; what faulthandler wrote."""
    environment = real.stage.environment | {"DMP_DESKTOP_HOME": str(folder / "autre"), DATABASE: clinic}
    secrets = json.loads(Path(environment["DMP_DESKTOP_SECRETS"]).read_text())
    environment["DMP_DESKTOP_SECRETS"] = str(folder / "autres-secrets.json")
    kept = {name: secrets[name] for name in ("p12", "storage")}
    Path(environment["DMP_DESKTOP_SECRETS"]).write_text(json.dumps(kept))
    told = {"environment": environment, "password": PASSWORD, "code": code, "patient": person, "note": NOTES[0]}
    command = [sys.executable, "-X", "faulthandler", "-c", CRASHES]
    given = json.dumps(told | {"pin": PIN}).encode()
    done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=300)
    assert done.stdout == b"card.pin_wrong\n", done.stderr[-3000:].decode()
    assert b"Segmentation fault" in done.stderr
    return done.stderr


def whole_day(real: RealWindow, day: Traces, folder: Path, clinic: str, cluster: Cluster) -> None:
    people: list[dict[str, Any]] = [one["patient"] for one in real.stage.ready["patients"]]
    ordinary, chronic = (
        next(one["patient"] for one in real.stage.ready["patients"] if one["story"] == story)
        for story in ("ordinary", "chronic")
    )
    code = real.desktop._wiring.base.practice_keys.code_to_print()
    assert code is not None
    password = real.stage.ready["identities"]["doctor"]["password"]
    day.secrets |= {code, "".join(one for one in code if one.isalnum()), PASSWORD, password}
    day.secrets |= secrets_of(ordinary) | secrets_of(chronic) | {one["ins"][:13] for one in people}
    files = real.desktop._wiring.settings_file
    files.save(replace(files.load(), scan_folder=str(folder / "scanner")))
    morning(real, day, folder, chronic)
    intern(real, day, folder)
    day.files["dump"] = crash(real, folder, clinic, code, ordinary)
    day.keep_rows("noon", clinic, cluster)  # while nobody is there to send what the practice keeps
    real.sign_in()
    give_back(real, day)
    real.open("ordinary")
    day.look()
    write(real, day, NOTES[0])
    real.until(lambda: OutboxState.SENT in [one.state for one in real.window.outbox.items])
    exports(real, day, folder)
    real.stage.server.kill()
    real.stage.server.wait(120)
    write(real, day, NOTES[1])
    outbox = real.desktop._wiring.outbox
    real.until(lambda: any(one.attempts and one.state is not OutboxState.SENT for one in outbox.items()))
    real.window.conductor.write()
    real.window.composer.editor.setPlainText(NOTES[1])
    real.until(lambda: real.desktop._wiring.drafts.mine().drafts)
    link = real.desktop._wiring.clinic
    assert link is not None
    link.step()
    assert link.trouble is None
    day.look()
    day.keep_practice("evening", clinic, cluster)
    for part in PARTS:
        day.keep(part, folder / part)


PARTS = ("entrainement", "autre", "tmp", "scanner", "exports")


@pytest.fixture(scope="module")
def day(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Traces:
    folder = tmp_path_factory.mktemp("jour")
    for part in ("entrainement", "tmp", "scanner", "exports", "dossier"):
        (folder / part).mkdir()
    keys_of(folder, Role.TRAINEE)
    (folder / "entrainement" / "settings.json").write_text('{"undo_seconds": 0}')
    lived = Traces(WORDS, frozenset([AGENDA_FILE]), frozenset([PIN]))
    with ExitStack() as opened:
        patch = opened.enter_context(pytest.MonkeyPatch.context())
        cluster = Cluster.make()
        opened.callback(cluster.close)
        lived.audit()
        patch.setattr(tempfile, "tempdir", str(folder / "tmp"))
        patch.setenv("TMPDIR", str(folder / "tmp"))
        clinic = f"{cluster.database()}?ca={cluster.ca}"
        real = opened.enter_context(real_window(qapp, folder, clinic=clinic, traced=True))
        whole_day(real, lived, folder, clinic, cluster)
    for part in PARTS:
        lived.keep(f"{part} (closed)", folder / part)
    return lived


def test_nothing_holds_anything(day: Traces) -> None:
    assert day.leaks() == {}


def test_everything_was_there_to_be_looked_at(day: Traces) -> None:
    """A medium that is empty proves nothing; a server to which nothing happened has no log."""
    assert {medium for medium in MEDIA if not day.of(medium)} == set()
    assert {medium for medium in MEDIA if not any(day.files[name] for name in day.of(medium))} <= {SERVER_LOG}
    for station in ("entrainement/", "autre/"):
        for medium in ("database", "write-ahead log", "log"):
            assert [name for name in day.of(medium) if name.startswith(station)], (station, medium)
    assert [data for name, data in day.files.items() if name.startswith("evening postgres/pg_wal/") and data]
    assert len([name for name in day.files if name.startswith("exports/dossier/")]) == 2
    assert any("sandbox" in one for one in day.commands)
    assert any(day.titles)


def test_the_practice_shares_rows_of_the_morning(day: Traces) -> None:
    rows = day.files["noon pg_dump"]
    kinds = {row.split(b"\t")[2] for row in copied(rows, "shared_change")}
    assert {b"arrival", b"identity"} <= kinds
    evening = {row.split(b"\t")[2] for row in copied(day.files["evening pg_dump"], "shared_change")}
    assert b"proposal" in evening
    for table in ("outbox", "outbox_document", "practice_journal"):
        assert copied(rows, table), table


@pytest.mark.parametrize("medium", [*MEDIA, "name of a file", COMMAND, TITLE])
def test_each_word_planted_there_would_be_found(day: Traces, medium: str) -> None:
    text = medium not in ("database", "write-ahead log", "backup")  # nothing is lost of a PIN where all is encrypted
    for word in {*day.sought, *(day.codes if text else ())}:
        assert word in set().union(*day.planted(medium, word).leaks().values()), word
