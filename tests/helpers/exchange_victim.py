"""Takes a note from an exchange folder, killed at each thing it does to the disk in turn: `python -m tests.helpers.exchange_victim DIR`.

One process a point, forked from this one, which has no thread; then the next start looks, and what is there is printed as JSON: how
many contexts wait, whether the note is whole, what is left in the folder, and what the folder and the inbox hold after they are taken.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from dmp_desktop.services.context_inbox import ContextInbox
from dmp_desktop.services.exchange_folder import ExchangeFolder
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock, SeededEntropy
from tests.helpers.contexts import context

NOTE = "Toux depuis trois jours."
WATCHED = {"open", "os.rename", "os.link", "os.remove", "os.mkdir"}
"""Audit events of what changes the disk, or reads from it (Python's audit event table)."""


def world(place: Path, seed: int = 1) -> tuple[ContextInbox, ExchangeFolder]:
    inbox = ContextInbox(place / "contextes", Seal(b"k" * 32, "received"), FakeClock(), SeededEntropy(seed))
    return inbox, ExchangeFolder(lambda: place / "echange", inbox, FakeClock())


def die_at(point: int, place: Path) -> None:
    """This process, at its `point`-th touch of a file of `place`."""
    left = [point]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in WATCHED and arguments and str(arguments[0]).startswith(str(place)):
            left[0] -= 1
            if not left[0]:
                os._exit(9)

    sys.addaudithook(hook)


def killed_at(point: int, place: Path, *, dropping: bool) -> bool:
    """False once all was done before that point."""
    child = os.fork()
    if not child:
        die_at(point, place)
        inbox, folder = world(place)
        if dropping:
            for one in inbox.waiting():
                inbox.drop(one.id)
        else:
            folder.look()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def played(point: int, place: Path, *, dropping: bool = False) -> dict[str, object] | None:
    (place / "echange").mkdir(parents=True)
    (place / "echange" / "a.txt").write_text(NOTE, encoding="utf-8")
    (place / "echange" / "a.json").write_text(json.dumps(context()), encoding="utf-8")
    if dropping:  # cut after it was taken and before it left the folder
        copies = {file.name: (file.read_bytes(), file.stat()) for file in (place / "echange").iterdir()}
        world(place)[1].look()
        for name, (content, told) in copies.items():
            (place / "echange" / name).write_bytes(content)
            os.utime(place / "echange" / name, ns=(told.st_atime_ns, told.st_mtime_ns))
    if not killed_at(point, place, dropping=dropping):
        return None
    inbox, folder = world(place, seed=2)
    folder.look()
    return {
        "notes": [one.note for one in inbox.waiting()],
        "anew": [one.id for one in inbox.waiting()] != [SeededEntropy(1).uuid().hex],
        "left": sorted(file.name for file in (place / "echange").iterdir()),
    }


def main(place: Path) -> None:
    for dropping in (False, True):
        for point in range(1, 100):
            found = played(point, place / f"{dropping}-{point}", dropping=dropping)
            if found is None:
                break
            print(json.dumps({"dropping": dropping, "point": point} | found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
