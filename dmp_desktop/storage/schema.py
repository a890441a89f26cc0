"""The tables as the migrations leave them; a test holds the two against each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(value: datetime | None) -> int | None:
    """As the column holds it."""
    return None if value is None else (value - EPOCH) // _MICROSECOND


class Moment(sa.TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970 in UTC: exact, and ordered like time."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        del dialect
        return microseconds(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        del dialect
        return None if value is None else EPOCH + value * _MICROSECOND


def _beside_cached_document() -> sa.ForeignKeyConstraint:
    """It goes when the cached document does."""
    names = ["unique_id", "key_id"]
    return sa.ForeignKeyConstraint(names, [f"cached_document.{name}" for name in names], ondelete="CASCADE")


metadata = sa.MetaData()

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("unique_id", sa.Text, nullable=False, unique=True),
    sa.Column("submission_id", sa.Text, nullable=False, unique=True),
    sa.Column("author_id", sa.Text, nullable=False),
    sa.Column("subject", sa.LargeBinary, nullable=False),
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
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("remedy", sa.Text, nullable=False),
    sa.Column("proof", sa.Text, nullable=False),
)

# Apart from `outbox`, so that listing reads no document and a change of state rewrites none.
outbox_document = sa.Table(
    "outbox_document",
    metadata,
    sa.Column("item_id", sa.ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# Sealed under the key `key_id` of one person: for anybody else these rows are not there, but anybody drops them.
cached_document = sa.Table(
    "cached_document",
    metadata,
    sa.Column("unique_id", sa.Text, primary_key=True),
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("patient", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
)

journal = sa.Table(
    "journal",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("chain", sa.LargeBinary, nullable=False),
)

# Append-only as `journal`, whose record holds the digest of what is sealed here.
journal_told = sa.Table(
    "journal_told",
    metadata,
    sa.Column("number", sa.ForeignKey("journal.number"), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# A person's keys as a card or the recovery code opens them: never in clear.
wrapped_key = sa.Table(
    "wrapped_key",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("wrapping", sa.Text, nullable=False),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)

preference = sa.Table(
    "preference",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# Only sealed: who has the database's key alone reads no word of it. It goes with the cached document, whoever drops that.
indexed_document = sa.Table(
    "indexed_document",
    metadata,
    sa.Column("unique_id", sa.Text, primary_key=True),
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("patient", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    _beside_cached_document(),
)

# As `indexed_document`: what a cached document says, as long as the document is there.
cached_facts = sa.Table(
    "cached_facts",
    metadata,
    sa.Column("unique_id", sa.Text, primary_key=True),
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("patient", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    _beside_cached_document(),
)

# Append-only: a trigger refuses every change.
access_act = sa.Table(
    "access_act",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("patient", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# Whom this workstation identified: pseudonyms to find them by, and what is known of them, sealed.
identity = sa.Table(
    "identity",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("born", sa.Text, nullable=False),
    sa.Column("matricule", sa.Text),
    sa.Column("to_review", sa.Boolean, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("numbered", sa.Boolean, nullable=False),
)

identity_number = sa.Table(
    "identity_number",
    metadata,
    sa.Column("person", sa.Text, sa.ForeignKey("identity.person", ondelete="CASCADE"), primary_key=True),
    sa.Column("matricule", sa.Text, primary_key=True),
)

# Append-only: a trigger refuses every change.
ins_access = sa.Table(
    "ins_access",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("patient", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)

# A note under way, under the key `key_id` of its author: `owner` and `patient` are pseudonyms.
draft = sa.Table(
    "draft",
    metadata,
    sa.Column("draft_id", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("patient", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("leaving", sa.Text, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# Apart from `draft`, so that a word typed does not write them again.
draft_file = sa.Table(
    "draft_file",
    metadata,
    sa.Column("draft_id", sa.ForeignKey("draft.draft_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# A scan in the tray; what it is about is sealed.
scan = sa.Table(
    "scan",
    metadata,
    sa.Column("scan_id", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# Apart from `scan`: lists of scans do not load their pages.
scan_part = sa.Table(
    "scan_part",
    metadata,
    sa.Column("scan_id", sa.ForeignKey("scan.scan_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("part", sa.Text, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

tray_doctor = sa.Table(
    "tray_doctor",
    metadata,
    sa.Column("doctor", sa.Text, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# Who is expected on a day, sealed.
arrival = sa.Table(
    "arrival",
    metadata,
    sa.Column("arrival_id", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# What the practice's workstations share, change by change (storage.clinic_rows). `row` is a pseudonym; `number` is the server's,
# null until it has the change; `applied`: this workstation's own store has it.
shared_change = sa.Table(
    "shared_change",
    metadata,
    sa.Column("change", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("row", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger),
    sa.Column("applied", sa.Boolean, nullable=False),
    sa.Column("expires_at", Moment),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# One row: which server, how far it was read, its clock less ours in microseconds.
shared_cursor = sa.Table(
    "shared_cursor",
    metadata,
    sa.Column("epoch", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("skew", sa.BigInteger, nullable=False),
)

# Whose number a pseudonym of the journal stands for, sealed: the practice's journal has another one for them.
journal_patient = sa.Table(
    "journal_patient",
    metadata,
    sa.Column("patient", sa.Text, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# A note proposed to a doctor; what is in it opens for its author and for that doctor only.
proposal = sa.Table(
    "proposal",
    metadata,
    sa.Column("proposal_id", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
