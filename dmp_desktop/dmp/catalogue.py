"""Known error codes of the DMP and of XDS, in French: cause, remedy, and whether retrying can help.

Unknown codes are shown as they are, never guessed (reference §2.5).
"""

from __future__ import annotations

from typing import NamedTuple

from dmp_desktop.errors import DmpError


class Known(NamedTuple):
    message_fr: str
    remedy_fr: str
    retryable: bool = False


_CHECK_CARD = "Vérifiez que votre carte CPS est valide et qu'elle est bien la vôtre, puis réessayez."
_SUPPORT = "Transmettez le rapport de diagnostic au support."
_LATER = "Rien à faire : l'envoi reprendra seul."

CODES: dict[str, Known] = {
    "DMPInvalidCertificate": Known("Le DMP refuse le certificat de signature.", _CHECK_CARD),
    "DMPInvalidVIHF": Known("Le DMP refuse l'attestation d'identité (VIHF).", _CHECK_CARD),
    "DMPAccessDeniedByRightsService": Known(
        "Vos droits ne permettent pas cette action sur ce dossier.",
        "Vérifiez l'autorisation d'accès du patient, ou votre rôle.",
    ),
    "DMPClosed": Known("Ce DMP est fermé.", "Le patient peut le rouvrir depuis Mon espace santé."),
    "DMPNotFound": Known("Ce patient n'a pas de DMP.", "Il peut en ouvrir un depuis Mon espace santé."),
    "XDSPatientIdDoesNotMatch": Known(
        "Le document n'est pas celui de ce patient.", "Rien n'a été envoyé ; vérifiez l'identité."
    ),
    "XDSUnknownPatientId": Known("Le DMP ne connaît pas ce patient.", "Vérifiez l'INS du patient."),
    "XDSDocumentUniqueIdError": Known("Le document demandé est introuvable.", "Actualisez la liste des documents."),
    "XDSDuplicateUniqueIdInRegistry": Known("Ce document est déjà dans le DMP.", ""),
    "XDSNonIdenticalHash": Known("Le document reçu n'est pas celui qui a été déposé.", _SUPPORT),
    "XDSReplaceFailed": Known(
        "Le document à remplacer a déjà été remplacé ou supprimé.",
        "Actualisez la liste, puis recommencez le remplacement.",
    ),
    "XDSRegistryNotAvailable": Known("Le registre du DMP est indisponible.", _LATER, retryable=True),
    "XDSRegistryBusy": Known("Le registre du DMP est surchargé.", _LATER, retryable=True),
    "XDSRepositoryBusy": Known("L'entrepôt du DMP est surchargé.", _LATER, retryable=True),
    "XDSTooManyResults": Known(
        "Trop de documents répondent à la recherche.", "Réduisez la période ou les types demandés."
    ),
    "XDSRegistryMetadataError": Known("Le DMP refuse la description du document.", _SUPPORT),
    "XDSRepositoryMetadataError": Known("Le DMP refuse la description du document.", _SUPPORT),
    "XDSRegistryError": Known("Le registre du DMP a signalé une erreur.", _SUPPORT),
    "XDSRepositoryError": Known("L'entrepôt du DMP a signalé une erreur.", _SUPPORT),
}


def error(code: str, detail: str = "") -> DmpError:
    """The French error for a code; `detail` is the server's own sentence, kept for the screen, never for logs."""
    known = CODES.get(code) or Known(f"Le DMP a refusé la demande ({code}).", _SUPPORT)
    return DmpError(code, known.message_fr, known.remedy_fr, retryable=known.retryable).with_detail(detail)
