"""A document of very many entries is read in proportion to their number, wherever they stand."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from dmp_desktop.cda.read import data_from_cda
from dmp_desktop.cda.read.body import embedded_media
from dmp_desktop.cda.read.once import once, reading
from dmp_desktop.cda.xml import parse
from tests.unit.cda.test_narrative import structured

PCC = "1.3.6.1.4.1.19376.1.5.3.1.4"
PROBLEM = f'<observation><templateId root="{PCC}.5"/><value code="I1"/></observation>'
RELATIVE = f'<observation><templateId root="{PCC}.13.3"/><value code="I1"/></observation>'
RESULT = '<observation><templateId root="1.3.6.1.4.1.19376.1.3.1.6"/><value value="4"/></observation>'
MEDICINE = f'<substanceAdministration><templateId root="{PCC}.7"/><text>x</text></substanceAdministration>'
IMAGE = '<observationMedia><value representation="B64" mediaType="image/png">AA==</value></observationMedia>'

pytestmark = [pytest.mark.slow, pytest.mark.alone]


def entries(item: str, count: int) -> bytes:
    return structured(f"<entry>{item}</entry>" * count)


def parts(item: str, count: int) -> bytes:
    return structured(f"<entry><organizer>{f'<component>{item}</component>' * count}</organizer></entry>")


def links(item: str, count: int) -> bytes:
    inside = f'<entryRelationship typeCode="SUBJ">{item}</entryRelationship>' * count
    return structured(f"<entry><act>{inside}</act></entry>")


def fastest(read: Callable[[], object]) -> float:
    """Seconds of processor, of the better of two."""
    taken = []
    for _ in range(2):
        start = time.process_time()
        read()
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.mark.parametrize("place", [entries, parts, links])
@pytest.mark.parametrize("item", [PROBLEM, RELATIVE, RESULT, MEDICINE])
def test_each_doubling_of_the_entries_takes_no_more_than_thrice_as_long(
    place: Callable[[str, int], bytes], item: str
) -> None:
    few, many = place(item, 5_000), place(item, 20_000)
    assert fastest(lambda: data_from_cda(many)) <= 3 * 3 * fastest(lambda: data_from_cda(few))


def test_so_do_files() -> None:
    few, many = parse(entries(IMAGE, 10_000)), parse(entries(IMAGE, 40_000))
    assert fastest(lambda: embedded_media(many)) <= 3 * 3 * fastest(lambda: embedded_media(few))


def test_the_most_that_a_document_may_hold() -> None:
    cda = entries(PROBLEM, 80_000)
    start = time.process_time()
    assert len(data_from_cda(cda)["problems"]) == 80_000
    assert time.process_time() - start < 5


def test_answers_are_forgotten_with_the_document() -> None:
    asked: list[str] = []

    @once
    def answer(word: str) -> int:
        asked.append(word)
        return len(asked)

    for _ in range(2):
        with reading():
            assert answer("a") == answer("a")
            with reading():
                answer("a")
            assert answer("a") == answer("a")
    answer("a")
    answer("a")
    assert asked == ["a"] * 6
