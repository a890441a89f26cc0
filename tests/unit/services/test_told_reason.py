"""What the outbox keeps of the reason the DMP gives for a refusal: what tells something, and names nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.dmp import catalogue
from dmp_desktop.domain.documents import Submission
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.errors import DmpError
from dmp_desktop.services.told_reason import message_of
from tests.helpers.clock import START
from tests.helpers.fake_repository import FakeDmpRepository
from tests.helpers.outbox import PATIENT, built
from tests.unit.services.test_outbox import Practice

SOMEBODY = replace(PATIENT, used_family="Le Roy-Müller", used_given="Hélène", birth_family="D'ARÇ")


class Refusing(FakeDmpRepository):
    """Refuses every deposit with the sentence of its server."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__()
        self.code, self.reason = code, reason

    def submit(self, submission: Submission) -> None:
        raise catalogue.error(self.code, self.reason)


def refused(path: Path, code: str, reason: str) -> OutboxItem:
    practice = Practice(path, Refusing(code, reason))
    practice.outbox.enqueue(PATIENT, built(1), undo_delay=timedelta(0))
    practice.outbox.deliver_due()
    item = practice.item()
    practice.database.close()
    return item


def test_a_refusal_keeps_the_dmp_s_own_reason(tmp_path: Path) -> None:
    item = refused(tmp_path / "a.db", "DMPServiceSuspendu", "Service suspendu jusqu'au 24/11\npour maintenance.")
    assert item.state is OutboxState.REFUSED
    assert item.message == (
        "Le DMP a refusé la demande (DMPServiceSuspendu). "
        "Le DMP précise : « Service suspendu jusqu'au 24/11 pour maintenance »."
    )


def test_it_waits_with_its_reason_too(tmp_path: Path) -> None:
    item = refused(tmp_path / "a.db", "XDSRegistryNotAvailable", "Retour prévu à 14 h")
    assert item.state is OutboxState.WAITING
    assert "« Retour prévu à 14 h »" in item.message


def test_nobody_is_named_in_what_is_kept(tmp_path: Path) -> None:
    reason = (
        f"Compte rendu de Test-Patiente Marie, {PATIENT.ins.value} (2 79 03 51 215 189 89), née le 12/03/1979 : "
        "métadonnée formatCode incorrecte"
    )
    item = refused(tmp_path / "a.db", "XDSRegistryMetadataError", reason)
    assert "« … de …-… …, … (…), née le … : métadonnée formatCode incorrecte »" in item.message


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("MULLER absent de l'annuaire", "… absent de l'annuaire"),
        ("he\u0301le\u0300ne", "…"),
        ("Mme LEROY", "Mme LEROY"),  # another name, for all we know
        ("LEROYMULLER", "…"),
        ("d'accès refusé à d'Arc", "d'accès refusé à d'…"),
        ("", ""),
    ],
)
def test_names_however_they_are_written(told: str, kept: str) -> None:
    item = _item()
    error = DmpError("X", "Refusé.").with_reason(told)
    assert message_of(error, item) == (f"Refusé. Le DMP précise : « {kept} »." if kept else "Refusé.")


def _item() -> OutboxItem:
    waiting = OutboxState.WAITING, WaitingFor.NOTHING
    return OutboxItem(1, "2.25.1", "2.25.2", SOMEBODY, "", "kind", *waiting, START, START)
