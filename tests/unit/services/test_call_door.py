"""The contextual call: its form becomes a context that the one validator reads; it proposes, for who is signed in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Facility, Professional, Role, Sex
from dmp_desktop.errors import ContextError, DmpDesktopError, StorageError
from dmp_desktop.exchange.contextual_call import NAMES, REQUIRED
from dmp_desktop.platform.keystore import MemoryKeyStore
from dmp_desktop.platform.loopback import FORM, JSON, Answer, Door
from dmp_desktop.services.call_door import TOKEN_NAME, CallDoor, CallToken, CallTokenDesk
from dmp_desktop.services.context_inbox import ContextInbox, HandedOver
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.sealing import Seal
from tests.helpers.calls import PATIENT, form, post
from tests.helpers.clock import FakeClock, SeededEntropy
from tests.helpers.contexts import context

DOCTOR = SignedIn(
    Professional("10002422979", "DUPONT", "Camille", "G15_10/SM26", suffix="DR"),
    Facility("410002422979001", "Cabinet des Lilas", "SA07"),
    Role.DOCTOR,
    "810002422979",
)
NOTE = "Toux depuis trois jours."


class World:
    def __init__(self, place: Path) -> None:
        self.clock, self.port, self.who = FakeClock(), 0, DOCTOR
        self.inbox = ContextInbox(place / "contextes", Seal(b"k" * 32, "received"), self.clock, SeededEntropy())
        self.keystore = MemoryKeyStore()
        self.token = CallToken(self.keystore)
        self.door = CallDoor(lambda: self.port, self.token, self.inbox, lambda: self.who, self.clock)
        self.refused: list[DmpDesktopError] = []
        self.door.refused = self.refused.append

    def call(self, **changed: str | None) -> Answer:
        return self.door.take(FORM, form(**changed))

    @property
    def one(self) -> HandedOver:
        (found,) = self.inbox.waiting()
        return found


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.door.close()


def test_the_national_names_become_a_context_of_who_is_signed_in(world: World) -> None:
    assert world.call() == Answer(202, "ok", "Repris : DMP Desktop le propose.")
    told = world.one.context
    patient = told.patient
    assert (patient.ins.value, patient.ins.oid) == ("279035121518989", "1.2.250.1.213.1.4.10")
    assert patient.ins.status is InsStatus.PROVISOIRE, "the call does not say that it is qualified"
    assert (patient.birth_family, patient.birth_given, patient.first_given) == (
        "TEST-PATIENTE",
        "MARIE CLAUDE",
        "MARIE",
    )
    assert (patient.sex, patient.birth_date.isoformat(), patient.birth_place_cog) == (Sex.FEMALE, "1979-03-12", "51215")
    assert (told.professional, told.facility) == (DOCTOR.professional, DOCTOR.facility)
    assert told.encounter.start == world.clock.now()


def test_names_are_taken_in_any_case_and_given_names_one_by_one(world: World) -> None:
    fields = "&".join(form(Patient__name__given=None).decode().split("&")).replace(
        "Patient.birthDate", "patient.birthdate"
    )
    answer = world.door.take(FORM, f"{fields}&patient.name.given=MARIE&Patient.name.given=CLAUDE".encode())
    assert answer.status == 202
    assert (world.one.context.patient.birth_given, world.one.context.patient.first_given) == ("MARIE CLAUDE", "MARIE")
    assert world.call(Situation=None, Patient__identifier__system="urn:oid:1.2.250.1.213.1.4.10").status == 202


@pytest.mark.parametrize(("told", "sex"), [("male", "M"), ("F", "F"), ("unknown", "UN"), ("Other", "UN")])
def test_sexes_of_both_vocabularies(world: World, told: str, sex: str) -> None:
    assert world.call(Patient__gender=told).status == 202
    assert world.one.context.patient.sex == sex


@pytest.mark.parametrize("name", REQUIRED)
def test_what_must_be_there_is_named(world: World, name: str) -> None:
    for value in (None, " "):
        answer = world.call(**{name.replace(".", "__"): value})
        assert (answer.status, answer.field) == (422, name)
    assert world.inbox.waiting() == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Patient.identifier.value", "279035121518988"),
        ("Patient.identifier.system", "1.2.3"),
        ("Patient.gender", "F/M"),
        ("Patient.birthDate", "12/03/1979"),
        ("Patient.birthDate", "2979-03-12"),
        ("Address.district", "Dolancourt"),
        ("Patient.name.family", "TEST-\x00"),
        ("Patient.name.given", "M" * 300),
    ],
)
def test_what_is_wrong_is_named_as_the_caller_wrote_it_and_never_quoted(world: World, name: str, value: str) -> None:
    answer = world.call(**{name.replace(".", "__"): value})
    assert (answer.status, answer.code, answer.field) == (422, "context-field", name)
    assert f"« {name} »" in answer.text
    assert value not in answer.text
    assert PATIENT[name] not in answer.text or name == "Patient.identifier.system", "whose values are all told"
    assert "patient." not in answer.text
    assert world.inbox.waiting() == ()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "call-field"),
        (b"a", "call-form"),
        ("é=1".encode(), "call-form"),
        (b"Patient.name.family=%ff", "call-form"),
        (b"&".join([b"PatientID=1"] * 50), "call-form"),
        (form() + b"&INS=1", "call-name"),
        (form() + b"&PatientID=1", "call-field"),
    ],
)
def test_what_is_no_such_form_is_refused(world: World, body: bytes, code: str) -> None:
    answer = world.door.take(FORM, body)
    assert (answer.status, answer.code) == (422, code)
    assert world.inbox.waiting() == ()


@pytest.mark.parametrize("told", ["0", "non", "No", "FALSE"])
def test_a_patient_who_has_not_agreed_is_not_proposed(world: World, told: str) -> None:
    answer = world.call(InformationEtConsentement=told)
    assert (answer.status, answer.code, answer.field) == (422, "call-consent", "InformationEtConsentement")
    assert world.inbox.waiting() == ()


def test_a_form_needs_somebody_who_consults_in_their_own_name(world: World) -> None:
    world.who = None
    assert (answer := world.call()).status == 409
    assert answer.code == "call-nobody"
    world.who = replace(
        DOCTOR, professional=replace(DOCTOR.professional, rpps="", other_id="3intern"), role=Role.TRAINEE
    )
    assert world.call().status == 409
    assert world.inbox.waiting() == ()


def test_a_context_file_needs_nobody_and_may_bring_a_note(world: World) -> None:
    world.who = None
    assert world.door.take(JSON, json.dumps(context()).encode()).status == 202
    assert (world.one.note, world.one.context.patient.ins.status) == ("", InsStatus.QUALIFIEE)
    world.inbox.drop(world.one.id)
    told = {"context": context(), "note": NOTE}
    for _ in range(2):  # a caller that heard no answer tries again
        assert world.door.take(JSON, json.dumps(told).encode()).status == 202
    assert world.one.note == NOTE


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"\xff", ""),
        (b"[" * 100_000, ""),
        (b"9" * 10_000, ""),
        (b"[]", "(racine)"),
        (json.dumps(context(birth_date="hier")).encode(), "patient.birth_date"),
        (json.dumps({"context": context(), "note": 1}).encode(), "note"),
        (json.dumps({"context": context(), "note": "\ud800"}).encode(), "note"),
        (json.dumps({"context": context(), "autre": ""}).encode(), "note"),
        (json.dumps({"context": None}).encode(), "(racine)"),
    ],
)
def test_what_is_no_context_is_refused(world: World, body: bytes, field: str) -> None:
    answer = world.door.take(JSON, body)
    assert answer.status == 422
    assert answer.field in (field, "")
    assert world.inbox.waiting() == ()


def test_a_disk_that_takes_nothing_is_told(tmp_path) -> None:
    (tmp_path / "contextes").write_text("")
    answer = World(tmp_path).call()
    assert (answer.status, answer.code) == (503, "received-disk")


def test_it_is_off_until_a_port_is_chosen_and_follows_it(world: World) -> None:
    world.door.look()
    assert world.door._door is None
    free = Door(0, lambda _token: False, world.door.take)
    world.port = free.port
    for _ in range(2):
        world.door.look()
    assert [one.code for one in world.refused] == ["call-port"], "told once"
    assert str(free.port) in world.refused[0].message_fr
    free.close()
    listening = Door(
        0, world.token.known, world.door.take, seconds=60
    )  # as `look` makes one, on a port the system has chosen
    world.door._door, world.port = listening, listening.port
    world.door.look()
    assert world.door._door is listening
    token = world.token.renew()
    assert post(world.port, form(), "faux").status == 401
    assert world.inbox.waiting() == ()
    assert post(world.port, form(), token).status == 202
    assert world.one.context.patient.birth_family == "TEST-PATIENTE"
    world.port = 0
    world.door.look()
    assert (world.door._door, listening._thread.is_alive()) == (None, False)


def test_a_token_is_told_once_kept_as_a_digest_and_replaced(world: World) -> None:
    assert not world.token.made()
    assert not world.token.known("")
    first = world.token.renew()
    assert world.token.made()
    assert len(first) >= 43
    assert first not in (world.keystore.get(TOKEN_NAME) or "")
    assert (world.token.known(first), world.token.known(first[:-1]), world.token.known("é")) == (True, False, False)
    second = world.token.renew()
    assert (world.token.known(first), world.token.known(second)) == (False, True)


class Acts:
    def __init__(self) -> None:
        self.noted: list[str] = []

    def note(self, act: object, *, reason: str) -> None:
        self.noted.append(f"{act}:{reason}")

    def flush(self) -> None:
        self.noted.append("flushed")


def test_who_may_not_change_the_workstation_makes_no_token(world: World) -> None:
    acts = Acts()
    desk = CallTokenDesk(world.token, acts, lambda: world.who)  # type: ignore[arg-type]
    world.who = replace(DOCTOR, role=Role.REPLACEMENT)
    assert desk.refusal()
    with pytest.raises(ContextError) as refused:
        desk.renew()
    assert (refused.value.code, desk.made(), acts.noted) == ("role-reserved", False, [])
    world.who = None
    assert world.token.known(desk.renew())
    assert acts.noted == ["settings:call_token", "flushed"]


def test_a_key_store_that_fails_lets_nobody_in() -> None:
    class Closed(MemoryKeyStore):
        def get(self, name: str) -> str | None:
            raise StorageError("keystore", f"{name}")

    with pytest.raises(StorageError):
        CallToken(Closed()).known("x")


VALUES = st.sampled_from(
    [*PATIENT.values(), "", "non", "\ud800".encode("utf-8", "replace").decode(), "\x00"]
) | st.text(max_size=30)


@settings(max_examples=150)
@given(
    kind=st.sampled_from([FORM, JSON]),
    body=st.binary(max_size=200)
    | st.lists(st.tuples(st.sampled_from([*NAMES, "autre"]), VALUES), max_size=15).map(
        lambda pairs: urlencode(pairs, errors="replace").encode()
    )
    | st.dictionaries(st.sampled_from(NAMES), VALUES).map(
        lambda changed: urlencode(PATIENT | changed, errors="replace").encode()
    )
    | st.dictionaries(
        st.sampled_from(["context", "note", "patient"]), st.none() | st.text(max_size=9) | st.lists(st.integers())
    ).map(lambda told: json.dumps(told).encode()),
)
def test_whatever_the_body_says_is_answered(tmp_path_factory, kind: str, body: bytes) -> None:
    answer = World(tmp_path_factory.getbasetemp() / "fuzzed").door.take(kind, body)
    assert answer.status in (202, 422)
    assert answer.text.endswith(".")


def test_every_name_is_in_the_guide_for_editors() -> None:
    guide = (Path(__file__).resolve().parents[3] / "docs" / "logiciel-metier.md").read_text("utf-8")
    assert [name for name in NAMES if f"`{name}`" not in guide] == []
