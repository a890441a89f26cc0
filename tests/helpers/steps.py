"""At which step of its work a process is, and how it is killed (-9) at one: told through a page shared with the campaign.

The program's own functions are called as they are; around each, a byte of the page says which step the thread is at, so that what a
kill leaves there is where it fell. A process may be told to have itself killed so many microseconds after it reached a step for
the n-th time: by a timer of the system, to the microsecond, which runs nothing of the process any more.
"""

from __future__ import annotations

import ctypes
import functools
import mmap
import os
import signal
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

OWN = {
    "start": ("wiring.opened:open_base", "wiring.opened:_join"),
    "stores opened": ("wiring.opened:open_stores",),
    "schema": ("storage.outbox_file:migrate", "storage.database:migrate"),
    "former outbox": ("wiring.stores:move_former",),
    "migration": ("storage.outbox_move:_copy",),
    "sign-in": ("services.sign_in:SignInDesk.sign_in",),
    "sign-out": ("services.sign_in:SignInDesk.sign_out",),
    "enqueue": ("services.outbox_intake:Intake.keep",),
    "release": ("storage.outbox:OutboxStore.release",),
    "due": ("storage.outbox:OutboxStore.due",),
    "claim": ("storage.outbox:OutboxStore.claim",),
    "settle": ("storage.outbox:OutboxStore.settle",),
    "cancel": ("storage.outbox:OutboxStore.cancel",),
    "hold": ("storage.outbox:OutboxStore.hold",),
    "retry": ("storage.outbox:OutboxStore.resume", "storage.outbox:OutboxStore.retry"),
    "await card": ("storage.outbox:OutboxStore.await_card",),
    "deleted": ("storage.outbox:OutboxStore.deleted",),
    "read document": ("storage.outbox:OutboxStore.document",),
    "ask the DMP": ("services.delivery:_find",),
    "delete in the DMP": ("services.properties:DocumentProperties.set_status",),
    "sign": ("dmp.xades:sign_lot", "dmp.vihf:VihfFactory._sign"),
    "TLS": ("dmp.transport_lines:_Connection.connect",),
    "request": ("dmp.transport_lines:_Connection.request",),
    "answer": ("dmp.transport_lines:_Connection.getresponse", "dmp.transport:HttpReply.read"),
    "end": ("services.outbox_worker:OutboxWorker.stop",),
}
"""The functions of the program (`dmp_desktop.` left out) that make each step; what one calls is the deeper step while it lasts."""

CLINIC = {
    "clinic: connect": ("storage.clinic_outbox:ClinicOutbox.connect",),
    "clinic: move": ("storage.hand_over:HandOver.move", "storage.hand_over:HandOver.join"),
    "clinic: resume": ("storage.hand_over:HandOver.resume",),
    "clinic: add": ("storage.hand_over:HandOver._add",),
    "clinic: forget": ("storage.hand_over:HandOver._forget",),
}
TRAY = {
    "tray: look": ("services.tray_intake:Intake.look",),
    "tray: examine": ("services.tray_reading:examine",),
    "tray: take": ("storage.tray:TrayStore.add",),
    "tray: prepare": ("services.tray:TrayService.prepare",),
    "tray: validate": ("services.tray:TrayService.validate",),
    "tray: write": ("storage.tray:TrayStore.change",),
    "tray: hand over": ("services.tray_sending:TraySending._hand_over",),
    "tray: enqueue": ("services.tray_sending:TraySending._enqueue",),
    "tray: settle": ("services.tray_sending:TraySending.settle",),
    "tray: take back": ("services.tray_sending:TraySending.take_back",),
}
"""Of scans; the rest of their way is that of any document."""
REPEATED = ("release", "due", "claim", "settle", "enqueue", "read document", "sign", "TLS", "request", "answer")
"""Steps a life comes to several times."""
SAID = "kept, not yet said"
SHARED = ("release", "due", "claim", "settle", "cancel", "hold", "retry", "await card", "deleted", "read document")
"""Steps of the one store, told apart where they are made in the clinic's database."""
IDLE = "idle"

NAMES = (IDLE, *OWN, SAID, *CLINIC, *(f"clinic: {name}" for name in SHARED), *TRAY)
_NUMBERS = {name: number for number, name in enumerate(NAMES)}
_THREADS = {"MainThread": 1, "outbox": 2, "clinic": 3}
_OTHERS, _SLOT, _ENDED = 4, 8, 0
_LASTS = 1024


class Steps:
    """The campaign's side. `environment` is for the processes."""

    def __init__(self, folder: Path) -> None:
        page = folder / "steps"
        page.write_bytes(bytes(4096))
        with page.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), 4096)
        self.environment = {"DMP_TEST_STEPS": str(page)}

    def clear(self, slot: int) -> None:
        self._page[_SLOT * slot : _SLOT * (slot + 1)] = bytes(_SLOT)

    def ended(self, slot: int) -> bool:
        """Whether the process came to its own end: nobody killed it before."""
        return bool(self._page[_SLOT * slot + _ENDED])

    def at(self, slot: int) -> set[str]:
        """What its threads were at."""
        numbers = self._page[_SLOT * slot + 1 : _SLOT * slot + 1 + _OTHERS]
        return {NAMES[number] for number in numbers if number} or {IDLE}

    def lasts(self, name: str) -> float:
        """Seconds the step took the last time it came to its end, 2 ms before the first."""
        place = _LASTS + 8 * _NUMBERS[name]
        return struct.unpack_from("d", self._page, place)[0] or 0.002


@dataclass
class Plan:
    """To die `after` seconds after `step` was reached for the `nth` time."""

    step: str
    nth: int
    after: float

    def reached(self, name: str) -> None:
        if name != self.step:
            return
        self.nth -= 1
        if self.nth == 0:
            _die_in(self.after)


class _Told:
    """The process's side: one a process, made before it forks."""

    def __init__(self) -> None:
        with Path(os.environ["DMP_TEST_STEPS"]).open("r+b") as file:
            self.page = mmap.mmap(file.fileno(), 4096)
        self.slot = 7
        self.plan: Plan | None = None

    def run(self, name: str, work: Callable[[], Any]) -> Any:
        place = _SLOT * self.slot + _THREADS.get(threading.current_thread().name, _OTHERS)
        number, before, begun = _NUMBERS[name], self.page[place], time.perf_counter()
        self.page[place] = number
        if self.plan is not None:
            self.plan.reached(name)
        try:
            return work()
        finally:
            self.page[place] = before
            struct.pack_into("d", self.page, _LASTS + 8 * number, time.perf_counter() - begun)


_told: _Told | None = None


def install() -> None:
    """In the process that is about to fork lives. Raises AttributeError where the program has no such function any more."""
    global _told
    _told = _Told()
    for name, targets in (OWN | CLINIC | TRAY).items():
        for target in targets:
            module, _, path = target.partition(":")
            *owners, last = path.split(".")
            owner: Any = import_module(f"dmp_desktop.{module}")
            for one in owners:
                owner = getattr(owner, one)
            setattr(owner, last, _around(name, getattr(owner, last)))


def begin(slot: int, plan: dict[str, Any] | None) -> None:
    """In a life, before anything else."""
    assert _told is not None
    _told.slot = slot
    _told.plan = Plan(**plan) if plan else None


def at(name: str, work: Callable[[], Any]) -> Any:
    """A step that is no function of the program."""
    return work() if _told is None else _told.run(name, work)


def end() -> None:
    if _told is not None:
        _told.page[_SLOT * _told.slot + _ENDED] = 1


def _around(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        assert _told is not None
        return _told.run(_where(name, arguments), lambda: function(*arguments, **named))

    return run


def _where(name: str, arguments: tuple[Any, ...]) -> str:
    from dmp_desktop.storage.database import Database

    if name not in SHARED or isinstance(getattr(arguments[0], "_database", None), Database):
        return name
    return f"clinic: {name}"


class _Event(ctypes.Structure):
    _fields_ = [  # sigevent(3type)
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("rest", ctypes.c_byte * 48),
    ]


def _die_in(seconds: float) -> None:
    """`kill -9` by a timer of the system (timer_create(2))."""
    system, timer = ctypes.CDLL(None, use_errno=True), ctypes.c_void_p()
    event = _Event(signal=signal.SIGKILL, notify=0)
    assert system.timer_create(time.CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(timer)) == 0
    whole, part = divmod(max(1, int(seconds * 1e9)), 10**9)
    once = (ctypes.c_long * 4)(0, 0, whole, part)
    assert system.timer_settime(timer, 0, ctypes.byref(once), None) == 0
