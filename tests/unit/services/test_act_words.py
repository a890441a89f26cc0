"""Every code that the program writes into the journal has its French words; a code of a later version stays what it is."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from dmp_desktop.card.failures import card_failure
from dmp_desktop.dmp.catalogue import CODES
from dmp_desktop.domain import access, arrivals, consent, documents, identity, ins, insi, outbox, people, tray
from dmp_desktop.domain.acts import Act
from dmp_desktop.platform.settings import CHOICES, Settings
from dmp_desktop.services.act_words import (
    FINE,
    REASONS,
    REFUSALS,
    VALUES,
    in_words,
    means_words,
    reason_words,
    result_words,
    went_well,
)
from dmp_desktop.services.acts import BY_RIGHT
from dmp_desktop.services.backup import BackupKind
from dmp_desktop.services.own_settings import THEMES, OwnSettings
from dmp_desktop.services.repair_report import DAMAGE, RESTORED
from dmp_desktop.services.special_words import REASONS as ACCESS_REASONS
from dmp_desktop.storage.errors import _KNOWN
from dmp_desktop.storage.journal import JournalRecord

RESULTS: tuple[type[StrEnum], ...] = (people.Role, ins.InsStatus, insi.InsiOutcome)
WHY: tuple[type[StrEnum], ...] = (
    access.AccessMode, arrivals.Stage, consent.Channel, documents.Visibility, identity.DocumentKind, identity.Doubt,
    tray.Reason, BackupKind,
)  # fmt: skip


@pytest.mark.parametrize("kind", RESULTS, ids=lambda kind: kind.__name__)
def test_every_result_of_a_list_has_words(kind: type[StrEnum]) -> None:
    assert {one.value for one in kind} <= set(FINE)


@pytest.mark.parametrize("kind", WHY, ids=lambda kind: kind.__name__)
def test_every_reason_of_a_list_has_words(kind: type[StrEnum]) -> None:
    assert {one.value for one in kind} <= set(REASONS)


def test_every_other_code_has_words() -> None:
    assert set(REFUSALS) >= BY_RIGHT
    assert set(REASONS) >= {one.value for one in outbox.WaitingFor if one.value}
    assert set(REASONS) >= {one.value for one in ACCESS_REASONS} | {consent.CHECKED, DAMAGE, RESTORED}
    assert set(REASONS) >= {one.name for kind in (Settings, OwnSettings) for one in fields(kind)}
    assert set(VALUES) >= {value for values in CHOICES.values() for value in values} | set(THEMES)
    for act in consent.AccessAct:  # a declaration that was not done tells which
        assert reason_words(Act.NOT_DONE, act.value) != act.value
    assert not [words for table in (FINE, REFUSALS, REASONS, VALUES) for words in table.values() if "_" in words]


def test_what_the_dmp_or_a_card_refused_with_is_in_the_words_of_their_catalogues() -> None:
    for code, known in CODES.items():
        assert result_words(Act.SEND, code) == known.message_fr.rstrip(".")
    assert result_words(Act.SIGN_IN_REFUSED, "card.pin_wrong") == card_failure("pin_wrong").message_fr.rstrip(".")


def test_a_code_nobody_knows_here_is_shown_as_it_is() -> None:
    assert result_words(Act.SEND, "of-a-later-version") == "of-a-later-version"
    assert result_words(Act.SIGN_IN_REFUSED, "card.of_a_later_version") == "card.of_a_later_version"
    assert reason_words(Act.HELD, "of-a-later-version") == "of-a-later-version"
    assert means_words("OTHER:1f2e") == "OTHER 1f2e"


def test_what_the_disk_refused_has_words() -> None:
    """Every code that the local base may be refused with."""
    codes = {code for code, *_ in _KNOWN.values()} | {"backup-disk", "storage-closed", "write-failed"}
    assert codes <= set(REFUSALS)
    assert not went_well(Act.BACKUP, "storage-full")


def test_one_code_may_say_two_things() -> None:
    assert result_words(Act.SETTINGS, "refused") == "refusé"
    assert reason_words(Act.CONFLICT_SETTLED, "expected") == "rendez-vous"
    assert reason_words(Act.ARRIVAL_STEP, "expected") == "attendu"
    assert (
        reason_words(Act.VISIBILITY, "masque_ps+invisible_patient")
        == "masqué aux professionnels et invisible du patient"
    )


@pytest.mark.parametrize(
    ("action", "result", "well"),
    [
        (Act.READ, "done", True), (Act.SIGN_IN, "doctor", True), (Act.SETTINGS, "refused", True), (Act.EXPORT, "3/4", True),
        (Act.ARRIVALS_IMPORTED, "3/0/1/0", True), (Act.IDENTITY_INSI, "qualifiee", True), (Act.READ, "unfinished", False),
        (Act.SEND, "DMPAccessDeniedByRightsService", False), (Act.REFUSED, "role-reserved", False),
    ],
)  # fmt: skip
def test_what_went_as_it_should(action: Act, result: str, well: bool) -> None:
    assert went_well(action, result) is well


def test_an_export_holds_codes_and_words() -> None:
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    told = in_words(JournalRecord(at, "8", Act.VISIBILITY, card="DIRECTE:1f2e", result="done", reason="masque_ps"))
    assert (told["action"], told["action_words"]) == ("change-visibility", "Visibilité d'un document changée")
    assert (told["card"], told["card_words"]) == ("DIRECTE:1f2e", "carte 1f2e")
    assert (told["result"], told["result_words"]) == ("done", "fait")
    assert (told["reason"], told["reason_words"]) == ("masque_ps", "masqué aux professionnels")
    assert (told["family"], told["at"]) == ("record", "2026-11-23T09:00:00+00:00")
