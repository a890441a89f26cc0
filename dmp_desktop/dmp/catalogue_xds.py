"""Codes of the registry and of the repository of documents (ITI TF-3 table 4.2.4.1-2; metadata update: ITI-57)."""

from __future__ import annotations

from typing import Final

from dmp_desktop.dmp.catalogue_entry import LATER, REFRESH, SUPPORT, UPDATE_SOFTWARE, Known

_DESCRIPTION = Known(
    "Le DMP refuse la description du document.", UPDATE_SOFTWARE, "Une information manque ou n'est pas permise."
)
_TWICE = Known("L'envoi contient deux fois le même document.", "Envoyez les documents séparément.")
_QUESTION = Known("Le DMP n'a pas compris la recherche.", UPDATE_SOFTWARE, "Un critère manque ou n'est pas permis.")
_CHANGE = Known(
    "Le DMP refuse ce changement du document.", REFRESH, "Son état ne le permet pas, ou vous n'en êtes pas l'auteur."
)
_ELSEWHERE = Known("Le DMP ne sait pas où chercher ce document.", REFRESH)
_FULL = Known("Le DMP manque momentanément de place.", LATER, retryable=True)

CODES: Final = {
    "XDSPatientIdDoesNotMatch": Known(
        "La demande ou le document ne concerne pas ce patient.",
        "Vérifiez l'identité ; rien n'a été changé dans le DMP.",
    ),
    "XDSUnknownPatientId": Known("Le DMP ne connaît pas ce patient.", "Vérifiez l'INS du patient."),
    "XDSResultNotSinglePatient": Known(
        "La réponse concernait plusieurs patients : elle n'a pas été donnée.",
        "Demandez les documents d'un seul patient.",
    ),
    "XDSPatientIDReconciliationError": Known(
        "L'identité de ce patient est en cours de correction dans le DMP.",
        "Réessayez demain ; si cela dure, prévenez le support.",
    ),
    # Documents
    "XDSDocumentUniqueIdError": Known("Le document demandé est introuvable.", REFRESH),
    "XDSMissingDocument": Known("L'envoi est arrivé sans son document.", "Recommencez l'envoi."),
    "XDSMissingDocumentMetadata": Known("Le document est arrivé sans sa description.", "Recommencez l'envoi."),
    "XDSNonIdenticalHash": Known("Le document reçu n'est pas celui qui a été déposé.", SUPPORT),
    "XDSDuplicateUniqueIdInRegistry": Known(
        "Ce document est déjà dans le DMP.", ""
    ),  # nothing to do: it is where it was to go
    "XDSRegistryDuplicateUniqueIdInMessage": _TWICE,
    "XDSRepositoryDuplicateUniqueIdInMessage": _TWICE,
    "XDSReplaceFailed": Known(
        "Le document à remplacer a déjà été remplacé ou supprimé.",
        "Actualisez la liste, puis recommencez le remplacement.",
    ),
    "XDSRegistryDeprecatedDocumentError": Known("Ce document a déjà été remplacé par un autre.", REFRESH),
    "InvalidDocumentContent": Known(
        "Le contenu du document ne correspond pas à sa description.",
        "Construisez le document à nouveau, puis envoyez-le.",
    ),
    "DocumentQueued": Known(
        "Le document n'est pas encore disponible.", "Réessayez dans quelques minutes.", retryable=True
    ),
    # Metadata
    "XDSRegistryMetadataError": _DESCRIPTION,
    "XDSRepositoryMetadataError": _DESCRIPTION,
    "XDSExtraMetadataNotSaved": Known(
        "Le DMP n'a pas gardé toute la description du document.", "Vérifiez le document dans la liste."
    ),
    "XDSMetadataUpdateError": _CHANGE,
    "XDSMetadataUpdateOperationError": _CHANGE,
    "XDSMetadataVersionError": Known("Ce document a changé dans le DMP depuis que la liste a été lue.", REFRESH),
    "XDSMetadataIdentifierError": _DESCRIPTION,
    "XDSMetadataAnnotationError": _DESCRIPTION,
    "XDSUnreferencedObjectException": Known("Le document à changer n'est pas dans le DMP.", REFRESH),
    # Questions
    "XDSStoredQueryMissingParam": _QUESTION,
    "XDSStoredQueryParamNumber": _QUESTION,
    "XDSUnknownStoredQuery": Known("Le DMP ne connaît pas ce genre de recherche.", UPDATE_SOFTWARE),
    "XDSTooManyResults": Known(
        "Trop de documents répondent à la recherche.", "Réduisez la période ou les types demandés."
    ),
    # Places
    "XDSUnknownRepositoryId": _ELSEWHERE,
    "XDSUnknownCommunity": _ELSEWHERE,
    "XDSMissingHomeCommunityId": _ELSEWHERE,
    "XDSUnavailableCommunity": Known("Une partie du DMP ne répond pas.", LATER, retryable=True),
    "XDSRegistryNotAvailable": Known("La liste des documents du DMP est indisponible.", LATER, retryable=True),
    "XDSRegistryBusy": Known("Le DMP est surchargé.", LATER, retryable=True),
    "XDSRepositoryBusy": Known("Le DMP est surchargé.", LATER, retryable=True),
    "XDSRegistryOutOfResources": _FULL,
    "XDSRepositoryOutOfResources": _FULL,
    "XDSRegistryError": Known("Le DMP a signalé une erreur dans la liste des documents.", SUPPORT),
    "XDSRepositoryError": Known("Le DMP a signalé une erreur en gardant ou en donnant le document.", SUPPORT),
}
