"""Pieces of a structured CDA body: sections, narrative tables, references from an entry to its words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import NAMESPACE_OID, uuid5
from xml.sax.saxutils import escape, quoteattr

LOINC = ("2.16.840.1.113883.6.1", "LOINC")
HL7_ACT = ("2.16.840.1.113883.5.4", "HL7:ActCode")
OBSERVATION = "1.3.6.1.4.1.19376.1.5.3.1.4.13"
"""IHE PCC, simple observation."""


def uuid(*parts: str) -> str:
    """An identifier that depends on nothing but `parts`."""
    return str(uuid5(NAMESPACE_OID, "/".join(parts))).upper()


def identifier(*parts: str) -> str:
    return f'<id root="{uuid(*parts)}"/>'


def templates(*roots: str) -> str:
    return "".join(f'<templateId root="{root}"/>' for root in roots)


def coded(tag: str, code: str, label: str, system: tuple[str, str], inner: str = "") -> str:
    """A coded element; `tag` may carry attributes (`value xsi:type="CD"`)."""
    end = f">{inner}</{tag.partition(' ')[0]}>" if inner else "/>"
    return (
        f'<{tag} code={quoteattr(code)} displayName={quoteattr(label)} codeSystem="{system[0]}" '
        f"codeSystemName={quoteattr(system[1])}{end}"
    )


def value(code: str, label: str, system: tuple[str, str], inner: str = "", *, kind: str = "CD") -> str:
    """A coded value of the data type `kind`."""
    return coded(f'value xsi:type="{kind}"', code, label, system, inner)


def words(anchor: str) -> str:
    return f'<text><reference value="#{anchor}"/></text>'


def original(anchor: str) -> str:
    return f'<originalText><reference value="#{anchor}"/></originalText>'


def status(code: str = "completed") -> str:
    return f'<statusCode code="{code}"/>'


def ymd(day: date) -> str:
    return f"{day:%Y%m%d}"


def french(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else "-"


def bound(name: str, day: date | None) -> str:
    return f'<{name} value="{ymd(day)}"/>' if day else f'<{name} nullFlavor="UNK"/>'


def said(anchor: str, text: str) -> str:
    """Words of the narrative that an entry refers to."""
    return f'<content ID="{anchor}">{escape(text)}</content>'


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A narrative table; cells are markup."""
    head = "".join(f"<th>{escape(title)}</th>" for title in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<table border="0"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def paragraphs(*lines: str) -> str:
    return "".join(f"<paragraph>{escape(line)}</paragraph>" for line in lines)


def section(
    code: tuple[str, str], roots: Sequence[str], title: str, text: str, more: str = "", *, key: str, inner: str = ""
) -> str:
    """A section with its component. `more` are entries or nested sections; `inner` stands in the code; `key` makes its id."""
    narrative = f"<text>{text}</text>" if text else ""
    return (
        f"<component><section>{templates(*roots)}{identifier(key, code[0], title)}"
        f"{coded('code', *code, LOINC, inner)}<title>{escape(title)}</title>{narrative}{more}</section></component>"
    )


def body(*sections: str) -> str:
    return f"<structuredBody>{''.join(sections)}</structuredBody>"
