"""The services at the window's edge, in memory: small, honest implementations of ui/ports.py with invented patients."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.cards import Beneficiary, CardEvent, CardEventType, CardKind, CpsActivity, PublicCps
from dmp_desktop.domain.clinical import ClinicalItem, Dosage, Injection, ItemKind
from dmp_desktop.domain.documents import (
    Association,
    Attachment,
    Author,
    Availability,
    BuiltDocument,
    Code,
    DocumentEntry,
    DocumentFormat,
    DocumentKind,
    Parent,
    Visibility,
)
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus, nir_key
from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.people import Facility, Patient, Professional, Role, Sex
from dmp_desktop.domain.search import Hit, SearchFilters
from dmp_desktop.errors import ContextError, DmpDesktopError, DmpError
from dmp_desktop.services.digest import Digest, DigestLine, OnPart
from dmp_desktop.services.habits import Habits
from dmp_desktop.services.opened import OpenedDocument
from dmp_desktop.services.orders import DocumentOrder, RecordFacts, SensitiveTopic, Suggestion
from dmp_desktop.services.record import RecordList
from dmp_desktop.services.session import Phase, PinAsked, SessionState, SignedIn

NOW = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
DOCTOR = Professional("10002422979", "DUPONT", "Camille", "G15_10/SM26", "MME", "DR")
CABINET = Facility("410002422979001", "Cabinet des Lilas", "SA07")


class FixedClock:
    """Stands still until `moment` is set."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return 0.0


def patient(family: str, given: str, sex: Sex, birth: date, place: str, matricule: str) -> Patient:
    ins = InsIdentity(matricule + nir_key(matricule), OID_INS_TEST, InsStatus.QUALIFIEE)
    return Patient(ins, family, given, given, sex, birth, matricule[5:10], place)


LEA = patient("TEST-MARTIN", "Léa", Sex.FEMALE, date(1985, 3, 12), "Reims", "2850351454123")
PAUL = patient("TEST-BERNARD", "Paul", Sex.MALE, date(1952, 7, 1), "Troyes", "1520710387045")
BABY = patient("TEST-MARTIN", "Zoé", Sex.FEMALE, date(2026, 2, 25), "Reims", "2260251454077")


def beneficiary(one: Patient, rank: int) -> Beneficiary:
    return Beneficiary(one.birth_family, one.first_given, f"{one.birth_date:%Y%m%d}", one.ins.value, rank)


TYPES = (
    (Code("11502-2", "2.16.840.1.113883.6.1", "CR d'examens biologiques"), "10", "Laboratoire TEST des Tilleuls"),
    (Code("11488-4", "2.16.840.1.113883.6.1", "CR ou fiche de consultation ou de visite"), "10", "Cabinet TEST"),
    (Code("57833-6", "2.16.840.1.113883.6.1", "Prescription de produits de santé"), "42", "Hôpital TEST"),
    (Code("18748-4", "2.16.840.1.113883.6.1", "CR d'imagerie médicale"), "31", "Centre TEST d'imagerie"),
    (Code("34133-9", "2.16.840.1.113883.6.1", "Lettre de liaison à la sortie"), "10", "Hôpital TEST"),
    (Code("EXPPAT_2", "1.2.250.1.213.1.1.4.12", "Autre document du patient"), "90", ""),
)
AUTHORS = (("PETIT", "Anne"), ("GARCIA", "Luc"), ("MOREAU", "Ines"), ("LEROY", "Hugo"))


def entries(count: int) -> list[DocumentEntry]:
    """`count` documents, newest first, of all types and states."""
    return [_entry(number) for number in range(count)]


def _entry(number: int) -> DocumentEntry:
    code, class_code, institution = TYPES[number % len(TYPES)]
    family, given = AUTHORS[number % len(AUTHORS)]
    status = Availability.ARCHIVED if number % 17 == 11 else Availability.APPROVED
    hidden = (Code("INVISIBLE_PATIENT", "1.2.250.1.213.1.1.4.13"),) if number % 13 == 7 else ()
    return DocumentEntry(
        unique_id=f"1.2.250.1.999.{number}",
        title=f"{code.display} n° {number + 1}" if number % 3 else code.display,
        type_code=code,
        class_code=Code(class_code, "1.2.250.1.213.1.1.4.1"),
        format_code=Code("urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3"),
        creation_time=NOW - timedelta(days=3 * number, hours=number % 5),
        version=2 if number % 10 == 9 else 1,
        status=status,
        confidentiality=hidden,
        authors=(Author(family, given, institution=institution),),
    )


class FakeSession:
    """Follows the cards like the real one; which card holds whom is set by the test."""

    def __init__(self) -> None:
        self._state = SessionState(service_up=True, readers=("Lecteur A", "Lecteur B"))
        self._cards: dict[str, CardKind | None] = {}
        self.vitale: tuple[Patient, ...] = (LEA,)
        self.pin: PinAsked | None = None  # set: the card asks its PIN
        self.pin_answers: list[PinAsked] = []
        self.places: tuple[CpsActivity, ...] = ()
        self.suggested: int | None = None
        self.who, self.role = DOCTOR, Role.DOCTOR  # whose card it is
        self.doubt = ""  # French, where the card does not tell its type
        self.card: PublicCps | None = None
        self.pins: list[str] = []
        self.pin_seconds = 0.0  # how long the card works at an entry
        self._kept: tuple[Professional, Patient | None] | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.threads: set[int] = set()
        self.let_go_of: list[CardEvent | None] = []
        self.ending: Callable[[], None] = lambda: None  # logging out and disconnecting
        self.looks = 0

    def state(self) -> SessionState:
        return self._state

    def let_go(self, event: CardEvent | None = None) -> Callable[[], None]:
        self.let_go_of.append(event)
        return self.ending

    def handle(self, event: CardEvent) -> SessionState:
        self.threads.add(threading.get_ident())
        self.gate.wait(120)
        if event.type is CardEventType.CARD_INSERTED:
            self._cards[event.reader] = event.kind
            if event.kind is CardKind.CPS:
                self._professional_in()
            elif self._state.professional:
                self._vitale_in()
        elif event.type is CardEventType.CARD_REMOVED:
            if self._cards.pop(event.reader, None) is CardKind.CPS:
                self._kept = None
                self._mask(Phase.MASKED)
            else:
                self._set(vitale_present=False)
        return self._state

    def read_again(self) -> SessionState:
        """`pin` says what the card asks now; without it the doctor is in."""
        self.gate.wait(120)
        self._set(unreadable=(), unread="", notice="")
        if CardKind.CPS in self._cards.values() and self._state.professional is None:
            self._professional_in()
        return self._state

    def look_again(self) -> SessionState:
        """Another program goes on holding the card, if there is one."""
        self.looks += 1
        return self._state

    def _vitale_in(self) -> None:
        people = tuple(beneficiary(one, rank) for rank, one in enumerate(self.vitale, 1))
        if len(people) == 1 and self._state.patient is None:
            self._set(phase=Phase.OPEN, vitale_present=True, patient=self.vitale[0])
        elif self._state.patient != self.vitale[0]:
            self._set(phase=Phase.CHOOSING, vitale_present=True, candidates=people)

    def choose(self, person: Beneficiary | None) -> SessionState:
        chosen = self.vitale[self._state.candidates.index(person)] if person else self._state.patient
        self._set(phase=Phase.OPEN if chosen else Phase.READY, patient=chosen, candidates=())
        return self._state

    def close_patient(self) -> SessionState:
        self._set(phase=Phase.READY, patient=None, candidates=())
        return self._state

    def present(self, find: Callable[[], tuple[Beneficiary, ...]]) -> SessionState:
        """Who is presented is found among `vitale`."""
        try:
            (person,) = find()
        except DmpDesktopError as error:
            self._set(notice=f"{error.message_fr} {error.remedy_fr}".strip())
        else:
            self.vitale = tuple(one for one in (LEA, PAUL, BABY) if one.ins.value == person.nir)
            self._vitale_in()
        return self._state

    def give_pin(self, pin: str, question: int) -> SessionState:
        """`pin_answers` says what each entry gives, the PIN itself is not looked at; then the doctor is in."""
        self.threads.add(threading.get_ident())
        self.gate.wait(120)
        threading.Event().wait(self.pin_seconds)
        self.pins.append(pin)
        asked = self._state.pin
        if asked is None or asked.refused or asked.question != question:
            return self._state
        if self.pin_answers:
            self._set(pin=self.pin_answers.pop(0))
        elif len(self.places) > 1:
            self._set(phase=Phase.ACTIVITY, pin=None, activities=self.places, suggested=self.suggested)
        else:
            self._signed_in()
        return self._state

    def practise(self, number: int) -> SessionState:
        if self._state.phase is Phase.ACTIVITY:
            self._signed_in(next(place.facility for place in self.places if place.number == number))
        return self._state

    def change_activity(self) -> SessionState:
        if self._state.professional and len(self.places) > 1:
            self._kept = (self._state.professional, self._state.patient)
            self._mask(Phase.ACTIVITY)
            self._set(activities=self.places, suggested=self.suggested)
        return self._state

    def lock(self) -> SessionState:
        if self._state.professional:
            self._kept = (self._state.professional, self._state.patient)
            self._mask(Phase.LOCKED)
        return self._state

    def unlock(self) -> SessionState:
        if self._state.phase is Phase.LOCKED:
            self._professional_in()
        return self._state

    def sign_in_by(self, sign_in: Callable[[], SignedIn]) -> SessionState:
        try:
            who = sign_in()
        except DmpDesktopError as error:
            self._set(notice=f"{error.message_fr} {error.remedy_fr}".strip())
        else:
            self._set(
                phase=Phase.READY,
                professional=who.professional,
                facility=who.facility,
                role=who.role,
                notice="",
                slot="",
            )
        return self._state

    def card_reset(self) -> SessionState:
        """It always was: its PIN is asked again, if it has one."""
        if self.pin and self._state.professional:
            self._kept = (self._state.professional, self._state.patient)
            self._mask(Phase.PIN)
            self._set(pin=self.pin)
        return self._state

    def sign_out(self) -> SessionState:
        self._mask(Phase.MASKED)
        return self._state

    def _professional_in(self) -> None:
        if self.pin:
            self._mask(Phase.PIN)
            self._set(pin=self.pin)
        else:
            self._signed_in()

    def _signed_in(self, facility: Facility = CABINET) -> None:
        kept, self._kept = self._kept, None
        patient = kept[1] if kept and kept[0] == self.who else None
        self._mask(Phase.OPEN if patient else Phase.READY)
        self._set(professional=self.who, facility=facility, role=self.role, patient=patient, doubt=self.doubt)

    def _mask(self, phase: Phase) -> None:
        kept = self._state
        self._state = SessionState(
            phase,
            kept.service_up,
            kept.readers,
            cps_present=CardKind.CPS in self._cards.values(),
            vitale_present=kept.vitale_present,
            card=self.card if CardKind.CPS in self._cards.values() else None,
        )

    def _set(self, **changes: object) -> None:
        self._state = replace(self._state, **changes)  # type: ignore[arg-type]


class FakeDossier:
    """`gate` holds back what comes after the first rows; `errors` are raised, one a call, before anything else."""

    def __init__(self, documents: Sequence[DocumentEntry] = ()) -> None:
        self.documents = list(documents) or entries(60)
        self.answer = DossierStatus(exists=True, authorization=Authorization.VALIDE)
        self.gate = threading.Event()
        self.gate.set()
        self.errors: list[DmpError] = []
        self.calls: list[str] = []
        self.html: Callable[[DocumentEntry, Mapping[str, str]], OpenedDocument] = plain_document
        self.kept: RecordList | None = None
        self.associations: list[Association] = []

    def kept_list(self, patient: Patient) -> RecordList | None:
        self.calls.append("kept_list")
        return self.kept

    def links(self, patient: Patient, entry: DocumentEntry) -> list[Association]:
        sets = {link.source for link in self.associations if link.target == entry.entry_uuid}
        return [link for link in self.associations if link.source in sets]

    def forget_patient(self, patient: Patient) -> None:
        self._call("forget_patient")

    def clear(self) -> None:
        self._call("clear")

    def status(self, patient: Patient) -> DossierStatus:
        self._call("status")
        return self.answer

    def authorise(self, patient: Patient) -> DossierStatus:
        self._call("authorise")
        self.answer = DossierStatus(exists=True, authorization=Authorization.VALIDE)
        return self.answer

    def entries(self, patient: Patient, on_rows: Callable[[list[DocumentEntry]], None]) -> list[DocumentEntry]:
        self._call("entries")
        for start in range(0, len(self.documents), 20):
            if start:
                self.gate.wait(120)
            on_rows(self.documents[start : start + 20])
        return self.documents

    def open(self, patient: Patient, entry: DocumentEntry, palette: Mapping[str, str]) -> OpenedDocument:
        self._call("open")
        return self.html(entry, palette)

    def content(self, patient: Patient, entry: DocumentEntry) -> bytes:
        self._call("content")
        return f"<ClinicalDocument>{entry.unique_id}</ClinicalDocument>".encode()

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if self.errors:
            raise self.errors.pop(0)


def plain_document(entry: DocumentEntry, palette: Mapping[str, str]) -> OpenedDocument:
    html = (
        f"<html><head><style>h2{{color:{palette['accent']}}} th{{text-align:left;background-color:{palette['panel']}}}"
        f" td,th,p{{color:{palette['text']}}}</style></head><body><h2>Hémogramme et ionogramme</h2>"
        "<table width='100%' cellspacing='0' cellpadding='4' border='1'>"
        "<thead><tr><th>Examen</th><th>Résultat</th><th>Normes</th></tr></thead><tbody>"
        "<tr><td>Potassium</td><td><b>5,9 mmol/L ▲</b></td><td>3,5 – 5,1</td></tr>"
        "<tr><td>Sodium</td><td>139 mmol/L</td><td>136 – 145</td></tr>"
        "<tr><td>Hémoglobine</td><td>13,2 g/dL</td><td>12,0 – 16,0</td></tr></tbody></table>"
        "<h2>Conclusion</h2><p>Hyperkaliémie modérée, à contrôler sous 48 heures.</p></body></html>"
    )
    return OpenedDocument(entry, html)


class FakeCompose:
    """Recognises four expressions, unless `recognise` is replaced. `gate` holds back `propose`, `slow` the record's facts."""

    def __init__(self) -> None:
        self.recognise: Callable[[str], tuple[Proposal, ...]] = find_words
        self.proposed: list[str] = []
        self.orders: list[DocumentOrder] = []
        self.places: list[Facility] = []
        self.warnings: tuple[str, ...] = ()
        self.error: DmpDesktopError | None = None
        self.topics: dict[str, str] = {}
        self.facts: tuple[ClinicalItem, ...] = ()
        self.unread = 0
        self.former_note = ""
        self.learned: list[tuple[str, Proposal]] = []
        self.asked_words: list[str] = []
        self.summaries = self.given_up = 0
        self.made: set[DocumentKind] = set(DocumentKind)
        self.read_error: DmpDesktopError | None = None
        self.gate, self.slow = threading.Event(), threading.Event()
        self.gate.set()
        self.slow.set()
        self.traits: dict[str, Patient] = {}

    def known(self, patient: Patient) -> Patient:
        return self.traits.get(patient.ins.value, patient)

    def propose(self, patient: Patient, text: str, author: Professional) -> tuple[Proposal, ...]:
        self.gate.wait(120)
        self.proposed.append(text)
        return self.recognise(text)

    def build(self, order: DocumentOrder, facility: Facility) -> BuiltDocument:
        if self.error:
            raise self.error
        self.orders.append(order)
        self.places.append(facility)
        unique_id = f"1.2.250.1.999.9.{len(self.orders)}"
        return BuiltDocument(unique_id, order.text.encode(), order.kind, order.format, "Consultation", self.warnings)

    def preview(self, built: BuiltDocument, palette: Mapping[str, str]) -> OpenedDocument:
        return OpenedDocument(_entry(1), f"<p>{built.cda.decode()}</p>")

    def formats(self, kind: DocumentKind) -> tuple[DocumentFormat, ...]:
        both = (DocumentFormat.STRUCTURED, DocumentFormat.PDF)
        return () if kind not in self.made else both[1:] if kind in ONE_FILE else both

    def default_format(self, kind: DocumentKind) -> DocumentFormat:
        return self.formats(kind)[0]

    def document_types(self) -> tuple[Code, ...]:
        return (*(code for code, _class, _institution in TYPES), *PRESCRIPTION_TYPES)

    def vaccines(self) -> tuple[Code, ...]:
        return VACCINES

    def rapid_tests(self) -> tuple[Code, ...]:
        return (Code("78012-2", LOINC, "Streptocoque A, test rapide"), Code("94558-4", LOINC, "SARS-CoV-2, antigène"))

    def sensitive(self, patient: Patient, text: str) -> tuple[SensitiveTopic, ...]:
        return tuple(
            SensitiveTopic(label, text.index(word), text.index(word) + len(word))
            for word, label in self.topics.items()
            if word in text
        )

    def suggest(self, word: str) -> tuple[Suggestion, ...]:
        self.asked_words.append(word)
        names = ("metformine", "métoprolol", "angine", "antécédents")
        return tuple(Suggestion(name, name, "médicament") for name in names if name.startswith(word.lower()))

    def learn(self, term: str, proposal: Proposal) -> None:
        self.learned.append((term, proposal))

    def summary_items(self, patient: Patient, stop: Callable[[], bool]) -> RecordFacts:
        self.summaries += 1
        self.slow.wait(120)
        self.given_up += stop()
        if self.read_error:
            raise self.read_error
        return RecordFacts(self.facts, self.unread)

    def read_attachment(self, path: Path) -> Attachment:
        if path.suffix != ".pdf":
            raise ContextError("fichier-inconnu", "Ce fichier n'est ni un PDF ni une image.", "Choisissez un PDF.")
        return Attachment("application/pdf", path.read_bytes(), path.name)

    def replaced(self, entry: DocumentEntry, patient: Patient) -> Parent:
        self.slow.wait(120)
        if self.read_error:
            raise self.read_error
        return Parent(entry.unique_id, f"{entry.unique_id}.1", entry.version)

    def note_of(self, entry: DocumentEntry, patient: Patient) -> str:
        return self.former_note


LOINC, ATC = "2.16.840.1.113883.6.1", "2.16.840.1.113883.6.73"
ONE_FILE = (DocumentKind.LETTER, DocumentKind.CERTIFICATE, DocumentKind.PRESCRIPTION, DocumentKind.SCAN)
PRESCRIPTION_TYPES = (
    Code("PRESC-BIO", "1.2.250.1.213.1.1.4.12", "Prescription d'actes de biologie médicale"),
    Code("PRESC-KINE", "1.2.250.1.213.1.1.4.12", "Prescription d'actes de kinésithérapie"),
    Code("PRESC-INF", "1.2.250.1.213.1.1.4.12", "Prescription d'actes infirmiers"),
    Code("55115-0", LOINC, "Demande d'actes d'imagerie"),
)
VACCINES = (
    Code("J07CA02", ATC, "Repevax"),
    Code("J07BB02", ATC, "Grippe, antigène inactivé"),
    Code("J07BC01", ATC, "Hépatite B, antigène purifié"),
)


def fact(kind: ItemKind, label: str, status: ProposalStatus = ProposalStatus.PRESENT, **more: object) -> ClinicalItem:
    return ClinicalItem(kind, label, status, **more)  # type: ignore[arg-type]


FACTS = (
    fact(ItemKind.PROBLEM, "Diabète de type 2", start=date(2014, 5, 2), source="VSM du 12/03/2025, Dr PETIT"),
    fact(ItemKind.PROBLEM, "Hypertension artérielle", source="CR de consultation du 03/02/2026, Dr GARCIA"),
    fact(ItemKind.PROBLEM, "Appendicite", ProposalStatus.HISTORY, start=date(1997, 6, 1), source="VSM du 12/03/2025"),
    fact(ItemKind.PROCEDURE, "Coloscopie", start=date(2023, 9, 14), source="CR du 14/09/2023, Dr MOREAU"),
    fact(ItemKind.ALLERGY, "Pénicilline", source="Lettre de liaison du 27/10/2026, Hôpital TEST"),
    fact(ItemKind.ALLERGY, "Aucune allergie connue", ProposalStatus.ABSENT, source="VSM du 12/03/2025, Dr PETIT"),
    fact(
        ItemKind.TREATMENT, "Metformine 1000 mg", dosage=Dosage("1000 mg", "1-0-1"), start=date(2020, 1, 6),
        source="Ordonnance du 03/02/2026",
    ),
    fact(ItemKind.VACCINATION, "Repevax", ProposalStatus.DONE, start=date(2019, 4, 2),
         injection=Injection("A123", "deltoïde gauche", 4), source="Note de vaccination du 02/04/2019"),
    fact(ItemKind.PROBLEM, "Cancer du côlon", ProposalStatus.FAMILY, source="VSM du 12/03/2025"),
)  # fmt: skip


def find_words(text: str) -> tuple[Proposal, ...]:
    found = []
    for words, proposal in WORDS.items():
        start = text.find(words)
        if start >= 0:
            found.append(replace(proposal, start=start, end=start + len(words), text=words))
    return tuple(found)


WORDS = {
    "TA 135/80": Proposal(
        ProposalKind.VITAL, "Pression artérielle", 0, 0, "", value={"systolic": 135, "diastolic": 80}, unit="mm[Hg]",
        code="85354-9", confidence=Confidence.HIGH, accepted=True,
    ),
    "37,8": Proposal(
        ProposalKind.VITAL, "Température", 0, 0, "", value=37.8, unit="Cel", code="8310-5", confidence=Confidence.HIGH,
        accepted=True,
    ),
    "Pas de fièvre": Proposal(
        ProposalKind.PROBLEM, "Fièvre", 0, 0, "", status=ProposalStatus.ABSENT, code="R50.9",
        confidence=Confidence.MEDIUM,
    ),
    "angine": Proposal(
        ProposalKind.PROBLEM, "Angine aiguë", 0, 0, "", code="J03.9", confidence=Confidence.MEDIUM,
        warnings=("Plusieurs codes possibles : J03.0, J03.9.",),
    ),
}  # fmt: skip


class FakeOutbox:
    """Holds items; the test moves them on with `move`. `damaged` of them do not open."""

    def unreadable(self, listed: Iterable[OutboxItem]) -> int:
        return self.damaged

    def __init__(self) -> None:
        self.held: list[OutboxItem] = []
        self.damaged = 0
        self.author = DOCTOR  # in whose name the next one goes that nobody clicked
        self.clicked: list[SignedIn] = []
        self.barred: dict[str, object] = {}  # what keeps the next ones from leaving
        self.refusal: DmpDesktopError | None = None  # why the next one is not even kept
        self._subscribers: list[Callable[[], None]] = []
        self.gate = threading.Event()
        self.gate.set()

    def send(
        self,
        patient: Patient,
        built: BuiltDocument,
        visibility: Collection[Visibility] = (),
        by: SignedIn | None = None,
    ) -> OutboxItem:
        self.gate.wait(120)
        if self.refusal:
            raise self.refusal
        if by:
            self.clicked.append(by)
        item = OutboxItem(
            id=len(self.held) + 1,
            unique_id=built.unique_id,
            submission_id=f"{built.unique_id}.{len(self.held) + 1}",
            patient=patient,
            title=built.title,
            kind=built.kind,
            state=OutboxState.WAITING,
            waiting_for=WaitingFor.UNDO,
            created_at=NOW,
            updated_at=NOW,
            next_attempt_at=NOW + timedelta(seconds=30),
            visibility=frozenset(visibility),
            author_id=(by.professional if by else self.author).national_id,
        )
        item = replace(item, **self.barred)  # type: ignore[arg-type]
        self.held.insert(0, item)
        self._tell()
        return item

    def send_together(
        self, documents: Sequence[tuple[Patient, BuiltDocument, Collection[Visibility]]], by: SignedIn
    ) -> list[OutboxItem]:
        kept = [self.send(one, built, seen, by) for one, built, seen in documents]
        return [self.move(item.id, submission_id=kept[0].submission_id) for item in kept]

    def cancel_lot(self, item_id: int) -> None:
        lot = {item.id: item.submission_id for item in self.held}
        for number, submission_id in lot.items():
            if submission_id == lot[item_id]:
                self.cancel(number)

    def items(self, patient: Patient | None) -> list[OutboxItem]:
        return [item for item in self.held if patient in (None, item.patient)]

    def cancel(self, item_id: int) -> None:
        self.move(item_id, state=OutboxState.CANCELLED, waiting_for=WaitingFor.NOTHING)

    def retry(self, item_id: int) -> None:
        told = {"message": "", "remedy": "", "code": "", "next_attempt_at": NOW}
        self.move(item_id, state=OutboxState.WAITING, waiting_for=WaitingFor.NOTHING, **told)

    def hold(self, item_id: int) -> None:
        self.move(item_id, waiting_for=WaitingFor.HOLD, next_attempt_at=None)

    def subscribe(self, callback: Callable[[], None]) -> None:
        self._subscribers.append(callback)

    def move(self, item_id: int, **changes: object) -> OutboxItem:
        self.held = [replace(one, **changes) if one.id == item_id else one for one in self.held]  # type: ignore[arg-type]
        self._tell()
        return next(one for one in self.held if one.id == item_id)

    def _tell(self) -> None:
        for subscriber in self._subscribers:
            subscriber()


class FakeDigest:
    """Tells the titles first; `gate` holds back the rest."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()

    def digest(
        self,
        patient: Patient,
        documents: Sequence[DocumentEntry],
        seen: frozenset[str] = frozenset(),
        types: frozenset[str] | None = None,
        on_part: OnPart = lambda _part: None,
    ) -> Digest:
        whole = self._whole(documents, seen, types)
        titles = tuple(
            replace(line, text=line.entry.title, severity="info", icon="document") for line in whole.lines if line.entry
        )
        on_part(replace(whole, lines=titles, complete=False))
        self.gate.wait(120)
        return whole

    @staticmethod
    def _whole(documents: Sequence[DocumentEntry], seen: frozenset[str], types: frozenset[str] | None) -> Digest:
        if not documents:
            return Digest((), date(2026, 3, 12), {})
        lab, letter, drug = documents[0], documents[min(4, len(documents) - 1)], documents[min(2, len(documents) - 1)]
        lines = (
            DigestLine(
                "lab", "K⁺ 5,9 ▲ (3,5–5,1)", "Laboratoire TEST des Tilleuls", date(2026, 11, 2), lab, "critical"
            ),
            DigestLine("letter", "« FEVG 55 %, poursuite du traitement »", "Dr Petit", date(2026, 10, 28), letter),
            DigestLine("pill", "+ apixaban 5 mg", "Ordonnance, Hôpital TEST", date(2026, 10, 27), drug, "warning"),
        )
        new = tuple(line for line in lines if line.entry and line.entry.unique_id not in seen)
        counts = Counter(
            label if types is None or label in types else "Autre document"
            for label in ("Biologie", "Lettre de liaison", "Prescription")
        )
        return Digest(new, date(2026, 3, 12), dict(counts), seen=len(lines) - len(new))


class FakeSearch:
    """`texts` by uniqueId are read; the others are read when asked for. `gate` holds back the answers."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.unread = "Rien de particulier."
        self.asked: list[str] = []
        self.filters: list[SearchFilters] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entries: Sequence[DocumentEntry] = ()

    def search(self, patient: Patient, words: str, filters: SearchFilters) -> tuple[Hit, ...]:
        self.asked.append(words)
        self.filters.append(filters)
        self.gate.wait(120)
        return tuple(self._hits(words.lower(), filters))

    def indexed(self, patient: Patient) -> frozenset[str]:
        return frozenset(self.texts)

    def complete(self, patient: Patient, entries: Sequence[DocumentEntry], stop: Callable[[], bool]) -> int:
        missing = [entry for entry in entries if entry.unique_id not in self.texts]
        if stop():
            return len(missing)
        for entry in missing[:8]:
            self.texts[entry.unique_id] = self.unread
        return len(missing[8:])

    def _hits(self, words: str, filters: SearchFilters) -> Iterator[Hit]:
        for entry in self.entries:
            text = self.texts.get(entry.unique_id, "")
            at = text.lower().find(words)
            if at < 0 or (filters.type_codes and entry.type_code.code not in filters.type_codes):
                continue
            if filters.created_from and entry.creation_time < filters.created_from:
                continue
            if filters.authors and entry.authors[0].display_name not in filters.authors:
                continue
            span = (at, at + len(words))
            yield Hit(
                entry.unique_id, entry.title, entry.creation_time, text.lower().count(words), text, (span,), "", "",
                text[span[0] : span[1]], 0,
            )  # fmt: skip


class FakeHabits:
    """Kept in memory; `loads` counts the readings."""

    def __init__(self) -> None:
        self.kept = Habits()
        self.loads = 0

    def owner(self) -> str | None:
        return "810002422979"

    def load(self, owner: str | None) -> Habits:
        self.loads += 1
        return self.kept

    def save(self, owner: str | None, habits: Habits) -> None:
        self.kept = habits


def cps(inserted: bool = True) -> CardEvent:
    kind = CardEventType.CARD_INSERTED if inserted else CardEventType.CARD_REMOVED
    return CardEvent(kind, "Lecteur A", b"\x3b", CardKind.CPS)


def vitale(inserted: bool = True) -> CardEvent:
    kind = CardEventType.CARD_INSERTED if inserted else CardEventType.CARD_REMOVED
    return CardEvent(kind, "Lecteur B", b"\x3b", CardKind.VITALE)
