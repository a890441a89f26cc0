"""A change of version that was cut off: gone back from with the data of before, or finished; never guessed."""

from __future__ import annotations

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dmp_desktop import start
from dmp_desktop.errors import StorageError, UpdateError
from dmp_desktop.platform import versions as platform_versions
from dmp_desktop.platform.paths import Paths
from dmp_desktop.platform.versions import Versions
from dmp_desktop.services import version_change
from dmp_desktop.services.version_change import begin, confirm, go_on, may_be_tried, under_way
from dmp_desktop.storage import migrations, outbox_file
from dmp_desktop.storage.backup_file import BackupKeys, write_backup
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.migrations import migrate
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.recovery import recovery_public
from dmp_desktop.wiring import updating

KEY = bytes(range(32))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MORE = "CREATE TABLE made_by_next_version (id INTEGER);\n"
DRAFT = ("draft-1", "doctor", "key", "patient", 3, "", 1, b"a note under way")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A workstation with a draft, and a backup of it."""
    paths = Paths(tmp_path / "home").create()
    with Database.open(paths.database, KEY) as database, OutboxFile.of(paths.outbox) as outbox:
        with database.write() as connection:
            connection.exec_driver_sql("INSERT INTO draft VALUES (?, ?, ?, ?, ?, ?, ?, ?)", DRAFT)
        keys = BackupKeys(KEY, recovery_public(bytes(32)))
        write_backup(
            backup(paths), database, outbox, keys, made_at=NOW, kind="avant-mise-a-niveau", software="1", files={}
        )
    return paths


def backup(paths: Paths) -> Path:
    return paths.backups / "avant.dmpsauvegarde"


def brought_up_to_date(paths: Paths) -> None:
    """As a later version does to the first file, before it fails at the second."""
    with Database.open(paths.database, KEY) as database, database.write() as connection:
        migrate(connection, (*migrations.MIGRATIONS, MORE))


def drafts(paths: Paths) -> list[object]:
    with Database.open(paths.database, KEY) as database, database.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM draft")]


def test_what_the_trial_made_of_the_data_goes(paths: Paths, tmp_path: Path) -> None:
    begin(paths, "1.0.0", "2.0.0", backup(paths), tmp_path / "program")
    brought_up_to_date(paths)
    with pytest.raises(StorageError) as caught:
        Database.open(paths.database, KEY)
    assert caught.value.code == "storage-newer"
    assert "n'a pas abouti" in go_on(paths, KEY, "1.0.0", lambda: True, NOW)
    assert drafts(paths) == [DRAFT]
    with OutboxFile.of(paths.outbox) as outbox:
        outbox.check()
    assert under_way(paths) is None
    assert go_on(paths, KEY, "1.0.0", lambda: True, NOW) == ""


def test_data_that_this_version_reads_stay_as_they_are(paths: Paths, tmp_path: Path) -> None:
    begin(paths, "1.0.0", "2.0.0", tmp_path / "no backup is needed", tmp_path / "program")
    go_on(paths, KEY, "1.0.0", lambda: True, NOW)
    assert drafts(paths) == [DRAFT]


def test_a_trial_that_goes_on_is_waited_for_and_learns_that_it_is_over(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version_change, "PATIENCE_S", 0.0)
    change = begin(paths, "1.0.0", "2.0.0", backup(paths), tmp_path / "program")
    assert may_be_tried(paths, change.token, "2.0.0") == change
    with pytest.raises(UpdateError):
        may_be_tried(paths, "another", "2.0.0")
    with pytest.raises(StorageError) as caught:
        go_on(paths, KEY, "1.0.0", lambda: False, NOW)
    assert caught.value.code == "update-busy"
    with pytest.raises(UpdateError) as refused:
        may_be_tried(paths, change.token, "2.0.0")
    assert refused.value.code == "update-trial"


def test_without_its_backup_nothing_is_replaced(paths: Paths, tmp_path: Path) -> None:
    begin(paths, "1.0.0", "2.0.0", tmp_path / "absent", tmp_path / "program")
    brought_up_to_date(paths)
    before = paths.database.stat()
    with pytest.raises(StorageError) as caught:
        go_on(paths, KEY, "1.0.0", lambda: True, NOW)
    assert caught.value.code == "update-stuck"
    assert (paths.database.stat().st_ino, under_way(paths) is None) == (before.st_ino, False)


def test_what_was_confirmed_is_never_gone_back_from(paths: Paths, tmp_path: Path) -> None:
    root = tmp_path / "program"
    for version in ("0.9.0", "1.0.0", "2.0.0"):
        (root / "versions" / version).mkdir(parents=True)
    versions = Versions(root)
    versions.point_to("1.0.0")
    confirm(paths, begin(paths, "1.0.0", "2.0.0", backup(paths), root))
    brought_up_to_date(paths)
    with pytest.raises(StorageError) as caught:
        go_on(paths, KEY, "1.0.0", lambda: True, NOW)
    assert caught.value.code == "update-done"
    assert versions.pointed() == "2.0.0"
    assert sorted(one.name for one in (root / "versions").iterdir()) == ["1.0.0", "2.0.0"]
    with pytest.raises(StorageError) as newer:
        Database.open(paths.database, KEY)
    assert newer.value.code == "storage-newer"


def test_a_state_that_cannot_be_read_is_told(paths: Paths) -> None:
    paths.update_state.write_text("{")
    with pytest.raises(StorageError) as caught:
        go_on(paths, KEY, "1.0.0", lambda: True, NOW)
    assert caught.value.code == "update-state"


def archive(tmp_path: Path, *members: tuple[str, bytes, str]) -> Path:
    """(name, content, where a link leads)."""
    file = tmp_path / "program.tar"
    with tarfile.open(file, "w") as made:
        for name, content, link in members:
            told = tarfile.TarInfo(name)
            told.size, told.mode = len(content), 0o755
            if link:
                told.type, told.linkname = tarfile.SYMTYPE, link
            made.addfile(told, io.BytesIO(content))
    return file


def test_a_version_is_unpacked_whole_with_its_links(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "root")
    program = ("dmp-desktop/dmp-desktop", b"program", "")
    links = ("dmp-desktop/_internal/a/lib.so", b"", "../lib.so.1"), ("dmp-desktop/_internal/lib.so.1", b"library", "")
    folder = versions.unpack(archive(tmp_path, program, *links), "1.2.3")
    assert (folder / "_internal/a/lib.so").read_bytes() == b"library"
    assert (folder / "dmp-desktop").stat().st_mode & 0o111
    versions.unpack(archive(tmp_path, program), "1.2.3")
    assert not (folder / "_internal").exists(), "what was there before is gone"


@pytest.mark.parametrize(
    "member",
    [
        ("dmp-desktop/../../out", b"x", ""),
        ("/etc/out", b"x", ""),
        ("dmp-desktop/a", b"", "/etc/passwd"),
        ("dmp-desktop/a", b"", "../../out"),
        ("dmp-desktop/a/b", b"", "../../out"),
    ],
)
def test_an_archive_that_leads_elsewhere_is_not_unpacked(member: tuple[str, bytes, str], tmp_path: Path) -> None:
    versions = Versions(tmp_path / "root")
    with pytest.raises(UpdateError) as caught:
        versions.unpack(archive(tmp_path, ("dmp-desktop/dmp-desktop", b"program", ""), member), "1.2.3")
    assert caught.value.code == "update-content"
    assert not versions.folder("1.2.3").exists()
    assert not (tmp_path / "out").exists()


def test_a_link_of_the_archive_is_no_way_out_for_what_comes_after(tmp_path: Path) -> None:
    members = ("p/dmp-desktop", b"program", ""), ("p/a/b", b"", ".."), ("p/a/b/c", b"", ".."), ("p/c/out", b"x", "")
    with pytest.raises(UpdateError) as caught:
        Versions(tmp_path / "root").unpack(archive(tmp_path, *members), "1.2.3")
    assert caught.value.code == "update-content"
    assert not list(tmp_path.rglob("out"))


def test_what_is_no_version_is_somebodys_and_stays(tmp_path: Path) -> None:
    """Who unpacked the program in a folder that has that name."""
    versions = Versions(tmp_path)
    for name in ("1.0.0", ".1.1.0.part", "2.0.0", "thèse", "current.d"):
        (tmp_path / "versions" / name).mkdir(parents=True)
    versions.point_to("2.0.0")
    versions.sweep({"2.0.0"})
    assert {one.name for one in (tmp_path / "versions").iterdir()} == {"2.0.0", "thèse", "current.d"}
    versions.remove()
    assert {one.name for one in (tmp_path / "versions").iterdir()} == {"thèse", "current.d"}
    assert not (tmp_path / "current").is_symlink()


@pytest.mark.parametrize("folder", ["versions/dmp-desktop", "versions/1.0.0", "1.0.0"])
def test_a_program_that_was_not_installed_is_none_of_the_versions(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform_versions, "program_folder", lambda: tmp_path / folder)
    assert platform_versions.of_program() is None


def test_a_file_of_somebody_called_as_our_link_stays(tmp_path: Path) -> None:
    (tmp_path / "current").write_text("à moi")
    with pytest.raises(UpdateError) as caught:
        Versions(tmp_path).point_to("1.0.0")
    assert (caught.value.code, (tmp_path / "current").read_text()) == ("update-folder", "à moi")


def test_an_archive_without_the_program_is_not_unpacked(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "root")
    with pytest.raises(UpdateError) as caught:
        versions.unpack(archive(tmp_path, ("other/file", b"no program at all", "")), "1.2.3")
    assert caught.value.code == "update-content"
    assert not versions.folder("1.2.3").exists()


def test_both_sides_of_a_trial_call_it_the_same() -> None:
    assert start.TRIAL == updating.TRIAL


def test_both_files_have_the_level_they_had(paths: Paths, tmp_path: Path) -> None:
    begin(paths, "1.0.0", "2.0.0", backup(paths), tmp_path / "program")
    brought_up_to_date(paths)
    with OutboxFile.of(paths.outbox) as outbox, outbox.write() as connection:
        migrate(connection, (*outbox_file.MIGRATIONS, MORE))
    go_on(paths, KEY, "1.0.0", lambda: True, NOW)
    with Database.open(paths.database, KEY) as database, OutboxFile.of(paths.outbox) as outbox:
        for file, known in ((database, migrations.MIGRATIONS), (outbox, outbox_file.MIGRATIONS)):
            with file.read() as connection:
                assert connection.exec_driver_sql("PRAGMA user_version").scalar_one() == len(known)
