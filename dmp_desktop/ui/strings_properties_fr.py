"""Texts on the properties of documents, in French: what a document is, who sees it, what can be changed."""

from __future__ import annotations

from collections.abc import Collection

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.services.document_changes import Change

TITLE = "Propriétés du document"
OPEN = "Propriétés"
OPEN_TIP = "Qui voit ce document, et le masquer, l'archiver, le supprimer (Alt+Entrée)"
DELETE = "Supprimer…"
DELETE_TIP = "Supprimer ce document du DMP, après une question"
ASK = "Propriétés du document…"
ASK_DELETE = "Supprimer du DMP…"
BACK = "Revenir au document"
LOADING = "Vérification de ce qui est permis…"
WORKING = "Changement en cours…"
NO_SERVICE = "Ce document ne peut pas être changé d'ici."

FACTS = ("Titre", "Type", "Date de l'acte", "Établi le", "Déposé le", "Auteur", "Version", "État", "Visibilité")
UNTOLD, AWAITED = "non précisé", "…"
DEPOSITED = FACTS.index("Déposé le")
AUTHOR_OF = "{name}, {place}"
SEEN_BY_ALL = "visible de tous ceux qui ont accès au dossier"

CHANGES = {
    Change.MASK: "Masquer aux soignants",
    Change.UNMASK: "Ne plus masquer aux soignants",
    Change.SHOW_PATIENT: "Rendre visible au patient…",
    Change.SHOW_REPRESENTATIVES: "Rendre visible aux représentants légaux…",
    Change.ARCHIVE: "Archiver",
    Change.RESTORE: "Reprendre (ne plus archiver)",
    Change.DELETE: "Supprimer du DMP…",
}
MEANS = {
    Change.MASK: "Seuls son auteur, le médecin traitant et le patient le verront encore.",
    Change.UNMASK: "Tous les soignants qui ont accès au dossier le verront.",
    Change.SHOW_PATIENT: "Définitif : il ne pourra plus lui être caché.",
    Change.SHOW_REPRESENTATIVES: "Définitif : il ne pourra plus leur être caché.",
    Change.ARCHIVE: "Il quitte la liste ; il y revient avec « Archivés et remplacés aussi ».",
    Change.RESTORE: "Il revient dans la liste des documents actifs.",
    Change.DELETE: "Définitif, pour tout le monde.",
}
DONE = {
    Change.MASK: "Document masqué aux soignants.",
    Change.UNMASK: "Document visible à nouveau des soignants.",
    Change.SHOW_PATIENT: "Document visible du patient.",
    Change.SHOW_REPRESENTATIVES: "Document visible des représentants légaux.",
    Change.ARCHIVE: "Document archivé.",
    Change.RESTORE: "Document repris : il est de nouveau actif.",
    Change.DELETE: "Document supprimé du DMP.",
}
WAY_BACK = "Annuler ce changement"
UNKNOWN = "Le DMP n'a pas répondu à temps : on ne sait pas si le document a été changé. La liste est relue : vérifiez son état."
STALE = "La liste est relue : vérifiez l'état du document avant de recommencer."
NOTHING_DONE = "Rien n'a été changé."
LATE_NOT_DONE = "« {change} », demandé avant que le dossier ne se ferme, n'a pas été fait (document du {day})."
LATE_UNKNOWN = (
    "« {change} », demandé avant que le dossier ne se ferme : on ne sait pas si c'est fait (document du {day})."
)
LATE_REMEDY = "Rouvrez ce dossier et vérifiez l'état du document."

QUESTIONS = {
    Change.MASK: (
        "Masquer définitivement pour vous ?",
        "Vous n'êtes ni l'auteur de ce document ni le médecin traitant : une fois masqué, vous ne le verrez plus et vous ne "
        "pourrez pas le démasquer.",
        "Masquer",
    ),
    Change.SHOW_PATIENT: (
        "Rendre ce document visible au patient ?",
        "Le patient pourra le lire aussitôt dans Mon espace santé. Il ne pourra plus lui être caché.",
        "Rendre visible",
    ),
    Change.SHOW_REPRESENTATIVES: (
        "Rendre ce document visible aux représentants légaux ?",
        "Les représentants légaux du patient pourront le lire aussitôt dans Mon espace santé. Il ne pourra plus leur être caché.",
        "Rendre visible",
    ),
    Change.DELETE: (
        "Supprimer ce document du DMP ?",
        "Plus personne ne pourra le lire, ni vous, ni le patient, ni un autre soignant. C'est définitif.",
        "Supprimer",
    ),
}
"""Question, consequence, the word of the button that answers yes."""
AWAITED_BY = (
    "Une nouvelle version de ce document attend dans « À envoyer », pour le remplacer. Celui-ci supprimé, elle ne partira pas "
    "telle quelle : elle sera à envoyer comme nouveau document."
)
NO = "Annuler"
OF_PATIENT = "Dossier de {name}, {born}"
OF_DOCUMENT = "« {title} », {day}, auteur\u00a0: {author}"

# The list
SHELVED = "Archivés et remplacés aussi"
SHELVED_TIP = "Montrer aussi les documents archivés et les versions remplacées (obsolètes) : ils sont demandés au DMP"

# Who will see what is sent (EX_2.1-1050)
STATEMENT = "Soignants : {} · Patient : {} · Représentants légaux : {}"
STATEMENT_ADULT = "Soignants : {} · Patient : {}"
YES_SEEN, NOT_SEEN = "visible", "caché"


def statement(hidden_from: Collection[Visibility], *, minor: bool) -> str:
    """Who sees a document sent so, said of each."""
    seen = [NOT_SEEN if restriction in hidden_from else YES_SEEN for restriction in Visibility]
    return (STATEMENT if minor else STATEMENT_ADULT).format(*(seen if minor else seen[:2]))
