"""Two versions that say the same, and all that makes them say something else."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from dmp_desktop.cda.read import says_nothing, says_the_same
from dmp_desktop.domain.documents import DocumentFormat
from tests.helpers.documents import NOTE, NOW
from tests.helpers.versions import FIRST, SECOND, TWO_DAYS, emptied, version

FORMS = list(DocumentFormat)
LATER = "2026-11-22T11:40:00+01:00"


@pytest.mark.parametrize("form", FORMS)
def test_a_version_made_later_of_the_same_words_says_the_same(form: DocumentFormat) -> None:
    one, other = version(form=form), version(SECOND, form=form, made=NOW + TWO_DAYS, replaces=FIRST)
    assert one.cda != other.cda
    assert says_the_same(one.cda, other.cda)


CHANGES: dict[str, dict[str, Any]] = {
    "a word": {"note": NOTE.replace("asthénie", "fatigue")},
    "a capital": {"note": NOTE.replace("RDV", "rdv")},
    "a figure": {"note": NOTE.replace("P 82 kg", "P 83 kg")},
    "blanks": {"note": NOTE.replace("Rx : ", "Rx :   ")},
    "a tick": {"ticked": False},
    "the header": {"phone": "tel:0102030406"},
    "the day of the act": {"act": LATER},
}


@pytest.mark.parametrize(
    ("change", "form"),
    # the words of a page do not tell how wide a blank is
    [(change, form) for change in CHANGES for form in FORMS if (change, form) != ("blanks", DocumentFormat.PDF)],
)
def test_anything_else_makes_another_document(change: str, form: DocumentFormat) -> None:
    other = version(SECOND, **{"form": form, "replaces": FIRST, **CHANGES[change]})
    assert not says_the_same(version(form=form).cda, other.cda)


@pytest.mark.parametrize("form", FORMS)
def test_a_time_of_the_act_nobody_chose_is_not_compared(form: DocumentFormat) -> None:
    one = version(form=form)
    other = version(SECOND, form=form, act=LATER, made=NOW + TWO_DAYS, replaces=FIRST)
    assert says_the_same(one.cda, other.cda, same_act=False)
    heavier = version(SECOND, NOTE.replace("P 82 kg", "P 83 kg"), form=form, act=LATER, replaces=FIRST)
    assert not says_the_same(one.cda, heavier.cda, same_act=False)


@pytest.mark.parametrize("form", FORMS)
def test_days_that_are_written_in_the_note_are_words_of_it(form: DocumentFormat) -> None:
    one = version(note=f"{NOTE}Vu le 20/11/2026", form=form)
    other = version(SECOND, f"{NOTE}Vu le 22/11/2026", form=form, act=LATER, replaces=FIRST)
    assert not says_the_same(one.cda, other.cda, same_act=False)


def test_the_words_of_a_pdf_that_cannot_be_read_are_not_the_same() -> None:
    one, other = (version(name, form=DocumentFormat.PDF, made=NOW + TWO_DAYS) for name in (FIRST, SECOND))
    assert says_the_same(one.cda, other.cda)
    assert not says_the_same(one.cda, other.cda, pdf_words=lambda _content: "")


def test_the_pdf_of_another_program_is_compared_byte_for_byte() -> None:
    """Its words do not tell all that its pages show."""
    one, other = (version(name, form=DocumentFormat.PDF) for name in (FIRST, SECOND))
    foreign = [_of_another_program(document.cda) for document in (one, other)]
    assert not says_the_same(*foreign)
    assert says_the_same(foreign[0], foreign[0].replace(FIRST.encode(), SECOND.encode()))


def _of_another_program(cda: bytes) -> bytes:
    def foreign(found: re.Match[bytes]) -> bytes:
        pdf = base64.b64decode(found[2]).replace(b"Producer>DMP Desktop<", b"Producer>Autre      <")
        return found[1] + base64.b64encode(pdf)

    return re.sub(rb"(<nonXMLBody>\s*<text[^>]*>)([^<]*)", foreign, cda)


@pytest.mark.parametrize("form", FORMS)
def test_what_has_a_word_or_a_file_says_something(form: DocumentFormat) -> None:
    assert not says_nothing(version(note="ok", form=form).cda)


def test_blanks_alone_say_nothing() -> None:
    assert says_nothing(emptied(version(form=DocumentFormat.PDF)))
