"""First start: the scripted patients and their documents are put into the store, once."""

from __future__ import annotations

import gzip
from datetime import datetime

from dmp_desktop.sandbox.directory import DOCTOR
from dmp_desktop.sandbox.patients import STORIES, Story
from dmp_desktop.sandbox.records import metadata
from dmp_desktop.sandbox.records.bodies import write_document
from dmp_desktop.sandbox.records.timeline import plans
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
    for holder, state, attending in story.others:
        store.put_access(ins.value, holder, state, attending, now)
    known = {plan.unique_id: plan for plan in plans(story, now)}
    for plan in known.values():
        content = write_document(plan)
        store.put(metadata.entry(plan, content), ins.value)
        store.put_document(plan.unique_id, gzip.compress(content, 1, mtime=0) if plan.padding else content)
        submission, links = metadata.submission(plan)
        if not plan.lot:
            store.put(submission, ins.value)
        if plan.replaces:
            links.append(metadata.replacement(plan, known[plan.replaces]))
        for link in links:
            store.put_association(link)
