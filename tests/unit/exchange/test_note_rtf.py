"""Notes in RTF: every word that is shown, in its order; what is not taken is named; nothing hangs or crashes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.note_file import note_of

WORD = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset0 Times New Roman;}{\f1\fswiss\fcharset238 Arial CE;}"
    rb"{\f2\fnil\fcharset77 Monaco;}}{\colortbl;\red0\green0\blue0;}{\*\generator Msftedit 5.41;}"
    rb"{\info{\author TEST-AUTEUR}}\viewkind4\uc1\pard\lang1036\f0\fs24 "
)


def read(body: bytes) -> tuple[str, str]:
    note = note_of(WORD + body + b"}")
    return note.text, " ".join(note.doubts)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb"Fi\'e8vre \'e0 39\'b0\par\b TA\b0  12/8", "Fièvre à 39°\nTA 12/8"),
        (rb"c\u339?ur, \u8364?, \u-10179?\u-8704?", "cœur, €, \U0001f600"),
        (rb"\uc2 c\u339\'9c\'9cur\uc1 , d\u232\'e8s", "cœur, dès"),
        (rb"\uc0 c\u339 ur", "cœur"),
        (b"brut \xe9t\xe9", "brut été"),
        (rb"\f1 \'b3\f0 \'b3", "ł³"),
        (rb"\f2 \'8e\plain \'e9", "éé"),
        (rb"\{accolades\}, c:\\x, 5\~mg, post\_op", "{accolades}, c:\\x, 5\u00a0mg, post\u2011op"),
        (rb"{\pntext\bullet\tab}un\par{\listtext 2.\tab}deux", "•\tun\n2.\tdeux"),
        (rb"\trowd a\cell b\cell\row c", "a\tb\t\nc"),
        (rb"{\field{\*\fldinst HYPERLINK \"https://x\"}{\fldrslt lien}} suite", "lien suite"),
        (rb"avant{\*\inconnu secret \par}apr\'e8s", "avantaprès"),
        (rb"{\upr{e}{\*\ud{\u233?}}}", "e"),
        (b"une\r\nligne", "uneligne"),
        (b"a{}b{\\b c}d", "abcd"),
    ],
)
def test_what_is_shown_is_read(body: bytes, text: str) -> None:
    assert read(body) == (text, "")


@pytest.mark.parametrize(
    ("body", "text", "named"),
    [
        (rb"{\header Cabinet}Note{\footer 1/1}", "Note", "en-tête ou pied de page"),
        (rb"Note{\footnote Allergie}", "Note", "note de bas de page"),
        (rb"Note{\*\annotation relire}", "Note", "commentaire"),
        (rb"Note{\*\shppict{\pict\pngblip 89504e47}}", "Note", "image"),
        (rb"Note{\shp{\*\shpinst\shpleft1{\sp{\sn a}{\sv b}}{\shptxt Allergie}}}.", "Note.", "zone de texte"),
        (rb"Pas {\deleted d'}allergie", "Pas allergie", "supprimé"),
        (rb"Vu\v  cach\'e9\v0  fin", "Vu fin", "masqué"),
    ],
)
def test_what_is_left_out_is_named(body: bytes, text: str, named: str) -> None:
    note = read(body)
    assert note[0] == text
    assert named in note[1]
    assert "llergie" not in note[1]


def test_a_picture_in_binary_is_passed_over() -> None:
    assert read(rb"a{\pict\bin5 }}{{\ }b")[0] == "ab"


def test_empty_header_and_footer_are_not_told() -> None:
    assert read(rb"{\header }Note{\footer\par}") == ("Note", "")


def test_a_file_cut_short_is_told() -> None:
    note = note_of(WORD + rb"Fi\'e8vre {\b forte")
    assert note.text == "Fièvre forte"
    assert "coupé" in note.doubts[0]


def test_another_code_page() -> None:
    assert note_of(rb"{\rtf1\ansi\ansicpg1250 \'b3}").text == "ł"
    assert note_of(rb"{\rtf1\mac \'8e}").text == "é"
    assert note_of(b"{\\rtf1\\ansi\\ansicpg65001 \xc5\x93}").text == "œ"


@pytest.mark.parametrize("untrusted", [rb"{\rtf1\ansi\ansicpg4242 a}", b"{\\rtf1\\ansi \x81}", b"{\\rtf1 a\\'00b}"])
def test_what_would_be_wrong_is_refused(untrusted: bytes) -> None:
    with pytest.raises(ContextError) as caught:
        note_of(untrusted)
    assert caught.value.code in ("note-damaged", "note-encoding")


@given(st.lists(st.sampled_from([b"{", b"}", b"\\*", b"\\v", b"\\v0", b"\\u8217?", b"\\'e9", b"\\bin0", b"\\pict", b"\\fonttbl",
                                 b"\\f1", b"\\header", b"\\deleted", b"\\uc3", b"\\ansicpg1252", b" mot ", b"\\\\", b"\n"])))  # fmt: skip
def test_no_rtf_crashes_the_reader(pieces: list[bytes]) -> None:
    """Nor says words that are not in it."""
    try:
        note = note_of(b"{\\rtf1 " + b"".join(pieces))
    except ContextError:
        return
    assert not set(note.text) - set(" mot\n\u2019é?\\")


@pytest.mark.parametrize(
    "body", [b"{" * 500_000, b"\\f1\\fcharset2;" * 100_000, b'{\\field{\\*\\fldinst HYPERLINK "' * 50_000]
)
def test_a_hostile_file_is_read_in_one_pass(body: bytes) -> None:
    note_of(b"{\\rtf1 " + body)
