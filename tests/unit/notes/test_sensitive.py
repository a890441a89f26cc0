"""Who may see the document is asked for what reveals the patient, and only for that."""

from __future__ import annotations

import time

import pytest

from dmp_desktop.notes import Topic, find_sensitive


def topics(text: str, age: int | None = 40) -> set[Topic]:
    return {item.topic for item in find_sensitive(text, age=age)}


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Sérologie VIH négative", Topic.HIV_STI),
        ("pas de VIH", Topic.HIV_STI),
        ("mari séropositif", Topic.HIV_STI),
        ("traitée pour une syphilis en 2015", Topic.HIV_STI),
        ("ATCD : IVG 2012", Topic.ABORTION),
        ("Mifégyne 600 mg", Topic.ABORTION),
        ("épisode dépressif", Topic.PSYCHIATRY),
        ("trouble bipolaire ?", Topic.PSYCHIATRY),
        ("ATCD : TS, dépression", Topic.PSYCHIATRY),
        ("Téralithe 400", Topic.PSYCHIATRY),
        ("cannabis quotidien", Topic.ADDICTION),
        ("Subutex 8 mg", Topic.ADDICTION),
        ("éthylisme chronique", Topic.ADDICTION),
        ("violences conjugales", Topic.VIOLENCE),
        ("pas de violences conjugales", Topic.VIOLENCE),
    ],
)
def test_reveals_the_patient(text: str, topic: Topic) -> None:
    assert topic in topics(text)


@pytest.mark.parametrize(
    "text",
    [
        "pas d'idées suicidaires",
        "pas de syndrome dépressif",
        "Pas d'alcool, pas de cannabis",
        "père schizophrène",
        "ATCD fam : dépression",
        "HTA, TA 14/8, metformine",
        "tabac 20 PA",
        "alcool occasionnel",
        "patient ims",
        "pilule",
        "contraception par DIU",
        "grossesse 24 SA",
    ],
)
def test_reveals_nothing(text: str) -> None:
    assert topics(text) == set()


def test_contraception_of_a_minor() -> None:
    assert topics("demande de contraception", 16) == {Topic.CONTRACEPTION}
    assert topics("demande de contraception", 18) == set()
    assert topics("demande de contraception", None) == set()
    assert topics("vue seule, sa mère ne sait pas", 15) == {Topic.MINOR}
    assert topics("vue seule", 50) == set()


def test_one_item_a_topic_tied_to_its_words() -> None:
    text = "Suivi  VIH. Dépression, sertraline. VIH stable."
    found = find_sensitive(text, age=40)
    assert [(item.topic, text[item.start : item.end]) for item in found] == [
        (Topic.HIV_STI, "VIH"),
        (Topic.PSYCHIATRY, "Dépression"),
    ]
    assert all(topic.label for topic in Topic)


@pytest.mark.parametrize("pattern", ["vih ", "pas de depression, ", "depression, "])
@pytest.mark.alone
def test_hostile_text_stays_fast(pattern: str) -> None:
    text = (pattern * 200_000)[:200_000]
    started = time.process_time()
    find_sensitive(text, age=40)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("charge virale indétectable", Topic.HIV_STI),
        ("RU 486", Topic.ABORTION),
        ("mari violent", Topic.VIOLENCE),
        ("signalement fait", Topic.VIOLENCE),
        ("fume des joints", Topic.ADDICTION),
        ("chemsex, GHB", Topic.ADDICTION),
        ("SPDT en 2019", Topic.PSYCHIATRY),
        ("TS médicamenteuse", Topic.PSYCHIATRY),
        ("bouffée délirante aiguë", Topic.PSYCHIATRY),
    ],
)
def test_words_of_practice_reveal(text: str, topic: Topic) -> None:
    assert topic in topics(text)


@pytest.mark.parametrize("text", ["PR séropositive", "courrier joint", "dépendance GIR 2", "ts les jours"])
def test_other_meanings_reveal_nothing(text: str) -> None:
    assert topics(text) == set()


def test_secret_of_a_minor() -> None:
    assert topics("rapports, demande le secret", 15) == {Topic.MINOR}
    assert topics("implant posé", 16) == {Topic.CONTRACEPTION}
