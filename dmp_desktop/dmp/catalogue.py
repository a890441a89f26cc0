"""Known error codes of the DMP, of XDS, of INSi and of what carries them, in French: cause, remedy, whether retrying can help.

Unknown codes are shown as they are, never guessed (reference §2.5). `DMPOk` is no error.
"""

from __future__ import annotations

import re
from typing import Final

from dmp_desktop.dmp import catalogue_dmp, catalogue_insi, catalogue_wire, catalogue_xds
from dmp_desktop.dmp.catalogue_entry import SUPPORT, Known
from dmp_desktop.dmp.reason import plain
from dmp_desktop.errors import DmpError

_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}|[0-9]{1,8}")

CODES: Final = catalogue_dmp.CODES | catalogue_xds.CODES | catalogue_insi.CODES | catalogue_wire.CODES
_BY_LOWER_CASE: Final = {code.lower(): known for code, known in CODES.items()}  # desir_550 and DESIR_560 are both seen


def error(code: str, detail: str = "") -> DmpError:
    """The French error for a code; `detail` is the server's own sentence, kept for the screen, never for logs.

    What has not the form of a code goes beside that sentence: an error's own words end up in logs.
    """
    if not _CODE.fullmatch(code):
        return error("CodeIllisible", f"{code} {detail}".strip())
    known = _BY_LOWER_CASE.get(code.lower()) or Known(f"Le DMP a refusé la demande ({code}).", SUPPORT)
    return _error(code, known).with_detail(detail).with_reason(plain(detail))


def http_error(status: int) -> DmpError:
    """The French error for an HTTP status that came without a message of the DMP."""
    code = f"HTTP{status}"
    return _error(code, CODES.get(code) or catalogue_wire.unknown_status(status))


def _error(code: str, known: Known) -> DmpError:
    message = f"{known.message_fr} {known.cause_fr}".strip()
    return DmpError(code, message, known.remedy_fr, retryable=known.retryable, ambiguous=known.ambiguous)
