"""First start: the scripted patients and their documents are put into the store, once."""

from __future__ import annotations

from datetime import datetime

from dmp_desktop.sandbox.directory import DOCTOR
from dmp_desktop.sandbox.patients import STORIES, Story
from dmp_desktop.sandbox.store import Dossier, Store


def ensure(store: Store, now: datetime) -> None:
    """Seed each story that is not there yet; each is one transaction."""
    for story in STORIES:
        if not store.is_seeded(story.name):
            with store.transaction():
                _seed(store, story, now)
                store.mark_seeded(story.name)


def _seed(store: Store, story: Story, now: datetime) -> None:
    if not story.exists:
        return
    ins = story.patient.ins
    store.put_dossier(
        Dossier(ins.value, ins.oid, story.name, story.closed, story.opposes_break_glass, story.opposes_emergency)
    )
    store.put_access(ins.value, DOCTOR.national_id, story.authorization, story.attending, now)
