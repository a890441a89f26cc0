"""Texts of the first run, in French. `&` as in strings_fr."""

from __future__ import annotations

TITLE = "Mise en route de ce poste"
NOTE = "Moins de cinq minutes. Rien n'est obligatoire : tout se règle aussi plus tard."
STEP = "Étape {} sur {} : {}"
BACK, NEXT, END = "&Précédent", "&Suivant", "&Terminer"
LATER = "&Plus tard"
LATER_TIP = "La mise en route reviendra au prochain démarrage"
READER = "le lecteur de cartes"
READER_NOTE = (
    "Branchez le lecteur. Sans lecteur, DMP Desktop s'ouvre quand même : Pro Santé Connect, si le poste y est préparé, et "
    "l'entraînement au bac à sable n'en demandent pas."
)
CARD = "votre carte"
CARD_NOTE = "Insérez votre carte CPS ou CPE, puce vers vous. Son code n'est pas demandé ici."
LOOK_AGAIN = "&Vérifier de nouveau"
LOOKING = "Vérification en cours…"
PLACE = "le cabinet"
PLACE_NOTE = "La carte dit en général où vous exercez : laissez alors ces lignes vides. Sinon, remplissez-les."
PLACE_SET = "Le cabinet est déjà décrit sur ce poste."
NUMBER = "Numéro du cabinet"
NUMBER_WHAT = "Identifiant national de structure : 1 et le FINESS, 3 et le SIRET, ou 4, le RPPS et le rang du cabinet."
NAME = "Nom du cabinet"
SECTOR = "Genre"
SECTORS = {
    "SA07": "Cabinet individuel",
    "SA08": "Cabinet de groupe",
    "SA52": "Maison de santé",
    "SA05": "Centre de santé",
    "SA09": "Exercice en société",
}
SAVE_PLACE = "&Enregistrer le cabinet"
PLACE_SAVED = "Le cabinet est enregistré."
FOLDERS = "les dossiers"
FOLDERS_NOTE = (
    "Le dossier où votre scanner écrit : ce qui y arrive attend dans « Numérisations », et n'en part pas sans médecin."
)
SCAN_FOLDER = "Scanner : {}"
NO_SCAN_FOLDER = "Scanner : aucun dossier choisi."
CHOOSE = "&Choisir un dossier…"
TRAINING = "s'entraîner"
TRAINING_NOTE = (
    "Le bac à sable est un faux DMP, sur ce poste, avec des patients inventés et un lecteur dessiné. Rien n'en sort. "
    "C'est là qu'on essaie : ouvrir un dossier, écrire une note, l'envoyer."
)
TRAIN = "S'&entraîner au bac à sable"
TRAINS = "L'entraînement s'ouvre dans une autre fenêtre."
READY = "Le poste est prêt : insérez votre carte pour commencer."
