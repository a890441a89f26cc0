"""From the cards to the first rows over the real wire: three round trips at most, whoever authorises and however often it is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.access import Authorization
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import TransportReply
from dmp_desktop.platform.settings import Settings
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.directory import DOCTOR
from tests.helpers.access_world import World
from tests.helpers.sandbox_client import Connection, patient_of
from tests.helpers.seeded import seeded

MOST = 3
"""Of round trips, from the cards to the list (the issue's own limit)."""


class Consultation(World):
    """The services over our client and the sandbox; `trips` are the paths asked since the cards were in."""

    def __init__(self, path: Path, connection: Connection, settings: Settings) -> None:
        self.connection = connection
        self.trips: list[str] = []
        super().__init__(path, settings)
        self.who = connection.account
        self.clock.advance((datetime.now(UTC) - self.clock.now()).total_seconds())
        post = connection.transport.post

        def counted(path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
            self.trips.append(path)
            return post(path, body, headers)

        connection.transport.post = counted  # type: ignore[method-assign, assignment]

    def repository(self):  # type: ignore[no-untyped-def, override]
        return self.connection.client if self.who else None

    def cards_in(self, patient: Patient) -> tuple[int, int, int]:
        """Trips to the first rows, to the end of the recent list; rows. Where nobody authorised, the doctor's click counts too."""
        self.dossier.forget()
        self.trips.clear()
        if not self.dossier.status(patient).readable:
            assert self.dossier.authorise(patient).readable
        first: list[int] = []

        def rows(_some: list[DocumentEntry]) -> None:
            first.append(len(self.trips))

        found = self.dossier.entries(patient, rows, older=False)
        return first[0], len(self.trips), len(found)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("authorisation", ["explicit", "automatic"])
def test_three_round_trips_at_most(sandbox: Sandbox, tmp_path: Path, authorisation: str) -> None:
    patient = patient_of(sandbox, "chronic")
    sandbox.registry.put_access(
        patient.ins.value, DOCTOR.national_id, Authorization.NON_EXISTE, False, datetime.now(UTC) - timedelta(days=1)
    )
    with Connection(sandbox) as connection:
        settings = Settings(authorisation=authorisation)  # type: ignore[arg-type]
        world = Consultation(tmp_path / "a.db", connection, settings)
        to_rows, to_list, rows = world.cards_in(patient)
        assert (to_rows, to_list) == (MOST, MOST)  # TD0.2, TD0.3, TD3.1
        again = world.cards_in(patient)
        assert again == (1, 2, rows)  # kept rows as soon as TD0.2 allows them, then what changed
        world.dossier.clear()
        assert world.cards_in(patient) == (2, 2, rows)
        assert connection.transport.signatures == 1  # one full handshake of all that
        world.database.close()
