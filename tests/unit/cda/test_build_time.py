"""How long a document takes to make, beside the limit of the benchmark: one join of its pieces, its texts escaped."""

from __future__ import annotations

import pytest

from benchmarks.note_to_cda import LIMIT_RATIO, LONG_NOTE, best_of, limit_of, make_request
from dmp_desktop.cda.build.assemble import assemble


@pytest.mark.alone
def test_a_long_document_takes_little_more_than_its_join() -> None:
    request = make_request(LONG_NOTE)
    join = limit_of(request)
    assert len(assemble(request, None).cda) >= 40_000
    assert len(join()) == pytest.approx(len(assemble(request, None).cda), rel=0.02)
    limit, built = best_of(300, join, lambda: assemble(request, None))
    assert built / limit <= LIMIT_RATIO
