"""Any damage to a real document: shown as far as possible or refused in French, never another error."""

from __future__ import annotations

import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.read.rtf import rtf_text
from dmp_desktop.cda.render import Palette, RenderedDocument, render
from dmp_desktop.cda.render.images import decoded_bytes, image_size, image_type, tiff_pages
from dmp_desktop.errors import CdaError
from tests.helpers.documents import NOTE
from tests.hostile.corpus import jpeg, png, section, tiff
from tests.unit.cda.test_build import request
from tests.unit.cda.test_render import Checker

GOOD = assemble(request(NOTE), None).cda
PIECES = (
    b"",
    b"\0",
    b"\xff",
    b"<",
    b">",
    b"&",
    b'"',
    b"</text>",
    b"<text>",
    b"<section>",
    b"]]>",
    b"<!--",
    b"&#x0;",
    b"<a b='",
    b"\xe9",
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 40), st.sampled_from(PIECES)), min_size=1, max_size=4)
)
def test_any_splice(splices: list[tuple[int, int, bytes]]) -> None:
    damaged = GOOD
    for at, length, piece in splices:
        damaged = damaged[:at] + piece + damaged[at + length :]
    try:
        rendered = render(damaged, palette=Palette())
    except CdaError as error:
        refusal = error
    else:
        check_whitelisted(rendered)
        return
    assert refusal.message_fr.startswith("Ce ")
    assert refusal.remedy_fr


def check_whitelisted(rendered: RenderedDocument) -> None:
    checker = Checker()
    checker.feed(rendered.html)
    assert checker.bad == []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD)))
def test_any_cut_is_told(at: int) -> None:
    try:
        rendered = render(GOOD[:at], palette=Palette())
    except CdaError:
        return
    assert at >= len(GOOD.rstrip()) or rendered.notices


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([png(3, 2), jpeg(3, 2), tiff(3, 2)]), st.integers(0, 120), st.binary(max_size=30))
def test_any_image(image: bytes, at: int, noise: bytes) -> None:
    damaged = image[:at] + noise + image[at + len(noise) :]
    size = image_size(damaged)
    assert size is None or (size[0] > 0 and size[1] > 0)
    assert image_type(damaged) or size is None
    assert all(len(page) == len(damaged) for page in tiff_pages(damaged))
    entry = f'<entry><observationMedia ID="m"><value representation="B64" mediaType="image/png">{base64.b64encode(damaged).decode()}'
    rendered = render(section("a", entry + "</value></observationMedia></entry>"), palette=Palette())
    assert rendered.media or rendered.notices


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b"{",
                b"}",
                b"\\",
                b"\\u",
                b"-70000 ",
                b"\\'e9",
                b"\\bin",
                b"9",
                b"\\*",
                b"\\uc9",
                b"mot",
                b"\xe9",
                b"\\par ",
            ]
        )
    )
)
def test_any_rtf(pieces: list[bytes]) -> None:
    rtf_text(b"{\\rtf1 " + b"".join(pieces)).encode()


def test_memory_once_decoded() -> None:
    assert [decoded_bytes(image) for image in (png(30, 20), jpeg(30, 20), tiff(80, 10), b"GIF89a")] == [
        2400,
        2400,
        100,
        None,
    ]


def test_sizes() -> None:
    assert [image_size(image) for image in (png(3, 2), jpeg(3, 2), tiff(3, 2), b"GIF89a\3\0\2\0")] == [(3, 2)] * 4
