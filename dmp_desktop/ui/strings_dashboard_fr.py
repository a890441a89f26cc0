"""Texts of the page Envois, in French."""

from __future__ import annotations

from dmp_desktop.services.dashboard import Fate

TITLE = "Envois"
NOTE = (
    "Vos documents par mois et par type, comptés tant qu'ils restent listés dans « À envoyer » (Réglages). "
    "Ce tableau et son export ne nomment aucun patient."
)
COLUMNS = ("Type de document", "Mois", "Envoyés", "Refusés", "Retenus", "En attente", "À valider")
FATES = {
    Fate.SENT: ("{} envoyé", "{} envoyés"),
    Fate.REFUSED: ("{} refusé", "{} refusés"),
    Fate.HELD: ("{} retenu", "{} retenus"),
    Fate.WAITING: ("{} en attente", "{} en attente"),
    Fate.TO_VALIDATE: ("{} à valider", "{} à valider"),
}
LOADING = "Comptage des envois…"
UNLISTED = "Les envois n'ont pas pu être comptés."
NONE = "Aucun envoi à compter."
TOTAL = "En tout : {}."
EXPORT = "&Exporter…"
EXPORT_TIP = "Ces nombres, en CSV (tableur), sans aucun patient"
EXPORT_TITLE = "Exporter les envois"
EXPORT_NAME = "envois-dmp-desktop.csv"
EXPORT_KINDS = "Tableur (*.csv)"
EXPORTED = ("{} ligne exportée.", "{} lignes exportées.")

UNSENT = "Notes non envoyées aujourd'hui"
UNSENT_COLUMNS = ("Patient", "Document", "Depuis", "Où en est-il", "À faire")
UNSENT_LOADING = "Lecture de ce qui n'est pas parti…"
UNSENT_UNREAD = "Ce qui n'est pas parti n'a pas pu être lu."
UNSENT_NONE = "Rien n'attend : aucun brouillon, aucun document retenu, refusé ou en attente."
UNSENT_COUNT = (
    "1 n'est pas parti. Un clic, ou Entrée, l'ouvre.",
    "{} ne sont pas partis. Un clic, ou Entrée, ouvre celui choisi.",
)
DRAFT, TO_VALIDATE, HELD = "Brouillon", "Brouillon à valider", "Retenu"
RESUME, SEE = "Reprendre", "Voir dans « À envoyer »"
