"""What the user is told when a card fails: by PC/SC return code, and by code of the PIN and of the PKCS#11 module."""

from __future__ import annotations

from typing import Final

from dmp_desktop.errors import CardError

# pcsc-lite `pcsclite.h`, the same numbers as Microsoft's `winerror.h`, always unsigned here.
E_CANCELLED: Final = 0x80100002
E_INVALID_HANDLE: Final = 0x80100003
E_INSUFFICIENT_BUFFER: Final = 0x80100008
E_UNKNOWN_READER: Final = 0x80100009
E_TIMEOUT: Final = 0x8010000A
E_SHARING_VIOLATION: Final = 0x8010000B
E_NO_SMARTCARD: Final = 0x8010000C
E_PROTO_MISMATCH: Final = 0x8010000F
E_INVALID_VALUE: Final = 0x80100011
E_SYSTEM_CANCELLED: Final = 0x80100012
F_COMM_ERROR: Final = 0x80100013
E_NOT_TRANSACTED: Final = 0x80100016
E_READER_UNAVAILABLE: Final = 0x80100017
P_SHUTDOWN: Final = 0x80100018
E_NO_SERVICE: Final = 0x8010001D
E_SERVICE_STOPPED: Final = 0x8010001E
E_NO_READERS_AVAILABLE: Final = 0x8010002E
W_UNRESPONSIVE_CARD: Final = 0x80100066
W_UNPOWERED_CARD: Final = 0x80100067
W_RESET_CARD: Final = 0x80100068
W_REMOVED_CARD: Final = 0x80100069
# Windows' ERROR_INVALID_HANDLE, which a remote-desktop session returns for a dead context (winerror.h).
ERROR_INVALID_HANDLE: Final = 0x6
# Ours: the PC/SC library itself is absent, there is no code to speak of.
NO_LIBRARY: Final = 0

# The service is gone: every handle is dead, a new context must be established (reference card.md §4, rows 1 and 8).
SERVICE_LOST: Final = frozenset(
    {E_NO_SERVICE, E_SERVICE_STOPPED, E_INVALID_HANDLE, F_COMM_ERROR, P_SHUTDOWN, ERROR_INVALID_HANDLE}
)

_NO_SERVICE = (
    "card.no_service",
    "Le service des cartes à puce est arrêté.",
    "Débranchez puis rebranchez le lecteur ; si cela ne suffit pas, lancez le diagnostic.",
)
_READER_GONE = ("card.reader_gone", "Le lecteur de cartes a été débranché.", "Rebranchez le lecteur.")
_REMOVED = ("card.removed", "La carte a été retirée.", "Remettez la carte dans le lecteur.")
_MUTE = ("card.mute", "La carte est mal insérée.", "Retirez la carte, puis remettez-la dans le bon sens.")
_BUSY = (
    "card.busy",
    "La carte est utilisée par un autre logiciel.",
    "Terminez la lecture de carte dans l’autre logiciel, puis réessayez.",
)
_FAILED = ("card.failed", "La lecture de la carte a échoué.", "Retirez la carte, puis remettez-la.")

_TOLD: dict[int, tuple[str, str, str]] = {
    NO_LIBRARY: (
        "card.no_library",
        "Les lecteurs de cartes ne sont pas pris en charge sur ce poste.",
        "Faites installer le service de cartes à puce (sous Linux : pcscd et libpcsclite1).",
    ),
    **dict.fromkeys(SERVICE_LOST, _NO_SERVICE),
    E_NO_READERS_AVAILABLE: ("card.no_reader", "Aucun lecteur de cartes.", "Branchez le lecteur de cartes."),
    E_UNKNOWN_READER: _READER_GONE,
    E_READER_UNAVAILABLE: _READER_GONE,
    E_NO_SMARTCARD: _REMOVED,
    W_REMOVED_CARD: _REMOVED,
    W_UNRESPONSIVE_CARD: _MUTE,
    W_UNPOWERED_CARD: _MUTE,
    E_SHARING_VIOLATION: _BUSY,
}


class PcscError(CardError):
    """A PC/SC call failed. `status` is the unsigned return code (or NO_LIBRARY), the French texts follow from it."""

    def __init__(self, status: int) -> None:
        status &= 0xFFFFFFFF
        code, message, remedy = _TOLD.get(status, _FAILED)
        super().__init__(code, message, remedy, status=status)


def no_card() -> CardError:
    """No reader holds the card that was asked for."""
    return CardError("card.none", "Aucune carte dans le lecteur.", "Insérez la carte.")


def unreadable(what: str) -> CardError:
    """The card answered, but not what its kind must answer. `what` is a stable short name for support, never data of the card."""
    return CardError(f"card.{what}", "Les données de la carte sont illisibles.", "Retirez la carte, puis remettez-la.")


_UNBLOCK = "Débloquez-la avec son code de déblocage (PUK), dans le gestionnaire de cartes de l’ANS, ou appelez l’ANS."
_INSTALL = "Faites installer « Cryptolib CPS » de l’ANS, puis réessayez."
# The PIN and its module. Cryptolib CPS does not count the tries left (reference card.md §2.3): three is the card's own number.
_SAID: dict[str, tuple[str, str]] = {
    "unknown": ("Cette carte n’est ni une carte Vitale ni une carte CPS.", "Retirez-la du lecteur."),
    "pin_wrong": (
        "Le code est faux.",
        "Saisissez-le de nouveau avec soin : après trois codes faux, la carte se bloque.",
    ),
    "pin_last_try": (
        "Le code est faux, et il ne reste qu’un essai.",
        "Vérifiez votre code avant de le saisir : un code faux de plus bloque la carte.",
    ),
    "pin_locked": ("Votre carte est bloquée après trois codes faux.", _UNBLOCK),
    "pin_expired": ("Le code de la carte doit être changé.", "Changez-le dans le gestionnaire de cartes de l’ANS."),
    "pin_format": (
        "Ce n’est pas un code de carte CPS : il a quatre chiffres. Rien n’a été envoyé à la carte.",
        "Saisissez les quatre chiffres.",
    ),
    "pin_pad": (
        "Ce lecteur fait saisir le code sur son propre clavier, ce que DMP Desktop ne sait pas faire.",
        "Branchez un lecteur sans clavier.",
    ),
    "module_missing": ("Le logiciel de la carte CPS (Cryptolib CPS) n’est pas installé sur ce poste.", _INSTALL),
    "module_bits": (
        "Le logiciel de la carte CPS (Cryptolib CPS) n’est pas fait pour cette version de DMP Desktop (32 ou 64 bits).",
        "Faites installer l’autre version de « Cryptolib CPS ».",
    ),
    "module_broken": (
        "Le logiciel de la carte CPS (Cryptolib CPS) est installé, mais ne démarre pas.",
        "Faites réinstaller « Cryptolib CPS » de l’ANS.",
    ),
    "no_signature_key": (
        "Cette carte ne peut pas signer ici : elle est lue sans contact, ou n’a pas de clé de signature.",
        "Insérez la carte dans un lecteur à fente.",
    ),
    "sign_refused": (
        "La carte a refusé de signer.",
        "Retirez la carte, remettez-la, puis saisissez de nouveau son code.",
    ),
    "other_card": (
        "La carte qui est dans le lecteur n’est pas celle qui vient d’être lue.",
        "Retirez la carte, puis remettez-la.",
    ),
    "token_unknown": (
        "Aucune carte des lecteurs ne porte le nom qui est réglé sur ce poste (« token= » de DMP_DESKTOP_IDENTITY).",
        "Insérez la carte de ce nom, ou faites corriger ce réglage ou l’enlever.",
    ),
    "pin_unanswered": (
        "Le code a été envoyé à la carte, qui n’a pas répondu : un code faux aura compté.",
        "Retirez la carte et relancez DMP Desktop avant de saisir de nouveau votre code.",
    ),
    "stuck": (
        "Le logiciel de la carte CPS (Cryptolib CPS) ne répond plus.",
        "Fermez les autres logiciels qui lisent la carte, puis relancez DMP Desktop.",
    ),
    "removed": _REMOVED[1:],
    "busy": _BUSY[1:],
    "failed": _FAILED[1:],
}


def card_failure(name: str) -> CardError:
    """The error `card.<name>` of `_SAID`. Raises KeyError for a name that is not one."""
    return CardError(f"card.{name}", *_SAID[name])
