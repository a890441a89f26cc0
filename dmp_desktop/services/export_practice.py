"""What an export holds of the practice's patients besides documents: the scan tray, the day's list, identities, opinions.

Only for who sees patients and is signed in. A scan goes with its files to its doctor alone, as its pages do on the screen.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dmp_desktop.cda.media import media_type
from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import label_of
from dmp_desktop.domain.arrivals import Arrival
from dmp_desktop.domain.consent import TracedAct
from dmp_desktop.domain.documents import DocumentKind
from dmp_desktop.domain.drafts import KeptDraft
from dmp_desktop.domain.identity import Identity
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ins_access import InsAccess, Why
from dmp_desktop.domain.proposals import Proposal, ProposalState
from dmp_desktop.domain.roles import Task
from dmp_desktop.domain.tray import Part, Scan, ScanRows
from dmp_desktop.errors import StorageError
from dmp_desktop.platform.keystore import write_durably
from dmp_desktop.services.act_words import REASONS
from dmp_desktop.services.csv_cells import csv_bytes
from dmp_desktop.services.draft_form import pack
from dmp_desktop.services.export_words import (
    ACCESS_COLUMNS,
    ARRIVAL_COLUMNS,
    IDENTITY_COLUMNS,
    OPINION_COLUMNS,
    PROPOSAL_COLUMNS,
    PROPOSAL_STATES,
    SCAN_COLUMNS,
    SCAN_STATES,
    WHY,
    draft_text,
)
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage import arrivals as arrival_rows
from dmp_desktop.storage import identities as identity_rows
from dmp_desktop.storage import tray as scan_rows
from dmp_desktop.storage.access import AccessStore
from dmp_desktop.storage.arrivals import SealedArrivals
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.journal import JournalRecord
from dmp_desktop.terminology import document_type

if TYPE_CHECKING:
    from dmp_desktop.services.export_all import Exported

SCANS, PROPOSALS = "numerisations", "propositions"


class ProposedNotes(Protocol):
    def all(self) -> tuple[list[Proposal], int]: ...


@dataclass(frozen=True, slots=True)
class PracticeKept:
    """`opened` gives the note proposed to who is signed in, by its id; `calls`: what INSi answered, by act; `accesses`: who got
    at which number; `accessed` is told whose numbers are written out; `refusal`: why who is signed in sees no number, in
    French, empty where they do."""

    scans: ScanRows
    arrivals: SealedArrivals
    identities: IdentityStore
    opinions: AccessStore
    calls: Callable[[], list[tuple[JournalRecord, str]]]
    accesses: Callable[[], list[InsAccess]]
    accessed: Callable[[Iterable[str], Why], None]
    refusal: Callable[[], str]
    proposals: ProposedNotes
    opened: Callable[[str], KeptDraft]


class PracticeExport:
    """Into `part`, for `who`; what was written is counted in `told`. Raises StorageError, OSError."""

    def __init__(self, kept: PracticeKept, part: Path, told: Exported, who: SignedIn) -> None:
        self._kept, self._part, self._told, self._who = kept, part, told, who
        self._numbers: list[str] = []

    def write(self) -> None:
        self._write_scans()
        self._write_arrivals()
        self._write_identities()
        self._write_opinions()
        self._write_proposals()
        self._write_calls()
        self._kept.accessed(self._numbers, Why.PRINT)
        self._write_accesses()

    def _write_scans(self) -> None:
        """Of other doctors only how many."""
        me, told = self._who.national_id, self._told
        found, damaged = self._kept.scans.scans()
        mine = [one for one in found if one.author_id in ("", me)]
        told.scans, told.others_scans = len(mine), len(found) - len(mine)
        told.unreadable += damaged
        (self._part / SCANS).mkdir(mode=0o700)
        files = {one.id: self._write_parts(one) for one in mine}
        self._table("numerisations", SCAN_COLUMNS, [(*_scan_cells(one), " ".join(files[one.id])) for one in mine])
        rows = [
            {"id": one.id, "state": one.state, "received_at": one.received_at, "updated_at": one.updated_at}
            | scan_rows.plain(one)
            | {"files": files[one.id]}
            for one in mine
        ]
        write_durably(self._part / "numerisations.json", json_bytes(rows))
        doctors = [asdict(one) for one in self._kept.scans.doctors()]
        write_durably(self._part / "numerisations-medecins.json", json_bytes(doctors))
        told.rows |= {"scan": len(mine), "tray_doctor": len(doctors)}
        for one in mine:
            patients = [one.patient.ins.value] if one.patient else []
            self._numbers += [*patients, *(code.ins.value for code in one.codes)]

    def _write_parts(self, scan: Scan) -> list[str]:
        """The file of the scanner and what was made of it, under names that say nothing of the patient."""
        names = []
        for part in Part:
            try:
                content = self._kept.scans.part(scan.id, part)
            except StorageError:
                self._told.unreadable += 1
                continue
            if content is None:
                continue
            name = f"{scan.id}{_ENDINGS[part] or _ending(content)}"
            write_durably(self._part / SCANS / name, content)
            self._told.count("scan_part")
            names.append(f"{SCANS}/{name}")
        return names

    def _write_arrivals(self) -> None:
        rows: list[Arrival] = []
        for day in self._kept.arrivals.days():
            found = self._kept.arrivals.of(day)
            rows += sorted(found.arrivals, key=lambda one: (one.expected.at is None, str(one.expected.at), one.place))
            self._told.unreadable += found.unreadable
        self._table("accueil", ARRIVAL_COLUMNS, map(_arrival_cells, rows))
        plain = [{"id": one.arrival_id, "day": one.day, **json.loads(arrival_rows.encode(one))} for one in rows]
        write_durably(self._part / "accueil.json", json_bytes(plain))
        self._told.arrivals = self._told.rows["arrival"] = len(rows)
        for one in rows:
            patient = one.expected.patient
            self._numbers += [one.expected.ins] if one.expected.ins else []
            self._numbers += [patient.ins.value] if patient else []

    def _write_identities(self) -> None:
        people, unread = self._kept.identities.everyone()
        people.sort(key=lambda one: (one.traits.name, one.person))
        self._told.unreadable += unread
        self._table("identites", IDENTITY_COLUMNS, map(_identity_cells, people))
        plain = [
            {"person": one.person, "status": one.status, **json.loads(identity_rows.encode(one))} for one in people
        ]
        write_durably(self._part / "identites.json", json_bytes(plain))
        self._told.identities = len(people)
        self._told.rows |= {"identity": len(people), "identity_number": sum(len(one.numbers) for one in people)}
        self._numbers += [number for one in people for number in one.numbers]

    def _write_opinions(self) -> None:
        """The doctor's own words on a forced access are theirs alone."""
        acts, unread = self._kept.opinions.everything()
        self._told.unreadable += unread
        me = self._who.national_id
        rows = [(patient, act, act.words if act.by == me else "") for patient, act in acts]
        self._table("avis-et-acces", OPINION_COLUMNS, [_opinion_cells(*row) for row in rows])
        plain = [
            {"ins": patient.value, "oid": patient.oid} | asdict(act) | {"words": own} for patient, act, own in rows
        ]
        write_durably(self._part / "avis-et-acces.json", json_bytes(plain))
        self._told.opinions = self._told.rows["access_act"] = len(rows)
        self._numbers += [patient.value for patient, _act, _own in rows]

    def _write_proposals(self) -> None:
        """Those of who proposed them or is to validate them; the words of what waits for them. An author's own are a draft."""
        me, told = self._who.national_id, self._told
        found, damaged = self._kept.proposals.all()
        told.unreadable += damaged
        mine = [one for one in found if me in (one.author_id, one.doctor_id)]
        (self._part / PROPOSALS).mkdir(mode=0o700)
        rows = []
        for number, one in enumerate(mine, 1):
            name = f"{PROPOSALS}/{number:04}.txt"
            waits = one.doctor_id == me and one.state is ProposalState.WAITING
            rows.append((*_proposal_cells(one), name if waits and self._write_note(one, name) else ""))
        self._table("propositions", PROPOSAL_COLUMNS, rows)
        plain = [dict(zip(PROPOSAL_COLUMNS, row, strict=True)) for row in rows]
        write_durably(self._part / "propositions.json", json_bytes(plain))
        told.proposals = told.rows["proposal"] = len(mine)

    def _write_note(self, one: Proposal, name: str) -> bool:
        try:
            draft = self._kept.opened(one.id)
        except StorageError:
            self._told.unreadable += 1
            return False
        plain, _files = pack(draft)
        write_durably(self._part / name, draft_text(draft).encode())
        write_durably((self._part / name).with_suffix(".json"), plain)
        for kind, content in joined_files(draft):
            write_durably((self._part / name).with_suffix(f".{kind.value}{_ending(content)}"), content)
        self._numbers.append(draft.patient.ins.value)
        return True

    def _write_calls(self) -> None:
        calls = self._kept.calls()
        plain = [
            {"at": record.at, "by": record.actor, "action": record.action, "returned": json.loads(told)}
            for record, told in calls
        ]
        write_durably(self._part / "appels-insi.json", json_bytes(plain))
        self._told.rows["journal_told"] = len(calls)
        self._numbers += filter(None, (one["returned"].get("active", {}).get("ins") for one in plain))

    def _write_accesses(self) -> None:
        """Everybody's where one reads everybody's acts, else one's own."""
        whole, me = roles.may(self._who.role, Task.READ_JOURNAL), self._who.national_id
        found = [one for one in reversed(self._kept.accesses()) if whole or one.by == me]
        self._table("acces-ins", ACCESS_COLUMNS, [(_time(one.at), one.by, one.patient, WHY[one.why]) for one in found])
        write_durably(self._part / "acces-ins.json", json_bytes([asdict(one) for one in found]))
        self._told.rows["ins_access"] = len(found)

    def _table(self, name: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
        write_durably(self._part / f"{name}.csv", csv_bytes(columns, rows))


_ENDINGS = {Part.FILE: "", Part.PDF: "-pour-le-dmp.pdf", Part.TEXT: "-texte.txt", Part.CDA: "-document.xml"}


def _ending(content: bytes) -> str:
    return mimetypes.guess_extension(media_type(content) or "") or ".bin"


def _scan_cells(one: Scan) -> tuple[object, ...]:
    patient, kind = one.patient, document_type(one.type_code)
    return (
        one.id,
        _time(one.received_at),
        SCAN_STATES[one.state],
        one.pages,
        one.size,
        *((patient.ins.value, patient.birth_family, patient.birth_given) if patient else ("", "", "")),
        _text(patient.birth_date if patient else None),
        one.type_code,
        kind.display if kind else "",
        _text(one.act_date),
        one.author_id,
        REASONS.get(one.returned or "", ""),
        one.returns,
        one.validated_by,
        one.unique_id,
        " ".join(sorted(one.visibility)),
    )


def _arrival_cells(one: Arrival) -> tuple[object, ...]:
    told, last = one.expected, one.steps[-1] if one.steps else None
    return (
        _text(one.day),
        _time(told.at),
        told.family,
        told.given,
        _text(told.birth_date),
        told.sex,
        told.ins,
        told.doctor,
        told.rpps,
        REASONS[one.stage],
        _time(last.at if last else None),
        last.by_name or last.by if last else "",
        one.source,
        "oui" if one.withdrawn else "",
        "" if one.dmp is None else "oui" if one.dmp.exists else "non",
    )


def _identity_cells(one: Identity) -> tuple[object, ...]:
    traits, check, number = one.traits, one.check, one.matricule
    return (
        one.person,
        traits.birth_family,
        traits.first_given,
        traits.birth_given,
        traits.sex,
        _text(traits.birth_date),
        traits.birth_place_cog,
        *((number.value, number.oid) if number else ("", "")),
        one.status,
        REASONS.get(check.kind, check.label or check.kind) if check else "",
        _time(check.at if check else None),
        check.by if check else "",
        REASONS.get(one.doubt or "", ""),
        _time(one.refused_at),
        " ".join(old.value for old in one.history),
    )


def _opinion_cells(patient: InsIdentity, act: TracedAct, own: str) -> tuple[object, ...]:
    why = REASONS.get(act.reason) or (label_of(act.reason) if act.reason else "")
    return _time(act.at), label_of(act.act), patient.value, patient.oid, act.by, act.by_name, why, own


def _proposal_cells(one: Proposal) -> tuple[object, ...]:
    answered = one.answer.at if one.answer and one.state is not ProposalState.WAITING else None
    document = one.answer.unique_id if one.answer else ""
    state = PROPOSAL_STATES[one.state]
    return one.id, one.author_name, one.doctor_name, _time(one.proposed_at), one.round, state, _time(answered), document


def joined_files(draft: KeptDraft) -> list[tuple[DocumentKind, bytes]]:
    """Files joined to it, by the kind whose form they are of."""
    return [(form.kind, form.attachment.content) for form in draft.forms if form.attachment]


def _time(moment: datetime | None) -> str:
    return moment.astimezone().isoformat(sep=" ", timespec="seconds") if moment else ""


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


def json_bytes(value: object) -> bytes:
    """Indented, UTF-8; what JSON has no form for as its text, a moment in ISO 8601."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain).encode()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
