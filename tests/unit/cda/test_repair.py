"""Documents that are almost XML: no sign, no word, no section vanishes untold."""

from __future__ import annotations

import html
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop.cda.read import damage_notices, text_from_cda
from dmp_desktop.cda.read.passages import passages_from_cda
from dmp_desktop.cda.render import Palette, RenderedDocument, render
from dmp_desktop.cda.repair import mended
from dmp_desktop.cda.xml import MAX_BYTES
from dmp_desktop.errors import CdaError
from tests.unit.cda.test_render import section, shown

WHOLE = "Aucun mot n'y manque"


def two(first: str, second: str = "TA &lt; 14 &amp; suite") -> bytes:
    """Two sections, T and Autre."""
    other = f"<component><section><title>Autre</title><text>{second}</text></section></component>"
    return section(first).replace(b"</structuredBody>", f"{other}</structuredBody>".encode())


def seen(cda: bytes) -> tuple[RenderedDocument, list[str]]:
    rendered = render(cda, palette=Palette())
    return rendered, [" ".join(shown(piece.html).split()) for piece in rendered.sections]


@pytest.mark.parametrize(
    ("written", "said", "named"),
    [
        ("CRP < 5 mg/L, TA < 14/9 & SpO2 <90%", "CRP < 5 mg/L, TA < 14/9 & SpO2 <90%", "« < », « & »"),
        ("&eacute;t&eacute; &micro;g &le; 5", "été µg ≤ 5", "« &eacute; », « &micro; », « &le; »"),
        ("a &lt; b &eacute;", "a < b é", "« &eacute; »"),
        ("a &LT;b&GT; &inconnue; &amp ;", "a <b> &inconnue; &amp ;", "« &LT; »"),
        ("TA <VNR", "TA <VNR", "« < »"),
        ("CRP <LSN> et", "CRP <LSN> et", "« < »"),
        ("CRP &lt; <seuil et> 5", "CRP < <seuil et> 5", "« < »"),
        ("CRP <LSN et> 5", "CRP <LSN et> 5", "« < »"),
        ("K <= 3 <!-- pas clos", "K <= 3 <!-- pas clos", "« < »"),
        ('<content ID="a < b & c">x</content>', "x", "« < », « & »"),
        ("a<br>b &lt; c", "a b < c", "sa forme"),
        ("<content ID=x>a &lt; b</content>", "a < b", "sa forme"),
        ("a ]]> b", "a ]]> b", "sa forme"),
        ("<!-- < & --> a < b", "a < b", "« < »"),
        ("<![CDATA[a < b & c]]> < d", "a < b & c < d", "« < »"),
    ],
)
def test_a_sign_is_put_back_and_told(written: str, said: str, named: str) -> None:
    rendered, (first, second) = seen(two(written))
    assert first == f"T {said}"
    assert second == "Autre TA < 14 & suite"
    (notice,) = rendered.notices
    assert named in notice
    assert WHOLE in notice


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<paragraph>AVANT<table><tr><td>K &lt; 4</td></tr></paragraph><paragraph>APRES", "AVANT K < 4 APRES"),
        ("un</list></content>deux &lt; 3", "un deux < 3"),
        ('<x:p a:b="1">un &lt; 2</x:p>', "un < 2"),
        ('<content ID="a" ID="b">un &lt; 2</content>', "un < 2"),
    ],
)
def test_wrong_tags_cost_no_word_and_no_section(written: str, said: str) -> None:
    rendered, (first, second) = seen(two(written))
    assert first.replace(" ", "") == f"T {said}".replace(" ", "")
    assert second == "Autre TA < 14 & suite"
    assert "abîmé" in rendered.notices[0]


@pytest.mark.parametrize(
    "written", ["un &lt; <seuil>2", "CRP <seuil> 5", "<paragraph de=1 plus>x</paragraph>", "a &#0; b"]
)
def test_where_words_may_be_missing_is_named(written: str) -> None:
    rendered, (_, second) = seen(two(written))
    assert second == "Autre TA < 14 & suite"
    assert "« T »" in rendered.notices[-1]
    assert "« Autre »" not in " ".join(rendered.notices)


def test_words_out_of_any_section_are_told() -> None:
    cda = two("un</text></section></component>perdu < 2")
    rendered, words = seen(cda)
    assert words == ["T un"]
    assert WHOLE not in " ".join(rendered.notices)
    assert "« T », « Autre »" in rendered.notices[-1]


def test_a_document_that_is_cut_says_from_where() -> None:
    cda = two("un", "deux trois")
    rendered, words = seen(cda[: cda.index(b"trois")])
    assert words == ["T un", "Autre deux"]
    assert "à partir de : « Autre »" in rendered.notices[-1]


def test_text_and_search_read_the_same() -> None:
    cda = section("<paragraph>&eacute;pilepsie, CRP < 5</paragraph>")
    assert text_from_cda(cda).splitlines()[-1] == "épilepsie, CRP < 5"
    assert [passage.text for passage in passages_from_cda(cda)] == ["épilepsie, CRP < 5"]
    assert len(damage_notices(cda)) == 1
    assert damage_notices(section("CRP &lt; 5")) == ()


@pytest.mark.parametrize(
    "spelt", ["&lt;!DOCTYPE a&gt;", "&LT;!DOCTYPE a>", "&#60;!DOCTYPE a> &eacute;", "<!doctype a> <"]
)
def test_words_never_become_markup(spelt: str) -> None:
    _, words = seen(two(f"{spelt} < x"))
    assert "!doctype a>" in words[0].lower()


@pytest.mark.parametrize("accented", [1, 5, 200_000])
def test_a_byte_of_another_encoding_spoils_no_other(accented: int) -> None:
    cda = section("&lt; 5 µg, été " + "è" * accented)
    spoiled = cda.replace("è".encode(), b"\xe8")
    assert shown(render(spoiled, palette=Palette()).html).count("è") == accented
    if accented < 100:
        assert "5 µg, été" in shown(render(spoiled, palette=Palette()).html)


@pytest.mark.slow
def test_what_mending_makes_too_big_is_refused() -> None:
    cda = section("<" * 450_000 + "&" * 450_000 + "m" * (MAX_BYTES - 2_000_000))
    with pytest.raises(CdaError) as refused:
        render(cda, palette=Palette())
    assert refused.value.code == "cda-size"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<",
                "&",
                ">",
                "</",
                "<b",
                "<b ",
                "<b>",
                "</b>",
                'a="',
                "'",
                "=",
                "/>",
                "]]>",
                "<!--",
                "-->",
                "<?",
                "é",
                "&lt;",
                "5",
                " ",
            ]
        ),
        max_size=30,
    )
)
def test_mending_what_is_mended_changes_nothing(pieces: list[str]) -> None:
    once = mended(f"<a>{''.join(pieces)}</a>").words
    assert mended(once).words == once


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>&=5 -+/;lté.", max_size=40))
def test_no_operator_of_a_text_without_tags_is_lost(text: str) -> None:
    if re.search(r"<[/lté]|&", text):
        return
    _, words = seen(two(f"x {text}"))
    assert words[0] == " ".join(f"T x {html.unescape(text)}".split())


@pytest.mark.alone
@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<?", '<a b="', "<a b='", "<a ", "<a =", "</a", "<a b=c", "<A>", "<![CDATA[", '<a b=" c="']
)
def test_mending_takes_time_in_proportion(piece: str) -> None:
    def seconds(count: int) -> float:
        words = piece * count
        start = time.process_time()
        mended(words)
        return time.process_time() - start

    assert min(seconds(40_000) for _ in range(3)) <= 4 * min(seconds(20_000) for _ in range(3)) + 0.05
