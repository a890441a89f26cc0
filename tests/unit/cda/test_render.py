"""Rendering: whitelisted, complete, safe whatever the document holds."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.render import Palette, render
from dmp_desktop.domain.documents import Attachment
from tests.helpers.documents import NOTE, full_context
from tests.unit.cda.test_build import request

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
TAGS = {
    *("html", "head", "meta", "style", "body", "h1", "h2", "h3", "h4", "p", "b", "i", "u", "s", "sub", "sup", "br"),
    "a",  # an anchor: `name` alone
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "td", "th", "img", "span", "div"),
}
ATTRIBUTES = {"lang", "charset", "class", "colspan", "rowspan", "align", "src", "width", "name"}


def section(text: str, entries: str = "") -> bytes:
    return (
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><component><structuredBody><component><section><title>T</title>'
        f"<text>{text}</text>{entries}</section></component></structuredBody></component></ClinicalDocument>"
    ).encode()


class Checker(HTMLParser):
    """Collects what is not on the list."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.bad.append(tag)
        for name, value in attrs:
            if name not in ATTRIBUTES or (name == "src" and not re.fullmatch(r"cda-media:[\w.-]+", value or "")):
                self.bad.append(f"{tag}@{name}={value}")


def body(cda: bytes, **options: bool) -> str:
    rendered = render(cda, palette=Palette(), **options).html
    checker = Checker()
    checker.feed(rendered)
    assert checker.bad == []
    return rendered.split('<a name="section-1"></a>T</h2>')[-1]


def shown(fragment: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", fragment))


class TestSafety:
    @pytest.mark.parametrize(
        "text",
        [
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            '<script>alert(1)</script><iframe src="http://evil"/><img src="file:///etc/passwd"/>',
            '<linkHtml href="javascript:alert(1)">ici</linkHtml><linkHtml href="//evil/share">là</linkHtml>',
            '<content styleCode="Bold&quot; onload=&quot;x">a</content>',
            '<table><tr><td colspan="1&quot; onclick=&quot;x" align="left;x">a</td></tr></table>',
            '<renderMultiMedia referencedObject="&quot;&gt;&lt;img src=x&gt;"/>',
            '<paragraph style="background:url(http://evil)" onclick="x">a</paragraph>',
        ],
    )
    def test_hostile_narrative(self, text: str) -> None:
        body(section(text))

    def test_link_is_text_with_its_address(self) -> None:
        fragment = body(section('<linkHtml href="https://example.org/a?b=1&amp;c=2">site</linkHtml>'))
        assert "<a" not in fragment
        assert "site" in shown(fragment)
        assert "[https://example.org/a?b=1&c=2]" in shown(fragment)

    def test_colours_only(self) -> None:
        with pytest.raises(ValueError, match="base"):
            Palette(base="red;}</style><script>")
        assert Palette.of({"base": "#000000", "unknown": "x"}).base == "#000000"

    @settings(max_examples=100, deadline=None)
    @given(
        st.recursive(
            st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=10).map(html.escape),
            lambda inner: st.tuples(
                st.sampled_from(
                    ["content", "table", "tr", "td", "list", "item", "paragraph", "x", "br", "sub", "caption"]
                ),
                st.lists(inner, max_size=4),
            ).map(lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"),
            max_leaves=12,
        )
    )
    def test_any_nesting(self, text: str) -> None:
        body(section(text))


class TestContent:
    def test_styles(self) -> None:
        fragment = body(
            section(
                '<content styleCode="BoldItalics">a</content><content styleCode="xUnderline">b</content>x<sub>2</sub>'
            )
        )
        assert "<i><b>a</b></i>" in fragment
        assert "<u>b</u>" in fragment
        assert "<sub>2</sub>" in fragment

    def test_lists_and_spans(self) -> None:
        fragment = body(
            section(
                '<list listType="ordered"><caption>C</caption><item>1</item></list><table><tr><td colspan="2">a</td></tr></table>'
            )
        )
        assert "<ol><li>1</li></ol>" in fragment
        assert '<td colspan="2">a</td>' in fragment

    WIDE = (
        "<table><thead><tr><th>Nom</th><th>B</th><th>C</th><th>D</th><th>Vide</th></tr></thead><tbody>"
        "<tr><td>r1</td><td>1</td><td>-</td><td>4</td><td/></tr><tr><td>r2</td><td/><td>3</td><td/><td> </td></tr></tbody></table>"
    )

    def test_wide_table_is_cards(self) -> None:
        fragment = body(section(self.WIDE))
        assert "<th>" not in fragment
        words = shown(fragment)
        assert all(word in words for word in ("Nom", "r1", "r2", "B", "C", "D", "1", "3", "4", "Sans valeur", "Vide"))

    def test_original_is_a_table(self) -> None:
        assert body(section(self.WIDE), original=True).count("<th>") == 5

    def test_spans_keep_the_table(self) -> None:
        assert body(section(self.WIDE.replace("<td>r1</td>", '<td rowspan="2">r1</td>'))).count("<th>") == 5

    def test_image_of_the_document(self) -> None:
        entries = (
            '<entry><observationMedia ID="i1"><value mediaType="image/jpeg" representation="B64">'
            f"{PNG}</value></observationMedia></entry>"
        )
        rendered = render(section('<renderMultiMedia referencedObject="i1"/>', entries), palette=Palette())
        assert '<img src="cda-media:i1">' in rendered.html
        assert rendered.media["i1"][0] == "image/png"  # what its bytes say

    def test_unreadable_media_is_told(self) -> None:
        entries = '<entry><observationMedia ID="i"><value mediaType="image/png" representation="B64">AAAA</value></observationMedia></entry>'
        rendered = render(section("a", entries), palette=Palette())
        assert rendered.media == {}
        assert rendered.notices

    def test_pdf_is_handed_over(self) -> None:
        cda = assemble(request(NOTE, attachment=Attachment("application/pdf", b"%PDF-1.4 x")), None).cda
        rendered = render(cda, palette=Palette())
        assert [(mime, content, name) for mime, content, name in rendered.pdfs] == [
            ("application/pdf", b"%PDF-1.4 x", "Documents joints")
        ]
        assert not rendered.pdf_only

    def test_note_is_shown(self) -> None:
        words = shown(render(assemble(request(NOTE), None).cda, palette=Palette()).html)
        assert all(line in words for line in NOTE.splitlines())


class TestIdentity:
    CDA = assemble(request(NOTE), None).cda

    def test_same_patient(self) -> None:
        assert render(self.CDA, palette=Palette(), expected_patient=full_context().patient).notices == ()

    def test_other_patient(self) -> None:
        patient = full_context().patient
        other = replace(patient, ins=replace(patient.ins, value="180017500000136"))
        (notice,) = render(self.CDA, palette=Palette(), expected_patient=other).notices
        assert "autre personne" in notice

    def test_traits(self) -> None:
        other = replace(full_context().patient, birth_date=date(1980, 1, 1), birth_family="TEST-AUTRE")
        assert len(render(self.CDA, palette=Palette(), expected_patient=other).notices) == 2

    def test_no_ins(self) -> None:
        cda = section("a")
        assert render(cda, palette=Palette(), expected_patient=full_context().patient).notices
