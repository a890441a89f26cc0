"""The log file: rotating, short, without a patient in it."""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

from dmp_desktop.errors import DmpDesktopError

LOGGER = "dmp_desktop"
FILE_NAME = "dmp-desktop.log"
_MAX_BYTES = 1_000_000
_FILES = 5
_MAX_CHARACTERS = 500  # a longer message holds a body
REDACTED = "[masqué]"

# A NIR or an INS with or without its key: 13 to 15 characters, the department possibly 2A or 2B, spaced or hyphenated or not.
_S = "[ \u00a0\u202f-]?"
_IDENTIFIER = re.compile(rf"(?<!\d)(?:\d{_S}){{5}}(?:\d{_S}\d|2{_S}[AB])(?:{_S}\d){{6,8}}(?!\d)", re.IGNORECASE)

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def redact(text: str) -> str:
    """`text` without anything that looks like a NIR or an INS, cut where a message becomes a body."""
    # Redacted before it is cut, with a margin: an identifier across the cut must not leave its first digits.
    redacted = _IDENTIFIER.sub(REDACTED, text[: 2 * _MAX_CHARACTERS])
    if len(text) <= _MAX_CHARACTERS:
        return redacted
    return f"{redacted[:_MAX_CHARACTERS]}… ({len(text)} caractères)"


class Redaction(logging.Filter):
    """Replaces identifiers in every record, and bytes by their number: a body is never logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_harmless(argument) for argument in record.args)
        record.msg = redact(record.getMessage())
        record.args = None
        return True


class LocationFormatter(logging.Formatter):
    """Exceptions are told by type and place: the text of another library's exception may quote what it was given."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        kept, record.exc_text = (
            record.exc_text,
            None,
        )  # another handler's formatter may have left the exception's text there
        try:
            return super().format(record)
        finally:
            record.exc_text = kept

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 (name of the standard library)
        return "" if ei[1] is None else describe(ei[1])

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return redact(stack_info)


class LogFile(RotatingFileHandler):
    """The rotating file, which leaves the root logger when it is closed. What a full disk does not take of it is lost, in
    silence: it is no reason for anything else to fail."""

    def close(self) -> None:
        logging.getLogger().removeHandler(self)
        with suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (name of the standard library)
        del record


def describe(error: BaseException) -> str:
    """One line an exception of the chain: its type, our code if it has one, and its frames `file:line function`."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None and len(lines) < 8:
        frames = traceback.extract_tb(current.__traceback__)[-6:]
        places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
        code = f" [{current.code}]" if isinstance(current, DmpDesktopError) else ""
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}{code} at {places}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(lines)


def configure(folder: Path, level: int = logging.INFO) -> logging.Handler:
    """Log our own loggers at `level` and others' warnings into `folder`; returns the handler, to be closed by the
    caller."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = LogFile(folder / FILE_NAME, maxBytes=_MAX_BYTES, backupCount=_FILES - 1, encoding="utf-8")
    handler.addFilter(Redaction())
    handler.setFormatter(LocationFormatter())
    logging.getLogger().addHandler(handler)
    logging.getLogger(LOGGER).setLevel(level)
    return handler


def install_excepthook() -> None:
    """Uncaught exceptions of every thread go to the log, by type and place only; nothing of them is printed."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        logging.getLogger(LOGGER).critical("uncaught exception", exc_info=(kind, error, trace))

    def thread_hook(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            hook(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = hook
    threading.excepthook = thread_hook


def _harmless(argument: Any) -> Any:
    return f"<{len(argument)} octets>" if isinstance(argument, bytes | bytearray | memoryview) else argument
