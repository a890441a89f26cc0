"""Every text of the screen, in French. `&` marks the Alt letter of a button; letters are unique in the window."""

from __future__ import annotations

from collections.abc import Sequence

from dmp_desktop.domain.access import AccessMode, Authorization
from dmp_desktop.domain.documents import Availability, DocumentFormat, DocumentKind, Visibility
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.notes import Confidence, ProposalKind, ProposalStatus
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.domain.people import Sex

# Identity
AGE_YEARS = "{} ans"
AGE_MONTHS = "{} mois"
BORN = {Sex.FEMALE: "née le {}", Sex.MALE: "né le {}", Sex.UNKNOWN: "né(e) le {}"}
SEX = {Sex.FEMALE: "F", Sex.MALE: "M", Sex.UNKNOWN: "sexe inconnu"}
INS = "INS {}"
INS_STATUS = {
    InsStatus.QUALIFIEE: ("QUALIFIÉE", "shield", "success"),
    InsStatus.VALIDEE: ("VALIDÉE, NON QUALIFIÉE", "warning", "warning"),
    InsStatus.RECUPEREE: ("RÉCUPÉRÉE, À VÉRIFIER", "warning", "warning"),
    InsStatus.PROVISOIRE: ("PROVISOIRE", "warning", "danger"),
}
NO_PATIENT = "Aucun dossier ouvert"
NO_PATIENT_HINT = "Insérez une carte Vitale pour ouvrir un dossier."
CLOSE_PATIENT = "Fermer le dossier"
CLOSE_PATIENT_TIP = "Fermer le dossier (Ctrl+W)"
IDENTITY_NAME = "Patient du dossier ouvert"

# DMP state: words, icon, colour
DMP_UNKNOWN = ("DMP : vérification…", "clock", "muted")
DMP_UNREACHED = ("DMP : état inconnu", "warning", "warning")
DMP_NONE = ("Pas de DMP", "forbidden", "warning")
DMP_CLOSED = ("DMP fermé", "lock", "warning")
DMP_STATE = {
    Authorization.VALIDE: ("DMP : accès autorisé", "check", "success"),
    Authorization.NON_EXISTE: ("DMP : accès à déclarer", "warning", "warning"),
    Authorization.EXPIRE: ("DMP : accès expiré", "warning", "warning"),
    Authorization.INTERDIT: ("DMP : accès refusé par le patient", "forbidden", "danger"),
}
DMP_SPECIAL = {
    AccessMode.BRIS_DE_GLACE: ("DMP : ouvert en urgence", "warning", "danger"),
    AccessMode.CENTRE_15: ("DMP : ouvert en régulation", "warning", "danger"),
}
AUTHORISE = "&Déclarer le consentement"
AUTHORISE_TIP = "Le patient vous autorise à consulter son DMP : à déclarer avec son accord."
AUTHORISED = "Consentement déclaré : le dossier s'ouvre."

# Beneficiaries
CHOOSE_HINT = "Choisissez la personne dont le dossier s'ouvre."
CHOOSE_TITLE = "Quelle personne de la carte Vitale ?"
CHOOSE_OTHER = "Une autre personne est présentée. Ouvrir un autre dossier ?"
BENEFICIARY = "{name}, {born}"
BENEFICIARY_ALIKE = "{person}, n° {rank} sur la carte"
CHOOSE_NUMBERED = "{number}\N{NO-BREAK SPACE}· {person}"
CHOOSE_KEYS = "Au clavier : touches 1 à 9, ou Tab puis Entrée"
CHOOSE_KEYS_STAY = "Au clavier : touches 1 à 9, ou Tab puis Entrée ; Échap garde le dossier ouvert"
CHOOSE_STAY = "&Garder le dossier ouvert"
CHOOSE_NONE = "Au&cune de ces personnes"

# Tabs: name, shortcuts (the second one is the same key, unshifted, on a French keyboard)
NEWS, SYNTHESIS, DOCUMENTS, LAB, TREATMENTS, OUTBOX = (
    "Nouveautés",
    "Synthèse",
    "Documents",
    "Biologie",
    "Traitements",
    "À envoyer",
)
TAB_KEYS = (
    ("Ctrl+1", "Ctrl+&"),
    ("Ctrl+2", "Ctrl+é"),
    ("Ctrl+3", 'Ctrl+"'),
    ("Ctrl+4", "Ctrl+'"),
    ("Ctrl+5", "Ctrl+("),
    ("Ctrl+6", "Ctrl+-"),
)
TABS_NAME = "Onglets du dossier"
TAB_NAME = "Onglet {}"
TAB_NAME_COUNT = "Onglet {}, {}"

# Nouveautés
NEWS_NAME = "Nouveautés du dossier"
NEWS_LOADING = "Lecture du dossier…"
NEWS_SINCE = "Depuis le {day} : {counts} d'autres soignants"
NEWS_EVER = "Au dossier : {counts} d'autres soignants"
NEWS_NONE_SINCE = "Rien de nouveau depuis le {}."
NEWS_NONE = "Rien de nouveau."
DOCUMENT_COUNT = "{} document"
DOCUMENTS_COUNT = "{} documents"
SEVERITY = {"critical": "À lire maintenant", "warning": "À vérifier", "info": ""}

# Documents
DOCUMENTS_NAME = "Documents du DMP"
COLUMNS = ("Date", "Type", "Titre", "Auteur", "État")
STATUS = {
    Availability.APPROVED: "actif",
    Availability.DEPRECATED: "remplacé",
    Availability.ARCHIVED: "archivé",
    Availability.DELETED: "supprimé",
    Availability.UNKNOWN: "état inconnu",
}
VISIBILITY = {
    Visibility.MASQUE_PS: "masqué aux professionnels",
    Visibility.INVISIBLE_PATIENT: "invisible au patient",
    Visibility.INVISIBLE_REPRESENTANTS_LEGAUX: "invisible aux représentants légaux",
}
VERSION = "version {}"
BY_PATIENT = "ajouté par le patient"
FILTER_TYPE, FILTER_AUTHOR, SORT = "Filtrer par type", "Filtrer par auteur", "Ordre de la liste"
SORTS = ("Plus récents", "Plus anciens", "Par type", "Par titre", "Par auteur")
ALL_TYPES = "Tous les types"
ALL_AUTHORS = "Tous les auteurs"
SHOWN_OF = "{shown} sur {total} documents"
LOADING_ROWS = "Lecture de la liste…"
UNREAD = {
    None: "L'état du DMP n'est pas connu : le dossier n'a pas été lu.",
    Authorization.VALIDE: "Le dossier n'a pas été lu.",
    Authorization.NON_EXISTE: "Déclarez le consentement du patient pour lire son dossier.",
    Authorization.EXPIRE: "L'accès a expiré : déclarez à nouveau le consentement du patient pour lire son dossier.",
    Authorization.INTERDIT: "Le patient ne vous autorise pas à lire son dossier.",
}
UNREAD_NONE = "Ce patient n'a pas de DMP."
UNREAD_CLOSED = "Le DMP de ce patient est fermé."
UNREAD_OPPOSED = "Le patient s'oppose à la consultation de son DMP."
UNREAD_FAILED = "Le dossier n'a pas pu être lu."
EMPTY_LIST = "Ce DMP ne contient aucun document."
EMPTY_FILTER = "Aucun document ne répond à ce filtre."
CLEAR_FILTER = "Tout a&fficher"

# Viewer
VIEWER_NAME = "Document ouvert"
VIEWER_EMPTY = "Choisissez un document dans la liste."
VIEWER_LOADING = "Ouverture du document…"
CLOSE_VIEWER = "&Liste"
CLOSE_VIEWER_TIP = "Revenir à la liste (Échap)"
ZOOM_IN, ZOOM_OUT = "Agrandir", "Réduire"
ORIGINAL = "&Vue originale"
ORIGINAL_TIP = "Le texte tel que son auteur l'a mis en page"
TEXT_PART = "Texte"
PDF_PART = "PDF"
PDF_NUMBERED = "PDF {}"
PDF_NAME = "Pages du PDF"
PDF_BROKEN = "Ce PDF ne peut pas être affiché."
PDF_TOO_BIG = "Ce PDF dépasse 100 Mo : il n'est pas affiché."
BY = "{author}, le {day}"
EMPTY_DOCUMENT = "Ce document n'a ni texte ni PDF à afficher."

# Composer
WRITE = "&Rédiger"
WRITE_KEY = "Ctrl+N"
SEND = "&Envoyer au DMP"
SEND_KEY = "Ctrl+Entrée"
SENDING = "Mise à l'abri du document…"
OTHER_ACTS = "Autres actions : accès, identité, mes dossiers"
BACK_TO_RECORD = "Retour au do&ssier"
BACK_TO_NOTE = "Retour à la no&te"
NOTE_NAME = "Note de consultation"
NOTE_HINT = "Tapez ou collez votre note. Le texte part tel quel ; seules les lignes cochées sont codées."
PROPOSALS = "Propositions de codage"
PROPOSALS_HINT = "Les éléments reconnus dans la note s'affichent ici."
PROPOSALS_COUNT = "Propositions cochées : {accepted} sur {total}"
TAB_ACCEPTS = "Tab : cocher « {} »"
PROPOSALS_KEYS = "Espace : cocher · Tab sur un mot souligné : cocher"
PREVIEW = "A&perçu"
PREVIEW_TIP = "Le document tel que son lecteur le verra (Ctrl+P)"
PREVIEW_NAME = "Aperçu du document"
KIND_NAME = "Genre de document"
KIND = {
    DocumentKind.CONSULTATION: "Compte rendu de consultation",
    DocumentKind.PRESCRIPTION: "Prescription",
    DocumentKind.LETTER: "Lettre d'adressage",
    DocumentKind.CERTIFICATE: "Certificat médical",
    DocumentKind.VACCINATION: "Note de vaccination",
    DocumentKind.SCAN: "Document numérisé",
    DocumentKind.RAPID_TEST: "Test rapide (TROD)",
    DocumentKind.CHILD_MEASURES: "Mesures de l'enfant",
    DocumentKind.VSM: "Synthèse médicale (VSM)",
    DocumentKind.ADMISSION_LETTER: "Lettre de liaison à l'entrée",
    DocumentKind.IPS: "Synthèse internationale (IPS)",
}
"""The most frequent first."""
WRITE_KINDS = "Rédiger un autre document"
FORMAT_NAME = "Forme du document"
FORMAT = {DocumentFormat.STRUCTURED: "Document structuré", DocumentFormat.PDF: "Document PDF"}
VISIBILITY_NAME = "Visibilité du document"
VISIBILITY_CHOICE = {
    None: "Visible de tous",
    Visibility.MASQUE_PS: "Masqué aux professionnels",
    Visibility.INVISIBLE_PATIENT: "Invisible au patient",
    Visibility.INVISIBLE_REPRESENTANTS_LEGAUX: "Invisible aux représentants",
}
JOINED = " et "
DRAFT_FOR = "{kind} pour {name}, {born}"
DRAFT_OF = "Consultation du {}"
SEND_FOR = "Pour {name}, {born}"
SEND_FOR_OTHER = (
    "ATTENTION : cette note est pour {name}, {born}, pas pour le dossier ouvert. « Rédiger » ouvre une autre note."
)
DISCARD = "Supprimer le &brouillon"
DISCARDED = "Brouillon supprimé."
DISCARD_UNDO = "A&nnuler"
QUEUED = "Document enregistré dans À envoyer."
QUEUED_OF = "Document de {} enregistré dans À envoyer."
NO_RECORD_TO_FEED = "Ce patient n'a pas de DMP : la note ne peut pas partir, elle reste en brouillon."
RECORD_CLOSED_TO_FEED = "Le DMP de ce patient est fermé : la note ne peut pas partir, elle reste en brouillon."
BUILD_SAFE = "Rien n'est parti ; votre note est intacte."
PROPOSALS_CHANGED = "Les propositions ont changé : vérifiez-les avant d'envoyer."
NOTE_HELD = "Une note n'est pas partie : reprenez-la dans les brouillons."
SEND_ANYWAY = "Envoyer &quand même"
CHECKS = "À vérifier : {}"
MORE_CHECKS = "… et {} de plus."
SHOWN_CHECKS = 5

PROPOSAL_KIND = {
    ProposalKind.VITAL: "Mesure",
    ProposalKind.PROBLEM: "Problème",
    ProposalKind.TREATMENT: "Traitement",
    ProposalKind.ALLERGY: "Allergie",
    ProposalKind.VACCINATION: "Vaccin",
    ProposalKind.RESULT: "Résultat",
    ProposalKind.SICK_LEAVE: "Arrêt de travail",
    ProposalKind.FOLLOW_UP: "Suivi",
    ProposalKind.REASON: "Motif",
}
PROPOSAL_STATUS = {
    ProposalStatus.PRESENT: "",
    ProposalStatus.ABSENT: "absent",
    ProposalStatus.HISTORY: "antécédent",
    ProposalStatus.FAMILY: "famille",
    ProposalStatus.SUSPECTED: "suspecté",
    ProposalStatus.PLANNED: "prévu",
    ProposalStatus.DONE: "fait",
    ProposalStatus.REFUSED: "refusé",
    ProposalStatus.STOPPED: "arrêté",
    ProposalStatus.GOAL: "objectif",
    ProposalStatus.CANCELLED: "annulé",
    ProposalStatus.NOT_DONE: "non fait",
    ProposalStatus.UNKNOWN: "non recherché ou inconnu",
}
CONFIDENCE = {Confidence.HIGH: "sûr", Confidence.MEDIUM: "à vérifier", Confidence.LOW: "incertain"}

# À envoyer
OUTBOX_NAME = "Documents à envoyer et envoyés"
OUTBOX_EMPTY = "Rien à envoyer."
OUTBOX_EMPTY_HINT = "Une note envoyée apparaît ici, avec sa preuve de dépôt."
ONLY_THIS_PATIENT = "Seule&ment ce dossier"
DRAFTS = "Brouillons"
QUEUE = "Envois"
DRAFT_CARD = "Brouillon"
RESUME = "Reprendre"
RESUME_NAME = "Reprendre le brouillon de {}"
STATE = {
    OutboxState.WAITING: ("En attente", "clock", "warning"),
    OutboxState.SENDING: ("En cours d'envoi", "send", "accent"),
    OutboxState.SENT: ("Envoyé", "check", "success"),
    OutboxState.REPLACED: ("Envoyé, puis remplacé", "versions", "muted"),
    OutboxState.DELETED: ("Envoyé, puis supprimé du DMP", "trash", "muted"),
    OutboxState.REFUSED: ("Refusé", "error", "danger"),
    OutboxState.CANCELLED: ("Annulé", "cross", "muted"),
}
WAITING = {
    WaitingFor.NOTHING: "son tour",
    WaitingFor.UNDO: "fin du délai d'annulation",
    WaitingFor.NETWORK: "le retour du réseau",
    WaitingFor.INS: "une identité (INS) qualifiée",
    WaitingFor.OPPOSITION: "l'accord du patient à l'alimentation de son DMP",
    WaitingFor.RIGHT: "un droit d'accès à ce dossier",
    WaitingFor.HOLD: "votre feu vert (envoi retenu)",
    WaitingFor.CARD: "votre carte professionnelle",
}
WAITING_FOR = "En attente : {}"
CREATED_AT = "Créé le {}"
CANCEL = "Annuler"
CANCEL_NAME = "Annuler l'envoi : {}"
RETRY_PLAIN = "Réessayer"
CHECK_NAME = "Vérifier l'identité du patient : {}"
RETRY_NAME = "Réessayer l'envoi : {}"
NOTE_BACK = "Envoi annulé. Votre note est revenue dans les brouillons."
NOTE_OF_ANOTHER = "Elle est d'un autre patient que celui à l'écran."
OF_ANOTHER = "Pour un autre patient que celui à l'écran :"
SENT_NOTICE = "Document déposé au DMP."
REFRESH_RECORD = "Relire le dossier (F5)"
SEE_OUTBOX = "V&oir À envoyer"
NOT_SENT = "Envoi annulé. Le document n'est pas parti."
MORE_SENT = "… et {} envois plus anciens."

# Notices
UNDO = "&Annuler l'envoi"
READ_SAFE = "Le dossier déjà affiché reste lisible."
OUTBOX_SAFE = "Le document reste dans À envoyer."

# Closing the window
LEAVING_WAITS = "Mise à l'abri du document : la fenêtre se ferme ensuite."
NOTE_LOST = "Une note n'est pas envoyée : fermer la fenêtre la perd."
NOTES_LOST = "{} notes ne sont pas envoyées : fermer la fenêtre les perd."
NOTES_AWAY = "Demandez d'abord à {}."
LEAVE_ANYWAY = "Fermer q&uand même"

# Card events, said aloud
CARD_SAID = {
    ("card_inserted", "cps"): "Carte professionnelle insérée.",
    ("card_inserted", "vitale"): "Carte Vitale insérée.",
    ("card_inserted", "unknown"): "Carte insérée.",
    ("card_removed", "cps"): "Carte professionnelle retirée, écran masqué.",
    ("card_removed", "vitale"): "Carte Vitale retirée, le dossier reste ouvert.",
    ("card_removed", "unknown"): "Carte retirée.",
    ("card_mute", ""): "La carte ne répond pas.",
    ("reader_added", ""): "Lecteur branché.",
    ("reader_removed", ""): "Lecteur débranché.",
    ("service_down", ""): "Service des cartes arrêté.",
}

# Virtual reader
READER_NAME = "Lecteur virtuel"
READER_HINT = "Cliquez sur une carte ou glissez-la dans une fente."
SLOT_HOLDS = "Fente {} : {}"
SLOT_EMPTY = "Fente {} : vide"
SLOT_FULL = "Fente {} : {}. Cliquer pour retirer."
CARD_OUT = "Insérer : {}"


def checks(warnings: tuple[str, ...]) -> str:
    """What to read before sending, the first lines of it."""
    lines = list(warnings[:SHOWN_CHECKS])
    if len(warnings) > SHOWN_CHECKS:
        lines.append(MORE_CHECKS.format(len(warnings) - SHOWN_CHECKS))
    return CHECKS.format("\n".join(lines))


def others_wait(authors: Sequence[str]) -> str:
    """How many documents of colleagues wait, and nothing else of them; `authors` has one for each document."""
    count = len(authors)
    documents_, waits = ("documents", "attendent") if count > 1 else ("document", "attend")
    whose = "d’autres professionnels" if len(set(authors)) > 1 else "d’un autre professionnel"
    card = "leur carte" if len(set(authors)) > 1 else "sa carte"
    return f"{count} {documents_} {whose} {waits} {card}."


def notes_lost(count: int) -> str:
    """What closing the window would lose."""
    return (NOTES_LOST if count > 1 else NOTE_LOST).format(count)


def documents(count: int) -> str:
    return (DOCUMENTS_COUNT if count > 1 else DOCUMENT_COUNT).format(count)
