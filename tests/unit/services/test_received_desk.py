"""What others send, from its folder to the doctor who reads it: each message apart, proposed by numbers and traits, never sent."""

from __future__ import annotations

import base64
import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dmp_desktop.cda.read.pdftext import pdf_text
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.ins import OID_INS_TEST, nir_key
from dmp_desktop.domain.received import ReceivedFormat
from dmp_desktop.domain.tray import By, Part, Reason, Scan, ScanState
from dmp_desktop.errors import ContextError, DmpDesktopError, StorageError
from dmp_desktop.services.received_files import read_received
from dmp_desktop.services.received_xdm import OTHER_PATIENT
from dmp_desktop.services.tray import Preparation
from dmp_desktop.services.xdm_package import package
from dmp_desktop.storage.tray import TrayStore, plain
from tests.helpers.outbox import AUTHOR, PATIENT
from tests.helpers.scans import paper, pdf_of
from tests.helpers.tray_desk import DAY, DOCTOR, OTHER, REPORT, SECRETARY
from tests.ui.tray import TrayRoom

HEAD = r"MSH|^~\&|SIL|LABO TEST|CAB|LILAS|20261101100500+0100||ORU^R01^ORU_R01|1|P|2.5|||||FRA|UNICODE UTF-8"
SODIUM = "OBX|1|NM|2951-2^Sodium^LN||128|mmol/L|135-145|L|||F|||20261101"
MARK = "OBX|2|CE|DESTDMP^x^MetaDMPMSS||Y^^y||||||F"
OTHERS = "PID|1||Z9^^^^PI||TEST-AUTRE^PAUL^^^^^L||19500101|M"


def pid(
    ins: str = PATIENT.ins.value, *, oid: str = OID_INS_TEST, family: str = PATIENT.birth_family, nir: str = ""
) -> str:
    number = f"{ins}^^^X&{oid}&ISO^INS" if ins else "Z1^^^^PI"
    sex, born = PATIENT.sex.value, f"{PATIENT.birth_date:%Y%m%d}"
    return f"PID|1||{number}||{family}^{PATIENT.first_given}^^^^^L||{born}|{sex}|||||||||||{nir}"


def hl7(*segments: str) -> bytes:
    return "\r".join([HEAD, *segments, ""]).encode()


def ed(content: bytes, kind: str = "TEXT^XML") -> str:
    return f"OBX|1|ED|11502-2^CR^LN||^{kind}^Base64^{base64.b64encode(content).decode()}||||||F"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[TrayRoom]:
    room = TrayRoom(tmp_path)
    yield room
    room.close()


def take(room: TrayRoom, content: bytes, name: str = "a.hl7") -> list[Scan]:
    room.desk.receive(name, content)
    room.desk.settle_received()
    assert room.desk.receiving.report.refused == ()
    return room.rows.scans()[0]


def left(room: TrayRoom) -> list[str]:
    return sorted(one.name for one in room.desk.received_folder.rglob("*") if one.is_file())


def words(room: TrayRoom, scan: Scan) -> str:
    return pdf_text(room.rows.part(scan.id, Part.PDF) or b"")


def test_each_message_is_a_line_with_its_pages_and_leaves_the_folder(room: TrayRoom) -> None:
    content = hl7(pid(), "OBR|1|||BIO^Biologie^L|||20261101", SODIUM, MARK)
    (scan,) = take(room, content)
    assert left(room) == []
    assert room.rows.part(scan.id, Part.FILE) == content
    assert scan.origin is not None
    assert (scan.origin.format, scan.origin.sender, scan.origin.to_dmp) == (ReceivedFormat.HL7V2, "LABO TEST", True)
    assert (scan.state, scan.act_date, scan.patient, scan.pages) == (ScanState.TO_PREPARE, date(2026, 11, 1), None, 1)
    for told in ("Sodium : 128 mmol/L (135-145) [L]", "LABO TEST", PATIENT.birth_family):
        assert told in words(room, scan)
    assert room.rows.part(scan.id, Part.TEXT) is None
    assert isinstance(room.rows, TrayStore)
    assert TrayStore(room.desk.database, room.rows._seal).get(scan.id) == scan  # as it was, from the disk
    assert json.loads(json.dumps(plain(scan))) == plain(scan)  # as workstations compare it


def test_the_messages_of_a_file_are_kept_apart(room: TrayRoom) -> None:
    content = (
        hl7(pid(), SODIUM)
        + hl7(OTHERS, SODIUM.replace("128", "140"))
        + hl7(OTHERS, ed(pdf_of(paper(dpi=30)), "AP^PDF"))
    )
    scans = take(room, content)
    assert len(scans) == 3
    for scan in scans:
        assert scan.origin is not None
        mine = scan.origin.patient.family == PATIENT.birth_family
        kept = (room.rows.part(scan.id, Part.FILE) or b"").decode()
        assert (PATIENT.birth_family in words(room, scan)) == mine
        assert (json.loads(kept)["text"].find("128") >= 0) == mine
        assert ("128" in str(json.loads(kept)["results"])) == mine
        assert (PATIENT.ins.value in kept) == mine  # sealed, as all of it
    assert sorted(scan.origin.documents for scan in scans if scan.origin) == [0, 0, 1]
    assert [one.copies for one in take(room, content, "b.hl7")] == [1, 1, 1]


def test_an_empty_message_keeps_no_other_of_its_file_from_being_taken(room: TrayRoom) -> None:
    scans = take(room, hl7(pid(), SODIUM) + hl7(OTHERS))
    assert sorted(bool(one.origin and one.origin.warnings) for one in scans) == [False, True]


def test_a_document_inside_shows_its_own_pages_after_the_words(room: TrayRoom) -> None:
    cda = room.rows.part(room.validated().id, Part.CDA) or b""
    before = {one.id for one in room.rows.scans()[0]}
    (bare,) = [one for one in take(room, cda, "cr.xml") if one.id not in before]
    assert bare.origin is not None
    assert (bare.origin.format, bare.pages, room.rows.part(bare.id, Part.FILE)) == (ReceivedFormat.CDA, 1, cda)
    assert bare.origin.patient.birth_family == PATIENT.birth_family
    assert bare.type_code == REPORT
    (inside,) = [one for one in take(room, hl7(pid(), ed(cda), SODIUM)) if one.id not in (*before, bare.id)]
    assert inside.origin is not None
    assert (inside.origin.documents, inside.origin.warnings, inside.pages) == (1, (), 2)


def test_an_xdm_of_ours_comes_back_with_its_patient_and_its_pages(room: TrayRoom) -> None:
    cda = room.rows.part(room.validated().id, Part.CDA) or b""
    before = {one.id for one in room.rows.scans()[0]}
    archive = package([cda], "1.2.3", uuid.UUID(int=7), room.clock.now()).archive
    (scan,) = [one for one in take(room, archive, "IHE_XDM.ZIP") if one.id not in before]
    assert scan.origin is not None
    assert (scan.origin.format, scan.origin.documents, scan.by_others) == (ReceivedFormat.XDM, 1, True)
    assert scan.origin.patient.ins is not None
    assert scan.origin.patient.ins.value == PATIENT.ins.value
    assert room.rows.part(scan.id, Part.FILE) == archive
    assert scan.pages > 1
    room.know(PATIENT)
    assert [one.by for one in room.port.candidates(scan)] == [By.INS]


def test_an_xdm_whose_envelope_is_of_somebody_else_proposes_nobody(room: TrayRoom) -> None:
    cda = room.rows.part(room.validated().id, Part.CDA) or b""
    before = {one.id for one in room.rows.scans()[0]}
    archive = package([cda], "1.2.3", uuid.UUID(int=7), room.clock.now()).archive
    born, written = f"PID-7|{PATIENT.birth_date:%Y%m%d}".encode(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as made, zipfile.ZipFile(written, "w") as altered:
        for name in made.namelist():
            content = made.read(name)
            assert (born in content) == name.endswith("METADATA.XML")
            altered.writestr(name, content.replace(born, b"PID-7|19500101"))
    room.know(PATIENT)
    (scan,) = [one for one in take(room, written.getvalue(), "IHE_XDM.ZIP") if one.id not in before]
    assert scan.origin is not None
    assert OTHER_PATIENT in scan.origin.warnings
    assert room.port.candidates(scan) == ()


def test_a_bare_pdf_is_as_a_paper(room: TrayRoom) -> None:
    (scan,) = take(room, pdf_of(paper(PATIENT)), "a.pdf")
    assert not scan.by_others
    assert len(scan.codes) == 1
    room.know(PATIENT)
    assert [one.by for one in room.port.candidates(scan)] == [By.CODE]


HPRIM = f"""LABO1
{PATIENT.birth_family}
{PATIENT.first_given}
1 rue Haute
.
10200 Dolancourt
{PATIENT.birth_date:%d/%m/%Y}
{PATIENT.ins.value[:13]} {PATIENT.ins.value[13:]}
506232
01/11/2026
L1 Labo TEST
D1 Dr TEST

CRP élevée
****LAB****
RES|CRP|C1|N|12|mg/l|0|5|H|F
****FIN****
"""


def test_hprim_of_a_laboratory(room: TrayRoom) -> None:
    room.know(PATIENT)
    (scan, other) = take(room, (HPRIM + HPRIM.replace("CRP élevée", "Normal")).encode("cp850"), "a.hpr")
    for one in (scan, other):
        assert one.origin is not None
        assert (one.origin.format, one.origin.results, one.by_others) == (ReceivedFormat.HPRIM, 1, True)
        assert [found.by for found in room.port.candidates(one)] == [By.NIR]
    assert sum("CRP élevée" in words(room, one) for one in (scan, other)) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"bonjour", "exchange-format"),
        (hl7(pid()), "received-nothing"),
        (b"PK\x03\x04rien", None),
        (b"<ClinicalDocument", None),
        (b"%PDF-1.4 rien", "scan-unreadable"),
        (hl7(*[pid(), SODIUM] * 201), "received-many"),
    ],
)
def test_what_cannot_be_used_stays_and_is_told(room: TrayRoom, content: bytes, code: str | None) -> None:
    room.desk.receive("a", content)
    room.desk.settle_received()
    (refused,) = room.desk.receiving.report.refused
    assert (left(room), room.rows.scans()[0]) == (["a"], [])
    assert code in (None, refused.why.code) or refused.why.code == "attach"
    assert "umérise" not in refused.why.told_fr or code == "scan-unreadable"


def test_a_damaged_document_keeps_no_other_from_being_read(room: TrayRoom) -> None:
    (scan,) = take(room, hl7(pid(), ed(b"%PDF-1.4 rien", "AP^PDF"), ed(b"PK\x03\x04", "AP^PDF"), SODIUM))
    assert scan.origin is not None
    assert len(scan.origin.warnings) >= 2
    assert "128" in words(room, scan)


# -- whose it is ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "by"),
    [
        (pid(), [By.INS]),
        (pid(""), [By.TRAITS]),
        (pid("", nir=PATIENT.ins.value), [By.NIR]),
        (pid("", family="TEST-AUTRE"), []),
        (pid("").replace(f"{PATIENT.birth_date:%Y%m%d}", ""), []),  # a name alone
        (pid("").replace(PATIENT.first_given, "ZOE"), []),
        (pid("", nir=PATIENT.ins.value).replace(PATIENT.first_given, "ZOE"), []),  # a child, under a parent's number
    ],
)
def test_a_patient_is_proposed_by_number_or_by_all_the_traits(room: TrayRoom, told: str, by: list[By]) -> None:
    room.know(PATIENT)
    (scan,) = take(room, hl7(told, SODIUM))
    found = room.port.candidates(scan)
    assert [one.by for one in found] == by
    assert all(one.patient is not None for one in found)
    assert scan.patient is None


def test_an_ins_with_other_traits_chooses_nobody(room: TrayRoom) -> None:
    room.know(PATIENT)
    (scan,) = take(room, hl7(pid(family="TEST-AUTRE"), SODIUM))
    (found,) = room.port.candidates(scan)
    assert (found.discordant, found.patient) == (True, None)


def test_somebody_of_the_same_traits_under_another_ins_is_a_homonym_at_most(room: TrayRoom) -> None:
    twin = replace(PATIENT, ins=replace(PATIENT.ins, value="2790351215190" + nir_key("2790351215190")))
    room.know(twin)
    (scan,) = take(room, hl7(pid(), SODIUM))
    assert [(one.by, one.unknown) for one in room.port.candidates(scan)] == [(By.INS, True), (By.HOMONYM, False)]
    room.know(PATIENT)
    assert [one.by for one in room.port.candidates(scan)] == [By.INS, By.HOMONYM]


def test_an_ins_nobody_has_here_is_shown_as_unknown(room: TrayRoom) -> None:
    (scan,) = take(room, hl7(pid(), SODIUM))
    (found,) = room.port.candidates(scan)
    assert (found.unknown, found.patient) == (True, None)


def test_a_patient_other_than_the_one_the_message_names_is_doubted(room: TrayRoom) -> None:
    (scan,) = take(room, hl7(pid(), SODIUM))
    other = replace(PATIENT, ins=replace(PATIENT.ins, value="100000000000002"))
    assert (scan.code_of_another(PATIENT), scan.code_of_another(other)) == (False, True)


# -- who does what ----------------------------------------------------------------------------------------------------------


def prepared(room: TrayRoom, *segments: str) -> Scan:
    room.who = SECRETARY
    (scan,) = take(room, hl7(*(segments or (pid(), SODIUM))))
    return room.port.prepare(scan, Preparation(PATIENT, REPORT, DAY, AUTHOR))


def test_the_doctor_it_is_for_reads_and_files_it_and_nothing_is_sent(room: TrayRoom) -> None:
    scan = prepared(room)
    room.who = DOCTOR
    assert room.port.pages(scan).startswith(b"%PDF")
    with pytest.raises(ContextError) as refused:
        room.port.validate(scan)
    assert refused.value.code == "scan-by-others"
    filed = room.port.file(scan)
    assert (filed.state, filed.unique_id, filed.validated_by) == (ScanState.FILED, "", "")
    assert room.port.overview().filed == (filed,)
    assert room.port.send([filed]).queued == 0
    assert room.outbox.items() == []
    assert (Act.SCAN_FILED, PATIENT.ins.value, "") in room.acts
    again = room.port.reopen(filed)
    assert (again.state, room.port.overview().to_validate) == (ScanState.TO_VALIDATE, (again,))


def test_what_is_filed_is_kept_whatever_time_passes(room: TrayRoom) -> None:
    scan = prepared(room)
    room.who = DOCTOR
    filed = room.port.file(scan)
    room.clock.advance(3600 * 24 * 3650)
    assert room.rows.purge(room.clock.now()) == 0
    assert room.rows.get(filed.id) == filed
    assert room.rows.part(filed.id, Part.PDF)


def test_only_its_doctor_files_it_and_only_what_was_received(room: TrayRoom) -> None:
    scan = prepared(room)
    for who in (SECRETARY, OTHER):
        room.who = who
        with pytest.raises(DmpDesktopError):
            room.port.file(scan)
    room.who = SECRETARY
    with pytest.raises(DmpDesktopError):
        room.port.pages(scan)
    paper_ = room.prepared(3)
    room.who = DOCTOR
    with pytest.raises(ContextError) as refused:
        room.port.file(paper_)
    assert refused.value.code == "scan-not-received"


def test_it_is_given_back_like_any_other(room: TrayRoom) -> None:
    scan = prepared(room)
    room.who = DOCTOR
    back = room.port.give_back(scan, Reason.WRONG_PATIENT)
    assert (back.state, back.patient, back.origin) == (ScanState.TO_PREPARE, None, scan.origin)


def test_the_desk_takes_nothing_out_that_no_paper_stands_behind(room: TrayRoom) -> None:
    room.who = SECRETARY
    (scan,) = take(room, hl7(pid(), SODIUM))
    with pytest.raises(DmpDesktopError) as refused:
        room.port.discard(scan)
    assert refused.value.code == "ReceptionReservee"
    room.who = DOCTOR
    assert room.port.discard(scan).state is ScanState.DISCARDED


def test_a_long_text_is_drawn_in_part_kept_whole_and_said(room: TrayRoom) -> None:
    content = hl7(pid(), *[f"NTE|1||ligne {number}" for number in range(3000)])
    (scan,) = take(room, content)
    assert scan.pages < 60
    assert "La suite de ce texte est trop longue" in words(room, scan)
    assert room.rows.part(scan.id, Part.FILE) == content


def test_the_desk_sees_nothing_of_what_it_says(room: TrayRoom) -> None:
    secret = "SEROLOGIE-VIH-POSITIVE"
    room.who = SECRETARY
    (scan,) = take(
        room, hl7(pid(), f"OBR|1|||X^{secret}^L", SODIUM.replace("Sodium", secret), f"NTE|1||{secret}"), f"{secret}.hl7"
    )
    assert secret in words(room, scan)
    overview = room.port.overview()
    assert overview.to_prepare == (scan,)
    assert not overview.sees_pages
    assert secret not in json.dumps(plain(scan), default=str)
    assert secret not in room.service.words(scan)


# -- cut between any two steps ------------------------------------------------------------------------------------------------


class Cut(BaseException):
    """As a kill: no handler of ours meets it."""


@pytest.mark.parametrize("step", range(8))
def test_cut_at_any_step_nothing_is_lost_and_nothing_is_twice(
    room: TrayRoom, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = hl7(pid(), SODIUM) + hl7(OTHERS, SODIUM) + hl7(OTHERS, MARK, SODIUM.replace("128", "1"))
    steps = iter(range(100))
    reached = []

    def cutting(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def cut(*arguments: object, **named: object) -> object:
            if next(steps) == step:
                reached.append(name)
                raise Cut
            return real(*arguments, **named)

        monkeypatch.setattr(owner, name, cut)

    for owner, name in ((TrayStore, "add"), (Path, "rename"), (Path, "unlink"), (Path, "mkdir"), (Path, "rmdir")):
        cutting(owner, name)
    room.desk.receive("a.hl7", content)
    with pytest.raises(Cut):
        room.desk.settle_received()
    assert reached
    monkeypatch.undo()
    room.desk.start_again(room.place)
    room.desk.settle_received()
    room.desk.settle_received()
    scans = room.rows.scans()[0]
    assert len(scans) == 3
    assert [one.copies for one in scans] == [0, 0, 0]
    assert left(room) == []


def test_a_store_that_fails_leaves_the_file_where_a_later_look_finds_it(
    room: TrayRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = TrayStore.add, []

    def full(self: TrayStore, *arguments: object) -> bool:
        calls.append(1)
        if len(calls) == 2:
            raise StorageError("disk-full", "Plein.")
        return real(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(TrayStore, "add", full)
    room.desk.receive("a.hl7", hl7(pid(), SODIUM) + hl7(OTHERS, SODIUM))
    with pytest.raises(StorageError):
        room.desk.settle_received()
    assert left(room) == ["a.hl7"]
    room.desk.settle_received()
    assert (len(room.rows.scans()[0]), left(room)) == (2, [])


# -- formats --------------------------------------------------------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize("name", ["minimal_n1_pdf.xml", "minimal_consultation_structured.xml"])
def test_a_cda_in_the_common_form(shared: Path, name: str) -> None:
    content = (shared / "samples/cda" / name).read_bytes()
    (read,) = read_received(content)
    (document,) = read.documents
    assert (read.format, document.content, document.mime) == (ReceivedFormat.CDA, content, "text/xml")
    assert document.unique_id
    assert document.type_code
    assert read.patient.ins is not None
    assert read.patient.birth_date is not None
    assert read.text.strip()
    assert read.sender


@pytest.mark.shared
def test_results_of_a_cda_come_as_they_were_written(shared: Path) -> None:
    found = 0
    for file in sorted((shared / "ans").rglob("*BIO*.xml")):
        content = file.read_bytes()
        if b"<ClinicalDocument" not in content:
            continue
        (read,) = read_received(content)
        found += len(read.results)
        assert all(isinstance(one.value, str) and one.value != "None" for one in read.results)
    assert found > 10


def test_what_is_filed_is_found_again_by_its_doctor_alone_with_its_words(room: TrayRoom) -> None:
    room.who = SECRETARY
    days = {}
    for number, day in enumerate((date(2026, 10, 1), DAY)):
        content = hl7(pid(), SODIUM.replace("128", f"12{number}"))
        scan = next(one for one in take(room, content, f"{number}.hl7") if one.state is ScanState.TO_PREPARE)
        days[scan.id] = room.port.prepare(scan, Preparation(PATIENT, REPORT, day, AUTHOR))
    room.who = DOCTOR
    assert room.port.filed(PATIENT) == [], "not filed yet"
    for scan in days.values():
        room.port.file(scan)
    found = room.port.filed(PATIENT)
    assert [one.act_date for one in found] == [DAY, date(2026, 10, 1)]
    words = room.port.filed_words(found)
    assert ["Sodium" in words[one.id] for one in found] == [True, True]
    other = replace(PATIENT, ins=replace(PATIENT.ins, value="2790351215190" + nir_key("2790351215190")))
    assert room.port.filed(other) == []
    room.who = OTHER
    assert (room.port.filed(PATIENT), room.port.filed_words(found)) == ([], {}), "a colleague's"
    room.who = SECRETARY
    for ask in (lambda: room.port.filed(PATIENT), lambda: room.port.filed_words(found)):
        with pytest.raises(DmpDesktopError):
            ask()
