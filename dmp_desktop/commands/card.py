"""`dmp card …`."""

from __future__ import annotations

import argparse
from typing import Any


def register(families: Any) -> None:
    """Add this family's parsers."""
    del families
    _ = argparse
