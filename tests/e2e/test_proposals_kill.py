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

KILLS = 20


@pytest.mark.slow
def test_killed_at_random_each_note_becomes_one_document(tmp_path: Path) -> None:
    chance = random.Random(11)
    said: set[int] = set()
    for _round in range(KILLS):
        victim = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.proposal_victim", str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert victim.stdout is not None
        assert victim.stdout.readline() == "READY\n"
        with pytest.raises(subprocess.TimeoutExpired):  # it ends by itself for no reason but a fault of ours
            victim.wait(chance.uniform(0.0, 0.6))
        victim.kill()
        said |= {int(line) for line in victim.communicate()[0].splitlines() if line.strip().isdigit()}
    post = Post(tmp_path, cards=tmp_path / "cards")
    cut = [one for one in post.store.all()[0] if one.state is not ProposalState.VALIDATED]
    numbers = range(len(post.store.all()[0]))
    assert said <= set(numbers), "a note that was said to be validated is gone"
    assert len(numbers) > 3
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
    assert cut, "every kill came between two notes: nothing was cut"
