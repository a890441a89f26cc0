from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.card.ins_datamatrix import MAX_TEXT, read_scanned
from dmp_desktop.cda.build.datamatrix import ins_message
from dmp_desktop.domain.ins import OID_INS_NIR, OID_INS_TEST, InsIdentity, InsStatus, nir_key
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.errors import CardError

GS, US = "\x1d", "\x1f"
HEADER = "IS01" + "0" * 22
NIR = "279035121518989"
FIELDS = (
    f"S1{NIR}",
    f"S2{OID_INS_TEST}",
    f"S3MARIE ANNAS{GS}",
    f"S4TEST-D'ARTOIS{GS}",
    "S5F",
    "S612-03-1979",
    "S763220",
)
TEXT = HEADER + "".join(FIELDS)
PATIENT = Patient(
    ins=InsIdentity(NIR, OID_INS_TEST, InsStatus.QUALIFIEE),
    birth_family="TEST-D'ARTOIS",
    birth_given="Marie Zoé",
    first_given="Marie",
    sex=Sex.FEMALE,
    birth_date=date(1979, 3, 12),
    birth_place_cog="63220",
)


def refused(text: str) -> str:
    with pytest.raises(CardError) as caught:
        read_scanned(text)
    assert caught.value.message_fr.endswith(".")
    assert caught.value.remedy_fr.endswith(".")
    assert "TEST" not in repr(caught.value)
    assert "2790" not in repr(caught.value)
    return caught.value.code


def test_every_field():
    scanned = read_scanned(TEXT)
    assert scanned.ins == InsIdentity(NIR, OID_INS_TEST, InsStatus.PROVISOIRE)
    assert (scanned.birth_family, scanned.birth_given) == ("TEST-D'ARTOIS", "MARIE ANNAS")
    assert (scanned.sex, scanned.birth_date, scanned.birth_place_cog) == (Sex.FEMALE, "19790312", "63220")
    assert not scanned.signed
    assert repr(scanned) == "ScannedIdentity(…)"


def test_ours_is_read_back():
    scanned = read_scanned(ins_message(PATIENT))
    assert (scanned.ins.value, scanned.ins.oid) == (NIR, OID_INS_TEST)
    assert (scanned.birth_family, scanned.birth_given) == ("TEST-D'ARTOIS", "MARIE ZOE")
    assert (scanned.sex, scanned.birth_date, scanned.birth_place_cog) == (Sex.FEMALE, "19790312", "63220")


def test_ligatures_are_written_out():
    scanned = read_scanned(ins_message(replace(PATIENT, birth_family="TEST-L’HŒST", birth_given="LÆTITIA")))
    assert (scanned.birth_family, scanned.birth_given) == ("TEST-L'HOEST", "LAETITIA")


LETTERS = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ' -")
NAMES = st.text(LETTERS, min_size=1, max_size=120).map(lambda name: "T" + name.rstrip())


@given(
    NAMES,
    NAMES,
    st.sampled_from(list(Sex)),
    st.dates(date(1000, 1, 1)),
    st.sampled_from(["", "63220", "2A004", "99100"]),
)
def test_whatever_we_print_is_read_back(family: str, given_names: str, sex: Sex, birth: date, place: str):
    ins = InsIdentity(NIR, OID_INS_NIR)
    patient = replace(
        PATIENT, ins=ins, birth_family=family, birth_given=given_names, sex=sex, birth_date=birth, birth_place_cog=place
    )
    scanned = read_scanned(ins_message(patient))
    assert (scanned.birth_family, scanned.birth_given) == (family[:100].rstrip(), given_names[:100].rstrip())
    assert (scanned.sex, scanned.birth_place_cog) == (sex, place)
    assert scanned.birth_date == f"{birth:%d-%m-%Y}"[6:] + f"{birth:%m%d}"


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace(GS, ""),  # no key of a keyboard types GS
        TEXT.replace(GS, " "),
        "]d2" + TEXT + "\r\n",
        TEXT.lower(),  # capitals locked
        HEADER + "".join(reversed(FIELDS)),
        TEXT.removesuffix("S763220"),
    ],
)
def test_as_scanners_type_it(text: str):
    scanned = read_scanned(text)
    assert (scanned.birth_family, scanned.birth_given) == ("TEST-D'ARTOIS", "MARIE ANNAS")


def test_a_signature_is_told_and_makes_nothing_qualified():
    scanned = read_scanned("IS01FR0000011E581E5800010FR"[:26] + "".join(FIELDS) + US + "MRZICP23SZTCLV2APC5P2AQV")
    assert scanned.signed
    assert scanned.ins.status is InsStatus.PROVISOIRE


def test_corsica_and_lunar_dates():
    nir = "279032A215189"
    nir += nir_key(nir)
    scanned = read_scanned(TEXT.replace(NIR, nir).replace("12-03-1979", "00-00-1979"))
    assert (scanned.ins.value, scanned.birth_date) == (nir, "19790000")


@pytest.mark.parametrize(
    "text",
    [
        HEADER,
        TEXT.replace(NIR, NIR[:-1] + "0"),  # wrong key
        TEXT.replace(OID_INS_TEST, "1.2.250.1.213.1.4.12"),
        TEXT.replace("S5F", "S5X"),
        TEXT.replace("S5F", ""),
        TEXT.replace("S5F", "S5FS5F"),
        TEXT.replace("12-03-1979", "12/03/1979"),
        TEXT.replace("12-03-1979", "12-03-197"),
        TEXT.replace("TEST-D'ARTOIS", ""),
        TEXT.replace("TEST-D'ARTOIS", "TEST<B>"),
        TEXT.replace("TEST-D'ARTOIS", "T" * 101),
        TEXT.replace("S763220", "S76322"),
        TEXT + "S9X",
        TEXT.replace(HEADER, HEADER + "X"),
        TEXT.replace(HEADER, "IS01" + "0" * 21 + "1"),  # reserved, unless it is signed
        TEXT + US + "no signature",
    ],
)
def test_a_code_is_never_half_believed(text: str):
    assert refused(text) == "card.scan_data"


@pytest.mark.parametrize(
    "text", ["", "3400930000000", "DC04FR0000011E581E58B201FR", "IS02" + TEXT[4:], "IS", "A" * (MAX_TEXT + 1)]
)
def test_another_code(text: str):
    assert refused(text) == "card.scan_other"


def test_a_scanner_set_to_another_keyboard():
    assert refused(TEXT.translate(str.maketrans("0123456789-", "à&é\"'(-è_ç)"))) == "card.scan_keyboard"


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str):
    with pytest.raises(CardError):
        read_scanned(HEADER + text)
