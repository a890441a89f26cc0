"""Words of what the practice software hands over."""

from __future__ import annotations

NAME = "Patient proposé par le logiciel métier"
PROPOSES = "Le logiciel métier propose : {name}, {born}"
PROPOSES_NOTE = "Le logiciel métier propose une note pour {name}, {born}"
INS = "INS {ins}, {status}"
MORE = ("{} autre note reçue ensuite", "{} autres notes reçues ensuite")
RECEIVED = "Logiciel métier"
UNKNOWN = "non renseigné"
OPEN, TAKE_NOTE = "&Ouvrir le dossier", "Reprendre la &note"
OPEN_AND_TAKE = "&Ouvrir le dossier et la note"
IGNORE = "&Ignorer"
NOTE_IGNORED = "La note reçue du logiciel métier est ignorée : elle s'efface dans 10 secondes."
UNDO = "Annuler"
NOTE_TAKEN = "La note reçue est un brouillon de ce patient : relisez-la avant de l'envoyer."
SAFE = "Elle reste à reprendre : rien n'est perdu."
CALLS = (
    "Un appel du logiciel métier attend : identifiez-vous pour le voir.",
    "{} appels du logiciel métier attendent : identifiez-vous pour les voir.",
)

PASTE = "Coller le patient ou la note du presse-papiers"
PASTE_KEY = "Ctrl+Shift+V"
PASTED_PATIENT = "Le patient copié est proposé ici, sauf si son dossier est déjà ouvert."
PASTED_NOTE = "La note copiée est un brouillon de ce patient : relisez-la avant de l'envoyer."
PASTED_DOUBT = "À vérifier : {}."
PASTE_NO_PATIENT = (
    "C'est une note, et aucun dossier n'est ouvert : rien n'est collé. Ouvrez d'abord celui de son patient."
)
PASTE_OTHER = "Le dossier ouvert a changé : la note n'est pas collée. Recommencez dans celui de son patient."
PASTE_FILE = (
    "Le presse-papiers contient un fichier, et non son texte : rien n'est collé. Ouvrez-le, et copiez-en la note."
)
