"""Options of `dmp dossier list`: the criteria of TD3.1, codes with or without their system."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from dmp_desktop.domain.documents import Availability, Code
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import ContextError
from dmp_desktop.terminology import document_classes, document_type, facility_type, oids, practice_setting

STATES = {
    "approved": Availability.APPROVED,
    "archived": Availability.ARCHIVED,
    "deprecated": Availability.DEPRECATED,
}
_HEALTH_CONFIDENTIALITY = frozenset("NRV")


def _class(code: str) -> Code | None:
    return next((known for known in document_classes() if known.code == code), None)


def _confidentiality(code: str) -> Code:
    return Code(code, oids.CONFIDENTIALITY if code in _HEALTH_CONFIDENTIALITY else oids.DMP_CONFIDENTIALITY)


def _unknown(_code: str) -> None:
    return None


_CODED: dict[str, tuple[str, str, Callable[[str], Code | None]]] = {
    "--type": ("type_codes", "type de document (typeCode)", document_type),
    "--class": ("class_codes", "classe de document (classCode)", _class),
    "--format": ("format_codes", "format (formatCode), avec son système", _unknown),
    "--facility": ("facility_codes", "secteur d'activité", facility_type),
    "--practice": ("practice_codes", "cadre d'exercice", practice_setting),
    "--event": ("event_codes", "événement ou acte, avec son système", _unknown),
    "--confidentiality": ("confidentiality_codes", "confidentialité (N, R, V, MASQUE_PS…)", _confidentiality),
}
_TIMES = {
    "--created-from": ("created_from", "créé ce jour-là ou après"),
    "--created-to": ("created_to", "créé ce jour-là ou avant"),
    "--service-from": ("service_from", "acte commencé ce jour-là ou après"),
    "--service-to": ("service_to", "acte commencé ce jour-là ou avant"),
    "--ended-from": ("service_stop_from", "acte terminé ce jour-là ou après"),
    "--ended-to": ("service_stop_to", "acte terminé ce jour-là ou avant"),
}


def add(parser: argparse.ArgumentParser) -> None:
    """Each may be given several times: any of its values will do; different criteria restrict together."""
    for option, (field, help_fr, _find) in _CODED.items():
        parser.add_argument(option, dest=field, action="append", default=[], metavar="CODE[@SYSTÈME]", help=help_fr)
    parser.add_argument(
        "--author", dest="authors", action="append", default=[], metavar="NOM", help="partie du nom ou de l'identifiant"
    )
    for option, (field, help_fr) in _TIMES.items():
        parser.add_argument(option, dest=field, type=date.fromisoformat, metavar="AAAA-MM-JJ", help=help_fr)
    parser.add_argument(
        "--status", dest="statuses", action="append", choices=[*STATES, "all"], help="approved si rien n'est dit"
    )


def criteria(arguments: argparse.Namespace) -> FindCriteria:
    """What the options ask for; days are the workstation's. Raises ContextError for a code whose system must be told."""
    codes = {
        field: tuple(_code(option, text, find) for text in getattr(arguments, field))
        for option, (field, _help, find) in _CODED.items()
    }
    times = {
        field: _bound(getattr(arguments, field), after=option.endswith("to"))
        for option, (field, _help) in _TIMES.items()
    }
    return FindCriteria(statuses=_statuses(arguments.statuses), authors=tuple(arguments.authors), **codes, **times)  # type: ignore[arg-type]


def _code(option: str, text: str, find: Callable[[str], Code | None]) -> Code:
    code, _, system = text.partition("@")
    found = Code(code, system) if system else find(code)
    if found is None:
        raise ContextError(
            "code",
            f"Le système de codage de « {code} » n'est pas connu.",
            f"Écrivez-le après un @ : {option} {code}@2.16.840.1.113883.6.1.",
            field=option,
        )
    return found


def _bound(day: date | None, *, after: bool) -> datetime | None:
    """The first instant of a day, or of the next one for an upper bound, which TD3.1 does not include."""
    return datetime.combine(day + timedelta(days=after), time()).astimezone() if day else None


def _statuses(asked: Sequence[str] | None) -> tuple[Availability, ...]:
    wanted = dict.fromkeys(asked or ("approved",))
    return tuple(STATES.values()) if "all" in wanted else tuple(STATES[name] for name in wanted)
