"""The French words of an export: columns, the heading of a draft, the README."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmp_desktop.domain.drafts import KeptDraft
from dmp_desktop.domain.ins_access import Why
from dmp_desktop.domain.proposals import ProposalState
from dmp_desktop.domain.tray import ScanState

if TYPE_CHECKING:
    from dmp_desktop.services.export_all import Exported

COLUMNS = {
    "unique_id": "Identifiant du document",
    "submission_id": "Identifiant du lot",
    "kind": "Type",
    "state": "État",
    "waiting_for": "Attend",
    "code": "Code du refus",
    "author_id": "Envoyé par",
    "validated_by": "Validé par",
    "created_at": "Mis en attente le",
    "updated_at": "Dernier changement le",
    "sent_at": "Reçu par le DMP le",
    "attempts": "Essais",
    "answer": "Réponse du DMP",
    "proof": "Preuve",
    "replaces": "Remplace",
    "in_doubt": "Peut-être déjà au DMP",
}
"""Of the list of documents, by field of `OutboxItem`: no patient, no title."""

SCAN_COLUMNS = (
    "Numérisation", "Reçue le", "État", "Pages", "Octets", "INS proposée", "Nom de naissance", "Prénoms", "Né(e) le",
    "Type (code)", "Type", "Date de l'acte", "Pour", "Rendue parce que", "Fois rendue", "Validée par", "Identifiant du document",
    "Visibilité", "Fichiers",
)  # fmt: skip
SCAN_STATES = {
    ScanState.TO_PREPARE: "à préparer",
    ScanState.TO_VALIDATE: "à valider",
    ScanState.VALIDATED: "validée",
    ScanState.QUEUED: "dans la boîte d'envoi",
    ScanState.SENT: "envoyée",
    ScanState.FILED: "classée",
    ScanState.DISCARDED: "écartée",
}
ARRIVAL_COLUMNS = (
    "Jour", "Rendez-vous", "Nom", "Prénom", "Né(e) le", "Sexe", "INS", "Médecin", "RPPS", "Étape", "Étape dite le", "Dite par",
    "Agenda", "Retiré de l'agenda", "A un DMP",
)  # fmt: skip
IDENTITY_COLUMNS = (
    "Identité", "Nom de naissance", "Premier prénom", "Prénoms", "Sexe", "Né(e) le", "Lieu de naissance (COG)", "INS", "OID",
    "Statut", "Pièce vue", "Vue le", "Vue par", "Doute", "À revoir depuis", "Anciens matricules",
)  # fmt: skip
OPINION_COLUMNS = ("Le", "Acte", "INS", "OID", "Par", "Nom", "Moyen ou motif", "Vos mots")
PROPOSAL_COLUMNS = (
    "Note",
    "Écrite par",
    "Proposée à",
    "Le",
    "Fois",
    "État",
    "Répondu le",
    "Identifiant du document",
    "Fichier",
)
PROPOSAL_STATES = {
    ProposalState.WAITING: "à valider",
    ProposalState.VALIDATED: "validée",
    ProposalState.RETURNED: "rendue",
    ProposalState.WITHDRAWN: "reprise par son auteur",
}
ACCESS_COLUMNS = ("Le", "Par", "Patient (pseudonyme)", "Pourquoi")
WHY = {
    Why.DISPLAY: "affichée",
    Why.PRINT: "imprimée ou copiée",
    Why.SEND: "envoyée au DMP",
    Why.QUERY: "demandée à l'INSi",
}

_READ = "Ce qui a été lu des dossiers : c'est au DMP."
_KEYS = "Les clés et les mots de passe."
_SHARING = "Ce qui sert aux postes du cabinet à se tenir au courant : ce qu'ils se disent est dans les fichiers d'ici."
_PSEUDONYMS = "Qui est derrière les pseudonymes du journal : il dit des actes, pas des patients."
NOT_EXPORTED = {
    "cached_document": _READ,
    "cached_facts": _READ,
    "indexed_document": _READ,
    "wrapped_key": _KEYS,
    "shared_change": _SHARING,
    "shared_cursor": _SHARING,
    "journal_patient": _PSEUDONYMS,
}
"""Tables of the database that no export holds, and why: the README tells it. Every other one is exported."""

NO_DRAFTS = "Pas de brouillons : votre clé n'est pas ouverte dans cette session. Refaites l'export avec votre carte."
_STATES = (
    "waiting : en attente ; sending : en cours d'envoi ; sent : envoyé ; refused : refusé ; replaced : envoyé, puis remplacé ; "
    "deleted : envoyé, puis supprimé ; cancelled : annulé."
)


def draft_text(draft: KeptDraft, leaving: str = "") -> str:
    """The note as it was typed, under who and what it is of; `leaving`: the uniqueId of the document it is leaving as."""
    patient, author = draft.patient, draft.author
    fate = f"en cours d'envoi (document {leaving})" if leaving else "pas encore envoyé"
    head = [
        f"Brouillon commencé le {draft.started_at.astimezone():%d/%m/%Y à %H:%M}, {fate}",
        f"Type : {draft.kind.value}",
        f"Patient : {patient.birth_family} {patient.birth_given}, INS {patient.ins.value} ({patient.ins.oid})",
        f"Auteur : {author.family} {author.given}, {author.national_id}",
    ]
    return "\n".join([*head, "", draft.text, ""])


def readme(told: Exported) -> str:
    """What is in the folder, in which format, what is not, and how to treat it."""
    lines = [
        f"Export de DMP Desktop, fait le {told.at.astimezone():%d/%m/%Y à %H:%M}",
        "",
        f"envois.csv, envois.json : l'état des {told.states} document(s) de la boîte d'envoi, sans nom de patient.",
        f"  {_STATES}",
        "  Le CSV est en UTF-8, séparé par des points-virgules ; les heures sont en temps universel (ISO 8601).",
    ]
    if told.content:
        lines += [
            f"documents/ : vos {told.documents} document(s), tels qu'envoyés ou à envoyer (CDA R2, XML), sous leur identifiant.",
            NO_DRAFTS
            if told.drafts is None
            else f"brouillons/ : vos {told.drafts} brouillon(s), en texte (UTF-8) et en JSON, avec les fichiers joints ;",
            *(() if told.drafts is None else ("  une note envoyée que le DMP n'a pas encore y est aussi, et le dit.",)),
            "preferences.json : vos préférences.",
            *_practice(told),
        ]
    else:
        lines.append(
            "Aucun document, brouillon, numérisation ni patient : ils ne sont écrits que pour un soignant, identifié."
        )
    if told.acts is None:
        lines.append("Pas de journal : il n'est pas lisible par qui a fait cet export.")
    else:
        lines.append(f"journal.csv, journal.jsonl : {told.acts} acte(s) ; les patients y sont des pseudonymes.")
    lines.append("settings.json, cabinet.json (s'ils existent) : les réglages de ce poste et du cabinet.")
    if told.unreadable:
        lines += [
            "",
            f"{told.unreadable} élément(s) n'ont pas pu être lus (autre carte, ou abîmés) : ils restent sur le poste.",
        ]
    lines += [
        "",
        "N'est pas ici :",
        *(f"- {reason}" for reason in dict.fromkeys(NOT_EXPORTED.values())),
        "- Les documents, brouillons, préférences et numérisations des autres médecins : chacun les exporte avec sa carte.",
        "",
        "Pour ramener ces données dans DMP Desktop, il faut une sauvegarde : cet export n'en est pas une.",
    ]
    if told.content:
        lines += [
            "",
            "ATTENTION : ce dossier n'est pas chiffré et contient des données de santé. Gardez-le sur un support protégé,",
            "ne l'envoyez pas par courriel, et supprimez-le dès qu'il ne sert plus.",
        ]
    return "\n".join(lines) + "\n"


def _practice(told: Exported) -> list[str]:
    """What there is of the practice's patients."""
    if told.barred:
        return [f"Ni numérisations, ni accueil, ni identités, ni avis. {told.barred}"]
    others = f" ; {told.others_scans} autre(s) sont à d'autres médecins" if told.others_scans else ""
    return [
        f"numerisations.csv, .json : {told.scans} numérisation(s), à vous ou encore à personne{others}. Dans numerisations/ :",
        "  le fichier du scanner, le PDF fait pour le DMP, le texte lu, le document une fois validé.",
        "numerisations-medecins.json : les médecins à qui une numérisation peut être donnée.",
        f"accueil.csv, .json : {told.arrivals} rendez-vous des jours gardés, avec leurs étapes.",
        f"identites.csv, .json : {told.identities} identité(s), leur INS et ses anciens matricules, la pièce vue, les doutes.",
        f"avis-et-acces.csv, .json : {told.opinions} avis des patients, autorisations et accès, avec date et moyen ;",
        "  ce qu'un autre médecin a écrit d'un accès en urgence n'y est pas.",
        f"propositions.csv, .json : {told.proposals} note(s) que vous avez proposées, ou qu'on vous propose ;",
        "  dans propositions/, celles qui attendent que vous les validiez.",
        "appels-insi.json : ce que l'INSi a répondu. acces-ins.csv, .json : qui a vu quelle INS (pseudonymes), et pourquoi.",
    ]
