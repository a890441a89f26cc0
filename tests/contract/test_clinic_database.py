"""The clinic's database on a real PostgreSQL: whom it connects to, what it refuses, how long it waits, several versions at once."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding

from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.storage import clinic_address
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_migrations import MIGRATIONS, Migration
from tests.helpers.postgres import PASSWORD, Cluster
from tests.helpers.signers import pair

SECRET = "TEST-SECRET"
PRACTICE = "0011223344556677"
EXPAND = Migration("ALTER TABLE outbox ADD COLUMN later TEXT;\n")
CONTRACT = Migration("ALTER TABLE outbox DROP COLUMN code;\n", oldest_client=len(MIGRATIONS) + 1)


@pytest.fixture
def address(postgres: Cluster) -> ClinicAddress:
    return replace(ClinicAddress.parse(postgres.database()), ca_file=postgres.ca)


@pytest.fixture
def clinic(address: ClinicAddress) -> Iterator[ClinicDatabase]:
    with ClinicDatabase.open(address, PASSWORD, PRACTICE) as opened:
        yield opened


def code(address: ClinicAddress, password: str = PASSWORD, fingerprint: str = PRACTICE) -> str:
    with pytest.raises(StorageError) as caught:
        ClinicDatabase.open(address, password, fingerprint)
    assert caught.value.__context__ is None
    assert address.host not in str(caught.value)
    return caught.value.code


def count(database: ClinicDatabase) -> int:
    with database.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM mark").scalar_one())


def mark(database: ClinicDatabase, value: str = "x", *, lock: str = "", durable: bool = True) -> None:
    with database.write(lock=lock, durable=durable) as connection:
        connection.execute(sa.text("INSERT INTO mark VALUES (:value)"), {"value": value})


@pytest.fixture
def marked(clinic: ClinicDatabase) -> ClinicDatabase:
    with clinic.write() as connection:
        connection.exec_driver_sql(f"CREATE TABLE mark (value TEXT NOT NULL CHECK (value <> '{SECRET}'))")
    return clinic


def test_the_connection_is_encrypted_and_proved(clinic: ClinicDatabase) -> None:
    with clinic.read() as connection:
        version = connection.exec_driver_sql(
            "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).scalar_one()
    assert version == "TLSv1.3"


def test_a_server_of_another_authority_is_not_believed(address: ClinicAddress, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(pair("TEST-AUTH")[1].public_bytes(Encoding.PEM))
    assert code(replace(address, ca_file=other)) == "clinic-tls"


def test_a_server_by_another_name_is_not_believed(address: ClinicAddress) -> None:
    assert code(replace(address, host="127.0.0.2")) == "clinic-tls"


def test_a_server_elsewhere_needs_an_authority() -> None:
    assert code(ClinicAddress("192.0.2.1", 5432, "cabinet", "dmp")) == "clinic-tls"


def test_variables_of_the_driver_lead_nowhere_else(address: ClinicAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PGHOSTADDR", "192.0.2.1"), ("PGSSLMODE", "disable"), ("PGOPTIONS", "-c nonsense=1")):
        monkeypatch.setenv(name, value)
    with ClinicDatabase.open(address, PASSWORD, PRACTICE) as clinic:
        test_the_connection_is_encrypted_and_proved(clinic)


def test_a_wrong_password_user_or_base_is_told(address: ClinicAddress) -> None:
    assert code(address, "TEST-autre") == "clinic-refused"
    assert code(address, "") == "clinic-refused"
    assert code(replace(address, user="personne")) == "clinic-refused"
    assert code(replace(address, database="rien")) == "clinic-refused"


def test_no_server_is_told(address: ClinicAddress) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert code(replace(address, port=taken.getsockname()[1])) == "clinic-unreachable"
    assert code(replace(address, host="serveur.invalid")) == "clinic-unreachable"


@pytest.mark.alone
def test_a_server_that_never_answers_is_given_up(address: ClinicAddress) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        started = time.monotonic()
        assert code(replace(address, port=mute.getsockname()[1])) == "clinic-unreachable"
    assert time.monotonic() - started < clinic_address.CONNECT_SECONDS + 2


@pytest.mark.alone
def test_a_server_that_freezes_is_given_up(
    marked: ClinicDatabase, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clinic_address, "ANSWER_SECONDS", 0.3)
    with pytest.raises(StorageError) as caught, marked.write() as connection:  # noqa: PT012
        process = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        os.kill(process, signal.SIGSTOP)
        try:
            connection.exec_driver_sql("SELECT 1")
        finally:
            os.kill(process, signal.SIGCONT)
    assert caught.value.code == "clinic-unreachable"
    assert count(marked) == 0


def test_a_cut_is_told_and_mended_by_the_next_transaction(marked: ClinicDatabase, postgres: Cluster) -> None:
    mark(marked)
    with pytest.raises(StorageError) as caught, marked.write() as connection:  # noqa: PT012
        process = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        postgres.administer(f"SELECT pg_terminate_backend({process}, 5000)")
        connection.exec_driver_sql("INSERT INTO mark VALUES ('lost')")
    assert caught.value.code == "clinic-unreachable"
    assert count(marked) == 1


def test_what_was_committed_outlives_a_killed_server(marked: ClinicDatabase, postgres: Cluster) -> None:
    mark(marked)
    postgres.kill()
    try:
        with pytest.raises(StorageError) as caught:
            count(marked)
        assert caught.value.code == "clinic-unreachable"
    finally:
        postgres.start()
    assert count(marked) == 1


def test_what_is_refused_shows_no_value(marked: ClinicDatabase, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(StorageError) as caught:
        mark(marked, SECRET)
    shown = "".join(traceback.format_exception(caught.value))
    assert caught.value.code == "clinic"
    assert SECRET not in shown + caplog.text


def test_reading_sees_one_picture_and_changes_nothing(marked: ClinicDatabase) -> None:
    with marked.read() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM mark").scalar_one()
        mark(marked)
        assert connection.exec_driver_sql("SELECT count(*) FROM mark").scalar_one() == before
    with pytest.raises(StorageError) as caught, marked.read() as connection:
        connection.exec_driver_sql("DELETE FROM mark")
    assert caught.value.code == "clinic-read-only"
    assert count(marked) == 1


def test_a_block_that_raises_leaves_nothing(marked: ClinicDatabase) -> None:
    with pytest.raises(ZeroDivisionError), marked.write() as connection:  # noqa: PT012
        connection.exec_driver_sql("INSERT INTO mark VALUES ('x')")
        raise ZeroDivisionError
    assert count(marked) == 0


def test_durable_waits_for_the_disk_and_the_other_does_not(marked: ClinicDatabase) -> None:
    with marked.write(durable=False) as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "off"
    with marked.write() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"


def test_a_server_that_waits_for_no_disk_by_default_is_made_to(address: ClinicAddress, postgres: Cluster) -> None:
    postgres.administer(f"ALTER DATABASE {address.database} SET synchronous_commit = off")
    with ClinicDatabase.open(address, PASSWORD, PRACTICE) as clinic, clinic.write() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"


def test_one_lock_lets_one_in_and_another_lock_does_not_wait(marked: ClinicDatabase) -> None:
    entered = threading.Event()
    waiting = threading.Thread(target=lambda: (mark(marked, lock="journal"), entered.set()))
    with marked.write(lock="journal"):
        waiting.start()
        mark(marked, lock="outbox")
        assert not entered.wait(0.3)
    waiting.join(60)
    assert entered.is_set()
    assert count(marked) == 2


def test_what_comes_after_close_is_refused(address: ClinicAddress) -> None:
    clinic = ClinicDatabase.open(address, PASSWORD, PRACTICE)
    clinic.close()
    with pytest.raises(StorageError) as caught, clinic.read():
        pass
    assert caught.value.code == "clinic-closed"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://dmp:TEST-mot@serveur/cabinet",
        "postgresql://dmp@serveur/cabinet?sslmode=disable",
        "postgresql://dmp@serveur/cabinet?ca=/a.pem&host=ailleurs",
        "postgresql://dmp@/cabinet",
        "postgresql://serveur/cabinet",
        "postgresql://dmp@serveur",
        "postgresql://dmp@serveur:99999/cabinet",
        "postgresql://dmp@a,b/cabinet",
        "mysql://dmp@serveur/cabinet",
        "n'importe quoi",
    ],
)
def test_an_address_is_refused_without_a_word_of_it(url: str) -> None:
    with pytest.raises(ContextError) as caught:
        ClinicAddress.parse(url)
    assert caught.value.code == "clinic-address"
    assert "TEST-mot" not in str(caught.value)


def test_an_address_is_read() -> None:
    parsed = ClinicAddress.parse("postgresql://dmp@serveur.cabinet:5433/base?ca=/etc/ca.pem")
    assert parsed == ClinicAddress("serveur.cabinet", 5433, "base", "dmp", Path("/etc/ca.pem"))
    assert not parsed.is_here
    socket_file = ClinicAddress.parse("postgresql://dmp@/base?socket=/run/postgresql")
    assert (socket_file.host, socket_file.is_here) == ("/run/postgresql", True)


def test_the_socket_of_this_machine_needs_no_proof(address: ClinicAddress, postgres: Cluster) -> None:
    here = replace(address, host=str(postgres.folder), ca_file=None)
    with ClinicDatabase.open(here, PASSWORD, PRACTICE) as clinic:
        mark_table(clinic)


def mark_table(database: ClinicDatabase) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE mark (value TEXT)")


# -- several practices, several versions ------------------------------------------------------------------------------------


def test_a_workstation_with_another_key_is_refused(clinic: ClinicDatabase, address: ClinicAddress) -> None:
    with pytest.raises(StorageError) as caught:
        ClinicDatabase.open(address, PASSWORD, "ffffffffffffffff")
    assert caught.value.code == "clinic-practice"
    assert "code de secours" in caught.value.remedy_fr


def test_four_workstations_that_come_first_at_once_make_one_schema(address: ClinicAddress) -> None:
    failures: list[StorageError] = []

    def come() -> None:
        try:
            ClinicDatabase.open(address, PASSWORD, PRACTICE).close()
        except StorageError as error:
            failures.append(error)

    comers = [threading.Thread(target=come) for _ in range(4)]
    for comer in comers:
        comer.start()
    for comer in comers:
        comer.join(60)
    assert failures == []


def test_an_older_program_goes_on_after_an_expansion(marked: ClinicDatabase, address: ClinicAddress) -> None:
    with ClinicDatabase.open(address, PASSWORD, PRACTICE, migrations=(*MIGRATIONS, EXPAND)) as newer:
        mark(marked, "old")
        mark(newer, "new")
        with ClinicDatabase.open(address, PASSWORD, PRACTICE) as older:
            mark(older, "old again")
        assert count(newer) == 3


def test_an_older_program_is_refused_after_a_contraction_in_its_session_too(
    marked: ClinicDatabase, address: ClinicAddress
) -> None:
    with ClinicDatabase.open(address, PASSWORD, PRACTICE, migrations=(*MIGRATIONS, CONTRACT)) as newer:
        for attempt in (lambda: mark(marked), lambda: ClinicDatabase.open(address, PASSWORD, PRACTICE)):
            with pytest.raises(StorageError) as caught:
                attempt()
            assert (caught.value.code, "Mettez à jour" in caught.value.remedy_fr) == ("clinic-newer", True)
        mark(newer)
        assert count(newer) == 1


def test_a_migration_waits_for_what_older_programs_are_writing(marked: ClinicDatabase, address: ClinicAddress) -> None:
    done = threading.Event()

    def come() -> None:
        ClinicDatabase.open(address, PASSWORD, PRACTICE, migrations=(*MIGRATIONS, CONTRACT)).close()
        done.set()

    newer = threading.Thread(target=come)
    with marked.write() as connection:
        newer.start()
        assert not done.wait(0.5)
        connection.exec_driver_sql("UPDATE outbox SET code = ''")
    newer.join(60)
    assert done.is_set()


def test_a_migration_that_fails_changes_nothing(marked: ClinicDatabase, address: ClinicAddress) -> None:
    half = Migration("ALTER TABLE outbox ADD COLUMN later TEXT;\nALTER TABLE nowhere ADD COLUMN x TEXT;\n")
    with pytest.raises(StorageError):
        ClinicDatabase.open(address, PASSWORD, PRACTICE, migrations=(*MIGRATIONS, half))
    with ClinicDatabase.open(address, PASSWORD, PRACTICE, migrations=(*MIGRATIONS, EXPAND)) as newer:
        mark(newer)
