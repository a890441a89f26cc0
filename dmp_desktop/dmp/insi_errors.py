"""What goes wrong with the INSi teleservice, in French: codes of its faults, and what befalls any call (reference §7)."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from dmp_desktop.dmp.names import SOAP
from dmp_desktop.errors import DmpDesktopError, DmpError

_LATER = "Réessayez dans quelques minutes ; le dossier peut être tenu en attendant."
_SUPPORT = "Transmettez le rapport de diagnostic au support."

CODES: Mapping[str, tuple[str, str, bool]] = {
    "DESIR_550": (
        "Le téléservice INSi ne reconnaît pas l'autorisation de ce logiciel.",
        "Prévenez l'assistance : le numéro d'autorisation INSi est à vérifier.",
        False,
    ),
    "DESIR_560": (
        "Le certificat de la structure n'est pas accepté par le téléservice INSi.",
        "Utilisez une carte CPS, ou un certificat INSI-AUTO ou INSI-MANU.",
        False,
    ),
    "SIRAM_100": ("Le téléservice INSi n'a pas pu répondre.", _LATER, True),
}
"""Code in capitals -> what happened, the remedy, whether the same question may succeed later."""

_CALLS: Mapping[str, tuple[str, str]] = {
    "DmpInjoignable": ("Le téléservice INSi est injoignable.", "Vérifiez la connexion internet, puis réessayez."),
    "ReponsePerdue": ("La connexion avec le téléservice INSi a été coupée.", "Réessayez."),
    "EnvoiInterrompu": ("La demande au téléservice INSi s'est arrêtée en chemin.", "Vérifiez la connexion internet."),
    "ServeurNonReconnu": (
        "Le serveur qui répond n'a pas prouvé qu'il est le téléservice INSi : rien ne lui a été envoyé.",
        "Lancez le diagnostic et prévenez qui gère le réseau ; votre carte n'y est pour rien.",
    ),
    "Tls": (
        "La connexion sécurisée avec le téléservice INSi a échoué.",
        "Vérifiez la date de l'ordinateur et la validité de votre carte, puis lancez le diagnostic.",
    ),
}
"""Errors of the transport, which says DMP for all it talks to."""


def of_code(code: str, detail: str = "") -> DmpError:
    """The error of a fault; an unknown code is shown as it is. `detail` is the teleservice's own sentence, never for logs."""
    known = CODES.get(code.upper())
    message, remedy, retryable = known or (f"Le téléservice INSi a refusé la demande ({code}).", _SUPPORT, False)
    return DmpError(code.upper() if known else code, message, remedy, retryable=retryable).with_detail(detail)


def of_fault(fault: etree._Element) -> DmpError:
    """`siram:Erreur` tells more than the Subcode, which is siram_100 for nearly everything; codes come in any case."""
    subcode = fault.findtext(f"{{{SOAP}}}Code/{{{SOAP}}}Subcode/{{{SOAP}}}Value") or fault.findtext(
        f"{{{SOAP}}}Code/{{{SOAP}}}Value"
    )
    reason = " ".join((fault.findtext(f"{{{SOAP}}}Reason/{{{SOAP}}}Text") or "").split())
    for error in fault.iter("{*}Erreur", "{*}erreur"):
        code = error.get("code") or error.findtext("{*}code") or error.findtext("{*}Code") or ""
        if code.strip():
            return of_code(code.strip(), " ".join((error.text or "").split()) or reason)
    return of_code((subcode or "SoapFault").strip().rpartition(":")[2], reason)


def of_status(status: int) -> DmpError:
    """An HTTP answer that is no SOAP message."""
    down = status >= 500 or status in (408, 429)
    return DmpError(
        f"HTTP{status}",
        "Le téléservice INSi est momentanément indisponible."
        if down
        else f"Le téléservice INSi a refusé la demande ({status}).",
        _LATER if down else _SUPPORT,
        retryable=down,
    )


def of_call(error: DmpDesktopError) -> DmpDesktopError:
    """The same error of the transport, said of INSi. Errors of the card stay what they are."""
    if not isinstance(error, DmpError) or error.code not in _CALLS:
        return error
    message, remedy = _CALLS[error.code]
    return DmpError(error.code, message, remedy, retryable=error.retryable, ambiguous=error.ambiguous)


def unreadable(why: str) -> DmpError:
    """The answer makes no sense, or cannot be trusted: nobody is identified by it."""
    return DmpError(
        "ReponseInsiIllisible",
        "La réponse du téléservice INSi est illisible : l'identité n'est pas changée.",
        "Réessayez ; si cela persiste, transmettez le rapport de diagnostic au support.",
        retryable=True,
    ).with_detail(why)
