"""pytest inside `unshare`: the contract tests of the card's Protocols in the world of the real pcscd.

`python -m pytest -p tests.helpers.pcscd_plugin FILES`, with DMP_DESKTOP_TEST_WORLD=pcscd: `tests/contract/test_card_pcscd.py` does it.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

# Names its own socket when it is imported, before ours does.
from tests.helpers import (
    pcscd_world,
    scripted_pcsc,  # noqa: F401
)
from tests.helpers.pcscd_lists import ELSEWHERE, OTHER_WORLDS, UNPLAYABLE
from tests.helpers.vpcd_desk import UnplayableError


def pytest_configure() -> None:
    pcscd_world.prepare()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here, left = [], []
    for item in items:
        assert isinstance(item, pytest.Function)
        values = item.callspec.params.values() if hasattr(item, "callspec") else ()
        other = any(isinstance(value, str) and value in OTHER_WORLDS for value in values)
        (left if other or item.originalname in ELSEWHERE else here).append(item)
        if reason := UNPLAYABLE.get(item.originalname):
            item.add_marker(pytest.mark.xfail(reason=reason, raises=UnplayableError, strict=True))
    config.hook.pytest_deselected(items=left)
    items[:] = here


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """A test that asked for what cannot be done has not been played, whatever came of it."""
    pcscd_world.asked.clear()
    try:
        return (yield)
    finally:
        if pcscd_world.asked:
            raise pcscd_world.asked[0]
