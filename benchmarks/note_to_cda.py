"""From a note to the bytes of a structured CDA document, beside the limit: one join of a ready skeleton with its holes escaped.

The limit does what no builder can do without: escape as many texts of the same size, join, encode. The peers are two libraries
everyone knows, lxml.builder and ElementTree, which are spared all decisions: they are handed the finished document as a tree of
plain Python values and only make its elements and write them. Each runs in turn with the limit, so that the noise of the machine
falls on both; with it alone, since whoever follows a peer finds the processor's caches full of the peer's tree.
The PDF copy is measured apart: it is fonts and layout, not CDA.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import NamedTuple
from xml.etree import ElementTree

from lxml import etree
from lxml.builder import ElementMaker

from dmp_desktop import notes
from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.build.template import Markup, Template, escape
from dmp_desktop.cda.check import check
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.cda.render import Palette, render
from dmp_desktop.exchange import context_from_dict

LIMIT_RATIO = 2.5  # for a document of at least 40 kB; the smaller ones are all decisions, and have no target
ROUNDS = 800
SHORT_NOTE = """Contrôle. HTA, DT2, pas de fièvre.
TA 13/8, FC 72, P 82 kg, T 172 cm.
Rx : ramipril 5 mg 1/j, metformine 1 g 1-0-1.
RDV 3 mois.
"""
NOTE = """Pt 47 ans, HTA, DT2, dyslipidémie. Tabac sevré 2010.
Motif : renouvellement + asthénie x 3 sem, pas de fièvre, pas d'AEG.
TA 14/8, FC 72, P 82 kg, T 172 cm, SpO2 98 %, T° 36,8. Auscultation cardio-pulmonaire normale, pas d'OMI.
HbA1c 7,8 %, LDL 1,12 g/l, DFG 68.
Ccl : DT2 déséquilibré. Asthénie à explorer.
Rx : metformine 1 g 1-0-1 3 mois, ramipril 5 mg 1/j.
RDV 3 mois.
"""
LONG_NOTE = SHORT_NOTE + "Texte libre de la consultation & <compléments>. " * 600
CONTEXT = {
    "patient": {
        "ins": "279035121518989",
        "ins_oid": "1.2.250.1.213.1.4.10",
        "identity_status": "qualifiee",
        "birth_family": "TEST-PATIENTE",
        "birth_given": "MARIE CLAUDE",
        "first_given": "MARIE",
        "sex": "F",
        "birth_date": "1979-03-12",
        "birth_place_cog": "51215",
        "birth_place": "Dolancourt",
        "address": {"line": "1 rue Haute", "postal_code": "10200", "city": "Dolancourt"},
    },
    "professional": {
        "rpps": "10002422979",
        "family": "DUPONT",
        "given": "Camille",
        "suffix": "DR",
        "specialty": "G15_10/SM26",
    },
    "facility": {"id": "410002422979001", "name": "Cabinet", "sector": "SA07", "practice_setting": "AMBULATOIRE"},
    "encounter": {"start": "2026-11-20T10:05:00+01:00", "kind": "AMB"},
}


def make_request(note: str) -> BuildRequest:
    now = datetime(2026, 11, 20, 10, 30, tzinfo=timezone(timedelta(hours=1)))
    proposals = tuple(item.ticked(True) for item in notes.propose(note))
    return BuildRequest(context_from_dict(CONTEXT), note, "2.25.1874435730249834", now, proposals)


def limit_of(request: BuildRequest) -> Callable[[], bytes]:
    """The join: this very document cut at as many holes as the builder fills, with the very texts it escapes."""
    texts: list[str] = []
    fill = Template.fill

    def record(template: Template, **values: str) -> Markup:
        texts.extend(template._texts(values))
        return fill(template, **values)

    Template.fill = record  # type: ignore[method-assign]
    try:
        document = assemble(request, None).cda.decode()
    finally:
        Template.fill = fill  # type: ignore[method-assign]
    texts.append(request.note)
    size = max(1, (len(document) - sum(len(escape(text)) for text in texts)) // len(texts))
    pieces = [part for rank in range(len(texts)) for part in (document[rank * size : (rank + 1) * size], "")]

    def join() -> bytes:
        filled = pieces.copy()
        filled[1::2] = [escape(text) for text in texts]
        return "".join(filled).encode()

    return join


class Node(NamedTuple):
    """One element as plain values: what a library is given to make."""

    tag: str
    attributes: dict[str, str]
    text: str | None
    children: tuple[Node, ...]
    tail: str | None


def tree_of(element: etree._Element) -> Node:
    return Node(
        str(element.tag),
        {str(name): str(value) for name, value in element.attrib.items()},
        element.text,
        tuple(tree_of(child) for child in element),
        element.tail,
    )


def with_lxml_builder(tree: Node) -> bytes:
    maker = ElementMaker(nsmap={None: "urn:hl7-org:v3", "xsi": "http://www.w3.org/2001/XMLSchema-instance"})

    def make(node: Node) -> etree._Element:
        content = [node.text] if node.text else []
        element = maker(node.tag, node.attributes, *content, *(make(child) for child in node.children))
        element.tail = node.tail
        return element

    return etree.tostring(make(tree), encoding="UTF-8", xml_declaration=True)


def with_element_tree(tree: Node) -> bytes:
    def make(parent: ElementTree.Element, node: Node) -> None:
        element = ElementTree.SubElement(parent, node.tag, node.attributes)
        element.text, element.tail = node.text, node.tail
        for child in node.children:
            make(element, child)

    root = ElementTree.Element(tree.tag, tree.attributes)
    for child in tree.children:
        make(root, child)
    return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)


def peers_of(request: BuildRequest) -> tuple[Callable[[], bytes], Callable[[], bytes]]:
    """Both peers, checked to write this very document."""
    document = etree.fromstring(assemble(request, None).cda)
    tree = tree_of(document)
    for name, uri in (("", "urn:hl7-org:v3"), ("xsi", "http://www.w3.org/2001/XMLSchema-instance")):
        ElementTree.register_namespace(name, uri)
    wanted = etree.tostring(document, method="c14n")
    for write in (with_lxml_builder, with_element_tree):
        if etree.tostring(etree.fromstring(write(tree)), method="c14n") != wanted:
            raise ValueError(f"{write.__name__} writes another document")
    return lambda: with_lxml_builder(tree), lambda: with_element_tree(tree)


def best_of(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Best seconds of each work, run in turn."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for index, work in enumerate(works):
            began = time.perf_counter()
            work()
            best[index] = min(best[index], time.perf_counter() - began)
    return best


def main() -> None:
    for name, note, target in (
        ("short note", SHORT_NOTE, ""),
        ("usual note", NOTE, ""),
        ("long note", LONG_NOTE, f"   (target {LIMIT_RATIO} x)"),
    ):
        request = make_request(note)
        join = limit_of(request)
        size = len(assemble(request, None).cda)
        print(f"note -> CDA, {name}: document of {size / 1000:.1f} kB, limit of {len(join()) / 1000:.1f} kB")
        builder, tree = peers_of(request)
        works = (
            ("build, no PDF copy", lambda request=request: assemble(request, None), target),
            ("peer: lxml.builder", builder, ""),
            ("peer: ElementTree", tree, ""),
        )
        for label, work, aim in works:
            least, seconds = best_of(ROUNDS, join, work)
            print(
                f"  {label:<19} {seconds * 1e6:6.0f} µs   {seconds / least:5.2f} x the join's {least * 1e6:.0f} µs{aim}"
            )
    request = make_request(NOTE)
    cda = build(request).cda
    steps: tuple[tuple[str, float, int, Callable[[], object]], ...] = (
        ("notes.propose", 2.0, 300, lambda: notes.propose(NOTE)),
        ("build with PDF/A copy", 500.0, 10, lambda: build(request)),
        ("check", 20.0, 200, lambda: check(cda)),
        ("metadata", 5.0, 200, lambda: entry_from_cda(cda)),
        ("render", 20.0, 200, lambda: render(cda, palette=Palette())),
    )
    for label, limit, rounds, work in steps:
        (seconds,) = best_of(rounds, work)
        print(f"  {label:<23} {seconds * 1e3:8.2f} ms   (target {limit:g} ms)")


if __name__ == "__main__":
    main()
