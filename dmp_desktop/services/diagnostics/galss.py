"""GALSS, the serial way to readers that billing software used before PC/SC: what it drives, PC/SC does not see.

`galss.ini` has `[CANALn]` sections whose `Caracteristiques` is a serial line's settings (`9600,8,…`, numbers and commas) or the
name of a PC/SC reader. Seen in published repair scripts for Windows and macOS, never in an official document: read leniently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dmp_desktop.errors import CardError
from dmp_desktop.services.diagnostics.model import Check, Seen, Topic, attention, fine, problem, seen, unverifiable
from dmp_desktop.services.diagnostics.site import Site

# Under the system's root. Windows (64 and 32 bits programs, the GALSS folder itself), macOS, Linux.
PLACES: Final = (
    *("Windows/galss.ini", "Windows/io_comm.ini"),
    *("ProgramData/santesocial/galss/galss.ini", "ProgramData/santesocial/galss/io_comm.ini"),
    *("Program Files/santesocial/galss/galss.ini", "Program Files (x86)/santesocial/galss/galss.ini"),
    *("Program Files/santesocial/galss/io_comm.ini", "Program Files (x86)/santesocial/galss/io_comm.ini"),
    *("Library/Preferences/galss.ini", "Library/Preferences/io_comm.ini", "etc/galss.ini", "etc/io_comm.ini"),
)
_SECTION: Final = re.compile(r"\s*\[(?P<name>[^\]]*)\]")
_PAIR: Final = re.compile(r"\s*(?P<name>[^=;#]+?)\s*=\s*(?P<value>.*?)\s*$")
_SERIAL: Final = re.compile(r"\d+\s*,\s*\d+|.*\bCOM\d{1,3}\b|/dev/(?:tty|cu)", re.IGNORECASE)
_LARGEST: Final = 1_000_000  # bytes; such a file has a few hundred

TOPIC: Final = Topic(
    "reader.galss",
    "Lecteur en mode série (GALSS)",
    {
        "none": fine("Aucun lecteur n’est déclaré en mode série (GALSS) sur ce poste."),
        "ok": fine("Le fichier {file} ne déclare que des lecteurs PC/SC présents."),
        "serial_only": problem(
            "Le fichier {file} déclare un lecteur en mode série (GALSS), que DMP Desktop ne peut pas voir.",
            "Demandez à votre éditeur de passer ce lecteur en mode PC/SC, ou branchez un lecteur PC/SC.",
        ),
        "serial_too": attention(
            "Le fichier {file} déclare un lecteur en mode série (GALSS), à côté des lecteurs PC/SC que voit DMP Desktop.",
            "Mettez vos cartes dans un lecteur PC/SC, ou demandez à votre éditeur de tout passer en PC/SC.",
        ),
        "absent_reader": attention(
            "Le fichier {file} désigne le lecteur « {reader} », que le système ne voit pas : un autre logiciel risque de ne pas "
            "lire les cartes.",
            "Rebranchez ce lecteur au même port, ou demandez à votre éditeur de corriger ce fichier.",
        ),
        "unreadable": unverifiable("Le fichier {file} existe mais ne peut pas être lu.", "Ouvrez ses droits de lecture."),
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Channels:
    """What one file declares."""

    serial: bool
    readers: tuple[str, ...]


def read_channels(text: str) -> Channels:
    """The channels of a galss.ini or io_comm.ini. Any text is accepted; line ends may be of any system."""
    section, serial = "", False
    readers: list[str] = []
    for line in re.split(r"[\r\n]+", text):
        if found := _SECTION.match(line):
            section = found["name"].strip().upper()
        elif (pair := _PAIR.match(line)) and section.startswith("CANAL"):
            value = pair["value"].strip("\"'")
            if pair["name"].upper() == "CARACTERISTIQUES" and value and not _SERIAL.match(value):
                readers.append(value)
            elif _SERIAL.match(value):
                serial = True
    return Channels(serial, tuple(readers))


def _look(site: Site) -> Seen:
    found = [path for place in PLACES if (path := site.station.root / place).is_file()]
    if not found:
        return seen("none")
    declared: list[tuple[Path, Channels]] = []
    for path in found:
        try:
            with path.open("rb") as file:
                declared.append((path, read_channels(file.read(_LARGEST).decode("cp1252", "replace"))))
        except OSError:
            return seen("unreadable", file=path)
    seen_readers = _pcsc_readers(site)
    for path, channels in declared:
        if channels.serial:
            return seen("serial_too" if seen_readers else "serial_only", file=path)
    for path, channels in declared:
        for reader in channels.readers:
            if not any(_same(reader, one) for one in seen_readers):
                return seen("absent_reader", file=path, reader=reader)
    return seen("ok", file=found[0])


def _pcsc_readers(site: Site) -> list[str]:
    try:
        return [one.reader for one in site.readers()]
    except CardError:
        return []


def _same(declared: str, pcsc: str) -> bool:
    """The system adds a slot number to the name the driver gives."""
    return pcsc.casefold().startswith(declared.casefold()) or declared.casefold().startswith(pcsc.casefold())


CHECKS: Final = (Check(TOPIC, _look, ("reader.present",)),)
