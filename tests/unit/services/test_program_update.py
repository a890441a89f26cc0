"""An update announced and fetched over real HTTPS: bounded, gone on with, refused when altered; nothing asked without an address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dmp_desktop.errors import UpdateError
from dmp_desktop.platform.paths import Paths
from dmp_desktop.services.program_update import ProgramUpdates, UpdateWatch
from tests.helpers.clock import FakeClock
from tests.helpers.update_server import NOW, UpdateServer, offer, trusted, update_server

KEY = Ed25519PrivateKey.generate()
PROGRAM = bytes(range(256)) * 8000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, UpdateServer]]:
    folder = tmp_path_factory.mktemp("server")
    with update_server(folder, tmp_path_factory.mktemp("pki")) as served:
        yield folder, served


@pytest.fixture
def program(server: tuple[Path, UpdateServer]) -> Path:
    folder, served = server
    file = folder / "dmp-desktop-1.2.0.tar.xz"
    file.write_bytes(PROGRAM)
    offer(folder, KEY, "1.2.0", file)
    served.asked.clear()
    return file


@pytest.fixture
def updates(tmp_path: Path, server: tuple[Path, UpdateServer]) -> ProgramUpdates:
    made = ProgramUpdates(Paths(tmp_path / "home"), "1.1.0", trusted(KEY), FakeClock(NOW + timedelta(days=1)))
    made.follow(server[1].url, str(server[1].authority))
    return made


def code(act: object, *arguments: object) -> str:
    with pytest.raises(UpdateError) as caught:
        act(*arguments)  # type: ignore[operator]
    return caught.value.code


def test_it_is_found_and_fetched_into_a_private_file(updates: ProgramUpdates, program: Path) -> None:
    offered = updates.check()
    assert offered.newer
    assert updates.newer() == "1.2.0"
    fetched = updates.fetch(offered)
    assert fetched.read_bytes() == PROGRAM
    assert fetched.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in fetched.parent.iterdir()] == [program.name]


def test_what_is_there_already_is_not_fetched_again(
    updates: ProgramUpdates, program: Path, server: tuple[Path, UpdateServer]
) -> None:
    offered = updates.check()
    updates.fetch(offered)
    asked = len(server[1].asked)
    assert updates.fetch(offered).name == program.name
    assert len(server[1].asked) == asked


def test_a_line_that_breaks_is_gone_on_with(
    updates: ProgramUpdates, program: Path, server: tuple[Path, UpdateServer]
) -> None:
    offered = updates.check()
    server[1].cut = 700_000
    assert code(updates.fetch, offered) == "update-unreachable"
    assert updates.fetch(offered).read_bytes() == PROGRAM
    assert server[1].asked[-1] == (f"/{program.name}", "bytes=700000-")


def test_an_altered_program_is_refused_and_leaves_nothing(
    updates: ProgramUpdates, program: Path, tmp_path: Path
) -> None:
    offered = updates.check()
    program.write_bytes(PROGRAM[:-1] + b"x")
    assert code(updates.fetch, offered) == "update-altered"
    program.write_bytes(PROGRAM + b"more")
    assert code(updates.fetch, offered) == "update-altered"
    assert list((tmp_path / "home/mise-a-jour").iterdir()) == []


def test_a_manifest_older_than_the_one_last_seen_is_refused(
    updates: ProgramUpdates, program: Path, server: tuple[Path, UpdateServer]
) -> None:
    former = (server[0] / "dmp-desktop-manifest.json").read_bytes()
    offer(server[0], KEY, "1.2.0", program, issued=NOW + timedelta(hours=2))
    updates.check()
    (server[0] / "dmp-desktop-manifest.json").write_bytes(former)
    assert code(updates.check) == "update-replayed"


def test_a_server_that_is_not_the_one_or_does_not_answer(
    updates: ProgramUpdates, program: Path, server: tuple[Path, UpdateServer]
) -> None:
    assert program.exists()
    updates.follow(server[1].url)  # the authorities of the system do not vouch for it
    assert code(updates.check) == "update-unreachable"
    updates.follow("https://localhost:1/m.json", str(server[1].authority))
    assert code(updates.check) == "update-unreachable"


def test_nothing_is_asked_of_the_network_before_an_address_is_given(
    tmp_path: Path, server: tuple[Path, UpdateServer]
) -> None:
    fresh = ProgramUpdates(Paths(tmp_path / "fresh"), "1.1.0", trusted(KEY), FakeClock(NOW))
    server[1].asked.clear()
    fresh.look()
    assert code(fresh.check) == "update-nowhere"
    assert server[1].asked == []
    assert not (tmp_path / "fresh").exists()
    for address in (
        *("http://example.org/m.json", "ftp://x", "https://", "https://example.org/mises-à-jour.json"),
        *("https://example.org:99999/m.json", "https://[x"),
    ):
        assert code(fresh.follow, address) == "update-address"


def test_a_folder_will_do_in_place_of_an_address(tmp_path: Path) -> None:
    program = tmp_path / "dmp-desktop-1.2.0.tar.xz"
    program.write_bytes(PROGRAM)
    offer(tmp_path, KEY, "1.2.0", program)
    updates = ProgramUpdates(Paths(tmp_path / "home"), "1.1.0", trusted(KEY), FakeClock(NOW))
    assert updates.fetch(updates.check(tmp_path)).read_bytes() == PROGRAM
    assert code(updates.check, tmp_path / "home") == "update-file"


def test_a_look_that_fails_is_looked_at_again_and_none_comes_after_the_end() -> None:
    looks, twice = [], threading.Event()

    def look() -> None:
        looks.append(1)
        if len(looks) == 2:
            watch.stop()
            twice.set()
        raise UpdateError("update-unreachable", "x")

    watch = UpdateWatch(look, every=0.001)
    watch.start()
    assert twice.wait(30)
    for thread in threading.enumerate():
        if thread.name == "updates":
            thread.join(30)
    assert len(looks) == 2
