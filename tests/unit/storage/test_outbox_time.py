"""How long the durable enqueue of a document takes, beside one raw write and flush of the same bytes on the same disk."""

from __future__ import annotations

import pytest

from benchmarks.outbox_enqueue import play


@pytest.mark.alone
def test_a_document_is_kept_at_little_more_than_the_cost_of_a_flush() -> None:
    """Of the document's own bytes. Others use the machine: it is played until it is held once."""
    told = []
    for times in play(300):
        told.append(
            f"{times.of_document:.2f} x raw, {times.of_log:.2f} x the log's bytes, {times.own * 1e6:.0f} µs worked above a bare insert"
        )
        if times.held:
            return
    pytest.fail("; ".join(told))
