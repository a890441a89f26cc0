"""Notes in Word: every word that is shown, in its order; what is not taken is named; what is hostile is refused."""

from __future__ import annotations

import contextlib
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.errors import ContextError
from dmp_desktop.exchange import note_docx
from dmp_desktop.exchange.note_file import note_of

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
HEAD = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{W}" xmlns:mc="{MC}"><w:body>'
TAIL = "<w:sectPr/></w:body></w:document>"


def docx(body: str, **others: str) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", HEAD + body + TAIL)
        for name, content in others.items():
            archive.writestr(f"word/{name}.xml", content)
    return whole.getvalue()


def p(*runs: str) -> str:
    return "<w:p>" + "".join(runs) + "</w:p>"


def r(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (p(r("Fièvre "), r("39°")) + p() + p(r("TA 12/8")), "Fièvre 39°\n\nTA 12/8"),
        (p("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>"), "a\tb\nc"),
        (p("<w:pPr><w:tabs><w:tab/></w:tabs></w:pPr>", r("a")), "a"),
        (p("<w:ins>" + r("ajouté") + "</w:ins>", "<w:hyperlink>" + r(" lien") + "</w:hyperlink>"), "ajouté lien"),
        ("<w:tbl><w:tr><w:tc>" + p(r("Hb")) + "</w:tc><w:tc>" + p(r("12")) + "</w:tc></w:tr></w:tbl>" + p(r("fin")), "Hb\t12\nfin"),
        ("<w:sdt><w:sdtContent>" + p(r("champ")) + "</w:sdtContent></w:sdt>", "champ"),
        (p("<mc:AlternateContent><mc:Choice>" + r("une fois") + "</mc:Choice><mc:Fallback>" + r("une fois")
           + "</mc:Fallback></mc:AlternateContent>"), "une fois"),
        (p("<w:moveFrom>" + r("déplacé") + "</w:moveFrom>") + p("<w:moveTo>" + r("déplacé") + "</w:moveTo>"), "\ndéplacé"),
    ],
)  # fmt: skip
def test_what_is_shown_is_read(body: str, text: str) -> None:
    note = note_of(docx(body))
    assert (note.text, note.doubts) == (text, ())


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (p(r("a"), "<w:r><w:footnoteReference/></w:r>"), "note de bas de page"),
        (p(r("a"), "<w:del><w:r><w:delText>allergie</w:delText></w:r></w:del>"), "supprimé"),
        (p(r("a"), "<w:r><w:drawing/></w:r>"), "image"),
        (p("<w:pPr><w:numPr/></w:pPr>", r("a")), "puce ou numéro"),
        (p(r("a"), "<w:r><w:sym/></w:r>"), "symbole"),
    ],
)
def test_what_is_left_out_is_named(body: str, named: str) -> None:
    note = note_of(docx(body))
    assert note.text == "a"
    assert named in note.doubts[0]


def test_headers_are_named() -> None:
    assert "en-tête" in note_of(docx(p(r("a")), header1="<x/>")).doubts[0]


def test_a_part_that_swells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(note_docx, "MAX_PART_BYTES", 100_000)
    assert note_of(docx(p(r("a" * 90_000)))).text
    with pytest.raises(ContextError):
        note_of(docx(p(r("a" * 110_000))))


@pytest.mark.parametrize(
    "untrusted",
    [
        b"PK\3\4",
        docx(p(r("a")))[:200],
        docx(p(r("a"))).replace(b"word/document.xml", b"word/dokument.xml"),
        docx("<w:p>"),
        docx(p(r("a"))).replace(b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0"),  # says it is encrypted
    ],
)
def test_what_is_damaged_is_refused_with_what_to_do(untrusted: bytes) -> None:
    with pytest.raises(ContextError) as caught:
        note_of(untrusted)
    assert caught.value.code == "note-damaged"
    assert "enregistrez-le de nouveau" in caught.value.remedy_fr


def test_no_entity_is_replaced() -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr(
            "word/document.xml",
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + HEAD[38:] + p(r("&e;")) + TAIL,
        )
    with pytest.raises(ContextError):
        note_of(whole.getvalue())


@given(st.integers(0, 600), st.binary(min_size=1, max_size=4))
def test_no_damage_crashes_the_reader(at: int, bytes_: bytes) -> None:
    whole = bytearray(docx(p(r("Note"))))
    whole[at : at + len(bytes_)] = bytes_
    with contextlib.suppress(ContextError):
        note_of(b"PK\3\4" + bytes(whole[4:]))
