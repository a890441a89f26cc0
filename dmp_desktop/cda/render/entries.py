"""Labels of coded entries, for a section whose author left no narrative: what is known of them, in words."""

from __future__ import annotations

from collections.abc import Iterator

from dmp_desktop.cda.read.labels import Labels
from dmp_desktop.cda.render.people import when
from dmp_desktop.cda.xml import XSI_TYPE, Element, Q, attribute, child, children, text

_STATEMENTS = tuple(
    f"{Q}{name}"
    for name in ("observation", "substanceAdministration", "procedure", "act", "organizer", "supply", "encounter")
)
_BOOLEANS = {"true": "oui", "false": "non"}


class OnceLabels(Labels):
    """Reads each place of the narrative once, however many entries point at it."""

    def __init__(self, document: Element) -> None:
        super().__init__(document)
        self._read: dict[str, str] = {}

    def text(self, reference: str) -> str:
        if reference not in self._read:
            self._read[reference] = super().text(reference)
        return self._read[reference]


def entry_lines(entry: Element, labels: Labels) -> Iterator[str]:
    """One line a clinical statement that says something."""
    for statement in entry.iter(*_STATEMENTS):
        parts = [part for part in _parts(statement, labels) if part]
        if parts:
            negated = "Nié par l'auteur : " if attribute(statement, "negationInd") == "true" else ""
            yield negated + ", ".join(dict.fromkeys(parts))


def _parts(statement: Element, labels: Labels) -> Iterator[str]:
    """Label; product; values; dose; time."""
    yield labels.of(child(statement, "code"), child(statement, "text"))
    product = child(statement, "consumable", "manufacturedProduct")
    if product is None:
        product = child(statement, "product", "manufacturedProduct")
    material = child(product, "manufacturedMaterial")
    yield text(child(material, "name")) or labels.of(child(material, "code"))
    for value in children(statement, "value"):
        yield _value(value, labels)
    yield _quantity(child(statement, "doseQuantity"))
    for time in children(statement, "effectiveTime"):
        yield when(time)


def _value(value: Element, labels: Labels) -> str:
    if attribute(value, "representation") == "B64":
        return ""
    if attribute(value, "code") or attribute(value, "displayName") or child(value, "originalText") is not None:
        return labels.of(value)
    if value.get(XSI_TYPE, "").endswith("TS"):
        return when(value)
    return _BOOLEANS.get(attribute(value, "value"), _quantity(value)) or text(value)


def _quantity(value: Element | None) -> str:
    """`5 mg`, or `de 3 à 5 mg`; '' without a number."""
    if value is None:
        return ""
    if attribute(value, "value"):
        return f"{attribute(value, 'value')} {attribute(value, 'unit').replace('{', '').replace('}', '')}".strip()
    bounds = [(word, child(value, name)) for word, name in (("de", "low"), ("à", "high"))]
    return " ".join(f"{word} {_quantity(bound)}" for word, bound in bounds if bound is not None and _quantity(bound))
