"""Scores the proposals made on the notes of a folder against what their author meant (tests/data/notes/README.md).

    .venv/bin/python tests/score_notes.py tests/data/notes/dev [FOLDER…] [--details | --check]

The command line takes no age, and starting it once a note would be slow: `dmp_desktop.notes.propose` is called here with the
age of the gold file, and its proposals are read in the form that `dmp note propose --json` prints.

How a proposal (P) and a gold item (G) of the same kind meet:
- Their words must share at least one character. For treatments these are the words of the drug's name alone, on both sides.
- Vital: also the same LOINC code (the panel 85354-9, 8480-6 and 8462-4 are one: blood pressure) and the same value, after
  conversion of g and m. Problem: also the same CIM-10 category (3 characters). Result: also the same value. Else no match.
- One P for one G. Of several possible pairs, a G that counts goes before one that does not, then the pair that shares most.
  What is left of P is spurious, a second P for the same G included: the doctor has to refuse it. What is left of G is missed.
- A G that is `"optional": true`, or a vital that is `"tickable": false`, is neither found, nor missed; a P that matches it is
  not spurious. Vitals that are not tickable are counted apart (`vital.unticked`: proposed and left unticked).
- Where G gives a list for an attribute (code, status, value, schedule…), each of its members is right.
- Attributes of treatments, vaccinations and results, and the status of problems and allergies, are counted on matched pairs
  that are not optional. Strengths are compared as quantities (1 g = 1000 mg; a number without unit equals the same with one);
  schedules and lots without spaces nor case; `1-0-1-0` is `1-0-1`. Units of results count only where the doctor wrote one.
- `result.numbers`: those found of the results that are numbers; results in words are compared as négatif or positif.
- `problem.spotted`: problems whose words were seen, whatever the code.
- `wrong_ticks`: P that are `accepted` and match no `tickable` G of their kind. It must be 0. Two P may share a G here:
  the danger counted is a wrong value, not a repeated one.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dmp_desktop import notes
from dmp_desktop.commands.note import proposal_to_dict, read_note
from tests.helpers.note_gold import KEYS, STATUSES, Item, Span, alternatives, gold_errors, span, vital_code

CONVERSIONS = {("g", "kg"): 0.001, ("m", "cm"): 100.0}
MASSES = {"mg": 1.0, "g": 1000.0, "µg": 0.001}
MASS_NAMES = {"milligramme": "mg", "gramme": "g", "microgramme": "µg", "mcg": "µg", "ug": "µg"}


@dataclass
class Count:
    """Of one kind: found (right), missed (no proposal), spurious (no gold)."""

    found: int = 0
    missed: int = 0
    spurious: int = 0

    @property
    def precision(self) -> float:
        """0 to 1; 1 when nothing was proposed."""
        return self.found / (self.found + self.spurious) if self.found + self.spurious else 1.0

    @property
    def recall(self) -> float:
        """0 to 1; 1 when there was nothing to find."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0


@dataclass
class Share:
    """How many were right out of those that could be."""

    right: int = 0
    total: int = 0

    @property
    def rate(self) -> float:
        """0 to 1; 1 when there was none."""
        return self.right / self.total if self.total else 1.0

    def add(self, right: bool) -> None:
        self.right += right
        self.total += 1


@dataclass
class Scores:
    """`kinds`: counts a kind. `shares`: `treatment.strength`, `status`, `status.absent`, `vital.ticked`, `vital.unticked`…"""

    notes: int = 0
    wrong_ticks: int = 0
    kinds: dict[str, Count] = field(default_factory=lambda: {kind: Count() for kind in KEYS})
    shares: dict[str, Share] = field(default_factory=dict)
    details: list[str] = field(default_factory=list)

    def share(self, name: str) -> Share:
        return self.shares.setdefault(name, Share())

    def table(self) -> str:
        """For a person: a line a kind, then a line a share, then the wrong ticks."""
        lines = [f"{'':<24}{'précision':>10}{'rappel':>8}{'trouvés':>9}{'manqués':>9}{'en trop':>9}"]
        lines += [
            f"{kind:<24}{count.precision:>10.1%}{count.recall:>8.1%}{count.found:>9}{count.missed:>9}{count.spurious:>9}"
            for kind, count in self.kinds.items()
        ]
        lines += [
            f"{name:<24}{share.rate:>10.1%}  {share.right}/{share.total}" for name, share in sorted(self.shares.items())
        ]
        return "\n".join([f"{self.notes} notes", *lines, f"cochés à tort : {self.wrong_ticks}"])


def score(folder: Path, *, details: bool = False) -> Scores:
    """Score every note of a folder. Raises ValueError on details of held-out notes: nobody may write rules from them."""
    if details and "held_out" in folder.resolve().parts:
        raise ValueError("held_out: the rules are written without these notes; only their totals are shown")
    scores = Scores()
    for gold_file in sorted(folder.glob("*.json")):
        gold = json.loads(gold_file.read_text("utf-8"))
        text = read_note(str(gold_file.with_suffix(".txt")))
        proposals = [proposal_to_dict(proposal) for proposal in notes.propose(text, age=gold["age"])]
        score_note(scores, text, gold["items"], proposals, name=gold_file.stem)
    if not details:
        scores.details.clear()
    return scores


def score_note(scores: Scores, text: str, items: Sequence[Item], proposals: Sequence[Item], *, name: str = "") -> None:
    """Add one note to the scores. `proposals` are as `note propose --json` prints them."""
    scores.notes += 1
    for kind in KEYS:
        golds = [item for item in items if item["kind"] == kind]
        given = [proposal for proposal in proposals if proposal["kind"] == kind]
        pairs = _pairs(text, golds, given)
        _count(scores, kind, golds, given, pairs, name)
        for g, p in pairs:
            _attributes(scores, golds[g], given[p], f"{name} {kind}")
        if kind == "result":
            for g, gold in enumerate(golds):
                if _counts(gold) and not isinstance(gold["value"], str):
                    scores.share("result.numbers").add(g in dict(pairs))
        if kind == "problem":
            for gold in filter(_counts, golds):
                scores.share("problem.spotted").add(any(_shared(text, gold, one) for one in given))
    for proposal in proposals:
        tickable = [item for item in items if item["kind"] == proposal["kind"] and item.get("tickable")]
        if proposal["accepted"] and not any(_meets(text, gold, proposal) for gold in tickable):
            scores.wrong_ticks += 1
            scores.details.append(f"{name} WRONG TICK {proposal['text']!r} = {proposal['value']}")


def _pairs(text: str, golds: Sequence[Item], given: Sequence[Item]) -> list[tuple[int, int]]:
    candidates = sorted(
        (
            (not _counts(gold), -shared, g, p)
            for g, gold in enumerate(golds)
            for p, proposal in enumerate(given)
            if (shared := _meets(text, gold, proposal))
        ),
    )
    pairs, golds_left, given_left = [], set(range(len(golds))), set(range(len(given)))
    for _, _, g, p in candidates:
        if g in golds_left and p in given_left:
            golds_left.remove(g)
            given_left.remove(p)
            pairs.append((g, p))
    return pairs


def _counts(gold: Item) -> bool:
    return not gold.get("optional") and gold.get("tickable", True)


def _count(
    scores: Scores,
    kind: str,
    golds: Sequence[Item],
    given: Sequence[Item],
    pairs: Sequence[tuple[int, int]],
    name: str,
) -> None:
    count, paired = scores.kinds[kind], dict(pairs)
    for g, gold in enumerate(golds):
        if _counts(gold) and g in paired:
            count.found += 1
        elif _counts(gold):
            count.missed += 1
            scores.details.append(f"{name} {kind} missed {_brief(gold)}")
        if kind == "vital" and not gold.get("optional"):
            wanted = "vital.ticked" if gold["tickable"] else "vital.unticked"
            scores.share(wanted).add(g in paired and given[paired[g]]["accepted"] == gold["tickable"])
    for p in sorted(set(range(len(given))) - set(paired.values())):
        count.spurious += 1
        scores.details.append(f"{name} {kind} spurious {_brief(given[p])}")


def _attributes(scores: Scores, gold: Item, proposal: Item, told: str) -> None:
    if not _counts(gold):
        return
    kind = gold["kind"]
    checks: list[tuple[str, Any, Any, Callable[[Any], Any]]] = []
    if kind == "treatment":
        forms = {"strength": quantity, "schedule": rhythm, "duration_days": _same, "action": _same}
        value = proposal["value"] or {}
        checks = [(f"treatment.{name}", gold[name], value.get(name), form) for name, form in forms.items()]
    elif kind == "vaccination":
        given = proposal["value"].get("lot") if isinstance(proposal["value"], dict) else None
        checks = [
            ("vaccination.status", gold["status"], proposal["status"], _same),
            ("vaccination.lot", gold["lot"], given, rhythm),
        ]
    elif kind == "result":
        # A unit that the doctor left out and the program assumed is neither right nor wrong here.
        checks = [("result.unit", gold["unit"], proposal["unit"], unit)] if gold["unit"] else []
    elif kind in STATUSES:
        first = alternatives(gold["status"])[0]
        checks = [
            (name, gold["status"], proposal["status"], _same)
            for name in ("status", f"status.{first}", f"status.of_{kind}")
        ]
    for name, wanted, found, form in checks:
        right = any(form(one) == form(found) for one in alternatives(wanted))
        scores.share(name).add(right)
        if not right and not name.startswith("status."):
            scores.details.append(f"{told} {name} of {gold['text']!r}: wanted {wanted}, found {found}")


def _meets(text: str, gold: Item, proposal: Item) -> int:
    """How many characters a gold item and a proposal of its kind share; 0 when something that must be equal is not."""
    shared = _shared(text, gold, proposal)
    return shared if shared and _equal(gold, proposal) else 0


def _shared(text: str, gold: Item, proposal: Item) -> int:
    ours, theirs = span(text, gold), (proposal["start"], proposal["end"])
    if gold["kind"] == "treatment":
        ours, theirs = _drug(text, ours, gold["drug"]), _drug(text, theirs, (proposal["value"] or {}).get("drug"))
    return max(0, min(ours[1], theirs[1]) - max(ours[0], theirs[0]))


def _equal(gold: Item, proposal: Item) -> bool:
    if gold["kind"] == "problem":
        code = (proposal["code"] or "")[:3].upper()
        return any(code == one[:3].upper() for one in alternatives(gold["cim10"]))
    if gold["kind"] == "vital" and vital_code(gold["code"]) != vital_code(proposal["code"]):
        return False
    if gold["kind"] in ("vital", "result"):
        factor = CONVERSIONS.get((proposal["unit"], gold["unit"]), 1.0) if gold["kind"] == "vital" else 1.0
        return any(_same_value(one, proposal["value"], factor) for one in alternatives(gold["value"]))
    return True


def _same_value(wanted: Any, found: Any, factor: float) -> bool:
    if isinstance(wanted, dict) or isinstance(found, dict):
        return isinstance(found, dict) and wanted == {name: found.get(name) for name in ("systolic", "diastolic")}
    numbers = [_number(wanted), _number(found)]
    if None not in numbers:
        return math.isclose(numbers[0], numbers[1] * factor, rel_tol=1e-6)
    return _word(wanted) == _word(found)


def _word(value: Any) -> str:
    """A result that is no number: `neg` is négatif; `+`, `pos` and `+++` are positif."""
    plain = str(value).strip().casefold().replace("é", "e")
    if plain.startswith(("neg", "-")):
        return "négatif"
    return "positif" if plain.startswith(("pos", "+")) else plain


def _number(value: Any) -> float | None:
    try:
        return float(str(value).replace(",", "."))
    except ValueError:
        return None


def _drug(text: str, words: Span, drug: str | None) -> Span:
    """The words of the drug's name alone; all the words when they do not hold it (a name corrected by the program)."""
    at = text[words[0] : words[1]].casefold().find(drug.casefold()) if drug else -1
    return (words[0] + at, words[0] + at + len(drug)) if drug and at >= 0 else words


def quantity(strength: str | None) -> Any:
    """A strength in mg: `1 g` and `1000mg` are equal, `40 mg/j` is 40 mg. A unit left out is mg, as doctors mean it."""
    if strength is None:
        return None
    plain = re.sub(r"\s", "", strength).casefold().replace(",", ".").replace("\N{GREEK SMALL LETTER MU}", "µ")
    simple = re.fullmatch(r"(\d+(?:\.\d+)?)(\D*?)s?(?:/j|/jour|/24h)?", plain)
    mass = MASS_NAMES.get(simple[2], simple[2] or "mg") if simple else ""
    return round(float(simple[1]) * MASSES[mass], 6) if simple and mass in MASSES else plain


def rhythm(schedule: Any) -> str | None:
    """A schedule, a lot or a unit without spaces nor case."""
    if schedule is None:
        return None
    plain = re.sub(r"\s", "", str(schedule)).casefold().replace("/jour", "/j").replace(",", ".")
    return re.sub(r"^([\d.]+-[\d.]+-[\d.]+)-0$", r"\1", plain)


def unit(written: str | None) -> str | None:
    """A unit of a result: UCUM and what doctors write are compared without brackets, case nor annotations."""
    return (
        re.sub(r"[\s\[\]/]|\{.*\}", "", written.casefold())
        .replace("\N{GREEK SMALL LETTER MU}", "u")
        .replace("iu", "ui")
        .replace("10*9", "g")  # `G/L` of blood cells
        if written
        else None
    )


def _same(value: Any) -> Any:
    return value


def _brief(item: Item) -> str:
    told = {key: item[key] for key in ("code", "cim10", "value", "status") if item.get(key) is not None}
    return f"{item['text']!r} {json.dumps(told, ensure_ascii=False)}"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table of each folder. Exit status 1 when a note is malformed or was ticked wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--details", action="store_true", help="each miss and each spurious proposal; never of held_out"
    )
    parser.add_argument("--check", action="store_true", help="only whether the gold files are well formed")
    arguments = parser.parse_args(argv)
    failed = False
    for folder in arguments.folders:
        errors = gold_errors(folder)
        failed |= bool(errors)
        print("\n".join([f"== {folder}", *errors]))
        if arguments.check or errors:
            continue
        try:
            scores = score(folder, details=arguments.details)
        except ValueError as error:
            parser.error(str(error))
        print("\n".join([*scores.details, scores.table()]))
        failed |= scores.wrong_ticks > 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
