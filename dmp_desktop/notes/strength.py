"""The strength of a drug: a number beside its name, with or without a unit, that counts no tablets."""

from __future__ import annotations

import re

NUMBER = r"\d{1,3}(?: \d{3})+|\d{1,5}(?:[.,]\d{1,3})?"
_STRENGTH = re.compile(
    rf"(?<![\d/.,])((?:{NUMBER})(?: ?(?:mg|g|ug)? ?[/+] ?(?:{NUMBER}))?) ?"
    r"(mg/ ?\d{0,2} ?ml|mg/kg/j|mg/kg|mg/ ?24 ?h|mg/j|mg|mcg|microg|ug/h|ug|g/j|gr?|ui/j|ui/kg|ui|ml|%|m)(?![a-z0-9/])"
)
_COMPOSITE = re.compile(rf" ?((?:{NUMBER}) ?(?:mg|g) ?/ ?(?:{NUMBER})(?: ?(?:mg|g))?)(?![\d/]| ?ml| ?h)")
_PER_KILO = re.compile(r"/kg")
_FORM = (
    r"(?: (?:lyocs?|caps|lp|lm|xr|od|susp\w*|sol\w*|sirop|cp|gel(?:ules?)?|inj\w*|buvable|orodisp\w*|flash|ge"
    r"|nourrisson|enfants?|adultes?|gouttes|creme|pde|pommade|gel|po|iv|im|sc))*"
)
_BARE = re.compile(
    rf"{_FORM}[ ]{{1,2}}:? ?((?:\d{{1,3}} \d{{3}}|\d{{1,4}}(?:[.,]\d{{1,3}})?)(?:[/+]\d{{1,4}}(?:[.,]\d{{1,2}})?)?)"
    r"(?=[ ,:;.()=x>-]|$)(?!-\d|[.,]\d| ?(?:j|jours?|mois|sem\w*|semaines?|ans?|fois|x ?/|x\d? ?/|h|heures?|bouff\w*"
    r"|gouttes?|gttes?|doses?|amp\w*|cps?|gel\w*"
    r"|sach\w*|comp\w*|prises?|appli\w*|inj\w*|patchs?|suppos?|unites?|kg|cm|boites?|lavements?|%|/)\b| ?x ?\d ?x| - ?\d)"
)
# A small number is a quantity when a moment follows it, a strength when another quantity does.
_QUANTITY_NEXT = re.compile(
    r" ?(?:le |au |a |par |et |avant |apres |chaque |aux )?(?:matin|midi|soir|coucher|jour|repas|lever)|x ?\d| x ?\d"
)
_FRACTIONS = frozenset({"1/2", "1/4", "3/4", "1/3", "2/3"})  # of a tablet
_TOO_MANY = 3  # tablets at once: `Bisoprolol 5 le matin` is one of 5 mg
_POSOLOGY_NEXT = re.compile(r" ?[:,]? ?(?:\d|x ?\d|1/2|le |matin|midi|soir|au |si |$|[,;:.)=-])")


def read_strength(segment: str, original: str) -> tuple[str | None, str, int, int]:
    """(strength, what is left to read, how many characters were cut, how many are used). Looked for near the drug's name."""
    composite = _COMPOSITE.match(segment)
    if composite:
        said = original[composite.start(1) : composite.end(1)].replace(" ", "")
        return said, segment[composite.end() :], composite.end(), composite.end()
    match = _STRENGTH.search(segment, 0, 60)
    if match and match.start() <= 25 and not re.search(r"[,;>]|\bpuis\b|\bmax", segment[: match.start()]):
        if _PER_KILO.search(match[2]):
            return None, segment, 0, match.end()
        number = re.sub(r" ?(/|\+) ?", r"\1", original[match.start(1) : match.end(1)])
        unit = original[match.start(2) : match.end(2)].replace(" ", "")
        rest = f"{segment[: match.start()]} {segment[match.end() :]}"
        return f"{number}{unit}", rest, match.end() - match.start() - 1, match.end()
    bare = _BARE.match(segment)
    if bare and is_strength(bare[1], segment[bare.end() :]):
        return original[bare.start(1) : bare.end(1)], segment[bare.end() :], bare.end(), bare.end()
    return None, segment, 0, 0


def is_strength(number: str, after: str) -> bool:
    """`Périndopril 2 1-0-0`, `Eliquis 2,5 …`, `Eliquis 5 x2`; but `Doliprane 1 matin et soir` tells a quantity."""
    if number in _FRACTIONS:
        return False
    if not number.isdigit() or int(number) >= 10:
        return True
    if re.match(r" ?x ?\d", after):
        return int(number) > 2
    if int(number) >= _TOO_MANY and _QUANTITY_NEXT.match(after):
        return True
    return (
        not _QUANTITY_NEXT.match(after)
        and bool(_POSOLOGY_NEXT.match(after))
        and not re.match(r" ?[0-4] [0-4]\b", after)
    )
