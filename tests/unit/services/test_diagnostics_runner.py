"""Checks run beside each other, each within its time; what they say is never more than their sentences."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.endpoint import CA, IDENTITY, PSC, SECRETS, SERVER, find_endpoint
from dmp_desktop.services.diagnostics.model import Check, Result, Seen, Topic, Verdict, attention, fine, problem, seen
from dmp_desktop.services.diagnostics.report import as_json, as_text, in_order, status
from dmp_desktop.services.diagnostics.runner import BESIDE, run
from dmp_desktop.services.diagnostics.service import CHECKS, Diagnostics, workstation
from dmp_desktop.services.diagnostics.site import Site
from dmp_desktop.services.diagnostics.software import NAMES
from tests.helpers.stations import NOW, diagnose, one, station

OUTCOMES = {"ok": fine("Bien."), "bad": problem("Le {what} manque.", "Branchez le {what}.")}


def check(name: str, look: Callable[[Site], Seen], seconds: float = 5.0) -> Check:
    return Check(Topic(name, name.title(), OUTCOMES, seconds), look)


def results_of(*checks: Check, tmp_path: Path) -> dict[str, Result]:
    told: list[Result] = []
    run(checks, Site(station(tmp_path)), told.append)
    assert len(told) == len(checks)
    return {result.id: result for result in told}


@pytest.mark.alone
def test_a_check_that_hangs_delays_no_other(tmp_path: Path) -> None:
    release = threading.Event()

    def hang(_site: Site) -> Seen:
        release.wait(120)
        return seen("ok")

    hung = [check(f"hung{number}", hang, 0.1) for number in range(BESIDE)]
    begun = time.monotonic()
    found = results_of(*hung, check("quick", lambda _site: seen("ok")), tmp_path=tmp_path)
    release.set()
    assert time.monotonic() - begun < 5
    assert found["quick"].verdict is Verdict.OK
    for one_hung in hung:
        result = found[one_hung.topic.id]
        assert (result.verdict, result.code) == (Verdict.UNVERIFIABLE, "diagnostic.late")


def test_errors_are_told_and_never_raised(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def known(_site: Site) -> Seen:
        raise StorageError("storage-full", "Le disque est plein.", "Libérez de la place.")

    def unknown(_site: Site) -> Seen:
        raise ValueError("279035121518989 TEST-PATIENTE")

    found = results_of(check("known", known), check("unknown", unknown), tmp_path=tmp_path)
    assert (found["known"].verdict, found["known"].code) == (Verdict.PROBLEM, "storage-full")
    assert found["known"].action == "Libérez de la place."
    assert (found["unknown"].verdict, found["unknown"].code) == (Verdict.UNVERIFIABLE, "inattendu-ValueError")
    assert "TEST-" not in caplog.text + found["unknown"].cause


def test_the_fields_of_a_sentence(tmp_path: Path) -> None:
    found = results_of(check("a", lambda _site: seen("bad", what="lecteur")), tmp_path=tmp_path)
    assert (found["a"].cause, found["a"].action) == ("Le lecteur manque.", "Branchez le lecteur.")


def test_stopped_begins_no_other(tmp_path: Path) -> None:
    told: list[Result] = []
    run([check("a", lambda _site: seen("ok"))], Site(station(tmp_path)), told.append, lambda: True)
    assert told == []


def test_one_alone_and_each_run_anew(tmp_path: Path) -> None:
    place = station(tmp_path)
    assert set(diagnose(place, "storage.disk")) == {"storage.disk"}
    assert "n’existe pas encore" in one(place, "storage.disk").cause
    place.paths.create()
    assert "s’écrit" in one(place, "storage.disk").cause


def test_every_check_has_its_own_id_and_each_outcome_its_action() -> None:
    topics = [one_check.topic for one_check in CHECKS]
    assert len(topics) >= 24
    assert len({topic.id for topic in topics}) == len({topic.title for topic in topics}) == len(topics)
    for topic in topics:
        for name, told in topic.outcomes.items():
            assert told.cause.endswith((".", "}")), (topic.id, name)
            if told.verdict in (Verdict.PROBLEM, Verdict.ATTENTION):
                assert told.action, (topic.id, name)
            if told.verdict is Verdict.OK:
                assert not told.action, (topic.id, name)


def result(verdict: Verdict, *, missing: bool = False, name: str = "a") -> Result:
    return Result(name, "Titre", verdict, "Cause.", "Action.", missing=missing)


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], 0),
        ([result(Verdict.OK), result(Verdict.ATTENTION), result(Verdict.UNVERIFIABLE)], 0),
        ([result(Verdict.OK), result(Verdict.PROBLEM)], 1),
        ([result(Verdict.PROBLEM, missing=True)], 3),
        ([result(Verdict.ATTENTION, missing=True)], 3),
        ([result(Verdict.PROBLEM), result(Verdict.PROBLEM, missing=True)], 1),
        ([result(Verdict.OK), replace(result(Verdict.UNVERIFIABLE), code="diagnostic.late")], 1),
        ([result(Verdict.PROBLEM, missing=True), replace(result(Verdict.UNVERIFIABLE), code="inattendu-X")], 1),
    ],
)
def test_exit_status(results: list[Result], expected: int) -> None:
    assert status(results) == expected


def test_problems_come_first() -> None:
    order = ["a", "b", "c", "d", "e"]
    verdicts = (Verdict.OK, Verdict.PROBLEM, Verdict.UNVERIFIABLE, Verdict.ATTENTION, Verdict.PROBLEM)
    given = [result(verdict, name=name) for name, verdict in zip(order, verdicts, strict=True)]
    assert [one_result.id for one_result in in_order(reversed(given), order)] == ["b", "e", "d", "c", "a"]


def test_the_report_and_the_lines(tmp_path: Path) -> None:
    late = Result("x.y", "Titre", Verdict.PROBLEM, "Cause.", "Action.", "code-1", ms=12)
    assert json.loads(json.dumps(as_json(late)))["verdict"] == "problem"
    assert set(as_json(late)) == {field.name for field in fields(Result)} - {"missing", "first"}
    text = as_text([late, result(Verdict.OK)], "0.1.0", NOW)
    assert "problème : 1, correct : 1" in text
    assert "À faire : Action." in text
    assert "code code-1" in text
    assert Diagnostics(station(tmp_path)).report([]).startswith("Diagnostic DMP Desktop")


def test_what_waits_for_the_same_check_is_one_line() -> None:
    waiting = [replace(result(Verdict.UNVERIFIABLE, name=name), title=name, first="Service") for name in "BCD"]
    other = replace(waiting[0], title="E", first="Réglages")
    text = as_text([result(Verdict.PROBLEM), *waiting, other, result(Verdict.OK)], "0.1.0", NOW)
    assert "\nNon vérifiable — tant que « Service » n’est pas réglé : B, C, D\n" in text
    assert "\nNon vérifiable — tant que « Réglages » n’est pas réglé : E\n" in text
    assert text.count("À faire") == 2


def test_settings_and_tables_that_cannot_be_used(tmp_path: Path) -> None:
    place = station(tmp_path)
    assert one(place, "software.settings").verdict is Verdict.OK
    assert one(place, "software.version").verdict is Verdict.OK
    place.paths.create()
    place.paths.settings.write_text("{")
    assert one(place, "software.settings").verdict is Verdict.ATTENTION
    place.paths.codes.mkdir()
    (place.paths.codes / "drugs.tsv").write_text("# DMP Desktop codes 0\n")
    assert one(place, "software.version").verdict is Verdict.ATTENTION
    (place.paths.codes / "drugs.tsv").write_text("# DMP Desktop codes 1\na\tb\n")
    assert "importées : 1." in one(place, "software.version").cause


def test_settings_are_told_by_their_french_names(tmp_path: Path) -> None:
    """A setting of the sandbox outside it, one nobody can understand: the variable stands in the detail, its value nowhere."""
    secret = {
        "DMP_DESKTOP_SERVER": "https://TEST-DUPONT:mot-choisi-42@dmp.example.invalid",
        "DMP_DESKTOP_CA": "/TEST-X.pem",
    }
    where = station(tmp_path, endpoint=find_endpoint(secret))
    told = one(where, "software.settings")
    assert told.verdict is Verdict.ATTENTION
    assert told.cause.endswith(": adresse du serveur du DMP, autorités du serveur du DMP.")
    assert told.detail == "variables d’environnement DMP_DESKTOP_SERVER, DMP_DESKTOP_CA."
    asked = {"DMP_DESKTOP_IDENTITY": "carte TEST-DUPONT"}
    refused = one(
        replace(where, settings_error=workstation(asked, where.cards, where.clock).settings_error), "software.settings"
    )
    assert (refused.verdict, "identité de connexion" in refused.cause) == (Verdict.PROBLEM, True)
    assert "DMP_DESKTOP_IDENTITY ne se comprend pas. Écrivez" in refused.detail
    for result_ in (told, refused):
        assert "DMP_DESKTOP_" not in result_.cause + result_.action
        assert not re.search("TEST-|mot-choisi", json.dumps(as_json(result_)))


@pytest.mark.parametrize("variable", [SERVER, CA, IDENTITY, SECRETS, PSC])
def test_each_setting_of_the_environment_has_a_french_name(variable: str) -> None:
    assert NAMES[variable]


def test_whoever_sends_to_another_check_declares_that_it_needs_it() -> None:
    """« Réglez d’abord … »: once that one is run again, what sent to it is too."""
    titles = {one_check.topic.title: one_check.topic.id for one_check in CHECKS}
    assert {needed for one_check in CHECKS for needed in one_check.needs} <= set(titles.values())
    for one_check in CHECKS:
        for told in one_check.topic.outcomes.values():
            first = re.fullmatch(r"Réglez d’abord « (.+) »\.", told.action)
            if first and titles[first[1]] != one_check.topic.id:
                assert titles[first[1]] in one_check.needs, (one_check.topic.id, first[1])


def test_what_to_run_again_with_one(tmp_path: Path) -> None:
    ok, bad = Verdict.OK, Verdict.PROBLEM
    look = lambda _site: seen("ok")  # noqa: E731
    chain = [
        Check(Topic(name, name, OUTCOMES), look, needs)
        for name, needs in (("a", ()), ("b", ("a",)), ("c", ("b",)), ("d", ("a",)), ("e", ()))
    ]
    all_of = Diagnostics(station(tmp_path), tuple(chain))
    fine_all = [result(ok, name=name) for name in "abcde"]
    assert all_of.again("c", fine_all) == ("c",)
    assert all_of.again("b", fine_all) == ("b", "c")
    assert all_of.again("a", fine_all) == ("a", "b", "c", "d")
    assert all_of.again("c", [result(bad, name="a"), *fine_all[1:]]) == ("a", "b", "c", "d")


def test_attention_has_an_action() -> None:
    assert attention("A.", "B.").verdict is Verdict.ATTENTION


def test_commands_and_variables_are_for_the_report_alone(tmp_path: Path) -> None:
    for one_check in CHECKS:
        for told in one_check.topic.outcomes.values():
            assert not re.search(r"sudo|\bdmp [a-z]", told.cause + told.action)
            assert "DMP_DESKTOP_" not in told.cause + told.action
    place = station(tmp_path)
    assert "DMP_DESKTOP_SERVER" in Diagnostics(place).report([one(place, "server.reach")])
