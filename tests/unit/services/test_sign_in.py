"""Who signs in, as whom, and that nothing of it stays."""

from __future__ import annotations

import json
import ssl
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.domain.access import AuthenticationMode
from dmp_desktop.domain.cards import Beneficiary, PublicCps
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Facility, Professional, Role
from dmp_desktop.errors import CardError, ContextError, DmpError
from dmp_desktop.services.accounts import software_account
from dmp_desktop.services.directory import KnownPatients
from dmp_desktop.services.sign_in import Account, SignInDesk, caller, roles
from tests.helpers import signers
from tests.helpers.clock import START
from tests.helpers.outbox import PATIENT

DOCTOR = {"rpps": "10002422979", "family": "DUPONT", "given": "Camille", "specialty": "G15_10/SM26"}
FACILITY = {"id": "410002422979001", "name": "Cabinet", "sector": "SA07", "practice_setting": "AMBULATOIRE"}
CARD = PublicCps("DUPONT", "Camille", "810002422979", "Médecin", True, START, b"", b"")


class Transport:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    signers.write_identity(tmp_path)
    holder = {"national_id": "810002422979", "role": "doctor", "professional": DOCTOR, "facility": FACILITY}
    (tmp_path / "holder.json").write_text(json.dumps(holder))
    return tmp_path


def desk(account: Account, transports: list[Transport]) -> SignInDesk:
    def connect(identity):  # type: ignore[no-untyped-def]
        transports.append(Transport())
        return transports[-1]

    return SignInDesk([account], connect, lambda transport, identity, who: (who, identity))  # type: ignore[arg-type, return-value]


def test_a_known_card_signs_in_and_out(folder: Path) -> None:
    transports: list[Transport] = []
    opened: list[Pkcs12Identity] = []
    account = software_account(folder, lambda: signers.PASSWORD)
    counter = desk(account, transports)
    signed_in = counter.sign_in_with_card(CARD)
    assert (signed_in.professional.rpps, signed_in.role) == ("10002422979", Role.DOCTOR)
    assert counter.current() is account
    _, identity = counter.repository()  # type: ignore[misc]
    opened.append(identity)
    counter.sign_out()
    assert counter.current() is None
    assert counter.repository() is None
    assert transports[0].closed
    with pytest.raises(CardError):
        opened[0].signature.sign_digest_info(b"")


def test_a_folder_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    for folder, code in ((tmp_path / "absent", "CertificatsAbsents"), (tmp_path, "TitulaireAbsent")):
        with pytest.raises(DmpError) as caught:
            software_account(folder, lambda: signers.PASSWORD)
        assert caught.value.code == code


def test_an_unknown_card_is_refused(folder: Path) -> None:
    counter = desk(software_account(folder, lambda: signers.PASSWORD), [])
    stranger = PublicCps("X", "Y", "899999999999", "Médecin", True, START, b"", b"")
    with pytest.raises(DmpError) as caught:
        counter.sign_in_with_card(stranger)
    assert caught.value.code == "CarteSansCompte"


def test_a_document_leaves_in_its_authors_name_only(folder: Path) -> None:
    account = software_account(folder, lambda: signers.PASSWORD)
    counter = desk(account, [])
    assert counter.repository_of("810002422979") is None
    counter.sign_in(account)
    assert counter.repository_of("810002422979") is not None
    assert counter.repository_of("801234567897") is None


def test_a_colleague_s_document_is_not_handled(folder: Path) -> None:
    account = software_account(folder, lambda: signers.PASSWORD)
    counter = desk(account, [])
    counter.may_handle("801234567897")  # the command line, nobody signed in
    counter.sign_in(account)
    counter.may_handle("810002422979")
    for author_id in ("801234567897", ""):
        with pytest.raises(DmpError, match="EnvoiDUnAutre"):
            counter.may_handle(author_id)
    counter.sign_in(replace(account, role=Role.STRUCTURE))
    counter.may_handle("801234567897")


def test_who_has_no_rpps_keeps_the_identifier_of_their_account(folder: Path) -> None:
    employee = DOCTOR | {"rpps": "", "specialty": "SECRETARIAT_MEDICAL"}
    holder = {"national_id": "410002422979001/1", "role": "secretary", "professional": employee, "facility": FACILITY}
    (folder / "holder.json").write_text(json.dumps(holder))
    assert software_account(folder, lambda: "").professional.national_id == "410002422979001/1"


def test_connections_end_before_the_keys_do(folder: Path) -> None:
    """Else a handshake under way would ask a key that is being closed, and wait for it."""
    order: list[str] = []

    class Ends:
        def __init__(self, name: str) -> None:
            self.name = name

        def close(self) -> None:
            order.append(self.name)

    account = replace(software_account(folder, lambda: signers.PASSWORD), open_identity=lambda: Ends("keys"))  # type: ignore[arg-type, return-value]
    counter = SignInDesk([account], lambda _identity: Ends("connections"), lambda *_: None)  # type: ignore[arg-type, return-value]
    counter.sign_in(account)
    counter.sign_out()
    assert order == ["connections", "keys"]


@pytest.mark.parametrize("failing", ["connections", "words"])
@pytest.mark.parametrize("failure", [DmpError("x", "x", "x"), ssl.SSLError("x"), KeyboardInterrupt()])
def test_a_sign_in_that_fails_closes_what_it_opened(folder: Path, failing: str, failure: BaseException) -> None:
    """Whatever it fails of: a card would stay open with its code given, for nobody."""
    order: list[str] = []

    class Ends:
        def __init__(self, name: str) -> None:
            self.name = name

        def close(self) -> None:
            order.append(self.name)

    def connect(_identity: object) -> Ends:
        if failing == "connections":
            raise failure
        return Ends("connections")

    def converse(*_: object) -> None:
        raise failure

    account = replace(software_account(folder, lambda: signers.PASSWORD), open_identity=lambda: Ends("keys"))  # type: ignore[arg-type, return-value]
    counter = SignInDesk([account], connect, converse)  # type: ignore[arg-type]
    with pytest.raises(type(failure)):
        counter.sign_in(account)
    assert order == (["keys"] if failing == "connections" else ["connections", "keys"])
    assert counter.current() is None


def test_a_second_sign_in_closes_the_first(folder: Path) -> None:
    transports: list[Transport] = []
    account = software_account(folder, lambda: signers.PASSWORD)
    counter = desk(account, transports)
    counter.sign_in(account)
    counter.sign_in(account)
    assert [transport.closed for transport in transports] == [True, False]


@pytest.mark.parametrize("content", [None, "not json", "{}", '{"role": "king", "national_id": "8"}'])
def test_a_folder_that_does_not_say_whose_it_is(folder: Path, content: str | None) -> None:
    (folder / "holder.json").unlink()
    if content is not None:
        (folder / "holder.json").write_text(content)
    with pytest.raises((DmpError, ContextError)):
        software_account(folder, lambda: "")


def test_roles_of_the_vihf() -> None:
    found = [(role.code, role.system) for role in roles("G15_10/SM26")]
    assert found == [("10", "1.2.250.1.71.1.2.7"), ("SM26", "1.2.250.1.71.4.2.5")]
    (secretary,) = roles("SECRETARIAT_MEDICAL")
    assert secretary.system == "1.2.250.1.213.1.1.4.6"


def test_a_structure_speaks_indirectly() -> None:
    account = Account(
        "810002422979",
        Professional("10002422979", "DUPONT", "Camille", "G15_10/SM26"),
        Facility("410002422979001", "Cabinet", "SA07"),
        Role.STRUCTURE,
        lambda: None,  # type: ignore[arg-type, return-value]
    )
    assert caller(account).mode is AuthenticationMode.INDIRECTE


def test_patients_are_matched_on_matricule_and_birth_date_never_on_names() -> None:
    directory = KnownPatients([PATIENT])
    assert directory.match(Beneficiary("AUTRE", "NOM", "19790312", PATIENT.ins.value, 1)) == PATIENT
    assert directory.match(Beneficiary("TEST-PATIENTE", "MARIE", "19790312", "279035121518900", 1)) is None
    assert directory.match(Beneficiary("TEST-PATIENTE", "MARIE", "19790313", PATIENT.ins.value, 1)) is None
    assert PATIENT.ins.status is InsStatus.QUALIFIEE


def test_an_unknown_day_or_month_agrees_with_the_date_of_the_ins_when_one_patient_alone_has_it() -> None:
    def found(*born: date, read: str) -> date | None:
        directory = KnownPatients([replace(PATIENT, birth_date=day) for day in born])
        patient = directory.match(Beneficiary("TEST-PATIENTE", "MARIE", read, PATIENT.ins.value, 1))
        return patient.birth_date if patient else None

    lunar, april = date(1979, 12, 31), date(1979, 4, 1)
    assert found(lunar, read="19790000") == lunar
    assert found(april, read="19790400") == april
    assert found(lunar, read="19790400") is None
    assert found(lunar, read="19800000") is None
    assert found(lunar, april, read="19790000") is None
    assert found(lunar, april, read="19790400") == april
    assert found(lunar, april, read="19791231") == lunar
