"""Who comes next, as the practice software lists them in JSON: `{"patients": [...]}`, each as in a context file (design/cli.md).

`"professional": {"rpps": …}` beside it says whom they come to see.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from dmp_desktop.domain.arrivals import Expected
from dmp_desktop.domain.fields import Fields, refuse
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.agenda import MAX_LINES, Agenda, Line, Refused
from dmp_desktop.exchange.context import patient_from_dict


def read_json(text: str, today: date) -> Agenda:
    """In the order of the list, whose numbers go from 1. Raises ContextError for what is no such list."""
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ContextError("agenda-json", "La liste des prochains patients n'est pas du JSON en UTF-8.") from error
    root = Fields(data, "")
    listed = root.raw("patients")
    if not isinstance(listed, list):
        refuse("patients", "une liste est attendue")
    whom = root.raw("professional")
    rpps = ""
    if whom is not None:
        professional = Fields(whom, "professional")
        rpps = professional.text("rpps", "numéro RPPS de 11 chiffres", r"\d{11}")
        professional.close()
    root.close()
    lines: list[Line] = []
    refused: list[Refused] = []
    for number, one in enumerate(listed[:MAX_LINES], 1):
        try:
            lines.append(Line(number, today, _expected(one, number, rpps)))
        except ContextError as error:
            refused.append(Refused(number, error.message_fr))
    refused += [Refused(number, "la liste est trop longue.") for number in range(MAX_LINES + 1, len(listed) + 1)]
    return Agenda(tuple(lines), tuple(refused))


def _expected(one: Any, number: int, rpps: str) -> Expected:
    patient = patient_from_dict(one, f"patients[{number - 1}]")
    return Expected(
        family=patient.birth_family,
        given=patient.first_given,
        birth_date=patient.birth_date,
        sex=patient.sex,
        ins=patient.ins.value,
        rpps=rpps,
        patient=patient,
    )
