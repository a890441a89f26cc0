"""Rules on single values, which every part of a document shares: identifiers, codes, dates, contacts, addresses, names."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.read.values import utc
from dmp_desktop.cda.xml import Element, Q, attribute, child, children, local, text
from dmp_desktop.domain.professionals import PREFIXES, SUFFIXES
from dmp_desktop.terminology.oids import PS_IDNAT, STRUCT_IDNAT

OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_ZONE = re.compile(r"[+-](0\d|1[0-4])[0-5]\d$")
_SCHEMES = ("tel:", "fax:", "mailto:", "http:", "https:", "ftp:", "mllp:")
_NUMBERS = ("tel:", "fax:")
_TELECOM_USES = frozenset({"H", "HP", "HV", "WP", "DIR", "PUB", "EC", "MC", "PG"})
_ADDRESS_USES = frozenset({"H", "HP", "HV", "WP", "TMP"})
_ADDRESS_PARTS = (
    "houseNumber",
    "streetName",
    "streetNameType",
    "unitID",
    "additionalLocator",
    "postalCode",
    "city",
    "country",
)
# Coded elements whose label no rule asks for: fixed by the standard, read by programs alone.
_UNLABELLED = frozenset({"realmCode", "languageCode", "signatureCode", "statusCode", "administrativeGenderCode"})
_RPPS_PREFIX = "8"  # PS_IdNat: 8 RPPS, 0 ADELI, 1 Cabinet ADELI, 3 FINESS, 4 SIREN…
_BARE_RPPS = re.compile(r"10[0-9]{9}")  # all RPPS numbers given so far; no other kind of identifier has 11 digits


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 check over all digits, the key included."""
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if rank % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_root(value: str) -> bool:
    """An OID or a UUID (HL7 II.root)."""
    return OID.fullmatch(value) is not None or _UUID.fullmatch(value) is not None


def check_time(element: Element | None, parent: Element, path: str, report: Report) -> datetime | None:
    """A time stamp that exists; with a zone when it has hours (else another country would read another moment)."""
    stamp = attribute(element, "value")
    moment = utc(stamp)
    if moment is None:
        report.error("time", "La date manque ou n'existe pas.", parent, f"{path}/@value")
    elif len(stamp) > 8 and not _ZONE.search(stamp):
        report.warn("time-zone", "La date et l'heure n'ont pas de fuseau.", parent, f"{path}/@value")
    return moment


def check_ids(entity: Element, report: Report, who: str) -> None:
    """At least one id; a national identifier starting with 8 is an RPPS number of 11 digits with a Luhn key."""
    ids = [item for item in children(entity, "id") if attribute(item, "root")]
    if not ids:
        report.error("person-id", f"{who} n'a pas d'identifiant.", entity, "id")
    for item in ids:
        if attribute(item, "root") == PS_IDNAT:
            check_national_id(item, report, who)


def check_national_ids(entity: Element | None, parent: Element, path: str, report: Report, who: str) -> None:
    """As `check_ids`, for those who can only be professionals: an identifier of PS_IdNat."""
    ids = [item for item in children(entity, "id") if attribute(item, "root") == PS_IDNAT]
    if not ids:
        report.error(
            "national-id", f"{who} n'a pas d'identifiant national de professionnel.", parent, f"{path}/id/@root"
        )
    for item in ids:
        check_national_id(item, report, who)


def check_national_id(item: Element, report: Report, who: str) -> None:
    """`who` it names: a wrong key is told once a person, wherever they stand."""
    value = attribute(item, "extension")
    if not value.isascii() or (not value.isalnum() and "/" not in value) or len(value) < 3 or not value[0].isdigit():
        report.error("rpps", "L'identifiant national du professionnel manque ou n'en est pas un.", item, "@extension")
    elif _BARE_RPPS.fullmatch(value):
        report.error("rpps", "Le numéro RPPS doit être précédé de 8.", item, "@extension")
    elif value.startswith(_RPPS_PREFIX):
        digits = value[1:]
        if not re.fullmatch(r"[0-9]{11}", digits):
            report.error("rpps", "Le numéro RPPS doit avoir 11 chiffres, précédés de 8.", item, "@extension")
        elif not luhn(digits):
            report.warn_once("rpps-key", f"{who} : la clé du numéro RPPS est fausse.", digits, item, "@extension")


def check_person(entity: Element, person: str, report: Report, whose: str) -> None:
    """A family name."""
    name = child(entity, person, "name")
    if not any(text(item) for item in children(name, "family")):
        report.error("person-name", f"Le nom {whose} manque.", entity, f"{person}/name/family")


def check_header_values(document: Element, report: Report) -> None:
    """Every identifier, code, date, name, contact and address of the header, wherever it stands."""
    for part in document:
        if part.tag == f"{Q}component":
            continue
        for element in part.iter(f"{Q}*"):
            name = local(element)
            if element.get("nullFlavor") is None:
                for rule in _RULES.get(name, ()):
                    rule(element, report)
            elif name == "telecom" and element.get("value"):
                report.error(
                    "telecom-null", "Une adresse de contact est donnée et dite absente.", element, "@nullFlavor"
                )
            if element.get("code") is not None:
                check_code(element, report)


def check_code(element: Element, report: Report) -> None:
    """A code is worth nothing without its system, and cannot be read without its label."""
    name = local(element)
    if name in _UNLABELLED:
        return
    if not attribute(element, "codeSystem"):
        report.error("code-system", "La nomenclature d'un code manque.", element, "@codeSystem")
    if not attribute(element, "displayName"):
        report.error("code-label", "Le libellé d'un code manque.", element, "@displayName")


def _check_root(element: Element, report: Report) -> None:
    root = attribute(element, "root")
    if not is_root(root):
        report.error("id-root", "Un identifiant n'a pas d'autorité (OID ou UUID).", element, "@root")
    elif root == STRUCT_IDNAT and not attribute(element, "extension"):
        report.error("organisation-id", "L'identifiant de la structure manque.", element, "@extension")


def _check_coded(element: Element, report: Report) -> None:
    if not attribute(element, "code"):
        report.error("code-missing", "Un code est annoncé et manque.", element, "@code")


def _check_bound(element: Element, report: Report) -> None:
    if not attribute(element, "value"):
        report.error("bound-missing", "La borne d'une période manque.", element, "@value")


def _check_has_family(element: Element, report: Report) -> None:
    if not any(text(item) for item in children(child(element, "name"), "family")):
        report.error("person-name", "Le nom d'une personne citée manque.", element, "name/family")


def _check_prefix(element: Element, report: Report) -> None:
    if text(element) not in PREFIXES:
        report.error("prefix", "La civilité doit être M ou MME.", element)


def _check_suffix(element: Element, report: Report) -> None:
    if text(element) not in SUFFIXES:
        report.error("suffix", "Le titre doit être DR, PR, MC, MG, PC ou PG.", element)


def _check_telecom(element: Element, report: Report) -> None:
    value = attribute(element, "value")
    scheme, _, rest = value.partition(":")
    if not value.startswith(_SCHEMES) or not rest.strip("/ "):
        report.error("telecom", "Une adresse de contact commence par tel:, fax: ou mailto:.", element, "@value")
    elif value.startswith(_NUMBERS) and not re.search(r"\d", rest):
        report.error("telecom-number", "Un numéro de téléphone n'a pas de chiffre.", element, "@value")
    elif scheme == "mailto" and "@" not in rest:
        report.error("telecom-mail", "Une adresse électronique n'a pas de @.", element, "@value")
    _check_use(element, _TELECOM_USES, report)


def _check_address(element: Element, report: Report) -> None:
    """CI-SIS: free lines or named parts, never both. A birth place has its county only."""
    if children(element, "streetAddressLine") and any(child(element, part) is not None for part in _ADDRESS_PARTS):
        report.error("address-mixed", "Une adresse mêle des lignes libres et des éléments nommés.", element)
    _check_use(element, _ADDRESS_USES, report)


def _check_use(element: Element, allowed: frozenset[str], report: Report) -> None:
    uses = attribute(element, "use").split()
    if any(use not in allowed for use in uses):
        report.error("use", "L'usage d'une adresse ou d'un contact est inconnu.", element, "@use")


_RULES: dict[str, tuple[Callable[[Element, Report], None], ...]] = {
    "id": (_check_root,),
    "templateId": (_check_root,),
    "code": (_check_coded,),
    "functionCode": (_check_coded,),
    "low": (_check_bound,),
    "high": (_check_bound,),
    "assignedPerson": (_check_has_family,),
    "associatedPerson": (_check_has_family,),
    "prefix": (_check_prefix,),
    "suffix": (_check_suffix,),
    "telecom": (_check_telecom,),
    "addr": (_check_address,),
}
