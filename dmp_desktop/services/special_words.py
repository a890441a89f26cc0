"""Why a record may be opened in an emergency, and what whoever opens it so is told first."""

from __future__ import annotations

from enum import StrEnum

MAX_WORDS = 500
"""Characters of a reason in free words."""


class Reason(StrEnum):
    """Why the glass is broken (the conditions are those of CSP L.1111-17): the journal holds the choice, never the words."""

    IMMEDIATE_RISK = "immediate-risk"
    UNABLE = "unable-to-consent"
    OTHER = "other"


REASONS = {
    Reason.IMMEDIATE_RISK: "Risque immédiat pour la santé du patient",
    Reason.UNABLE: "Urgence : hors d'état d'exprimer sa volonté",
    Reason.OTHER: "Autre situation d'urgence (à préciser)",
}
CLOSED_MEANWHILE = "Le dossier a été fermé avant la réponse du DMP : rien n'en a été lu ni affiché."
"""An access asked for a patient who is no longer on screen: it did not begin, or ended at once."""
CONFIRM_BREAK_GLASS = (
    "Vous allez ouvrir ce dossier sans l'autorisation du patient. Cet accès est réservé à l'urgence, tracé par le DMP et "
    "visible du patient. Confirmez-vous ?"
)
CONFIRM_DESPITE = (
    "Le patient s'est opposé à la consultation de son DMP : avis noté ici le {day} par {by}. Cette opposition n'interdit pas "
    "l'accès en urgence : seule l'interdit une opposition expresse à cet accès, que le DMP vérifie. Si vous continuez, c'est "
    "tracé."
)
"""Said where an objection to consultation is noted on this workstation (ADR 15), and ticked before anything is opened."""
CONFIRM_HIDDEN_FROM_PARENTS = (
    "La connexion secrète ouvre le dossier d'un mineur sans que ses représentants légaux en soient informés. Les documents "
    "envoyés pendant cette connexion leur restent invisibles. Confirmez-vous que le mineur le demande ?"
)
