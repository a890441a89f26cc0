"""Command line `dmp …`: for support, scripts, the practice software and tests. No Qt here.

Exit status: 0 done; 1 refused or invalid, with the reason; 2 wrong usage; 3 the environment is missing something.
"""

from __future__ import annotations

import errno
import importlib
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from dmp_desktop.commands.parsing import Parser
from dmp_desktop.errors import CardError, DmpDesktopError, StorageError
from dmp_desktop.platform.paths import find_paths
from dmp_desktop.terminology import use_folder

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
FAMILIES = (
    "administrator",
    "autostart",
    "backup",
    "card",
    "cda",
    "context",
    "desk",
    "dashboard",
    "doctor",
    "dossier",
    "erase",
    "exchange",
    "export",
    "identity",
    "install",
    "journal",
    "note",
    "outbox",
    "practice",
    "restore",
    "sandbox",
    "send",
    "terminology",
    "tray",
    "update",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. A known error is told on stderr in French (and as one JSON line on stdout with --json)."""
    given = sys.argv[1:] if argv is None else list(argv)
    _open_what_is_closed()
    speak_utf8()
    try:
        try:
            return _run(given)
        finally:  # now, while it can still be told: the help and what is wrong in its usage too
            sys.stdout.flush()
            sys.stderr.flush()
    except BrokenPipeError:
        # The reader of our output (`| head`) has enough: nothing more to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if error.errno not in _FULL:
            raise
        return _output_failed()


def _run(given: Sequence[str]) -> int:
    arguments = parser(given).parse_args(given)
    try:
        use_folder(find_paths(os.environ, Path.home()).codes)
        return int(arguments.run(arguments))
    except DmpDesktopError as error:
        print(f"{error.told_fr} [{error.code}]", file=sys.stderr)
        if getattr(arguments, "json", False):
            told = {"error": error.code, "message": error.message_fr, "remedy": error.remedy_fr}
            if reason := getattr(error, "reason", ""):
                told["reason"] = reason
            print(json.dumps(told, ensure_ascii=False))
        return 3 if isinstance(error, CardError | StorageError) or getattr(error, "retryable", False) else 1


def _open_what_is_closed() -> None:
    """Started without an output (`>&-`, by a window of Windows): what is said goes nowhere, the status tells. A file opened later
    must not become the output either."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - until the program ends


def _output_failed() -> int:
    """A disk or a device takes no more: the interpreter must not try again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    try:
        print("La sortie ne peut pas être écrite. Vérifiez la place libre. [output-failed]", file=sys.stderr)
        sys.stderr.flush()
    except OSError:
        os.dup2(nowhere, sys.stderr.fileno())
    return 3


def speak_utf8() -> None:
    """A Windows console or pipe has a code page of its own (cp850, cp1252), which lacks ’ or é: JSON and texts are UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def parser(given: Sequence[str]) -> Parser:
    """The parser of the family asked for; of all of them when none is, for the help. A family loads what it works with."""
    root = Parser(prog="dmp", description="DMP Desktop, en ligne de commande.")
    families = root.add_subparsers(required=True, metavar="COMMANDE")
    for family in given[:1] if given[:1] and given[0] in FAMILIES else FAMILIES:
        importlib.import_module(f"dmp_desktop.commands.{family}").register(families)
    return root
