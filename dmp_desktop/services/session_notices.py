"""What the session says about the readers and the cards, in French, each with what to do."""

from __future__ import annotations

from dmp_desktop.card.failures import E_NO_SERVICE, NO_LIBRARY, PcscError
from dmp_desktop.services.professional import told
from dmp_desktop.services.session_state import Phase

CARD_LEFT = "Votre carte a été retirée : remettez-la dans le lecteur pour vous identifier."
QUESTION_LEFT = "La carte Vitale a été retirée avant votre choix : remettez-la pour ouvrir le dossier."
CARD_CAME = (
    "Une carte de professionnel a été insérée : la connexion sans carte n'a pas été ouverte. "
    "Pour l'ouvrir, retirez la carte puis recommencez."
)
OTHER_CARD = "La carte a changé : vérifiez le nom puis entrez à nouveau votre code."
OTHER_PEOPLE = "Une autre carte vient d'être lue : vérifiez les noms puis choisissez à nouveau."
READING = "Lecture de la carte qui vient d'être insérée…"
STILL_IN = "Une carte de professionnel est encore dans un lecteur : retirez-la et remettez-la pour vous identifier."
RESET = "Un autre logiciel a réinitialisé votre carte : entrez à nouveau votre code."
NOBODY_SIGNED_IN = "Identifiez-vous d'abord : insérez votre carte CPS."
MUTE = "La carte est mal insérée : retirez-la et retournez-la."
NO_SERVICE = told(PcscError(E_NO_SERVICE))
SERVICE_DOWN = {"card.no_library": told(PcscError(NO_LIBRARY))}
"""By why it is down, where NO_SERVICE is not what to do."""
VITALE_WAITS = {
    Phase.MASKED: "Carte Vitale présente : insérez votre carte CPS pour ouvrir le dossier.",
    Phase.PIN: "Carte Vitale présente : elle sera lue dès que vous serez identifié.",
    Phase.ACTIVITY: "Carte Vitale présente : elle sera lue dès que vous aurez choisi votre lieu d'exercice.",
    Phase.LOCKED: "Carte Vitale présente : elle sera lue à la reprise de votre session.",
}
_NO_FAULT = frozenset(
    {*VITALE_WAITS.values(), CARD_LEFT, QUESTION_LEFT, CARD_CAME, OTHER_CARD, OTHER_PEOPLE, READING, STILL_IN, RESET}
    | {NOBODY_SIGNED_IN}
)


def of_a_fault(notice: str, doubt: str) -> bool:
    """Whether the diagnosis can tell more of what a notice says; `doubt` as in `SessionState`."""
    return bool(notice) and notice not in _NO_FAULT and notice != doubt
