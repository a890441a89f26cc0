"""The wire's parsers under atheris, which looks for inputs that reach new code: what random changes may not find.

Atheris is not in requirements.lock (Linux wheels only). To run it, ten minutes a side, from the messages of ../shared:

    .venv/bin/pip install --target /tmp/atheris atheris
    PYTHONPATH=.:/tmp/atheris .venv/bin/python -m tests.hostile.fuzz_wire client -max_total_time=600 /tmp/corpus-client
    PYTHONPATH=.:/tmp/atheris .venv/bin/python -m tests.hostile.fuzz_wire sandbox -max_total_time=600 /tmp/corpus-sandbox

The folder keeps what was found worth trying again. Anything but an error of ours stops the run and leaves the input in `crash-…`.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from tests.conftest import SHARED
from tests.helpers import wire_fuzz
from tests.helpers.wire_fuzz import Message

SIDES = {"client": wire_fuzz.client_takes, "sandbox": wire_fuzz.sandbox_takes}


def main(side: str, arguments: list[str]) -> None:
    atheris: Any = importlib.import_module("atheris")
    takes = SIDES[side]

    def one_input(data: bytes) -> None:
        first, _, rest = data.partition(b"\n")
        takes(Message("/registry", first.decode("latin-1"), rest))

    folders = [Path(argument) for argument in arguments if not argument.startswith("-")]
    for folder in folders[:1]:
        folder.mkdir(parents=True, exist_ok=True)
        for rank, message in enumerate(wire_fuzz.foreign(SHARED)):
            (folder / f"foreign-{rank}").write_bytes(message.content_type.strip().encode() + b"\n" + message.body)
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *arguments], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
