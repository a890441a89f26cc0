"""Every text of the screen is shown somewhere: one that nothing shows any more would still be kept up to date."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "dmp_desktop"


def names(file: Path) -> list[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    targets = [target for one in tree.body if isinstance(one, ast.Assign) for target in one.targets]
    targets += [one.target for one in tree.body if isinstance(one, ast.AnnAssign)]
    told = [target.elts if isinstance(target, ast.Tuple) else [target] for target in targets]
    return [one.id for group in told for one in group if isinstance(one, ast.Name)]


def test_every_text_is_used() -> None:
    files = {file: file.read_text(encoding="utf-8") for file in PROGRAM.rglob("*.py")}
    used = Counter(word for text in files.values() for word in re.findall(r"[A-Z_][A-Z0-9_]+", text))
    texts = [
        (file.name, name) for file in files if re.fullmatch(r"strings_.*fr\.py", file.name) for name in names(file)
    ]
    assert len(texts) > 500, "the texts were not found"
    assert [one for one in texts if used[one[1]] < 2] == []
