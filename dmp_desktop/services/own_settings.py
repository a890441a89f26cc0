"""What is whose among all that is chosen here, and how who is signed in sees the window: it comes and goes with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol

from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import ContextError
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.session_state import SignedIn


class Whose(StrEnum):
    """A person's is kept under their identity and follows them to the practice's workstations; a workstation's stays on it."""

    PERSON = "person"
    PRACTICE = "practice"
    WORKSTATION = "workstation"


SETTINGS: dict[str, Whose] = {
    # how one sees the window (OwnSettings)
    "theme": Whose.PERSON,
    "text_percent": Whose.PERSON,
    # how one reads and writes (services/habits.py, services/own_terms.py)
    "folded": Whose.PERSON,
    "order": Whose.PERSON,
    "pins": Whose.PERSON,
    "seen": Whose.PERSON,
    "counted": Whose.PERSON,
    "suggesting": Whose.PERSON,
    "shown": Whose.PERSON,
    "own_terms": Whose.PERSON,
    # what the workstation keeps, fetches ahead and sends (platform/settings.py)
    "undo_seconds": Whose.WORKSTATION,  # the one who comes next sees what waits
    "cache_hours": Whose.WORKSTATION,
    "keep_sent_days": Whose.WORKSTATION,
    "preload_megabytes": Whose.WORKSTATION,
    "preload_kilobytes_per_second": Whose.WORKSTATION,
    "lock_minutes": Whose.WORKSTATION,  # of the room it stands in
    "report_form": Whose.WORKSTATION,  # of the DMP it speaks to
    "authorisation": Whose.WORKSTATION,
    "unrecorded_consent": Whose.WORKSTATION,
    "masked_and_invisible": Whose.WORKSTATION,
    "scan_folder": Whose.WORKSTATION,
    "received_folder": Whose.WORKSTATION,
    "exchange_folder": Whose.WORKSTATION,
    "call_port": Whose.WORKSTATION,
    # elsewhere
    "last_place": Whose.WORKSTATION,  # lieux.json: where one practises at this desk
    "window": Whose.WORKSTATION,  # fenetre.json: where the window stands, by set of screens, and how it shows itself
    "practice_software": Whose.WORKSTATION,  # logiciel-metier.json: its folders, of this workstation's disks
    "practice_file": Whose.WORKSTATION,  # cabinet.json
    "clinic_address": Whose.WORKSTATION,  # the environment: the practice's base, reader, module, proxy
    "clinic_password": Whose.WORKSTATION,  # the key store
    "call_token": Whose.WORKSTATION,  # the key store
    "administrators": Whose.PRACTICE,
}
"""Every one has its line: a field without one fails a test."""

THEMES = ("system", "light", "dark", "high_contrast")
TEXT_PERCENTS = (100, 115, 130)
_NAME = "own_settings"


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """`theme` is one of THEMES, `text_percent` of TEXT_PERCENTS: of the size that the system has."""

    theme: str = "system"
    text_percent: int = 100


class Preferences(Protocol):
    """Values by owner and name (storage.preferences)."""

    def get(self, owner: str, name: str) -> Any: ...

    def put(self, owner: str, name: str, value: Any) -> None: ...


class OwnSettingsStore:
    """`who` is signed in. `load` and `save` block, and raise StorageError."""

    def __init__(self, preferences: Preferences, acts: ActBook, who: Callable[[], SignedIn | None]) -> None:
        self._preferences = preferences
        self._acts = acts
        self._who = who

    def refusal(self) -> str:
        """Why who is signed in has none of their own, in French; empty where they have. Never blocks."""
        who = self._who()
        return roles.refusal(who.role, Task.OWN_SETTINGS) if who else ""

    def load(self) -> OwnSettings:
        """Of who is signed in; as they were made for who has none, and in the place of what cannot be used."""
        who = self._who()
        if who is None or not who.national_id or self.refusal():
            return OwnSettings()
        kept = self._preferences.get(who.national_id, _NAME)
        told = kept if isinstance(kept, dict) else {}
        theme, percent = told.get("theme"), told.get("text_percent")
        made = OwnSettings()
        return OwnSettings(
            theme if theme in THEMES else made.theme,
            percent if percent in TEXT_PERCENTS else made.text_percent,
        )

    def save(self, settings: OwnSettings) -> None:
        """Raises ContextError("role-reserved")."""
        who = self._who()
        if who is None or not who.national_id or self.refusal():
            why = self.refusal() or "Personne n'est identifié : ces réglages sont ceux d'une personne."
            raise ContextError("role-reserved", why, "Identifiez-vous d'abord.", field="role")
        before, now = asdict(self.load()), asdict(settings)
        self._preferences.put(who.national_id, _NAME, now)
        for name, value in now.items():
            if value != before[name]:
                self._acts.note(Act.SETTINGS, result=str(value), reason=name)
