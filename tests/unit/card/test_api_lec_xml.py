from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.card.api_lec_failures import ApiLecUnusableError
from dmp_desktop.card.api_lec_xml import beneficiaries
from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.ins import nir_key
from tests.helpers.api_lec import answer_xml, person_xml
from tests.helpers.card_worlds import PATIENT

BABY = ("TEST-PATIENTE", "ZOÉ", "20260225", "226025121518946"[:13] + nir_key("2260251215189"))
MARIE = person_xml(*PATIENT)


def told(xml: str | bytes) -> tuple[Beneficiary, ...]:
    return beneficiaries(xml if isinstance(xml, bytes) else xml.encode())


def people(*persons: tuple[str, str, str, str]) -> tuple[Beneficiary, ...]:
    return tuple(Beneficiary(*one, rank=rank) for rank, one in enumerate(persons, 1))


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "ISO-8859-15", "windows-1252"])
def test_in_any_encoding(encoding: str) -> None:
    assert told(answer_xml([PATIENT, BABY], encoding)) == people(PATIENT, BABY)


def test_one_person_wherever_it_is() -> None:
    assert told(MARIE.join(("<a>", "</a>"))) == people(PATIENT)
    assert told(f"<v:a xmlns:v='urn:x'>{MARIE.replace('<', '<v:').replace('<v:/', '</v:')}</v:a>") == people(PATIENT)
    assert told(b"  ".join((b"<a>", MARIE.encode(), b"</a>\0\0\0"))) == people(PATIENT)


@pytest.mark.parametrize("order", ["mb", "bm"])
def test_a_flat_list_does_not_tell_whose_the_nir_beside_each_person_is(order: str) -> None:
    """Each before or after its own, or all before: nothing says so, and a child must not have its father's."""
    identities, numbers = zip(*(person_xml(*one).split("<amo>") for one in (PATIENT, BABY)), strict=True)
    each = {"m": f"<amo>{numbers[0]}", "b": f"<amo>{numbers[1]}"}
    with pytest.raises(ApiLecUnusableError):
        told(f"<a>{each[order[0]]}{each[order[1]]}{''.join(identities)}</a>")
    with pytest.raises(ApiLecUnusableError):
        told(f"<a>{MARIE}{person_xml(*BABY)}</a>")


def test_the_nir_of_one_person_alone_wherever_it_is() -> None:
    identity, _, number = MARIE.partition("<amo>")
    assert told(f"<a><b>{identity}</b><c><amo>{number}</c></a>") == people(PATIENT)


def test_the_nir_within_the_person() -> None:
    inside = MARIE.replace("</ident><amo>", "").replace("</amo>", "</ident>")
    other = person_xml(*BABY)
    assert told(f"<a>{inside}{other}</a>")[0] == people(PATIENT)[0]


def test_a_nir_that_is_not_surely_one_s_own_is_nobody_s() -> None:
    """One `amo` for two persons: whose it is cannot be told."""
    baby = person_xml(*BABY).partition("<amo>")[0]
    with pytest.raises(ApiLecUnusableError):
        told(f"<a>{MARIE}{baby}</a>")


def test_twins_of_the_same_usual_names_keep_their_own_nir() -> None:
    twin = (*PATIENT[:3], "279035121519084"[:13] + nir_key("2790351215190"))
    assert told(answer_xml([PATIENT, twin])) == people(PATIENT, twin)


def test_who_has_no_nir_or_one_of_a_test_card_is_left_out_and_keeps_the_rank() -> None:
    lettered = "2790312AB518989"
    assert told(answer_xml([(*PATIENT[:3], ""), BABY])) == (Beneficiary(*BABY, rank=2),)
    assert told(answer_xml([BABY, (*PATIENT[:3], lettered)])) == people(BABY)
    with pytest.raises(ApiLecUnusableError):
        told(answer_xml([(*PATIENT[:3], lettered)]))


def test_corsica_a_spaced_nir_a_birth_name_and_a_lunar_date() -> None:
    nir = "279032A215189" + nir_key("279032A215189")
    spaced = f"{nir[0]} {nir[1:3]} {nir[3:5]} {nir[5:].lower()}"
    xml = person_xml("TEST-\x7f\tPATIENTE", "MARIE", "19790000", spaced)
    xml = xml.replace("<nomUsuel", "<nomUsuel/><nomPatronymique").replace("</nomUsuel", "</nomPatronymique")
    assert told(f"<a>{xml}</a>") == (Beneficiary("TEST- PATIENTE", "MARIE", "19790000", nir, 1),)


@pytest.mark.parametrize(("many", "filler"), [(4000, 0), (20, 4000)])
@pytest.mark.alone
def test_as_many_people_or_elements_as_there_is_room_for_cost_nothing(many: int, filler: int) -> None:
    begun = time.process_time()
    with pytest.raises(ApiLecUnusableError):
        told("<a>" + "<b>" * 25 + "<b/>" * filler + "</b>" * 25 + "<ident/>" * many + "</a>")
    assert time.process_time() - begun < 2  # a minute, when each of 4000 was compared with each


ENTITY = '<!DOCTYPE a [<!ENTITY n "TEST">]>'
SWELLING = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FETCHED = '<!DOCTYPE a [<!ENTITY n SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "<a/>",
        "<a>",
        "TEST",
        f"{ENTITY}<a>{MARIE}</a>",
        f"{SWELLING}<a>{MARIE}</a>",
        f"{FETCHED}<a>{MARIE}</a>",
        f"<!DOCTYPE a><a>{MARIE}</a>",
        f"<a>{MARIE}&n;</a>",
        f"<?xml version='1.0' encoding='nonsense'?><a>{MARIE}</a>",
        "<a>" * 40 + MARIE + "</a>" * 40,
        "<a>" + "<b/>" * 5000 + MARIE + "</a>",
        f"<a>{MARIE.replace('12031979', '1979-03-12')}</a>",
        f"<a>{MARIE.replace('TEST-PATIENTE', '')}</a>",
        f"<a>{MARIE.replace(PATIENT[3], PATIENT[3][:-1] + '0')}</a>",  # wrong key
        f"<a>{MARIE.replace(PATIENT[3], PATIENT[3][:-2])}</a>",
        "<a>" + " " * 70_000 + f"{MARIE}</a>",
    ],
)
def test_an_answer_is_never_half_believed(xml: str) -> None:
    with pytest.raises(ApiLecUnusableError) as caught:
        told(xml)
    assert caught.value.code == "card.api_lec_answer"
    assert "TEST" not in repr(caught.value)
    assert caught.value.__cause__ is None


@given(st.binary(max_size=300))
def test_any_answer_is_read_or_refused(content: bytes) -> None:
    with pytest.raises(ApiLecUnusableError):
        told(content)


@given(st.data())
def test_one_flipped_byte_never_gives_a_wrong_nir(data: st.DataObject) -> None:
    xml = bytearray(f"<a>{MARIE}</a>", "ascii")
    at = data.draw(st.integers(0, len(xml) - 1))
    xml[at] ^= data.draw(st.integers(1, 255))
    try:
        (person,) = told(bytes(xml))
    except ApiLecUnusableError:
        return
    assert person.nir == PATIENT[3]
