"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
SHARED = Path(os.environ.get("DMP_DESKTOP_SHARED", Path(__file__).resolve().parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of official rules and samples, which is not part of the project."""
    if not SHARED.is_dir():
        pytest.skip(f"official material absent: {SHARED} (set DMP_DESKTOP_SHARED)")
    return SHARED
