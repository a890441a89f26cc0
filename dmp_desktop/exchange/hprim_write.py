"""HPRIM Médecins 3.0 out: a report and its results as a file that practice software and `exchange.hprim` read.

What is written is read again before it is given: a file either holds all it is said to hold, or it is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from dmp_desktop.domain.people import Address
from dmp_desktop.domain.received import Received, ReceivedFormat, ReceivedPatient, ReceivedResult, Routing
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.hprim import FIN, FIN_FICHIER, FLAGS, LAB, mark_of, read_hprim
from dmp_desktop.exchange.hprim_header import CODE_FORM, NIR_FORM, spaced
from dmp_desktop.exchange.hprim_shown import with_results

ENCODINGS: Final = ("cp1252", "cp850", "mac_roman", "utf-8")
LINE_ENDS: Final = {"crlf": "\r\n", "lf": "\n", "cr": "\r"}
_WIDTH: Final = 30
"""Of a line of an address; what comes after a second one stays on that one."""
_CODE_WIDTH: Final = 10
"""Before the name of a sender or recipient: their code in a directory nobody has any more, left blank."""
_INSTEAD: Final = str.maketrans({
    "→": "->", "←": "<-", "↑": "(hausse)", "↓": "(baisse)", "≤": "<=", "≥": ">=", "≠": "<>", "≈": "~", "−": "-", "‑": "-",
    "‐": "-", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "œ": "oe", "Œ": "OE", "€": "EUR",
    "•": "-", "▪": "-", "■": "-", "●": "-", "☐": "[ ]", "☑": "[x]", "☒": "[x]", "✓": "x", "✔": "x", "×": "x", "µ": "u",
    "α": "alpha", "β": "bêta", "γ": "gamma", "δ": "delta", "Δ": "Delta", "λ": "lambda", "μ": "µ", "π": "pi", "σ": "sigma",
    "«": '"', "»": '"', "′": "'", "″": '"', "ø": "o", "Ø": "O", "ß": "ss",
    **dict.fromkeys("\u200b\u2060\ufeff\u200e\u200f", ""),
})  # fmt: skip
_RAISED = re.compile(r"([⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+)(?=(\d)?)")
_RAISED_AS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")

OTHERWISE = "Des caractères que ce codage n'a pas sont écrits autrement (« -> » pour une flèche, par exemple)."
NOT_HELD = "Un fichier HPRIM n'a pas de place pour : {}."
MARKS = "Des lignes du texte, qui seraient prises pour des marques de fin, sont écrites avec une espace de plus."
ONE_LINE = "Des valeurs de résultats sont écrites sur une seule ligne, ou avec une barre interrompue : « | » y sépare les champs."
_KEPT: Final = ("patient", "results", "text", "title", "act_date", "sender", "recipient", "reference")


@dataclass(frozen=True, slots=True, repr=False)
class WrittenHprim:
    """`warnings`, in French, tell all that the file does not hold as it was given."""

    content: bytes
    warnings: tuple[str, ...] = ()


def write_hprim(messages: Sequence[Received], encoding: str = ENCODINGS[0], line_end: str = "crlf") -> WrittenHprim:
    """`line_end` is one of LINE_ENDS.

    Raises ContextError: a character this encoding has nothing for, a report that would not be read again as it is."""
    form = _Form(encoding)
    made = [form.made(message) for message in messages]
    lines = [line for message in made for line in (*_lines(message), _mark(FIN))]
    content = "".join(f"{line}{LINE_ENDS[line_end]}" for line in (*lines, _mark(FIN_FICHIER))).encode(encoding)
    if list(map(_kept, read_hprim(content, encoding))) != list(map(_kept, made)):
        raise ContextError(
            "hprim-write",
            "Ce compte rendu ne peut pas être écrit en HPRIM sans que rien n'en soit perdu.",
            "Envoyez-le en PDF ou en XDM.",
        )
    return WrittenHprim(content, form.warnings)


def _kept(message: Received) -> list[object]:
    return [getattr(message, name) for name in _KEPT]


class _Form:
    """Messages as the file holds them; remembers what it does not."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._changes: dict[str, None] = {}
        self._lost: dict[str, None] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        return (*self._changes, *([NOT_HELD.format(", ".join(self._lost))] if self._lost else []))

    def made(self, message: Received) -> Received:
        patient = self._patient(message.patient)
        title = self._line(message.title)
        if title and (patient.file_number or CODE_FORM.fullmatch(title)):
            self._lost["le titre"] = None
            title = ""
        sent = message.sent_at
        for name, value in {
            "les documents joints (leurs PDF et images ne sont pas écrits)": message.documents,
            "l'heure d'envoi": sent,
            "les consignes d'acheminement": message.routing != Routing(),
            "le document remplacé": message.replaces,
        }.items():
            if value:
                self._lost[name] = None
        results = tuple(made for one in message.results if (made := self._result(one)))
        return Received(
            ReceivedFormat.HPRIM,
            patient,
            results=results,
            text="\n".join(with_results(self._text(message.text).split("\n"), results)),
            title=title,
            act_date=message.act_date or (sent.date() if sent else None),
            sender=self._line(message.sender),
            recipient=self._line(message.recipient),
            reference=self._line(message.reference),
        )

    def _patient(self, patient: ReceivedPatient) -> ReceivedPatient:
        number = self._line(patient.file_number)
        for name, lost in {
            "le nom de naissance": patient.birth_family not in ("", patient.family),
            "le nom utilisé": patient.used_family not in ("", patient.family),
            "le sexe": patient.sex,
            "l'INS": patient.ins,
            "le numéro de dossier": number and not CODE_FORM.fullmatch(number),
            "le numéro de sécurité sociale, mal formé": patient.nir and not NIR_FORM.fullmatch(patient.nir),
        }.items():
            if lost:
                self._lost[name] = None
        return ReceivedPatient(
            family=self._line(patient.family),
            given=self._line(patient.given),
            birth_date=patient.birth_date,
            nir=patient.nir if NIR_FORM.fullmatch(patient.nir) else "",
            file_number=number if CODE_FORM.fullmatch(number) else "",
            address=self._address(patient.address),
        )

    def _address(self, address: Address | None) -> Address | None:
        if address is None:
            return None
        code, city = self._line(address.postal_code), self._line(address.city)
        if code and not (len(code) == 5 and code.isascii() and code.isdecimal()):
            code, city = "", f"{code} {city}".strip()  # of another country: it stays before the town
        made = Address(self._line(address.line), code, city)
        return made if made != Address() else None

    def _result(self, result: ReceivedResult) -> ReceivedResult | None:
        if not result.label.strip() and not result.value.strip():
            self._lost["des résultats sans nom ni valeur"] = None
            return None
        for name, lost in {
            "le système de codage des résultats": result.system,
            "la date propre de chaque résultat": result.date,
            "un indicateur d'anormalité inconnu": result.flag not in FLAGS,
        }.items():
            if lost:
                self._lost[name] = None
        return ReceivedResult(
            self._field(result.label),
            self._field(result.value),
            self._field(result.code),
            unit=self._field(result.unit),
            low=self._field(result.low),
            high=self._field(result.high),
            flag=result.flag if result.flag in FLAGS else "",
            status=self._field(result.status),
        )

    def _field(self, value: str) -> str:
        made = self._plain(value).strip()
        if "|" in made or "\n" in made or "\r" in made:
            self._changes[ONE_LINE] = None
            made = " ".join(made.replace("|", "¦" if self._holds("¦") else "/").splitlines())
        return made.strip()

    def _text(self, text: str) -> str:
        lines = self._plain(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        made = [line.replace("****", "*** *", 1) if mark_of(line) else line for line in lines]
        if made != lines:
            self._changes[MARKS] = None
        return "\n".join(made)

    def _line(self, value: str) -> str:
        return spaced(self._plain(value))

    def _plain(self, value: str) -> str:
        """What the encoding holds of it. Raises ContextError."""
        whole = unicodedata.normalize("NFC", value)
        if self._holds(whole):
            return whole
        self._changes[OTHERWISE] = None
        whole = _RAISED.sub(self._raised, whole)
        pairs = zip(("", *whole), whole, strict=False)
        return "".join(char if self._holds(char) else self._instead(char, before) for before, char in pairs)

    def _raised(self, found: re.Match[str]) -> str:
        """« 10⁹ » is 10^9, never 109."""
        if self._holds(found[1]):
            return found[1]
        return f"^{found[1].translate(_RAISED_AS)}{' ' if found[2] else ''}"

    def _instead(self, char: str, before: str) -> str:
        other = _INSTEAD.get(ord(char))
        if other is None:
            apart = unicodedata.normalize("NFKD", char)
            other = " " if char.isspace() else "".join(one for one in apart if not unicodedata.combining(one))
            if "\u2044" in other:  # « 1⅓ » is no eleven thirds
                other = (" " if before.isdigit() else "") + other.replace("\u2044", "/")
        joins = before.isascii() and before.isdigit() and other[:1].isdigit()  # another number: « 5① »
        if not joins and self._holds(other) and (other or ord(char) in _INSTEAD):
            return other
        raise ContextError(
            "hprim-encoding",
            "Ce compte rendu contient un caractère que ce codage n'a pas et que rien ne remplace.",
            "Écrivez-le en UTF-8 (--encoding utf-8), ou envoyez-le en PDF.",
        )

    def _holds(self, text: str) -> bool:
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError:
            return False
        return True


def _lines(message: Received) -> list[str]:
    patient = message.patient
    address = patient.address or Address()
    first, second = _folded(address.line)
    nir = f"{patient.nir[:13]} {patient.nir[13:]}".strip()
    city = f"{address.postal_code} {address.city}".strip()
    head = (
        patient.file_number or message.title, patient.family, patient.given, first, second, city,
        _day(patient.birth_date), nir, message.reference, _day(message.act_date),
        _named(message.sender), _named(message.recipient),
    )  # fmt: skip
    text = message.text.split("\n")
    lines = [*(value or "." for value in head), "", *text]
    if message.results:
        lines += [_mark(LAB), *(f"TEX|{line}" for line in text), *map(_res, message.results)]
    return lines


def _res(result: ReceivedResult) -> str:
    kind = "N" if _NUMBER.fullmatch(result.value) else "A"
    told = (
        result.label, result.code, kind, result.value, result.unit, result.low, result.high, result.flag, result.status
    )  # fmt: skip
    return "|".join(("RES", *told))


def _folded(line: str) -> tuple[str, str]:
    """On two lines, at a space."""
    if len(line) <= _WIDTH:
        return line, ""
    cut = line.rfind(" ", 0, _WIDTH + 1)
    return (line[:cut], line[cut + 1 :]) if cut > 0 else (line, "")


def _named(name: str) -> str:
    return " " * _CODE_WIDTH + name if name else ""


def _day(day: date | None) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}" if day else ""


def _mark(name: str) -> str:
    return f"****{name}****"
