"""Options of `dmp dossier list` become the criteria of TD3.1."""

from __future__ import annotations

import argparse
from dataclasses import fields
from datetime import datetime

import pytest

from dmp_desktop.commands import find_options
from dmp_desktop.domain.documents import Availability, Code
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import ContextError


def criteria(*options: str) -> FindCriteria:
    parser = argparse.ArgumentParser()
    find_options.add(parser)
    return find_options.criteria(parser.parse_args(options))


def test_nothing_asked_is_all_approved_documents() -> None:
    assert criteria() == FindCriteria()


def test_codes_are_completed_with_their_system() -> None:
    found = criteria(
        "--type", "11502-2", "--type", "X@1.2.3", "--class", "10", "--facility", "SA07", "--practice", "AMBULATOIRE",
        "--confidentiality", "N", "--confidentiality", "MASQUE_PS", "--event", "4548-4@2.16.840.1.113883.6.1",
        "--format", "urn:ihe:lab:xd-lab:2008@1.3.6.1.4.1.19376.1.2.3", "--author", "PETIT",
    )  # fmt: skip
    systems = {
        field.name: [(code.code, code.system) for code in getattr(found, field.name)]
        for field in fields(found)
        if field.name.endswith("codes")
    }
    assert systems == {
        "type_codes": [("11502-2", "2.16.840.1.113883.6.1"), ("X", "1.2.3")],
        "class_codes": [("10", "1.2.250.1.213.1.1.4.1")],
        "format_codes": [("urn:ihe:lab:xd-lab:2008", "1.3.6.1.4.1.19376.1.2.3")],
        "facility_codes": [("SA07", "1.2.250.1.71.4.2.4")],
        "practice_codes": [("AMBULATOIRE", "1.2.250.1.213.1.1.4.9")],
        "event_codes": [("4548-4", "2.16.840.1.113883.6.1")],
        "confidentiality_codes": [("N", "2.16.840.1.113883.5.25"), ("MASQUE_PS", "1.2.250.1.213.1.1.4.13")],
    }
    assert found.authors == ("PETIT",)


@pytest.mark.parametrize("option", ["--type", "--class", "--format", "--event", "--facility", "--practice"])
def test_a_code_of_no_known_system_is_refused(option: str) -> None:
    with pytest.raises(ContextError) as caught:
        criteria(option, "nope")
    assert caught.value.field == option
    assert option in str(caught.value)


def test_days_are_whole_and_local() -> None:
    found = criteria("--created-from", "2026-01-05", "--created-to", "2026-01-05", "--service-to", "2026-12-31", "--ended-from", "2026-02-01")  # fmt: skip
    assert found.created_from == datetime(2026, 1, 5).astimezone()
    assert found.created_to == datetime(2026, 1, 6).astimezone()
    assert found.service_to == datetime(2027, 1, 1).astimezone()
    assert found.service_stop_from == datetime(2026, 2, 1).astimezone()


def test_states() -> None:
    assert criteria("--status", "archived", "--status", "approved").statuses == (
        Availability.ARCHIVED,
        Availability.APPROVED,
    )
    assert set(criteria("--status", "all").statuses) == {
        Availability.APPROVED,
        Availability.ARCHIVED,
        Availability.DEPRECATED,
    }


def test_every_criterion_has_an_option() -> None:
    everything = criteria(
        "--type", "11502-2", "--class", "10", "--format", "a@b", "--facility", "SA07", "--practice", "AMBULATOIRE", "--event", "a@b",
        "--confidentiality", "N", "--author", "x", "--created-from", "2026-01-01", "--created-to", "2026-01-01", "--service-from",
        "2026-01-01", "--service-to", "2026-01-01", "--ended-from", "2026-01-01", "--ended-to", "2026-01-01", "--status", "archived",
    )  # fmt: skip
    left = [
        field.name
        for field in fields(everything)
        if getattr(everything, field.name) == getattr(FindCriteria(), field.name)
    ]
    assert left == []
    assert Code("a", "b") in everything.format_codes
