"""What the return values of a PKCS#11 module mean for the user (PKCS#11 v2.20 §11.1), as raised by python-pkcs11."""

from __future__ import annotations

from typing import Final

import pkcs11

from dmp_desktop.card.failures import card_failure
from dmp_desktop.errors import CardError

# The card left, or came back as another one, or another program reset it: the login is gone and only a new PIN gives it back.
# Cryptolib says SessionHandleInvalid for a card that was pulled out (reference card.md §2.3).
LOST: Final = (
    pkcs11.DeviceRemoved,
    pkcs11.TokenNotPresent,
    pkcs11.TokenNotRecognised,
    pkcs11.SessionHandleInvalid,
    pkcs11.SessionClosed,
    pkcs11.SlotIDInvalid,
    pkcs11.KeyHandleInvalid,
    pkcs11.ObjectHandleInvalid,
    pkcs11.UserNotLoggedIn,
)

# The key does not sign by this mechanism, which another may replace: nothing was signed. A CPS's authentication key says the
# first of the mechanisms that hash (reference card.md §2.3).
NOT_THIS_WAY: Final = (pkcs11.KeyTypeInconsistent, pkcs11.MechanismInvalid)

# A call that failed, or an object that python-pkcs11 cannot make sense of (a class or a text of the maker's own).
ODD: Final = (pkcs11.PKCS11Error, ValueError, LookupError)

# What C_Login may return (PKCS#11 v2.20 §11.6; values of pkcs11t.h), where it means more than that the call failed.
_RETURNED: Final[dict[int, type[pkcs11.PKCS11Error]]] = {
    0x03: pkcs11.SlotIDInvalid,
    0x32: pkcs11.DeviceRemoved,
    0xA0: pkcs11.PinIncorrect,
    0xA1: pkcs11.PinInvalid,
    0xA2: pkcs11.PinLenRange,
    0xA3: pkcs11.PinExpired,
    0xA4: pkcs11.PinLocked,
    0xB0: pkcs11.SessionClosed,
    0xB1: pkcs11.SessionCount,
    0xB3: pkcs11.SessionHandleInvalid,
    0xE0: pkcs11.TokenNotPresent,
    0xE1: pkcs11.TokenNotRecognised,
    0x101: pkcs11.UserNotLoggedIn,
    0x102: pkcs11.UserPinNotInitialized,
    0x104: pkcs11.AnotherUserAlreadyLoggedIn,
    0x105: pkcs11.UserTooManyTypes,
}

_MEANING: Final[tuple[tuple[tuple[type[Exception], ...], str], ...]] = (
    ((pkcs11.PinLocked,), "pin_locked"),
    ((pkcs11.PinExpired,), "pin_expired"),
    ((pkcs11.PinLenRange,), "pin_format"),
    ((pkcs11.PinIncorrect, pkcs11.PinInvalid), "pin_wrong"),
    ((pkcs11.UserPinNotInitialized,), "no_signature_key"),
    (LOST, "removed"),
    ((pkcs11.SessionCount, pkcs11.UserTooManyTypes, pkcs11.AnotherUserAlreadyLoggedIn), "busy"),
)


def returned(value: int) -> pkcs11.PKCS11Error:
    """The error of a return value of C_Login, as python-pkcs11 would raise it."""
    return _RETURNED.get(value, pkcs11.FunctionFailed)()


def fault(error: Exception, otherwise: str = "failed") -> CardError:
    """The CardError of what a call raised; `otherwise` names it when the module only says that it failed."""
    return card_failure(next((name for kinds, name in _MEANING if isinstance(error, kinds)), otherwise))
