"""A workstation on which notes are proposed, given back, proposed again and validated until it is killed: PLACE. Says READY once it began, then
the number of each note that went all its way."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

from dmp_desktop.domain.drafts import KeptDraft
from dmp_desktop.domain.proposals import ProposalState
from dmp_desktop.storage.outbox import NewItem
from dmp_desktop.storage.subject import Subject
from tests.helpers.drafts import NOW
from tests.helpers.outbox import PATIENT
from tests.helpers.proposals import DOCTOR, INTERN, Post

WORDS = "Motif : zézaiement postprandial."


def name_of(number: int) -> str:
    return f"{number:032x}"


def way(post: Post, number: int) -> None:
    """What is left of it, as it is found: first by the intern, then by her doctor, on the same computer one after the other."""
    draft = KeptDraft(name_of(number), PATIENT, INTERN.professional, NOW, f"{WORDS} {number}")
    for _turn in range(3):
        post.come(INTERN)
        told = post.service.mine().get(draft.draft_id)
        if told is None:
            post.service.propose(draft, DOCTOR.national_id)
        elif told.state is ProposalState.RETURNED:
            post.service.propose(replace(draft, text=f"Corrigée. {number}"), DOCTOR.national_id)
        elif told.state is ProposalState.VALIDATED:
            return
        post.come(DOCTOR)
        if draft.draft_id not in {one.id for one in post.service.to_validate().notes}:
            continue  # cut once its document was in the outbox
        opened = post.service.open(draft.draft_id)
        assert opened.prepared is not None
        if not opened.text.startswith("Corrigée"):
            post.service.give_back(opened.prepared, "À revoir.")
            continue
        unique_id, now = post.service.claim(opened.prepared), post.clock.now()
        subject = Subject(opened.patient, draft.draft_id, "11488-4", frozenset())
        post.outbox.add(NewItem(unique_id, "2.25.9", DOCTOR.national_id, subject, unique_id.encode()), now, now)
        post.service.settle()


def main(place: Path) -> None:
    post = Post(place, cards=place / "cards")
    post.come(DOCTOR)
    print("READY", flush=True)
    begun = len(post.store.all()[0])
    for number in count(max(0, begun - 1)):
        way(post, number)
        print(number, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
