"""The patient summary IPS-FR: its sections, its own spelling of a function, the note among the points to watch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmp_desktop.domain.documents import DocumentKind
from dmp_desktop.errors import ContextError
from tests.helpers.documents import full_context
from tests.helpers.kinds import ITEMS
from tests.unit.cda.test_facts import RENEWAL, C, made, tree
from tests.unit.cda.test_vsm import codes, section

IPS = DocumentKind.IPS
REQUIRED = ["11450-4", "47519-4", "48765-2", "10160-0", "46264-8"]


def test_header_of_the_volet() -> None:
    document = tree(RENEWAL, kind=IPS)
    templates = [(item.get("root"), item.get("extension")) for item in document.findall(f"{C}templateId")]
    assert templates[2:] == [("2.16.840.1.113883.10.22.1.1", None), ("1.2.250.1.213.1.1.1.51", "2024.01")]
    assert document.find(f"{C}code").get("code") == "60591-5"


def test_required_sections_whatever_is_known() -> None:
    assert codes(tree("Vu ce jour.", kind=IPS).find(f"{C}component/{C}structuredBody")) == [*REQUIRED, "44944-7"]


def test_all_sections_in_order() -> None:
    found = codes(tree(RENEWAL, *ITEMS, kind=IPS).find(f"{C}component/{C}structuredBody"))
    assert found == [
        "11450-4",
        "11348-0",
        "47519-4",
        "48765-2",
        "10160-0",
        "46264-8",
        "44944-7",
        "8716-3",
        "29762-2",
        "10157-6",
        "11369-6",
        "30954-2",
    ]


def test_note_stands_in_points_to_watch() -> None:
    watch = section(tree(RENEWAL, kind=IPS), "44944-7")
    assert watch.find(f".//{C}content[@ID='note']") is not None
    assert watch.find(f"{C}entry") is None


@pytest.mark.parametrize(("kind", "spelling"), [(IPS, "Médecin Traitant"), (DocumentKind.VSM, "Médecin traitant")])
def test_attending_doctor_as_each_volet_spells_it(kind: DocumentKind, spelling: str) -> None:
    document = tree("RAS", kind=kind, context=replace(full_context(), extra={}))
    assert document.find(f"{C}participant/{C}functionCode").get("displayName") == spelling


def test_of_nothing_is_refused() -> None:
    with pytest.raises(ContextError) as refusal:
        made("", kind=IPS)
    assert refusal.value.field == "note"
