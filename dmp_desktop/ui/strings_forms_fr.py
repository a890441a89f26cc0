"""Texts of the composer's forms, in French; the rest of the screen's are in `strings_fr`."""

from __future__ import annotations

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.notes import ProposalStatus

# Fields
DAY_HINT = "jj/mm/aaaa"
UNIT_OF = "{label} ({unit})"
REFUSAL_OF = "{name} : {why}"
REFUSED = "Complétez le formulaire : le champ est montré."
FORM = "Formulaire"
FOLD_TIP = "Replier ou déplier le formulaire"
NOT_IN_DOCUMENT = "Le texte de la note ne part pas avec ce document ; il est gardé dans le brouillon."

# Admission letter, child, rapid test, letter, certificate
REASON, DESTINATION = "Motif de l'hospitalisation", "Établissement ou service"
WEIGHT, HEIGHT, HEAD = "Poids", "Taille", "Périmètre crânien"
TEST, RESULT = "Test réalisé", "Résultat"
RESULTS = ("", "négatif", "positif", "indéterminé", "invalide")
RECIPIENT = "Destinataire"
PURPOSE = "Objet du certificat"

# Prescription, scan
TYPE = "Type de document"
FILE = "Fichier"
FILE_NONE = "Aucun fichier : choisissez-le ou glissez-le ici."
FILE_READING = "Lecture du fichier…"
FILE_CHOOSE = "C&hoisir un fichier…"
FILE_CHOOSE_TITLE = "Fichier à joindre"
FILE_REMOVE = "Retirer"
FILE_REMOVE_NAME = "Retirer le fichier joint"
FILE_SAYS = "{name} · {media} · {size}"
FILE_UNNAMED = "Fichier sans nom"
FILE_FILTER = "Documents (*.pdf *.jpg *.jpeg *.tif *.tiff *.rtf *.txt)"
MEDIA = {
    "application/pdf": "PDF",
    "image/jpeg": "image JPEG",
    "image/tiff": "image TIFF",
    "application/rtf": "texte RTF",
    "text/rtf": "texte RTF",
    "text/plain": "texte",
}
KILOBYTES, MEGABYTES = "{} ko", "{} Mo"

# Vaccination
VACCINE, LOT, DAY, SITE, RANK = "Vaccin", "Lot", "Date", "Site", "Rang"
DAY_TO_SAY = "Date du vaccin à préciser."
DAY_TO_CHECK = "Date à vérifier : la note n'en dit pas, c'est celle de la consultation."
DAY_OTHERWISE = "Date à vérifier : la note ne dit pas le jour de la consultation."
NUMBERED = "{name}, vaccin {number}"
ADD_VACCINE = "A&jouter un vaccin"
REMOVE_VACCINE = "Retirer le vaccin {}"
SITES = (
    "deltoïde gauche",
    "deltoïde droit",
    "cuisse gauche",
    "cuisse droite",
    "avant-bras gauche",
    "avant-bras droit",
    "fesse gauche",
    "fesse droite",
)

# Review of facts, by section
SECTIONS = (
    "Problèmes",
    "Antécédents",
    "Actes",
    "Allergies",
    "Traitements",
    "Vaccinations",
    "Facteurs de risque",
)
SECTION_BOX = "Section à relire"
SECTION_CHOICE = "{name} : {ticked} sur {total}"
SECTION_UNREAD = "{name} : non lu"
SECTION_SEEN = "{} ✓"
PREVIOUS, NEXT = "Précédente", "Suivante"
PREVIOUS_TIP, NEXT_TIP = "Section précédente (Ctrl+Page précédente)", "Section suivante (Ctrl+Page suivante)"
FACTS = "Éléments de la section {}"
TICK_ALL = "&Tout cocher"
READING = "Lecture du dossier…"
STOP_READING = "Arrêter"
STOPPED = "Lecture arrêtée : les éléments du dossier ne sont pas tous là."
UNREAD = "Non lus : {} document(s) structuré(s) du dossier. La synthèse peut être incomplète : consultez la liste des documents."
READ_AGAIN = "Relire le dossier"
NOT_READ = "Le dossier n'a pas pu être lu."
WITHOUT_RECORD = "Rédiger sans le dossier"
WITHOUT_RECORD_TIP = "La synthèse ne dira rien du dossier : elle ne tiendra que ce que vous écrivez"
UNREAD_TO_SEND = "Le dossier n'a pas été lu : relisez-le, ou choisissez « Rédiger sans le dossier »."
GOES_WITHOUT = "Le dossier n'a pas été lu : cette synthèse se rédige sans lui."
UNREAD_SECTION = "Non lu : {}"
UNREAD_BY_STOP = "la lecture du dossier a été arrêtée."
NOT_TOLD = "Non renseigné"
NOT_TOLD_IN_READ = "Non renseigné dans les documents qui ont pu être lus"
NOTHING_TICKED = "Rien de coché : cette section partira « non renseigné »."
NO_ALLERGY = "Aucune allergie connue"
NO_ALLERGY_TICK = "Aucune allergie connue (vérifié avec le patient)"
OPPOSED = "Le dossier dit les deux : cochez ce qui est vrai."
SEEN_UNREAD = "Sections vues sans le dossier : {seen} sur {total}"
SEEN_COUNT = "Sections relues : {seen} sur {total}"
TO_REVIEW = "Relisez toutes les sections avant d'envoyer."
FACT_STATUS = {
    ProposalStatus.PRESENT: "",
    ProposalStatus.ABSENT: "absent",
    ProposalStatus.HISTORY: "antécédent",
    ProposalStatus.FAMILY: "famille",
    ProposalStatus.SUSPECTED: "suspecté",
    ProposalStatus.PLANNED: "prévu",
    ProposalStatus.DONE: "",
    ProposalStatus.REFUSED: "refusé",
    ProposalStatus.STOPPED: "arrêté",
    ProposalStatus.GOAL: "objectif",
    ProposalStatus.CANCELLED: "annulé",
    ProposalStatus.NOT_DONE: "non fait",
    ProposalStatus.UNKNOWN: "non recherché ou inconnu",
}
SINCE, FROM_TO = "depuis le {}", "du {} au {}"
ON, UNTIL = "le {}", "jusqu'au {}"
LOT_IS, RANK_IS = "lot {}", "rang {}"
NO_DATE = "date non renseignée"
SOURCE_UNKNOWN = "source non renseignée"

# Replacement
REPLACE = "Remplacer…"
REPLACE_TIP = "Remplacer ce document par une nouvelle version, à partir de votre note"
NOT_REPLACED_EMERGENCY = "Pendant un accès en urgence, aucun document n'est remplacé."
NOT_REPLACED_OTHER = "Seul l'auteur d'un document peut le remplacer : écrivez une nouvelle note."
NOT_REPLACED_FORMER = "Ce document est déjà remplacé : ouvrez sa dernière version pour la remplacer."
NOT_REPLACED_INACTIVE = (
    "Seul un document actif peut être remplacé : celui-ci ne l'est plus, ou son état n'est pas connu."
)
REPLACES = "Remplace « {title} » du {day} (version {version})."
REPLACES_HIDDEN = "Il est aujourd'hui {} : voyez qui verra la nouvelle version."
REPLACE_READING = "Lecture du document à remplacer…"
SAME_DOCUMENT = "Rien n'a changé par rapport au document à remplacer."
PATIENT_RENAMED = (
    "L'identité de ce patient a changé depuis que cette note a été commencée : le document portera ses traits actuels. "
    "{}Vérifiez pour qui il est, puis envoyez."
)
TRAIT_CHANGED = "{trait} : {before}, maintenant {after}. "
TRAIT_UNKNOWN = "non connu"
TRAIT_NAMES = {
    "birth_family": "Nom de naissance",
    "first_given": "Premier prénom",
    "birth_given": "Prénoms de naissance",
    "sex": "Sexe",
    "birth_date": "Date de naissance",
    "birth_place_cog": "Code du lieu de naissance",
}
"""By the field of a patient."""
SAME_DOCUMENT_REMEDY = "Corrigez la note ou le formulaire, puis envoyez."

# A note whose author is not, or was not, before the screen
DISCREET = "Cette note a été écrite pendant une connexion secrète : elle ne part qu'invisible des représentants légaux."
DISCREET_REMEDY = "Choisissez cette visibilité, puis envoyez."
OTHER_AUTHOR = "Cette note a été écrite par un autre professionnel que celui qui est connecté."
OTHER_AUTHOR_REMEDY = "Son auteur l'enverra, avec sa carte ; la note est gardée."
HELD_SENSITIVE = "Dites qui peut voir ce document, puis envoyez."
NOTES_HELD = "{} notes ne sont pas parties : reprenez-les dans les brouillons."

# Who may see it
SENSITIVE_NAME = "Qui peut voir ce document ?"
SENSITIVE = "Ce texte parle de : {}. Qui peut le voir ?"
SENSITIVE_KEYS = "Une touche suffit : 1, 2, 3… ; Échap : revenir à la note."
SENSITIVE_CHOICES = {
    None: "&{} Visible de tous",
    Visibility.MASQUE_PS: "&{} Masqué aux professionnels",
    Visibility.INVISIBLE_PATIENT: "&{} Non visible du patient",
    Visibility.INVISIBLE_REPRESENTANTS_LEGAUX: "&{} Non visible des représentants légaux",
}
SENSITIVE_SEVERAL = "&{} {}"
"""« Visible » first: one key."""
SENSITIVE_KEY_TEXTS = ("1&", "2é", '3"', "4'")
"""What the digit keys type, shifted or not, on a French keyboard."""

USUAL = "C'est votre choix habituel pour ce genre de document (Réglages)."
USUAL_BARRED = "Votre choix habituel (« {} ») n'est pas possible pour ce patient."
ALWAYS_SO = "Toujours ainsi pour ce genre de document"

# Suggestions
SUGGESTIONS = "Suggestions"
SUGGESTIONS_TIP = "Proposer la fin des mots pendant la frappe : Tab accepte, Échap ferme"
SUGGESTIONS_NAME = "Suggestions pour le mot en cours"
LEARN = "Reten&ir cette abréviation"
LEARN_TIP = "Sélectionnez l'abréviation dans la note et une proposition cochée : elle sera reconnue la prochaine fois."
LEARNED = "« {term} » sera reconnu comme {label}."
