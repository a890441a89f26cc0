"""What a document made for the stand-in server's records begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dmp_desktop.exchange.context import Context, context_from_dict


def context_of(
    ready: Mapping[str, Any],
    story: str = "ordinary",
    *,
    identity: str = "doctor",
    author: Mapping[str, Any] | None = None,
) -> Context:
    """A consultation of the patient with this story by `author`, else by the holder of `identity`, at the place of `identity`.
    `ready`: what the server says of itself once it runs."""
    holder = ready["identities"][identity]
    return context_from_dict(
        {
            "patient": next(one["patient"] for one in ready["patients"] if one["story"] == story),
            "professional": author or holder["professional"],
            "facility": holder["facility"],
            "encounter": {"start": "2026-11-20T10:05:00+01:00", "end": None, "kind": "AMB"},
            "attending": None,
            "recipients": [],
            "extra": {},
        }
    )
