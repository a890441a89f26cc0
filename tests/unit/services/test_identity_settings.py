"""What a practice decides about identities in cabinet.json: read strictly, obeyed by the services."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.id_documents import PROGRAM_DOCUMENTS, IdDocument
from dmp_desktop.domain.identity import DocumentKind, StrictTraits
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.ins_access import Why
from dmp_desktop.domain.people import Role, Sex
from dmp_desktop.domain.printed import EVERY_TRAIT, PrintedTrait
from dmp_desktop.errors import ContextError
from dmp_desktop.services.accounts import configured_practice
from dmp_desktop.services.directory import IdentifiedPatients, KnownPatients
from dmp_desktop.services.identity_desk import IdentityDesk, LastVitale
from dmp_desktop.services.identity_rights import NO_INS, NO_INSI
from dmp_desktop.services.identity_settings import IdentitySettings, identity_settings, person_key
from tests.helpers.identities import ACTOR, Practice, ScriptedInsi, found, practice, told

TRAITS = StrictTraits("TEST-ADRTROIS", "DOMINIQUE", "DOMINIQUE ANNE", Sex.FEMALE, date(1997, 2, 26), "2A020")
LICENCE = {"code": "permis-conduire", "label": "Permis de conduire", "trust": "autre"}
OWN = [{"code": "cni", "trust": "haut"}, {"code": "passeport", "trust": "autre"}, LICENCE]
FACILITY = {"id": "410002422979001", "name": "Cabinet", "sector": "SA07", "practice_setting": "AMBULATOIRE"}


class Reader:
    def read(self, reader: str) -> VitaleIdentity:
        return VitaleIdentity((), reader)


@contextmanager
def cabinet(folder: Path, **decided: Any) -> Iterator[tuple[Practice, IdentityDesk]]:
    """A practice whose file says this."""
    insi = ScriptedInsi(lambda _: found(told(TRAITS)))
    with practice(folder, insi, identity_settings(decided)) as opened:
        directory = IdentifiedPatients(KnownPatients(()), opened.service)
        yield opened, IdentityDesk(opened.service, directory, LastVitale(Reader(), opened.clock), lambda: Role.DOCTOR)


# Read


def test_what_the_file_of_the_practice_says(tmp_path: Path) -> None:
    file = tmp_path / "cabinet.json"
    decided = {"documents": OWN, "printed": ["used_family"], "insi_allowed": ["10002422979"], "ins_allowed": []}
    file.write_text(json.dumps({"facility": FACILITY, "identity": decided}))
    known = configured_practice(file)
    assert known is not None
    assert known.identity == IdentitySettings(
        (IdDocument("cni"), IdDocument("passeport", False), IdDocument("permis-conduire", False, "Permis de conduire")),
        frozenset({PrintedTrait.USED_FAMILY}),
        frozenset({"810002422979"}),
        frozenset(),
    )


def test_what_is_not_told_is_as_the_program_has_it() -> None:
    for said in (None, {}, {"documents": None, "printed": None, "insi_allowed": None, "ins_allowed": None}):
        assert identity_settings(said) == IdentitySettings(PROGRAM_DOCUMENTS, EVERY_TRAIT, None, None)
    assert identity_settings({"printed": []}).printed == frozenset()


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ([], "identity", "objet JSON"),
        ({"document": []}, "identity.document", "inconnu"),
        ({"documents": {}}, "identity.documents", "liste"),
        ({"documents": []}, "identity.documents", "au moins un"),
        ({"documents": ["cni"]}, "identity.documents[0]", "objet JSON"),
        ({"documents": [{"code": "cni"}]}, "identity.documents[0].trust", "autre, haut"),
        ({"documents": [{"code": "cni", "trust": "moyen"}]}, "identity.documents[0].trust", "autre, haut"),
        ({"documents": [{"code": "CNI", "trust": "haut"}]}, "identity.documents[0].code", "minuscules"),
        ({"documents": [{"code": "cni", "trust": "haut", "label": "X"}]}, "identity.documents[0].label", "inconnu"),
        ({"documents": [{"code": "carte-ue", "trust": "haut"}]}, "identity.documents[0].label", "nom du justificatif"),
        ({"documents": [LICENCE | {"trust": "haut"}]}, "identity.documents[0].trust", "RNIV"),
        ({"documents": [LICENCE | {"code": "pc", "trust": "haut"}]}, "identity.documents[0].trust", "RNIV"),
        ({"documents": [LICENCE, LICENCE]}, "identity.documents[1].code", "déjà"),
        ({"printed": ["ins"]}, "identity.printed[0]", "used_family"),
        ({"printed": [["used_family"]]}, "identity.printed[0]", "used_family"),
        ({"printed": "used_family"}, "identity.printed", "liste"),
        ({"insi_allowed": "10002422979"}, "identity.insi_allowed", "liste"),
        ({"insi_allowed": [810002422979]}, "identity.insi_allowed[0]", "RPPS"),
        ({"ins_allowed": ["x", " "]}, "identity.ins_allowed[1]", "RPPS"),
    ],
)
def test_a_mistake_is_told_with_its_field(wrong: object, field: str, words: str) -> None:
    with pytest.raises(ContextError) as told_of:
        identity_settings(wrong)
    assert told_of.value.field == field
    assert words in told_of.value.message_fr


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(["cni", "haut", "used_family"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["code", "trust", "label"]) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["documents", "printed", "insi_allowed", "ins_allowed"]), ANY_JSON))
def test_whatever_the_file_says_it_is_read_or_refused(untrusted: dict[str, Any]) -> None:
    """Nothing else than ContextError comes out of it, and what it lets through proves nobody's identity."""
    try:
        settings = identity_settings(untrusted)
    except ContextError:
        return
    assert settings.documents
    assert not [one for one in settings.documents if one.trusted and "permis" in f"{one.code} {one.label}".lower()]


@pytest.mark.parametrize(
    ("named", "key"),
    [
        ("10002422979", "810002422979"),
        (" 810002422979 ", "810002422979"),
        ("3410002422979/17", "3410002422979/17"),
        ("Lefèvre-Noël Anne", "LEFEVRE NOEL ANNE"),
    ],
)
def test_how_somebody_is_named(named: str, key: str) -> None:
    assert person_key(named) == key


# Rule 19 (INS/va1.26)


def test_only_a_document_the_practice_trusts_validates(tmp_path: Path) -> None:
    with cabinet(tmp_path, documents=OWN) as (kept, desk):
        assert [one.code for one in desk.documents()] == ["cni", "passeport", "permis-conduire"]
        identity = desk.see_document(desk.known(TRAITS), "permis-conduire")
        assert identity.status is InsStatus.PROVISOIRE
        assert identity.check is not None
        assert (identity.check.label, identity.check.trusted) == ("Permis de conduire", False)
        taken = desk.take_with_document(
            desk.ask(identity), "passeport"
        )  # of high trust elsewhere, not in this practice
        assert taken.status is InsStatus.RECUPEREE
        assert desk.patient(taken) is None  # no record opens for it
        qualified = desk.see_document(taken, "cni")
        assert qualified.status is InsStatus.QUALIFIEE
        assert desk.see_document(qualified, "permis-conduire").status is InsStatus.QUALIFIEE  # nothing is lost by it
        assert kept.service.of(qualified.person) == qualified
        reasons = [one.reason for one in kept.journal.records() if one.action == "identity-document"]
        assert reasons == ["permis-conduire", "passeport", "cni", "permis-conduire"]


def test_a_document_that_is_not_in_the_list_is_refused(tmp_path: Path) -> None:
    with cabinet(tmp_path, documents=OWN) as (_kept, desk):
        identity = desk.known(TRAITS)
        for code in (DocumentKind.RESIDENCE_PERMIT, "autre"):
            with pytest.raises(ContextError, match="retient") as refused:
                desk.see_document(identity, code)
            assert "cni, passeport, permis-conduire" in refused.value.remedy_fr


def test_the_list_of_the_program_is_that_of_who_says_nothing(tmp_path: Path) -> None:
    with cabinet(tmp_path) as (_kept, desk):
        assert [one.code for one in desk.documents()] == list(DocumentKind)
        assert desk.see_document(desk.known(TRAITS), "passeport").status is InsStatus.VALIDEE


# Rule 4 (INS/va1.32, .50)


@pytest.mark.parametrize("named", ["10002422979", "810002422979", "Test-Médecin Claire"])
def test_insi_is_asked_by_whom_the_practice_names(tmp_path: Path, named: str) -> None:
    with cabinet(tmp_path, insi_allowed=[named]) as (kept, desk):
        identity = desk.known(TRAITS)
        assert desk.insi_refusal() == ""
        assert desk.ask(identity).traits is not None
        kept.actor, kept.name = "810009999999", ("TEST-AUTRE", "CLAIRE")
        assert desk.insi_refusal() == NO_INSI
        person = Beneficiary("TEST-ADRTROIS", "DOMINIQUE", "19970226", "297022A02077878", 1)
        for act in (
            lambda: desk.ask(identity),
            lambda: kept.service.ask_by_vitale(VitaleIdentity((person,), "slot"), person, kept.clock.now()),
        ):
            with pytest.raises(ContextError) as refused:
                act()
            assert (refused.value.code, refused.value.message_fr) == ("identity.insi_not_allowed", NO_INSI)
        assert desk.born_on(TRAITS.birth_date, "") == []  # who may not ask INSi may see identities
        assert [action for action, _result in kept.acts] == ["insi-traits"]


def test_whoever_their_role_lets_where_nobody_is_named(tmp_path: Path) -> None:
    with cabinet(tmp_path) as (kept, desk):
        for kept.actor in (ACTOR, "810009999999"):
            assert desk.ask(desk.known(TRAITS)).traits is not None


def test_an_ins_is_seen_by_whom_the_practice_names(tmp_path: Path) -> None:
    """Nor anything else of a patient: no identity, no record, and INSi is not asked either."""
    with cabinet(tmp_path, ins_allowed=[ACTOR]) as (kept, desk):
        identity = desk.take_with_document(desk.ask(desk.known(TRAITS)), "cni")
        patient = desk.patient(identity)
        assert patient is not None
        (person,) = desk.find(identity)
        kept.actor = "810009999999"
        seen = len(kept.accesses.accesses())
        directory = IdentifiedPatients(KnownPatients([patient]), kept.service)
        for act in (
            lambda: desk.of_patient(patient),
            lambda: desk.now(identity),
            lambda: desk.known(TRAITS),
            lambda: desk.homonyms(TRAITS),
            lambda: desk.born_on(TRAITS.birth_date, ""),
            lambda: desk.with_matricule(patient.ins.value),
            desk.to_review,
            lambda: desk.ask(identity),
            lambda: desk.see_document(identity, "cni"),
            lambda: desk.patient(identity),
            lambda: desk.find(identity),
            lambda: directory.match(person),
            lambda: kept.service.may_read(patient.ins),
        ):
            with pytest.raises(ContextError) as refused:
                act()
            assert (refused.value.code, refused.value.message_fr) == ("identity.ins_not_allowed", NO_INS)
        assert desk.insi_refusal() == NO_INS
        assert len(kept.accesses.accesses()) == seen
        kept.actor = None  # nobody signed in is nobody named
        with pytest.raises(ContextError):
            desk.to_review()


# Rule 4 (INS/va1.39)


def test_whoever_is_shown_or_asked_for_is_traced(tmp_path: Path) -> None:
    with cabinet(tmp_path) as (kept, desk):
        identity = desk.known(TRAITS)
        assert kept.accesses.accesses() == []  # no number yet
        proposal = desk.ask(identity)
        number = proposal.answer.active
        assert number is not None
        (asked,) = kept.accesses.accesses(number.value)
        assert (asked.why, asked.by, asked.at) == (Why.QUERY, ACTOR, kept.clock.now())
        taken = desk.accept(proposal)
        kept.actor = "810009999999"
        assert desk.born_on(TRAITS.birth_date, "") == [taken]
        desk.printed(taken.ins) if taken.ins else pytest.fail("no number")
        newest = [(one.why, one.by) for one in kept.accesses.accesses(number.value)]
        assert newest == [(Why.PRINT, kept.actor), (Why.DISPLAY, kept.actor), (Why.QUERY, ACTOR)]
