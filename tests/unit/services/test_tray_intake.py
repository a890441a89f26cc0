"""The scanner's folder: whole files only, cut anywhere without loss or double, bad ones left and told, nobody starved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from dmp_desktop.domain.tray import Part, ScanState
from dmp_desktop.errors import CdaError, StorageError
from dmp_desktop.services import tray_folder, tray_intake
from dmp_desktop.services.files import MAX_BYTES
from dmp_desktop.services.tray_intake import SETTLE_SECONDS, STALLED_SECONDS
from dmp_desktop.services.tray_reading import Examined, examine
from tests.helpers.outbox import PATIENT
from tests.helpers.scans import Desk, jpeg_of, paper, pdf_of, tiff_of

PLAIN, CODED, FAX = (
    jpeg_of(paper(mark=1, dpi=50), dpi=50),
    pdf_of(paper(PATIENT)),
    tiff_of(paper(mark=2, dpi=50), paper(mark=3, dpi=50), dpi=50),
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk.at(tmp_path)
    yield desk
    desk.database.close()


def left(desk: Desk) -> list[str]:
    """Names of all that is still in the folder, our own folders included unless they are empty."""
    return sorted(one.name for one in desk.folder.rglob("*") if one.is_file())


def test_each_kind_is_taken_whole_and_leaves_the_folder(desk: Desk) -> None:
    for name, content in (("a.jpg", PLAIN), ("b.PDF", CODED), ("sans extension", FAX)):
        desk.drop(name, content)
    assert desk.settle() == 3
    scans, _damaged = desk.store.scans()
    kept = {desk.store.part(one.id, Part.FILE): (one.pages, len(one.codes), one.state) for one in scans}
    waiting = ScanState.TO_PREPARE
    assert kept == {PLAIN: (1, 0, waiting), CODED: (1, 1, waiting), FAX: (2, 0, waiting)}
    assert all((desk.store.part(one.id, Part.PDF) or b"").startswith(b"%PDF-") for one in scans)
    assert left(desk) == []


def test_a_file_under_way_is_left_until_it_stays_as_it_is(desk: Desk) -> None:
    file = desk.drop("a.jpg", PLAIN[:1000])
    for number in range(1, 4):
        assert desk.intake.look() == 0
        desk.clock.advance(SETTLE_SECONDS - 0.5)
        file.write_bytes(PLAIN[: 1000 + number])
    assert (desk.intake.report.coming, desk.intake.report.refused) == (1, ())
    for number in range(3):  # whole already, as far as anybody can tell, but still being written to
        file.write_bytes(PLAIN)
        os.utime(file, ns=(number, number))
        assert desk.intake.look() == 0
        desk.clock.advance(SETTLE_SECONDS - 0.5)
    assert desk.settle() == 1


def test_a_file_that_stays_as_it_is_for_a_moment_only_is_not_taken_for_whole(desk: Desk) -> None:
    desk.drop("a.jpg", PLAIN)
    assert desk.intake.look() == 0
    desk.clock.advance(SETTLE_SECONDS - 0.1)
    assert desk.intake.look() == 0
    desk.clock.advance(0.1)
    assert desk.intake.look() == 1


def test_an_empty_file_is_not_taken_for_one_that_is_whole(desk: Desk) -> None:
    desk.drop("a.jpg", b"")
    assert (desk.settle(), left(desk), desk.intake.report.refused) == (0, ["a.jpg"], ())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (PLAIN[:-200], "attach"),
        (b"%PDF-1.4 abc", "attach"),
        (b"bonjour", "scan-kind"),
        (b"\x00\x01\x02\xff" * 40, "scan-kind"),
    ],
)
def test_a_bad_file_is_left_told_and_keeps_nobody_waiting(desk: Desk, content: bytes, code: str) -> None:
    desk.drop("0 bad.jpg", content)
    desk.drop("good.jpg", PLAIN)
    assert desk.settle() == 1
    assert left(desk) == ["0 bad.jpg"]
    (refused,) = desk.intake.report.refused
    assert (refused.name, refused.why.code) == ("0 bad.jpg", code)
    assert refused.why.remedy_fr
    assert "bad" not in repr(refused)
    desk.drop("0 bad.jpg", jpeg_of(paper(mark=9, dpi=50), dpi=50))
    assert desk.settle() == 1
    assert desk.intake.report.refused == ()


def test_a_bad_file_is_not_read_again_as_long_as_it_stays_as_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    file = desk.drop("a.pdf", b"%PDF-1.4 abc")
    desk.settle()
    read: list[Path] = []
    whole = tray_intake.read_file
    monkeypatch.setattr(tray_intake, "read_file", lambda one: read.append(one) or whole(one))
    for _look in range(3):
        desk.clock.advance(60)
        desk.intake.look()
    assert read == []
    assert len(desk.intake.report.refused) == 1
    file.unlink()
    desk.intake.look()
    assert desk.intake.report.refused == ()


def test_a_file_too_big_is_told_and_never_read(desk: Desk) -> None:
    with (desk.folder / "a.pdf").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert desk.settle() == 0
    assert [one.why.code for one in desk.intake.report.refused] == ["scan-big"]


def test_what_is_no_file_of_a_scanner_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(PLAIN)
    (desk.folder / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (desk.folder / "sub").mkdir()
    (desk.folder / "sub" / "a.jpg").write_bytes(PLAIN)
    os.mkfifo(desk.folder / "pipe.jpg")
    for name in (".a.jpg", "~a.jpg", "a.jpg.part", "a.tmp"):
        desk.drop(name, PLAIN)
    assert desk.settle() == 0
    assert desk.intake.report.refused == ()
    assert (tmp_path / "secret.jpg").exists()


def test_the_same_file_twice_is_one_scan_and_told(desk: Desk) -> None:
    desk.drop("a.jpg", PLAIN)
    desk.settle()
    desk.drop("b.jpg", PLAIN)
    assert desk.settle() == 0
    ((scan,), _damaged) = desk.store.scans()
    assert (scan.copies, desk.intake.report.again, left(desk)) == (1, 1, [])


def test_a_file_dropped_again_is_back_where_it_had_been_taken_out(desk: Desk) -> None:
    desk.drop("a.jpg", PLAIN)
    desk.settle()
    ((scan,), _damaged) = desk.store.scans()
    desk.store.change(replace(scan, state=ScanState.DISCARDED))
    desk.drop("a.jpg", PLAIN)
    desk.settle()
    ((scan,), _damaged) = desk.store.scans()
    assert (scan.state, scan.copies) == (ScanState.TO_PREPARE, 0)


class Killed(BaseException):
    """The end of the process, as far as files and tables see it."""


STEPS = [(Path, "mkdir"), (Path, "rename"), (Path, "unlink"), (Path, "rmdir")]


def cut_at(monkeypatch: pytest.MonkeyPatch, desk: Desk, number: int, *, before: bool) -> list[int]:
    """From now on the step of this number, of the file system or of the store, is the last thing that happens."""
    done = [0]

    def cutting(real: Callable[..., object]) -> Callable[..., object]:
        def step(*args: object, **named: object) -> object:
            done[0] += 1
            if done[0] > number or (before and done[0] == number):
                raise Killed
            result = real(*args, **named)
            if done[0] == number:
                raise Killed
            return result

        return step

    for owner, name in STEPS:
        monkeypatch.setattr(owner, name, cutting(getattr(owner, name)))
    for name in ("add", "change"):
        monkeypatch.setattr(type(desk.store), name, cutting(getattr(type(desk.store), name)))
    return done


@pytest.mark.parametrize("before", [True, False])
def test_cut_at_any_step_nothing_is_lost_and_nothing_is_there_twice(tmp_path: Path, before: bool) -> None:
    contents = {jpeg_of(paper(mark=number, dpi=20), dpi=20) for number in (1, 2)}
    cuts = 0
    for number in range(1, 40):
        place = tmp_path / str(number)
        place.mkdir()
        desk = Desk.at(place)
        for rank, content in enumerate(sorted(contents)):
            desk.drop(f"{rank}.jpg", content)
        with pytest.MonkeyPatch.context() as patch:
            done = cut_at(patch, desk, number, before=before)
            try:
                desk.settle()
            except Killed:
                cuts += 1
        desk.start_again(place)
        desk.settle()
        desk.settle()
        scans, damaged = desk.store.scans()
        files = [desk.store.part(one.id, Part.FILE) for one in scans]
        assert sorted(filter(None, files)) == sorted(contents), number
        assert (len(files), damaged, left(desk), [one.copies for one in scans]) == (2, 0, [], [0, 0]), number
        desk.database.close()
        if done[0] < number:
            break
    assert cuts >= 10


def test_of_two_workstations_on_one_folder_one_takes_each_file(tmp_path: Path) -> None:
    first, second = Desk.at(tmp_path, station="one"), Desk.at(tmp_path, station="two")
    for number in range(1, 5):
        first.drop(f"{number}.jpg", jpeg_of(paper(mark=number, dpi=20), dpi=20))
    for desk in (first, second):
        desk.intake.look()
        desk.clock.advance(SETTLE_SECONDS)
    whole = first.intake._finish

    def meanwhile(*args: object) -> int:
        """Between the moment it is ours and the moment it is kept, the other one looks."""
        second.intake.look()
        return whole(*args)  # type: ignore[arg-type]

    first.intake._finish = meanwhile  # type: ignore[method-assign,assignment]
    first.settle()
    taken = [len(desk.store.scans()[0]) for desk in (first, second)]
    assert (sum(taken), min(taken) > 0, left(first)) == (4, True, [])
    for desk in (first, second):
        desk.database.close()


def test_a_folder_that_is_gone_is_told_and_comes_back(desk: Desk) -> None:
    desk.folder.rename(desk.folder.with_name("away"))
    assert desk.intake.look() == 0
    fault = desk.intake.report.fault
    assert fault is not None
    assert (fault.code, bool(fault.remedy_fr)) == ("scan-folder", True)
    desk.folder.with_name("away").rename(desk.folder)
    desk.drop("a.jpg", PLAIN)
    assert desk.settle() == 1
    assert desk.intake.report.fault is None


def test_a_folder_that_cannot_be_written_is_told_and_keeps_its_files(desk: Desk) -> None:
    desk.drop("a.jpg", PLAIN)
    barred = desk.drop(
        desk.intake._own, b""
    )  # where our own folder would be: a right withdrawn does not hold root back
    assert desk.settle() == 0
    assert desk.intake.report.fault is not None
    assert desk.intake.report.fault.code == "scan-folder-rights"
    assert (left(desk), desk.store.scans()) == ([barred.name, "a.jpg"], ([], 0))
    barred.unlink()
    assert desk.settle() == 1


def test_a_look_ends_in_time_and_the_next_one_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 4):
        desk.drop(f"{number}.jpg", jpeg_of(paper(mark=number, dpi=20), dpi=20))
    whole = desk.intake._examined

    def slow(content: bytes) -> object:
        desk.clock.advance(tray_intake.LOOK_SECONDS * 0.7)
        return whole(content)

    desk.intake._examined = slow  # type: ignore[method-assign,assignment]
    assert desk.settle() == 2
    assert desk.intake.look() == 1


def test_too_many_entries_are_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tray_folder, "MAX_ENTRIES", 2)
    for number in range(3):
        desk.drop(f"{number}.jpg", PLAIN)
    desk.settle()
    assert desk.intake.report.fault is not None
    assert desk.intake.report.fault.code == "scan-folder-full"


def test_a_file_that_stays_empty_is_told_and_taken_once_it_is_written(desk: Desk) -> None:
    desk.drop("a.jpg", b"")
    desk.settle()
    assert (desk.intake.report.refused, desk.intake.report.coming) == ((), 1)
    desk.clock.advance(STALLED_SECONDS)
    desk.intake.look()
    (refused,) = desk.intake.report.refused
    assert (refused.why.code, desk.intake.report.coming, left(desk)) == ("scan-empty", 0, ["a.jpg"])
    desk.drop("a.jpg", PLAIN)
    assert desk.settle() == 1
    assert desk.intake.report.refused == ()


def test_a_file_held_by_another_program_is_told_and_taken_once_it_is_let_go(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Windows refuses it."""
    desk.drop("a.jpg", PLAIN)
    with monkeypatch.context() as held:
        held.setattr(Path, "open", _refused_open)
        desk.settle()
        assert (desk.intake.report.refused, desk.intake.report.coming) == ((), 1)
        desk.clock.advance(STALLED_SECONDS)
        desk.intake.look()
        (refused,) = desk.intake.report.refused
        assert (refused.why.code, desk.intake.report.coming) == ("scan-held", 0)
    assert desk.intake.look() == 1
    assert desk.intake.report.refused == ()


def _refused_open(*_told: object, **_more: object) -> object:
    raise PermissionError(13, "held")


def test_what_is_no_scan_is_not_told_to_become_a_text(desk: Desk) -> None:
    desk.drop("lettre.docx", b"PK\x03\x04" + b"\x00\x01\xff" * 50)
    desk.settle()
    (refused,) = desk.intake.report.refused
    assert "RTF" not in refused.why.told_fr
    assert "PDF" in refused.why.told_fr


class _Faulty:
    """An examiner that meets a fault with one content, as long as it has one."""

    several = True
    faults: Mapping[str, tuple[str, str]] = {}

    def __init__(self, fault: Exception) -> None:
        self.fault: Exception | None = fault
        self.asked = 0

    def __call__(self, untrusted: bytes, now: datetime) -> Sequence[Examined]:
        if untrusted == FAX and self.fault is not None:
            self.asked += 1
            raise self.fault
        return (examine(untrusted, now),)


@pytest.mark.parametrize("late", [False, True], ids=["before it is ours", "once it is ours"])
def test_a_fault_of_ours_holds_no_other_file_up(desk: Desk, late: bool) -> None:
    """It ends the look; those that follow take the others, and the file is told of."""
    faulty = desk.intake._examine = _Faulty(KeyError("TEST-NOM"))
    first = desk.drop("1.tif", FAX)
    os.utime(first, ns=(1, 1))
    desk.drop("2.jpg", PLAIN)
    if late:
        ours = desk.folder / desk.intake._own / "0123456789abcdef"
        ours.mkdir(parents=True)
        first.rename(ours / "1.tif")
    met, taken = [], 0
    for _ in range(5):
        try:
            taken += desk.intake.look()
        except KeyError as fault:
            met.append(fault)
        desk.clock.advance(SETTLE_SECONDS)
    assert (len(met), faulty.asked, taken, left(desk)) == (1, 1, 1, ["1.tif"])
    (refused,) = desk.intake.report.refused
    assert (refused.name, refused.why.code) == ("1.tif", "scan-unforeseen")
    assert "TEST-NOM" not in refused.why.told_fr


def test_what_is_wrong_with_a_part_of_a_file_is_told_of_that_file(desk: Desk) -> None:
    desk.intake._examine = _Faulty(CdaError("cda-body", "Son contenu est illisible.", "Demandez-le de nouveau."))
    desk.drop("1.tif", FAX)
    desk.drop("2.jpg", PLAIN)
    assert desk.settle() == 1
    (refused,) = desk.intake.report.refused
    assert (refused.why.code, refused.why.message_fr) == ("cda-body", "Son contenu est illisible.")


def test_a_store_that_fails_while_a_file_is_read_refuses_nothing(desk: Desk) -> None:
    faulty = desk.intake._examine = _Faulty(StorageError("disk-full", "Plein."))
    desk.drop("1.tif", FAX)
    with pytest.raises(StorageError):
        desk.settle()
    faulty.fault = None
    assert desk.settle() == 1
    assert (desk.intake.report.refused, left(desk)) == ((), [])
