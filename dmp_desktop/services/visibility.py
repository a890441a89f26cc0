"""Who may be kept from seeing a document: combinations the DMP allows, and the warnings it demands (EX_2.1-1050, EX_3.2-1025)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import ContextError

ADULT_YEARS = 18

WARNINGS = {
    Visibility.INVISIBLE_PATIENT: "Attention, ce document n'est pas visible du patient",
    Visibility.INVISIBLE_REPRESENTANTS_LEGAUX: (
        "Attention, ce document n'est pas visible des représentants légaux du patient"
    ),
}
"""Word for word those of EX_3.2-1025."""

SECRET_ONLY = frozenset((Visibility.INVISIBLE_REPRESENTANTS_LEGAUX,))
"""What a document of a secret connection must say of itself, no more and no less."""

_HIDDEN = frozenset((Visibility.INVISIBLE_PATIENT, Visibility.INVISIBLE_REPRESENTANTS_LEGAUX))


def warnings(visibility: Collection[Visibility]) -> tuple[str, ...]:
    """What must stand beside a document that somebody does not see."""
    return tuple(text for restriction, text in WARNINGS.items() if restriction in visibility)


def is_minor(patient: Patient, today: date) -> bool:
    return patient.age(today) < ADULT_YEARS


def to_ask(shown: frozenset[Visibility], former: Collection[Visibility]) -> frozenset[Visibility]:
    """The restrictions of a new version that are asked about: the DMP has the `former` one both masked and invisible, whatever
    its parameter is said to be. A new version that could not be so would have to show itself."""
    both = {Visibility.MASQUE_PS, Visibility.INVISIBLE_PATIENT}
    return shown - {Visibility.MASQUE_PS} if both <= shown and both <= set(former) else shown


@dataclass(frozen=True, slots=True)
class VisibilityRules:
    """`masked_and_invisible` is the DMP's parameter cumul-invisible_patient-masque_ps: false until a server takes both."""

    masked_and_invisible: bool = False

    def refusal(
        self, patient: Patient, visibility: Collection[Visibility], today: date, *, secret: bool = False
    ) -> str | None:
        """Why a new document of this patient may not be sent so, in French; None when it may. `secret`: in a minor's secret
        connection."""
        minor = is_minor(patient, today)
        if secret and minor and frozenset(visibility) != SECRET_ONLY:
            return "En connexion secrète, le document est invisible des représentants légaux, et de personne d'autre."
        if Visibility.INVISIBLE_REPRESENTANTS_LEGAUX in visibility and not minor:
            return "Ce patient est majeur : il n'a pas de représentants légaux à qui cacher un document."
        return self._combination_refusal(visibility)

    def change_refusal(self, before: Collection[Visibility], after: Collection[Visibility]) -> str | None:
        """As `refusal`, for a document that is in the record: TD3.3a masks and unmasks, TD3.3b shows; none hides it again."""
        if (frozenset(after) - frozenset(before)) & _HIDDEN:
            return "Un document déjà visible du patient ou de ses représentants ne peut plus leur être caché."
        return None if frozenset(after) <= frozenset(before) else self._combination_refusal(after)

    def check(self, patient: Patient, visibility: Collection[Visibility], today: date, *, secret: bool = False) -> None:
        """Raises ContextError("visibility") instead of telling."""
        if why := self.refusal(patient, visibility, today, secret=secret):
            raise visibility_error(why)

    def _combination_refusal(self, visibility: Collection[Visibility]) -> str | None:
        both = {Visibility.MASQUE_PS, Visibility.INVISIBLE_PATIENT}
        if both <= set(visibility) and not self.masked_and_invisible:
            return "Un document ne peut pas être à la fois masqué aux soignants et invisible du patient."
        return None


def visibility_error(why: str) -> ContextError:
    return ContextError(
        "visibility", why, "Choisissez une autre visibilité : rien n'a été envoyé ni changé.", field="visibility"
    )
