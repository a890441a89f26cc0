"""The headless demonstration's report: steps with their duration, told as they happen, written as JSON at the end."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from dmp_desktop.errors import DmpDesktopError


class StepFailedError(Exception):
    """A step did not do what it must; the demonstration stops there."""


@dataclass
class Step:
    """`ms` is wall time in milliseconds; `detail` holds figures, never patient data."""

    name: str
    ok: bool = False
    ms: float = 0.0
    detail: str = ""


@dataclass
class Report:
    """Written to `report.json` as {"steps": [{"name", "ok", "ms", "detail"}], "ok": bool}."""

    steps: list[Step] = field(default_factory=list)
    say: Callable[[str], object] = lambda line: print(line, flush=True)

    @property
    def ok(self) -> bool:
        return bool(self.steps) and all(step.ok for step in self.steps)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time one step; what it raises fails it and goes on as StepFailedError."""
        step = Step(name)
        self.steps.append(step)
        start = time.perf_counter()
        try:
            yield step
            step.ok = True
        except (DmpDesktopError, StepFailedError, LookupError) as error:
            step.detail = f"{step.detail} {error}".strip()
            raise StepFailedError(name) from error
        finally:
            step.ms = round((time.perf_counter() - start) * 1000, 1)
            self.say(f"{'✓' if step.ok else '✗'} {step.name:<42} {step.ms:>8.1f} ms  {step.detail}")

    def write(self, file: Path) -> None:
        content = {"steps": [asdict(step) for step in self.steps], "ok": self.ok}
        file.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")


def must(condition: object, why: str) -> None:
    """Fail the present step unless `condition` holds."""
    if not condition:
        raise StepFailedError(why)


def complain(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
