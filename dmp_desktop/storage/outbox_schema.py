"""The tables of the outbox, in a file of their own on a workstation, beside others in the clinic's database."""

from __future__ import annotations

import sqlalchemy as sa

from dmp_desktop.storage.schema import Moment

metadata = sa.MetaData()

# `author` and `patient` are pseudonyms. `told` is sealed as `subject` is: the words of an answer may be about a patient. `lot` is
# the submission set of documents that leave together, empty for one that leaves alone.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("unique_id", sa.Text, nullable=False, unique=True),
    sa.Column("submission_id", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("patient", sa.Text, nullable=False),
    sa.Column("replaces", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("subject", sa.LargeBinary, nullable=False),
    sa.Column("told", sa.LargeBinary),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("waiting_for", sa.Text, nullable=False),
    sa.Column("in_doubt", sa.Boolean, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("next_attempt_at", Moment),
    sa.Column("lease_owner", sa.Text),
    sa.Column("lease_until", Moment),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("lot", sa.Text, nullable=False),
)

# Apart from `outbox`, so that listing reads no document and a change of state rewrites none. On a workstation a row that nothing
# has changed has its document itself (`outbox_file`).
outbox_document = sa.Table(
    "outbox_document",
    metadata,
    sa.Column("item_id", sa.ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
