"""What is asked of an element around many others, asked once: a section of 100,000 entries is not searched for each of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")
_ANSWERS: ContextVar[dict[Hashable, Any] | None] = ContextVar("answers", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """While a document, which does not change, is read by this thread; nothing of it is kept afterwards."""
    before = _ANSWERS.set({})
    try:
        yield
    finally:
        _ANSWERS.reset(before)


def once(function: Callable[_Arguments, _Answer]) -> Callable[_Arguments, _Answer]:
    """A function of elements alone, whose answers are remembered for the time of a `reading`."""

    @wraps(function)
    def remembered(*arguments: _Arguments.args, **named: _Arguments.kwargs) -> _Answer:
        answers = _ANSWERS.get()
        if answers is None:
            return function(*arguments, **named)
        key = (function, *arguments)
        if key not in answers:
            answers[key] = function(*arguments, **named)
        answer: _Answer = answers[key]
        return answer

    return remembered
