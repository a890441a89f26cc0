"""The status of an identity: whatever happens, only INSi's answer and a document that agrees with it qualify."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.dmp.client import DmpClient
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.vihf import Software
from dmp_desktop.domain.identity import FOR_MINORS, DocumentCheck, DocumentKind, Doubt, Identity, StrictTraits, folded
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.people import Sex
from dmp_desktop.domain.ports import TransportReply
from dmp_desktop.errors import DmpError
from tests.helpers import signers
from tests.helpers.clock import FakeClock, SeededEntropy
from tests.helpers.identities import number
from tests.unit.dmp.test_vihf import CALLER

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ADULT = StrictTraits("TEST-ADRTROIS", "DOMINIQUE", "DOMINIQUE ANNE", Sex.FEMALE, date(1997, 2, 26), "2A020")
OTHER = replace(ADULT, birth_family="TEST-AUTRE")
CARD = DocumentCheck(DocumentKind.CNI, NOW, "8100")
NUMBERS = (number("297022A020778"), number("2751263220749"))
EVENTS = ("seen", "found", "found other", "found new number", "corrected", "refused", "doubted", "cleared")


def after(identity: Identity, event: str) -> Identity:
    """One event; what the machine forbids leaves the identity as it is."""
    try:
        match event:
            case "seen":
                return identity.seen(CARD)
            case "found":
                return identity.found(identity.traits, NUMBERS[0], ())
            case "found other":
                return identity.found(OTHER if identity.traits == ADULT else ADULT, NUMBERS[0], ())
            case "found new number":
                return identity.found(identity.traits, NUMBERS[1], (NUMBERS[0],))
            case "corrected":
                return identity.corrected(OTHER if identity.traits == ADULT else ADULT)
            case "refused":
                return identity.refused(NOW)
            case "doubted":
                return identity.doubted(Doubt.DOUBTFUL)
        return identity.cleared()
    except ValueError:
        assert identity.doubt
        return identity


class Left(Exception):  # noqa: N818
    """Something was about to leave."""


class Deaf:
    """A Transport through which nothing may go."""

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
        raise Left

    def close(self) -> None:
        return None


@pytest.fixture(scope="module")
def dmp(tmp_path_factory: pytest.TempPathFactory) -> DmpClient:
    folder: Path = signers.write_identity(tmp_path_factory.mktemp("identity"))
    keys = Pkcs12Identity(folder, signers.PASSWORD)
    return DmpClient(
        Deaf(), keys, CALLER, Software("DMP Desktop", "0", "X"), FakeClock(), SeededEntropy(), sender_oid="2.25.1"
    )


def leaves(dmp: DmpClient, ins: InsIdentity) -> bool:
    try:
        dmp.status(ins)
    except DmpError as error:
        return error.code != "InsNonQualifiee"
    except Left:
        return True
    raise AssertionError("answered by nobody")


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_qualified_only_by_insi_and_a_document_that_agrees(dmp: DmpClient, events: list[str]) -> None:
    """Told apart from the machine by the history alone: what made the number, what made the document, what came since."""
    identity, number_for, document_for = Identity(ADULT), None, None
    doubt, last = False, ""
    for event in events:
        before = identity
        identity = after(identity, event)
        if event == "doubted":
            doubt, number_for, document_for = True, None, None
        elif event == "cleared":
            doubt = False
        elif doubt:
            assert event in {"corrected", "refused"} or identity == before
        elif event == "seen":
            document_for = identity.traits
        elif event.startswith("found"):
            got = NUMBERS[event == "found new number"].value
            if event == "found other" or last not in ("", got):
                document_for = None
            last = got
            number_for = identity.traits
        elif event == "corrected":
            # rule 27: qualifiée falls to validée only; validée, of other traits, to provisoire
            document_for = identity.traits if number_for and document_for else None
            number_for = None
        elif event == "refused":
            number_for = document_for = None
        assert (identity.status is InsStatus.QUALIFIEE) == bool(number_for and document_for)
        assert (identity.ins is not None) == bool(number_for)
        ins = identity.ins or InsIdentity(NUMBERS[0].value, OID_INS_TEST, identity.status)
        assert leaves(dmp, ins) == (identity.status is InsStatus.QUALIFIEE)


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_no_number_is_ever_forgotten_nor_doubled(events: list[str]) -> None:
    identity, met = Identity(ADULT), set()
    for event in events:
        identity = after(identity, event)
        met |= {identity.matricule.value} if identity.matricule else set()
        former = [old.value for old in identity.history]
        assert len(former) == len(set(former))
        assert met <= {*former, identity.matricule.value if identity.matricule else ""}
        assert identity.matricule is None or identity.matricule.value not in former


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([], InsStatus.PROVISOIRE),
        (["seen"], InsStatus.VALIDEE),
        (["found"], InsStatus.RECUPEREE),
        (["seen", "found"], InsStatus.QUALIFIEE),
        (["found", "seen"], InsStatus.QUALIFIEE),
        (["found", "corrected"], InsStatus.PROVISOIRE),
        (["found", "seen", "corrected"], InsStatus.VALIDEE),
        (["found", "seen", "corrected", "corrected"], InsStatus.PROVISOIRE),
        (["found", "seen", "refused"], InsStatus.PROVISOIRE),
        (["found", "seen", "doubted"], InsStatus.PROVISOIRE),
        (["found", "seen", "doubted", "found", "seen"], InsStatus.PROVISOIRE),
        (["found", "seen", "doubted", "cleared", "seen"], InsStatus.VALIDEE),
        (["seen", "found other"], InsStatus.RECUPEREE),
        (["found", "seen", "found new number"], InsStatus.RECUPEREE),
        (["found", "seen", "corrected", "seen", "found new number"], InsStatus.RECUPEREE),
    ],
)
def test_statuses(events: list[str], status: InsStatus) -> None:
    identity = Identity(ADULT)
    for event in events:
        identity = after(identity, event)
    assert identity.status is status
    assert identity.locked == (identity.ins is not None)
    assert (identity.refused_at is not None) == ("refused" in events)


def test_a_complement_keeps_the_document() -> None:
    """INSi adds given names and the place: the same person was seen."""
    short = replace(ADULT, birth_given="DOMINIQUE", birth_place_cog="", birth_family="Test Adrtrois")
    assert Identity(short).seen(CARD).found(ADULT, NUMBERS[0], ()).status is InsStatus.QUALIFIEE


@pytest.mark.parametrize(
    "other",
    [
        replace(ADULT, birth_family="TEST-ADRTROI"), replace(ADULT, birth_given="ANNE DOMINIQUE"),
        replace(ADULT, sex=Sex.MALE), replace(ADULT, birth_date=date(1997, 2, 27)), replace(ADULT, birth_place_cog="75056"),
    ],
)  # fmt: skip
def test_each_strict_trait_asks_for_the_document_again(other: StrictTraits) -> None:
    assert Identity(ADULT).seen(CARD).found(other, NUMBERS[0], ()).status is InsStatus.RECUPEREE


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_a_child_s_documents(kind: DocumentKind) -> None:
    born = NOW.date().replace(year=NOW.year - 18)
    check = replace(CARD, kind=kind)
    assert Identity(replace(ADULT, birth_date=born + timedelta(days=1))).seen(check).status is InsStatus.VALIDEE
    adult = Identity(replace(ADULT, birth_date=born))
    if kind in FOR_MINORS:
        with pytest.raises(ValueError, match="minors"):
            adult.seen(check)
    else:
        assert adult.seen(check).status is InsStatus.VALIDEE


def test_doubt_stands_beside_nothing() -> None:
    for known in ({"check": CARD}, {"matricule": NUMBERS[0]}):
        with pytest.raises(ValueError, match="doubtful"):
            Identity(ADULT, doubt=Doubt.FICTITIOUS, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("D’Œuvré-Müller", "d'oeuvre muller"),
        ("  LE   GOFF ", "Le-Goff"),
        ("ÉLOÏSE", "eloise"),
        ("Æ", "ae"),
        ("ÇA", "ca"),
        ("Łukasz Sørensen Đorđe Straße STRAẞE", "lukasz sorensen dorde strasse strasse"),
    ],
)
def test_writing_does_not_count(one: str, other: str) -> None:
    assert folded(one) == folded(other)
    assert replace(ADULT, birth_family=one).name == replace(ADULT, birth_family=other).name


def test_given_names_of_several_words() -> None:
    assert replace(ADULT, first_given="MARIE ANGE", birth_given="MARIE ANGE ZOE").given == ("MARIE ANGE", "ZOE")
    assert replace(ADULT, first_given="Éric", birth_given="ERIC").given == ("Éric",)
    assert replace(ADULT, first_given="ZOE", birth_given="MARIE ZOE").given == ("ZOE",)


def test_representations_show_nobody() -> None:
    identity = Identity(ADULT).seen(CARD).found(ADULT, NUMBERS[0], NUMBERS)
    shown = repr(identity) + str(identity) + repr(ADULT) + repr(identity.history)
    assert "qualifiee" in shown
    for word in ("ADRTROIS", "DOMINIQUE", "1997", "297022"):
        assert word not in shown
