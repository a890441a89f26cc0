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
PROPOSED = "Note proposée"
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

_TODAY = "Aujourd'hui, pas encore parti : {}."
_LEFT = (
    ("1 document en attente", "{} documents en attente"),
    ("1 retenu", "{} retenus"),
    ("1 refusé", "{} refusés"),
    ("1 brouillon", "{} brouillons"),
)
_CLOSING = (
    (
        "1 document attend : il partira quand son auteur rouvrira DMP Desktop.",
        "{} documents attendent : ils partiront quand leur auteur rouvrira DMP Desktop.",
    ),
    ("1 document retenu le reste.", "{} documents retenus le restent."),
    ("1 document refusé reste dans « À envoyer ».", "{} documents refusés restent dans « À envoyer »."),
    ("1 brouillon reste sur ce poste, chiffré.", "{} brouillons restent sur ce poste, chiffrés."),
)
CLOSES = "La fenêtre se ferme. Rien n'est perdu."
STAY = "&Rester"


def today(waiting: int, held: int, refused: int, drafts: int) -> str:
    """One line; empty when all has left."""
    counts = (waiting, held, refused, drafts)
    said = [words[count > 1].format(count) for count, words in zip(counts, _LEFT, strict=True) if count]
    return _TODAY.format(", ".join(said)) if said else ""


def closing(waiting: int, held: int, refused: int, drafts: int) -> str:
    """What becomes of each, a line each; empty when there is nothing."""
    counts = (waiting, held, refused, drafts)
    return "\n".join(words[count > 1].format(count) for count, words in zip(counts, _CLOSING, strict=True) if count)
