"""What a 2D scanner types when it reads an INS datamatrix.

ANS, "INS — Format datamatrix" v2.2 (§3 header, §5 fields), known from two open practice packages that write it: 26 characters of
header (`IS`, version `01`, 22 reserved zeros), then fields named S1…S7 in any order, those of variable length ended by GS. The
layout of the header is that of 2D-Doc (ANTS), where what follows US is a signature in base 32; the ANS's own code has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from dmp_desktop.domain.ins import INS_OIDS, InsIdentity, InsStatus, is_ins
from dmp_desktop.domain.people import Sex
from dmp_desktop.domain.scanned import ScannedIdentity
from dmp_desktop.errors import CardError

# Seven fields, two of them of 100 characters, and a signature of 512 bits: far below.
MAX_TEXT: Final = 1000
_HEADER: Final = re.compile(r"IS01([0-9A-Z]{22})")
_RESERVED: Final = "0" * 22
# ISO/IEC 15424: what a scanner says before the text, to tell the kind of code (d: Data Matrix).
_SYMBOLOGY: Final = re.compile(r"\][dD][0-6]")
_US: Final = "\x1f"
_SIGNATURE: Final = re.compile(r"[A-Z2-7]+=*")
# No value holds an S before a digit: fields part themselves where a scanner drops GS, which no key of a keyboard types.
_FIELD: Final = re.compile(r"S([1-7])(.*?)(?=S[1-7]|$)")
_SEPARATORS: Final = "\x1d␝ "
_NAME: Final = re.compile(r"[A-Z][A-Z' -]{0,99}")
_FORMS: Final = {
    "1": re.compile(r"[0-9AB]{15}"),
    "2": re.compile(r"[0-9.]{19,20}"),
    "3": _NAME,
    "4": _NAME,
    "5": re.compile(r"[FMU]"),  # U: ours, for a sex that is not known
    "6": re.compile(r"[0-9]{2}-[0-9]{2}-[0-9]{4}"),
    "7": re.compile(r"(?:[0-9][0-9AB][0-9]{3})?"),
}
_MANDATORY: Final = "123456"
_SEXES: Final = {"F": Sex.FEMALE, "M": Sex.MALE, "U": Sex.UNKNOWN}


def read_scanned(untrusted: str) -> ScannedIdentity:
    """The identity typed by a scanner. Raises CardError, never with anything of the text: `card.scan_other` for another code,
    `card.scan_keyboard` for a scanner set to another keyboard, `card.scan_data` for an INS datamatrix that is damaged.
    """
    if len(untrusted) > MAX_TEXT:
        raise _other()
    text, _, signature = _SYMBOLOGY.sub("", untrusted.strip(" \r\n\t"), count=1).upper().partition(_US)
    header = _HEADER.match(text)
    if header is None:
        raise _keyboard() if re.match(r"IS[^0-9A-Z]{2}", text) else _other()
    signed = bool(signature)
    if (signed and not _SIGNATURE.fullmatch(signature)) or (header[1] != _RESERVED and not signed):
        raise _damaged()
    fields = _fields(text[header.end() :])
    day, month, year = fields["6"].split("-")
    return ScannedIdentity(
        ins=InsIdentity(fields["1"], fields["2"], InsStatus.PROVISOIRE),
        birth_family=fields["4"],
        birth_given=fields["3"],
        sex=_SEXES[fields["5"]],
        birth_date=year + month + day,
        birth_place_cog=fields.get("7", ""),
        signed=signed,
    )


def _fields(untrusted: str) -> Mapping[str, str]:
    """Each field once, each in its form, with nothing between them. Raises CardError."""
    fields: dict[str, str] = {}
    at = 0
    while at < len(untrusted):
        found = _FIELD.match(untrusted, at)
        if found is None or found[1] in fields:
            raise _damaged()
        value = found[2].rstrip(_SEPARATORS)
        if not _FORMS[found[1]].fullmatch(value):
            raise _damaged()
        fields[found[1]] = value
        at = found.end()
    if not fields.keys() >= set(_MANDATORY) or not is_ins(fields["1"]) or fields["2"] not in INS_OIDS:
        raise _damaged()
    return fields


def _other() -> CardError:
    return CardError(
        "card.scan_other",
        "Ce code n’est pas un datamatrix INS.",
        "Scannez le code « INS » imprimé sur un document de santé du patient.",
    )


def _keyboard() -> CardError:
    return CardError(
        "card.scan_keyboard",
        "Le lecteur de codes n’est pas réglé sur le clavier de ce poste.",
        "Réglez-le sur « clavier français » avec sa notice, puis scannez de nouveau.",
    )


def _damaged() -> CardError:
    return CardError(
        "card.scan_data",
        "Le datamatrix INS est illisible ou incomplet.",
        "Scannez-le de nouveau, ou demandez la carte Vitale.",
    )
