"""Texts of what reads the record, in French: search, open document, list, Nouveautés."""

from __future__ import annotations

from datetime import datetime

from dmp_desktop.services.folding import Reason

# Search in the record
SEARCH = "Rechercher dans tout le dossier"
SEARCH_SHORT = "Rechercher dans tout le dossier…"
SEARCH_AGAIN = "Revoir la recherche « {} »"
SEARCH_KEY = "Ctrl+F"
RESULTS_NAME = "Documents trouvés"
SEARCHING = "Recherche…"
FOUND_NONE = "Aucun document lu ne contient « {} »."
FOUND_NONE_FILTERED = "Aucun document lu ne contient « {} » avec ces filtres."
READ_OF = "{read} documents lus sur {total}"
READ_ALL = "Tout le dossier est lu ({} documents)"
READ_ONE = "Tout le dossier est lu (1 document)"
READ_REST = "Lire le reste"
READ_REST_TIP = "Télécharger les documents qui ne sont pas encore lus, pour chercher aussi dans ceux-là"
STOP_READING = "Arrêter"
SEARCH_FAILED = "La recherche n'a pas abouti : {}"
SEARCH_TYPE, SEARCH_PERIOD, SEARCH_AUTHOR = "Chercher par type", "Chercher par période", "Chercher par auteur"
ALL_TYPES, ALL_AUTHORS, ALL_CLASSES = "Tous les types", "Tous les auteurs", "Toutes les catégories"
PERIODS = (
    ("Toutes les dates", None),
    ("3 derniers mois", 92),
    ("12 derniers mois", 365),
    ("2 dernières années", 730),
    ("5 dernières années", 1826),
)
"""Label, length in days."""
ACT_PERIODS = (
    ("Acte : toutes les dates", None),
    ("Acte : 3 derniers mois", 92),
    ("Acte : 12 derniers mois", 365),
    ("Acte : 2 dernières années", 730),
    ("Acte : 5 dernières années", 1826),
)
HIT_SPOKEN = "{told} : {snippet}"


def hits(documents: int, passages: int) -> str:
    """What a search found."""
    first = f"{documents} document{'s' if documents > 1 else ''}"
    return f"{first} · {passages} passage{'s' if passages > 1 else ''}"


def passages(count: int) -> str:
    return f"{count} passage{'s' if count > 1 else ''}"


def read_of(read: int, total: int) -> str:
    """How far a search goes."""
    if read < total:
        return READ_OF.format(read=read, total=total)
    return READ_ONE if total == 1 else READ_ALL.format(total)


# Open document
CONTENTS_TIP = "Sommaire : sections du document : y aller, les replier, changer leur ordre"
CONTENTS_NAME = "Sections du document"
CONTENTS_HINT = (
    "Entrée : y aller · Espace : replier · Ctrl+↑ ou Ctrl+↓ : changer l'ordre, retenu pour les prochains documents"
)
FOLDED_ROW = "{} (repliée)"
NO_TITLE = "Section sans titre"
FIND = "Chercher dans ce document"
FIND_TIP = "Chercher dans ce document (Ctrl+Maj+F)"
FIND_SHORT = "Dans ce document…"
FIND_NONE = "absent"
FIND_AT = "{at} sur {count}"
FIND_MANY = "{at} sur plus de {count}"
FIND_NEXT, FIND_PREVIOUS = "Passage suivant (F3)", "Passage précédent (Maj+F3)"
FIND_CLOSE = "Fermer la recherche dans le document"
MORE = "Imprimer, exporter…"
PRINT = "Imprimer… (Ctrl+P)"
EXPORT_PDF = "Exporter en PDF…"
EXPORT_ORIGINAL = "Enregistrer l'original…"
EXPORT_ATTACHED = "Enregistrer le PDF joint…"
PREPARE_MAIL = "Préparer un message MSSanté…"
MAIL_TITLE = "Message MSSanté"
MAIL_TO = "Adresse MSSanté du professionnel"
MAIL_EXAMPLE = "dr.exemple@medecin.mssante.fr"
MAIL_NOTE = (
    "Le message est enregistré dans un fichier que vous ouvrez dans votre messagerie sécurisée : rien ne part sans vous. "
    "Son objet et ses pièces jointes portent le nom du patient, comme MSSanté le demande : n'envoyez ce message que par MSSanté."
)
MAIL_CHOOSE_FILE, MAIL_CANCEL = "Choisir le fichier…", "Annuler"
MAIL_READY = (
    "Message préparé. Ouvrez ce fichier dans votre messagerie sécurisée, relisez le message, envoyez-le, "
    "puis supprimez le fichier."
)
GIVE = "Exporter vers le logiciel métier"
GIVEN = "Écrit dans le dossier du logiciel métier."
GIVEN_MANY = "{} documents écrits dans le dossier du logiciel métier."
GIVEN_LATER = "Gardé sur ce poste, et écrit dès que possible : {}"
MAIL_NOW = "Ouvrir un message MSSanté avec ce document"
MAIL_NOW_CHOSEN = "Ouvrir un message MSSanté"
MAIL_OPENED = (
    "Message ouvert dans votre messagerie : donnez l'adresse MSSanté, relisez, envoyez. Son fichier s'efface de ce poste dans "
    "15 minutes (dossier « messages » des données), ou dès que vous partez."
)
NO_MAIL_CLIENT = (
    "mail-client",
    "Aucun logiciel de ce poste n'ouvre un message (.eml) : rien n'en est gardé.",
    "Choisissez « Préparer un message MSSanté… », puis ouvrez le fichier depuis votre messagerie.",
)
HEADER = "En-tête complet"
LINK_ASK = "Ouvrir cette adresse dans le navigateur ? Elle vient du document : {}"
LINK_OPEN, LINK_NO = "Ouvrir l'adresse", "Ne pas ouvrir"
LINK_NAME = "Adresse à confirmer"
SAVE_TITLE = "Enregistrer sous"
SAVED = "Enregistré. Ce fichier n'est plus protégé par le logiciel : rangez-le avec les données de santé."
SAVED_MANY = "{} documents enregistrés. Ces fichiers ne sont plus protégés par le logiciel."
SAVED_SOME = "{saved} documents enregistrés, {failed} n'ont pas pu l'être."
SAVE_FAILED = "Le fichier n'a pas pu être écrit."
SAVE_FAILED_REMEDY = "Choisissez un autre dossier."
EXPORT_AT = "Enregistrement : {at} sur {count}…"
PRINT_AT = "Impression : {at} sur {count}…"
EXPORT_STOP = "Arrêter"
EXPORT_STOP_TIP = "Arrêter après le document en cours ; ce qui est fait reste"
EXPORT_STOPPING = "Arrêt après le document en cours…"
EXPORT_NAME = "Export en cours"
SAVED_STOPPED = "Export arrêté : {saved} sur {count} enregistrés."
PRINTED_STOPPED = "Impression arrêtée : {saved} sur {count} envoyés à l'imprimante."
FOLDER_TITLE = "Enregistrer les documents choisis dans un dossier"
PRINTED = "Document envoyé à l'imprimante."
PRINTED_MANY = "{saved} documents envoyés à l'imprimante."
PRINTED_SOME = "{saved} documents envoyés à l'imprimante, {failed} n'ont pas pu l'être."
PDF_NOT_PRINTED = "Un PDF de ce document ne peut pas être imprimé ici."
PDF_NOT_PRINTED_REMEDY = "Enregistrez-le et imprimez-le depuis votre lecteur de PDF."
MISMATCH = "IDENTITÉ À VÉRIFIER"
FOLD, MOVE_UP, MOVE_DOWN = "Replier ou déplier", "Monter", "Descendre"

# List of documents
VISIBLE_TO_ALL = "visible de tous"
PINNED = "épinglé"
PIN, UNPIN = "Épingler", "Ne plus épingler"
PIN_TIP = "En tête de la liste, chez vous seulement"
UNFOLD, FOLD_BACK = "Déplier", "Replier"
UNFOLD_TIP = "Montrer les versions, formats et doublons de ce document (→ et ←)"
EXPORT_SELECTED = "Exporter ({})…"
EXPORT_TIP = "Enregistrer ou imprimer les documents choisis (Ctrl ou Maj pour en choisir plusieurs)"
EXPORT_ORIGINALS = "Enregistrer les originaux dans un dossier…"
EXPORT_PDFS = "Enregistrer en PDF dans un dossier…"
EXPORT_PRINT = "Imprimer…"
LIST_WORDS = "Filtrer la liste…"
LIST_WORDS_NAME = "Filtrer la liste (titre, type, auteur)"
FILTERS = "Filtres"
FILTERS_TIP = "Type, catégorie, date, auteur, état, visibilité"
FILTER_CLASS, FILTER_PERIOD = "Filtrer par catégorie", "Filtrer par date"
FILTER_STATE, FILTER_VISIBILITY = "Filtrer par état", "Filtrer par visibilité"
ALL_STATES, ALL_VISIBILITIES = "Tous les états", "Toutes les visibilités"
FILTER_PRACTICE, FILTER_FACILITY = "Filtrer par cadre d'exercice", "Filtrer par lieu d'exercice"
ALL_PRACTICES, ALL_FACILITIES = "Tous les cadres", "Tous les lieux"
FILTER_EVENT, FILTER_FORMAT, FILTER_ACT = "Filtrer par acte", "Filtrer par format", "Filtrer par date de l'acte"
ALL_EVENTS, ALL_FORMATS = "Tous les actes", "Tous les formats"
CHIP = "{} ✕"
CHIP_NAME = "Retirer le filtre : {}"
OFFLINE = "Hors ligne : liste du {day} à {time}."
OFFLINE_PAGE = "Hors ligne : d'après la liste du {{day}} à {{time}}, {} sur {}."
OFFLINE_STATE = "DMP hors ligne, liste du {day} à {time}"
UNOPENED = "Vous voyez la liste, mais aucun document ne s'ouvre ici. {}"
AT_HAND = "{count} sur {total} documents lisibles sur ce poste."
AT_HAND_NONE = "Aucun document n'est lisible sur ce poste."
NOT_HERE = "pas sur ce poste"

# Beside the open document
BESIDE_NAME = "Documents liés"
SENT_WITH = "Envoyé avec :"
SENT_WITH_SPOKEN = "Envoyé avec ce document : {}"
SENT_MORE = "et {} autres"
ALSO = "Aussi :"
LAST_VERSION = "Dernière version"

# What the workstation keeps
KEEPING_TIP = "Documents gardés sur ce poste"
KEEPING_MENU = "Documents gardés sur ce poste, réglages"
FORGET_PATIENT = "Effacer ce dossier de ce poste…"
CLEAR_CACHE = "Vider le cache de ce poste…"
ASK_FORGET = (
    "Effacer de ce poste les documents déjà lus de ce patient ? Son DMP ne change pas : ils seront téléchargés de nouveau à"
    " l'ouverture. Sans réseau, ils ne seront plus lisibles."
)
ASK_CLEAR = (
    "Effacer de ce poste les documents déjà lus de tous les patients ? Leurs DMP ne changent pas ; vos notes et les documents"
    " à envoyer restent. Sans réseau, plus aucun dossier ne sera lisible."
)
ERASE, ERASE_NO = "Effacer", "Annuler"
PATIENT_FORGOTTEN = (
    "Plus rien de ce dossier n'est gardé sur ce poste. Ce qui est à l'écran y reste jusqu'à sa fermeture."
)
CACHE_CLEARED = "Le cache de ce poste est vide. Ce qui est à l'écran y reste jusqu'à sa fermeture."
RECENT_ONLY = "Actes depuis le {} seulement."
ROWS_OF = "{rows} lignes pour {documents}"
LIST_CUT = "{} reçus : liste incomplète"

# Nouveautés
MARK_SEEN = "Tout marquer comme vu"
MARK_SEEN_TIP = "Ces lignes ne seront plus montrées ; les documents restent dans l'onglet Documents"
COUNTED = "Types…"
COUNTED_TIP = "Types de documents comptés à part"
NEWS_PARTIAL = "Certains documents n'ont pas pu être lus : seul leur titre est montré."
NEWS_READING = "Lecture en cours…"
NEWS_SEEN = "Rien de nouveau : {documents} depuis le {day}, tout est vu."
NEWS_SEEN_EVER = "Rien de nouveau : {documents}, tout est vu."


def news_seen(count: int, since: str) -> str:
    """Nothing is new because all was marked as seen."""
    documents = f"{count} document{'s' if count > 1 else ''}"
    return NEWS_SEEN.format(documents=documents, day=since) if since else NEWS_SEEN_EVER.format(documents=documents)


def folded(count: int, reason: Reason) -> str:
    """How many documents are under a row, for one reason."""
    names = {Reason.VERSION: "version", Reason.TWIN: "autre format", Reason.DUPLICATE: "doublon"}
    plural = {Reason.VERSION: "versions", Reason.TWIN: "autres formats", Reason.DUPLICATE: "doublons"}
    return f"+ {count} {(plural if count > 1 else names)[reason]}"


def siblings(count: int) -> str:
    """Documents brought by the same submission."""
    return f"avec {count} autre{'s' if count > 1 else ''} du même envoi"


def offline(since: datetime) -> str:
    """Of when what is shown is, the DMP being out of reach."""
    return _dated(OFFLINE, since)


def offline_state(since: datetime) -> str:
    """As `offline`, in place of the state of the access."""
    return _dated(OFFLINE_STATE, since)


def offline_page(since: datetime, read: int, documents: int) -> str:
    """As `offline`, of a page made of the documents: how many of them could be read."""
    return _dated(OFFLINE_PAGE.format(f"{read} document{'s lus' if read > 1 else ' lu'}", documents), since)


def _dated(words: str, moment: datetime) -> str:
    local = moment.astimezone()
    return words.format(day=f"{local:%d/%m/%Y}", time=f"{local:%H:%M}")
