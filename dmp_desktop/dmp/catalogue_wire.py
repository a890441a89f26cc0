"""What goes wrong around a message: SOAP 1.2 §5.4.6, WS-Addressing 1.0 SOAP binding §6.4, HTTP statuses (RFC 9110 §15).

Failures of the secure connection are told where they happen, in transport.py.
"""

from __future__ import annotations

from typing import Final

from dmp_desktop.dmp.catalogue_entry import CHECK_CARD, LATER, SUPPORT, UPDATE_SOFTWARE, Known

_ADDRESSING = Known("Le DMP n'a pas accepté l'en-tête de la demande.", UPDATE_SOFTWARE)
_VERSION = Known("Le DMP attend des messages d'une autre forme.", UPDATE_SOFTWARE)
_DIAGNOSIS = "Lancez le diagnostic."
_DOWN = Known("Le DMP est momentanément indisponible.", LATER, retryable=True, ambiguous=True)

CODES: Final = {
    "SoapFault": Known("Le DMP a refusé la demande sans dire pourquoi.", SUPPORT),
    "Sender": Known("Le DMP a refusé la demande sans dire pourquoi.", SUPPORT),
    "Receiver": Known(
        "Le DMP n'a pas pu traiter la demande.", LATER, "La panne est de son côté.", retryable=True, ambiguous=True
    ),
    "VersionMismatch": _VERSION,
    "MustUnderstand": _VERSION,
    "DataEncodingUnknown": _VERSION,
    "InvalidAddressingHeader": _ADDRESSING,
    "InvalidAddress": _ADDRESSING,
    "InvalidEPR": _ADDRESSING,
    "InvalidCardinality": _ADDRESSING,
    "MissingAddressInEPR": _ADDRESSING,
    "DuplicateMessageID": Known(
        "Le DMP a déjà reçu cette demande.", "Actualisez la liste des documents avant de recommencer.", ambiguous=True
    ),
    "ActionMismatch": _ADDRESSING,
    "OnlyAnonymousAddressSupported": _ADDRESSING,
    "OnlyNonAnonymousAddressSupported": _ADDRESSING,
    "MessageAddressingHeaderRequired": _ADDRESSING,
    "DestinationUnreachable": Known("Cette partie du DMP est introuvable.", _DIAGNOSIS),
    "ActionNotSupported": Known("Le DMP ne propose pas cette action.", UPDATE_SOFTWARE),
    "EndpointUnavailable": Known("Cette partie du DMP est momentanément indisponible.", LATER, retryable=True),
    "HTTP400": Known("Le DMP n'a pas compris la demande.", UPDATE_SOFTWARE),
    "HTTP401": Known("Le DMP ne vous reconnaît pas.", CHECK_CARD),
    "HTTP403": Known("Le DMP n'accepte pas cette carte ou ce certificat.", CHECK_CARD),
    "HTTP404": Known("Le DMP n'est pas à l'adresse indiquée.", _DIAGNOSIS),
    "HTTP405": Known("Le DMP n'accepte pas cette sorte de demande.", UPDATE_SOFTWARE),
    "HTTP407": Known(
        "Le réseau du cabinet demande un mot de passe pour aller sur internet.",
        "Demandez à qui gère le réseau de laisser passer DMP Desktop.",
    ),
    "HTTP408": Known(
        "Le DMP a trouvé la demande trop lente à venir.",
        LATER,
        "La connexion internet est lente.",
        retryable=True,
        ambiguous=True,
    ),
    "HTTP413": Known("Le document est trop gros pour le DMP.", "Réduisez ou séparez le document, puis renvoyez-le."),
    "HTTP415": Known("Le DMP n'accepte pas la forme de la demande.", UPDATE_SOFTWARE),
    "HTTP429": Known("Le DMP reçoit trop de demandes.", LATER, retryable=True),
    "HTTP500": _DOWN,
    "HTTP502": _DOWN,
    "HTTP503": _DOWN,
    "HTTP504": _DOWN,
}


def unknown_status(status: int) -> Known:
    """A status that is not above: 5xx tell nothing of what became of the request, nor does a success without its content."""
    if status >= 500:
        return _DOWN
    return Known(f"Le DMP a refusé la demande ({status}).", _DIAGNOSIS, ambiguous=status < 300)
