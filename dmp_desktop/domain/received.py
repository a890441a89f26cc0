"""What a file of others holds once read: messages of laboratories, hospitals and colleagues, before a patient is found for them.

Nothing in it is trusted: it proposes (`dmp exchange read`). What a message does not tell is None or empty, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Address, Sex


class ReceivedFormat(StrEnum):
    """What a file was recognised as, by its content."""

    HPRIM = "hprim"  # HPRIM Médecins 3.0, text
    HPRIM_SANTE = "hprim-sante"  # HPRIM Santé 2.x, segments
    HL7V2 = "hl7v2"
    XDM = "xdm"  # IHE_XDM.ZIP
    CDA = "cda"
    PDF = "pdf"
    STRUCTURED = "json"  # ours (resources/schemas)
    MAIL = "mail"  # .eml, of which nothing else could be read


@dataclass(frozen=True, slots=True, repr=False)
class ReceivedPatient:
    """Whom a message says it is about. `family` is the name it gives, of birth or used: most formats do not tell which.

    `ins` only where the message tells its authority and its key is right; `nir` (13 or 15 characters) is the insured person's,
    often a parent's. `file_number` is the sender's own. What could not be read is told in the warnings.
    """

    family: str = ""
    given: str = ""
    birth_family: str = ""
    used_family: str = ""
    birth_date: date | None = None
    sex: Sex | None = None
    ins: InsIdentity | None = None
    nir: str = ""
    file_number: str = ""
    address: Address | None = None

    def __repr__(self) -> str:
        """Never shows a patient: representations end up in logs."""
        return "ReceivedPatient()"


@dataclass(frozen=True, slots=True, repr=False)
class ReceivedDocument:
    """A document carried by a message. `mime` is what its bytes are, `name` the name it had in there (never a path)."""

    content: bytes
    mime: str
    title: str = ""
    name: str = ""
    created: datetime | None = None
    unique_id: str = ""
    type_code: str = ""

    def __repr__(self) -> str:
        return f"ReceivedDocument({self.mime}, {len(self.content)})"


@dataclass(frozen=True, slots=True, repr=False)
class ReceivedResult:
    """One line of biology as the laboratory wrote it: `code` is its own unless `system` says LOINC (2.16.840.1.113883.6.1).

    Values stay text: « < 0.12 » is one. `flag` is H, HH, L, LL, N, A or empty; `status` as the message gives it (F is final).
    """

    label: str
    value: str
    code: str = ""
    system: str = ""
    unit: str = ""
    low: str = ""
    high: str = ""
    flag: str = ""
    status: str = ""
    date: date | None = None

    def __repr__(self) -> str:
        return "ReceivedResult()"


_STATUS = {
    "C": "corrigé",
    "D": "supprimé par l'expéditeur",
    "I": "en attente",
    "N": "non demandé",
    "O": "sans résultat",
    "P": "provisoire",
    "R": "non validé",
    "S": "partiel",
    "W": "envoyé à tort",
    "X": "non obtenu",
}
"""HL7 table 0085, which HPRIM shares. F and U are final: nothing to say."""


def result_line(result: ReceivedResult, *, usual: str = "", flags: str = "", day: date | None = None) -> str:
    """A result as people read it, everywhere: name, value, unit, (range), [flag], [status in words], [day].

    `usual` and `flags` are those of the message where it tells more than `result` holds. `day` is the one that stands above:
    another one is said. A value of several lines stands under its name.
    """
    name, told = result.label or result.code, " ".join(filter(None, (result.value, result.unit)))
    usual, flags, status = usual or _range(result), flags or result.flag, result.status.upper()
    marks = [f"({usual})"] if usual else []
    marks += [f"[{flags}]"] if flags not in ("", "N") else []
    marks += [f"[{_STATUS.get(status, f'statut {result.status}')}]"] if status not in ("", "F", "U") else []
    marks += [f"[du {result.date:%d/%m/%Y}]"] if result.date is not None and result.date != day else []
    if "\n" in told:
        head = " ".join((*filter(None, (name,)), *marks))
        return f"{head} :\n{told}" if head else told
    return " ".join((f"{name} : {told}" if name and told else name or told, *marks))


def _range(result: ReceivedResult) -> str:
    if result.low and result.high:
        return f"{result.low} - {result.high}"
    return f"min. {result.low}" if result.low else f"max. {result.high}" if result.high else ""


@dataclass(frozen=True, slots=True)
class Routing:
    """Where the sender wants it to go (CI-SIS « MetaDMPMSS » of HL7 v2). None: not said. `secret`: sent under the secret
    connection; `changes_confidentiality`: only who may see an earlier document changes."""

    visibility: frozenset[Visibility] = frozenset()
    to_dmp: bool | None = None
    to_doctors: bool | None = None
    to_patient: bool | None = None
    secret: bool | None = None
    changes_confidentiality: bool | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Received:
    """One message. `text` is what a person reads in it: its words as they came where it holds a text (HPRIM Médecins), else
    lines made of all it says to people (HL7 v2, HPRIM Santé: `result_line`); codes, ranks and hours for programs are not in it.
    `warnings` are French sentences on what was doubtful or left out, without any patient data. `reference` is the sender's
    number of it; `replaces` is the uniqueId of what it says it replaces. `source` is the segments it came in, those of this
    patient only, for formats of which all the rest leaves something out (HL7 v2, HPRIM Santé):
    the same message told otherwise is equal.
    """

    format: ReceivedFormat
    patient: ReceivedPatient
    documents: tuple[ReceivedDocument, ...] = ()
    results: tuple[ReceivedResult, ...] = ()
    text: str = ""
    title: str = ""
    sent_at: datetime | None = None
    act_date: date | None = None
    sender: str = ""
    recipient: str = ""
    reference: str = ""
    routing: Routing = Routing()
    replaces: str = ""
    warnings: tuple[str, ...] = ()
    source: str = field(default="", compare=False)

    def __repr__(self) -> str:
        return f"Received({self.format.value}, {len(self.documents)}, {len(self.results)})"
