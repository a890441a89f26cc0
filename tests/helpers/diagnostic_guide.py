"""The table of checks in docs/diagnostic.md, from the checks themselves: `python -m tests.helpers.diagnostic_guide` writes it."""

from __future__ import annotations

import re
from pathlib import Path

from dmp_desktop.services.diagnostics.model import VERDICTS_FR, Verdict
from dmp_desktop.services.diagnostics.service import CHECKS

GUIDE = Path(__file__).resolve().parents[2] / "docs/diagnostic.md"
BEGIN, END = "<!-- vérifications : début -->", "<!-- vérifications : fin -->"


def table() -> str:
    """One section a check: what it may say besides that all is well, and what to do."""
    lines = []
    for check in CHECKS:
        topic = check.topic
        lines += [
            f"### {topic.title}",
            "",
            f"`{topic.id}`",
            "",
            "| Verdict | Ce qui est dit | À faire |",
            "|---|---|---|",
        ]
        for told in sorted(topic.outcomes.values(), key=lambda one: list(VERDICTS_FR).index(one.verdict)):
            if told.verdict is not Verdict.OK:
                lines.append(f"| {VERDICTS_FR[told.verdict]} | {_plain(told.cause)} | {_plain(told.action) or '—'} |")
        lines.append("")
    return "\n".join(lines)


def in_guide() -> str:
    """What the guide holds between its two marks."""
    return GUIDE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0].strip()


def _plain(words: str) -> str:
    return re.sub(r"\{\w+\}", "…", words).replace("|", "\\|")


if __name__ == "__main__":
    before, _, rest = GUIDE.read_text("utf-8").partition(BEGIN)
    GUIDE.write_text(f"{before}{BEGIN}\n\n{table()}\n{END}{rest.partition(END)[2]}", "utf-8")
