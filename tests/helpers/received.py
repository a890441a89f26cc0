"""What the practice software hands over to a real window on the sandbox."""

from __future__ import annotations

import json
from typing import Any

from dmp_desktop.services.context_inbox import ContextInbox
from tests.helpers.real_window import RealWindow


def inbox(real: RealWindow) -> ContextInbox:
    return real.desktop._wiring.exchange.inbox


def told(real: RealWindow, story: str, *, author: str = "doctor", **traits: Any) -> str:
    """The context file of a patient of the sandbox."""
    ready = real.stage.ready
    return json.dumps(
        {
            "patient": next(one["patient"] for one in ready["patients"] if one["story"] == story) | traits,
            "professional": ready["identities"][author]["professional"],
            "facility": ready["identities"]["doctor"]["facility"],
            "encounter": {"start": "2026-11-20T10:05:00+01:00", "end": None, "kind": "AMB"},
        }
    )


def receive(real: RealWindow, context: str, note: str = "") -> None:
    """Until it is proposed."""
    item = inbox(real).receive(context, note.encode())
    real.until(lambda: real.window.contexts.shown is not None and real.window.contexts.shown.received.id == item.id)
