"""Has every class of Qt made on the window's thread before anything runs beside it.

PySide 6.12 makes the Python class of a Qt class when it is first touched, and all that a module has left at the first object of a
class that it does not know. Nothing guards that against a second thread: 35 of 410 starts beside four busy processes ended in
a segmentation fault while a worker made them and the window drew (the same crash, on one thread, is that of
https://github.com/TimeLineAnnotator/desktop/pull/586). All of them take 90 ms: hence by turns.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

WINDOW = ("QtCore", "QtGui", "QtWidgets", "QtSvg", "QtNetwork")
"""What the window is made of, and what later starts reach it by."""
DOCUMENTS = ("QtPrintSupport", "QtPdf", "QtPdfWidgets")
"""What shows and prints documents: not loaded at the start."""
SLICE_S = 0.005


def make(names: tuple[str, ...]) -> Iterator[None]:
    """The classes of the modules `PySide6.<name>`, 5 ms of them a step. On the window's thread; nothing is done twice."""
    began = time.monotonic()
    for name in names:
        module = import_module(f"PySide6.{name}")
        for class_name in to_make(module):
            getattr(module, class_name)
            if time.monotonic() - began >= SLICE_S:
                yield
                began = time.monotonic()


def to_make(module: ModuleType) -> list[str]:
    """The names whose class does not exist yet."""
    return sorted(set(dir(module)) - set(vars(module)))
