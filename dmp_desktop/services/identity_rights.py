"""Who may ask INSi and see an INS: whoever their role lets, unless the practice names people (rule 4, INS/va1.32, .50)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dmp_desktop.errors import ContextError
from dmp_desktop.services.identity_settings import IdentitySettings, person_key
from dmp_desktop.services.session_state import SignedIn

NO_INSI = "Votre cabinet ne vous a pas autorisé à interroger le téléservice INSi."
NO_INS = "Votre cabinet ne vous a pas autorisé à voir l'INS des patients, ni leur identité, ni leur dossier."
_REMEDY = "Demandez-le à qui est responsable des données du cabinet (liste « {} » de cabinet.json)."


@dataclass(frozen=True, slots=True)
class IdentityRights:
    """`who` is signed in. Refusals are in French, empty where there is none. Safe from every thread, never blocks."""

    settings: IdentitySettings = field(default_factory=IdentitySettings)
    who: Callable[[], SignedIn | None] = lambda: None

    def insi_refusal(self) -> str:
        """Who may not see an INS does not ask for one either."""
        return self.ins_refusal() or ("" if self._named(self.settings.insi_allowed) else NO_INSI)

    def ins_refusal(self) -> str:
        return "" if self._named(self.settings.ins_allowed) else NO_INS

    def may_ask(self) -> None:
        """Raises ContextError."""
        self.may_see()
        if why := self.insi_refusal():
            raise ContextError("identity.insi_not_allowed", why, _REMEDY.format("insi_allowed"), field="insi_allowed")

    def may_see(self) -> None:
        """Raises ContextError."""
        if why := self.ins_refusal():
            raise ContextError("identity.ins_not_allowed", why, _REMEDY.format("ins_allowed"), field="ins_allowed")

    def _named(self, allowed: frozenset[str] | None) -> bool:
        """Nobody signed in is nobody named."""
        if allowed is None:
            return True
        who = self.who()
        if who is None:
            return False
        person = who.professional
        return who.national_id in allowed or person_key(f"{person.family} {person.given}") in allowed


BY_ROLE = IdentityRights()
"""Where the practice names nobody."""
