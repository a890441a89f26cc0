"""Reads an untrusted JSON object field by field; what is wrong is told with the field's path and what is expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, NoReturn

from dmp_desktop.errors import ContextError

MAX_TEXT = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def refuse(path: str, expected: str) -> NoReturn:
    """Raise the ContextError of one field. The value itself is never quoted: it may identify a patient."""
    raise ContextError(
        "context-field", f"Champ « {path} » : {expected}.", "Corrigez ce champ puis recommencez.", field=path
    )


class Fields:
    """One object of the file at `path`. Every field must be asked for: `close` refuses those that were not (typing errors)."""

    def __init__(self, untrusted: Any, path: str) -> None:
        self.path = path
        if not isinstance(untrusted, dict) or not all(isinstance(key, str) for key in untrusted):
            refuse(path or "(racine)", "un objet JSON est attendu")
        self._data: dict[str, Any] = untrusted
        self._seen: set[str] = set()

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def raw(self, name: str) -> Any:
        """The value as found, None when absent or null."""
        self._seen.add(name)
        return self._data.get(name)

    def optional(self, name: str, expected: str, pattern: str | None = None) -> str | None:
        """A text without control characters, at most MAX_TEXT long, spaces trimmed; None when absent, null or blank."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, str):
            refuse(self.at(name), f"un texte est attendu ({expected})")
        value = value.strip()
        if _CONTROL.search(value) or len(value) > MAX_TEXT:
            refuse(self.at(name), f"texte de {MAX_TEXT} caractères au plus, sans caractère de commande ({expected})")
        if value and pattern and not re.fullmatch(pattern, value):
            refuse(self.at(name), f"{expected} attendu")
        return value or None

    def text(self, name: str, expected: str, pattern: str | None = None) -> str:
        """As `optional`, but required."""
        value = self.optional(name, expected, pattern)
        if value is None:
            refuse(self.at(name), f"{expected} attendu, champ absent ou vide")
        return value

    def choice(self, name: str, values: Iterable[str]) -> str:
        """One of `values`, required."""
        allowed = sorted(values)
        value = self.raw(name)
        if not isinstance(value, str) or value not in allowed:
            refuse(self.at(name), "une de ces valeurs est attendue : " + ", ".join(allowed))
        return value

    def code(self, name: str, lookup: Callable[[str], object | None], expected: str) -> str:
        """A code that `lookup` knows, required."""
        value = self.text(name, expected)
        if lookup(value) is None:
            refuse(self.at(name), f"{expected} attendu, ce code n'en fait pas partie")
        return value

    def day(self, name: str) -> date:
        """A date `AAAA-MM-JJ`, required."""
        value = self.text(name, "date AAAA-MM-JJ", r"\d{4}-\d{2}-\d{2}")
        try:
            return date.fromisoformat(value)
        except ValueError:
            refuse(self.at(name), "date AAAA-MM-JJ existante attendue")

    def moment(self, name: str) -> datetime | None:
        """An ISO 8601 date and time with its zone; None when absent."""
        value = self.optional(name, "date et heure ISO 8601")
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            refuse(self.at(name), "date et heure ISO 8601 attendues, par exemple 2026-11-20T10:05:00+01:00")
        if moment.tzinfo is None:
            refuse(self.at(name), "fuseau horaire attendu, par exemple 2026-11-20T10:05:00+01:00")
        return moment

    def required_moment(self, name: str) -> datetime:
        moment = self.moment(name)
        if moment is None:
            refuse(self.at(name), "date et heure ISO 8601 avec fuseau attendues, champ absent")
        return moment

    def close(self) -> None:
        """Refuse the fields nobody asked for."""
        for name in self._data:
            if name not in self._seen:
                refuse(self.at(name), "champ inconnu, à corriger ou à retirer")
