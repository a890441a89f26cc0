"""Fixtures shared by all tests."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
SHARED = Path(os.environ.get("DMP_DESKTOP_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay until the end: the collections of garbage between tests need not walk through them."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of official rules and samples, which is not part of the project."""
    if not SHARED.is_dir():
        pytest.skip(f"official material absent: {SHARED} (set DMP_DESKTOP_SHARED)")
    return SHARED
