"""Texts of Réglages about what goes out to the practice software."""

HEADING = "Documents vers le logiciel métier"
WHAT = (
    "Un document est écrit dans le dossier que votre logiciel métier importe : d'un clic sur « Exporter vers le logiciel "
    "métier », ou de soi-même une fois que le DMP l'a reçu. Ces fichiers ne sont plus chiffrés ; leur nom ne dit jamais de qui "
    "il s'agit."
)
NONE = "Aucun profil : rien n'est écrit pour un logiciel métier."
LISTED = "{name} : {formats} dans {folder}"
BY_ITSELF = " (de soi-même)"
OPEN = "Régler les profils…"
WHICH = "Profil"
NEW = "Nouveau profil"
NAME = "Nom du logiciel métier"
NO_FOLDER = "Aucun dossier choisi."
CHOOSE = "Choisir le dossier d'import…"
FORMATS = "Fichiers écrits pour chaque document"
KINDS = {
    "pdf": ("PDF", "Pour être lu"),
    "cda": ("CDA (XML)", "Le document tel que le DMP le garde"),
    "xdm": ("XDM (ZIP)", "L'archive qu'échangent les messageries sécurisées"),
    "hprim": ("HPRIM", "Texte et résultats, pour les logiciels anciens"),
    "json": ("JSON", "Données codées et texte, au schéma publié ; écrit le dernier"),
}
TEMPLATE = "Nom des fichiers"
TEMPLATE_NOTE = "Champs : {date}, {heure}, {type}, {id}. Exemple : "
ENCODING, LINE_ENDS = "Codage des fichiers HPRIM", "Fins de ligne des fichiers HPRIM"
ENCODINGS = {"cp1252": "Windows", "cp850": "DOS", "mac_roman": "ancien Mac", "utf-8": "UTF-8"}
ENDS = {"crlf": "Windows (CR LF)", "lf": "Unix (LF)", "cr": "ancien Mac (CR)"}
AUTOMATIC = "Y écrire de soi-même ce que le DMP a reçu de ce poste"
SAVE, REMOVE = "Enregistrer ce profil", "Supprimer ce profil"
SAVED, REMOVED = (
    "Profil enregistré, et déjà appliqué.",
    "Profil supprimé. Ce qui était déjà écrit reste dans le dossier.",
)
