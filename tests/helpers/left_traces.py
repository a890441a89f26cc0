"""All that a day of the program leaves behind, and what must be in none of it."""

from __future__ import annotations

import faulthandler
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from tests.helpers.leaks import SHORTEST, Searcher, dates
from tests.helpers.postgres import PASSWORD, Cluster, _program

EMPTY = re.compile(rb"\0{32,}")
"""Pages that nothing was written to yet: most of a write-ahead log, and of the time to look through it."""
SERVER_LOG = "log of the practice's server"
COMMAND, TITLE = "command line", "title of a window"
MEDIA = {
    "database": (".db",),
    "write-ahead log": ("-wal",),
    "log": (".log",),
    "trace": ("trace-dmp.jsonl",),
    "backup": (".dmpsauvegarde",),
    "exported numbers": ("envois.csv",),
    "exported journal": ("journal.csv", "journal.json"),
    "settings": ("settings.json",),
    "crash of the program": ("dump",),
    "stacks while a page is shown": ("stacks",),
    "rows of the practice": ("pg_dump",),
    SERVER_LOG: ("postgres/log",),
}
"""What each kind of thing left behind ends with; what is exported from a record is there by its name only."""


@dataclass
class Traces:
    """`files` by name, command lines, titles; `secrets` (words) and `codes` (of four digits) must be in none. What `apart` names
    is not looked at."""

    words: frozenset[str]
    apart: frozenset[str]
    codes: frozenset[str]
    files: dict[str, bytes] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)

    @property
    def sought(self) -> set[str]:
        return {word for word in {*self.secrets, *self.words} if len(word) >= SHORTEST}

    def leaks(self) -> dict[str, set[str]]:
        """What is where it must not be, by the name of the thing."""
        searcher = Searcher(self.sought, self.codes)
        return {name: found for name, data in self._things() if (found := searcher.found(data))}

    def _things(self) -> Iterator[tuple[str, bytes]]:
        seen = set()
        for name, data in self.files.items():
            if data not in seen:  # what did not change in a day is looked at once
                yield name, data
            seen.add(data)
        yield "names of files", "\n".join(self.files).encode()
        yield COMMAND, "\n".join(self.commands).encode()
        yield TITLE, "\n".join(self.titles).encode()

    def planted(self, medium: str, word: str) -> Traces:
        """What was left of one medium, with a word in the midst of it."""
        if medium == COMMAND:
            return replace(self, files={}, commands=[*self.commands, f"dmp send {word}"])
        if medium == TITLE:
            return replace(self, files={}, titles={*self.titles, f"DMP Desktop - {word}"})
        if medium == "name of a file":
            return replace(self, files={f"exports/dossier/2026-01-05_{word}.pdf": b""})
        name = self.of(medium)[0]
        data = self.files[name]
        return replace(self, files={name: data[:999] + b"\n " + word.encode() + b" \n" + data[999:]})

    def of(self, medium: str) -> list[str]:
        """Names of the files of a medium, those that hold something first."""
        found = [name for name in self.files if name.endswith(MEDIA[medium])]
        return sorted(found, key=lambda name: not self.files[name])

    def look(self) -> None:
        """The titles of all windows there are now, and what a crash at this moment would write."""
        self.titles |= {window.title() for window in QGuiApplication.allWindows()}
        self.titles |= {widget.windowTitle() for widget in QApplication.topLevelWidgets()}
        with tempfile.TemporaryFile() as file:
            faulthandler.dump_traceback(file, all_threads=True)
            file.seek(0)
            self.files[f"{len(self.files)} stacks"] = file.read()

    def keep(self, name: str, folder: Path) -> None:
        """Every file of a folder, names included. Read by another program: closing a live database here would drop its locks."""
        for file in folder.rglob("*"):
            if file.is_file() and file.name not in self.apart:
                read = subprocess.run(["cat", file], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
                self.files[f"{name}/{file.relative_to(folder)}"] = EMPTY.sub(bytes(32), read.stdout)

    def keep_names(self, name: str, folder: Path) -> None:
        """Of files that hold a record because somebody asked for it."""
        self.files |= {f"{name}/{file.name}": b"" for file in folder.iterdir()}

    def keep_rows(self, when: str, clinic: str, cluster: Cluster) -> str:
        """All rows of the practice; gives back the name of its database."""
        name = clinic.partition("?")[0].rpartition("/")[2]
        login = ["-h", str(cluster.folder), "-p", str(cluster.port), "-U", "postgres", "-d", name]
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        done = subprocess.run([_program("pg_dump"), *login], capture_output=True, check=True, env=environment)
        self.files[f"{when} pg_dump"] = done.stdout
        return name

    def keep_practice(self, when: str, clinic: str, cluster: Cluster) -> None:
        """All that PostgreSQL has of a database: its rows, and the files they are in."""
        name = self.keep_rows(when, clinic, cluster)
        cluster.administer("CHECKPOINT")
        ((oid,),) = cluster.administer(f"SELECT oid FROM pg_database WHERE datname = '{name}'")
        for part in (f"base/{oid}", "global", "pg_wal"):
            self.keep(f"{when} postgres/{part}", cluster.folder / "data" / part)
        self.files[f"{when} postgres/log"] = (cluster.folder / "log").read_bytes()

    def audit(self) -> None:
        """Every program started from now on, by this process; a hook cannot be taken back, so it must do nothing else than note."""

        def started(event: str, arguments: tuple[Any, ...]) -> None:
            if event == "subprocess.Popen":
                given = arguments[1]
                parts = given if isinstance(given, list | tuple) else [given]
                self.commands.append(" ".join(os.fsdecode(part) for part in parts))

        sys.addaudithook(started)


def secrets_of(person: Mapping[str, Any]) -> set[str]:
    """Number, names, day and place of birth of a patient, as the stand-in tells them."""
    digits = "".join(one for one in person["ins"] if one.isdigit())
    spaced = " ".join(digits[start:end] for start, end in ((0, 1), (1, 3), (3, 5), (5, 7), (7, 10), (10, 13)))
    names = {person[one] for one in ("birth_family", "birth_given", "first_given", "birth_place")}
    return {digits[:13], spaced, *names, *dates(date.fromisoformat(person["birth_date"]))}


def copied(pg_dump: bytes, table: str) -> list[bytes]:
    """The rows of a table in what pg_dump writes."""
    _before, found, after = pg_dump.partition(b"COPY public." + table.encode() + b" (")
    assert found, table
    return after.partition(b"\n\\.")[0].splitlines()[1:]
