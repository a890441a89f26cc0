"""Damaged FHIR messages: each is answered or refused, none breaks the server, and what is kept stays readable by both wires."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from dmp_desktop.sandbox import Sandbox
from tests.helpers.dmp_wire import Caller
from tests.helpers.fhir_raw import JSON_PATCH, JSON_TYPE, FhirCaller, FhirLot, archiving, bearer, masking
from tests.helpers.fhir_wire import altered
from tests.helpers.seeded import seeded

pytestmark = pytest.mark.slow
ANSWERS = {200, 201, 400, 403, 404, 405, 409, 412, 422}
MESSAGES = 60


@pytest.fixture(scope="module")
def fhir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirCaller]:
    with Sandbox(seeded(tmp_path_factory.mktemp("fhir-damaged"))) as running, Caller(running.ready, "doctor") as caller:
        found = FhirCaller(caller, next(str(p["ins"]) for p in running.ready["patients"] if p["story"] == "ordinary"))
        yield found
        found.close()


def _lot(fhir: FhirCaller, _: str) -> tuple[str, str, Any, str]:
    return "POST", "", FhirLot(fhir.ins).bundle, JSON_TYPE


def _replacement(fhir: FhirCaller, unique_id: str) -> tuple[str, str, Any, str]:
    return "POST", "", FhirLot(fhir.ins, replaces=fhir.found(unique_id)[0]).bundle, JSON_TYPE


def _publish(fhir: FhirCaller, _: str) -> tuple[str, str, Any, str]:
    return "POST", "DocumentReference", FhirLot(fhir.ins).simplified, JSON_TYPE


def _json_patch(_: FhirCaller, unique_id: str) -> tuple[str, str, Any, str]:
    return "PATCH", f"DocumentReference?identifier={unique_id}", [*archiving(True), *masking()], JSON_PATCH


def _fhirpath(_: FhirCaller, unique_id: str) -> tuple[str, str, Any, str]:
    return "PATCH", f"DocumentReference?identifier={unique_id}", masking(pointer=False), JSON_TYPE


@pytest.mark.parametrize("make", [_lot, _replacement, _publish, _json_patch, _fhirpath])
def test_what_is_damaged_is_answered(
    fhir: FhirCaller, make: Callable[[FhirCaller, str], tuple[str, str, Any, str]]
) -> None:
    lot = FhirLot(fhir.ins)
    lot.send(fhir)
    random = Random(make.__name__)
    token = bearer(fhir.caller.vihf(fhir.ins).signed(fhir.caller.sign))
    for _ in range(MESSAGES):
        method, path, body, media = make(fhir, lot.unique_id)
        content = altered(json.dumps(body).encode(), random)
        answer = fhir.send(method, path, content, Content_Type=media, Authorization=token)
        assert answer.status in ANSWERS, content
    assert fhir.search(status="current,superseded", _count="200").status == 200
    assert fhir.lists(("_count", "200")).status == 200
    assert fhir.caller.find(fhir.ins).status == 200
