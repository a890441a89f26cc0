"""The folder the practice software writes to: taken once whole, gone once durable, never lost nor taken twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from dmp_desktop.domain.ins import nir_key
from dmp_desktop.errors import ContextError, DmpDesktopError, StorageError
from dmp_desktop.services.context_inbox import FRESH, MOST, ContextInbox
from dmp_desktop.services.context_origin import Origin, leave
from dmp_desktop.services.exchange_folder import NOTE_SECONDS, SETTLE_SECONDS, ExchangeFolder
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock, SeededEntropy
from tests.helpers.contexts import context
from tests.helpers.exchange_victim import NOTE

ROOT = Path(__file__).resolve().parents[3]


class World:
    def __init__(self, place: Path) -> None:
        self.place, self.clock = place / "echange", FakeClock()
        self.place.mkdir()
        self.inbox = ContextInbox(place / "contextes", Seal(b"k" * 32, "received"), self.clock, SeededEntropy())
        self.folder = ExchangeFolder(lambda: self.place, self.inbox, self.clock)
        self.refused: list[DmpDesktopError] = []
        self.folder.refused = self.refused.append

    def write(
        self, name: str = "patient.json", told: object = None, note: bytes | None = None, age: float = 0.0
    ) -> None:
        file = self.place / name
        if note is not None:
            file.with_suffix(".txt").write_bytes(note)
            if age:
                then = file.with_suffix(".txt").stat().st_mtime - age
                os.utime(file.with_suffix(".txt"), (then, then))
        file.write_text(json.dumps(context() if told is None else told), encoding="utf-8")

    @property
    def left(self) -> list[str]:
        return sorted(file.name for file in self.place.iterdir())

    @property
    def notes(self) -> list[str]:
        return [one.note for one in self.inbox.waiting()]

    def settle(self) -> None:
        self.folder.look()
        self.clock.advance(SETTLE_SECONDS)
        self.folder.look()


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path)


def test_a_context_and_its_note_are_taken_at_once_and_leave(world: World) -> None:
    world.write(note=NOTE.encode())
    assert world.folder.look() == 1
    assert (world.left, world.notes, world.refused) == ([], [NOTE], [])


def test_half_a_file_is_waited_for_and_then_taken(world: World) -> None:
    whole = json.dumps(context())
    (world.place / "patient.json").write_text(whole[:200], encoding="utf-8")
    assert world.folder.look() == 0
    world.clock.advance(SETTLE_SECONDS / 2)
    assert (world.folder.look(), world.refused) == (0, [])
    (world.place / "patient.json").write_text(whole, encoding="utf-8")
    assert world.folder.look() == 1


def test_what_cannot_be_used_stays_and_is_told_once_with_its_field(world: World) -> None:
    wrong = context(ins="279035121518900")
    world.write("faux.json", wrong)
    world.write("juste.json")
    world.settle()
    world.settle()
    (told,) = world.refused
    assert isinstance(told, ContextError)
    assert told.field == "patient.ins"
    assert "279035" not in str(told)
    assert (world.left, len(world.notes)) == (["faux.json"], 1)
    world.write("faux.json")  # corrected where it stands
    assert world.folder.look() == 1


@pytest.mark.parametrize("age", [120.0, -120.0], ids=["left over", "written after"])
def test_a_note_that_may_be_another_patients_is_not_taken(world: World, age: float) -> None:
    world.write(note=NOTE.encode(), age=age)
    world.settle()
    assert [one.code for one in world.refused] == ["exchange-note-age"]
    assert (world.left, world.notes) == (["patient.json", "patient.txt"], [])


def test_two_notes_are_nobodys(world: World) -> None:
    (world.place / "patient.rtf").write_bytes(b"{\\rtf1 a}")
    world.write(note=b"b")
    world.settle()
    assert [one.code for one in world.refused] == ["exchange-notes"]
    assert world.notes == []


def somebody_else() -> dict[str, object]:
    told = context()
    number = f"{told['patient']['ins'][:10]}777"
    told["patient"]["ins"] = number + nir_key(number)
    return told


def test_a_note_that_was_taken_is_not_the_next_patients_who_has_the_same_name(world: World) -> None:
    """Cut before the files left; then the practice software, which uses one name, writes another patient there."""
    world.write(note=NOTE.encode())
    note, file = world.place / "patient.txt", world.place / "patient.json"
    origins = tuple(Origin(str(one), one.stat().st_size, one.stat().st_mtime_ns) for one in (note, file))
    world.inbox.receive(file.read_bytes(), note.read_bytes(), origins)
    world.write(told=somebody_else())
    world.folder.look()
    world.folder.look()
    found = {one.context.patient.ins.value: one.note for one in world.inbox.waiting()}
    assert found == {context()["patient"]["ins"]: NOTE, somebody_else()["patient"]["ins"]: ""}
    assert world.left == []


def test_a_name_that_was_another_patients_binds_no_note(world: World) -> None:
    """A note that came after its context is left over: of whom, its name alone does not tell."""
    world.write()
    assert world.folder.look() == 1
    world.write(told=somebody_else(), note=NOTE.encode())
    world.settle()
    assert ([one.code for one in world.refused], world.notes) == (["exchange-name-again"], [""])
    world.write(note=NOTE.encode())  # the same patient again, under their name
    assert world.folder.look() == 1


def test_the_print_of_a_note_binds_it_whatever_its_name_or_age(world: World) -> None:
    world.write()
    world.folder.look()
    world.write(told=somebody_else() | {"note_sha256": sha256(NOTE.encode()).hexdigest()}, note=NOTE.encode(), age=600)
    assert world.folder.look() == 1
    assert sorted(world.notes) == ["", NOTE]


@pytest.mark.parametrize("note", [b"une autre", None])
def test_a_note_that_is_not_the_one_announced_is_not_taken(world: World, note: bytes | None) -> None:
    world.write(told=context() | {"note_sha256": sha256(NOTE.encode()).hexdigest()}, note=note)
    world.settle()
    assert ([one.code for one in world.refused], world.notes) == (["note-other"], [])
    world.write(told=context() | {"note_sha256": sha256(NOTE.encode()).hexdigest()}, note=NOTE.encode())
    assert world.folder.look() == 1


@pytest.mark.parametrize("name", ["patient.TXT", "PATIENT.txt"])
def test_a_note_in_capitals_comes_with_its_context(world: World, name: str) -> None:
    (world.place / name).write_text(NOTE, encoding="utf-8")
    world.write()
    assert world.folder.look() == 1
    assert (world.left, world.notes) == ([], [NOTE])


@pytest.mark.parametrize("name", ["patient.doc", "patient.odt", "Patient.pages"])
def test_a_note_of_a_kind_that_is_not_read_keeps_its_context_back(world: World, name: str) -> None:
    """Its patient would be proposed without it, and the next one of that name with it."""
    (world.place / name).write_text(NOTE, encoding="utf-8")
    world.write()
    world.settle()
    assert ([one.code for one in world.refused], world.notes) == (["exchange-note-kind"], [])
    assert world.left == sorted([name, "patient.json"])


def test_what_the_remedy_asks_for_is_seen(world: World) -> None:
    """Of two notes one is taken away: the context, which has not changed, is looked at again."""
    (world.place / "patient.rtf").write_bytes(b"{\\rtf1 a}")
    world.write(note=NOTE.encode())
    world.settle()
    (world.place / "patient.rtf").unlink()
    assert world.folder.look() == 1
    assert world.notes == [NOTE]


def test_a_note_that_no_context_follows_is_told_once(world: World) -> None:
    (world.place / "seule.txt").write_text(NOTE, encoding="utf-8")
    world.folder.look()
    assert world.refused == []
    for _look in range(3):
        world.clock.advance(NOTE_SECONDS + 1)
        world.folder.look()
    assert [one.code for one in world.refused] == ["exchange-note-alone"]
    assert world.left == ["seule.txt"]


def replaced_while_it_leaves(world: World, monkeypatch: pytest.MonkeyPatch) -> Origin:
    """The practice software writes another file there between the look and the removal: what the system tells is the former."""
    file = world.place / "patient.json"
    world.write()
    told = Path.lstat(file)
    origin = Origin(str(file), told.st_size, told.st_mtime_ns)
    world.write(told=somebody_else())
    os.utime(file, ns=(told.st_atime_ns, told.st_mtime_ns + 1_000_000_000))
    monkeypatch.setattr(Path, "lstat", lambda one: told if one == file else os.lstat(one))
    return origin


def test_another_file_that_is_written_while_one_leaves_stays(world: World, monkeypatch) -> None:
    origin = replaced_while_it_leaves(world, monkeypatch)
    leave(origin)
    monkeypatch.undo()
    assert world.left == ["patient.json"]
    assert json.loads((world.place / "patient.json").read_text("utf-8")) == somebody_else()


def test_set_aside_by_a_cut_it_comes_back_or_goes(world: World) -> None:
    """`theirs` was taken and set aside, `new` was written there between the look and the setting aside: cut after each."""
    world.write("theirs.json")
    file = world.place / "theirs.json"
    origin = Origin(str(file), file.stat().st_size, file.stat().st_mtime_ns)
    world.inbox.receive(file.read_bytes(), NOTE.encode(), (origin,))
    file.rename(world.place / f".theirs.json.{origin.changed_ns}.repris")
    world.write("new.json", somebody_else())
    (world.place / "new.json").rename(world.place / ".new.json.12.repris")
    world.folder.look()
    world.folder.look()
    assert world.left == []
    found = {one.context.patient.ins.value: one.note for one in world.inbox.waiting()}
    assert found == {context()["patient"]["ins"]: NOTE, somebody_else()["patient"]["ins"]: ""}


def test_a_file_that_cannot_leave_hides_no_other_patient(world: World) -> None:
    world.write("premier.json")
    file = world.place / "premier.json"
    origin = Origin(str(file), file.stat().st_size, file.stat().st_mtime_ns)
    world.inbox.receive(file.read_bytes(), origin=(origin,))
    (world.place / f".premier.json.{origin.changed_ns}.repris" / "là").mkdir(parents=True)  # where it would go
    with pytest.raises(StorageError, match="ne peut pas en être retiré"):
        leave(origin)
    world.clock.advance(1)
    told: list[None] = []
    world.inbox.follow(lambda: told.append(None))
    world.inbox.receive(json.dumps(somebody_else()))
    assert [one.context.patient.ins.value for one in world.inbox.waiting()] == [somebody_else()["patient"]["ins"]]
    assert told


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="Linux tells what a descriptor is of")
def test_the_folder_of_what_is_received_outlives_a_cut(world: World, monkeypatch) -> None:
    flushed: list[str] = []
    real = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda one: (flushed.append(str(Path(f"/proc/self/fd/{one}").readlink())), real(one))
    )
    world.inbox.receive(json.dumps(context()), NOTE.encode())
    assert flushed.index(str(world.place.parent)) < flushed.index(str(world.place.parent / "contextes"))


@pytest.mark.skipif(sys.platform == "win32", reason="a right of its own")
def test_a_link_is_no_context(world: World, tmp_path) -> None:
    (tmp_path / "ailleurs.json").write_text(json.dumps(context()), encoding="utf-8")
    (world.place / "lien.json").symlink_to(tmp_path / "ailleurs.json")
    world.settle()
    assert (world.left, world.notes) == (["lien.json"], [])


def test_a_folder_that_cannot_be_read_is_told_once(world: World) -> None:
    world.place.rmdir()
    world.settle()
    assert [one.code for one in world.refused] == ["exchange-folder"]


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_killed_at_any_step_it_is_neither_lost_nor_taken_twice(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.exchange_victim", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    taking = [one for one in found if not one["dropping"]]
    dropping = [one for one in found if one["dropping"]]
    assert len(taking) >= 6
    assert len(dropping) >= 3
    for one in taking:
        assert (one["notes"], one["left"]) == ([NOTE], []), one
    for one in dropping:  # it was being dropped: still there, or gone with its files; never taken from them anew
        assert one["left"] == [], one
        assert one["notes"] == [] or not one["anew"], one
    assert dropping[-1]["notes"] == [NOTE], "the last thing that goes is what waits"


# The inbox itself


def test_a_context_alone_takes_the_place_of_the_one_before_and_ages(world: World) -> None:
    world.inbox.receive(json.dumps(context()))
    world.clock.advance(1)
    last = world.inbox.receive(json.dumps(context(birth_given="MARIE ANNE")))
    assert [one.id for one in world.inbox.waiting()] == [last.id]
    world.inbox.receive(json.dumps(context()), NOTE.encode())
    world.clock.advance(FRESH.total_seconds() + 1)
    assert world.notes == [NOTE], "a note has no age"


@pytest.mark.parametrize("step", ["open", "rename"])
def test_a_share_that_hangs_keeps_nothing_else_from_being_received(world: World, monkeypatch, step: str) -> None:
    """The thread that waits for it held what the one that keeps drafts needs too."""
    hung, on = threading.Event(), threading.Event()
    real = getattr(Path, step)

    def hangs(path: Path, *given: object, **named: object) -> object:
        if path.name == "patient.json":
            hung.set()
            assert on.wait(60)
        return real(path, *given, **named)

    world.write()
    monkeypatch.setattr(Path, step, hangs)
    looking = threading.Thread(target=world.folder.look)
    other = threading.Thread(target=world.inbox.receive, args=(json.dumps(somebody_else()), b"autre note"))
    looking.start()
    try:
        assert hung.wait(20)
        other.start()
        other.join(20)
        assert not other.is_alive()
    finally:
        on.set()
        looking.join(20)
    assert sorted(world.notes) == ["", "autre note"]


def test_a_patient_of_the_future_is_stale(world: World) -> None:
    """The clock was a day ahead, and was put right: that one would have been the last for a day."""
    world.inbox.receive(json.dumps(context()), age=timedelta(days=-1))
    assert world.notes == []


def test_who_waited_for_the_program_is_as_old_as_that(world: World) -> None:
    """Handed over while a passphrase was asked for, an hour ago: that patient does not sit there any more."""
    world.inbox.receive(json.dumps(context()), age=FRESH + timedelta(seconds=1))
    world.inbox.receive(json.dumps(context()), NOTE.encode(), age=FRESH + timedelta(seconds=1))
    assert world.notes == [NOTE]


def test_what_is_damaged_is_no_reason_to_lose_the_rest(world: World) -> None:
    world.inbox.receive(json.dumps(context()), NOTE.encode())
    (world.place.parent / "contextes" / f"{'0' * 32}.recu").write_bytes(b"x" * 40)
    world.inbox.refused = world.refused.append
    assert world.notes == [NOTE]
    assert world.notes == [NOTE]
    assert [one.code for one in world.refused] == ["received-damaged"], "told, and once"


def test_what_is_moved_does_not_open(world: World) -> None:
    """A file is bound to its id: put under another, it is nobody's."""
    item = world.inbox.receive(json.dumps(context()), NOTE.encode())
    there = world.place.parent / "contextes"
    (there / f"{item.id}.recu").rename(there / f"{'1' * 32}.recu")
    assert world.notes == []


def test_a_loop_of_notes_is_ended(world: World) -> None:
    for number in range(MOST):
        world.inbox.receive(json.dumps(context()), f"note {number}".encode())
    with pytest.raises(ContextError, match="attendent d'être reprises"):
        world.inbox.receive(json.dumps(context()), b"une de trop")
    world.inbox.receive(json.dumps(context()), b"note 1")  # one of those that wait
    world.inbox.receive(json.dumps(context()))


def test_a_note_that_cannot_be_read_names_its_field(world: World) -> None:
    with pytest.raises(ContextError) as caught:
        world.inbox.receive(json.dumps(context()), b"a\x00b")
    assert caught.value.field == "note"
    with pytest.raises(ContextError) as caught:
        world.inbox.receive(b"\xff\xfe{")
    assert caught.value.code == "context-json"
