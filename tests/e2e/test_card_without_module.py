"""The command line where no PKCS#11 module works: Windows' own store opens the card that is in a reader, as in the window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509

from dmp_desktop.card import Cards, FakePcsc, open_fake
from dmp_desktop.errors import CardError
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.virtual_cards import CpsCard
from dmp_desktop.services.card_modules import WindowsStore
from dmp_desktop.wiring import open_wiring
from tests.helpers.card_station import Workstation, doctor_of
from tests.helpers.cps_token import AUT, SIG, Holder
from tests.helpers.seeded import seeded
from tests.helpers.windows_store import AT_SIGNATURE, FakeWindows, Installed

NO_MODULE = "pkcs11:/nulle/part.so"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as sandbox:
        yield sandbox


@dataclass
class Desk:
    """A workstation with two readers; nobody is to be asked a PIN."""

    station: Workstation
    holder: Holder
    windows: FakeWindows
    pcsc: FakePcsc = field(default_factory=FakePcsc)

    def cards(self) -> Cards:
        return open_fake(self.pcsc)

    def insert(self, reader: str, *, mute: bool = False) -> None:
        self.pcsc.plug(reader)
        self.pcsc.insert(reader, CpsCard(self.holder.certificates[AUT], self.holder.certificates[SIG]), mute=mute)

    def refused(self, store: bool = True) -> CardError:
        with open_wiring(self.station.environment, ask=_nobody) as wiring:
            windows = WindowsStore(wiring.clock, lambda: self.windows) if store else None
            with pytest.raises(CardError) as refused:
                wiring.entry.sign_in_by_card(windows, self.cards)
            assert wiring.desk.current() is None
        return refused.value


def _nobody(prompt: str) -> str:
    raise AssertionError(f"asked: {prompt}")


@pytest.fixture
def desk(sandbox: Sandbox, tmp_path: Path) -> Desk:
    holder = doctor_of(sandbox)
    der = {one: x509.load_der_x509_certificate(holder.certificates[one]) for one in (AUT, SIG)}
    installed = [Installed(der[AUT], holder.keys[AUT]), Installed(der[SIG], holder.keys[SIG], spec=AT_SIGNATURE)]
    return Desk(Workstation(sandbox, tmp_path / "poste", NO_MODULE), holder, FakeWindows(installed))


def test_windows_store_opens_the_card_and_asks_the_pin_itself(sandbox: Sandbox, desk: Desk) -> None:
    desk.insert("A")
    patient = next(patient_from_dict(one["patient"]) for one in sandbox.ready["patients"] if one["story"] == "ordinary")
    with open_wiring(desk.station.environment, ask=_nobody) as wiring:
        wiring.entry.sign_in_by_card(WindowsStore(wiring.clock, lambda: desk.windows), desk.cards)
        account = wiring.desk.current()
        repository = wiring.desk.repository()
        assert account is not None
        assert repository is not None
        assert account.facility.id == sandbox.ready["identities"]["doctor"]["facility"]["id"]
        assert desk.windows.signatures == []
        assert repository.status(patient.ins).exists
        assert desk.windows.signatures == ["CAPI-WHOLE", "CAPI"]
        wiring.desk.sign_out()
    assert desk.windows.open == 0


def test_what_the_module_lacks_is_told_where_windows_knows_nothing_either(desk: Desk) -> None:
    desk.insert("A")
    desk.windows.my.clear()
    assert "Cryptolib CPS" in str(desk.refused().message_fr)


def test_without_windows_store_the_module_is_what_lacks(desk: Desk) -> None:
    desk.insert("A")
    assert desk.refused(store=False).code == "card.module_missing"


@pytest.mark.parametrize(("readers", "code"), [((), "card.removed"), (("A", "B"), "card.several")])
def test_there_must_be_one_card(desk: Desk, readers: tuple[str, ...], code: str) -> None:
    for reader in readers:
        desk.insert(reader)
    desk.pcsc.plug("vide")
    assert desk.refused().code == code


def test_a_key_windows_does_not_find_is_told(desk: Desk) -> None:
    desk.insert("A")
    for installed in desk.windows.my:
        installed.acquire = 0x80090016
    assert "retirée" in desk.refused().message_fr
