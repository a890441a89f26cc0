"""The one validator of a context."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange import context_from_dict, context_to_dict, load_context
from dmp_desktop.exchange.context import patient_from_dict, patient_to_dict
from tests.helpers.documents import FULL, MINIMAL


@pytest.mark.parametrize("data", [FULL, MINIMAL], ids=["full", "minimal"])
def test_round_trip(data: dict[str, Any]) -> None:
    context = context_from_dict(data)
    assert context_from_dict(context_to_dict(context)) == context
    assert load_context(json.dumps(data).encode()) == context


TEN_FIELDS = {
    "ins": "279035121518989",
    "ins_oid": "1.2.250.1.213.1.4.10",
    "birth_family": "TEST-NAISSANCE",
    "birth_given": "MARIE CLAUDE",
    "first_given": "MARIE",
    "birth_date": "1979-03-12",
    "sex": "F",
    "birth_place_cog": "75112",
    "used_family": "TEST-USAGE",
    "used_given": "CLAUDE",
}


def test_rule_1_the_ten_fields_of_an_identity() -> None:
    """INS/va1.56: each one is taken, held by itself, and given back."""
    patient = patient_from_dict(TEN_FIELDS)
    assert TEN_FIELDS.items() <= patient_to_dict(patient).items()
    assert (patient.used_family, patient.used_given, patient.first_given) == ("TEST-USAGE", "CLAUDE", "MARIE")


@pytest.mark.parametrize("field", sorted(set(TEN_FIELDS) - {"used_family", "used_given"}))
def test_rule_1_none_but_the_used_names_may_be_left_out(field: str) -> None:
    with pytest.raises(ContextError) as caught:
        patient_from_dict({name: value for name, value in TEN_FIELDS.items() if name != field})
    assert field in str(caught.value)


def test_status_absent_is_the_lowest() -> None:
    data = copy.deepcopy(MINIMAL)
    del data["patient"]["identity_status"]
    assert context_from_dict(data).patient.ins.status is InsStatus.PROVISOIRE


MISSING = object()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("patient", None),
        ("patient.ins", "279035121518988"),
        ("patient.ins", "12"),
        ("patient.ins", 279035121518989),
        ("patient.ins_oid", "1.2.3"),
        ("patient.identity_status", "sûre"),
        ("patient.birth_family", "  "),
        ("patient.birth_family", "TEST\x00"),
        ("patient.birth_given", MISSING),
        ("patient.first_given", "PAULE"),
        ("patient.sex", "f"),
        ("patient.birth_date", "12/03/1979"),
        ("patient.birth_date", "1979-02-30"),
        ("patient.birth_date", "2027-01-01"),
        ("patient.birth_place_cog", "ZZ"),
        ("patient.birth_place_cog", "2C123"),
        ("patient.address", "1 rue Haute"),
        ("patient.phone", "0325000000"),
        ("patient.email", "nobody"),
        ("patient.typo", "x"),
        ("professional.rpps", "1000242297"),
        ("professional.specialty", "G15_10/SM99"),
        ("professional.suffix", "DOC"),
        ("professional.prefix", "MR"),
        ("facility.id", ""),
        ("facility.sector", "SA99"),
        ("facility.practice_setting", "VILLE"),
        ("encounter.start", "2026-11-20T10:05:00"),
        ("encounter.start", MISSING),
        ("encounter.end", "2026-11-20T09:05:00+01:00"),
        ("encounter.kind", "XYZ"),
        ("attending.rpps", "1"),
        ("recipients", {}),
        ("extra", []),
        ("typo", 1),
    ],
)
def test_refusal_names_the_field(path: str, value: Any) -> None:
    data = copy.deepcopy(FULL)
    *parents, last = path.split(".")
    node = data
    for parent in parents:
        node = node[parent]
    if value is MISSING:
        del node[last]
    else:
        node[last] = value
    with pytest.raises(ContextError) as refusal:
        context_from_dict(data)
    assert refusal.value.field == path
    assert path in refusal.value.message_fr
    assert "279035" not in str(refusal.value)


def test_recipient_path_has_its_rank() -> None:
    data = copy.deepcopy(FULL)
    data["recipients"].append({})
    with pytest.raises(ContextError) as refusal:
        context_from_dict(data)
    assert refusal.value.field == "recipients[1].rpps"


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe", "[" * 100_000, b"x" * 1_000_001], ids=["cut", "bytes", "deep", "big"]
)
def test_not_json(content: bytes | str) -> None:
    with pytest.raises(ContextError):
        load_context(content)
