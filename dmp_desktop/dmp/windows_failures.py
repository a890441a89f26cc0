"""What Windows' cryptographic codes mean for the doctor, as the CardErrors a card read by PKCS#11 gives: same codes, same words
where the case is the same (`card/failures.py`, which this package may not import; a test compares them)."""

from __future__ import annotations

from dmp_desktop.dmp.external_key import refused
from dmp_desktop.dmp.identity import removed
from dmp_desktop.errors import CardError

_CANCELLED = (
    "card.sign_refused",
    "Le code de la carte n'a pas été donné : rien n'a été signé.",
    "Recommencez, et donnez le code quand Windows le demande.",
)
_WRONG_PIN = (
    "card.pin_wrong",
    "Le code est faux.",
    "Saisissez-le de nouveau avec soin : après trois codes faux, la carte se bloque.",
)
_LOCKED = (
    "card.pin_locked",
    "Votre carte est bloquée après trois codes faux.",
    "Débloquez-la avec son code de déblocage (PUK), dans le gestionnaire de cartes de l’ANS, ou appelez l’ANS.",
)
_BUSY = (
    "card.busy",
    "La carte est utilisée par un autre logiciel.",
    "Terminez la lecture de carte dans l’autre logiciel, puis réessayez.",
)
_NO_KEY = (
    "card.no_signature_key",
    "Windows a le certificat de la carte, mais pas sa clé.",
    "Retirez la carte CPS, remettez-la, puis attendez quelques secondes.",
)

_REMOVED = frozenset(
    {
        0x8010000C,  # winerror.h SCARD_E_NO_SMARTCARD
        0x80100069,  # SCARD_W_REMOVED_CARD
        0x80100017,  # SCARD_E_READER_UNAVAILABLE
        0x8010002E,  # SCARD_E_NO_READERS_AVAILABLE
        0x80090016,  # NTE_BAD_KEYSET: the container is on a card that is not there
    }
)
_TOLD = {
    0x8010006E: _CANCELLED,  # SCARD_W_CANCELLED_BY_USER
    0x80090036: _CANCELLED,  # NTE_USER_CANCELLED
    0x000004C7: _CANCELLED,  # ERROR_CANCELLED
    0x800704C7: _CANCELLED,  # the same as an HRESULT
    0x8010006B: _WRONG_PIN,  # SCARD_W_WRONG_CHV
    0x8010006C: _LOCKED,  # SCARD_W_CHV_BLOCKED
    0x8010000B: _BUSY,  # SCARD_E_SHARING_VIOLATION
    0x8009000D: _NO_KEY,  # NTE_NO_KEY
    0x8009200B: _NO_KEY,  # CRYPT_E_NO_KEY_PROPERTY
}


def told(status: int) -> CardError:
    """The error to show for an unsigned code, which it keeps in `status`."""
    if status in _REMOVED:
        error = removed()
    elif status in _TOLD:
        error = CardError(*_TOLD[status])
    else:
        error = refused()
    error.status = status
    return error
