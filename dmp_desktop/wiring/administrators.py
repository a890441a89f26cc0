"""Who looks after this workstation."""

from __future__ import annotations

from dmp_desktop.domain.people import Facility
from dmp_desktop.services.administrators import Administrators
from dmp_desktop.wiring.base import Base
from dmp_desktop.wiring.entry import Entry
from dmp_desktop.wiring.stores import Stores

HERE = Facility("", "ce poste", "")
"""Where no file of the workstation names its place."""


def administrators_of(base: Base, entry: Entry, stores: Stores) -> Administrators:
    def place() -> Facility:
        return base.practice.facility if base.practice else HERE

    return Administrators(stores.preferences, entry.acts, base.clock, entry.desk.signed_in, place, entry.desk.sign_in)
