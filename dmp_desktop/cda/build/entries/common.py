"""What entries share: coded attributes, times, references to the words."""

from __future__ import annotations

from functools import lru_cache

from dmp_desktop.cda.build.coded import Fact, timestamp
from dmp_desktop.cda.build.template import EMPTY, Markup, Template
from dmp_desktop.domain.clinical import ClinicalItem
from dmp_desktop.domain.documents import Code
from dmp_desktop.terminology import is_icd10
from dmp_desktop.terminology.oids import ICD10, SYSTEM_NAMES

_NAMED = Template('code="{code}" displayName="{label}" codeSystem="{system}" codeSystemName="{name}"')
_CODED = Template('code="{code}" displayName="{label}" codeSystem="{system}"')
_LOW = Template('<low value="{day}"/>')
_HIGH = Template('<high value="{day}"/>')
TRANSLATION = Template("<translation {!code}/>")
_TIME = Template('<effectiveTime value="{time}"/>')

LOW_UNKNOWN = Markup('<low nullFlavor="UNK"/>')
HIGH_UNKNOWN = Markup('<high nullFlavor="UNK"/>')
TIME_UNKNOWN = Markup('<effectiveTime nullFlavor="UNK"/>')
UNKNOWN_CODE = Markup('nullFlavor="UNK"')


@lru_cache(maxsize=1024)
def code_attributes(code: Code, label: str = "") -> Markup:
    """The attributes of a CD; `label` stands in for a code that came without its own. Kept: the same codes come all day."""
    name = SYSTEM_NAMES.get(code.system)
    shown = code.display or label
    if name is None:
        return _CODED.fill(code=code.code, label=shown, system=code.system)
    return _NAMED.fill(code=code.code, label=shown, system=code.system, name=name)


def attributes_or_unknown(code: Code | None, label: str = "") -> Markup:
    return UNKNOWN_CODE if code is None or _is_unlisted(code) else code_attributes(code, label)


def translation_of(code: Code | None, label: str) -> Markup:
    """A code the official rules would refuse as a code, from a document of others: what it was, beside the words."""
    return TRANSLATION.fill(code=code_attributes(code, label)) if code and _is_unlisted(code) else EMPTY


def _is_unlisted(code: Code) -> bool:
    return code.system == ICD10 and not is_icd10(code.code)


def words_of(fact: Fact) -> str:
    """The ID of the words a code stands for; where there is no code, of the fact's name, since readers then take those for it."""
    return fact.words if fact.item.code else fact.name


def low(item: ClinicalItem) -> Markup:
    """Since when, as precisely as it is known."""
    return _low(timestamp(item.start, item.when))


def high(item: ClinicalItem) -> Markup:
    """Until when."""
    return high_of(timestamp(item.end, item.until))


@lru_cache(maxsize=64)
def _low(time: str) -> Markup:
    return _LOW.fill(day=time) if time else LOW_UNKNOWN


@lru_cache(maxsize=64)
def high_of(time: str) -> Markup:
    """The end of a period at a TS, unknown when empty."""
    return _HIGH.fill(day=time) if time else HIGH_UNKNOWN


@lru_cache(maxsize=64)
def time_of(time: str) -> Markup:
    """effectiveTime of a TS, unknown when empty."""
    return _TIME.fill(time=time) if time else TIME_UNKNOWN
