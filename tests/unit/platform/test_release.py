"""The manifest of an update: what signs it, what of it is refused and why."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from dmp_desktop.errors import UpdateError
from dmp_desktop.platform import release
from dmp_desktop.platform.release import Seen, check_offered, read_manifest
from dmp_desktop.platform.versions import Versions
from installer import release as build
from installer.manifest import main as sign
from installer.manifest import public
from tests.helpers.update_server import NOW, offer, trusted

KEY, NEXT_KEY, OTHER = (Ed25519PrivateKey.generate() for _ in range(3))


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    program = tmp_path / "dmp-desktop-1.2.0.tar.xz"
    program.write_bytes(b"program" * 100)
    return offer(tmp_path, KEY, "1.2.0", program, oldest="1.0.0").read_bytes()


def refusal(untrusted: bytes, *keys: Ed25519PrivateKey) -> str:
    with pytest.raises(UpdateError) as caught:
        read_manifest(untrusted, trusted(*keys))
    return caught.value.code


def test_what_a_release_key_signed_is_read(whole: bytes) -> None:
    told = read_manifest(whole, trusted(KEY))
    assert (told.version, told.oldest, told.file().name, told.file().size) == (
        "1.2.0", "1.0.0", "dmp-desktop-1.2.0.tar.xz", 700,
    )  # fmt: skip


def test_either_of_two_keys_will_do_while_one_replaces_the_other(tmp_path: Path, whole: bytes) -> None:
    assert read_manifest(whole, trusted(KEY, NEXT_KEY)).version == "1.2.0"
    program = tmp_path / "dmp-desktop-1.2.0.tar.xz"
    by_both = offer(tmp_path, KEY, "1.3.0", program, keys=(NEXT_KEY,)).read_bytes()
    assert read_manifest(by_both, trusted(NEXT_KEY)).version == "1.3.0"


def test_what_another_key_signed_is_refused(whole: bytes) -> None:
    assert refusal(whole, OTHER) == "update-signature"
    assert refusal(whole) == "update-keyless"


def test_no_byte_of_it_can_be_changed(whole: bytes) -> None:
    told = json.loads(whole)
    content = b64decode(told["manifest"])
    altered = content.replace(b"1.2.0", b"9.2.0")
    assert altered != content
    assert refusal(json.dumps(told | {"manifest": b64encode(altered).decode()}).encode(), KEY) == "update-signature"
    named = [told["signatures"][0] | {"key": public(OTHER)}]
    assert refusal(json.dumps(told | {"signatures": named}).encode(), KEY) == "update-signature"


@pytest.mark.parametrize(
    "untrusted", [b"", b"[]", b"{}", b"x" * 70_000, b'{"manifest": 1, "signatures": []}', b"[" * 9999]
)
def test_what_is_no_manifest_is_told(untrusted: bytes) -> None:
    assert refusal(untrusted, KEY) == "update-unreadable"


@pytest.mark.parametrize("name", ["../dmp", "a/b", ".hidden", "C:x", ""])
def test_a_file_has_a_plain_name_even_when_signed(name: str, tmp_path: Path) -> None:
    from installer.manifest import signed

    file = {"name": name, "size": 3, "sha256": "0" * 64}
    told = {"format": 1, "channel": "stable", "version": "1.0.0", "from": "1.0.0", "files": {"linux-x86_64": file}}
    moments = {"issued": NOW.isoformat(), "expires": NOW.isoformat()}
    assert refusal(signed(json.dumps(told | moments).encode(), [KEY]), KEY) == "update-unreadable"


@pytest.mark.parametrize(
    ("installed", "later", "seen", "expected"),
    [
        ("1.1.0", 0, None, True),
        ("1.2.0", 0, None, False),
        ("1.3.0", 0, None, "update-downgrade"),
        ("0.9.9", 0, None, "update-too-old"),
        ("1.1.0", 91, None, "update-expired"),
        ("1.1.0", -1, None, "update-expired"),
        ("1.1.0", 0, Seen("1.2.0", NOW + timedelta(hours=1)), "update-replayed"),
        ("1.1.0", 0, Seen("1.10.0", NOW - timedelta(hours=1)), "update-replayed"),
        ("1.1.0", 0, Seen("1.2.0", NOW), True),
    ],
)
def test_which_are_gone_to(installed: str, later: int, seen: Seen | None, expected: bool | str, whole: bytes) -> None:
    told = read_manifest(whole, trusted(KEY))
    when = NOW + timedelta(days=later)
    if isinstance(expected, bool):
        assert check_offered(told, installed, "stable", seen, when) is expected
        return
    with pytest.raises(UpdateError) as caught:
        check_offered(told, installed, "stable", seen, when)
    assert caught.value.code == expected
    assert caught.value.remedy_fr


def test_another_channel_or_system_is_refused(whole: bytes) -> None:
    told = read_manifest(whole, trusted(KEY))
    with pytest.raises(UpdateError) as caught:
        check_offered(told, "1.1.0", "essai", None, NOW)
    assert caught.value.code == "update-channel"
    with pytest.raises(UpdateError) as caught:
        replace(told, files={}).file()
    assert caught.value.code == "update-platform"


def test_the_tool_signs_what_the_program_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pem, program, out = tmp_path / "key.pem", tmp_path / "dmp.tar.xz", tmp_path / "m.json"
    pem.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    program.write_bytes(b"program")
    assert sign(["--key", str(pem), "--public"]) == 0
    assert capsys.readouterr().out.strip() == public(KEY)
    given = ["--key", str(pem), "--version", "1.2.0", "--from", "1.0.0", "-o", str(out), f"linux-x86_64={program}"]
    assert sign(given) == 0
    assert read_manifest(out.read_bytes(), trusted(KEY)).file("linux-x86_64").size == 7


def test_a_source_tree_trusts_no_key() -> None:
    assert release.release_keys() == ()


def test_a_build_trusts_the_keys_it_was_given_and_its_archive_can_be_unpacked(tmp_path: Path) -> None:
    program = tmp_path / "dmp-desktop"
    (program / "_internal/resources").mkdir(parents=True)
    (program / "_internal/resources/release-keys.json").write_text('{"keys": []}')
    (program / "dmp-desktop").write_text("program")
    (program / "_internal/lib.so").symlink_to("lib.so.1")
    build.trust(program, [])
    assert json.loads((program / "_internal/resources/release-keys.json").read_text()) == {"keys": []}
    build.trust(program, [public(KEY), public(NEXT_KEY)])
    made = build.archive(program, "1.2.0")
    unpacked = Versions(tmp_path / "root").unpack(made, "1.2.0")
    told = json.loads((unpacked / "_internal/resources/release-keys.json").read_text())
    assert tuple(bytes.fromhex(key) for key in told["keys"]) == trusted(KEY, NEXT_KEY)
    assert (unpacked / "_internal/lib.so").readlink() == Path("lib.so.1")
    for wrong in (["abc"], [public(KEY)] * 3):
        with pytest.raises(ValueError, match="--release-key"):
            build.trust(program, wrong)
