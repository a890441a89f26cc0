"""What was received against what is open, known and in the reader: it proposes, and says each difference side by side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.identity import StrictTraits, begins, folded
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Patient, Professional, Sex
from dmp_desktop.domain.ports import PatientDirectory
from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.context_inbox import ContextInbox, HandedOver
from dmp_desktop.services.directory import IdentifiedPatients, KnownPatients, same_day
from dmp_desktop.services.found_person import same_person
from dmp_desktop.services.presented import NOT_QUALIFIED, as_read

SEX_FR = {Sex.FEMALE: "féminin", Sex.MALE: "masculin", Sex.UNKNOWN: "inconnu"}
NUMBER = "Matricule INS"
OPEN_HERE, KNOWN_HERE = "Dossier ouvert", "Connu ici"
DISCORDANT = "L'identité reçue ne concorde pas avec celle d'ici : vérifiez-la avec le patient avant d'ouvrir son DMP."
OTHER_OPEN = "Un autre dossier est ouvert : il le reste tant que vous ne choisissez pas."
OTHER_CARD = "La carte Vitale présente n'est pas celle de ce patient."
OTHER_AUTHOR = "Transmis au nom de {name}, qui n'est pas connecté ici."
NOTE_DOUBT = "À vérifier dans la note : {}."
OTHER_NOTE = "La note reçue attend {name} : elle n'est pas reprise à votre nom."


class ContextPatients:
    """PatientDirectory: those another one gives, then those somebody has accepted from the practice software since they signed
    in."""

    def __init__(self, given: PatientDirectory, inbox: ContextInbox) -> None:
        self._given = given
        self._inbox = inbox

    def match(self, beneficiary: Beneficiary) -> Patient | None:
        """By matricule and birth date, as KnownPatients."""
        return self._given.match(beneficiary) or KnownPatients(self._inbox.accepted).match(beneficiary)


@dataclass(frozen=True, slots=True, repr=False)
class Difference:
    """One trait that is not the same beyond writing."""

    trait: str
    here: str
    received: str

    def __repr__(self) -> str:
        return "Difference(…)"


@dataclass(frozen=True, slots=True, repr=False)
class Proposed:
    """One context on the screen. `more`: how many others wait. `against` names whom `differences` compare it with. `same`: it is
    the open record's, to the letter of the INS. `barred`: why it is not opened, `note_barred` why its note is not taken, in
    French; `warnings` bar nothing."""

    received: HandedOver
    more: int = 0
    same: bool = False
    against: str = ""
    differences: tuple[Difference, ...] = ()
    barred: str = ""
    note_barred: str = ""
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Proposed(…)"


class ContextDesk:
    """`card` gives who is on the carte Vitale that was read last; each answer is an act. Methods read the disk, and raise
    DmpDesktopError."""

    def __init__(
        self,
        inbox: ContextInbox,
        patients: IdentifiedPatients,
        card: Callable[[], Iterable[Beneficiary]],
        acts: ActBook,
        actor: Callable[[], str | None],
    ) -> None:
        self._inbox = inbox
        self._patients = patients
        self._card = card
        self._acts = acts
        self._actor = actor
        self._answered: dict[str, tuple[str | None, int]] = {}

    def follow(self, listener: Callable[[], None]) -> None:
        """Told from any thread that something came, or left. Never blocks."""
        self._inbox.follow(listener)

    def proposed(self, who: Professional | None, shown: Patient | None, hidden: frozenset[str]) -> Proposed | None:
        """The first that waits, for who is signed in and the record that is open; `hidden` are ids that are being ignored. A
        context alone whose record is open already has nothing to propose: it goes."""
        waiting = [one for one in self._inbox.waiting() if one.id not in hidden]
        for index, one in enumerate(waiting):
            found = self._compared(one, who, shown, len(waiting) - index - 1)
            if not found.same or one.note or found.warnings:
                return found
            self._inbox.drop(one.id)
        return None

    def waits(self, hidden: frozenset[str]) -> int:
        """How many would be proposed, for a screen that may say no more."""
        return sum(one.id not in hidden for one in self._inbox.waiting())

    def people(self, received: HandedOver) -> tuple[Beneficiary, ...]:
        """Who is opened, for `Session.present`. Raises ContextError("context-discordant") where the identity known here is
        another, ContextError("context-left") where who has `answered` has left."""
        ins = received.context.patient.ins
        actor, turn = self._answered.get(received.id, (None, self._inbox.turn))
        try:
            found = self._people(received, turn)
        except DmpDesktopError as error:
            self._acts.note(Act.CONTEXT_OPENED, ins, result=error.code, actor=actor)
            raise
        self._acts.note(Act.CONTEXT_OPENED, ins, actor=actor)
        return found

    def _people(self, received: HandedOver, turn: int) -> tuple[Beneficiary, ...]:
        if turn != self._inbox.turn:
            raise _left()
        patient = received.context.patient
        known = self._known(patient)
        if known is None:
            raise ContextError("context-unqualified", NOT_QUALIFIED, field="patient.identity_status")
        if differences(known, patient):
            raise ContextError("context-discordant", DISCORDANT, field="patient")
        if patient.ins.status is InsStatus.QUALIFIEE:
            self._inbox.accept(patient, turn)
        return (as_read(patient),)

    def answered(self, received_id: str) -> None:
        """Who is signed in has answered: it is opened for them alone, or goes a while later, in their name though they have left
        by then. Never blocks."""
        self._answered[received_id] = self._actor(), self._inbox.turn

    def taken(self, received_ids: Collection[str]) -> None:
        """They are drafts on the disk; ids of what was never received, or is dropped already, are nobody's."""
        self._drop(received_ids, Act.RECEIVED_NOTE_TAKEN, Act.CONTEXT_OPENED)

    def ignored(self, received_ids: Collection[str]) -> None:
        """They go for good."""
        self._drop(received_ids, Act.RECEIVED_NOTE_IGNORED, Act.CONTEXT_IGNORED)

    def _drop(self, received_ids: Collection[str], of_a_note: Act, alone: Act) -> None:
        for one in self._inbox.waiting():
            if one.id in received_ids and self._inbox.drop(one.id):
                act = of_a_note if one.note else alone
                actor, _turn = self._answered.pop(one.id, (None, 0))
                self._acts.note(act, one.context.patient.ins, actor=actor)

    def forget(self) -> None:
        """Who is signed in leaves. Never blocks."""
        self._inbox.forget()

    def _known(self, patient: Patient) -> Patient | None:
        """As they are known here already; else as the practice software has qualified them; None where neither."""
        known = self._patients.look(as_read(patient))
        if known is None and patient.ins.status is InsStatus.QUALIFIEE:
            return self._patients.as_known(patient)
        return known

    def _compared(self, one: HandedOver, who: Professional | None, shown: Patient | None, more: int) -> Proposed:
        patient, author = one.context.patient, one.context.professional
        mine = author.is_also(who)
        warnings = [] if mine else [OTHER_AUTHOR.format(name=author.display_name)]
        note_barred = OTHER_NOTE.format(name=author.display_name) if one.note and not mine else ""
        if (card := tuple(self._card())) and not any(_is(patient, person) for person in card):
            warnings.append(OTHER_CARD)
        warnings += [NOTE_DOUBT.format(doubt) for doubt in one.doubts]
        if shown is not None and same_person(shown.ins, patient.ins):
            found = differences(shown, patient)
            barred = DISCORDANT if found else ""
            return Proposed(one, more, not found, OPEN_HERE, found, barred, barred or note_barred, tuple(warnings))
        known = self._known(patient)
        if known is None:
            return Proposed(one, more, barred=NOT_QUALIFIED, note_barred=NOT_QUALIFIED, warnings=tuple(warnings))
        if found := differences(known, patient):
            return Proposed(one, more, False, KNOWN_HERE, found, DISCORDANT, DISCORDANT, tuple(warnings))
        if shown is not None:
            warnings.insert(0, OTHER_OPEN)
            return Proposed(one, more, False, OPEN_HERE, differences(shown, patient), "", note_barred, tuple(warnings))
        return Proposed(one, more, note_barred=note_barred, warnings=tuple(warnings))


def _left() -> ContextError:
    return ContextError(
        "context-left",
        "Qui a demandé ce patient n'est plus là : rien n'est ouvert.",
        "Demandez-le de nouveau s'il est le vôtre.",
    )


def differences(here: Patient, received: Patient) -> tuple[Difference, ...]:
    """Number and strict traits, one a line; writing aside, and what one of them only adds."""
    mine, theirs = StrictTraits.of(here), StrictTraits.of(received)
    found = []
    if not same_person(here.ins, received.ins):
        found.append(Difference(NUMBER, here.ins.value, received.ins.value))
    if folded(mine.birth_family) != folded(theirs.birth_family):
        found.append(Difference("Nom de naissance", mine.birth_family, theirs.birth_family))
    given = mine.birth_given, theirs.birth_given
    if not (begins(*given) or begins(*reversed(given))):
        found.append(Difference("Prénoms de naissance", *given))
    if mine.sex is not theirs.sex:
        found.append(Difference("Sexe", SEX_FR[mine.sex], SEX_FR[theirs.sex]))
    if mine.birth_date != theirs.birth_date:
        found.append(Difference("Date de naissance", f"{mine.birth_date:%d/%m/%Y}", f"{theirs.birth_date:%d/%m/%Y}"))
    places = {mine.birth_place_cog, theirs.birth_place_cog}
    if len(places - {""}) > 1:
        found.append(Difference("Lieu de naissance", mine.birth_place_cog, theirs.birth_place_cog))
    return tuple(found)


def _is(patient: Patient, person: Beneficiary) -> bool:
    """On a carte Vitale: a child is there under a parent's number, and names are usual ones. The birth date agrees, and a number,
    or a family name and a given one: twins differ by that alone."""
    if not same_day(f"{patient.birth_date:%Y%m%d}", person.birth_date):
        return False
    names = {folded(patient.birth_family), folded(patient.used_family or patient.birth_family)}
    given = {folded(one) for one in (patient.first_given, patient.birth_given, patient.used_given) if one}
    return person.nir == patient.ins.value or (folded(person.family) in names and folded(person.given) in given)
