"""What goes out to the practice software: read again by our readers, named without the patient, never over another file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.received import ReceivedFormat
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.profile import SUFFIXES, Profile, checked_template, profile_from_dict, profile_to_dict
from dmp_desktop.platform.settings import Settings
from dmp_desktop.resources import resource_path
from dmp_desktop.services.outgoing import Outgoing
from dmp_desktop.services.outgoing_folder import mark_of
from dmp_desktop.services.outgoing_run import Written, write_now
from dmp_desktop.services.profiles import ProfileFile, check_folders
from dmp_desktop.services.received_files import read_received
from dmp_desktop.wiring.base import SOURCE_OID
from tests.helpers.documents import FULL, NOTE, PARIS_WINTER
from tests.helpers.json_schema import faults

WORDS = f"{NOTE}HbA1c 7,2 %, créatinine 83 µmol/L.\n"
SCHEMA: dict[str, Any] = json.loads(resource_path("schemas", "document-1.schema.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def cda(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    from dmp_desktop.cli import main

    place = tmp_path_factory.mktemp("cda")
    (place / "note.txt").write_text(WORDS, encoding="utf-8")
    (place / "ctx.json").write_text(json.dumps(FULL), encoding="utf-8")
    given = ["--note", str(place / "note.txt"), "--context", str(place / "ctx.json"), "--kind", "consultation"]
    assert main(["cda", "build", *given, "--accept", "all", "-o", str(place / "made.xml")]) == 0
    return (place / "made.xml").read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "import"
    made.mkdir()
    return made


def profile(folder: Path, *formats: str, **others: Any) -> Profile:
    return Profile("Générique", str(folder), formats or tuple(SUFFIXES), **others)


def written(cda: bytes, to: Profile, home: Path, settings: Settings | None = None) -> Written:
    document = Outgoing(cda, (Visibility.INVISIBLE_PATIENT,), SOURCE_OID, PARIS_WINTER)
    return write_now(document, to, settings or Settings(), home)


def test_every_format_is_read_again_and_no_name_tells_whose_it_is(cda: bytes, folder: Path, tmp_path: Path) -> None:
    done = written(cda, profile(folder), tmp_path / "home")
    names = {one.suffix: one for one in done.files}
    assert [one.suffix for one in done.files] == [".pdf", ".xml", ".zip", ".hpr", ".json"]  # the JSON last
    assert done.refused == ()
    assert sorted(folder.iterdir()) == sorted(done.files)
    stems = {one.stem for one in done.files}
    assert len(stems) == 1
    assert stems.pop().startswith("20261120_11488-4_")
    (original,) = read_received(cda)
    assert names[".xml"].read_bytes() == cda
    (xdm,) = read_received(names[".zip"].read_bytes())
    assert [one.content for one in xdm.documents] == [cda]
    (hprim,) = read_received(names[".hpr"].read_bytes())
    assert hprim.patient.family == "TEST-PATIENTE"
    assert "metformine 1000 1 matin 1 soir" in hprim.text
    (pdf,) = read_received(names[".pdf"].read_bytes())
    assert "metformine" in pdf.text
    everything = " ".join(one.name for one in done.files)
    for private in ("PATIENTE", "MARIE", FULL["patient"]["ins"], "DUPONT", original.documents[0].unique_id):
        assert private not in everything


def test_the_json_holds_to_its_schema_and_tells_the_note_verbatim(cda: bytes, folder: Path, tmp_path: Path) -> None:
    done = written(cda, profile(folder), tmp_path / "home")
    told = json.loads(done.files[-1].read_bytes())
    assert faults(told, SCHEMA) == []
    assert told["note"] == WORDS
    assert told["patient"]["ins"] == FULL["patient"]["ins"]
    assert told["authors"][0]["person_id"] == "810002422979"
    assert told["document"]["visibility"] == ["invisible_patient"]
    assert {one["label"] for one in told["coded"]["vitals"]}
    assert [one["name"] for one in told["files"]] == [one.name for one in done.files[:-1]]
    assert faults({**told, "patient": {**told["patient"], "ins": "279"}}, SCHEMA) == ["$.patient.ins pattern"]
    del told["document"]["unique_id"]
    assert faults(told, SCHEMA) == ["$.document.unique_id required"]


def test_the_json_is_read_again_as_the_document_itself(cda: bytes, folder: Path, tmp_path: Path) -> None:
    (file,) = written(cda, profile(folder, "json"), tmp_path / "home").files
    (original,), (read,) = read_received(cda), read_received(file.read_bytes())
    assert read.format is ReceivedFormat.STRUCTURED
    same = ("patient", "results", "text", "title", "sent_at", "act_date", "sender", "replaces")
    assert [getattr(read, name) for name in same] == [getattr(original, name) for name in same]
    assert read.patient.ins is not None
    assert [one.value for one in read.results]
    assert read.routing.visibility == {Visibility.INVISIBLE_PATIENT}
    assert (read.documents, read.reference) == ((), original.documents[0].unique_id)
    told = json.loads(file.read_bytes())
    assert read_received(json.dumps({**told, "added": 1}).encode())[0].text == read.text
    for wrong in (
        {**told, "version": 2},
        {**told, "patient": []},
        {**told, "text": None},
        {**told, "coded": {"results": [1]}},
        {**told, "document": {**told["document"], "created": "hier"}},
    ):
        with pytest.raises(ContextError) as refused:
            read_received(json.dumps(wrong).encode())
        assert refused.value.code in {"structured-damaged", "structured-version"}


def test_the_same_document_is_the_same_files_and_another_has_a_number(cda: bytes, folder: Path, tmp_path: Path) -> None:
    to = profile(folder, "pdf", "json", template="{date}")
    first = written(cda, to, tmp_path / "home")
    before = {one: (one.read_bytes(), one.stat().st_mtime_ns) for one in folder.iterdir()}
    assert written(cda, to, tmp_path / "home").files == ()
    assert {one: (one.read_bytes(), one.stat().st_mtime_ns) for one in folder.iterdir()} == before
    first.files[0].write_bytes(b"another document's")
    again = written(cda, to, tmp_path / "home")
    assert [one.name for one in again.files] == ["20261120_2.pdf", "20261120_2.json"]
    assert first.files[0].read_bytes() == b"another document's"
    again.files[1].unlink()  # the practice software has taken one of them
    assert [one.name for one in written(cda, to, tmp_path / "home").files] == ["20261120_2.json"]


def test_hprim_as_old_software_wants_it(cda: bytes, folder: Path, tmp_path: Path) -> None:
    to = profile(folder, "hprim", encoding="cp850", line_ends="cr")
    (file,) = written(cda, to, tmp_path / "home").files
    content = file.read_bytes()
    assert b"\n" not in content
    assert "pénicilline" in content.decode("cp850")
    (read,) = read_received(content)
    assert "pénicilline (urticaire)" in read.text


def test_each_format_may_have_its_own_folder(cda: bytes, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "hprim"
    other.mkdir()
    done = written(cda, profile(folder, "pdf", "hprim", folders={"hprim": str(other)}), tmp_path / "home")
    assert [one.parent for one in done.files] == [folder, other]


def test_what_one_format_cannot_hold_keeps_no_other_from_being_written(
    cda: bytes, folder: Path, tmp_path: Path
) -> None:
    strange = cda.replace("asthénie".encode(), "飽和度".encode())
    done = written(strange, profile(folder, "cda", "hprim"), tmp_path / "home")
    assert [one.suffix for one in done.files] == [".xml"]
    assert [(kind, error.code) for kind, error in done.refused] == [("hprim", "hprim-encoding")]
    with pytest.raises(ContextError, match="caractère"):
        written(strange, profile(folder, "hprim"), tmp_path / "home")


def test_a_folder_that_takes_nothing_says_so(cda: bytes, folder: Path, tmp_path: Path) -> None:
    to = profile(folder, "cda")
    (hidden,) = [mark_of(to.name, read_received(cda)[0].documents[0].unique_id)]
    (folder / f".dmp-desktop-{hidden}-0.tmp").mkdir()  # nothing can be written under the name it needs
    with pytest.raises(ContextError) as told:
        written(cda, to, tmp_path / "home")
    assert told.value.code == "profile-unwritable"


def test_no_folder_of_ours_and_none_that_is_watched(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "in").mkdir(parents=True)
    for settings, to, code in (
        (Settings(), folder / "none", "profile-folder"),
        (Settings(), home / "in", "profile-folder-ours"),
        (Settings(scan_folder=str(folder)), folder, "profile-folder-shared"),
        (Settings(received_folder=str(folder)), folder / ".." / "import", "profile-folder-shared"),
        (Settings(exchange_folder=str(folder)), folder, "profile-folder-shared"),
        (Settings(received_folder=str(folder.parent)), folder, "profile-folder-shared"),
    ):
        with pytest.raises(ContextError) as told:
            check_folders(profile(to), settings, home)
        assert told.value.code == code
    check_folders(profile(folder), Settings(), home)


@pytest.mark.parametrize(
    "template", ["{nom}", "{ins}", "", "fixe", "../{id}", "{id}/x", ".{id}", "{id}{", "a" * 81 + "{id}", "{id}\n"]
)
def test_a_name_never_tells_whose_it_is_nor_leaves_its_folder(template: str) -> None:
    with pytest.raises(ContextError):
        checked_template(template if template != "{id}\n" else "{i\nd}")


def test_profiles_are_kept_as_they_are(tmp_path: Path, folder: Path) -> None:
    file = ProfileFile(tmp_path / "logiciel-metier.json")
    assert file.load() == ()
    one = profile(folder, "pdf", "hprim", since=datetime(2026, 11, 20, tzinfo=UTC), folders={"hprim": str(tmp_path)})
    two = replace(one, name="Autre", since=None, folders={})
    file.save((one, two))
    assert file.load() == (one, two)
    assert file.named("Autre") == two
    with pytest.raises(ContextError, match="Aucun profil"):
        file.named("")
    (tmp_path / "logiciel-metier.json").write_text("{", encoding="utf-8")
    with pytest.raises(ContextError, match="illisibles"):
        file.load()


@pytest.mark.parametrize(
    ("field", "value"),
    [("formats", []), ("formats", ["doc"]), ("folder", "import"), ("folders", {"pdf": "x"}), ("encoding", "ebcdic")],
)
def test_a_profile_says_which_field_is_wrong(folder: Path, field: str, value: object) -> None:
    told = {**profile_to_dict(profile(folder)), field: value}
    with pytest.raises(ContextError) as error:
        profile_from_dict(told)
    assert error.value.field == field
