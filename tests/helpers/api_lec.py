"""A stand-in for the licensed Vitale reading component, compiled here: the real entry points are called, by the real helper."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

from tests.helpers.card_worlds import PATIENT

SOURCE = Path(__file__).resolve().parents[1] / "data" / "api_lec" / "api_lec.c"
Person = tuple[str, str, str, str]


@cache
def compiled(*defines: str) -> Path:
    """The shared library; gcc is among the packages run.py installs."""
    folder = mkdtemp(prefix="api_lec_")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    library = Path(folder, "libapi_lec.so")
    flags = [f"-D{name}" for name in defines]
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", *flags, "-o", library, SOURCE], check=True, timeout=300)
    return library


def person_xml(family: str, given: str, birth: str, nir: str) -> str:
    """As on a card: `birth` is YYYYMMDD, the component writes JJMMAAAA."""
    date = birth[6:8] + birth[4:6] + birth[:4]
    return (
        f"<ident><nomUsuel>{family}</nomUsuel><prenomUsuel>{given}</prenomUsuel>"
        f"<dateNaissance>{date}</dateNaissance></ident><amo><nir>{nir}</nir></amo>"
    )


def answer_xml(people: Sequence[Person], encoding: str = "ISO-8859-1") -> bytes:
    each = "".join(f"<beneficiaire>{person_xml(*one)}</beneficiaire>" for one in people)
    return f'<?xml version="1.0" encoding="{encoding}"?><vitale>{each}</vitale>'.encode(encoding)


class Component:
    """Its folder, where it is told what to do and where it tells what was asked of it."""

    def __init__(self, folder: Path, scene: str = "", *defines: str) -> None:
        self.library = compiled(*defines)
        self.folder = folder
        self.play(scene)
        self.hold([PATIENT])

    def play(self, scene: str) -> None:
        (self.folder / "scene").write_text(scene, "ascii")

    def hold(self, people: Sequence[Person]) -> None:
        self.answer(answer_xml(people))

    def answer(self, content: bytes) -> None:
        (self.folder / "answer.xml").write_bytes(content)

    def listen(self) -> IO[str]:
        """Where its calls are told from now on, a line each, as they come; to be closed."""
        pipe = self.folder / "calls"
        os.mkfifo(pipe)
        return os.fdopen(os.open(pipe, os.O_RDWR), "r", encoding="ascii")  # also for writing: it never ends

    @property
    def calls(self) -> list[str]:
        calls = self.folder / "calls"
        return calls.read_text("ascii").splitlines() if calls.exists() else []
