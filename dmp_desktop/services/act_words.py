"""The codes of the journal in French, in one table: results, reasons, means. A code that has no words is shown as the code it is.

What the DMP and the readers refuse with keeps the words of their own catalogues (`dmp/catalogue.py`, `card/failures.py`).
"""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from dmp_desktop.card.failures import card_failure
from dmp_desktop.dmp.catalogue import CODES
from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act, family_of, label_of
from dmp_desktop.services.special_words import REASONS as ACCESS_REASONS
from dmp_desktop.storage.journal import JournalRecord

_IDENTITIES = {"provisoire": "provisoire", "recuperee": "récupérée", "validee": "validée", "qualifiee": "qualifiée"}
_INSI = {"00": "une identité trouvée", "01": "aucune identité trouvée", "02": "plusieurs identités"}
FINE = {"": "", "done": "fait", "sent": "reçu", **roles.WORDS, **_IDENTITIES, **_INSI}
"""Results of what went as it should."""

REFUSALS = {
    "unfinished": "interrompu",
    "role-reserved": "réservé à un autre rôle",
    "EnvoiReserve": "envoi réservé à un autre rôle",
    "EnvoiAuNomDuCabinet": "envoi au nom du cabinet, réservé au secrétariat",
    "EnvoiDUnAutre": "document d'un autre professionnel",
    "DocumentNonValide": "document qu'aucun professionnel n'a validé",
    "DocumentDUnAutreCabinet": "document d'un autre cabinet",
    "RemplacementReserve": "remplacement réservé à son auteur",
    "AutorisationReservee": "autorisation réservée à un autre rôle",
    "ChangementReserve": "changement réservé à un autre rôle",
    "AccesReserve": "accès réservé à un autre rôle",
    "ReserveAuxSoignants": "réservé aux soignants",
    "SessionChangee": "une autre personne s'était identifiée",
    "practice-code-reserved": "code de secours réservé aux médecins du cabinet",
    "identity.ins_not_allowed": "personne non autorisée par le cabinet à voir une INS",
    "identity.insi_not_allowed": "personne non autorisée par le cabinet à interroger l'INSi",
    "identity.locked": "identité verrouillée",
    "BannetteReservee": "numérisations réservées à un autre rôle",
    "NumerisationDUnAutre": "numérisation d'un autre médecin",
    "ValidationReservee": "proposition ou validation réservée à un autre rôle",
    "administrator-unknown": "nom et code d'administrateur qui ne vont pas ensemble",
    "context-discordant": "identité reçue différente de celle connue ici",
    "context-left": "qui l'avait demandé était parti : rien n'est ouvert",
    "context-unqualified": "identité non qualifiée",
    "CarteSansCompte": "carte inconnue de ce poste",
    "CarteAbsente": "carte retirée",
    "passphrase": "ancienne phrase de passe inexacte",
    "write-failed": "disque plein ou protégé",
    "backup-disk": "le fichier de la sauvegarde n'a pas pu être écrit",
    "storage": "la base locale a refusé une opération",
    "storage-busy": "base locale occupée par un autre programme",
    "storage-closed": "base locale fermée",
    "storage-damaged": "base locale abîmée",
    "storage-disk": "disque sans place, ou qui ne répond pas",
    "storage-full": "disque plein",
    "storage-read-only": "disque protégé en écriture",
    "storage-unreachable": "base locale introuvable",
    "vault-closed": "clé de la personne fermée",
    "vault-other-key": "fermé avec une autre carte",
}
_SETTINGS = {
    "theme": "thème",
    "text_percent": "taille du texte, en %",
    "undo_seconds": "délai d'annulation, en secondes",
    "cache_hours": "documents lus gardés, en heures",
    "keep_sent_days": "envois listés, en jours",
    "preload_megabytes": "lecture à l'avance, en Mo",
    "preload_kilobytes_per_second": "débit de la lecture à l'avance, en ko/s",
    "lock_minutes": "verrouillage, en minutes",
    "report_form": "forme du compte rendu",
    "authorisation": "autorisation d'accès",
    "unrecorded_consent": "patient dont l'avis n'est pas noté",
    "masked_and_invisible": "documents masqués et invisibles à la fois",
    "scan_folder": "dossier du scanner",
    "received_folder": "dossier des documents reçus",
    "exchange_folder": "dossier d'échange avec le logiciel métier",
    "practice_software": "profil du logiciel métier",
    "call_port": "port de l'appel du logiciel métier",
    "call_token": "jeton du logiciel métier",
}
VALUES = {
    "auto": "automatique",
    "structured": "structurée",
    "pdf": "PDF",
    "explicit": "déclarée par le médecin",
    "automatic": "déclarée à l'ouverture",
    "allowed": "accepté",
    "refused": "refusé",
    "system": "comme l'ordinateur",
    "light": "clair",
    "dark": "sombre",
    "high_contrast": "contraste élevé",
    "kept": "enregistré",
    "removed": "supprimé",
}
REASONS = {
    **{reason.value: words for reason, words in ACCESS_REASONS.items()},
    **_SETTINGS,
    # the patient's word was given
    "counter": "au guichet",
    "consultation": "en consultation",
    "phone": "par téléphone",
    "letter": "par courrier",
    "message": "par message",
    "checked": "vérifié auprès du DMP",
    # a document waits
    "undo": "délai d'annulation",
    "network": "réseau",
    "card": "carte",
    "ins": "INS à qualifier",
    "opposition": "opposition du patient",
    "right": "droit d'accès",
    "hold": "retenu",
    "replace": "nouvelle version",
    # how the record was opened
    "normal": "accès normal",
    "bris_de_glace": "accès en urgence",
    "centre_15": "accès de régulation",
    "secret": "connexion secrète",
    # who may see a document
    "visible": "visible de tous",
    "masque_ps": "masqué aux professionnels",
    "invisible_patient": "invisible du patient",
    "invisible_representants_legaux": "invisible des représentants légaux",
    # scans
    "wrong-patient": "ce n'est pas ce patient",
    "unreadable": "illisible",
    "wrong-act": "type ou date à revoir",
    "not-for-dmp": "à ne pas envoyer au DMP",
    # identities
    "cni": "carte d'identité",
    "passeport": "passeport",
    "titre-sejour": "titre de séjour",
    "identite-electronique": "identité électronique",
    "livret-famille": "livret de famille",
    "acte-naissance": "acte de naissance",
    "douteuse": "identité douteuse",
    "fictive": "identité fictive",
    "identity": "identité",
    "person": "personne du rendez-vous",
    # arrivals
    "expected": "attendu",
    "arrived": "arrivé",
    "handed": "remis au médecin",
    "seen": "vu",
    "absent": "absent",
    # backups and repairs
    "quotidienne": "quotidienne",
    "avant-mise-a-niveau": "avant une mise à niveau",
    "demandee": "demandée",
    "abimee": "fichiers abîmés",
    "restauree": "sauvegarde restaurée",
    # the recovery code
    "sheet": "page imprimée",
    "printed": "dit imprimé",
    "join": "poste entré dans le cabinet",
    "recover": "clés rouvertes",
}
_MEANS = {"DIRECTE": "carte", "INDIRECTE": "certificat du cabinet", "INDIRECTE_RENFORCEE": "Pro Santé Connect"}
_BY_LOWER_CASE = {code.lower(): known.message_fr.rstrip(".") for code, known in CODES.items()}
_COUNT = re.compile(r"\d+([/+]\d+)*")


def result_words(action: str, result: str) -> str:
    """How a result is read; the code itself where nothing is known of it."""
    if action == Act.SETTINGS:
        return VALUES.get(result, result)
    told = FINE.get(result) or REFUSALS.get(result) or _BY_LOWER_CASE.get(result.lower())
    return told or _of_a_card(result) or result


def reason_words(action: str, reason: str) -> str:
    """How a reason is read, each part of « masque_ps+invisible_patient » by itself; what is no choice of a list as it is."""
    if action == Act.CONFLICT_SETTLED and reason == "expected":
        return "rendez-vous"
    acts = {act.value: label_of(act) for act in Act}
    return " et ".join(REASONS.get(part) or acts.get(part, part) for part in reason.split("+"))


def means_words(card: str) -> str:
    """« carte 1f2e… » of « DIRECTE:1f2e… »."""
    mode, _, digits = card.partition(":")
    return f"{_MEANS.get(mode, mode)} {digits}".strip()


def went_well(action: str, result: str) -> bool:
    """Whether an act went as it should; how many there were of something is no refusal."""
    return action == Act.SETTINGS or result in FINE or _COUNT.fullmatch(result) is not None


def in_words(record: JournalRecord) -> dict[str, Any]:
    """The fields of a record, each code followed by its words: what an export holds."""
    codes = {**asdict(record), "at": record.at.isoformat()}
    family = family_of(record.action)
    return codes | {
        "action_words": label_of(record.action),
        "family": family.value if family else "",
        "card_words": means_words(record.card),
        "result_words": result_words(record.action, record.result),
        "reason_words": reason_words(record.action, record.reason),
    }


def _of_a_card(code: str) -> str:
    name = code.removeprefix("card.")
    try:
        return card_failure(name).message_fr.rstrip(".") if name != code else ""
    except KeyError:
        return ""
