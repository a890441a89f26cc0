"""`dmp exchange …`: in and out of other software."""

from __future__ import annotations

from typing import Any

from dmp_desktop.commands import exchange_hprim, exchange_read, exchange_write, exchange_xdm


def register(families: Any) -> None:
    """Add this family's parsers."""
    actions = families.add_parser("exchange", help="échanges avec d'autres logiciels").add_subparsers(
        required=True, metavar="ACTION"
    )
    exchange_xdm.register(actions)
    exchange_read.register(actions)
    exchange_hprim.register(actions)
    exchange_write.register(actions)
