"""PKCS#11 calls that python-pkcs11 lacks: the lengths a token allows for its PIN, a login on a session that is open already, and
the end of all sessions of a token."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Any, Final

from dmp_desktop.card.pkcs11.faults import returned

# Structures of PKCS#11 are packed on Windows and aligned elsewhere (PKCS#11 v2.20 §6.5.1 and its Windows headers).
_PACK: Final = {"_pack_": 1} if sys.platform == "win32" else {}

Ulong = ctypes.c_ulong


class _Version(ctypes.Structure):
    _fields_ = (("major", ctypes.c_ubyte), ("minor", ctypes.c_ubyte))


def _structure(name: str, *fields: tuple[str, type]) -> type[ctypes.Structure]:
    return type(name, (ctypes.Structure,), {**_PACK, "_fields_": fields})


# PKCS#11 v2.20 §9.2, CK_TOKEN_INFO.
_TokenInfo = _structure(
    "_TokenInfo",
    ("texts", ctypes.c_ubyte * (32 + 32 + 16 + 16)),
    *((name, Ulong) for name in ("flags", "max_sessions", "sessions", "max_rw_sessions", "rw_sessions")),
    *((name, Ulong) for name in ("max_pin", "min_pin", "public", "free_public", "private", "free_private")),
    ("hardware", _Version),
    ("firmware", _Version),
    ("time", ctypes.c_ubyte * 16),
)
# PKCS#11 v2.20 §11 and pkcs11f.h: the functions in their order, as far as we go.
_NAMES: Final = (
    *("initialize", "finalize", "info", "function_list", "slot_list", "slot_info", "token_info", "mechanism_list"),
    *("mechanism_info", "init_token", "init_pin", "set_pin", "open_session", "close_session", "close_all_sessions"),
    *("session_info", "get_operation_state", "set_operation_state", "login", "logout"),
)
_USER: Final = 1  # CKU_USER, PKCS#11 v2.20 §9.4
_Functions = _structure("_Functions", ("version", _Version), *((name, ctypes.c_void_p) for name in _NAMES))


class NativeModule:
    """A module that python-pkcs11 has already loaded and initialised; the same rules of one call at a time apply.

    A `session` is its own (its types do not tell of `handle`).

    Raises OSError or AttributeError when it is no PKCS#11 library.
    """

    def __init__(self, path: Path) -> None:
        self._library = ctypes.CDLL(str(path))  # never unloaded: a card that does not answer may leave a call inside it
        functions = ctypes.POINTER(_Functions)()
        if self._library.C_GetFunctionList(ctypes.byref(functions)):
            raise OSError("no function list")
        found = functions.contents
        self._token_info = ctypes.CFUNCTYPE(Ulong, Ulong, ctypes.POINTER(_TokenInfo))(found.token_info)
        self._close_all_sessions = ctypes.CFUNCTYPE(Ulong, Ulong)(found.close_all_sessions)
        self._login = ctypes.CFUNCTYPE(Ulong, Ulong, Ulong, ctypes.c_char_p, Ulong)(found.login)
        self._logout = ctypes.CFUNCTYPE(Ulong, Ulong)(found.logout)

    def pin_lengths(self, slot: int) -> tuple[int, int]:
        """The shortest and the longest PIN the token says it takes; (0, 0) when it does not answer."""
        info = _TokenInfo()
        if self._token_info(slot, ctypes.byref(info)):
            return 0, 0
        return info.min_pin, info.max_pin

    def login(self, session: Any, pin: str) -> None:
        """C_Login of the user on this very session: a card that has come since it was opened is not sent the PIN.

        Raises PKCS11Error.
        """
        if value := self._login(session.handle, _USER, pin.encode(), len(pin)):
            raise returned(value)

    def logout(self, session: Any) -> None:
        """Whatever state the session is in."""
        self._logout(session.handle)

    def close_all_sessions(self, slot: int) -> None:
        """End this program's sessions with a token, and its login: those of other programs go on."""
        self._close_all_sessions(slot)
