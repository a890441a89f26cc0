"""The next patients, as another program lists them in a file: their records are fetched ahead (services/preload.py).

The file is JSON in UTF-8, `{"patients": [...]}`, the nearest first, each patient as in a context file (design/cli.md).
The practice software writes it whole, then gives it its name; it is looked at, never changed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dmp_desktop.domain.fields import Fields, refuse
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.services.record import RecordListener

FILE_NAME = "prochains-patients.json"
MAX_BYTES = 1_000_000
OLD = timedelta(hours=12)
"""A list of yesterday is of nobody who is coming."""

log = logging.getLogger(__name__)


class NextPatients(RecordListener):
    """`plan` gets the patients listed once somebody is signed in (`signed_in`), and each time the list changes."""

    def __init__(
        self,
        file: Path,
        plan: Callable[[Iterable[Patient]], None],
        signed_in: Callable[[], object | None],
        clock: Clock,
    ) -> None:
        self._file = file
        self._plan = plan
        self._signed_in = signed_in
        self._clock = clock
        self._planned: tuple[int, int] | None = None  # size and time of the list planned

    def look(self) -> None:
        """Plan what is listed now, if that is new. A list that cannot be used changes nothing."""
        if self._signed_in() is None:
            return
        try:
            found = self._file.stat()
            version = found.st_size, found.st_mtime_ns
            if version == self._planned:
                return
            self._planned = version
            written = datetime.fromtimestamp(found.st_mtime, UTC)
            untrusted = self._file.read_bytes() if found.st_size <= MAX_BYTES else b""
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("next patients: %s", type(error).__name__)
            return
        try:
            patients = read_patients(untrusted)
        except ContextError as error:
            log.warning("next patients: %s", error.code)
            return
        self._plan(patients if self._clock.now() - written < OLD else ())

    def left(self) -> None:
        """Whoever comes next has them planned anew, in their own name."""
        self._planned = None


def read_patients(untrusted: bytes) -> tuple[Patient, ...]:
    """Those with a qualified INS: the DMP is asked about nobody else. Raises ContextError."""
    try:
        data: Any = json.loads(untrusted)
    except (ValueError, RecursionError) as error:
        raise ContextError(
            "next-patients-json", "La liste des prochains patients n'est pas du JSON en UTF-8."
        ) from error
    root = Fields(data, "")
    listed = root.raw("patients")
    if not isinstance(listed, list):
        refuse("patients", "une liste est attendue")
    root.close()
    patients = [patient_from_dict(one, f"patients[{place}]") for place, one in enumerate(listed)]
    return tuple(one for one in patients if one.ins.status is InsStatus.QUALIFIEE)
