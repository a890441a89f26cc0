"""Every French text of signing in: PIN of the card, place of practice, lock, Pro Santé Connect, other ways to name the patient.

No `&` here: these screens are used with Enter, the arrows and the digits.
"""

from __future__ import annotations

from dmp_desktop.domain.cards import CardType, PinState
from dmp_desktop.services.session_state import Phase

# PIN
CARD = {
    CardType.CPS: "Carte CPS",
    CardType.CPF: "Carte CPF (en formation)",
    CardType.CPE: "Carte CPE (personnel d’établissement ou de cabinet)",
    CardType.CPA: "Carte CPA (personne autorisée)",
    CardType.UNKNOWN: "Carte professionnelle (type non lu)",
}
PIN_TITLE = "Code à 4 chiffres de votre carte"
PIN_NAME = "Code à 4 chiffres de votre carte"
PIN_HINT = "Code à 4 chiffres, puis Entrée"
PIN_ENTER = "Entrer"
PIN_WORKING = "La carte vérifie le code…"
PIN_SHORT = "Le code a 4 chiffres."
PIN_PAUSE = "Vous étiez en train d’écrire : entrez votre code dans un instant, ou cliquez dans le champ."
PIN_AGAIN = "Le code pourra être entré à nouveau dans un instant."
PIN_STRANGE = (
    "Ce qui vient d’être tapé n’est pas un code à 4 chiffres : rien n’a été donné à la carte. "
    "Entrez votre code dans un instant (avec Maj, ou sur le pavé numérique)."
)
PIN_THREE = "Trois codes faux de suite bloquent la carte."
PIN_WARNING = {
    PinState.LOW: "Un code faux a déjà été donné à cette carte. Le troisième de suite la bloque.",
    PinState.LAST_TRY: "DERNIER ESSAI : un code faux bloquera votre carte. En cas de doute, n’essayez pas.",
}
PIN_LOCKED_TITLE = "Carte bloquée"
PIN_REFUSED_TITLE = "Carte inutilisable pour le moment"
PIN_OTHER_WAYS = "Pour vous identifier autrement, retirez la carte du lecteur."
PIN_ASKED_SAID = "Code de la carte demandé."
DIAGNOSTIC = "Ouvrir le diagnostic"
AGAIN = "Réessayer"
AGAIN_WORKING = "Lecture de la carte…"

# Place of practice
PLACES_TITLE = "Où exercez-vous maintenant ?"
PLACES_HINT = "Votre choix est retenu sur ce poste. Il se change par le menu à la silhouette, en haut."
PLACES_KEYS = "Touches 1 à 9, ou flèches puis Entrée"
PLACES_NAME = "Lieux d’exercice"
PLACE_LAST = "dernier lieu choisi"
PLACE_SPOKEN = "{number} : {name}, {kind}"
PLACE_UNNAMED = "Lieu sans nom"
MODES = {"00": "libéral", "01": "salarié", "02": "bénévole", "04": "remplaçant"}
"""TRE_G17, how the professional practises there. What is not listed is not said."""
SECTORS = {"SA07": "cabinet individuel", "SA08": "cabinet de groupe", "SA52": "maison de santé"}
"""JDV_J61, where family doctors mostly practise; what is not listed is not said."""
KIND_UNKNOWN = "mode d’exercice non précisé"
ONE_PLACE = "Votre carte ne connaît qu’un lieu d’exercice."

# Lock
LOCKED_TITLE = "Session verrouillée"
LOCKED_HINT = "Votre carte est toujours dans le lecteur."
RESUME = "Reprendre"

# Secretary
DESK_TITLE = "Accueil"
DESK_HINT = "Votre carte ouvre l’accueil : le contenu des dossiers médicaux n’y est jamais affiché."
DESK_NOW = (
    "Vous pouvez laisser ce poste ouvert : les documents du médecin qui attendent sont comptés en haut de la fenêtre."
)
DESK_DOCTOR = "Pour ouvrir un dossier, le médecin insère sa carte CPS."

# Behind the diagnosis: what waits there, and the button that leads to it
BEHIND = {
    Phase.PIN: ("Votre carte est lue : elle demande son code.", "Saisir le code"),
    Phase.ACTIVITY: ("Votre carte est lue : elle demande où vous exercez.", "Choisir le lieu"),
    Phase.READY: ("Vous êtes identifié.", "Revenir à la fenêtre"),
    Phase.CHOOSING: ("Une carte Vitale est lue : elle demande un choix.", "Choisir le patient"),
    Phase.OPEN: ("Le dossier d’un patient est ouvert.", "Revenir au dossier"),
}
BEHIND_REFUSED = (f"{PIN_REFUSED_TITLE}.", "Voir pourquoi")

# Trainee
TO_VALIDATE = (
    "En formation, vous n’envoyez pas au DMP : la note reste dans vos brouillons, « à valider » par le médecin."
)
TO_VALIDATE_DOUBT = (
    "Type de carte non lu (CPS ou formation) : par prudence, la note reste dans vos brouillons, « à valider »."
)
DRAFT_TO_VALIDATE = "Brouillon à valider"

# Pro Santé Connect
PSC = "Se connecter avec Pro Santé Connect (e-CPS)"
PSC_TITLE = "Pro Santé Connect"
PSC_PHONE = "Avec mon téléphone"
PSC_BROWSER = "Avec le navigateur"
PSC_NUMBER = "Numéro RPPS"
PSC_NUMBER_NAME = "Votre numéro RPPS, 11 chiffres"
PSC_NUMBER_HINT = "11 chiffres"
PSC_NUMBER_WRONG = "Le numéro RPPS a 11 chiffres."
PSC_CANCEL = "Annuler"
PSC_ASKING = "Demande à Pro Santé Connect…"
PSC_STEP = {
    "browser": "Identifiez-vous dans le navigateur qui vient de s’ouvrir, puis revenez ici.",
    "phone": "Ouvrez l’application e-CPS sur votre téléphone. Vérifiez qu’elle affiche ce nombre, puis validez.",
    "checking": "Vérification de votre identité…",
}
"""By `PscProgress.step`."""
PSC_BINDING_NAME = "Nombre à comparer sur votre téléphone : {}"
PSC_COPY = "Copier l’adresse"
PSC_COPY_HINT = "Le navigateur ne s’est pas ouvert ?"
PSC_OPENING = "Ouverture de votre session…"

# Other ways to name the patient
ENTRIES = "Identifier le patient autrement que par sa carte Vitale"
ENTRY_SCAN = "Scanner le code INS (datamatrix)…"
ENTRY_APCV = "Appli carte Vitale…"
SCAN_NAME = "Code INS lu par le scanner"
SCAN_HINT = "Scannez le code INS du patient"
SCAN_CANCEL = "Fermer"
APCV_WAITS = "Le patient ouvre l’appli carte Vitale sur son téléphone et présente son code au lecteur…"
SCAN_WAITS = "Lecture de l’identité…"
