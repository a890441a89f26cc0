"""HPRIM Médecins out: what is written is read again the same, and what the file cannot hold is told or refused."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, nir_key
from dmp_desktop.domain.people import Address, Sex
from dmp_desktop.domain.received import (
    Received,
    ReceivedDocument,
    ReceivedFormat,
    ReceivedPatient,
    ReceivedResult,
    Routing,
)
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange import hprim_write
from dmp_desktop.exchange.hprim import FLAGS, read_hprim
from dmp_desktop.exchange.hprim_write import ENCODINGS, write_hprim

REPORT = Received(
    ReceivedFormat.HPRIM,
    ReceivedPatient(
        "TEST-DURAND",
        "Zoé",
        birth_date=date(1979, 3, 12),
        nir="279035121518989",
        file_number="A1234",
        address=Address("1 rue de l'Église, escalier B, appartement 12", "10200", "Bar-sur-Aube"),
    ),
    results=(ReceivedResult("CRP", "12", "C1", unit="mg/l", low="0", high="5", flag="H", status="F"),),
    text="  CRP ultrasensible, protéine   12 mg/l\n\nÀ contrôler.\n",
    act_date=date(2026, 11, 20),
    sender="Cabinet des Lilas",
    recipient="Dr TEST-MÉDECIN",
    reference="506232",
)


def test_a_report_as_software_reads_it() -> None:
    written = write_hprim([REPORT])
    assert written.warnings == ()
    assert written.content.decode("cp1252").split("\r\n") == [
        "A1234", "TEST-DURAND", "Zoé", "1 rue de l'Église, escalier B,", "appartement 12", "10200 Bar-sur-Aube",
        "12/03/1979", "2790351215189 89", "506232", "20/11/2026", "          Cabinet des Lilas", "          Dr TEST-MÉDECIN",
        "", "  CRP ultrasensible, protéine   12 mg/l", "", "À contrôler.", "", "****LAB****",
        "TEX|  CRP ultrasensible, protéine   12 mg/l", "TEX|", "TEX|À contrôler.", "TEX|", "RES|CRP|C1|N|12|mg/l|0|5|H|F",
        "****FIN****", "****FINFICHIER****", "",
    ]  # fmt: skip
    assert read_hprim(written.content) == (REPORT,)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding(encoding: str) -> None:
    (again,) = read_hprim(write_hprim([REPORT], encoding).content)
    assert replace(again, warnings=()) == REPORT


def _words(longest: int) -> st.SearchStrategy[str]:
    """As fields hold them: no line end, no bar, no space around or doubled, and not the « . » of what is missing."""
    chars = st.characters(codec="cp1252", exclude_categories=["Cc", "Zs"], exclude_characters="|*")
    word = st.text(chars, min_size=1, max_size=8)
    return st.lists(word, max_size=longest).map(" ".join).filter(lambda told: told != "." and not told[:1].isdigit())


CELLS = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"], exclude_characters="|"), max_size=15).map(
    str.strip
)
RESULTS = st.builds(
    ReceivedResult,
    CELLS,
    CELLS,
    CELLS,
    unit=CELLS,
    low=CELLS,
    high=CELLS,
    flag=st.sampled_from(sorted(FLAGS)),
    status=CELLS,
).filter(lambda one: bool(one.label or one.value))
NUMBERS = st.from_regex(r"[12][0-9]{4}[0-9]{2}[0-9]{6}", fullmatch=True).map(lambda one: one + nir_key(one)) | st.just(
    ""
)
DAYS = st.dates(date(1905, 1, 1), date(2030, 1, 1))
PATIENTS = st.builds(
    ReceivedPatient,
    family=_words(2),
    given=_words(2),
    birth_date=DAYS | st.none(),
    nir=NUMBERS,
    file_number=st.from_regex(r"[A-Z0-9]{0,10}", fullmatch=True),
    address=st.builds(Address, _words(8), st.from_regex(r"[0-9]{5}", fullmatch=True) | st.just(""), _words(2)).filter(
        lambda one: one != Address()
    )
    | st.none(),
)
TEXTS = st.lists(st.text(st.characters(codec="cp1252", exclude_characters="\r\n\x00")), max_size=8).map("\n".join)
REPORTS = st.builds(
    Received,
    st.just(ReceivedFormat.HPRIM),
    PATIENTS,
    results=st.lists(RESULTS, max_size=4).map(tuple),
    text=TEXTS | st.just("****FIN****") | st.just("A1\nTEST-B\nC\n.\n.\n.\n01/02/2003\n.\n1\n01/02/2003\nL\nM\n"),
    act_date=DAYS | st.none(),
    sender=_words(3),
    recipient=_words(3),
    reference=_words(1),
)


@given(st.lists(REPORTS, min_size=1, max_size=3), st.sampled_from(["cp1252", "utf-8"]))
def test_out_and_in_again_loses_nothing(reports: list[Received], encoding: str) -> None:
    written = write_hprim(reports, encoding)
    again = read_hprim(written.content, encoding)
    marked = [hprim_write.MARKS] if any(report.text == "****FIN****" for report in reports) else []
    assert list(written.warnings) == marked
    for report, read in zip(reports, again, strict=True):
        text = "*** *FIN****" if report.text == "****FIN****" else report.text
        assert read.text.startswith(text if text.strip() else "")
        assert replace(read, warnings=(), text=report.text) == report


def test_what_has_no_place_is_told() -> None:
    patient = replace(
        REPORT.patient, sex=Sex.FEMALE, ins=InsIdentity("279035121518989", OID_INS_TEST), birth_family="TEST-PIERRE"
    )
    given = replace(
        REPORT,
        patient=patient,
        title="Biologie",
        documents=(ReceivedDocument(b"%PDF", "application/pdf"),),
        sent_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
        routing=Routing(to_dmp=True),
        replaces="1.2.3",
    )
    written = write_hprim([given])
    assert read_hprim(written.content) == (REPORT,)
    (told,) = written.warnings
    for name in ("sexe", "INS", "nom de naissance", "titre", "documents", "heure", "acheminement", "remplacé"):
        assert name in told
    assert "279035" not in told


def test_a_character_the_encoding_lacks_is_told_or_refused() -> None:
    written = write_hprim([replace(REPORT, text="CRP ↑ ≥ 5 → TEST", results=())])
    assert read_hprim(written.content)[0].text == "CRP (hausse) >= 5 -> TEST"
    assert written.warnings == (hprim_write.OTHERWISE,)
    with pytest.raises(ContextError, match="UTF-8") as refused:
        write_hprim([replace(REPORT, text="患者")])
    assert refused.value.code == "hprim-encoding"
    assert (
        read_hprim(write_hprim([replace(REPORT, text="患者 ≥ 5", results=())], "utf-8").content)[0].text == "患者 ≥ 5"
    )


@given(st.text(max_size=40), st.sampled_from(ENCODINGS))
def test_any_text_is_written_told_or_refused(text: str, encoding: str) -> None:
    given = replace(REPORT, text=text, sender=text, results=(replace(REPORT.results[0], value=text),))
    try:
        written = write_hprim([given], encoding)
    except ContextError:
        return
    (again,) = read_hprim(written.content, encoding)
    words = unicodedata.normalize("NFC", text).split()
    changed = again.text.split()[: len(words)] != words or again.results[0].value.split() != words
    assert written.warnings or not changed


def test_what_cannot_be_told_whole_is_refused() -> None:
    for hostile in (
        replace(REPORT, text="a\x00b"),
        replace(REPORT, sender="x" * 300),
        replace(REPORT, patient=replace(REPORT.patient, family="12/03/1979")),
    ):
        with pytest.raises(ContextError):
            write_hprim([hostile])
    with pytest.raises(ContextError):
        write_hprim([])
