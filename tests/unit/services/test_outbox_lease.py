"""A document is sent under a lease that no try outlives: two would send it at once."""

from __future__ import annotations

import pytest

from dmp_desktop.dmp.channel import SHORT_ANSWER
from dmp_desktop.dmp.transport import longest
from dmp_desktop.services.files import MAX_BYTES
from dmp_desktop.services.outbox import LEASE

MESSAGE = 1_000_000
"""More than any question, and than what surrounds a file in its CDA and in the message."""


@pytest.mark.parametrize("coded", [4 / 3, 16 / 9], ids=["xds", "fhir"])
def test_no_try_outlives_the_lease(coded: float) -> None:
    """Is it there, what does it replace, the deposit, is it there: questions are asked twice when the connection breaks.

    A file is base64 within its CDA; over FHIR that is base64 once more.
    """
    questions = 3 * 2 * longest(MESSAGE + SHORT_ANSWER)
    deposit = longest(int(MAX_BYTES * coded) + MESSAGE + SHORT_ANSWER)
    assert deposit > MAX_BYTES * coded / 20_000  # a line of 20 kB/s carries it
    assert questions + deposit < LEASE.total_seconds()
