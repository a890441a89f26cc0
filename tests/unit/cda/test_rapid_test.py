"""Rapid tests: one chapter, one coded result, the kit, the note as its comment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.domain.documents import Attachment, DocumentFormat, DocumentKind
from dmp_desktop.errors import CdaError, ContextError
from dmp_desktop.terminology.rapid_tests import rapid_test_result
from tests.helpers.documents import NOTE, NOW, UNIQUE_ID, full_context

C = "{urn:hl7-org:v3}"
ANGINE = {"test": {"code": "78012-2", "label": "TROD Angine"}, "result": "négatif"}
KIT = {"udi": "(01)03612345678903(10)B98", "maker": "Labo", "reference": "8029", "lot": "B98", "expiry": "2027-12-31"}


def request(extra: dict[str, Any], note: str = "", **changes: Any) -> BuildRequest:
    context = replace(full_context(), extra=extra)
    return BuildRequest(context, note, UNIQUE_ID, NOW, kind=DocumentKind.RAPID_TEST, **changes)


def document(extra: dict[str, Any], note: str = "") -> etree._Element:
    return etree.fromstring(build(request(extra, note)).cda)


def test_coded_result_and_fixed_header() -> None:
    made = document(ANGINE)
    assert made.findtext(f"{C}title") == "Test rapide d'orientation diagnostique : TROD Angine"
    observation = made.find(f".//{C}observation")
    assert observation is not None
    assert observation.find(f"{C}code").get("code") == "78012-2"  # type: ignore[union-attr]
    assert observation.find(f"{C}value").get("code") == "260385009"  # type: ignore[union-attr]
    assert made.find(f".//{C}serviceEvent/{C}code").get("code") == "J02.0"  # type: ignore[union-attr]
    assert made.find(f".//{C}standardIndustryClassCode").get("code") == "DEPISTAGE"  # type: ignore[union-attr]
    assert len(made.findall(f".//{C}section")) == 1  # no other, no PDF copy: the volet


def test_the_note_is_the_comment_word_for_word() -> None:
    made = document(ANGINE, NOTE)
    content = made.find(f".//{C}content[@ID='note']")
    assert content is not None
    for line in content.iter(f"{C}br"):
        line.text = "\n"
    assert "".join(map(str, content.itertext())) == NOTE
    assert made.find(f".//{C}act/{C}text/{C}reference[@value='#note']") is not None
    assert document(ANGINE).find(f".//{C}reference[@value='#note']") is None


def test_the_kit() -> None:
    device = document(ANGINE | {"device": KIT}).find(f".//{C}participantRole")
    assert device is not None
    identifier = device.find(f"{C}id")
    assert identifier is not None
    assert (identifier.get("root"), identifier.get("extension")) == ("2.51.1.1", KIT["udi"])
    unknown = document(ANGINE)
    assert unknown.find(f".//{C}playingDevice/{C}code").get("nullFlavor") == "UNK"  # type: ignore[union-attr]
    assert unknown.find(f".//{C}participantRole/{C}id") is None
    assert unknown.find(f".//{C}content[@ID='device']").text == "non renseigné"  # type: ignore[union-attr]
    part = document(ANGINE | {"device": {"maker": "Labo"}}).find(f".//{C}content[@ID='device']")
    assert part is not None
    assert part.text == "Labo | non renseigné | non renseigné | non renseigné"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Positif", "10828004"),
        ("NÉGATIF", "260385009"),
        ("negative", "260385009"),
        ("indéterminé(e)", "373068000"),
        ("invalide", "125154007"),
        ("10828004", "10828004"),
        ("douteux", None),
        ("", None),
    ],
)
def test_words_of_results(words: str, code: str | None) -> None:
    result = rapid_test_result(words)
    assert (result and result.code) == code


@pytest.mark.parametrize(
    ("extra", "path"),
    [
        ({}, "extra.test"),
        ({"test": {"code": "78012-2", "label": "A"}}, "extra.result"),
        ({**ANGINE, "result": "peut-être"}, "extra.result"),
        ({**ANGINE, "result": 1}, "extra.result"),
        ({**ANGINE, "test": {"code": "4548-4", "label": "HbA1c"}}, "extra.test.code"),
        ({**ANGINE, "test": {"code": "78012-2"}}, "extra.test.label"),
        ({**ANGINE, "test": {"label": "Angine"}}, "extra.test.code"),
        ({**ANGINE, "test": ANGINE["test"] | {"x": 1}}, "extra.test.x"),  # type: ignore[operator]
        ({**ANGINE, "device": {"udi": "12"}}, "extra.device.udi"),
        ({**ANGINE, "device": {"expiry": "2027"}}, "extra.device.expiry"),
    ],
)
@pytest.mark.parametrize("format", list(DocumentFormat))
def test_refused(extra: dict[str, Any], path: str, format: DocumentFormat) -> None:
    with pytest.raises(ContextError) as refusal:
        build(request(extra, "Note.", format=format))
    assert refusal.value.field == path


@pytest.mark.parametrize(("note", "format"), [("Note.", DocumentFormat.STRUCTURED), ("", DocumentFormat.PDF)])
def test_no_file(note: str, format: DocumentFormat) -> None:
    """The volet has no place for one, and one alone would hide the result."""
    file = Attachment("application/pdf", b"%PDF-1.4\n%%EOF")
    with pytest.raises(CdaError) as refusal:
        build(request(ANGINE, note, attachment=file, format=format))
    assert refusal.value.path == "attach"


def test_same_bytes() -> None:
    assert assemble(request(ANGINE, NOTE), None).cda == assemble(request(ANGINE, NOTE), None).cda


@pytest.mark.parametrize(
    ("label", "told"), [("TROD angine", 0), ("Streptocoque A", 0), ("Grippe", 1), ("TROD rapide", 1)]
)
def test_label_of_another_test_is_told(label: str, told: int) -> None:
    named = {"code": "78012-2", "label": label}
    assert len(build(request(ANGINE | {"test": named})).warnings) == told


@pytest.mark.parametrize(("expiry", "told"), [("2026-11-20", 0), ("2026-11-19", 1)])
def test_expired_kit_is_told(expiry: str, told: int) -> None:
    assert len(build(request(ANGINE | {"device": KIT | {"expiry": expiry}})).warnings) == told
