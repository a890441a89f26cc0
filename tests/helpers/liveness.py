"""The two ways to tell who is gone, as a test or a child of it makes them."""

from __future__ import annotations

import sys
from pathlib import Path

from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.locks import ProcessLiveness
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_liveness import WorkstationLiveness
from tests.helpers.postgres import PASSWORD


def make(where: str) -> ProcessLiveness | WorkstationLiveness:
    """`where`: the address of a database, or a folder."""
    if where.startswith("postgresql:"):
        return WorkstationLiveness(ClinicAddress.parse(where), PASSWORD, SystemEntropy())
    return ProcessLiveness(Path(where), SystemEntropy(), SystemClock())


if __name__ == "__main__":
    kept = make(sys.argv[1])
    print(kept.owner, flush=True)
    sys.stdin.read()
