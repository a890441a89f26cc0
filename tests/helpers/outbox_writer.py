"""A process that adds documents to an outbox: DATABASE FIRST COUNT."""

from __future__ import annotations

import sys

from dmp_desktop.storage.outbox import NewItem
from dmp_desktop.storage.subject import Subject
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, PATIENT, built, open_store

where, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
database, store = open_store(where)
for number in range(first, first + count):
    subject = Subject(PATIENT, "Compte rendu", "consultation", frozenset())
    store.add(NewItem(f"2.25.{number}", f"2.25.9{number}", AUTHOR, subject, built(number).cda), START, START)
database.close()
