"""HPRIM Santé 2.1 to 2.4: results of laboratories in segments. Bytes in, messages out, one a patient.

Field numbers are those of the tables of Mediboard (`hprimsante/resources`). A message holds no report as printed: its text is
made of all that is for people in it, and segments that have no place there are kept as they came. Left out: ranks, numbers of
samples, hours of the laboratory's own work, prices, technical sectors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from dmp_desktop.domain.ins import INS_OIDS, InsIdentity, is_ins
from dmp_desktop.domain.people import Address, Sex
from dmp_desktop.domain.received import Received, ReceivedFormat, ReceivedPatient, ReceivedResult
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.hl7v2_results import SEVERAL_DAYS, UNDATED
from dmp_desktop.exchange.hl7v2_times import day, moment
from dmp_desktop.exchange.hprim import EMPTY, MAX_BYTES, MAX_LINES, MAX_MESSAGES, NO_END
from dmp_desktop.exchange.hprim_header import NO_BIRTH, NO_NAME
from dmp_desktop.exchange.hprim_sante_results import OBR_TOLD, OBX_TOLD, observation, told_lines
from dmp_desktop.exchange.hprim_sante_segments import Delimiters, Segment, segments
from dmp_desktop.exchange.old_text import old_text

_SEXES: Final = {"M": Sex.MALE, "F": Sex.FEMALE}
_P_TOLD: Final = {
    12: "Téléphone", 13: "Médecin", 14: "Champ libre", 15: "Champ libre", 16: "Taille", 17: "Poids", 18: "Diagnostic",
    19: "Traitement", 20: "Régime", 21: "Commentaire", 22: "Commentaire", 29: "Précaution",
}  # fmt: skip
NOT_RESULTS = "Ce message HPRIM Santé n'est pas un envoi de résultats : son contenu est repris tel quel."
BROKEN = "Une ligne du message est coupée : vérifiez le texte."
AS_IT_CAME = "Une partie du message n'a pas d'autre forme : elle est reprise à la fin du texte, telle qu'écrite."
NO_PATIENT = "Le message ne dit pas de quel patient il s'agit."
FILE_APART = "Le message annonce un fichier joint qu'il ne contient pas : demandez-le à l'expéditeur."
BAD_INS = "L'INS du message n'est pas repris : sa clé ou son autorité d'affectation n'est pas reconnue."
BAD_BIRTH = "La date de naissance est illisible : elle est reprise à la fin du texte, telle qu'écrite."


def is_hprim_sante(untrusted: bytes) -> bool:
    """Whether it begins with a header of this format."""
    found = old_text(untrusted[:4096])
    return found is not None and Delimiters.told(found.text) is not None


def read_hprim_sante(untrusted: bytes) -> tuple[Received, ...]:
    """Its messages, in their order. Raises ContextError for a file too big, or that is no text."""
    found = old_text(untrusted) if len(untrusted) <= MAX_BYTES else None
    if found is None or len(lines := found.lines) > MAX_LINES:
        raise ContextError(
            "hprim-sante-size",
            "Le fichier HPRIM Santé est trop gros, ou n'est pas un texte.",
            "Vérifiez que c'est le bon fichier, ou demandez-le de nouveau à l'expéditeur.",
        )
    read = [one.received(found.warnings) for one in _parts(segments(lines))]
    if not read or len(read) > MAX_MESSAGES:
        raise ContextError(
            "hprim-sante-messages",
            "Le fichier HPRIM Santé ne contient aucun message, ou trop.",
            "Vérifiez que c'est le bon fichier, ou demandez-le de nouveau à l'expéditeur.",
        )
    return tuple(read)


@dataclass(slots=True, repr=False)
class _Part:
    """What a message tells of one patient."""

    head: Segment | None = None
    patient: ReceivedPatient = field(default_factory=ReceivedPatient)
    known: bool = False
    ended: bool = False
    text: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    results: list[ReceivedResult] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    came: list[str] = field(default_factory=list)
    taken: date | None = None
    act: date | None = None
    reference: str = ""

    @property
    def empty(self) -> bool:
        return not (self.known or self.text or self.left or self.results)

    def received(self, more: tuple[str, ...]) -> Received:
        head = self.head
        warnings = [*more, *self.warnings]
        warnings += [AS_IT_CAME] if self.left else []
        warnings += [] if self.ended else [NO_END]
        days = {one.date for one in self.results}
        warnings += [SEVERAL_DAYS] if len(days - {None}) > 1 else []
        warnings += [UNDATED] if None in days and len(days) > 1 else []
        warnings += [] if self.known else [NO_PATIENT]
        text = "\n".join([*self.text, *(["", *self.left] if self.text and self.left else self.left)])
        warnings += [] if text or self.results else [EMPTY]
        sent: datetime | None = moment(head.component(13, 1)) if head else None
        return Received(
            ReceivedFormat.HPRIM_SANTE,
            self.patient,
            results=tuple(self.results),
            text=text,
            sent_at=sent,
            act_date=self.act,
            sender=head.words(4) if head else "",
            recipient=head.words(9) if head else "",
            reference=self.reference,
            source="\n".join([*((head.line,) if head else ()), *self.came]),
            warnings=tuple(dict.fromkeys(warnings)),
        )


def _parts(found: Iterator[tuple[Segment, bool]]) -> Iterator[_Part]:
    """A part a patient; what is of a message and of no patient is a part of its own."""
    part = _Part()
    for segment, broken in found:
        if segment.name == "H" or part.ended or (segment.name == "P" and not part.empty):
            if not part.empty or part.head:
                part.ended = part.ended or segment.name == "P"  # another patient of the same message
                yield part
            part = _Part(segment if segment.name == "H" else None if segment.name != "P" else part.head)
            if segment.name == "H" and segment.component(6, 1).upper() not in ("ORU", ""):
                part.warnings.append(NOT_RESULTS)
        if broken:
            part.warnings.append(BROKEN)
        _take(segment, part)
    if not part.empty or part.head:
        yield part


def _take(segment: Segment, part: _Part) -> None:
    if segment.name != "H":
        part.came.append(segment.line)
    if segment.name == "P":
        part.known = True
        part.patient = _patient(segment, part)
        part.text += told_lines(segment, _P_TOLD)
    elif segment.name == "OBR":
        part.text += ["", *_lines(segment, 4)] if part.text else _lines(segment, 4)
        part.text += told_lines(segment, OBR_TOLD)
        part.taken = day(segment.component(7, 1)) or day(segment.component(22, 1))
        part.act = part.act or part.taken
        part.reference = part.reference or segment.words(3)
    elif segment.name == "OBX":
        result = observation(segment, part.taken, part.act)
        part.text += result.lines
        part.text += told_lines(segment, OBX_TOLD)
        part.results += result.results
        part.warnings += [FILE_APART] if result.file_apart else []
    elif segment.name == "C":
        part.text += filter(None, segment.rest(3).split("\n"))
    elif segment.name == "L":
        part.ended = True
    elif segment.name != "H":
        part.left.append(segment.line)


def _lines(segment: Segment, number: int) -> list[str]:
    """The labels of what was asked for."""
    return [
        (parts[1] if len(parts) > 1 and parts[1].strip() else parts[0]).strip() for parts in segment.repetitions(number)
    ]


def _patient(segment: Segment, part: _Part) -> ReceivedPatient:
    patient = ReceivedPatient(
        family=segment.component(5, 1),
        given=" ".join(filter(None, (segment.component(5, 2), segment.component(5, 3)))),
        birth_family=segment.component(6, 1),
        birth_date=day(segment.component(7, 1)),
        sex=_SEXES.get(segment.component(8, 1).upper()),
        ins=_ins(segment, part),
        file_number=segment.component(2, 1),
    )
    if not (patient.family or patient.birth_family):
        part.warnings.append(NO_NAME)
    if patient.birth_date is None and (born := segment.words(7)):
        part.warnings.append(BAD_BIRTH)
        part.left.append(born)
    elif patient.birth_date is None:
        part.warnings.append(NO_BIRTH)
    line = " ".join(filter(None, (segment.component(10, 1), segment.component(10, 2))))
    address = Address(line, segment.component(10, 5), segment.component(10, 3))
    return replace(patient, address=address) if address != Address() else patient


def _ins(segment: Segment, part: _Part) -> InsIdentity | None:
    """P.11 of 2.4. An INS-C or INS-A (2.3) is not the national health identity of today: never taken for it."""
    for number in segment.repetitions(11):
        value = "".join(number[0].split()).upper()
        oid = next((one.strip() for one in number[1:] if one.strip() in INS_OIDS), "")
        if oid and is_ins(value):
            return InsIdentity(value, oid)
    if segment.raw(11).strip():
        part.warnings.append(BAD_INS)
    return None
