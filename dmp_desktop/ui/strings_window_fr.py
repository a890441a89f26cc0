"""Every French text of what is on screen at once: the frame, the strip, the masked screen, notices.

Apart from the others, and without the domain they speak of: the first paint waits for nothing else.
"""

from __future__ import annotations

APPLICATION = "DMP Desktop"
SANDBOX = "BAC À SABLE"
SANDBOX_DETAIL = "patients inventés, aucun envoi réel"
STARTING = "Démarrage…"
NOT_STARTED = "Démarrage interrompu"
RESTART = "Fermez cette fenêtre, puis relancez DMP Desktop."
WINDOW_CLOSED = "La fenêtre est fermée."
UNEXPECTED = "Une erreur imprévue est survenue."
UNEXPECTED_REMEDY = "Réessayez ; si elle revient, signalez le code ci-dessous."
RETRY = "Réessa&yer"
ERROR_CODE = "code {}"
INPUT_CANCELLED = "La saisie a été annulée."
INPUT_START = "Sans elle, le programme ne s'ouvre pas : réessayez."
INPUT_CARD = "Retirez puis remettez votre carte."
NOTICE_NAME = "Message"
CLOSE_NOTICE = "Fermer le message"
MORE_NOTICES = ("{} autre message ensuite", "{} autres messages ensuite")
LEAVES_IN, LEAVES_NOW = "Part dans {}\u00a0s.", "Part maintenant."
DIAGNOSTIC = "Diagnostic"
DIAGNOSTIC_TIP = "Vérifier lecteur, cartes, connexion au DMP et données de ce poste"

# Status strip
STRIP_NAME = "État du poste : professionnel, cartes, DMP, envois"
STRIP_TIP = "Détail de l'état du poste"
NOT_SIGNED_IN = "Carte professionnelle absente"
NOT_READ, CARD_BUSY = "Carte professionnelle illisible", "Carte professionnelle occupée"
WITHOUT_CARD = "Session verrouillée (Pro Santé Connect)"
SIGNING_IN = {
    "masked": "Personne n'est identifié",
    "pin": "Code de la carte demandé",
    "activity": "Lieu d'exercice à choisir",
    "locked": "Session verrouillée",
}
"""By `Phase`, while a card is in and nobody is signed in."""
CARD_LOCKED = "Carte bloquée"
CARD_UNUSABLE = "Carte inutilisable"
ROLE_DOUBT = "type de carte non lu"
SESSION_MENU = "Session : verrouiller, changer de lieu d'exercice"
LOCK, LOCK_KEY = "Verrouiller", "Ctrl+L"
CHANGE_PLACE = "Changer de lieu d'exercice…"
SIGN_OUT = "Se déconnecter"
WINDOW_MENU = "Fenêtre : ancrer, garder au premier plan, agrandir"
TEST_CARD = "Carte de test"
CARD_EXPIRES = "Votre carte expire le {day}, {left}."
CARD_EXPIRED = "Votre carte a expiré le {day} : le DMP la refuse. Prenez la nouvelle, ou demandez-la à l'ANS."
DAYS_LEFT = {0: "aujourd'hui", 1: "demain"}
IN_DAYS = "dans {} jours"
CPS, E_CPS = "CPS", "e-CPS"
DMP = "DMP"
YES, NO, UNKNOWN_STATE = "✓", "✗", "…"
TO_SEND = "À envoyer {}"
SERVICE_UP = "Service des cartes : en marche"
SERVICE_DOWN = "Service des cartes : arrêté"
READERS = "Lecteurs : {}"
NO_READER = "aucun"
READER_UNUSABLE = (
    "Le lecteur « {} » ne peut pas être utilisé : son nom contient des caractères accentués ou des symboles. "
    "Utilisez un autre lecteur."
)
E_CPS_DETAIL = "Identifié sans carte, par Pro Santé Connect (e-CPS)"
CPS_DETAIL = {True: "Carte professionnelle : présente", False: "Carte professionnelle : absente"}
VITALE_DETAIL = {True: "Carte Vitale : présente", False: "Carte Vitale : absente"}
SERVER_DETAIL = {
    True: "DMP : a répondu au dernier appel",
    False: "DMP : n'a pas répondu au dernier appel",
    None: "DMP : pas encore appelé",
}
OUTBOX_DETAIL = "Documents à envoyer : {}"

# Masked
MASKED_TITLE = "Écran masqué"
MASKED_HINT = "Insérez votre carte professionnelle pour reprendre."
MASKED_HINT_PSC = "Insérez votre carte professionnelle, ou connectez-vous avec Pro Santé Connect, pour reprendre."
MASKED_SAFE = "Vos brouillons et les documents à envoyer sont conservés."
FAILED_TITLE = "Le programme ne s'est pas ouvert"

WAITING_ROOM, WAITING_ROOM_KEY = "Salle d'attente", "F2"
