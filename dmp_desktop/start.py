"""`dmp-desktop`, and what a packaged program begins with: nothing of Qt is loaded before it is known that a window is wanted."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.own_program import packaged

if TYPE_CHECKING:
    from dmp_desktop.platform.instance import Message
    from dmp_desktop.platform.locks import FileLock

PDF_HELPER = "--pdf-helper"
"""`cda.pdf_helper.FLAG`, said again: that module loads PDFium."""
SCAN_HELPER = "--scan-helper"
"""`cda.scan_helper.FLAG`, said again: what the window is started by imports nothing of `cda`."""
VITALE_HELPER = "--vitale-helper"
"""`card.api_lec_helper.FLAG`, said again: its package loads the card readers."""
DEMO = "demo"
"""Followed by the options of `run.py demo`: the training server, with a drawn reader."""
TRIAL = "--update-trial"
"""An update's own: whether this version makes its window and opens the data (`wiring.updating`)."""
_OF_THE_FREEZER = ("LD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH")
"""What PyInstaller sets for the program itself, by which it is already started: others are not to load our libraries."""
KNOWN_FOLDERS = 0x1000
"""libloaderapi.h LOAD_LIBRARY_SEARCH_DEFAULT_DIRS: the program's folder, System32, and folders that were added by name."""


BOX = 0x10030
"""winuser.h MB_ICONEXCLAMATION | MB_SETFOREGROUND: one button, in front of the practice software."""

CONTEXT, NOTE, SCHEME = "--context", "--note", "dmp-desktop:"
"""A context file and a note (- for standard input) for the window, which only proposes them; an address that holds a ticket."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The window on the real readers, or the demonstration; `arguments` begin with the program's name. Where it is open
    already, it is handed what this start was given. Exit status as the command line's."""
    leave_no_core_file()
    keep_our_libraries_ours()
    given = list(sys.argv if arguments is None else arguments)
    if be_a_helper(given[1:]):
        return 0
    if given[1:2] == [DEMO]:
        from dmp_desktop.demo.__main__ import main as demonstration

        return demonstration(given[2:])
    if given[1:2] == [TRIAL]:
        from dmp_desktop.opening import be_tried

        return be_tried(sys.stdin.buffer.readline())
    from dmp_desktop.platform.instance import OK

    try:
        message, left = wanted(given[1:])
        lock, answer = _handed_over(message)
    except DmpDesktopError as error:
        tell(str(error))
        return 1 if isinstance(error, ContextError) else 3
    if answer is not None:
        if answer["code"] != OK:
            tell(f"{answer['text']} [{answer['code']}]", shown=not answer["code"].startswith("handover"))
        return 0 if answer["code"] == OK else 1
    from dmp_desktop.opening import run

    try:
        return run([*given[:1], *left], message, listens=lock is not None)
    finally:
        if lock is not None:
            lock.release()


def _handed_over(message: Message) -> tuple[FileLock | None, dict[str, str] | None]:
    """The answer of the window that is open; else the lock of the one that this process is to be, or None where the data folder
    cannot be made: the window says so, and takes `message` once it can. Raises ContextError, StorageError("instance-silent")."""
    from dmp_desktop.platform.instance import hand_over
    from dmp_desktop.platform.locks import FileLock
    from dmp_desktop.platform.paths import find_paths

    paths = find_paths(os.environ, Path.home())
    try:
        paths.locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(paths.instance_lock)
        return lock, hand_over(paths, message, lock)
    except OSError:
        return None, None


def tell(words: str, *, shown: bool = False) -> None:
    """To who started it. A windowed program has nowhere to write: it shows a box of the system, unless the open window has
    `shown` it."""
    if sys.stderr is not None:
        print(words, file=sys.stderr)  # noqa: T201 - for who started it
    elif sys.platform == "win32" and not shown:
        import ctypes

        show_box(ctypes.WinDLL("user32"), words)


def show_box(user32: Any, words: str) -> None:
    """Until it is read. `user32`: user32.dll."""
    user32.MessageBoxW(None, words, "DMP Desktop", BOX)


def for_the_window(arguments: Sequence[str]) -> bool:
    """Whether these are no command but what the window is handed."""
    return any(one in (CONTEXT, NOTE) or one.lower().startswith(SCHEME) for one in arguments[:1])


def wanted(arguments: Sequence[str]) -> tuple[Message, list[str]]:
    """What is handed over, and the arguments that are Qt's. Raises ContextError."""
    from dmp_desktop.platform import instance

    if len(arguments) > 1 and any(one.lower().startswith(SCHEME) for one in arguments):
        raise _not_understood()  # an address comes alone: a quote in it would have begun options of Qt, or names of files
    files: dict[str, bytes] = {}
    ticket, left, rest = "", [], iter(arguments)
    for argument in rest:
        if argument in (CONTEXT, NOTE):
            files[argument] = _read(next(rest, ""), argument)
        elif argument.lower().startswith(SCHEME):
            ticket = _ticket(argument)
        else:
            left.append(argument)
    if ticket:
        return instance.Message(instance.TICKET, ticket=ticket), left
    if CONTEXT not in files:
        if files:
            raise ContextError(
                "handover-note",
                "Une note seule n'est de personne : rien n'est repris.",
                f"Donnez aussi le contexte du patient ({CONTEXT} FICHIER).",
            )
        return instance.Message(instance.SHOW), left
    try:
        context = files[CONTEXT].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContextError(
            "context-json", "Le fichier de contexte n'est pas du JSON en UTF-8.", "Vérifiez que c'est le bon fichier."
        ) from error
    return instance.Message(instance.CONTEXT, context=context, note=files.get(NOTE, b"")), left


def _ticket(untrusted_address: str) -> str:
    """Of `dmp-desktop://open?ticket=…` and nothing else. Raises ContextError."""
    from urllib.parse import parse_qs, urlsplit

    try:
        parts = urlsplit(untrusted_address)
        told = parse_qs(parts.query, strict_parsing=True, max_num_fields=1)
    except ValueError:
        parts, told = None, {}
    ticket = told.get("ticket", [""])[0]
    if parts is None or parts.netloc != "open" or parts.path not in ("", "/") or parts.fragment or not ticket:
        raise _not_understood()
    return ticket


def _not_understood() -> ContextError:
    return ContextError(
        "handover-url",
        "Cette adresse dmp-desktop:// n'est pas comprise : rien n'est repris.",
        "Revenez au logiciel métier et recommencez.",
    )


def _read(place: str, option: str) -> bytes:
    """Raises ContextError."""
    from dmp_desktop.platform.instance import LONGEST, too_long

    try:
        if place == "-":
            content = sys.stdin.buffer.read(LONGEST + 1)
        else:
            with Path(place).open("rb") as file:
                content = file.read(LONGEST + 1)
    except (OSError, AttributeError) as error:
        raise ContextError(
            "handover-file",
            f"Le fichier donné par {option} ne peut pas être lu.",
            "Vérifiez son nom et vos droits.",
            field=option,
        ) from error
    if len(content) > LONGEST:
        raise too_long()
    return content


def leave_no_core_file() -> None:
    """From now on a crash of this process, or of one it starts, writes no PIN, key or patient in a core file (not on Windows).

    The helpers hold themselves to the same: they are also run alone, and import nothing of the application.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def keep_our_libraries_ours() -> None:
    """No library of others in this program, none of ours in others. To be called before anything else is loaded.

    On Windows, none is looked for in the working folder or in PATH, where anybody may have put one (docs/adr/0034). What a
    packaged program starts (a mail program, a PDF reader) finds the system's libraries, as without us: `<name>_ORIG` is what
    PyInstaller found before (its "Run-time Information", "LD_LIBRARY_PATH considerations"). Raises OSError.
    """
    if sys.platform == "win32":
        import ctypes

        search_known_folders(ctypes.WinDLL("kernel32", use_last_error=True))
    if packaged():
        for name in _OF_THE_FREEZER:
            before = os.environ.pop(f"{name}_ORIG", None)
            os.environ.pop(name, None)
            if before is not None:
                os.environ[name] = before


def search_known_folders(kernel: Any) -> None:
    """From now on every library this process loads, by whatever module, comes from KNOWN_FOLDERS. `kernel`: kernel32.dll. Raises
    OSError where Windows refuses."""
    if not kernel.SetDefaultDllDirectories(KNOWN_FOLDERS):
        raise OSError("SetDefaultDllDirectories")


def be_a_helper(arguments: Sequence[str]) -> bool:
    """Be the process that reads PDFs, scans or cartes Vitale until its master leaves, if this was started as such; False at
    once if not."""
    match list(arguments[:1]):
        case [flag] if flag == PDF_HELPER:
            from dmp_desktop.cda import pdf_helper

            pdf_helper.main()
        case [flag] if flag == SCAN_HELPER:
            from dmp_desktop.cda import scan_helper

            scan_helper.main()
        case [flag] if flag == VITALE_HELPER:
            from dmp_desktop.card import api_lec_helper

            api_lec_helper.main()
        case _:
            return False
    return True
