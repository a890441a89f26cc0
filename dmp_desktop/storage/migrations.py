"""Numbered forward migrations: `PRAGMA user_version` is the number of the last one applied. One applied is never
edited."""

from __future__ import annotations

import sqlalchemy as sa

from dmp_desktop.storage.errors import too_new

_OUTBOX = """
CREATE TABLE outbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    unique_id TEXT NOT NULL UNIQUE,
    submission_id TEXT NOT NULL UNIQUE,
    author_id TEXT NOT NULL,
    subject BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'refused', 'cancelled')),
    waiting_for TEXT NOT NULL,
    in_doubt BOOLEAN NOT NULL,
    attempts INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    next_attempt_at BIGINT,
    lease_owner TEXT,
    lease_until BIGINT,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    remedy TEXT NOT NULL,
    proof TEXT NOT NULL,
    CHECK ((state = 'sending') = (lease_owner IS NOT NULL))
);
CREATE INDEX outbox_open ON outbox (state, next_attempt_at);
CREATE TABLE outbox_document (
    item_id INTEGER NOT NULL PRIMARY KEY REFERENCES outbox (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL
);
"""

_CACHE = """
CREATE TABLE cached_document (
    unique_id TEXT NOT NULL PRIMARY KEY,
    patient TEXT NOT NULL,
    sealed BLOB NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX cached_document_patient ON cached_document (patient);
CREATE INDEX cached_document_expiry ON cached_document (expires_at);
"""

_JOURNAL = """
CREATE TABLE journal (
    number INTEGER NOT NULL PRIMARY KEY,
    record TEXT NOT NULL,
    chain BLOB NOT NULL
);
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
"""

_PREFERENCES = """
CREATE TABLE preference (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (owner, name)
);
"""

_SEARCH = """
CREATE TABLE indexed_document (
    unique_id TEXT NOT NULL PRIMARY KEY REFERENCES cached_document (unique_id) ON DELETE CASCADE,
    patient TEXT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX indexed_document_patient ON indexed_document (patient, unique_id);
CREATE INDEX cached_document_alive ON cached_document (patient, unique_id, expires_at);
"""

_FACTS = """
CREATE TABLE cached_facts (
    unique_id TEXT NOT NULL PRIMARY KEY REFERENCES cached_document (unique_id) ON DELETE CASCADE,
    patient TEXT NOT NULL,
    sealed BLOB NOT NULL
);
"""

_ACCESS = """
CREATE TABLE access_act (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    patient TEXT NOT NULL,
    act TEXT NOT NULL,
    at BIGINT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX access_act_patient ON access_act (patient, number);
CREATE TRIGGER access_act_no_update BEFORE UPDATE ON access_act BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER access_act_no_delete BEFORE DELETE ON access_act BEGIN SELECT RAISE(ABORT, 'append-only'); END;
"""

_IDENTITIES = """
CREATE TABLE identity (
    person TEXT NOT NULL PRIMARY KEY,
    born TEXT NOT NULL,
    matricule TEXT,
    to_review BOOLEAN NOT NULL,
    sealed BLOB NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX identity_born ON identity (born);
CREATE INDEX identity_matricule ON identity (matricule);
"""

# What was kept before is within the seal: `IdentityStore` gives those rows their numbers, the first time one is looked for.
_NUMBERS = """
CREATE TABLE identity_number (
    person TEXT NOT NULL REFERENCES identity (person) ON DELETE CASCADE,
    matricule TEXT NOT NULL,
    PRIMARY KEY (person, matricule)
);
CREATE INDEX identity_number_matricule ON identity_number (matricule);
ALTER TABLE identity ADD COLUMN numbered BOOLEAN NOT NULL DEFAULT 0;
CREATE INDEX identity_numbered ON identity (numbered);
"""

# What an act brought back of a person, beside its record, which holds the digest of these bytes.
_JOURNAL_TOLD = """
CREATE TABLE journal_told (
    number INTEGER NOT NULL PRIMARY KEY REFERENCES journal (number),
    sealed BLOB NOT NULL
);
CREATE TRIGGER journal_told_no_update BEFORE UPDATE ON journal_told BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER journal_told_no_delete BEFORE DELETE ON journal_told BEGIN SELECT RAISE(ABORT, 'append-only'); END;
"""

# Who got at which INS, and why (rule 4 of the INS guide).
_INS_ACCESS = """
CREATE TABLE ins_access (
    number INTEGER NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    patient TEXT NOT NULL,
    why TEXT NOT NULL
);
CREATE INDEX ins_access_patient ON ins_access (patient, number);
CREATE TRIGGER ins_access_no_update BEFORE UPDATE ON ins_access BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER ins_access_no_delete BEFORE DELETE ON ins_access BEGIN SELECT RAISE(ABORT, 'append-only'); END;
"""

_WRAPPED_KEYS = """
CREATE TABLE wrapped_key (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL,
    key_id TEXT NOT NULL,
    wrapping TEXT NOT NULL,
    salt BLOB NOT NULL,
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX wrapped_key_owner ON wrapped_key (owner, number);
"""

# What was kept under the workstation's key goes: it was a cache, the DMP has it. What is kept now is one person's each.
_OWNED_CACHE = """
DROP TABLE cached_facts;
DROP TABLE indexed_document;
DROP TABLE cached_document;
CREATE TABLE cached_document (
    unique_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    patient TEXT NOT NULL,
    sealed BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (unique_id, key_id)
);
CREATE INDEX cached_document_expiry ON cached_document (expires_at);
CREATE INDEX cached_document_alive ON cached_document (patient, key_id, unique_id, expires_at);
CREATE TABLE indexed_document (
    unique_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    patient TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (unique_id, key_id),
    FOREIGN KEY (unique_id, key_id) REFERENCES cached_document (unique_id, key_id) ON DELETE CASCADE
);
CREATE INDEX indexed_document_patient ON indexed_document (patient, key_id, unique_id);
CREATE TABLE cached_facts (
    unique_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    patient TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (unique_id, key_id),
    FOREIGN KEY (unique_id, key_id) REFERENCES cached_document (unique_id, key_id) ON DELETE CASCADE
);
"""

# Notes under way, under their author's own key; the files joined to them are written once.
_DRAFTS = """
CREATE TABLE draft (
    draft_id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    key_id TEXT NOT NULL,
    patient TEXT NOT NULL,
    revision INTEGER NOT NULL,
    leaving TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX draft_owner ON draft (owner, updated_at);
CREATE TABLE draft_file (
    draft_id TEXT NOT NULL REFERENCES draft (draft_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    key_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (draft_id, name)
);
"""

# Scans in the tray: rows and parts sealed, digests of files as pseudonyms.
_TRAY = """
CREATE TABLE scan (
    scan_id TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    received_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE TABLE scan_part (
    scan_id TEXT NOT NULL REFERENCES scan (scan_id) ON DELETE CASCADE,
    part TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (scan_id, part)
);
CREATE TABLE tray_doctor (
    doctor TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
);
"""

# Who is expected on a day: sealed, but for the day it is forgotten after.
_ARRIVALS = """
CREATE TABLE arrival (
    arrival_id TEXT NOT NULL PRIMARY KEY,
    day TEXT NOT NULL,
    revision INTEGER NOT NULL,
    updated_at BIGINT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX arrival_day ON arrival (day);
"""

# What the practice shares, change by change (storage.clinic_rows).
_SHARED = """
CREATE TABLE shared_change (
    change TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    row TEXT NOT NULL,
    number BIGINT,
    applied BOOLEAN NOT NULL,
    expires_at BIGINT,
    sealed BLOB NOT NULL
);
CREATE INDEX shared_change_row ON shared_change (kind, row);
CREATE INDEX shared_change_untold ON shared_change (number) WHERE number IS NULL;
CREATE INDEX shared_change_to_take ON shared_change (kind) WHERE NOT applied;
CREATE TABLE shared_cursor (
    epoch TEXT NOT NULL,
    number BIGINT NOT NULL,
    skew BIGINT NOT NULL
);
INSERT INTO shared_cursor VALUES ('', 0, 0);
"""

# Whose number a pseudonym of the journal stands for, sealed (storage.clinic_journal).
_JOURNAL_PATIENTS = """
CREATE TABLE journal_patient (
    patient TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
);
"""

# Notes proposed to a doctor, sealed (storage.proposals).
_PROPOSALS = """
CREATE TABLE proposal (
    proposal_id TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
"""

MIGRATIONS = (
    _OUTBOX + _CACHE + _JOURNAL,
    _PREFERENCES,
    _SEARCH,
    _FACTS,
    _ACCESS,
    _IDENTITIES,
    _NUMBERS,
    _JOURNAL_TOLD,
    _INS_ACCESS,
    _WRAPPED_KEYS,
    _OWNED_CACHE,
    _DRAFTS,
    _TRAY,
    _ARRIVALS,
    _SHARED,
    _JOURNAL_PATIENTS,
    _PROPOSALS,
)
_END = ";\n"


def migrate(connection: sa.Connection, migrations: tuple[str, ...] = MIGRATIONS) -> None:
    """Apply what is missing, inside the caller's write transaction: all of it or nothing, one process at a time.

    Raises StorageError("storage-newer") when the file is from a later version.
    """
    version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    if version > len(migrations):
        raise too_new()
    for number, script in enumerate(migrations[version:], version + 1):
        for statement in filter(str.strip, script.split(_END)):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"PRAGMA user_version = {number}")
