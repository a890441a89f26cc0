"""What is read beside the parser is what the parser would have read, however the registry writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from benchmarks.open_record import answer
from dmp_desktop.dmp import names, registry_reader
from dmp_desktop.dmp.plain_entries import NotPlainError, PlainEntries
from dmp_desktop.dmp.soap import xml_parser
from dmp_desktop.domain.documents import Association, DocumentEntry, SubmissionSummary
from dmp_desktop.errors import DmpError

BODY = answer(60)
HEAD = (
    f'<q:AdhocQueryResponse xmlns:q="{names.QUERY}" xmlns:rim="{names.RIM}" status="{names.STATUS_SUCCESS}">'
    "<rim:RegistryObjectList>"
)
TAIL = "</rim:RegistryObjectList></q:AdhocQueryResponse>"


def parsed(body: bytes) -> list[DocumentEntry]:
    """The reference: a whole tree, one entry after the other."""
    root = etree.fromstring(body, xml_parser())
    return [registry_reader.entry(element) for element in root.iter(f"{{{names.RIM}}}ExtrinsicObject")]


def streamed(body: bytes, size: int = 1 << 16) -> list[DocumentEntry]:
    return list(registry_reader.entries(body[start : start + size] for start in range(0, len(body), size)))


def entries_of(body: bytes, prefix: str) -> list[bytes]:
    return re.findall(f"<{prefix}:ExtrinsicObject.*?</{prefix}:ExtrinsicObject>".encode(), body, re.DOTALL)


@pytest.mark.parametrize("size", [1, 7, 1000, 7553, 1 << 16, 1 << 30])
def test_the_same_however_the_bytes_come(size: int) -> None:
    found = streamed(BODY, size)
    assert found == parsed(BODY)
    assert len(found) == 60


def test_the_sandbox_writes_plainly() -> None:
    """Else the two would agree because all goes through the parser."""
    plain = PlainEntries("rim")
    assert [plain.read(entry).id for entry in entries_of(BODY, "rim")] == [entry.entry_uuid for entry in parsed(BODY)]


REWRITTEN: dict[str, Callable[[str], str]] = {
    "other prefix": lambda text: text.replace("rim:", "ns4-x.:").replace("xmlns:rim", "xmlns:ns4-x."),
    "default namespace": lambda text: (
        text.replace("<rim:", "<")
        .replace("</rim:", "</")
        .replace("<RegistryObjectList", f'<RegistryObjectList xmlns="{names.RIM}"')
    ),
    "indented": lambda text: text.replace("><rim:", ">\r\n\t <rim:").replace("></rim:", ">\n</rim:"),
    "single quotes": lambda text: text.replace('nodeRepresentation="10"', "nodeRepresentation='10'"),
    "comments": lambda text: text.replace("<rim:Name>", "<!-- <rim:Name> --><rim:Name>"),
    "comments between": lambda text: text.replace("<rim:ExtrinsicObject", "<!-- > --><rim:ExtrinsicObject"),
    "CDATA": lambda text: text.replace(
        "<rim:Value>fr-FR</rim:Value>", "<rim:Value><![CDATA[</rim:ExtrinsicObject>]]></rim:Value>"
    ),
    "references": lambda text: text.replace("Compte rendu", "Compte&#x20;rendu &lt;&#233;&gt;&quot;&apos;"),
    "line ends in attributes": lambda text: text.replace('value="Compte', 'value="Compte\n\t'),
    "children in another order": lambda text: re.sub(
        r"(<rim:VersionInfo[^>]*/>)(<rim:Classification.*?</rim:Classification>)", r"\2\1", text
    ),
    "attributes in another order": lambda text: re.sub(
        r'(classificationScheme="[^"]*")( classifiedObject="[^"]*")( nodeRepresentation="[^"]*")', r"\3 \2 \1", text
    ),
    "an attribute that looks like another": lambda text: text.replace(
        "<rim:Classification ", '<rim:Classification home="x classificationScheme=" '
    ),
    "content version": lambda text: text.replace(
        "</rim:ExtrinsicObject>", '<rim:ContentVersionInfo versionName="7"/></rim:ExtrinsicObject>'
    ),
    "prefix declared anew inside": lambda text: text.replace("<rim:Slot ", f'<rim:Slot xmlns:rim="{names.RIM}" '),
    "prefix of something else": lambda text: text.replace(
        '<rim:Slot name="hash">', '<rim:Slot xmlns:rim="urn:other" name="hash">'
    ),
    "entry with nothing in it": lambda text: text.replace(
        "<rim:ExtrinsicObject ", '<rim:ExtrinsicObject id="empty"/><rim:ExtrinsicObject ', 1
    ),
    "entry in another namespace between": lambda text: text.replace(
        "</rim:ExtrinsicObject>",
        "</rim:ExtrinsicObject><o:list xmlns:rim='urn:o' xmlns:o='urn:o'><rim:ExtrinsicObject id='no'><rim:Slot/>"
        "</rim:ExtrinsicObject></o:list>",
        3,
    ),
    "characters beyond": lambda text: text.replace("Compte rendu", "Œuvre 🧪 \u2028 ’"),
    "slots twice": lambda text: text.replace(
        '<rim:Slot name="hash">',
        '<rim:Slot name="hash"><rim:ValueList><rim:Value>a</rim:Value></rim:ValueList></rim:Slot><rim:Slot name="hash">',
    ),
    "value lists of nothing": lambda text: text.replace("<rim:Value>fr-FR</rim:Value>", ""),
    "values of nothing": lambda text: text.replace(
        "<rim:Value>fr-FR</rim:Value>", "<rim:Value/><rim:Value></rim:Value>"
    ),
    "codes of a node": lambda text: text.replace(
        "<rim:ExternalIdentifier", '<rim:Classification classificationNode="urn:x"/><rim:ExternalIdentifier', 1
    ),
}


@pytest.mark.parametrize("name", REWRITTEN)
@pytest.mark.parametrize("size", [997, 1 << 16])
def test_the_same_however_it_is_written(name: str, size: int) -> None:
    written = REWRITTEN[name](BODY.decode())
    assert written != BODY.decode()
    assert streamed(written.encode(), size) == parsed(written.encode())


def test_another_encoding() -> None:
    declared = "<?xml version='1.0' encoding='ISO-8859-15'?>" + BODY.decode().replace("Compte", "€compte")
    body = declared.encode("iso-8859-15")
    assert streamed(body) == parsed(body)
    assert any("€" in entry.title for entry in streamed(body))


VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12)
ESCAPES = st.sampled_from([("&", "&amp;"), ("&", "&#38;"), ("&", "&#x26;")])
GAPS = st.sampled_from(["", " ", "\n  ", "<!-- - -->", "<?pi ?>"])


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_way_of_writing_is_read_as_the_parser_does(data: st.DataObject) -> None:
    """Entries of any values, each written in its own way, some of them plainly."""
    text = lambda: _escaped(data.draw(VALUES), data.draw(ESCAPES))  # noqa: E731
    plainly = True

    def gap() -> str:
        return "\n " if plainly else data.draw(GAPS)

    def slot(name: str) -> str:
        values = "".join(f"<rim:Value>{text()}</rim:Value>{gap()}" for _ in range(data.draw(st.integers(1, 3))))
        return f'{gap()}<rim:Slot name="{name}">{gap()}<rim:ValueList>{values}</rim:ValueList>{gap()}</rim:Slot>'

    def label(tag: str) -> str:
        return f'{gap()}<rim:{tag}>{gap()}<rim:LocalizedString xml:lang="fr" value="{text()}"/></rim:{tag}>'

    schemes = st.sampled_from([names.ENTRY_TYPE, names.ENTRY_AUTHOR, names.ENTRY_CONFIDENTIALITY, "urn:other"])

    def classification() -> str:
        attributes = [f'classificationScheme="{data.draw(schemes)}"', f'nodeRepresentation="{text()}"', 'id="x"']
        inside = slot(data.draw(st.sampled_from(["codingScheme", "authorPerson"]))) + label("Name")
        return f"{gap()}<rim:Classification {' '.join(data.draw(st.permutations(attributes)))}>{inside}</rim:Classification>"

    def entry() -> str:
        nonlocal plainly
        plainly = data.draw(st.booleans())
        children = [slot("creationTime"), slot("legalAuthenticator"), label("Name"), label("Description")]
        children += [classification() for _ in range(data.draw(st.integers(0, 3)))]
        unique = f'<rim:ExternalIdentifier identificationScheme="{names.ENTRY_UNIQUE_ID}" value="{text()}"/>'
        plain = f'<rim:ExternalIdentifier value="{text()}" identificationScheme="{names.ENTRY_PATIENT_ID}"></rim:ExternalIdentifier>'
        children += [data.draw(st.sampled_from([unique, plain, ""])), gap()]
        return (
            f'{gap()}<rim:ExtrinsicObject id="{text()}" mimeType="{text()}">{"".join(children)}</rim:ExtrinsicObject>'
        )

    whole = HEAD + "".join(entry() for _ in range(data.draw(st.integers(1, 4)))) + TAIL
    body = whole.encode()
    assert streamed(body, data.draw(st.integers(1, 400))) == parsed(body)


def _escaped(value: str, ampersand: tuple[str, str]) -> str:
    return value.replace(*ampersand).replace("<", "&lt;").replace('"', "&quot;")


@pytest.mark.parametrize("cut", [1, 100, 9000, len(BODY) // 2, len(BODY) - 1])
def test_an_answer_cut_short_is_never_a_shorter_list(cut: int) -> None:
    with pytest.raises(DmpError) as caught:
        streamed(BODY[:cut])
    assert caught.value.code == "ReponseIllisible"


@pytest.mark.parametrize("wrong", ["<", "&nbsp;", "&#0;", "\x01", "&", "</rim:Value>"])
def test_what_is_not_xml_is_refused_wherever_it_stands(wrong: str) -> None:
    text = BODY.decode()
    place = text.rindex("<rim:Value>fr-FR")
    with pytest.raises(DmpError):
        streamed((text[: place + 11] + wrong + text[place + 11 :]).encode())


def test_bytes_that_are_no_text_are_refused() -> None:
    place = BODY.rindex(b"fr-FR")
    with pytest.raises(DmpError):
        streamed(BODY[:place] + b"\xff" + BODY[place:])


def test_rows_come_before_the_last_byte() -> None:
    """The 50th is there once its bytes are, and no chunk more was asked for."""
    end = [match.end() for match in re.finditer(rb"</rim:ExtrinsicObject>", BODY)][49]
    asked = 0

    def chunks() -> object:
        nonlocal asked
        for start in range(0, len(BODY), 4096):
            asked = start
            yield BODY[start : start + 4096]

    reading = registry_reader.entries(chunks())  # type: ignore[arg-type]
    for _ in range(50):
        next(reading)
    assert asked <= end <= asked + 4096


def test_sets_and_links_come_in_their_order_among_the_entries() -> None:
    link = '<rim:Association associationType="urn:x:HasMember" sourceObject="a" targetObject="b"/>'
    package = (
        '<rim:RegistryPackage id="p"><rim:Name><rim:LocalizedString value="Lot"/></rim:Name></rim:RegistryPackage>'
    )
    first, second, third = (entry.decode() for entry in entries_of(BODY, "rim")[:3])
    found = list(registry_reader.objects([(HEAD + first + second + link + third + package + TAIL).encode()]))
    assert [type(item) for item in found] == [
        DocumentEntry, DocumentEntry, Association, DocumentEntry, SubmissionSummary,
    ]  # fmt: skip
    assert found[2] == Association("urn:x:HasMember", "a", "b")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("202611", datetime(2026, 11, 1, tzinfo=UTC)),
        ("20261122094501", datetime(2026, 11, 22, 9, 45, 1, tzinfo=UTC)),
        ("20261322", None),
        ("20261122256060", None),
        ("²026", None),
        ("20261", None),
    ],
)
def test_times_of_any_precision(written: str, read: datetime | None) -> None:
    slot = (
        f'<rim:Slot name="serviceStartTime"><rim:ValueList><rim:Value>{written}</rim:Value></rim:ValueList></rim:Slot>'
    )
    body = f"{HEAD}<rim:ExtrinsicObject>{slot}</rim:ExtrinsicObject>{TAIL}".encode()
    assert streamed(body)[0].service_start == read


def test_the_same_code_is_kept_once() -> None:
    """2,000 documents name some twenty codes."""
    found = streamed(BODY)
    assert len({id(entry.confidentiality[0]) for entry in found}) <= 3  # the parser's own, then the shared one
    with pytest.raises(NotPlainError):
        PlainEntries("rim").read(b"<rim:ExtrinsicObject>\xff</rim:ExtrinsicObject>")
