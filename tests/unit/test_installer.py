"""What the frozen program is made of: what goes in, under which licence, and what is told of it."""

from __future__ import annotations

import ast
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from installer import account, freeze, hashes, icons, licences, sbom

ROOT = Path(__file__).resolve().parents[2]


def work(licence: str, folder: Path, text: str = "Permission is granted.") -> account.Work:
    file = folder / "LICENSE"
    file.write_text(text)
    return account.Work("Une œuvre", "1.0", licence, "pkg:generic/oeuvre@1.0", [file])


@pytest.mark.parametrize(
    ("licence", "why"),
    [
        ("MIT", ""),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", ""),
        ("BSD-3-Clause AND Apache-2.0", ""),
        ("GPL-2.0-or-later WITH Bootloader-exception", ""),
        ("", "licence inconnue"),
        ("GPL-3.0-only", "licence non compatible (GPL-3.0-only)"),
        ("MIT AND AGPL-3.0-only", "licence non compatible (MIT AND AGPL-3.0-only)"),
        ("MIT AND (Apache-2.0 OR GPL-3.0-only)", ""),
        ("Tous droits réservés", "licence illisible"),
    ],
)
def test_a_licence_that_does_not_go_with_ours_is_refused(tmp_path: Path, licence: str, why: str) -> None:
    refused = licences.refusals([work(licence, tmp_path)])
    assert bool(refused) == bool(why)
    assert why in "".join(refused)


def test_a_licence_without_its_text_is_refused() -> None:
    lonely = account.Work("Une œuvre", "1.0", "MIT", "pkg:generic/oeuvre@1.0")
    assert licences.refusals([lonely]) == ["Une œuvre 1.0 : sans le texte de sa licence (MIT)"]


def test_the_text_of_another_work_is_not_that_of_this_one(tmp_path: Path) -> None:
    """The MIT licence is a text with the names of its authors: each has its own."""
    lonely = account.Work("Une autre", "1.0", "MIT", "pkg:generic/autre@1.0")
    assert licences.refusals([work("MIT", tmp_path), lonely]) == ["Une autre 1.0 : sans le texte de sa licence (MIT)"]


@pytest.mark.parametrize("name", ["LGPL-3", "GPL-3", "LGPL-2.1", "Apache-2.0"])
def test_common_texts_are_found_where_the_system_has_none(tmp_path: Path, name: str) -> None:
    """As on Windows: Qt's wheels have none."""
    carried, system = licences.common_text(name, tmp_path), Path("/usr/share/common-licenses", name)
    assert carried
    assert carried.is_relative_to(account.this_python(()).site)
    words = [" ".join(path.read_text(encoding="utf-8").split()) for path in (carried, system)]
    terms = [
        one.partition("TERMS AND CONDITIONS")[2].partition("END OF TERMS AND CONDITIONS")[0] or one for one in words
    ]
    assert terms[0].replace("http:", "https:") == terms[1].replace(
        "http:", "https:"
    )  # around them, addresses and years differ
    assert len(terms[0]) > 5000


def test_a_common_text_that_nobody_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licences, "_CARRIED", {"LGPL-3": ("absente", "", ()), "GPL-3": ("absente", "", ())})
    looked_for = licences.common_text.__wrapped__
    monkeypatch.setattr(licences, "common_text", lambda name: looked_for(name, tmp_path))
    qt = work("LGPL-3.0-only", tmp_path)
    assert "LGPL-3, GPL-3 n'est ni dans" in "".join(licences.refusals([qt]))


def test_a_licence_is_known_by_its_folder_too() -> None:
    """PDFium's and pypdfium2's are named after what they are (PEP 639)."""
    assert account._is_text("pypdfium2-5.dist-info/licenses/LICENSES/BSD-3-Clause.txt")
    assert account._is_text("autre-1.0.dist-info/COPYING.txt")
    assert not account._is_text("autre-1.0.dist-info/METADATA")
    assert not account._is_text("autre/LICENSE")


def test_libraries_of_the_system_are_not_taken_for_python(tmp_path: Path) -> None:
    """Debian's Python has /usr for prefix: a library of any package was told as CPython's."""
    library, site = tmp_path / "usr/lib/python3.11", tmp_path / "usr/lib/python3.11/site-packages"
    place = account.Place(site, (), (library,), "3.11.2", library / "LICENSE.txt")
    for name, is_python in {
        "usr/lib/python3.11/lib-dynload/_ssl.so": True,
        "usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0": True,
        "usr/lib/x86_64-linux-gnu/libssl.so.3": False,
        "usr/lib/python3/dist-packages/autre.py": False,
        "usr/lib/python3.11/site-packages/egaree.so": False,
    }.items():
        assert account._of_python(tmp_path / name, place) is is_python, name
    folders = account.this_python(()).python
    assert all(folder.name.startswith("python3") for folder in folders)


def test_the_notice_has_each_text_once(tmp_path: Path) -> None:
    two = [work("MIT", tmp_path, "Le même texte."), work("MIT", tmp_path, "Le même texte.")]
    assert licences.notice(two).count("Le même texte.") == 1


def test_a_file_of_nobody_is_refused(tmp_path: Path) -> None:
    stray = tmp_path / "libinconnue.so.1"
    stray.write_bytes(b"")
    shipped = tmp_path / "shipped.json"
    shipped.write_text(json.dumps([["libinconnue.so.1", str(stray)], ["espace", "-"]]))
    with pytest.raises(account.AccountError, match=r"libinconnue\.so\.1"):
        account.works(shipped, account.this_python((ROOT,)))


def test_the_files_of_a_windows_build_are_found_under_wine(tmp_path: Path) -> None:
    """It names them by `Z:`, with backslashes; what is nowhere here is of nobody, never passed over."""
    python = tmp_path / "python"
    site = python / "site"
    wheel = site / "oeuvre-1.0.dist-info"
    wheel.mkdir(parents=True)
    (wheel / "METADATA").write_text("Metadata-Version: 2.4\nName: oeuvre\nVersion: 1.0\nLicense-Expression: MIT\n")
    (wheel / "RECORD").write_text("oeuvre/une.pyd,,\noeuvre-1.0.dist-info/LICENSE,,\n")
    (wheel / "LICENSE").write_text("Permission is granted.")
    (site / "oeuvre").mkdir()
    (site / "oeuvre/une.pyd").write_bytes(b"")
    (python / "LICENSE.txt").write_text("PSF")
    shipped = tmp_path / "shipped.json"
    place = account.Place(site, (ROOT,), (python,), "3.13.2", python / "LICENSE.txt")

    def named(file: Path) -> str:
        return "Z:" + str(file).replace("/", "\\")

    files = [["oeuvre\\une.pyd", named(site / "oeuvre/une.pyd")], ["csv", named(python / "python313.zip/csv.pyc")]]
    files.append(["dmp_desktop.start", named(ROOT / "dmp_desktop/start.py")])
    shipped.write_text(json.dumps(files))
    found = {one.name: one.files for one in account.works(shipped, place)}
    assert found == {"oeuvre": ["oeuvre/une.pyd"], "CPython": ["csv"]}
    shipped.write_text(json.dumps([*files, ["autre.dll", "C:\\windows\\autre.dll"]]))
    with pytest.raises(account.AccountError, match=r"autre\.dll"):
        account.works(shipped, place)


def test_the_bill_tells_hashes_and_refuses_what_the_lock_does_not_hold(tmp_path: Path) -> None:
    program = tmp_path / "dmp-desktop"
    (program / "_internal").mkdir(parents=True)
    (program / "_internal/une.so").write_bytes(b"une")
    (program / "dmp").write_bytes(b"nous")
    wheel = account.Work("Une_Oeuvre", "1.0", "MIT", "pkg:pypi/une-oeuvre@1.0", files=["une.so", "une.module"])
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"une-oeuvre==1.0 \\\n    --hash=sha256:{'a' * 64}\n")
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    told = sbom.bill([wheel], program, lock, "0.1.0", moment)
    assert sbom.bill([wheel], program, lock, "0.1.0", moment) == told
    (one,) = json.loads(told)["components"]
    assert one["components"][0]["hashes"][0]["content"] == hashlib.sha256(b"une").hexdigest()
    assert one["externalReferences"][0]["hashes"][0]["content"] == "a" * 64
    assert json.loads(told)["metadata"]["component"]["components"][0]["name"] == "dmp"
    wheel.version = "2.0"
    wheel.purl = "pkg:pypi/une-oeuvre@2.0"
    with pytest.raises(account.AccountError, match=r"requirements\.lock"):
        sbom.bill([wheel], program, lock, "0.1.0", moment)


@pytest.mark.parametrize(
    ("name", "shipped"),
    [
        ("PySide6/Qt/translations/qtbase_fr.qm", True),
        ("PySide6/translations/qtbase_fr.qm", True),
        ("PySide6/Qt/translations/qtbase_de.qm", False),
        ("PySide6/opengl32sw.dll", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6\\plugins\\platforms\\qwindows.dll", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/Qt/plugins/tls/libqopensslbackend.so", False),
        ("dmp_desktop-0.1.0.dist-info/direct_url.json", False),
        ("resources/icons/card.svg", True),
    ],
)
def test_what_is_shipped(name: str, shipped: bool) -> None:
    assert freeze.wanted((name, "/source", "DATA")) is shipped


def test_nothing_we_import_is_left_out() -> None:
    """A module that is excluded fails in the frozen program alone, when it is first needed."""
    imported = set()
    for file in (ROOT / "dmp_desktop").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    assert "PySide6.QtWidgets" in imported
    assert {name for name in imported if any(f"{name}.".startswith(f"{one}.") for one in freeze.EXCLUDED)} == set()
    ours = freeze.hidden_imports(ROOT)
    assert {"dmp_desktop", "dmp_desktop.demo.__main__", "dmp_desktop.cda.pdf_helper"} <= set(ours)


def test_the_icon_of_the_window_is_the_one_that_is_drawn(tmp_path: Path) -> None:
    """`python -m installer.icons` makes it again. Within what a later Qt may smooth otherwise."""
    icons.draw(ROOT, tmp_path)
    assert {file.name for file in tmp_path.iterdir()} >= {"dmp-desktop.svg", "dmp-desktop.ico", "dmp-desktop-512.png"}
    with Image.open(tmp_path / "dmp-desktop-128.png") as drawn, Image.open(ROOT / icons.WINDOW) as kept:
        assert drawn.size == kept.size == (icons.WINDOW_SIZE, icons.WINDOW_SIZE)
        apart = ImageChops.difference(drawn.convert("RGBA"), kept.convert("RGBA"))
        assert max(high for _, high in apart.getextrema()) <= 16
        assert kept.convert("RGBA").getpixel((20, 20)) == (11, 92, 173, 255)


def test_hashes_tell_what_was_altered(tmp_path: Path) -> None:
    for name in ("un", "deux"):
        (tmp_path / name).write_text(name)
    hashes.write(tmp_path)
    assert hashes.differences(tmp_path) == []
    (tmp_path / "un").write_text("autre")
    (tmp_path / "deux").unlink()
    (tmp_path / "trois").write_text("trois")
    assert hashes.differences(tmp_path) == ["deux", "trois", "un"]
