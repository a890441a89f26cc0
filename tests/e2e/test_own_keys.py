"""What a doctor read is closed to whoever comes after them on the workstation, and there again, without a network, when they come back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.search import SearchFilters
from dmp_desktop.errors import CardError, DmpDesktopError, StorageError
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.accounts import software_account
from dmp_desktop.services.search import NO_FILTER
from dmp_desktop.services.sign_in import Account
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.wiring import Wiring, open_wiring
from tests.helpers.psc_desk import DOCTOR_ID, Person
from tests.helpers.sandbox_client import patient_of
from tests.helpers.seeded import seeded

pytestmark = pytest.mark.slow

READ = 5
"""Documents read before the doctor leaves."""
TABLES = ("cached_document", "indexed_document", "cached_facts")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path / "server")) as running:
        yield running


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    doctor = sandbox.ready["identities"]["doctor"]
    (tmp_path / "secrets.json").write_text(json.dumps({"p12": doctor["password"], "storage": "phrase de passe"}))
    (tmp_path / "psc.json").write_text(json.dumps(sandbox.ready["psc"]))
    return {
        "DMP_DESKTOP_HOME": str(tmp_path / "home"),
        "DMP_DESKTOP_SECRETS": str(tmp_path / "secrets.json"),
        "DMP_DESKTOP_SERVER": sandbox.url,
        "DMP_DESKTOP_CA": sandbox.ready["ca"],
        "DMP_DESKTOP_PSC": str(tmp_path / "psc.json"),
        "DMP_DESKTOP_IDENTITY": f"p12:{doctor['p12']}",
    }


def account(sandbox: Sandbox, who: str) -> Account:
    told = sandbox.ready["identities"][who]
    return software_account(Path(told["p12"]), lambda: told["password"])


def read(wiring: Wiring, patient: Patient) -> list[DocumentEntry]:
    """The record as the window opens it: list, some documents and their words, the digest's facts."""
    entries = wiring.dossier.entries(patient)
    for entry in entries[:READ]:
        assert wiring.search.index(patient, entry, wiring.dossier.content(patient, entry))
    digest = wiring.digest.digest(patient, entries)
    assert digest.complete
    return list(entries)


def cells(wiring: Wiring) -> bytes:
    """All that the database says to who has the workstation's key."""
    found: list[bytes] = []
    with wiring.database.read() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'table'").scalars().all()
        for name in names:
            for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"'):
                found += [cell if isinstance(cell, bytes) else str(cell).encode() for cell in row]
    return b"\n".join(found)


def sealed(wiring: Wiring) -> list[tuple[str, str, bytes]]:
    """Table, place in it and bytes of everything kept of records."""
    with wiring.database.read() as connection:
        return [
            (table, f"{patient}/{unique_id}", content)
            for table in TABLES
            for patient, unique_id, content in connection.exec_driver_sql(
                f"SELECT patient, unique_id, sealed FROM {table}"
            )
        ]


def test_a_secretary_after_a_doctor_and_the_doctor_again(
    sandbox: Sandbox, environment: dict[str, str], tmp_path: Path
) -> None:
    patient = patient_of(sandbox, "ordinary")
    with open_wiring(environment) as wiring:
        wiring.sign_in_software()
        entries = read(wiring, patient)
        first = entries[0]
        content = wiring.dossier.content(patient, first)
        (word,) = re.findall(r"\w{7,}", first.title)[:1]
        said = [one.encode() for one in (patient.birth_family, patient.ins.value, first.title, word)]
        assert word.casefold() in content.decode(errors="replace").casefold(), "what is looked for is in what was read"
        assert wiring.search.search(patient, word)
        kept = wiring.dossier.kept(patient)
        assert len(kept) >= READ
        wiring.desk.sign_out()
        wiring.dossier.forget()

        signed_in = wiring.desk.sign_in(account(sandbox, "secretary"))
        assert signed_in.notice == ""
        vault = wiring.entry.vault
        assert vault.opened("cache") is None
        with pytest.raises(StorageError, match="vault-closed"):
            vault.seal("drafts")
        assert wiring.dossier.kept(patient) == frozenset()
        assert wiring.dossier.kept_list(patient) is None
        assert wiring.search.indexed(patient) == frozenset()
        assert wiring.search.search(patient, word, SearchFilters()) == ()
        with pytest.raises(DmpDesktopError):
            wiring.dossier.content(patient, first)
        everything, rows = cells(wiring), sealed(wiring)
        assert {table for table, _, _ in rows} == set(TABLES)
        assert not [one for one in said if one in everything]
        for purpose in ("cache", "search", "facts"):
            for _, place, content_sealed in rows:
                with pytest.raises(StorageError):
                    Seal(wiring.base.key, purpose).open(content_sealed, f"{purpose}/{place}")
        wiring.desk.sign_out()
        wiring.dossier.forget()
        sandbox.stop()

        wiring.sign_in_software()
        offline = wiring.dossier.entries(patient)
        assert offline.offline_since is not None
        assert [entry.unique_id for entry in offline] == [entry.unique_id for entry in entries]
        assert first.unique_id in offline.at_hand
        assert wiring.dossier.content(patient, first) == content
        assert wiring.search.search(patient, word, NO_FILTER)
    for file in (tmp_path / "home").rglob("*"):
        assert not file.is_file() or not [one for one in said if one in file.read_bytes()], file.name


def test_the_doctor_s_key_opens_again_in_another_process(sandbox: Sandbox, environment: dict[str, str]) -> None:
    patient = patient_of(sandbox, "ordinary")
    with open_wiring(environment) as wiring:
        wiring.sign_in_software()
        entries = wiring.dossier.entries(patient)
        content = wiring.dossier.content(patient, entries[0])
    sandbox.stop()
    with open_wiring(environment) as wiring:
        with pytest.raises(CardError):
            wiring.dossier.content(patient, entries[0])
        wiring.sign_in_software()
        assert wiring.dossier.content(patient, entries[0]) == content


def test_an_opposition_noted_at_the_desk_drops_what_a_doctor_read(
    sandbox: Sandbox, environment: dict[str, str]
) -> None:
    patient = patient_of(sandbox, "ordinary")
    with open_wiring(environment) as wiring:
        wiring.sign_in_software()
        read(wiring, patient)
        assert sealed(wiring)
        wiring.desk.sign_in(account(sandbox, "secretary"))
        wiring.dossier.reopen(patient)
        assert sealed(wiring) == []


def test_with_an_e_cps_what_was_read_is_gone_at_the_next_sign_in(sandbox: Sandbox, environment: dict[str, str]) -> None:
    patient = patient_of(sandbox, "ordinary")
    with open_wiring(environment) as wiring:
        assert wiring.psc is not None
        person = Person(sandbox.ready)
        wiring.psc.phone(DOCTOR_ID, person.tell)()
        entries = wiring.dossier.entries(patient)
        wiring.dossier.content(patient, entries[0])
        assert wiring.dossier.kept(patient) == {entries[0].unique_id}
        wiring.desk.sign_out()
        wiring.dossier.forget()
        wiring.psc.phone(DOCTOR_ID, person.tell)()
        assert wiring.dossier.kept(patient) == frozenset()
        assert wiring.dossier.kept_list(patient) is None
        wiring.desk.sign_out()
        wiring.desk.sign_in(replace(account(sandbox, "doctor"), authenticated_at=datetime.now(UTC)))
        assert wiring.dossier.kept(patient) == frozenset()
