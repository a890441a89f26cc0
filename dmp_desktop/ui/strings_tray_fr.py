"""Texts of the page of scans, in French."""

from __future__ import annotations

from dmp_desktop.domain.tray import By, Reason

TITLE = "Numérisations"
TITLE_AND_NOTES = "Numérisations, notes à valider"
OPEN = "Numérisations"
OPEN_COUNT = "Numérisations ({})"
TO_PREPARE, TO_VALIDATE, AT_DOCTORS, TO_SEND, OUT = (
    "À préparer",
    "À valider",
    "Chez les médecins",
    "À envoyer",
    "Écartées",
)
FILED = "Reçus, classés"
STAGE = "{} {}"
LOADING = "Lecture de la bannette…"

# The folder
FOLDER = "Dossier du scanner : {}"
NO_FOLDER = (
    "Aucun dossier n'est surveillé. Choisissez celui où le scanner enregistre ses fichiers (PDF, JPEG ou TIFF) : ils "
    "arriveront ici."
)
CHOOSE_FOLDER = "Choisir le dossier…"
RECEIVED_FOLDER = "Dossier des documents reçus : {}"
NO_RECEIVED_FOLDER = (
    "Pour classer ici ce que vous recevez (HPRIM, HL7, MSSanté, CDA, PDF), choisissez le dossier où votre messagerie ou votre "
    "logiciel l'enregistre."
)
CHOOSE_RECEIVED = "Dossier des documents reçus…"
COMING = ("", "1 fichier en cours d'arrivée.", "{} fichiers en cours d'arrivée.")
AGAIN = (
    "",
    "1 fichier était déjà là, à l'identique : il n'est pas repris.",
    "{} fichiers étaient déjà là, à l'identique : ils ne sont pas repris.",
)
REFUSED = "Laissé dans le dossier, « {} » : {}"
REFUSED_MORE = "Et {} autres fichiers laissés dans le dossier."
DAMAGED = "{} numérisation(s) de cette bannette ne se lisent plus : appelez le support, rien n'est supprimé."

# One scan
WHICH = "Numérisation {} sur {}"
WHICH_RECEIVED = "Document reçu, {} sur {}"
FACTS = "{pages}, reçue le {day}, {size}"
PAGES = ("1 page", "{} pages")
COPIES = "Le même fichier a été déposé {} fois de plus."
RECEIVED = "Reçu de {sender}{sent}, arrivé le {day}, {pages}"
RECEIVED_SENT = ", envoyé le {}"
UNKNOWN_SENDER = "un expéditeur inconnu"
NEXT, PREVIOUS = "Suivante", "Précédente"
NEXT_TIP, PREVIOUS_TIP = "Touche flèche droite", "Touche flèche gauche"

# To prepare
NOTHING_TO_PREPARE = "Rien à préparer. Ce que le scanner enregistre arrive ici tout seul."
WHO = "De quel patient ? (touche du numéro)"
LOOKING = "Recherche du patient…"
NOBODY = "Aucun patient n'est reconnu sur ce papier : cherchez-le."
BY = {
    By.CODE: "code INS lu sur le papier",
    By.TEXT: "nom, prénom et date de naissance lus sur le papier",
    By.SEARCH: "trouvé par sa date de naissance",
    By.HOMONYM: "homonyme : même nom, même sexe, même jour",
    By.INS: "INS écrite dans le message",
    By.NIR: "n° de sécurité sociale, nom, prénom et naissance du message",
    By.TRAITS: "nom, prénom et date de naissance du message",
}
TICKED, NOT_TICKED = "☑ ", "☐ "
CHOSEN_BEFORE = "choisi auparavant"
CANDIDATE = "{key}{family} {given}, {born} · lieu {place} · {number}\n{by}"
NO_NUMBER = "sans INS"
NO_PLACE = "inconnu"
NOT_QUALIFIED = "identité non qualifiée : qualifiez-la d'abord"
DISCORDANT = "le code porte d'autres traits que ceux connus ici : ne vous y fiez pas, regardez le papier"
UNKNOWN = "inconnu de ce cabinet : qualifiez d'abord son identité"
SEVERAL_CODES = "Ce fichier porte les codes de plusieurs personnes : séparez les papiers et numérisez-les à nouveau."
CODE_OF_ANOTHER = (
    "Le code INS lu sur ce papier n'est pas celui du patient choisi : "
    "comparez le nom et la date de naissance qui y sont écrits."
)
SEARCH = "Ou cherchez-le par sa date de naissance"
SEARCH_HINT = "12/03/1985"
SEARCH_NAME = "Début du nom ou du prénom (facultatif)"
SEARCH_ACT = "Chercher"
FOUND_NOBODY = (
    "Personne n'est né ce jour-là parmi les patients connus ici : "
    "relisez la date, ou créez d'abord la personne dans « Identités »."
)
TYPE = "Type du document (T)"
TYPE_NONE = "Choisir le type…"
OTHERS = "──────────"
DAY = "Date de l'acte, lue sur le papier (D)"
DOCTOR = "Médecin qui validera (M)"
DOCTOR_NONE = "Choisir le médecin…"
NO_DOCTOR = (
    "Aucun médecin n'est connu de cette bannette : chacun doit s'être connecté une fois sur ce poste avec sa carte."
)
PREPARE, PREPARE_TIP = "Préparer", "Touche P, ou Entrée dans la date"
PREPARED = "Préparée : elle attend le médecin."
DISCARD, DISCARD_TIP = "Écarter", "Touche E. Elle reste 30 jours dans « Écartées »."
DISCARDED = "Écartée : elle reste 30 jours dans « Écartées »."
RETURNED = "Rendue par le médecin ({times}) : « {why} »"
TIMES = ("1 fois", "{} fois")
REASON = {
    Reason.WRONG_PATIENT: "Ce n'est pas ce patient",
    Reason.UNREADABLE: "Illisible, à numériser de nouveau",
    Reason.WRONG_ACT: "Le type ou la date est à revoir",
    Reason.NOT_FOR_DMP: "À ne pas envoyer au DMP",
}

# To validate
NOTHING_TO_VALIDATE = "Rien à valider."
OF = "{name}, {born}"
TOLD = "{type}\nActe du {day}\nINS {ins}"
ALIKE = (
    "1 autre numérisation de ce patient a le même type et la même date : est-ce le même papier ?",
    "{} autres numérisations de ce patient ont le même type et la même date : est-ce le même papier ?",
)
VISIBILITY = "Qui le verra"
VALIDATE, VALIDATE_TIP = "Valider", "Touche V"
FILE, FILE_TIP = "Lu, classer", "Touche V : il reste ici, dans « Reçus, classés ». Rien ne part au DMP."
BY_OTHERS = "Un autre en est l'auteur : vous le lisez et le classez, il ne part pas au DMP sous votre nom."
TO_DMP = {
    True: "Son expéditeur dit l'envoyer lui-même au DMP.",
    False: "Son expéditeur dit ne pas l'envoyer au DMP.",
    None: "Son expéditeur ne dit pas s'il l'envoie au DMP.",
}
REPLACES = "Il remplace un document envoyé auparavant par le même expéditeur."
FILED_ASK = "Documents reçus, classés…"
FILED_TITLE = "Documents reçus, classés"
FILED_PAGE_NOTE = (
    "Ce que d'autres vous ont envoyé de ce patient, que vous avez lu et classé. Gardé au cabinet, jamais envoyé au DMP."
)
FILED_COLUMNS = ("Document", "Date de l'acte", "Expéditeur")
FILED_FILTER = "Chercher : type, date, expéditeur, mots du document"
FILED_LOADING = "Recherche des documents classés…"
NONE_FILED = "Aucun document reçu n'est classé pour ce patient."
FILED_COUNT = ("{} document classé", "{} documents classés")
FILED_KEPT = "{} sur {} documents classés"
FILED_NOT_SHOWN = "Ces pages ne s'affichent pas sur ce poste."
FILED_DONE = "Classé : il est dans « Reçus, classés »."
FILED_NOTE = "Lus et classés, gardés ici. Un clic en rouvre un."
NOTHING_FILED = "Rien n'est classé."
REOPENED = "Rouvert : il est dans « À valider »."
CORRECT, CORRECT_TIP = "Corriger", "Touche C : patient, type, date"
REJECT, REJECT_TIP = "Rendre…", "Touche R, puis le numéro de la raison"
REASONS = "Pourquoi la rendre au secrétariat ? (Échap : ne pas la rendre)"
REASON_KEY = "{}  {}"
VALIDATED = "Validée : elle part avec les autres, dans « À envoyer »."
GIVEN_BACK = "Rendue au secrétariat."
PAGES_NAME = "Pages de la numérisation"
NOT_SHOWN = "Ces pages ne s'affichent pas sur ce poste : validez-la depuis un autre, ou rendez-la (R)."

# At the doctors', to send
AT_DOCTORS_NOTE = "Préparées, pas encore validées. Un clic en corrige une."
NOTHING_AT_DOCTORS = "Aucune numérisation n'attend un médecin."
LINE = "{name}, {born} · {type} · {doctor}"
FILED_LINE = "{name}, {born} · {type}, {day} · {sender}"
READY_NOTE = "Validés par leur médecin :"
MORE = "Et {} autres."
NOTHING_TO_SEND = "Rien à envoyer : ce que les médecins valident arrive ici."
SEND = ("Envoyer le document validé", "Envoyer les {} documents validés")
SENT = ("1 document est dans « À envoyer ».", "{} documents sont dans « À envoyer ».")
UNDERWAY = ("1 document est en chemin.", "{} documents sont en chemin.")
CAUSE = "{count} : {why}"
DOCUMENTS = ("1 document", "{} documents")
UNSURE = "On ne sait pas s'il est parti. Renvoyé, il ne sera pas deux fois dans le DMP."
RETRY, TAKE_BACK = "Renvoyer", "Reprendre"
TAKE_BACK_TIP = "Retirer de « À envoyer » et remettre à préparer"
RETRIED = "Remis en file."
TAKEN_BACK = "Remis à préparer."
NOTHING_OUT = "Rien n'a été écarté."
RESTORE = "{pages}, reçue le {day}"
OUT_NOTE = "Gardées 30 jours. Un clic remet une numérisation à préparer."
RESTORED = "Remise à préparer."

REMINDER = ("1 numérisation attend votre validation.", "{} numérisations attendent votre validation.")
REMINDER_ACT = "Voir…"


def counted(words: tuple[str, ...], number: int) -> str:
    """`words` for one, then for several; for none before them where there are three."""
    if len(words) == 3:
        return words[min(number, 2)].format(number)
    return words[number != 1].format(number)


def size(number: int) -> str:
    """Of a file, as people read it."""
    return f"{number / 1_000_000:.1f} Mo".replace(".", ",") if number >= 1_000_000 else f"{max(1, number // 1000)} ko"
