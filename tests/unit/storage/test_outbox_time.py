"""How long the durable enqueue of a document takes, beside one raw write and flush of the same bytes on the same disk."""

from __future__ import annotations

import pytest

from benchmarks.outbox_enqueue import measure


@pytest.mark.alone
def test_a_document_is_kept_at_little_more_than_the_cost_of_a_flush() -> None:
    times = measure(300)
    print(f"enqueue {times.ratio:.2f} x raw, {times.own * 1e6:.0f} µs worked above a bare insert")
    assert times.held
