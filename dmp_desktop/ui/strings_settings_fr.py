"""Texts of the page Réglages, in French, by the names of platform.settings."""

from __future__ import annotations

ASK = "Réglages…"
TITLE = "Réglages"
HERE = "Réglages de ce poste"
NOTE = (
    "Les mêmes pour tous ceux qui travaillent ici ; ils ne quittent pas ce poste. Un changement est enregistré aussitôt ; "
    "il prend effet au prochain démarrage du logiciel."
)
OWN = "Vos réglages"
OWN_WHAT = (
    "Ils viennent avec vous quand vous vous identifiez, sur ce poste et sur les autres du cabinet, et partent avec vous. Vos "
    "habitudes de lecture et vos abréviations vous suivent de même."
)
OWN_SAVED = "C'est enregistré, et déjà appliqué."
THEME = "Thème"
THEMES = {"system": "Comme l'ordinateur", "light": "Clair", "dark": "Sombre", "high_contrast": "Contraste élevé"}
TEXT_SIZE = "Taille du texte"
TEXT_SIZES = {100: "Comme l'ordinateur", 115: "Un peu plus grande", 130: "Plus grande"}
USUAL = "Visibilité habituelle de vos documents"
USUAL_WHAT = (
    "Pour chaque genre de document, ce que la note propose d'abord. C'est écrit au-dessus de la note, où vous le changez quand "
    "vous voulez ; un sujet sensible pose toujours la question. Ce choix vous suit sur les autres postes du cabinet."
)
USUAL_LINE = "{} : {}"
USUAL_NONE = "Tous vos documents sont d'abord visibles de tous."
LOADING = "Lecture des réglages…"
SAVED = "Enregistré : {}. Prend effet au prochain démarrage."
REFUSED = (
    "« {typed} » n'est pas retenu : un nombre entier de {low} à {high} {unit} est attendu. La valeur reste {kept}."
)
AT_ONCE = ("call_port",)
"""What takes effect without a new start."""
LIMITS = "{unit} (de {low} à {high} ; d'origine {origin})"

NUMBERS = {
    "undo_seconds": ("Délai pour annuler un envoi", "secondes", "0 : le document part aussitôt."),
    "keep_sent_days": (
        "Envois terminés listés dans À envoyer",
        "jours",
        "Passé ce délai, la ligne disparaît de la liste ; le document reste au DMP.",
    ),
    "cache_hours": (
        "Documents lus gardés sur ce poste",
        "heures",
        "Chiffrés, puis effacés. 0 : rien n'est gardé ; sans réseau, aucun document n'est lisible.",
    ),
    "preload_megabytes": (
        "Lecture à l'avance des dossiers des prochains patients, au plus",
        "Mo",
        "En tout, tant que la carte est insérée. 0 : rien n'est lu à l'avance.",
    ),
    "preload_kilobytes_per_second": (
        "Débit de la lecture à l'avance",
        "ko/s",
        "Plus bas, elle gêne moins le réseau du cabinet.",
    ),
    "lock_minutes": (
        "Verrouillage sans activité",
        "minutes",
        "L'écran se masque ; le dossier revient quand vous vous identifiez à nouveau.",
    ),
    "call_port": (
        "Port de ce poste où le logiciel métier appelle",
        "",
        "0 : aucun appel n'est écouté. L'éditeur du logiciel métier dit lequel choisir ; à défaut, 47653.",
    ),
}
"""Label, unit, what it does."""
CHOICES = {
    "report_form": (
        "Forme du compte rendu de consultation",
        {"auto": "Automatique", "structured": "Toujours structurée", "pdf": "Toujours PDF"},
        "Automatique : structurée au bac à sable, PDF au DMP réel.",
    ),
    "authorisation": (
        "Autorisation d'accès au DMP du patient",
        {"explicit": "Déclarée par vous", "automatic": "Déclarée à l'ouverture"},
        "À l'ouverture : sauf si le patient s'est opposé à la consultation. Jamais pour un envoi ou une suppression.",
    ),
    "unrecorded_consent": (
        "Patient dont l'avis n'est pas noté sur ce poste",
        {"allowed": "Consulter et envoyer", "refused": "Attendre son avis"},
        "Un patient qui s'est opposé n'est jamais consulté, ou ne reçoit aucun envoi, quel que soit ce réglage.",
    ),
    "masked_and_invisible": (
        "Documents masqués aux soignants et invisibles du patient",
        {"refused": "Refusés", "allowed": "Acceptés"},
        "Accepter seulement si le DMP les accepte (cumul-invisible_patient-masque_ps).",
    ),
}
"""Label, values, what they do."""

EXCHANGE = "Échange avec le logiciel métier"
EXCHANGE_WHAT = (
    "Le patient dont vous ouvrez la fiche dans votre logiciel métier est proposé ici, avec sa note s'il en donne une : il les "
    "écrit dans ce dossier, d'où ils sont retirés une fois repris. Choisissez un dossier qui ne sert à rien d'autre."
)
EXCHANGE_OFF = "Aucun dossier n'est surveillé."
EXCHANGE_FOLDER = "Dossier surveillé : {}"
EXCHANGE_CHOOSE, EXCHANGE_STOP = "Choisir le dossier d'échange…", "Ne plus le surveiller"
EXCHANGE_SAVED = "Enregistré, et déjà appliqué."

CALL = "Appel par le logiciel métier, sur ce poste"
CALL_WHAT = (
    "Un logiciel métier de ce poste peut transmettre le patient par une requête HTTP à 127.0.0.1, avec les noms de l'appel "
    "contextuel national. Rien n'est écouté hors de ce poste, et aucune page d'un navigateur n'est entendue."
)
CALL_SHOWS = "Jeton à donner au logiciel métier"
CALL_NONE = "Aucun jeton n'est créé : tout appel est refusé."
CALL_MADE = "Un jeton est créé ; il ne peut pas être relu. Perdu, remplacez-le."
CALL_SHOWN = (
    "Copiez ce jeton maintenant dans le logiciel métier : il n'est montré que cette fois. L'ancien ne vaut plus rien."
)
CALL_RENEW, CALL_COPY = "Créer un nouveau jeton", "Copier le jeton"
CALL_COPIED = "Le jeton est copié : collez-le dans le logiciel métier."

SESSION_START = "À l'ouverture de la session de cet ordinateur"
SESSION_STARTS = {False: "DMP Desktop reste fermé", True: "DMP Desktop s'ouvre"}
SESSION_START_WHAT = "Vaut pour l'utilisateur de cette session seulement, dès la prochaine fois qu'elle s'ouvre."
