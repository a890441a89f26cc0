"""Texts of notes proposed to a doctor, in French. `&` as in strings_fr."""

from __future__ import annotations

from dmp_desktop.domain.proposals import ProposalState

# Who is in training
PROPOSE = "Propos&er à la validation"
BAR_NAME = "Validation par un médecin"
TO_WHOM = "Médecin qui validera"
CHOOSE = "Choisir le médecin…"
NOT_YET = "{} (pas encore de clé)"
CHOOSE_FIRST = "Choisissez le médecin qui validera cette note."
NOBODY = (
    "Aucun médecin du cabinet ne peut encore recevoir vos notes : chacun doit s'être identifié une fois avec sa carte CPS. "
    "Votre note reste dans vos brouillons."
)
PROPOSED = "Note proposée à {} : elle l'attend dans « À valider ». Vous en gardez le brouillon."
STATE = {
    ProposalState.WAITING: "Proposée à {doctor} le {at} : à valider. Reprenez-la pour la modifier.",
    ProposalState.VALIDATED: "Validée par {doctor} le {at} : le document est le sien. Ce brouillon peut être supprimé.",
    ProposalState.RETURNED: "Rendue par {doctor} le {at} : « {reason} »",
    ProposalState.WITHDRAWN: "",
}
RETURNED_CARD = "Rendue par {doctor} le {at}, avec une raison : ouvrez la note pour la lire."
REASON_ELSEWHERE = "la raison se lit sur le poste où vous l'avez proposée"
WITHDRAW = "Reprendre la note"
WITHDRAW_TIP = "Elle n'est plus à valider par le médecin, et vous pouvez de nouveau l'écrire."
TAKEN_BACK = "Note reprise : elle n'est plus à valider."
RETURNED_NOTICE = (
    "Une note vous est rendue, avec la raison.",
    "{} notes vous sont rendues, avec la raison de chacune.",
)
SEE = "Voir…"

# Who validates
VALIDATE = "Valider et &envoyer"
WHOSE = "Note de {author}, en formation : vous en êtes l'auteur et le responsable une fois envoyée."
GIVE_BACK = "Rendre…"
GIVE_BACK_TIP = "La note revient à qui l'a écrite, avec votre raison. Ce que vous y avez corrigé n'est pas gardé."
REASON = "Ce qui est à revoir, lu par {} seulement"
REASON_NAME = "Ce qui est à revoir"
GIVE_BACK_NOW = "Rendre la note"
KEEP = "Ne pas la rendre"
GIVEN_BACK = "Note rendue à {}."
NOTES = "Notes proposées"
NOTE = "{name}, {born} · {kind}\n{author}, en formation · proposée le {at}"
CLOSED = (
    "1 note vous a été proposée sous une autre carte : le code de secours du cabinet (Réglages) l'ouvre, ou son auteur vous la "
    "propose à nouveau.",
    "{} notes vous ont été proposées sous une autre carte : le code de secours du cabinet (Réglages) les ouvre, ou leur auteur "
    "vous les propose à nouveau.",
)
OPENING = "Ouverture de la note…"
REMINDER = (
    "1 note d'une personne en formation attend votre validation.",
    "{} notes de personnes en formation attendent votre validation.",
)
MENU = "À valider"


def counted(words: tuple[str, str], number: int) -> str:
    return words[number != 1].format(number)
