"""`dmp card …` as programs run it: a process of its own, the real libpcsclite, one JSON object a line."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from dmp_desktop.sandbox.virtual_cards import ATR_VITALE_2, CpsCard
from tests.helpers.card_worlds import PATIENCE, PATIENT, World, open_world, vitale
from tests.helpers.cps_certificates import certificate

DMP = [sys.executable, "-m", "dmp_desktop", "card"]


@pytest.fixture
def world() -> Iterator[World]:
    with open_world("libpcsclite") as opened:
        yield opened


class Watching:
    """A running `dmp card watch --json`, whose lines are read as they come."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen([*DMP, "watch", "--json", *options], stdout=subprocess.PIPE, encoding="utf-8")
        self._alarm = threading.Timer(PATIENCE, self.process.kill)
        self._alarm.start()

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *failure: object) -> None:
        self._alarm.cancel()
        self.process.kill()
        self.process.communicate()

    def next(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "no further line"
        found = json.loads(line)
        assert isinstance(found, dict)
        return found


def without_time(line: dict[str, Any]) -> tuple[Any, ...]:
    assert sorted(line) == ["atr", "event", "kind", "reader", "t"]
    return line["event"], line["reader"], line["atr"], line["kind"]


def run(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    ran = subprocess.run([*DMP, *arguments], capture_output=True, encoding="utf-8", timeout=300, check=False)
    return ran.returncode, [json.loads(line) for line in ran.stdout.splitlines()], ran.stderr


class TestWatch:
    def test_each_event_is_a_line_at_once(self, world: World) -> None:
        atr = ATR_VITALE_2.hex().upper()
        with Watching() as dmp:
            assert without_time(dmp.next()) == ("service_up", "", "", None)
            world.hand.plug("Lecteur")
            assert without_time(dmp.next()) == ("reader_added", "Lecteur", "", None)
            world.hand.insert("Lecteur", vitale())
            inserted = dmp.next()
            assert without_time(inserted) == ("card_inserted", "Lecteur", atr, "vitale")
            world.hand.stop_service()
            removed = dmp.next()
            assert without_time(removed) == ("card_removed", "Lecteur", atr, "vitale")
            assert 0 < inserted["t"] <= removed["t"]
            assert [dmp.next()["event"] for _ in range(2)] == ["reader_removed", "service_down"]
            world.hand.start_service()
            assert [dmp.next()["event"] for _ in range(3)] == ["service_up", "reader_added", "card_inserted"]

    @pytest.mark.alone
    def test_it_ends_after_the_seconds_given(self, world: World) -> None:
        with Watching("--seconds", "0.2") as dmp:
            assert dmp.next()["event"] == "service_up"
            assert dmp.process.wait(PATIENCE) == 0

    @pytest.mark.alone
    def test_for_people_in_french(self, world: World) -> None:
        world.hand.plug("Lecteur")
        world.hand.insert("Lecteur", vitale())
        ran = subprocess.run(
            [*DMP, "watch", "--seconds", "1"], capture_output=True, encoding="utf-8", timeout=300, check=True
        )
        assert ran.stdout.splitlines()[-1].endswith("s  carte insérée (Vitale) : Lecteur")


class TestRead:
    def test_every_card(self, world: World) -> None:
        for reader in ("V", "C", "vide"):
            world.hand.plug(reader)
        world.hand.insert("V", vitale())
        world.hand.insert("C", CpsCard(certificate(card_type=b"\x0c\x0200"), certificate(serial=2)))
        status, (patient, bearer, empty), told = run("read", "--json")
        family, given, birth_date, nir = PATIENT
        assert (status, told) == (0, "")
        assert (patient["reader"], patient["kind"]) == ("V", "vitale")
        assert patient["beneficiaries"] == [
            {"rank": 1, "family": family, "given": given, "birth_date": birth_date, "nir": nir}
        ]
        assert (bearer["kind"], bearer["card_type"], bearer["family"], bearer["national_id"], bearer["is_test"]) == (
            "cps",
            "CPS",
            "TEST-FICTIF",
            "899700000001",
            True,
        )
        assert empty == {"reader": "vide", "atr": "", "kind": None}

    def test_a_card_that_cannot_be_read_is_told_with_its_remedy(self, world: World) -> None:
        world.hand.plug("M")
        world.hand.insert("M", vitale(), mute=True)
        status, (told,), _ = run("read", "--json")
        assert (status, told["error"], told["kind"]) == (3, "card.mute", "unknown")
        assert told["remedy"]

    def test_an_unknown_atr_concludes_nothing(self, world: World) -> None:
        world.hand.plug("C")
        world.hand.insert("C", CpsCard(certificate(), certificate(serial=2), atr=bytes.fromhex("3B00")))
        status, (bearer,), _ = run("read", "--json")
        assert (status, bearer["kind"]) == (0, "cps")

    def test_for_people_without_the_nir(self, world: World) -> None:
        world.hand.plug("V")
        world.hand.insert("V", vitale())
        ran = subprocess.run([*DMP, "read"], capture_output=True, encoding="utf-8", timeout=300, check=True)
        assert "TEST-PATIENTE MARIE" in ran.stdout
        assert PATIENT[3] not in ran.stdout

    def test_what_is_missing_is_status_3(self, world: World) -> None:
        for expected in ("card.no_reader", "card.none", "card.no_service"):
            status, (told,), french = run("read", "--json")
            assert (status, told["error"]) == (3, expected)
            assert expected in french
            if expected == "card.no_reader":
                world.hand.plug("Lecteur")
            else:
                world.hand.stop_service()
