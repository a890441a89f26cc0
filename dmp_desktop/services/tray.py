"""What people do with the scans of the tray: prepare, look, validate, give back, take out. Who may is said in `domain.roles`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from uuid import NAMESPACE_OID, uuid5

from dmp_desktop.cda.media import PDF
from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.documents import Attachment, BuiltDocument, DocumentFormat, DocumentKind, Visibility
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Facility, Patient, Role
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.roles import Task
from dmp_desktop.domain.tray import Part, Reason, Scan, ScanRows, ScanState, TrayDoctor
from dmp_desktop.errors import CardError, ContextError, DmpError, StorageError
from dmp_desktop.services.found_person import same_person
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.terminology import document_type

AT_DESK = (ScanState.TO_PREPARE, ScanState.TO_VALIDATE)
_NOON = time(12)

Note = Callable[[Act, Scan, str], None]
"""Writes an act in the journal, with a reason of a list."""


@dataclass(frozen=True, slots=True, repr=False)
class Preparation:
    """What the front desk says of a scan; all of it is needed. `type_code` is of JDV_J07, `author_id` PS_IdNat."""

    patient: Patient | None
    type_code: str
    act_date: date | None
    author_id: str


SEARCHED = 20_000
"""Characters of a document that are looked into: six pages of small print."""


class TrayService:
    """`who` is signed in; `build` makes a document, `known` gives a patient as known now. Every change is of a scan as it was on
    screen: refused when somebody changed it since. Methods raise StorageError, and DmpDesktopError for who may not."""

    def __init__(
        self,
        rows: ScanRows,
        clock: Clock,
        who: Callable[[], SignedIn | None],
        build: Callable[[DocumentOrder, Facility], BuiltDocument],
        known: Callable[[Patient], Patient],
        note: Note,
    ) -> None:
        self._rows = rows
        self._clock = clock
        self._who = who
        self._build = build
        self._known = known
        self._note = note

    # -- what there is ------------------------------------------------------------------------------------------------------

    def scans(self) -> tuple[list[Scan], int]:
        """Those that are for who is signed in: all of them at the desk; for a professional, theirs, and those that are nobody's
        yet. And how many cannot be read."""
        who = self._may(Task.SEE_PATIENTS)
        found, damaged = self._rows.scans()
        if not roles.may(who.role, Task.READ_RECORDS):
            return found, damaged
        return [one for one in found if one.author_id in ("", _id(who))], damaged

    def doctors(self) -> list[TrayDoctor]:
        """Whom scans may be for."""
        self._may(Task.SEE_PATIENTS)
        return self._rows.doctors()

    def meet(self) -> None:
        """Who is signed in may be given scans from now on, if they may validate them. Nothing for the others."""
        who = self._who()
        if who is not None and _validates(who):
            self._rows.meet(TrayDoctor(_id(who), who.professional.display_name))

    def pages(self, scan: Scan) -> bytes:
        """The PDF, as it is sent. Only for who reads records, of a scan that is theirs or nobody's yet."""
        who = self._may(Task.READ_RECORDS)
        if scan.author_id not in ("", _id(who)):
            raise _of_another()
        content = self._pdf(scan)
        self._note(Act.SCAN_SHOWN, scan, "")
        return content

    def words(self, scan: Scan) -> str:
        """Its text layer, to find whose it is: never shown."""
        self._may(Task.SEE_PATIENTS)
        return (self._rows.part(scan.id, Part.TEXT) or b"").decode()

    # -- what is done with them ---------------------------------------------------------------------------------------------

    def prepare(self, scan: Scan, told: Preparation) -> Scan:
        """To its doctor's list. What is lacking is asked for (ContextError): nothing is made up, the day of the act least of
        all."""
        who = self._may(Task.SEE_PATIENTS)
        _in_state(scan, *AT_DESK)
        if roles.may(who.role, Task.READ_RECORDS) and scan.author_id not in ("", _id(who)):
            raise _of_another()
        patient = self._checked(told)
        prepared = replace(
            scan,
            state=ScanState.TO_VALIDATE,
            patient=patient,
            type_code=told.type_code,
            act_date=told.act_date,
            author_id=told.author_id,
            returned=None,
        )
        return self._changed(prepared, Act.SCAN_PREPARED)

    def validate(self, scan: Scan, visibility: frozenset[Visibility] = frozenset()) -> Scan:
        """By the doctor it is for, who becomes its author and answers for it: its document is made and keeps its uniqueId from
        now on. Raises CdaError, ContextError where it cannot be made."""
        who = self._validator(scan)
        _in_state(scan, ScanState.TO_VALIDATE)
        if scan.by_others:
            raise ContextError(
                "scan-by-others",
                "Un autre est l'auteur de ce document et en répond : il ne part pas au DMP sous votre nom.",
                "Classez-le. S'il manque au DMP, demandez à son auteur de l'y déposer.",
            )
        if scan.patient is None or scan.act_date is None:
            raise _lacking("patient", "Cette numérisation n'est pas préparée.", "Préparez-la d'abord.")
        patient = self._known(scan.patient)
        order = DocumentOrder(
            patient,
            who.professional,
            self._moment(scan.act_date),
            "",
            kind=DocumentKind.SCAN,
            format=DocumentFormat.PDF,
            extra={"type": scan.type_code},
            attachment=Attachment(PDF, self._pdf(scan)),
            unique_id=document_id(scan),
        )
        built = self._build(order, who.facility)
        validated = replace(
            scan,
            state=ScanState.VALIDATED,
            patient=patient,
            unique_id=built.unique_id,
            validated_by=_id(who),
            made=scan.made + 1,
            visibility=visibility,
        )
        return self._changed(validated, Act.SCAN_VALIDATED, parts={Part.CDA: built.cda})

    def file(self, scan: Scan) -> Scan:
        """Read and kept, by the doctor a received message is for: somebody else is its author, nothing of it is sent."""
        self._validator(scan)
        _in_state(scan, ScanState.TO_VALIDATE)
        if not scan.by_others:
            raise ContextError(
                "scan-not-received",
                "Ce document n'a pas été reçu d'un autre logiciel : il ne se classe pas.",
                "Validez-le, ou rendez-le.",
            )
        return self._changed(replace(scan, state=ScanState.FILED), Act.SCAN_FILED)

    def filed(self, patient: Patient) -> list[Scan]:
        """What who is signed in has filed of this patient, the latest act first. Only for who reads records."""
        who = self._may(Task.READ_RECORDS)
        scans, _damaged = self._rows.scans()
        filed = [one for one in scans if one.state is ScanState.FILED and one.author_id == _id(who)]
        theirs = [one for one in filed if one.patient is not None and same_person(one.patient.ins, patient.ins)]
        return sorted(theirs, key=lambda one: (one.act_date or date.min, one.received_at), reverse=True)

    def filed_words(self, scans: Sequence[Scan]) -> dict[str, str]:
        """The words of what was filed by its id, to find it by: read from its pages, at most SEARCHED characters each."""
        from dmp_desktop.cda.read.pdftext import pdf_text  # its helper process is seldom wanted

        who = self._may(Task.READ_RECORDS)
        mine = [one for one in scans if one.state is ScanState.FILED and one.author_id == _id(who)]
        return {one.id: pdf_text(self._rows.part(one.id, Part.PDF) or b"")[:SEARCHED] for one in mine}

    def reopen(self, scan: Scan) -> Scan:
        """Back to be read, by the same doctor."""
        self._validator(scan)
        _in_state(scan, ScanState.FILED)
        return self._changed(replace(scan, state=ScanState.TO_VALIDATE), Act.SCAN_REOPENED)

    def give_back(self, scan: Scan, reason: Reason) -> Scan:
        """To the front desk, by the doctor it is for, with a reason; also what is validated and not sent. Of the wrong
        patient, it is no longer theirs at once."""
        self._validator(scan)
        _in_state(scan, ScanState.TO_VALIDATE, ScanState.VALIDATED)
        wrong = reason is Reason.WRONG_PATIENT
        returned = replace(
            scan,
            state=ScanState.TO_PREPARE,
            patient=None if wrong else scan.patient,
            returned=reason,
            returns=scan.returns + 1,
            unique_id="",
            validated_by="",
            visibility=frozenset(),
        )
        return self._changed(returned, Act.SCAN_RETURNED, reason=reason, parts={Part.CDA: b""}, of=scan)

    def discard(self, scan: Scan) -> Scan:
        """Out of the tray, where `restore` finds it for a while. What was received has no paper behind it: not by the desk."""
        who = self._may(Task.SEE_PATIENTS)
        _in_state(scan, *AT_DESK)
        if scan.origin is not None and not roles.may(who.role, Task.READ_RECORDS):
            raise DmpError(
                "ReceptionReservee",
                "Ce document reçu n'a pas d'original sur papier : seul un médecin l'écarte, après l'avoir lu.",
                "Préparez-le pour lui.",
            )
        return self._changed(replace(scan, state=ScanState.DISCARDED), Act.SCAN_DISCARDED)

    def restore(self, scan: Scan) -> Scan:
        self._may(Task.SEE_PATIENTS)
        _in_state(scan, ScanState.DISCARDED)
        return self._changed(replace(scan, state=ScanState.TO_PREPARE), Act.SCAN_RESTORED)

    # -- rules --------------------------------------------------------------------------------------------------------------

    def _pdf(self, scan: Scan) -> bytes:
        content = self._rows.part(scan.id, Part.PDF)
        if content is None:
            raise StorageError(
                "scan-unknown", "Cette numérisation n'est plus dans la bannette.", "Actualisez la liste."
            )
        return content

    def _may(self, task: Task) -> SignedIn:
        who = self._who()
        if who is None:
            raise CardError("CarteAbsente", "Votre carte n'est pas dans le lecteur.", "Insérez-la puis recommencez.")
        if why := roles.refusal(who.role, task):
            raise DmpError("BannetteReservee", why, roles.remedy(who.role))
        return who

    def _validator(self, scan: Scan) -> SignedIn:
        who = self._may(Task.SEND_OWN)
        if not _validates(who) or scan.author_id != _id(who):
            raise _of_another()
        return who

    def _checked(self, told: Preparation) -> Patient:
        today = self._clock.now().astimezone().date()
        if told.patient is None:
            raise _lacking(
                "patient", "Le patient n'est pas choisi.", "Cochez-le, ou cherchez-le par sa date de naissance."
            )
        patient = self._known(told.patient)
        if patient.ins.status is not InsStatus.QUALIFIEE:
            raise _lacking(
                "patient",
                "L'identité de ce patient n'est pas qualifiée : rien ne peut partir dans son DMP.",
                "Qualifiez-la (pièce d'identité et INSi), puis reprenez cette numérisation.",
            )
        if document_type(told.type_code) is None:
            raise _lacking("type", "Le type du document n'est pas choisi.", "Choisissez-le dans la liste.")
        if told.act_date is None:
            raise _lacking("date", "La date de l'acte manque.", "Saisissez celle qui est écrite sur le papier.")
        if not patient.birth_date <= told.act_date <= today:
            raise _lacking(
                "date",
                "La date de l'acte est à venir, ou d'avant la naissance du patient.",
                "Vérifiez-la sur le papier.",
            )
        if told.author_id not in {one.national_id for one in self._rows.doctors()}:
            raise _lacking("author", "Le médecin n'est pas choisi.", "Choisissez celui qui validera ce document.")
        return patient

    def _moment(self, day: date) -> datetime:
        """Noon of that day here, whose day is the same in every zone that reads it; now, when that is to come."""
        now = self._clock.now().astimezone()
        return min(datetime.combine(day, _NOON).astimezone(), now)

    def _changed(
        self,
        scan: Scan,
        act: Act,
        *,
        reason: str = "",
        parts: dict[Part, bytes] | None = None,
        of: Scan | None = None,
    ) -> Scan:
        """`of`: as it was, where the act is about a patient it has no more."""
        kept = self._rows.change(replace(scan, updated_at=self._clock.now()), parts)
        if kept is None:
            raise ContextError(
                "scan-changed",
                "Cette numérisation a changé depuis qu'elle est à l'écran : rien n'est enregistré.",
                "Relisez-la telle qu'elle est maintenant, puis recommencez si besoin.",
            )
        self._note(act, of or kept, reason)
        return kept


def document_id(scan: Scan) -> str:
    """Of the next document made of a scan: made on two workstations that do not hear each other, it is one, which the DMP takes
    once."""
    return f"2.25.{uuid5(NAMESPACE_OID, f'{scan.id}/{scan.made + 1}').int}"


def _validates(who: SignedIn) -> bool:
    """A person, who may send in their own name; the structure's certificate answers for nothing."""
    return roles.may(who.role, Task.SEND_OWN) and who.role is not Role.STRUCTURE and bool(_id(who))


def _id(who: SignedIn) -> str:
    """By which documents name them."""
    return who.professional.national_id


def _in_state(scan: Scan, *states: ScanState) -> None:
    if scan.state not in states:
        raise ContextError("scan-state", "Cette numérisation n'en est plus là.", "Actualisez la liste.")


def _lacking(field: str, message: str, remedy: str) -> ContextError:
    return ContextError(f"scan-{field}", message, remedy, field=field)


def _of_another() -> DmpError:
    return DmpError(
        "NumerisationDUnAutre",
        "Cette numérisation est préparée pour un autre professionnel.",
        "Lui seul la voit et la valide ; le secrétariat peut la préparer pour vous.",
    )
