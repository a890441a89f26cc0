"""Every field of a context, removed or spoilt: a refusal that names it, or a document that says what was given and nothing else."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dmp_desktop.cda.build import BuildRequest, build, plan_of
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.check import Severity, check
from dmp_desktop.domain.documents import DocumentFormat, DocumentKind
from dmp_desktop.errors import CdaError, ContextError
from dmp_desktop.exchange import context_from_dict, context_to_dict
from tests.helpers.documents import NOW, OTHER_ID, UNIQUE_ID
from tests.helpers.kinds import EXTRA, FILES, SHORT_NOTE, context_data, plans
from tests.unit.cda.reference_header import reference_header

C = "{urn:hl7-org:v3}"
Path = tuple[str | int, ...]
GONE = object()
SPOILS: dict[str, Any] = {
    "removed": GONE,
    "null": None,
    "empty": "",
    "blank": " \u00a0 ",
    "zero": 0,
    "negative": -1,
    "number": 1.5,
    "nan": float("nan"),
    "infinity": float("inf"),
    "true": True,
    "list": [],
    "object": {},
    "nested": [{"a": ["b"]}],
    "control": "A\x07B",
    "nul": "\x00",
    "surrogate": "A\ud800",
    "not-a-character": "A\ufffe",
    "markup": '<b a="c">&amp;\'</b>',
    "cdata": "]]><![CDATA[",
    "emoji": "É😀",
    "huge": "x" * 10_000,
    "date": "1979-02-30",
    "future": "2999-01-01T00:00:00+01:00",
    "digits": "12345678901",
}
# The same two fields, told by the other one.
RELATED = {
    "patient.birth_given": {"patient.first_given"},
    "encounter.start": {"encounter.end", "patient.birth_date"},
    "patient.birth_date": {
        "extra.weight_kg",
        "extra.height_cm",
        "extra.head_cm",
        "extra.vaccines[0].date",
        "extra.vaccines[1].date",
    },
}
# Parts of the header that only depend on the context.
COMMON = (
    "recordTarget",
    "author",
    "custodian",
    "informationRecipient",
    "legalAuthenticator",
    "participant",
    "componentOf",
)


def dotted(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every field, objects and lists included."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inner:
        yield from paths(item, (*path, step))


def at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def spoilt(data: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(data)
    parent = at(changed, path[:-1])
    if value is GONE:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return changed


def request_from(data: dict[str, Any], kind: DocumentKind, format: DocumentFormat) -> BuildRequest:
    file = FILES["pdf"] if kind is DocumentKind.SCAN else None
    return BuildRequest(
        context_from_dict(data), "" if file else SHORT_NOTE, UNIQUE_ID, NOW, format=format, kind=kind, attachment=file
    )


def attempt(data: dict[str, Any], kind: DocumentKind, format: DocumentFormat) -> tuple[BuildRequest, bytes] | str:
    """The document, or the field that its refusal names. Any other exception is a failure."""
    try:
        request = request_from(data, kind, format)
        return request, (build(request) if format is DocumentFormat.PDF else assemble(request, None)).cda
    except ContextError as error:
        return error.field or "(no field)"
    except CdaError as error:
        return error.path or "(no field)"


def names(told: str, field: str) -> bool:
    """`told` is the field, one inside it, or one it is compared with."""
    return told == field or told.startswith((f"{field}.", f"{field}[")) or told in RELATED.get(field, ())


def words(document: etree._Element) -> str:
    """All that the document says: texts and attributes."""
    return "\n".join(
        part
        for element in document.iter(f"{C}*")
        for part in (element.text or "", element.tail or "", *map(str, element.attrib.values()))
    )


def same(given: Any, kept: Any) -> bool:
    """What the context keeps is what was given: spaces trimmed, nothing for what is empty, numbers and dates as they were."""
    if isinstance(kept, dict):
        return all(same(given.get(name) if isinstance(given, dict) else None, value) for name, value in kept.items())
    if isinstance(kept, list):
        return (given or []) == kept if not kept else len(given) == len(kept) and all(map(same, given, kept))
    if isinstance(given, str):
        return given.strip().removeprefix("mailto:") == (kept or "") or (given.strip() or None) == kept
    return given == kept or (given is None and kept in (None, "", "provisoire"))


def header_parts(document: etree._Element, kind: DocumentKind) -> list[bytes]:
    """In their canonical form; a letter adds the one it is written to."""
    names = [name for name in COMMON if kind is not DocumentKind.LETTER or name != "informationRecipient"]
    parts = [
        etree.tostring(part, method="c14n", with_tail=False)
        for part in document
        if part.tag in {f"{C}{name}" for name in names}
    ]
    return [
        part.replace("Médecin Traitant".encode(), "Médecin traitant".encode()) for part in parts
    ]  # IPS-FR's spelling


def judge(data: dict[str, Any], kind: DocumentKind, format: DocumentFormat, path: Path) -> str | None:
    """Hold one spoilt context against the rule of this module; the field its refusal names, None when there is a document."""
    result = attempt(data, kind, format)
    if isinstance(result, str):
        assert names(result, dotted(path)), f"{dotted(path)} spoilt, {result} named"
        return result
    request, cda = result
    assert [finding for finding in check(cda) if finding.severity is Severity.ERROR] == []
    assert same({key: data.get(key) for key in ("patient", "professional", "facility", "encounter", "attending", "recipients")},
                {key: value for key, value in context_to_dict(request.context).items() if key != "extra"})  # fmt: skip
    document = etree.fromstring(cda, etree.XMLParser(huge_tree=True))
    assert header_parts(document, kind) == header_parts(reference_header(request), kind)
    return None


DATA = {kind: context_data(kind, full=True) for kind in EXTRA}
HEADER = [path for path in paths(DATA[DocumentKind.CONSULTATION]) if path[0] != "extra"]
EXTRAS = [
    (plan.kind, path) for plan in plans() for path in paths(DATA[plan.kind]) if path[0] == "extra" and len(path) > 1
]
# Free texts of `extra`: written as they are.
FREE = re.compile(
    r"extra\.(reason|destination|purpose|recipient|vaccines\[\d\]\.(label|lot|site)|test\.label|device\.(maker|reference|lot))"
)


@pytest.mark.parametrize("path", HEADER, ids=dotted)
@pytest.mark.parametrize("kind", [DocumentKind.CONSULTATION, DocumentKind.SCAN], ids=lambda kind: kind.value)
def test_every_field_of_the_context(kind: DocumentKind, path: Path) -> None:
    format = plan_of(kind).formats[0]
    for value in SPOILS.values():
        judge(spoilt(DATA[kind], path, value), kind, format, path)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "path"), EXTRAS, ids=[f"{kind.value}-{dotted(path)}" for kind, path in EXTRAS])
def test_every_field_a_kind_adds(kind: DocumentKind, path: Path) -> None:
    """What is accepted is written as it was given; what was taken away is not written."""
    data, format = DATA[kind], plan_of(kind).formats[0]
    before = at(data, path)
    for value in SPOILS.values():
        changed = spoilt(data, path, value)
        if judge(changed, kind, format, path) is not None or format is DocumentFormat.PDF:
            continue
        said = words(etree.fromstring(assemble(request_from(changed, kind, format), None).cda))
        if isinstance(value, str) and value.strip() and FREE.fullmatch(dotted(path)):
            assert value.strip() in said
        if (
            isinstance(before, str)
            and FREE.fullmatch(dotted(path))
            and before not in json.dumps(changed, ensure_ascii=False)
        ):
            assert before not in said


REQUIRED = [
    *((DocumentKind.CONSULTATION, path) for path in (
        "patient", "patient.ins", "patient.ins_oid", "patient.identity_status", "patient.birth_family", "patient.birth_given",
        "patient.first_given", "patient.sex", "patient.birth_date", "patient.birth_place_cog", "professional", "professional.rpps",
        "professional.family", "professional.given", "professional.specialty", "facility", "facility.id", "facility.name",
        "facility.sector", "facility.practice_setting", "encounter", "encounter.start", "encounter.kind", "attending.rpps",
        "attending.family", "attending.specialty", "recipients[0].rpps", "recipients[0].family", "recipients[0].specialty",
    )),
    *((DocumentKind.VACCINATION, f"extra.{path}") for path in (
        "vaccines", "vaccines[0].label", "vaccines[0].atc", "vaccines[0].lot", "vaccines[0].date")),
    *((DocumentKind.RAPID_TEST, f"extra.{path}") for path in ("test", "test.code", "test.label", "result")),
    *((DocumentKind.ADMISSION_LETTER, f"extra.{path}") for path in ("reason", "destination")),
    (DocumentKind.LETTER, "extra.recipient"),
    *((DocumentKind.LETTER, f"extra.recipient.{name}") for name in ("rpps", "family", "specialty")),
    (DocumentKind.CERTIFICATE, "extra.purpose"),
    *((kind, "extra.type") for kind in (DocumentKind.PRESCRIPTION, DocumentKind.SCAN)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "field"), REQUIRED, ids=[f"{row[0].value}-{row[1]}" for row in REQUIRED])
@pytest.mark.parametrize("full", [True, False], ids=["full", "minimal"])
def test_required_field(kind: DocumentKind, field: str, full: bool) -> None:
    """Without it no document at all, in any form, and the refusal says which field."""
    data = context_data(kind, full=full)
    (path,) = [path for path in paths(data) if dotted(path) == field] or [None]
    if path is None:
        assert not full
        return
    for format in plan_of(kind).formats:
        for value in (GONE, None, "", "A\x07"):
            assert names(str(attempt(spoilt(data, path, value), kind, format)), field)


def test_measures_of_a_child_need_one() -> None:
    data = context_data(DocumentKind.CHILD_MEASURES, full=False)
    for wrong in ({}, {"weight_kg": "12"}, {"weight_kg": 0}, {"weight_kg": 900}, {"weight_kg": True}):
        result = attempt(data | {"extra": wrong}, DocumentKind.CHILD_MEASURES, DocumentFormat.STRUCTURED)
        assert isinstance(result, str)
        assert result.startswith("extra.")


# What `Fields` never lets through: whatever JSON can hold, anywhere.
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(path=st.sampled_from(HEADER), value=json_values)
def test_anything_in_a_field(path: Path, value: Any) -> None:
    judge(
        spoilt(DATA[DocumentKind.CONSULTATION], path, value), DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED, path
    )


@settings(max_examples=400, deadline=None)
@given(row=st.sampled_from([row for row in EXTRAS if plan_of(row[0]).sections is not None]), value=json_values)
def test_anything_in_a_field_a_kind_adds(row: tuple[DocumentKind, Path], value: Any) -> None:
    kind, path = row
    judge(spoilt(DATA[kind], path, value), kind, DocumentFormat.STRUCTURED, path)


@pytest.mark.parametrize("name", ["patient", "professional", "facility", "encounter", "attending"])
def test_misspelt_field_is_refused(name: str) -> None:
    """A typing error must not pass for a field left out."""
    data = copy.deepcopy(DATA[DocumentKind.CONSULTATION])
    data[name]["birth_famly"] = "X"
    assert attempt(data, DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED) == f"{name}.birth_famly"


@pytest.mark.parametrize("kind", DocumentKind)
def test_misspelt_field_of_a_kind_is_refused(kind: DocumentKind) -> None:
    data = spoilt(DATA[kind], ("extra", "weigth_kg"), 12.4)
    assert attempt(data, kind, plan_of(kind).formats[0]) == "extra.weigth_kg"


def test_identifier_of_another_document_is_never_made_up() -> None:
    (request, cda) = attempt(DATA[DocumentKind.CONSULTATION], DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED)  # type: ignore[misc]
    assert request.unique_id.encode() in cda
    assert OTHER_ID.encode() not in cda
