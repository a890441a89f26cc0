"""Notes on their way from an intern to her doctor while the program is killed at random (SIGKILL): none is lost, none becomes two documents,
none changes its patient, and none is in clear on the disk."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from dmp_desktop.domain.proposals import ProposalState
from tests.helpers.outbox import PATIENT
from tests.helpers.proposal_victim import name_of, way
from tests.helpers.proposals import DOCTOR, INTERN, Post

KILLS, AT_MOST = 20, 200
CUT = {ProposalState.WAITING, ProposalState.RETURNED}
"""In which states kills must have left a note: it goes on until they have."""


def kill_after(place: Path, seconds: float) -> set[int]:
    """One life; the numbers of the notes it said were validated."""
    victim = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.proposal_victim", str(place)], stdout=subprocess.PIPE, text=True
    )
    assert victim.stdout is not None
    assert victim.stdout.readline() == "READY\n"
    with pytest.raises(subprocess.TimeoutExpired):  # it ends by itself for no reason but a fault of ours
        victim.wait(seconds)
    victim.kill()
    return {int(line) for line in victim.communicate()[0].splitlines() if line.strip().isdigit()}


def found_at(place: Path, said: set[int]) -> set[ProposalState]:
    """After a kill: what was said to be validated is. Returns the states of the others."""
    post = Post(place, cards=place / "cards")
    found, damaged = post.store.all()
    post.close()
    assert damaged == 0
    states = {one.id: one.state for one in found}
    assert {states.get(name_of(number)) for number in said} <= {ProposalState.VALIDATED}, "a validated note is gone"
    return set(states.values()) - {ProposalState.VALIDATED}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_at_random_each_note_becomes_one_document(tmp_path: Path) -> None:
    chance, longest, kills = random.Random(11), 0.6, 0
    said: set[int] = set()
    cut: set[ProposalState] = set()
    while kills < KILLS or not (cut >= CUT and len(said) > 3):
        assert kills < AT_MOST, f"{kills} kills: {len(said)} notes validated, found cut: {cut}"
        told = kill_after(tmp_path, chance.uniform(0.0, longest))
        kills += 1
        longest *= 0.9 if told else 1.5  # long enough for a note to go all its way, on any machine
        said |= told
        cut |= found_at(tmp_path, said)
    post = Post(tmp_path, cards=tmp_path / "cards")
    numbers = range(len(post.store.all()[0]))
    for number in numbers:
        way(post, number)
    found, damaged = post.store.all()
    assert ({one.id for one in found}, damaged) == ({name_of(number) for number in numbers}, 0)
    assert {one.state for one in found} == {ProposalState.VALIDATED}
    titles = [item.title for item in post.outbox.items()]
    assert sorted(titles) == sorted(name_of(number) for number in numbers)
    assert {item.patient.ins.value for item in post.outbox.items()} == {PATIENT.ins.value}
    assert len(post.keys.of(DOCTOR.national_id)) == 1
    post.come(INTERN)
    assert len(post.service.mine()) == len(numbers)
    post.close()
    raw = b"".join(file.read_bytes() for file in tmp_path.glob("*.db*"))
    for word in ("zézaiement", "Corrigée", "À revoir", PATIENT.birth_family, PATIENT.ins.value):
        assert word.encode() not in raw
