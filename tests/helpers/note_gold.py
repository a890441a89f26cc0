"""The form of the notes that measure the note rules (tests/data/notes/README.md), and what is malformed in a folder of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Item = dict[str, Any]
Span = tuple[int, int]

BLOOD_PRESSURE = "8480-6/8462-4"
UNITS = {
    BLOOD_PRESSURE: "mm[Hg]",
    "8867-4": "/min",
    "9279-1": "/min",
    "20564-1": "%",
    "29463-7": "kg",
    "8302-2": "cm",
    "8310-5": "Cel",
    "39156-5": "kg/m2",
    "8287-5": "cm",
    "8280-0": "cm",
}
STATUSES = {
    "problem": {"present", "absent", "history", "family", "suspected"},
    "allergy": {"present", "absent", "suspected"},
    "vaccination": {"done", "planned", "refused"},
}
ACTIONS = {"start", "continue", "stop", "change"}
KEYS = {  # besides kind, text, nth, optional
    "vital": {"code", "value", "unit", "tickable"},
    "problem": {"cim10", "status"},
    "treatment": {"drug", "strength", "schedule", "duration_days", "action"},
    "allergy": {"status"},
    "vaccination": {"status", "lot"},
    "result": {"label", "value", "unit"},
    "sick_leave": set(),
    "follow_up": set(),
    "reason": set(),
}


def span(text: str, item: Item) -> Span:
    """Where the words of a gold item stand. Raises ValueError when they do not."""
    start = -1
    for _ in range(item.get("nth", 1)):
        start = text.find(item["text"], start + 1)
        if start < 0:
            raise ValueError("the words are not in the note")
    return start, start + len(item["text"])


def vital_code(code: str | None) -> str | None:
    """The code to compare by: the three codes of blood pressure are one."""
    return BLOOD_PRESSURE if code in ("85354-9", "8480-6", "8462-4") else code


def alternatives(value: Any) -> list[Any]:
    """Each value that is right."""
    return value if isinstance(value, list) else [value]


def gold_errors(folder: Path) -> list[str]:
    """What is malformed in a folder of notes, by note and position of the item; without the words of the note."""
    found = []
    texts, golds = {file.stem for file in folder.glob("*.txt")}, {file.stem for file in folder.glob("*.json")}
    found += [f"{name}: one of the two files is missing" for name in sorted(texts ^ golds)]
    for name in sorted(texts & golds):
        try:
            gold = json.loads((folder / f"{name}.json").read_text("utf-8"))
            text = (folder / f"{name}.txt").read_bytes().decode("utf-8")
        except ValueError as error:
            found.append(f"{name}: {type(error).__name__}")
            continue
        if (
            set(gold) != {"age", "sex", "style", "items"}
            or not isinstance(gold["age"], int)
            or gold["sex"] not in ("F", "M")
        ):
            found.append(f"{name}: age, sex, style, items are expected")
            continue
        if not 30 <= len(text.strip()) <= 1500:
            found.append(f"{name}: {len(text.strip())} characters, 30 to 1500 are expected")
        for position, item in enumerate(gold["items"], 1):
            found += [f"{name} item {position}: {error}" for error in _item_errors(text, item)]
        keys = Counter(
            json.dumps([item["kind"], item.get("text"), item.get("nth", 1), item.get("cim10")])
            for item in gold["items"]
        )
        found += [f"{name}: the same item twice" for count in keys.values() if count > 1]
    return found


def _item_errors(text: str, item: Item) -> Iterable[str]:
    kind = item.get("kind", "")
    if kind not in KEYS or not item.get("text"):
        yield "unknown kind or no text"
        return
    if set(item) - {"kind", "text", "nth", "optional"} != KEYS[kind]:
        yield f"keys of a {kind}: {sorted(KEYS[kind])}"
        return
    try:
        start, end = span(text, item)
        if any(0 < edge < len(text) and text[edge - 1 : edge + 1].isalpha() for edge in (start, end)):
            yield "the words begin or end inside a word of the note (nth?)"
    except ValueError as error:
        yield str(error)
    if not set(alternatives(item.get("status"))) <= STATUSES.get(kind, {None}):
        yield "unknown status"
    if kind == "treatment" and item["drug"].casefold() not in item["text"].casefold():
        yield "the drug is not in the text"
    if kind == "treatment" and not set(alternatives(item["action"])) <= ACTIONS:
        yield "unknown action"
    if kind == "problem" and not all(re.fullmatch(r"[A-Z]\d\d(\.\w+)?", code) for code in alternatives(item["cim10"])):
        yield "not a CIM-10 code"
    if kind == "vital" and UNITS.get(vital_code(item["code"]) or "") != item["unit"]:
        yield "unknown code, or not its unit"
    if kind == "vital" and (vital_code(item["code"]) == BLOOD_PRESSURE) != all(
        isinstance(one, dict) and set(one) == {"systolic", "diastolic"} for one in alternatives(item["value"])
    ):
        yield "value: systolic and diastolic for a blood pressure, else a number"
