"""Messages for the mail client lie there for a while, for their user alone, and go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dmp_desktop.errors import ContextError
from dmp_desktop.services.mail_folder import LIFE, MailFolder
from tests.helpers.clock import FakeClock, SeededEntropy

EML = b"X-Unsent: 1\r\nSubject: TEST\r\n\r\n"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def folder(tmp_path: Path, clock: FakeClock) -> MailFolder:
    return MailFolder(tmp_path / "messages", clock, SeededEntropy())


def there(tmp_path: Path) -> list[bytes]:
    return [file.read_bytes() for file in (tmp_path / "messages").iterdir()]


def test_a_message_is_of_this_user_alone_and_its_name_says_nothing(folder: MailFolder, tmp_path: Path) -> None:
    path = folder.lay(EML)
    assert path.read_bytes() == EML
    assert path.stem.removeprefix("message-").isalnum()
    assert path.suffix == ".eml"
    if os.name == "posix":
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_each_goes_when_its_time_is_over(folder: MailFolder, clock: FakeClock, tmp_path: Path) -> None:
    folder.lay(EML)
    clock.advance(LIFE.total_seconds() / 2)
    folder.lay(EML + b"later")
    clock.advance(LIFE.total_seconds() / 2 - 1)
    folder.look()
    assert len(there(tmp_path)) == 2
    clock.advance(1)
    folder.look()
    assert there(tmp_path) == [EML + b"later"]
    clock.advance(LIFE.total_seconds())
    folder.look()
    assert there(tmp_path) == []


def test_what_a_former_start_left_goes_at_once(folder: MailFolder, clock: FakeClock, tmp_path: Path) -> None:
    folder.lay(EML)
    (tmp_path / "messages" / ".message-1.eml.4711").write_bytes(EML[:5])  # cut while it was written
    MailFolder(tmp_path / "messages", clock, SeededEntropy(2)).look()
    assert there(tmp_path) == []


def test_who_leaves_takes_theirs_along(folder: MailFolder, tmp_path: Path) -> None:
    for _ in range(2):
        folder.lay(EML)
    folder.forget()
    assert there(tmp_path) == []
    folder.forget()


def test_one_that_nobody_is_to_open_goes_alone(folder: MailFolder, tmp_path: Path) -> None:
    first, _second = folder.lay(EML), folder.lay(EML + b"2")
    folder.drop(first)
    assert there(tmp_path) == [EML + b"2"]


def test_what_is_held_open_goes_at_a_later_look(folder: MailFolder, tmp_path: Path) -> None:
    """A folder in its place refuses to be unlinked, as Windows refuses a file its mail client holds."""
    path = folder.lay(EML)
    path.unlink()
    path.mkdir()
    folder.forget()
    assert path.is_dir()
    path.rmdir()
    path.write_bytes(EML)
    folder.look()
    assert there(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ContextError) as refused:
        MailFolder(tmp_path / "file" / "messages", clock, SeededEntropy()).lay(EML)
    assert refused.value.code == "mail-folder"
