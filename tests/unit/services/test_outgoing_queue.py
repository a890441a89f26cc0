"""What waits for the folder of the practice software: never lost while it is away, written once, killed at any step."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.cli import main
from dmp_desktop.domain.documents import Visibility
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.outgoing_folder import Move
from dmp_desktop.services.outgoing_queue import OutgoingQueue
from dmp_desktop.services.profiles import ProfileFile
from tests.helpers.documents import FULL, NOTE
from tests.helpers.outgoing_victim import NAME, Sent, queue

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def cda(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    place = tmp_path_factory.mktemp("cda")
    (place / "note.txt").write_text(NOTE, encoding="utf-8")
    (place / "ctx.json").write_text(json.dumps(FULL), encoding="utf-8")
    given = ["--note", str(place / "note.txt"), "--context", str(place / "ctx.json"), "--kind", "consultation"]
    assert main(["cda", "build", *given, "-o", str(place / "made.xml")]) == 0
    return (place / "made.xml").read_bytes()


class World:
    def __init__(self, place: Path, cda: bytes) -> None:
        self.queue: OutgoingQueue = queue(place)
        self.place, self.folder, self.cda = place, place / "import", cda
        self.told: list[str] = []
        self.noted: list[str] = []
        self.queue.told = lambda error: self.told.append(error.code)
        self.queue.noted = lambda written: self.noted.append(written.unique_id)
        self.profiles = ProfileFile(place / "home" / "logiciel-metier.json")

    @property
    def names(self) -> list[str]:
        return sorted(file.suffix for file in self.folder.iterdir())


@pytest.fixture
def world(tmp_path: Path, cda: bytes) -> World:
    return World(tmp_path, cda)


def test_what_was_sent_is_written_once_even_when_the_practice_software_takes_it_away(world: World) -> None:
    outbox = Sent(world.cda, visibility=frozenset({Visibility.INVISIBLE_PATIENT}))
    world.queue.stage(outbox)
    assert (world.queue.look(), world.names) == (1, [".hpr", ".json", ".xml"])
    told = json.loads(next(world.folder.glob("*.json")).read_bytes())
    assert told["document"]["visibility"] == ["invisible_patient"]
    assert world.noted == [entry_from_cda(world.cda).unique_id]
    for file in world.folder.iterdir():
        file.unlink()
    for again in (world.queue, queue(world.place)):
        again.stage(outbox)
        assert (again.look(), world.names) == (0, [])
    assert any("PDF" in one or "HPRIM" in one for one in world.queue.report.warnings)


def test_nothing_sent_before_the_profile_wanted_it_is_written(world: World) -> None:
    (profile,) = world.profiles.load()
    assert profile.since is not None
    world.queue.stage(Sent(world.cda, profile.since - timedelta(seconds=1)))
    assert world.queue.look() == 0
    world.profiles.save([replace(profile, since=None)])
    world.queue.stage(Sent(world.cda))
    assert world.queue.look() == 0


def test_of_two_workstations_of_a_clinic_the_one_that_sent_it_gives_it(world: World) -> None:
    outbox = Sent(world.cda, number=-7)  # both list it
    world.queue.stage(outbox)
    assert world.queue.look() == 0
    world.queue.sent_here(outbox.item)
    world.queue.stage(outbox)
    assert world.queue.look() == 1


def test_a_folder_that_is_away_is_told_once_and_waited_for(world: World) -> None:
    world.folder.rename(world.place / "away")
    world.queue.stage(Sent(world.cda))
    assert (world.queue.look(), world.queue.look(), world.told) == (0, 0, ["profile-folder"])
    assert (world.queue.report.waiting, world.queue.report.fault and world.queue.report.fault.code) == (
        1,
        "profile-folder",
    )
    kept = [file.read_bytes() for file in (world.place / "home" / "sortie").iterdir()]
    assert not any(b"TEST-PATIENTE" in one or b"metformine" in one for one in kept)
    (world.place / "away").rename(world.folder)
    assert (world.queue.look(), world.names) == (1, [".hpr", ".json", ".xml"])
    assert (world.queue.report.waiting, world.queue.report.fault) == (0, None)
    world.folder.rename(world.place / "away")
    world.queue.ask(NAME, "2.25.7", world.cda, ())
    world.queue.look()
    assert world.told == ["profile-folder", "profile-folder"]  # it was over: told anew


def test_what_the_outbox_does_not_list_for_a_while_is_not_written_again(world: World) -> None:
    """A clinic's, while its server is away."""
    outbox = Sent(world.cda)
    world.queue.stage(outbox)
    assert world.queue.look() == 1
    outbox.items = lambda: []  # type: ignore[method-assign]
    world.queue.stage(outbox)
    world.queue.stage(Sent(world.cda))
    assert world.queue.look() == 0


def test_what_was_asked_for_before_it_came_by_itself_is_written_once(world: World) -> None:
    outbox = Sent(world.cda)
    world.queue.ask(NAME, outbox.item.unique_id, world.cda, ())
    assert world.queue.look() == 1
    world.queue.stage(outbox)
    assert world.queue.look() == 0


def test_another_folder_takes_what_was_cut_in_the_former_one(world: World) -> None:
    world.queue.stage(Sent(world.cda))
    (one,) = world.queue._all()
    gone = world.place / "ancien"
    world.queue._keep(replace(one, moves=(Move(str(gone / ".x.tmp"), str(gone / "x.xml")),)))
    assert (world.queue.look(), world.names) == (1, [".hpr", ".json", ".xml"])


def test_what_somebody_asks_for_again_is_written_again(world: World) -> None:
    unique_id = entry_from_cda(world.cda).unique_id
    world.queue.ask(NAME, unique_id, world.cda, ())
    assert world.queue.look() == 1
    for file in world.folder.iterdir():
        file.unlink()
    world.queue.ask(NAME, unique_id, world.cda, ())
    assert (world.queue.look(), world.names) == (1, [".hpr", ".json", ".xml"])
    world.queue.ask(NAME, unique_id, world.cda, ())
    assert (world.queue.look(), len(world.names)) == (1, 3)


def test_a_document_that_cannot_be_read_is_told_and_keeps_no_other_waiting(world: World) -> None:
    world.queue.ask(NAME, "2.25.1", b"<nothing", ())
    world.queue.ask(NAME, "2.25.2", world.cda, ())
    assert (world.queue.look(), len(world.names)) == (1, 3)
    assert len(world.told) == 1
    assert (world.queue.look(), world.queue.report.waiting) == (0, 0)


def test_damaged_profiles_are_told_and_nothing_is_lost(world: World) -> None:
    file = world.place / "home" / "logiciel-metier.json"
    whole = file.read_bytes()
    world.queue.ask(NAME, "2.25.2", world.cda, ())
    file.write_bytes(b"{")
    with pytest.raises(DmpDesktopError):
        world.queue.stage(Sent(world.cda))
    assert (world.queue.look(), world.told, world.queue.report.waiting) == (0, ["profiles-damaged"], 1)
    file.write_bytes(whole)
    assert (world.queue.look(), len(world.names)) == (1, 3)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_killed_at_each_step_every_file_comes_once(tmp_path: Path, cda: bytes) -> None:
    (tmp_path / "document.xml").write_bytes(cda)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.outgoing_victim", str(tmp_path)],
        capture_output=True,
        cwd=ROOT,
        env=environment,
        timeout=170,
        check=True,
    )
    points = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(points) > 15  # every file is opened, renamed; what waits is kept thrice
    for told in points:
        suffixes = sorted(Path(name).suffix for name in told["taken"])
        assert suffixes == [".hpr", ".json", ".xml"], told
        assert (told["hidden"], told["waiting"]) == ([], 0), told
