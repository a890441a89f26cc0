"""The French words of an export: columns, the heading of a draft, the README."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmp_desktop.domain.drafts import KeptDraft

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

NO_DRAFTS = "Pas de brouillons : votre clé n'est pas ouverte dans cette session. Refaites l'export avec votre carte."
_STATES = (
    "waiting : en attente ; sending : en cours d'envoi ; sent : envoyé ; refused : refusé ; replaced : envoyé, puis remplacé ; "
    "deleted : envoyé, puis supprimé ; cancelled : annulé."
)


def draft_text(draft: KeptDraft) -> str:
    """The note as it was typed, under who and what it is of."""
    patient, author = draft.patient, draft.author
    head = [
        f"Brouillon commencé le {draft.started_at.astimezone():%d/%m/%Y à %H:%M}, pas encore envoyé",
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
            else f"brouillons/ : vos {told.drafts} brouillon(s), en texte (UTF-8), avec les fichiers qui y sont joints.",
            "preferences.json : vos préférences.",
        ]
    else:
        lines.append("Aucun document ni brouillon : ils ne sont écrits que pour leur auteur, identifié.")
    if told.acts is None:
        lines.append("Pas de journal : il n'est pas lisible par qui a fait cet export.")
    else:
        lines.append(f"journal.csv, journal.jsonl : {told.acts} acte(s) ; les patients y sont des pseudonymes.")
    lines.append("settings.json, cabinet.json (s'ils existent) : les réglages de ce poste et du cabinet.")
    if told.unreadable:
        lines += [
            "",
            f"{told.unreadable} document(s) ou brouillon(s) n'ont pas pu être lus (autre carte, ou abîmés) :",
            "  ils restent sur le poste.",
        ]
    lines += [
        "",
        "Ce qui a été lu des dossiers n'est pas ici : c'est au DMP. Les clés et mots de passe non plus.",
        "Pour ramener ces données dans DMP Desktop, il faut une sauvegarde : cet export n'en est pas une.",
    ]
    if told.content:
        lines += [
            "",
            "ATTENTION : ce dossier n'est pas chiffré et contient des données de santé. Gardez-le sur un support protégé,",
            "ne l'envoyez pas par courriel, et supprimez-le dès qu'il ne sert plus.",
        ]
    return "\n".join(lines) + "\n"
