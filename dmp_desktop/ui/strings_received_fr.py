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
